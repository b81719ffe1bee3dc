/**
 * Columns as people write them by hand: for each record a loop over its fields, a switch over what they are, digits one by one. It
 * makes what the engines make (UTF-8 and offsets, integers, unscaled decimals) but checks nothing. The line that the TypeScript
 * engine is held against.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../src/codepage/codepage.js';
import { type Field, lengthOf } from './data.js';

const CHARACTERS = Array.from(codePage('037').toUnicode, (code) => String.fromCharCode(Math.max(code, 0x20)));
/** Digits that a double holds exactly. */
const EXACT = 15;

type Column =
  | { readonly kind: 'text'; readonly bytes: Buffer; readonly offsets: Int32Array }
  | { readonly kind: 'double'; readonly values: Float64Array }
  /** Low and high 64 bits of each value. */
  | { readonly kind: 'wide'; readonly values: BigInt64Array };

export class NaiveColumns {
  private readonly fields: readonly Field[];
  private readonly length: number;
  private readonly columns: readonly Column[];
  private readonly capacity: number;

  /** @param capacity records in memory at a time; the same memory is filled again and again */
  constructor(fields: readonly Field[], capacity: number) {
    this.fields = fields;
    this.length = lengthOf(fields);
    this.capacity = capacity;
    this.columns = fields.map((field) => columnFor(field, capacity));
  }

  /** Decodes all records; answers how many there were. */
  decode(bytes: Buffer): number {
    const count = bytes.length / this.length;
    for (let record = 0; record < count; record++) {
      let at = record * this.length;
      this.fields.forEach((field, k) => {
        put(this.columns[k]!, record % this.capacity, bytes, at, field);
        at += field.length;
      });
    }
    return count;
  }
}

function columnFor(field: Field, capacity: number): Column {
  if (field.kind === 'text')
    return { kind: 'text', bytes: Buffer.alloc(capacity * field.length * 2), offsets: new Int32Array(capacity + 1) };
  if (field.digits > EXACT) return { kind: 'wide', values: new BigInt64Array(capacity * 2) };
  return { kind: 'double', values: new Float64Array(capacity) };
}

function put(column: Column, row: number, bytes: Buffer, at: number, field: Field): void {
  switch (column.kind) {
    case 'text': {
      let text = '';
      for (let k = at; k < at + field.length; k++) text += CHARACTERS[bytes[k]!];
      const from = row === 0 ? 0 : column.offsets[row]!;
      column.offsets[row + 1] = from + column.bytes.write(text.trimEnd(), from);
      return;
    }
    case 'double':
      column.values[row] = number(bytes, at, field);
      return;
    case 'wide': {
      const value = wide(bytes, at, field);
      column.values[row * 2] = BigInt.asIntN(64, value);
      column.values[row * 2 + 1] = value >> 64n;
    }
  }
}

function number(bytes: Buffer, at: number, field: Field): number {
  const end = at + field.length - 1;
  let value = 0;
  switch (field.kind) {
    case 'zoned':
      for (let k = at; k <= end; k++) value = value * 10 + (bytes[k]! & 0x0f);
      return bytes[end]! >> 4 === 0x0d ? -value : value;
    case 'packed':
      for (let k = at; k < end; k++) value = value * 100 + (bytes[k]! >> 4) * 10 + (bytes[k]! & 0x0f);
      value = value * 10 + (bytes[end]! >> 4);
      return (bytes[end]! & 0x0f) === 0x0d ? -value : value;
    default:
      return bytes.readIntBE(at, field.length);
  }
}

function wide(bytes: Buffer, at: number, field: Field): bigint {
  const end = at + field.length;
  if (field.kind === 'binary') return bytes.readBigInt64BE(at);
  const hex = bytes.toString('hex', at, end);
  if (field.kind === 'packed') return hex.endsWith('d') ? -BigInt(hex.slice(0, -1)) : BigInt(hex.slice(0, -1));
  const digits = BigInt(hex.replace(/.(.)/g, '$1'));
  return bytes[end - 1]! >> 4 === 0x0d ? -digits : digits;
}
