/**
 * Values into keys: a value that a caller gives becomes a part to be looked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { KeyClass } from '../engine/keyed.js';
import { OverpunchError } from '../errors.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode } from '../plan/schema.js';
import type { KeyPart } from './keys.js';

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
