/**
 * Sorting, gathering and merging in TypeScript: the same orders and bytes as native/core/sort.c, gather.c and merge.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Merge, type Runs, type Shape, type Stored, type Written } from '../keyed.js';

/** From the last byte that is not the same in all keys to the first; each pass keeps the order of equal bytes. */
export function sortKeys(
  keys: Uint8Array,
  stride: number,
  width: number,
  count: number,
  varying: Uint8Array,
): Uint32Array {
  let order = Uint32Array.from({ length: count }, (_, i) => i);
  let other = new Uint32Array(count);
  for (let at = width - 1; at >= 0 && count > 1; at--) {
    if (varying[at] === varying[width + at]) continue;
    const places = new Uint32Array(257);
    for (let i = 0, k = at; i < count; i++, k += stride) places[keys[k]! + 1]!++;
    for (let byte = 0; byte < 256; byte++) places[byte + 1]! += places[byte]!;
    for (let i = 0; i < count; i++) other[places[keys[order[i]! * stride + at]!]!++] = order[i]!;
    [order, other] = [other, order];
  }
  return order;
}

export function gatherRecords(
  { pieces, firsts, count, stride, starts, ends }: Stored,
  { before, after, keys, keyWidth, lengths }: Shape,
  order: Uint32Array | null,
  from: number,
  to: number,
  out: Uint8Array,
): Written {
  let at = 0;
  let k = from;
  for (; k < to; k++) {
    const number = order ? order[k]! : k;
    let p = pieces.length - 1;
    while (p > 0 && firsts[p]! > number) p--;
    const piece = pieces[p];
    const start = starts ? starts[number]! - before : (number - firsts[p]!) * stride;
    const end = ends ? ends[number]! : start + stride;
    if (!piece || number >= count || start < 0 || start > end || end > piece.length)
      throw new RangeError('a record is not inside its piece');
    const all = end - start + after.length;
    if (out.length - at < all + (keys ? keyWidth : 0) + (lengths ? 4 : 0)) break;
    if (lengths) for (let shift = 0; shift < 32; shift += 8) out[at++] = all >>> shift;
    if (keys) {
      out.set(keys.subarray(number * keyWidth, (number + 1) * keyWidth), at);
      at += keyWidth;
    }
    out.set(piece.subarray(start, end), at);
    out.set(after, at + end - start);
    at += all;
  }
  return { records: k - from, bytes: at };
}

export function mergeRuns(runs: Runs, out: Uint8Array, written: Written): number {
  const { data, from, to, final, keyWidth, length, keep } = runs;
  const head = length === 0 ? 4 : 0;
  const heap: number[] = [];
  written.records = 0;
  written.bytes = 0;

  const lengthOf = (run: number): number => {
    const at = from[run]!;
    const left = to[run]! - at;
    if (left < head) return 0;
    const own = head
      ? (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)) >>> 0
      : length;
    const all = head + keyWidth + own;
    return left >= all ? all : 0;
  };
  const isBefore = (a: number, b: number): boolean => {
    for (let i = 0, x = from[a]! + head, y = from[b]! + head; i < keyWidth; i++, x++, y++)
      if (data[x] !== data[y]) return data[x]! < data[y]!;
    return a < b;
  };
  /** Puts `run` into the heap's place k, whose subtree was ordered without it. */
  const sink = (run: number, k: number): void => {
    for (let child = 2 * k + 1; child < heap.length; child = 2 * k + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(run, heap[child]!)) break;
      heap[k] = heap[child]!;
      k = child;
    }
    heap[k] = run;
  };

  for (let run = 0; run < from.length; run++) {
    if (lengthOf(run) > 0) heap.push(run);
    else if (!final[run]) return run;
    else if (from[run] !== to[run]) throw new RangeError('a run is not whole');
  }
  for (let k = (heap.length >> 1) - 1; k >= 0; k--) sink(heap[k]!, k);
  for (;;) {
    const run = heap[0];
    if (run === undefined) return Merge.DONE;
    const all = lengthOf(run);
    const skip = keep ? 0 : head + keyWidth;
    if (out.length - written.bytes < all - skip) return Merge.FULL;
    out.set(data.subarray(from[run]! + skip, from[run]! + all), written.bytes);
    written.bytes += all - skip;
    written.records++;
    from[run]! += all;
    if (lengthOf(run) > 0) sink(run, 0);
    else if (!final[run]) return run;
    else if (from[run] !== to[run]) throw new RangeError('a run is not whole');
    else {
      const last = heap.pop()!;
      if (heap.length > 0) sink(last, 0);
    }
  }
}
