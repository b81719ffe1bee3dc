/**
 * Columns of a group-by's result: mirror of native/core/group_result.c, byte for byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { TYPE_WIDTH, Type } from '../../plan/opcodes.js';
import { GroupRow, type GroupRows, KeyClass, RESULT_WORDS, Result, ResultWord } from '../keyed.js';

const SPACE = 0x20;

/** Rows in the order wanted: where each begins. */
interface Rows {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly starts: Float64Array;
}

/** Answers whether the row has a value, which it has written to the slot; throws TooLong where that has too many digits. */
type Put = (start: number, slot: number) => boolean;

class TooLong extends Error {}

/** As Keyed.results. */
export function fillResults(
  program: Int32Array,
  { rows, width, count }: GroupRows,
  order: Uint32Array,
  from: number,
  to: number,
  slab: Uint8Array,
): number {
  const starts = Float64Array.from(order.subarray(from, to), (number) => {
    if (number >= count) throw new RangeError('there is no such group');
    return number * width;
  });
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let at = 0; at < program.length; at += RESULT_WORDS) {
    const words = program.subarray(at, at + RESULT_WORDS);
    try {
      fill(words, { bytes: rows, view, starts }, slab);
    } catch (error) {
      if (!(error instanceof TooLong)) throw error;
      return at / RESULT_WORDS;
    }
  }
  return -1;
}

function fill(words: Int32Array, rows: Rows, slab: Uint8Array): void {
  const out = new DataView(slab.buffer, slab.byteOffset, slab.byteLength);
  const validity = words[ResultWord.VALIDITY]!;
  const put = putterOf(words, rows, slab, out);
  rows.starts.forEach((start, slot) => {
    if (put(start, slot)) slab[validity + (slot >> 3)]! |= 1 << (slot & 7);
  });
}

function putterOf(words: Int32Array, rows: Rows, slab: Uint8Array, out: DataView): Put {
  const [kind, to, at] = [words[ResultWord.KIND]!, words[ResultWord.VALUES]!, words[ResultWord.AT]!];
  switch (kind) {
    case Result.PART:
      return words[ResultWord.TYPE] === Type.UTF8 ? textPutter(words, rows, slab, out) : numberPutter(words, rows, out);
    case Result.COUNT:
      return (start, slot) => {
        out.setBigUint64(to + 8 * slot, rows.view.getBigUint64(start + at, true), true);
        return true;
      };
    case Result.SUM:
    case Result.AVERAGE:
      return sumPutter(words, rows, out);
    default:
      return (start, slot) => {
        const count = Number(valuesOf(rows, start, at));
        if (count === 0) return false;
        const sum = rows.view.getFloat64(start + at + 8, true);
        const value = kind === Result.AVERAGE_FLOAT ? sum / count : sum;
        if (Number.isNaN(value)) out.setBigUint64(to + 8 * slot, 0x7ff8000000000000n, true);
        else out.setFloat64(to + 8 * slot, value === 0 ? 0 : value, true);
        return true;
      };
  }
}

/** Records of a group that have a value. */
const valuesOf = ({ view }: Rows, start: number, at: number): bigint =>
  view.getBigUint64(start + GroupRow.RECORDS, true) - view.getBigUint64(start + at, true);

function textPutter(words: Int32Array, { bytes }: Rows, slab: Uint8Array, out: DataView): Put {
  const [at, width, isLatin1] = [words[ResultWord.AT]!, words[ResultWord.WIDTH]!, words[ResultWord.LATIN1] === 1];
  const [offsets, data] = [words[ResultWord.VALUES]!, words[ResultWord.DATA]!];
  let end = 0;
  return (row, slot) => {
    const start = row + at + 1;
    const isThere = bytes[start - 1] === KeyClass.VALUE;
    let stop = isThere ? start + width : start;
    while (stop > start && bytes[stop - 1] === SPACE) stop--;
    for (let k = start; k < stop; k++) {
      const byte = bytes[k]!;
      if (isLatin1 && byte >= 0x80) {
        slab[data + end++] = 0xc0 | (byte >> 6);
        slab[data + end++] = 0x80 | (byte & 0x3f);
      } else slab[data + end++] = byte;
    }
    out.setInt32(offsets + 4 * (slot + 1), end, true);
    return isThere;
  };
}

function numberPutter(words: Int32Array, { view }: Rows, out: DataView): Put {
  const [type, to, at] = [words[ResultWord.TYPE]!, words[ResultWord.VALUES]!, words[ResultWord.AT]!];
  const width = words[ResultWord.WIDTH]!;
  const size = TYPE_WIDTH[type]!;
  const isFloat = type === Type.FLOAT32 || type === Type.FLOAT64;
  return (start, slot) => {
    const part = start + at;
    if (view.getUint8(part) !== KeyClass.VALUE) return false;
    const high = view.getInt32(part + 1);
    // the sign is turned; floats that are negative are inverted whole
    const invert = isFloat && high >= 0 ? -1 : 0;
    for (let k = 0; k < width; k += 4) {
      const word = view.getInt32(part + 1 + k) ^ invert;
      out.setInt32(to + size * slot + width - 4 - k, k === 0 && !invert ? word ^ 0x80000000 : word, true);
    }
    for (let k = width; k < size; k += 4) out.setInt32(to + size * slot + k, high < 0 ? 0 : -1, true);
    return true;
  };
}

function sumPutter(words: Int32Array, rows: Rows, out: DataView): Put {
  const [type, to, at] = [words[ResultWord.TYPE]!, words[ResultWord.VALUES]!, words[ResultWord.AT]!];
  const isAverage = words[ResultWord.KIND] === Result.AVERAGE;
  const most = 10n ** BigInt(words[ResultWord.DIGITS]!);
  const up = 10n ** BigInt(words[ResultWord.UP]!);
  const down = 10n ** BigInt(words[ResultWord.DOWN]!);
  const { view } = rows;
  return (start, slot) => {
    const values = valuesOf(rows, start, at);
    if (values === 0n) return false;
    const low = view.getBigUint64(start + at + 8, true) | (view.getBigUint64(start + at + 16, true) << 64n);
    const sum = (view.getBigInt64(start + at + 24, true) << 128n) | low;
    const value = isAverage ? divide(sum * up, values * down) : sum;
    if (value >= most || value <= -most) throw new TooLong();
    if (type === Type.INT64) {
      out.setBigInt64(to + 8 * slot, value, true);
      return true;
    }
    out.setBigUint64(to + 16 * slot, BigInt.asUintN(64, value), true);
    out.setBigInt64(to + 16 * slot + 8, value >> 64n, true);
    return true;
  };
}

/** Rounded to the nearest, halves away from zero. */
function divide(a: bigint, b: bigint): bigint {
  const half = a < 0n ? -b : b;
  return (2n * a + half) / (2n * b);
}
