/**
 * PACKED: sign nibbles, widths up to 38 digits, the half byte that must be 0, COMP-6, absent and P scaling.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField } from './plans.js';

const { SIGNED, ABSENT, ASCII, NO_SIGN } = Flag;

const packed = (digits: number, FLAGS: number, TYPE: number = Type.INT32, UP = 0): Words => ({
  OP: Op.PACKED,
  LENGTH: FLAGS & NO_SIGN ? (digits + 1) >> 1 : (digits >> 1) + 1,
  DIGITS: digits,
  FLAGS,
  TYPE,
  UP,
});

describe.each(engines())('PACKED, engine $name', (engine) => {
  test('reads every sign nibble', () => {
    const rows = ['A', 'B', 'C', 'D', 'E', 'F', '0', '9'].map((sign) => `123${sign}`);
    const signed = decodeField(engine, packed(3, SIGNED), rows);
    expect(signed.values(0)).toEqual([123, -123, 123, -123, 123, 123, null, null]);
    expect(signed.bad(0)).toEqual([6, 7]);
    const unsigned = decodeField(engine, packed(3, 0), rows);
    expect(unsigned.values(0)).toEqual([123, null, 123, null, 123, 123, null, null]);
  });

  test('reads one digit', () => {
    expect(decodeField(engine, packed(1, SIGNED), ['7C', '7D', '0D', 'AC', 'CC']).values(0)).toEqual([
      7,
      -7,
      0,
      null,
      null,
    ]);
  });

  test('wants 0 in the unused half byte', () => {
    const rows = ['01234C', '11234C', 'A1234C', '0123AC'];
    expect(decodeField(engine, packed(4, SIGNED), rows).values(0)).toEqual([1234, null, null, null]);
    const narrow = ['0012345678901D', '1012345678901D'];
    expect(decodeField(engine, packed(12, SIGNED, Type.INT64), narrow).values(0)).toEqual([-12345678901n, null]);
    const wide = [`0${'9'.repeat(20)}C`, `1${'0'.repeat(20)}C`];
    expect(decodeField(engine, packed(20, SIGNED, Type.DECIMAL128), wide).values(0)).toEqual([10n ** 20n - 1n, null]);
  });

  test('finds a bad digit at every place of every width', () => {
    for (const n of [5, 9, 11, 15, 17, 18, 29, 31, 38]) {
      const good = `${'0'.repeat(1 - (n & 1))}${'1'.repeat(n)}C`;
      const bad = Array.from({ length: good.length - 1 }, (_, i) => `${good.slice(0, i)}A${good.slice(i + 1)}`);
      const result = decodeField(engine, packed(n, SIGNED, Type.DECIMAL128), [good, ...bad]);
      expect(result.values(0)).toEqual([BigInt('1'.repeat(n)), ...bad.map(() => null)]);
      expect(result.badCount(0)).toBe(bad.length);
    }
  });

  test('takes blanks for absent only where told to', () => {
    const blanks = ['4040', '0000', 'FFFF', '2020'];
    const told = decodeField(engine, packed(3, SIGNED | ABSENT), blanks);
    expect([told.absent(0), told.bad(0)]).toEqual([3, [3]]);
    const inAscii = decodeField(engine, packed(3, SIGNED | ABSENT | ASCII), blanks);
    expect([inAscii.absent(0), inAscii.bad(0)]).toEqual([3, [0]]);
    const strict = decodeField(engine, packed(3, SIGNED), blanks);
    expect([strict.absent(0), strict.badCount(0)]).toEqual([0, 4]);
  });

  test('reads up to 38 digits exactly', () => {
    const digits = '98765432109876543210987654321098765432';
    for (let n = 1; n <= 38; n++) {
      const magnitude = digits.slice(0, n);
      const stored = (n & 1 ? '' : '0') + magnitude;
      const type = n <= 9 ? Type.INT32 : n <= 18 ? Type.INT64 : Type.DECIMAL128;
      const value = type === Type.INT32 ? Number(magnitude) : BigInt(magnitude);
      const own = decodeField(engine, packed(n, SIGNED, type), [`${stored}C`, `${stored}D`]);
      expect(own.values(0)).toEqual([value, -value]);
      const wide = decodeField(engine, packed(n, SIGNED, Type.DECIMAL128), [`${stored}F`, `${stored}B`]);
      expect(wide.values(0)).toEqual([BigInt(value), -BigInt(value)]);
    }
  });

  test('appends zeros for P', () => {
    expect(decodeField(engine, packed(3, SIGNED, Type.INT32, 6), ['123D']).values(0)).toEqual([-123000000]);
    expect(decodeField(engine, packed(7, SIGNED, Type.INT64, 8), ['1234567C']).values(0)).toEqual([123456700000000n]);
    expect(decodeField(engine, packed(19, SIGNED, Type.DECIMAL128, 19), [`${'9'.repeat(19)}D`]).values(0)).toEqual([
      -(10n ** 19n - 1n) * 10n ** 19n,
    ]);
  });

  test('reads COMP-6', () => {
    expect(decodeField(engine, packed(4, NO_SIGN), ['1234', '123A', 'A234']).values(0)).toEqual([1234, null, null]);
    expect(decodeField(engine, packed(3, NO_SIGN), ['0123', '1123']).values(0)).toEqual([123, null]);
    expect(decodeField(engine, packed(2, NO_SIGN | ABSENT), ['40', '00', '41']).values(0)).toEqual([null, null, 41]);
    expect(decodeField(engine, packed(2, NO_SIGN), ['40', '00']).values(0)).toEqual([40, 0]);
    const digits = '98765432109876543210987654321098765432';
    for (const n of [9, 10, 14, 15, 16, 18, 28, 29, 30, 31, 37, 38]) {
      const stored = (n & 1 ? '0' : '') + digits.slice(0, n);
      const result = decodeField(engine, packed(n, NO_SIGN, Type.DECIMAL128), [stored]);
      expect(result.values(0)).toEqual([BigInt(digits.slice(0, n))]);
    }
    expect(decodeField(engine, packed(10, NO_SIGN, Type.INT64, 8), ['1234567890']).values(0)).toEqual([
      123456789000000000n,
    ]);
  });

  test('reads a number cut by its record as bad, one behind it as absent', () => {
    const result = decodeField(engine, { ...packed(5, SIGNED), OFFSET: 1 }, ['0012345C', '001234', '00', '0054321D']);
    expect(result.values(0)).toEqual([12345, null, null, -54321]);
    expect([result.bad(0), result.absent(0)]).toEqual([[1], 1]);
  });

  test('writes values and bitmaps for many records', () => {
    const rows = Array.from({ length: 1000 }, (_, i) =>
      i % 7 === 3 ? 'AAAAAA' : `${String(i).padStart(5, '0')}${i % 2 ? 'D' : 'C'}`,
    );
    const result = decodeField(engine, packed(5, SIGNED, Type.DECIMAL128), rows);
    const wanted = rows.map((_, i) => (i % 7 === 3 ? null : BigInt(i % 2 ? -i : i)));
    expect(result.values(0)).toEqual(wanted);
    expect(result.bad(0)).toEqual(wanted.flatMap((value, i) => (value === null ? [i] : [])));
  });
});
