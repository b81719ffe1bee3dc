/**
 * ZONED: signs and zones in both encodings, widths up to 38 digits, absent, bad, lenient and P scaling.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField } from './plans.js';

const { SIGNED, ABSENT, LEADING, SEPARATE, ASCII, ASCII_PY, LENIENT, QUIET } = Flag;

const zoned = (digits: number, FLAGS: number, TYPE: number = Type.INT32, UP = 0): Words => ({
  OP: Op.ZONED,
  LENGTH: digits + (FLAGS & SEPARATE ? 1 : 0),
  DIGITS: digits,
  FLAGS,
  TYPE,
  UP,
});
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

describe.each(engines())('ZONED, engine $name', (engine) => {
  test('reads every sign zone of the last digit', () => {
    const signs = ['A', 'B', 'C', 'D', 'E', 'F'].map((zone) => `F1F2${zone}3`);
    const result = decodeField(engine, zoned(3, SIGNED), signs);
    expect(result.values(0)).toEqual([123, -123, 123, -123, 123, 123]);
    expect(result.bad(0)).toEqual([]);
  });

  test('takes a minus as bad without S, a plus as plus', () => {
    const result = decodeField(engine, zoned(2, 0), ['F1F2', 'F1C2', 'F1A2', 'F1E2', 'F1D2', 'F1B2', 'F0D0']);
    expect(result.values(0)).toEqual([12, 12, 12, 12, null, null, null]);
    expect(result.bad(0)).toEqual([4, 5, 6]);
    expect(result.badCount(0)).toBe(3);
  });

  test('reads a leading sign', () => {
    const result = decodeField(engine, zoned(3, SIGNED | LEADING), ['D1F2F3', 'C1F2F3', 'F1F2F3', 'F1F2D3']);
    expect(result.values(0)).toEqual([-123, 123, 123, null]);
  });

  test.each([2, 5, 8, 9, 12, 16, 17, 21, 31])(
    'takes of %i digits no separate sign but its two, no digit but its ten',
    (digits) => {
      const type = digits <= 9 ? Type.INT32 : digits <= 18 ? Type.INT64 : Type.DECIMAL128;
      const all = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
      for (const flags of [0, LEADING, ASCII, LEADING | ASCII]) {
        const [zone, plus, minus] = flags & ASCII ? ['3', '2b', '2d'] : ['f', '4e', '60'];
        const some = `${zone}1`.repeat(digits - 1);
        const place = (sign: string, rest: string): string => (flags & LEADING ? sign + rest : rest + sign);
        for (const signed of [0, SIGNED]) {
          const words = zoned(digits, flags | signed | SEPARATE, type);
          const bySign = decodeField(
            engine,
            words,
            all.map((sign) => place(sign, `${some}${zone}2`)),
          );
          const good = (byte: string): boolean => byte === plus || (byte === minus && signed !== 0);
          expect(all.filter((_, i) => bySign.values(0)[i] !== null)).toEqual(all.filter(good));
          const byDigit = decodeField(
            engine,
            words,
            all.map((digit) => place(plus, some + digit)),
          );
          expect(all.filter((_, i) => byDigit.values(0)[i] !== null)).toEqual(
            all.filter((byte) => /^.[0-9]$/.test(byte) && byte[0] === zone),
          );
        }
      }
    },
  );

  test('reads separate signs', () => {
    const trailing = decodeField(engine, zoned(2, SIGNED | SEPARATE), [
      'F1F24E',
      'F1F260',
      'F1F2F0',
      'F1D260',
      'F1F240',
    ]);
    expect(trailing.values(0)).toEqual([12, -12, null, null, null]);
    const leading = decodeField(engine, zoned(2, SIGNED | SEPARATE | LEADING), [
      '4EF1F2',
      '60F1F2',
      '40F1F2',
      'F1F260',
    ]);
    expect(leading.values(0)).toEqual([12, -12, null, null]);
    const unsigned = decodeField(engine, zoned(2, SEPARATE), ['F1F24E', 'F1F260']);
    expect(unsigned.values(0)).toEqual([12, null]);
    const inAscii = decodeField(engine, zoned(2, SIGNED | SEPARATE | ASCII), ['12+', '12-', '12 '].map(ascii));
    expect(inAscii.values(0)).toEqual([12, -12, null]);
  });

  test('reads both sign forms of ASCII', () => {
    const texts = ['120', '12{', '12A', '12I', '12}', '12J', '12R', '12p', '12y', '12S', '1 2'];
    const overpunch = decodeField(engine, zoned(3, SIGNED | ASCII), texts.map(ascii));
    expect(overpunch.values(0)).toEqual([120, 120, 121, 129, -120, -121, -129, null, null, null, null]);
    const letters = decodeField(engine, zoned(3, SIGNED | ASCII | ASCII_PY), texts.map(ascii));
    expect(letters.values(0)).toEqual([120, null, null, null, null, null, null, -120, -129, null, null]);
    const unsigned = decodeField(engine, zoned(3, ASCII), ['12{', '12A', '12}', '123'].map(ascii));
    expect(unsigned.values(0)).toEqual([120, 121, null, 123]);
  });

  test('takes blanks for absent only where told to', () => {
    const blanks = ['404040', '000000', 'FFFFFF', '40F140', '004040'];
    const told = decodeField(engine, zoned(3, SIGNED | ABSENT), blanks);
    expect(told.values(0)).toEqual([null, null, null, null, null]);
    expect(told.absent(0)).toBe(3);
    expect(told.bad(0)).toEqual([3, 4]);
    const strict = decodeField(engine, zoned(3, SIGNED), blanks);
    expect(strict.absent(0)).toBe(0);
    expect(strict.bad(0)).toEqual([0, 1, 2, 3, 4]);
    const inAscii = decodeField(engine, zoned(3, ASCII | ABSENT), ['202020', '404040']);
    expect(inAscii.absent(0)).toBe(1);
    expect(inAscii.bad(0)).toEqual([1]);
  });

  test('with QUIET counts bad bytes nowhere', () => {
    const result = decodeField(engine, zoned(2, QUIET | ABSENT), ['C1C1', '4040', 'F1F1', 'F1']);
    expect(result.values(0)).toEqual([null, null, 11, null]);
    expect(result.bad(0)).toEqual([]);
    expect([result.badCount(0), result.absent(0)]).toEqual([0, 1]);
  });

  test('reads leniently', () => {
    const rows = ['4040F1', '00F140', 'F1F240', '40D240', '404040', '404000', 'F140F1', 'F1C1F1', '40C14E'];
    const result = decodeField(engine, zoned(3, SIGNED | LENIENT), rows);
    expect(result.values(0)).toEqual([1, 1, 12, -2, 0, 0, null, null, null]);
    const absent = decodeField(engine, zoned(3, LENIENT | ABSENT), ['404040', '400040']);
    expect(absent.values(0)).toEqual([null, 0]);
    const leading = decodeField(engine, zoned(3, SIGNED | LENIENT | LEADING), ['40D1F2', 'D1F240', 'D14040', 'F1D240']);
    expect(leading.values(0)).toEqual([-12, -12, -1, null]);
    const separate = decodeField(engine, zoned(3, SIGNED | LENIENT | SEPARATE), [
      '40F1F240',
      'F1404060',
      '40404060',
      '0000F100',
      '40F1F2F3',
    ]);
    expect(separate.values(0)).toEqual([12, -1, 0, 1, null]);
  });

  test('reads up to 38 digits exactly', () => {
    const digits = '12345678901234567890123456789012345678';
    const stored = [...digits].map((d) => `F${d}`).join('');
    for (const n of [9, 10, 15, 16, 17, 18, 19, 30, 31, 37, 38]) {
      const type = n <= 9 ? Type.INT32 : n <= 18 ? Type.INT64 : Type.DECIMAL128;
      const bytes = stored.slice(0, 2 * n);
      const minus = `${bytes.slice(0, -2)}D${bytes.at(-1)}`;
      const value = type === Type.INT32 ? Number(digits.slice(0, n)) : BigInt(digits.slice(0, n));
      expect(decodeField(engine, zoned(n, SIGNED, type), [bytes, minus]).values(0)).toEqual([value, -value]);
      const wide = decodeField(engine, zoned(n, SIGNED, Type.DECIMAL128), [bytes, minus, 'F9'.repeat(n)]).values(0);
      expect(wide).toEqual([BigInt(value), -BigInt(value), BigInt('9'.repeat(n))]);
      const leading = `D${bytes.slice(1)}`;
      expect(decodeField(engine, zoned(n, SIGNED | LEADING, Type.DECIMAL128), [leading]).values(0)).toEqual([
        -BigInt(value),
      ]);
      const separate = decodeField(engine, zoned(n, SIGNED | SEPARATE | LEADING, Type.DECIMAL128), [
        `60${bytes}`,
        `F0${bytes}`,
      ]);
      expect(separate.values(0)).toEqual([-BigInt(value), null]);
      const lenient = decodeField(engine, zoned(n, SIGNED | LENIENT, Type.DECIMAL128), [`40${bytes.slice(2)}`]).values(
        0,
      );
      expect(lenient).toEqual([BigInt(digits.slice(1, n))]);
    }
  });

  test('appends zeros for P', () => {
    expect(decodeField(engine, zoned(2, SIGNED, Type.INT32, 3), ['F1D2']).values(0)).toEqual([-12000]);
    expect(decodeField(engine, zoned(5, SIGNED, Type.INT64, 8), ['F1F2F3F4D5']).values(0)).toEqual([-1234500000000n]);
    expect(decodeField(engine, zoned(3, 0, Type.INT64, 15), ['F9F9F9']).values(0)).toEqual([999n * 10n ** 15n]);
    const widest = decodeField(engine, zoned(8, SIGNED, Type.DECIMAL128, 30), ['F1F2F3F4F5F6F7D8', 'F9F9F9F9F9F9F9F9']);
    expect(widest.values(0)).toEqual([-12345678n * 10n ** 30n, 99999999n * 10n ** 30n]);
  });

  test('reads a number cut by its record as bad, one behind it as absent', () => {
    const result = decodeField(engine, { ...zoned(3, SIGNED), OFFSET: 1 }, [
      '40F1F2F3',
      '40F1F2',
      '40',
      '',
      '40F1F2F4',
    ]);
    expect(result.values(0)).toEqual([123, null, null, null, 124]);
    expect(result.bad(0)).toEqual([1]);
    expect(result.absent(0)).toBe(2);
  });

  test('negative zero is zero', () => {
    const result = decodeField(engine, zoned(20, SIGNED, Type.DECIMAL128), [`${'F0'.repeat(19)}D0`]);
    expect(result.values(0)).toEqual([0n]);
    expect(decodeField(engine, zoned(2, SIGNED), ['F0D0']).values(0)).toEqual([0]);
  });

  test('takes every byte for what it is where a separate sign stands', () => {
    const every = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
    for (const ascii of [0, Flag.ASCII]) {
      for (const signed of [0, Flag.SIGNED]) {
        for (const digits of [1, 5, 8, 9, 14, 17, 21]) {
          for (const leading of [0, Flag.LEADING]) {
            const body = (ascii ? '3' : 'f').concat('1').repeat(digits);
            const field: Words = {
              OP: Op.ZONED,
              DIGITS: digits,
              LENGTH: digits + 1,
              FLAGS: Flag.SEPARATE | ascii | signed | leading,
              TYPE: Type.DECIMAL128,
            };
            const rows = every.map((byte) => (leading ? byte + body : body + byte));
            const values = decodeField(engine, field, rows).values(0);
            const number = BigInt('1'.repeat(digits));
            const signs = values.map((value, byte) => [byte, value] as const).filter(([, value]) => value !== null);
            const [plus, minus] = ascii ? [0x2b, 0x2d] : [0x4e, 0x60];
            const wanted = [[plus, number], ...(signed ? [[minus, -number]] : [])];
            expect(signs, `${digits} digits, flags ${field.FLAGS}`).toEqual(
              wanted.sort(([a], [b]) => Number(a) - Number(b)),
            );
          }
        }
      }
    }
  });
});
