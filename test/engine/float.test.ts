/**
 * FLOAT: IBM hexadecimal and IEEE 754, both lengths and byte orders.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField } from './plans.js';

const { IEEE, LITTLE, SIGNED } = Flag;

const float = (LENGTH: number, FLAGS = 0): Words => ({
  OP: Op.FLOAT,
  LENGTH,
  FLAGS: FLAGS | SIGNED,
  TYPE: FLAGS & IEEE && LENGTH === 4 ? Type.FLOAT32 : Type.FLOAT64,
});

describe.each(engines())('FLOAT, engine $name', (engine) => {
  test('reads hexadecimal numbers', () => {
    const long = [
      'C276A00000000000',
      '4264000000000000',
      '4110000000000000',
      '4019999999999999',
      '0000000000000000',
      '8000000000000000',
      '7FFFFFFFFFFFFFFF',
      '0010000000000000',
    ];
    expect(decodeField(engine, float(8), long).values(0)).toEqual([
      -118.625,
      100,
      1,
      0x19999999999999 * 2 ** -56,
      0,
      0,
      16 ** 63,
      16 ** -65,
    ]);
    const short = ['42640000', 'C276A000', '41100000', '00000001', 'FFFFFFFF', '80000000', '46000001'];
    expect(decodeField(engine, float(4), short).values(0)).toEqual([
      100,
      -118.625,
      1,
      2 ** -24 * 16 ** -64,
      -(1 - 2 ** -24) * 16 ** 63,
      0,
      1,
    ]);
  });

  test('rounds the long form once, to nearest even', () => {
    // fractions of 56 bits of which a double keeps the first 53
    const rows = [
      '4E80000000000004',
      '4E8000000000000C',
      '4E80000000000005',
      '4E80000000000003',
      '4E10000000000001',
      'CE80000000000004',
    ];
    const exact = rows.map((row) => {
      const value = BigInt(`0x${row.slice(2)}`);
      return row.startsWith('C') ? -Number(value) : Number(value);
    });
    expect(decodeField(engine, float(8), rows).values(0)).toEqual(exact);
  });

  test('reads IEEE numbers', () => {
    const long = [
      '3FF0000000000000',
      'C05DA80000000000',
      '8000000000000000',
      '7FF0000000000000',
      '0000000000000001',
      '7FEFFFFFFFFFFFFF',
    ];
    expect(decodeField(engine, float(8, IEEE), long).values(0)).toEqual([
      1,
      -118.625,
      0,
      Infinity,
      5e-324,
      Number.MAX_VALUE,
    ]);
    const short = ['3F800000', 'C2ED4000', '80000000', 'FF800000', '00000001'];
    expect(decodeField(engine, float(4, IEEE), short).values(0)).toEqual([1, -118.625, 0, -Infinity, 2 ** -149]);
  });

  test('-0 becomes 0 and NaN its canonical form', () => {
    const long = decodeField(engine, float(8, IEEE), [
      '8000000000000000',
      'FFF0000000000001',
      '7FF8000000000123',
      '3FF0000000000000',
    ]);
    const at = long.slab.layout.table[8]!;
    const words = [...new BigUint64Array(long.slab.bytes.buffer, at, 4)];
    expect(words).toEqual([0n, 0x7ff8000000000000n, 0x7ff8000000000000n, 0x3ff0000000000000n]);
    const short = decodeField(engine, float(4, IEEE), ['80000000', 'FFC00123', '7F800001', '3F800000']);
    expect([...new Uint32Array(short.slab.bytes.buffer, short.slab.layout.table[8]!, 4)]).toEqual([
      0, 0x7fc00000, 0x7fc00000, 0x3f800000,
    ]);
    const hexadecimal = decodeField(engine, float(8), ['8000000000000000']);
    expect(Object.is(hexadecimal.values(0)[0], 0)).toBe(true);
  });

  test('reads low bytes first where told to', () => {
    expect(decodeField(engine, float(8, IEEE | LITTLE), ['0000000000A85DC0']).values(0)).toEqual([-118.625]);
    expect(decodeField(engine, float(4, IEEE | LITTLE), ['0040EDC2']).values(0)).toEqual([-118.625]);
    expect(decodeField(engine, float(8, LITTLE), ['0000000000A076C2']).values(0)).toEqual([-118.625]);
    expect(decodeField(engine, float(4, LITTLE), ['00A076C2']).values(0)).toEqual([-118.625]);
  });

  test('is bad where its record ends inside it', () => {
    const result = decodeField(engine, float(4), ['426400', '', '42640000']);
    expect(result.values(0)).toEqual([null, null, 100]);
    expect([result.bad(0), result.absent(0)]).toEqual([[0], 1]);
  });
});
