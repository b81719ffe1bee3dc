/**
 * Digits of integers at every size and scale, against BigInt's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { MAX_DIGITS, writeDecimal, writeInteger, writeLong } from '../../src/engine/digits.js';
import { decimalText, randomFrom } from '../batch/presented.js';

const out = new Uint8Array(MAX_DIGITS + 8);
const written = (write: (at: number) => number): string => {
  out.fill(0);
  const end = write(4);
  expect(end - 4).toBeLessThanOrEqual(MAX_DIGITS);
  expect(out[end]).toBe(0);
  return Buffer.from(out.subarray(4, end)).toString('latin1');
};
const wordsOf = (n: bigint): Int32Array =>
  new Int32Array(new BigInt64Array([BigInt.asIntN(64, n), BigInt.asIntN(64, n >> 64n)]).buffer);

/** Powers of ten and two with what lies around them, and random numbers of every length. */
function* integers(): Generator<bigint> {
  for (let e = 0n; e <= 38n; e++) for (let d = -2n; d <= 2n; d++) yield 10n ** e + d;
  for (let e = 0n; e < 127n; e++) for (let d = -2n; d <= 2n; d++) yield 2n ** e + d;
  const random = randomFrom(11);
  for (let n = 0; n < 20000; n++) {
    let value = 0n;
    for (let k = 0; k <= n % 38; k++) value = value * 10n + BigInt(Math.floor(random() * 10));
    yield value;
  }
  // Quotients that a double division by 10^9 rounds up to a whole number.
  for (let q = 1n; q < 9_007_000n; q += 40_009n) yield q * 1_000_000_000n + 999_999_999n;
  yield 9_007_198_999_999_999n;
}

describe('digits', () => {
  it('writes integers of all widths', () => {
    for (const magnitude of integers()) {
      for (const n of [magnitude, -magnitude]) {
        const text = n.toString();
        if (n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER)) {
          if (written((at) => writeInteger(out, at, Number(n), 0)) !== text) expect.fail(`integer ${n}`);
        }
        if (n >= -(1n << 63n) && n < 1n << 63n) {
          if (written((at) => writeLong(out, at, wordsOf(n), 0, 0)) !== text) expect.fail(`long ${n}`);
        }
        if (written((at) => writeDecimal(out, at, wordsOf(n), 0, 0)) !== text) expect.fail(`decimal ${n}`);
      }
    }
  });

  it('places the point', () => {
    const random = randomFrom(12);
    for (const n of integers()) {
      if (n >= 10n ** 38n) continue;
      const scale = 1 + Math.floor(random() * 38);
      const value = random() < 0.5 ? -n : n;
      if (written((at) => writeDecimal(out, at, wordsOf(value), 0, scale)) !== decimalText(value, scale)) {
        expect.fail(`${value} with scale ${scale}`);
      }
    }
  });

  it('writes the ends of 128 bits', () => {
    for (const n of [(1n << 127n) - 1n, -(1n << 127n)]) {
      expect(written((at) => writeDecimal(out, at, wordsOf(n), 0, 0))).toBe(n.toString());
    }
  });
});
