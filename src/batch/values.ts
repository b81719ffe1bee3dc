/**
 * How one value is presented, decided by its picture and never by the value: the rule, and the reading of numbers out of
 * a column's words. The one exception is binary storage that holds more than its picture says: a value beyond the safe
 * integers comes exactly (bigint, in text a string of digits) though the picture promised a number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode } from '../plan/schema.js';
import { doubleOf, isLong } from '../engine/digits.js';

/** Pictures up to this many digits are JavaScript numbers. */
export const NUMBER_DIGITS = 15;

/**
 * `number`: an integer that is always safe. `exact`: a number, unless the value is not safe. `bigint`: always one.
 * `decimal`: text with the full scale. `decimal-number`: a number, perhaps rounded.
 */
export type Presentation = 'text' | 'float' | 'number' | 'exact' | 'bigint' | 'decimal' | 'decimal-number';

export function presentation(field: FieldNode, decimals: 'string' | 'number' = 'string'): Presentation {
  switch (field.kind) {
    case 'text':
    case 'float':
      return field.kind;
    case 'decimal':
      if (field.type !== Type.DECIMAL128) {
        throw new OverpunchError(
          'OVP_PLAN_INVALID',
          `${field.path}: a number with a scale must be a DECIMAL128 column`,
        );
      }
      return decimals === 'number' ? 'decimal-number' : 'decimal';
    default:
      if (field.type === Type.INT32) return 'number';
      if (field.digits > NUMBER_DIGITS) return 'bigint';
      return field.storageDigits > NUMBER_DIGITS ? 'exact' : 'number';
  }
}

/** The 64-bit integer of slot `i`: a number, or a bigint if it is not a safe integer. */
export function exactLong(words: Int32Array, i: number): number | bigint {
  const n = doubleOf(words[2 * i]!, words[2 * i + 1]!);
  return Number.isSafeInteger(n) ? n : bigintOf(words, 2 * i, 2);
}

/** The 128-bit integer of slot `i`: a number, or a bigint if it is not a safe integer. */
export function exactDecimal(words: Int32Array, i: number): number | bigint {
  const w = 4 * i;
  if (isLong(words, w)) {
    const n = doubleOf(words[w]!, words[w + 1]!);
    if (Number.isSafeInteger(n)) return n;
  }
  return bigintOf(words, w, 4);
}

/** The 128-bit integer of slot `i`, from 64-bit words. */
export function bigintDecimal(longs: BigInt64Array, i: number): bigint {
  const low = longs[2 * i]!;
  const high = longs[2 * i + 1]!;
  if (high === (low < 0n ? -1n : 0n)) return low;
  return (high << 64n) | BigInt.asUintN(64, low);
}

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));

/** The double nearest to the 128-bit integer of slot `i` divided by 10^scale. */
export function decimalNumber(words: Int32Array, i: number, scale: number): number {
  const n = exactDecimal(words, i);
  // One division of two exact doubles is rounded once, as reading the digits is.
  if (typeof n === 'number' && scale < POWERS.length) return n / POWERS[scale]!;
  return Number(`${n}e-${scale}`);
}

function bigintOf(words: Int32Array, w: number, count: number): bigint {
  let n = BigInt(words[w + count - 1]!);
  for (let k = count - 2; k >= 0; k--) n = (n << 32n) | BigInt(words[w + k]! >>> 0);
  return n;
}
