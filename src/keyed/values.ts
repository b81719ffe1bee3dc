/**
 * Values out of keys and into them: a part of a key becomes a value of a column again, and a value that a caller gives a
 * part to be looked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { KeyClass } from '../engine/keyed.js';
import { ColumnWord, type Slab } from '../engine/slab.js';
import { OverpunchError } from '../errors.js';
import { TYPE_WIDTH, Type } from '../plan/opcodes.js';
import type { FieldNode } from '../plan/schema.js';
import type { PutColumn } from './group-result.js';
import type { KeyPart } from './keys.js';

const SPACE = 0x20;

/**
 * Writes parts (ascending ones), which lie `at` bytes behind the start of a row, to a column of the field's type; text
 * without the spaces that it was filled up with, as UTF-8.
 */
export function partWriter(field: FieldNode, slab: Slab, words: Int32Array, at: number, width: number): PutColumn {
  return field.type === Type.UTF8
    ? textWriter(field.latin1, slab.bytes, words, at, width)
    : numberPartWriter(field.type, new DataView(slab.bytes.buffer), words[ColumnWord.VALUES]!, at, width);
}

function textWriter(isLatin1: boolean, out: Uint8Array, words: Int32Array, at: number, width: number): PutColumn {
  const data = words[ColumnWord.DATA]!;
  return ({ bytes, width: rowWidth, count }, validity) => {
    const offsets = new Int32Array(out.buffer, words[ColumnWord.VALUES]!, count + 1);
    let end = 0;
    for (let slot = 0; slot < count; slot++) {
      const start = slot * rowWidth + at + 1;
      if (bytes[start - 1] === KeyClass.VALUE) {
        let stop = start + width;
        while (stop > start && bytes[stop - 1] === SPACE) stop--;
        for (let k = start; k < stop; k++) {
          const byte = bytes[k]!;
          if (isLatin1 && byte >= 0x80) {
            out[data + end++] = 0xc0 | (byte >> 6);
            out[data + end++] = 0x80 | (byte & 0x3f);
          } else out[data + end++] = byte;
        }
        validity[slot >> 3]! |= 1 << (slot & 7);
      }
      offsets[slot + 1] = end;
    }
  };
}

function numberPartWriter(type: number, out: DataView, to: number, at: number, width: number): PutColumn {
  const size = TYPE_WIDTH[type]!;
  const isFloat = type === Type.FLOAT32 || type === Type.FLOAT64;
  return ({ view, width: rowWidth, count }, validity) => {
    for (let slot = 0; slot < count; slot++) {
      const part = slot * rowWidth + at;
      if (view.getUint8(part) !== KeyClass.VALUE) continue;
      const high = view.getInt32(part + 1);
      // the sign is turned; floats that are negative are inverted whole
      const invert = isFloat && high >= 0 ? -1 : 0;
      for (let k = 0; k < width; k += 4) {
        const word = view.getInt32(part + 1 + k) ^ invert;
        out.setInt32(to + size * slot + width - 4 - k, k === 0 && !invert ? word ^ 0x80000000 : word, true);
      }
      for (let k = width; k < size; k += 4) out.setInt32(to + size * slot + k, high < 0 ? 0 : -1, true);
      validity[slot >> 3]! |= 1 << (slot & 7);
    }
  };
}

/** A value of a key, as rows have it; decimals also as numbers, and whole numbers as text. */
export type KeyValue = string | number | bigint;

/**
 * Writes the part of a value to `key`. False where no field of this kind can have it: too long, too many digits.
 * @throws OverpunchError OVP_OPTION_KEY for a value of another type
 */
export function putKeyValue({ field, at, width, pad }: KeyPart, value: KeyValue, key: Uint8Array): boolean {
  key[at] = KeyClass.VALUE;
  const view = new DataView(key.buffer, key.byteOffset + at + 1, width);
  if (field.kind === 'text') {
    if (typeof value !== 'string') throw wrongType(field, value, 'text');
    const text = value.replace(/[ \0]+$/, '');
    if (field.latin1 && /[^\0-\xff]/.test(text)) return false;
    const bytes = Buffer.from(text, field.latin1 ? 'latin1' : 'utf8');
    if (bytes.length > width) return false;
    key.set(bytes, at + 1);
    key.fill(pad, at + 1 + bytes.length, at + 1 + width);
    return true;
  }
  if (field.kind === 'float') {
    if (typeof value !== 'number') throw wrongType(field, value, 'a number');
    const number = value === 0 ? 0 : value;
    if (field.type === Type.FLOAT32) {
      if (!Object.is(Math.fround(number), number)) return false;
      view.setFloat32(0, number);
    } else view.setFloat64(0, number);
    const isNegative = (view.getUint8(0) & 0x80) !== 0;
    if (isNegative) for (let k = 0; k < width; k++) key[at + 1 + k]! ^= 0xff;
    else key[at + 1]! |= 0x80;
    return true;
  }
  const whole = wholeValue(field, value);
  if (whole === null) return false;
  const half = 1n << BigInt(8 * width - 1);
  if (whole >= half || whole < -half) return false;
  let turned = whole + half;
  for (let k = width - 1; k >= 0; k--, turned >>= 8n) key[at + 1 + k] = Number(turned & 0xffn);
  return true;
}

/** The value times 10^scale, null where it has more digits behind the point than the field. */
function wholeValue(field: FieldNode, value: KeyValue): bigint | null {
  if (typeof value === 'bigint') return value * 10n ** BigInt(field.scale);
  const text = typeof value === 'number' ? plain(value) : value;
  const [, sign, before, behind = ''] = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/.exec(text ?? '') ?? [];
  if (before === undefined || before + behind === '') throw wrongType(field, value, 'a number');
  const digits = behind.replace(/0+$/, '');
  if (digits.length > field.scale) return null;
  const whole = BigInt(before + digits.padEnd(field.scale, '0'));
  return sign === '-' ? -whole : whole;
}

/** Without an exponent; null for what is no number. */
function plain(value: number): string | null {
  if (!Number.isFinite(value)) return null;
  const text = String(value);
  if (!text.includes('e')) return text;
  return Number.isInteger(value) ? String(BigInt(value)) : value.toFixed(38).replace(/0+$/, '');
}

function wrongType(field: FieldNode, value: unknown, wanted: string): OverpunchError {
  const shown = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
  return new OverpunchError('OVP_OPTION_KEY', `${field.path} can't be ${shown}: it is ${wanted}`);
}
