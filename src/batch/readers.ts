/**
 * How numbers are read out of columns, by their presentation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { doubleOf } from '../engine/digits.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode } from '../plan/schema.js';
import type { Reader } from './builders.js';
import { type Presentation, bigintDecimal, decimalNumber, exactDecimal, exactLong } from './values.js';

export const elementReader: Reader = {
  code: (view, i) => `${view}[${i}]`,
  read: (view: Int32Array | Float64Array, i) => view[i]!,
};

const longReader: Reader = {
  code: (view, i) => `${view}[2 * ${i} + 1] * 4294967296 + (${view}[2 * ${i}] >>> 0)`,
  read: (view: Int32Array, i) => doubleOf(view[2 * i]!, view[2 * i + 1]!),
};

const exactLongReader: Reader = { code: (view, i) => `exactLong(${view}, ${i})`, read: exactLong };
const exactDecimalReader: Reader = { code: (view, i) => `exactDecimal(${view}, ${i})`, read: exactDecimal };
const bigintDecimalReader: Reader = { code: (view, i) => `bigintDecimal(${view}, ${i})`, read: bigintDecimal };

/** For values that are no strings. */
export function numberReader(field: FieldNode, shown: Presentation): Reader {
  const { type, scale } = field;
  if (shown === 'decimal-number') {
    return {
      code: (view, i) => `decimalNumber(${view}, ${i}, ${scale})`,
      read: (view: Int32Array, i) => decimalNumber(view, i, scale),
    };
  }
  if (shown === 'bigint') return type === Type.DECIMAL128 ? bigintDecimalReader : elementReader;
  if (type === Type.DECIMAL128) return exactDecimalReader;
  if (type === Type.INT64) return shown === 'exact' ? exactLongReader : longReader;
  return elementReader;
}
