/**
 * A tile: what one kernel call reads and leaves behind, at most TILE items. Kernels see only items that lie wholly in
 * their record, one after another; `spread` then moves the results to the slots of the tile where others lie between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { TILE } from '../../plan/opcodes.js';

/** What became of an item. */
export const State = {
  VALUE: 0,
  /** Nothing there: blank bytes, or behind the record's end. */
  ABSENT: 1,
  BAD: 2,
  /** A slot that is not live: null, counted nowhere. */
  DEAD: 3,
  /** Operands only: wholly behind the record's end. */
  BEHIND: 4,
} as const;

/**
 * How a kernel leaves its values. Which one is chosen by the most digits that a value can have, so that each is exact:
 * up to 9 in `small`, up to 15 in `low`, up to 38 as sign (`negative`) and magnitude high * 10^30 + mid * 10^15 + low.
 * WORDS: 64 bits in `small` (low word) and `upper`, and whether they are below 0 in `negative`. FLOAT: `low`.
 */
export const Family = { SMALL: 0, NARROW: 1, WIDE: 2, WORDS: 3, FLOAT: 4 } as const;

export class Tile {
  readonly state = new Uint8Array(TILE);
  readonly small = new Int32Array(TILE);
  readonly upper = new Int32Array(TILE);
  readonly low = new Float64Array(TILE);
  readonly mid = new Float64Array(TILE);
  readonly high = new Float64Array(TILE);
  readonly negative = new Uint8Array(TILE);
  /** Text: bytes of each item. */
  readonly lengths = new Int32Array(TILE);
}

/** Reads numbers of one field. */
export interface NumberKernel {
  readonly offset: number;
  readonly length: number;
  readonly family: number;
  /**
   * Decodes the n items at positions `at` (all of them inside `data`). Items without a value hold zero in the tile.
   * Returns how many have none.
   */
  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number;
}

/** Reads text of one field and writes its bytes. */
export interface TextKernel {
  readonly offset: number;
  readonly length: number;
  /** `length` for each item of a tile. */
  readonly whole: Int32Array;
  /**
   * Decodes the n items at positions `at`, of `lengths` bytes each, to out[to...]. Leaves their new lengths in the
   * tile. Returns how many have no value.
   */
  decode(
    data: Uint8Array,
    at: Int32Array,
    lengths: Int32Array,
    n: number,
    out: Uint8Array,
    to: number,
    tile: Tile,
  ): number;
}

/**
 * Moves results 0..n-1 to the slots named by `slots` (ascending, each >= its index) of `total`; the other slots are
 * null with the state that `others` says.
 */
export function spread(
  tile: Tile,
  family: number,
  n: number,
  slots: Int32Array,
  total: number,
  others: Uint8Array,
): void {
  const { state, small, upper, low, mid, high, negative } = tile;
  let k = n - 1;
  for (let i = total - 1; i >= 0; i--) {
    const there = k >= 0 && slots[k] === i;
    state[i] = there ? state[k] : others[i];
    if (family === Family.SMALL) small[i] = there ? small[k] : 0;
    else if (family === Family.WORDS) {
      small[i] = there ? small[k] : 0;
      upper[i] = there ? upper[k] : 0;
      negative[i] = there ? negative[k] : 0;
    } else {
      low[i] = there ? low[k] : 0;
      if (family === Family.WIDE) {
        mid[i] = there ? mid[k] : 0;
        high[i] = there ? high[k] : 0;
        negative[i] = there ? negative[k] : 0;
      }
    }
    if (there) k--;
  }
}

/** As `spread`, for the lengths of texts. */
export function spreadText(tile: Tile, n: number, slots: Int32Array, total: number, others: Uint8Array): void {
  const { state, lengths } = tile;
  let k = n - 1;
  for (let i = total - 1; i >= 0; i--) {
    const there = k >= 0 && slots[k] === i;
    state[i] = there ? state[k] : others[i];
    lengths[i] = there ? lengths[k] : 0;
    if (there) k--;
  }
}

/** Whether `length` bytes are all the pad, all x'00' or all x'FF': a number that nobody filled in. */
export function isBlank(data: Uint8Array, from: number, length: number, pad: number): boolean {
  const first = data[from];
  return (first === pad || first === 0 || first === 0xff) && isFilled(data, from + 1, from + length, first);
}

/** Whether data[from, to) holds only `byte`. */
export function isFilled(data: Uint8Array, from: number, to: number, byte: number): boolean {
  while (from < to && data[from] === byte) from++;
  return from === to;
}
