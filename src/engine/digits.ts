/**
 * Integers of 32, 64 and 128 bits as decimal digits, written straight into bytes. Values are given as little-endian
 * 32-bit words, as columns hold them; nothing here makes a BigInt or a string.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Most bytes that one number takes, with a scale up to 38: sign, 39 digits, or `0.` and 38 digits. */
export const MAX_DIGITS = 48;

const BILLION = 1_000_000_000;
const TWO_32 = 4294967296;

const TENS = new Uint8Array(100);
const ONES = new Uint8Array(100);
for (let n = 0; n < 100; n++) {
  TENS[n] = 48 + Math.floor(n / 10);
  ONES[n] = 48 + (n % 10);
}

/** The 64-bit integer of two words as a double: exact if it is safe, and beyond the safe integers if it is not. */
export const doubleOf = (low: number, high: number): number => high * TWO_32 + (low >>> 0);

/** Whether the 128-bit integer at word `w` lies within 64 bits. */
export function isLong(words: Int32Array, w: number): boolean {
  const sign = words[w + 1]! >> 31;
  return words[w + 2] === sign && words[w + 3] === sign;
}

/** Writes a safe integer with the point `scale` digits from its right. Returns the end of what was written. */
export function writeInteger(out: Uint8Array, at: number, value: number, scale: number): number {
  let n = value;
  if (n < 0) {
    out[at++] = 45; // -
    n = -n;
  }
  let end: number;
  if (n < BILLION) {
    end = writeFirst(out, at, n | 0);
  } else {
    // A quotient below 2^24 is held finely enough that rounding never reaches the next whole number.
    const high = Math.floor(n / BILLION);
    const low = n - high * BILLION;
    end = writeNine(out, writeFirst(out, at, high | 0), low | 0);
  }
  return scale === 0 ? end : placePoint(out, at, end, scale);
}

/** The 64-bit integer at word `w`. */
export function writeLong(out: Uint8Array, at: number, words: Int32Array, w: number, scale: number): number {
  const low = words[w]!;
  const high = words[w + 1]!;
  const n = doubleOf(low, high);
  if (Number.isSafeInteger(n)) return writeInteger(out, at, n, scale);
  return writeWide(out, at, low, high, high >> 31, high >> 31, scale);
}

/** The 128-bit integer at word `w`. */
export function writeDecimal(out: Uint8Array, at: number, words: Int32Array, w: number, scale: number): number {
  if (isLong(words, w)) return writeLong(out, at, words, w, scale);
  return writeWide(out, at, words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!, scale);
}

/** Numbers that are written as one string at most. */
export const DIGITS_RUN = 256;
const run = Buffer.alloc(DIGITS_RUN * MAX_DIGITS);

/**
 * Numbers of a DECIMAL128 column as text with their full scale, slots from..from+count-1 (DIGITS_RUN at most) one behind
 * another: slot from+k is text[ends[k], ends[k+1]), empty where there is no value.
 */
export type Digits = (
  values: Int32Array,
  validity: Uint8Array,
  from: number,
  count: number,
  scale: number,
  ends: Int32Array,
) => string;

/** The TypeScript engine's. */
export const writeDigits: Digits = (values, validity, from, count, scale, ends) => {
  let at = 0;
  ends[0] = 0;
  for (let k = 0, i = from; k < count; k++, i++) {
    if ((validity[i >> 3]! & (1 << (i & 7))) !== 0) at = writeDecimal(run, at, values, 4 * i, scale);
    ends[k + 1] = at;
  }
  return run.toString('latin1', 0, at);
};

/** Halves of a 128-bit magnitude, lowest first, and its limbs of nine digits; every call leaves nothing in them. */
const halves = new Int32Array(8);
const limbs = new Int32Array(5);

function writeWide(out: Uint8Array, at: number, w0: number, w1: number, w2: number, w3: number, scale: number): number {
  const negative = w3 < 0;
  split(0, w0);
  split(2, w1);
  split(4, w2);
  split(6, w3);
  if (negative) {
    out[at++] = 45;
    let carry = 1;
    for (let i = 0; i < 8; i++) {
      const half = (halves[i]! ^ 0xffff) + carry;
      halves[i] = half & 0xffff;
      carry = half >> 16;
    }
  }
  let top = 7;
  let count = 0;
  for (;;) {
    while (top >= 0 && halves[top] === 0) top--;
    if (top < 0) break;
    let rest = 0;
    for (let i = top; i >= 0; i--) {
      const n = rest * 65536 + halves[i]!; // below 2^46
      const quotient = Math.floor(n / BILLION);
      halves[i] = quotient;
      rest = n - quotient * BILLION;
    }
    limbs[count++] = rest;
  }
  let end = writeFirst(out, at, limbs[--count]!);
  while (count > 0) end = writeNine(out, end, limbs[--count]!);
  return scale === 0 ? end : placePoint(out, at, end, scale);
}

function split(i: number, word: number): void {
  halves[i] = word & 0xffff;
  halves[i + 1] = word >>> 16;
}

/** 0 <= n < 10^9, without leading zeros. */
function writeFirst(out: Uint8Array, at: number, n: number): number {
  let end: number;
  if (n < 10000) end = at + (n < 100 ? (n < 10 ? 1 : 2) : n < 1000 ? 3 : 4);
  else if (n < 10000000) end = at + (n < 1000000 ? (n < 100000 ? 5 : 6) : 7);
  else end = at + (n < 100000000 ? 8 : 9);
  let p = end;
  while (n >= 100) {
    const quotient = (n / 100) | 0;
    const two = n - quotient * 100;
    out[--p] = ONES[two]!;
    out[--p] = TENS[two]!;
    n = quotient;
  }
  out[--p] = ONES[n]!;
  if (n >= 10) out[--p] = TENS[n]!;
  return end;
}

/** 0 <= n < 10^9, as nine digits. */
function writeNine(out: Uint8Array, at: number, n: number): number {
  for (let p = at + 7; p > at; p -= 2) {
    const quotient = (n / 100) | 0;
    const two = n - quotient * 100;
    out[p] = TENS[two]!;
    out[p + 1] = ONES[two]!;
    n = quotient;
  }
  out[at] = 48 + n;
  return at + 9;
}

/** Puts a point before the last `scale` of the digits in out[start, end), and zeros before those where they are too few. */
function placePoint(out: Uint8Array, start: number, end: number, scale: number): number {
  const zeros = scale + 1 - (end - start);
  if (zeros > 0) {
    for (let p = end - 1; p >= start; p--) out[p + zeros] = out[p]!;
    for (let p = start; p < start + zeros; p++) out[p] = 48;
    end += zeros;
  }
  for (let p = end; p > end - scale; p--) out[p] = out[p - 1]!;
  out[end - scale] = 46; // .
  return end + 1;
}
