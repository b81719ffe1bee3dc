/**
 * Writers of number columns for text formats. Each is made for one column's type, so that its reads and writes stay
 * monomorphic; digits go from the column's words into the output without a string between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { MAX_DIGITS, writeDecimal, writeInteger, writeLong } from '../engine/digits.js';
import { exactDecimal, exactLong, presentation } from '../batch/values.js';
import { type Binder, floatsView, validityView, wordsView } from '../batch/views.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode } from '../plan/schema.js';
import { type Output, type Writer, copyAscii, copyBytes } from './connector.js';

/** What a format puts around numbers. */
export interface NumberStyle {
  /** Written before a value (a key, or nothing). */
  readonly prefix: Uint8Array;
  /** Written instead of it and its prefix where there is none. */
  readonly nothing: Uint8Array;
  /** Whether numbers that a JavaScript number might not hold exactly are strings in quotes. */
  readonly quotes: boolean;
  readonly decimals: 'string' | 'number';
  /** Infinities and NaN: their names, or as no value. */
  readonly notFinite: 'name' | 'nothing';
}

const QUOTE = 34;

/** The writer of a field that is not text. */
export function numberWriter(
  field: FieldNode,
  space: number,
  binder: Binder,
  output: Output,
  style: NumberStyle,
): Writer {
  output.reserve += style.prefix.length + style.nothing.length + MAX_DIGITS + 2;
  if (field.kind === 'float') return floatWriter(field, space, binder, output, style);
  if (field.type === Type.INT32) return integerWriter(field, space, binder, output, style);
  return wideWriter(field, space, binder, output, style);
}

function integerWriter(field: FieldNode, space: number, binder: Binder, output: Output, style: NumberStyle): Writer {
  const { prefix, nothing } = style;
  let validity: Uint8Array = new Uint8Array(0);
  let words: Int32Array = new Int32Array(0);
  binder.onSlab((slab) => {
    validity = validityView(slab, field, space);
    words = wordsView(slab, field, space);
  });
  return (at, i) => {
    const out = output.bytes;
    if ((validity[i >> 3]! & (1 << (i & 7))) === 0) return copyBytes(out, at, nothing);
    return writeInteger(out, copyBytes(out, at, prefix), words[i]!, 0);
  };
}

function wideWriter(field: FieldNode, space: number, binder: Binder, output: Output, style: NumberStyle): Writer {
  const { prefix, nothing } = style;
  const { scale } = field;
  const isLong = field.type === Type.INT64;
  const shown = presentation(field, style.decimals);
  const always = style.quotes && (shown === 'bigint' || shown === 'decimal');
  const beyond = style.quotes && shown === 'exact';
  let validity: Uint8Array = new Uint8Array(0);
  let words: Int32Array = new Int32Array(0);
  binder.onSlab((slab) => {
    validity = validityView(slab, field, space);
    words = wordsView(slab, field, space);
  });
  return (at, i) => {
    const out = output.bytes;
    if ((validity[i >> 3]! & (1 << (i & 7))) === 0) return copyBytes(out, at, nothing);
    at = copyBytes(out, at, prefix);
    const quoted = always || (beyond && typeof (isLong ? exactLong(words, i) : exactDecimal(words, i)) === 'bigint');
    if (quoted) out[at++] = QUOTE;
    at = isLong ? writeLong(out, at, words, 2 * i, scale) : writeDecimal(out, at, words, 4 * i, scale);
    if (quoted) out[at++] = QUOTE;
    return at;
  };
}

function floatWriter(field: FieldNode, space: number, binder: Binder, output: Output, style: NumberStyle): Writer {
  const { prefix, nothing, notFinite } = style;
  let validity: Uint8Array = new Uint8Array(0);
  let values: Float32Array | Float64Array = new Float64Array(0);
  binder.onSlab((slab) => {
    validity = validityView(slab, field, space);
    values = floatsView(slab, field, space);
  });
  return (at, i) => {
    const out = output.bytes;
    const value = values[i]!;
    if ((validity[i >> 3]! & (1 << (i & 7))) === 0 || (notFinite === 'nothing' && !Number.isFinite(value))) {
      return copyBytes(out, at, nothing);
    }
    return copyAscii(out, copyBytes(out, at, prefix), String(value));
  };
}
