/**
 * What people write by hand today: a loop over the fields of a record that slices a Buffer. The reference line of the
 * benchmarks; it checks nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../src/codepage/codepage.js';
import type { Field } from './data.js';

const CHARACTERS = Array.from(codePage('037').toUnicode, (code) => String.fromCharCode(Math.max(code, 0x20)));

/** The record at `start` as an object: text trimmed, decimals as strings with their full scale, long integers as bigints. */
export function naiveObject(bytes: Buffer, start: number, fields: readonly Field[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  let at = start;
  for (const field of fields) {
    const slice = bytes.subarray(at, at + field.length);
    row[field.name] = value(slice, field);
    at += field.length;
  }
  return row;
}

function value(slice: Buffer, field: Field): unknown {
  switch (field.kind) {
    case 'text':
      return characters(slice).trimEnd();
    case 'zoned': {
      let digits = '';
      for (const byte of slice) digits += byte & 0x0f;
      return shown(digits, slice[slice.length - 1]! >> 4 === 0x0d, field.scale);
    }
    case 'packed': {
      const hex = slice.toString('hex');
      return shown(hex.slice(0, -1), hex.endsWith('d'), field.scale);
    }
    case 'binary':
      return field.length === 8 ? slice.readBigInt64BE() : slice.readIntBE(0, field.length);
    case 'float': {
      const exponent = (slice[0]! & 0x7f) - 64;
      const fraction = slice.readUIntBE(1, Math.min(6, field.length - 1)) / 256 ** Math.min(6, field.length - 1);
      return (slice[0]! & 0x80 ? -1 : 1) * fraction * 16 ** exponent;
    }
  }
}

function characters(slice: Buffer): string {
  let text = '';
  for (const byte of slice) text += CHARACTERS[byte];
  return text;
}

function shown(digits: string, negative: boolean, scale: number): string | number {
  if (scale === 0) return negative ? -Number(digits) : Number(digits);
  const whole = digits.slice(0, -scale).replace(/^0+(?=\d)/, '');
  return `${negative ? '-' : ''}${whole}.${digits.slice(-scale)}`;
}
