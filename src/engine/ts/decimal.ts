/**
 * Exact integers beyond a double's 53 bits, without BigInt: limbs of 15 decimal digits in doubles, and 128-bit words.
 * Every product and sum below stays under 2^53, so nothing is rounded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Tile } from './tile.js';

export const LIMB = 1e15;
const BITS24 = 0x1000000;
const TWO32 = 0x100000000;
/** 10^15 = K1 * 2^24 + K0. */
const K1 = Math.floor(LIMB / BITS24);
const K0 = LIMB - K1 * BITS24;

/** 10^n for n from 0 to 22, all exact. */
export const POWER: Float64Array = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));

/** Writes +-(high * 10^30 + mid * 10^15 + low) as 128 bits at words[at..at + 3]; high < 10^8. */
export function store128(
  words: Int32Array,
  at: number,
  high: number,
  mid: number,
  low: number,
  negative: number,
): void {
  // x = high * 10^15 + mid, in limbs of 24 bits
  let t = high * K0 + (mid & 0xffffff);
  const x0 = t & 0xffffff;
  t = (t - x0) / BITS24 + high * K1 + Math.floor(mid / BITS24);
  const x1 = t & 0xffffff;
  t = (t - x1) / BITS24;
  const x2 = t & 0xffffff;
  const x3 = (t - x2) / BITS24;
  // x * 10^15 + low
  t = x0 * K0 + (low & 0xffffff);
  const r0 = t & 0xffffff;
  t = (t - r0) / BITS24 + x1 * K0 + x0 * K1 + Math.floor(low / BITS24);
  const r1 = t & 0xffffff;
  t = (t - r1) / BITS24 + x2 * K0 + x1 * K1;
  const r2 = t & 0xffffff;
  t = (t - r2) / BITS24 + x3 * K0 + x2 * K1;
  const r3 = t & 0xffffff;
  t = (t - r3) / BITS24 + x3 * K1;
  const r4 = t & 0xffffff;
  const r5 = (t - r4) / BITS24;
  const w0 = r0 | (r1 << 24);
  const w1 = (r1 >>> 8) | (r2 << 16);
  const w2 = (r2 >>> 16) | (r3 << 8);
  const w3 = r4 | (r5 << 24);
  if (negative === 0) {
    words[at] = w0;
    words[at + 1] = w1;
    words[at + 2] = w2;
    words[at + 3] = w3;
    return;
  }
  let carry = 1;
  words[at] = ~w0 + carry;
  carry &= +(w0 === 0);
  words[at + 1] = ~w1 + carry;
  carry &= +(w1 === 0);
  words[at + 2] = ~w2 + carry;
  carry &= +(w2 === 0);
  words[at + 3] = ~w3 + carry;
}

/** Writes +-(mid * 10^15 + low) as 64 bits at words[at], words[at + 1]; mid <= 9223. */
export function store64(words: Int32Array, at: number, mid: number, low: number, negative: number): void {
  const a = mid * K0 + (low & 0xffffff);
  const a0 = a & 0xffffff;
  const b = (a - a0) / BITS24 + mid * K1 + Math.floor(low / BITS24);
  const w0 = a0 | (b << 24);
  const w1 = Math.floor(b / 256) | 0;
  if (negative === 0) {
    words[at] = w0;
    words[at + 1] = w1;
  } else {
    words[at] = -w0;
    words[at + 1] = ~w1 + +(w0 === 0);
  }
}

/** Puts the magnitude upper * 2^32 + lower (both unsigned) into limbs. */
export function wideFromWords(tile: Tile, k: number, upper: number, lower: number): void {
  const m0 = lower & 0xffffff;
  const m1 = upper * 256 + (lower >>> 24);
  let mid = Math.floor((upper * TWO32 + lower) / LIMB); // may be one off: the quotient is rounded
  let low = (m1 - mid * K1) * BITS24 + (m0 - mid * K0);
  if (low < 0) {
    mid--;
    low += LIMB;
  } else if (low >= LIMB) {
    mid++;
    low -= LIMB;
  }
  tile.high[k] = 0;
  tile.mid[k] = mid;
  tile.low[k] = low;
}

/** Multiplies the first n wide values by 10^up. */
export function scaleWide(tile: Tile, n: number, up: number): void {
  const { high, mid, low } = tile;
  for (let left = up; left > 0; left--) {
    for (let k = 0; k < n; k++) {
      // one digit moves from limb to limb
      const fromLow = Math.floor(low[k] / 1e14);
      const fromMid = Math.floor(mid[k] / 1e14);
      high[k] = high[k] * 10 + fromMid;
      mid[k] = (mid[k] - fromMid * 1e14) * 10 + fromLow;
      low[k] = (low[k] - fromLow * 1e14) * 10;
    }
  }
}

export function scaleNarrow(low: Float64Array, n: number, up: number): void {
  const factor = POWER[up];
  for (let k = 0; k < n; k++) low[k] *= factor;
}

export function scaleSmall(small: Int32Array, n: number, up: number): void {
  const factor = POWER[up];
  for (let k = 0; k < n; k++) small[k] *= factor;
}

/** A constant of a predicate in the forms in which kernels leave values. */
export interface Constant {
  readonly negative: number;
  readonly high: number;
  readonly mid: number;
  readonly low: number;
  /** Its value where a double holds it exactly, else an infinity of its sign: enough to order values of 15 digits. */
  readonly value: number;
}

/** Reads 16 bytes, little-endian two's complement. Only for preparing. */
export function constant128(bytes: Uint8Array): Constant {
  let value = 0n;
  for (let i = 15; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  value = BigInt.asIntN(128, value);
  const magnitude = value < 0n ? -value : value;
  const limb = BigInt(LIMB);
  return {
    negative: value < 0n ? 1 : 0,
    high: Number(magnitude / (limb * limb)),
    mid: Number((magnitude / limb) % limb),
    low: Number(magnitude % limb),
    value: magnitude <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value < 0n ? -Infinity : Infinity,
  };
}
