/**
 * BINARY: every length and byte order, the extremes, and P scaling.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField } from './plans.js';

const { SIGNED, LITTLE } = Flag;

const binary = (LENGTH: number, FLAGS: number, TYPE: number, UP = 0): Words => ({
  OP: Op.BINARY,
  LENGTH,
  FLAGS,
  TYPE,
  UP,
});
const turned = (text: string): string => text.match(/../g)!.reverse().join('');

describe.each(engines())('BINARY, engine $name', (engine) => {
  test('reads every length in both byte orders, signed and not', () => {
    for (let length = 1; length <= 8; length++) {
      const bits = BigInt(8 * length);
      const rows = ['01', 'FF', '80', '7F', '00'].map((byte) => byte + '23456789ABCDEF'.slice(0, 2 * length - 2));
      const extremes = [
        '00'.repeat(length),
        'FF'.repeat(length),
        `80${'00'.repeat(length - 1)}`,
        `7F${'FF'.repeat(length - 1)}`,
      ];
      const all = [...rows, ...extremes];
      for (const signed of [true, false]) {
        const wanted = all.map((row) => (signed ? BigInt.asIntN : BigInt.asUintN)(Number(bits), BigInt(`0x${row}`)));
        const types: number[] = [Type.DECIMAL128];
        if (length < 8 || signed) types.push(Type.INT64);
        if (length < 4 || (length === 4 && signed)) types.push(Type.INT32);
        for (const type of types) {
          const values = type === Type.INT32 ? wanted.map(Number) : wanted;
          const flags = signed ? SIGNED : 0;
          expect(decodeField(engine, binary(length, flags, type), all).values(0)).toEqual(values);
          expect(decodeField(engine, binary(length, flags | LITTLE, type), all.map(turned)).values(0)).toEqual(values);
        }
      }
    }
  });

  test('holds -2^63 and 2^64 - 1', () => {
    expect(decodeField(engine, binary(8, SIGNED, Type.INT64), ['8000000000000000']).values(0)).toEqual([-(2n ** 63n)]);
    expect(decodeField(engine, binary(8, 0, Type.DECIMAL128), ['FFFFFFFFFFFFFFFF']).values(0)).toEqual([
      2n ** 64n - 1n,
    ]);
  });

  test('is never absent or bad, but for the end of the record', () => {
    const field = binary(2, SIGNED, Type.INT32);
    const result = decodeField(engine, { ...field, FLAGS: SIGNED | Flag.ABSENT }, ['4040', '0000', 'FFFF', '40', '']);
    expect(result.values(0)).toEqual([0x4040, 0, -1, null, null]);
    expect([result.bad(0), result.absent(0)]).toEqual([[3], 1]);
  });

  test('appends zeros for P', () => {
    expect(decodeField(engine, binary(2, SIGNED, Type.INT32, 4), ['8000']).values(0)).toEqual([-327680000]);
    expect(decodeField(engine, binary(2, SIGNED, Type.INT64, 10), ['8000']).values(0)).toEqual([-32768n * 10n ** 10n]);
    expect(decodeField(engine, binary(2, SIGNED, Type.INT64, 13), ['7FFF']).values(0)).toEqual([32767n * 10n ** 13n]);
    const rows = [
      '8000000000000000',
      'FFFFFFFFFFFFFFFF',
      '7FFFFFFFFFFFFFFF',
      '0000000000000001',
      '0000000000000000',
      '00038D7EA4C68000',
      '00038D7EA4C67FFF',
    ];
    for (const signed of [true, false]) {
      const values = rows.map((row) => (signed ? BigInt.asIntN : BigInt.asUintN)(64, BigInt(`0x${row}`)));
      for (const up of [1, 7, 18]) {
        const result = decodeField(engine, binary(8, signed ? SIGNED : 0, Type.DECIMAL128, up), rows);
        expect(result.values(0)).toEqual(values.map((value) => value * 10n ** BigInt(up)));
      }
    }
  });

  test('LIMITED forbids more digits than the picture has', () => {
    const limited = (LENGTH: number, DIGITS: number, TYPE: number, FLAGS = 0, UP = 0): Words => ({
      ...binary(LENGTH, FLAGS | Flag.LIMITED, TYPE, UP),
      DIGITS,
    });
    const short = ['270F', '2710', 'D8F1', 'D8F0', '0000', '8000', 'FFFF'];
    const signed = decodeField(engine, limited(2, 4, Type.INT32, SIGNED), short);
    expect(signed.values(0)).toEqual([9999, null, -9999, null, 0, null, -1]);
    expect(signed.bad(0)).toEqual([1, 3, 5]);
    expect(decodeField(engine, limited(2, 4, Type.INT32, 0, 2), short.slice(0, 2)).values(0)).toEqual([999900, null]);
    const long = ['0DE0B6B3A763FFFF', '0DE0B6B3A7640000', 'F21F494C589C0001', 'F21F494C589C0000', '8000000000000000'];
    const wide = decodeField(engine, limited(8, 18, Type.INT64, SIGNED), long);
    expect(wide.values(0)).toEqual([999999999999999999n, null, -999999999999999999n, null, null]);
    const little = decodeField(engine, limited(4, 9, Type.DECIMAL128, LITTLE, 1), ['FFC99A3B', '00CA9A3B', 'FFFFFFFF']);
    expect(little.values(0)).toEqual([9999999990n, null, null]);
    expect(decodeField(engine, limited(6, 12, Type.INT64), ['00E8D4A50FFF', '00E8D4A51000']).values(0)).toEqual([
      999999999999n,
      null,
    ]);
  });
});
