/**
 * Arrow's bitmaps, lowest bit first, written front to back: bits are appended at any bit offset, and the bits behind
 * the last one in its byte are 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Appends n times the same bit behind the `from` bits that are there. */
export function appendFill(bytes: Uint8Array, place: number, from: number, n: number, ones: boolean): void {
  if (n === 0) return;
  let at = place + (from >> 3);
  const shift = from & 7;
  if (shift > 0) {
    const here = Math.min(8 - shift, n);
    if (ones) bytes[at] |= ((1 << here) - 1) << shift;
    n -= here;
    at++;
    if (n === 0) return;
  }
  const fill = ones ? 0xff : 0;
  for (; n >= 8; n -= 8) bytes[at++] = fill;
  if (n > 0) bytes[at] = fill & ((1 << n) - 1);
}

/** Appends n bits: 1 where state[start + i] is `wanted`. Returns how many are 1. */
export function appendWhere(
  bytes: Uint8Array,
  place: number,
  from: number,
  n: number,
  state: Uint8Array,
  start: number,
  wanted: number,
): number {
  let at = place + (from >> 3);
  let bit = from & 7;
  let byte = bit > 0 ? bytes[at] : 0;
  let count = 0;
  for (let i = start; i < start + n; i++) {
    if (state[i] === wanted) {
      byte |= 1 << bit;
      count++;
    }
    if (++bit === 8) {
      bytes[at++] = byte;
      byte = 0;
      bit = 0;
    }
  }
  if (bit > 0) bytes[at] = byte;
  return count;
}
