/**
 * EDITED: the numbers that edited pictures show.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Edit, Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField } from './plans.js';

const { ABSENT, ASCII, LENIENT, SIGNED } = Flag;

/** Classes of a picture's symbols; a floating string is written in lower case: `p` for +, `m` for -, `c` for $. */
const FLOATS: Readonly<Record<string, string>> = { p: '+', m: '-', c: '$' };

function picture(symbols: string): Uint8Array {
  const bytes: number[] = [];
  let floating = '';
  let credit = false;
  [...symbols].forEach((symbol) => {
    const code = (text: string): number => (text === '' ? 0 : text.charCodeAt(0));
    if (FLOATS[symbol]) {
      const isFirst = floating === '';
      floating = FLOATS[symbol]!;
      bytes.push(isFirst ? Edit.FLOATING_FIRST : Edit.FLOATING, isFirst ? code(floating) : 0, code(floating));
      return;
    }
    if (symbol !== ',' && symbol !== '.') floating = '';
    const kind =
      { '9': Edit.DIGIT, Z: Edit.SUPPRESS, '*': Edit.ASTERISK, '+': Edit.SIGN, '-': Edit.SIGN }[symbol] ??
      ('CRDB'.includes(symbol) ? (credit ? Edit.PAIR : Edit.CREDIT) : Edit.INSERT);
    if ('CRDB'.includes(symbol)) credit = !credit;
    bytes.push(
      kind,
      code(symbol === '9' || symbol === 'Z' || symbol === '*' ? '' : symbol === '_' ? ' ' : symbol),
      code(floating),
    );
  });
  return Uint8Array.from(bytes);
}

describe.each(engines())('EDITED, engine $name', (engine) => {
  const read = (
    symbols: string,
    texts: string[],
    FLAGS: number = ASCII | SIGNED,
    TYPE: number = Type.INT32,
    UP = 0,
  ): unknown => {
    const pool = picture(symbols);
    const field: Words = {
      OP: Op.EDITED,
      LENGTH: symbols.length,
      DIGITS: 0,
      FLAGS,
      TYPE,
      UP,
      POOL_LENGTH: pool.length,
    };
    return decodeField(
      engine,
      field,
      texts.map((text) => Buffer.from(text, 'latin1').toString('hex')),
      pool,
    ).values(0);
  };

  test('suppresses zeros', () => {
    expect(
      read('ZZ,ZZ9.99', [
        '12,345.67',
        ' 1,234.50',
        '     0.05',
        '    12.00',
        '  ,  1.00',
        '   ,12.00',
        '1 ,234.50',
        '12.345.67',
        '     0.5 ',
      ]),
    ).toEqual([1234567, 123450, 5, 1200, 100, null, null, null, null]);
  });

  test('fills with asterisks', () => {
    expect(read('**,**9.99', ['*****7.25', '12,345.67', '***   .25', '****,7.25', '    7.25*'])).toEqual([
      725,
      1234567,
      null,
      null,
      null,
    ]);
    expect(read('***.**', ['***.**', '**1.00', '****.*'])).toEqual([0, 100, null]);
  });

  test('reads fixed signs', () => {
    expect(read('+999', ['+012', '-012', ' 012', '*012'])).toEqual([12, -12, 12, null]);
    expect(read('999-', ['012-', '012 ', '012+'])).toEqual([-12, 12, null]);
  });

  test('reads floating signs and currency', () => {
    expect(read('pppp9', ['   +5', '   -5', '+1234', '-1234', '    5', '12345', '  + 5', '+ +12'])).toEqual([
      5,
      -5,
      1234,
      -1234,
      5,
      null,
      5,
      12,
    ]);
    expect(read('mmm9', ['  -5', '   5', '-123', ' 123', '  +5'])).toEqual([-5, 5, -123, 123, null]);
    expect(read('cc,ccc.99', ['$1,234.50', '    $1.50', '     $.50', '  $123.50', '1,234.50 '])).toEqual([
      123450,
      150,
      50,
      12350,
      null,
    ]);
  });

  test('reads CR and DB', () => {
    expect(read('999CR', ['012CR', '012  ', '012C ', '012 R', '012DB'])).toEqual([-12, 12, null, null, null]);
    expect(read('Z99DB', [' 12DB', ' 12  '])).toEqual([-12, 12]);
  });

  test('reads insertions and fixed currency', () => {
    expect(read('$9,999', ['$1,234', '$1 234', ' 1,234', '*1,234', 'x1,234'])).toEqual([1234, null, 1234, 1234, null]);
    expect(read('99/99', ['12/34', '12-34'])).toEqual([1234, null]);
  });

  test('takes a minus that the picture has a place for, whatever the flags say', () => {
    expect(read('999-', ['012-', '012 '], ASCII)).toEqual([-12, 12]);
  });

  test('blank is absent where told to, else what the picture says', () => {
    expect(read('ZZZ', ['   ', ' 12'], ASCII | ABSENT)).toEqual([null, 12]);
    expect(read('ZZZ', ['   ', ' 12'], ASCII)).toEqual([0, 12]);
    expect(read('ZZ9', ['   ', '\0\0\0'], ASCII)).toEqual([null, null]);
  });

  test('spaces are 0 where the item is BLANK WHEN ZERO, and bad or absent elsewhere', () => {
    const blanks = ['    ', '\0\0\0\0', '\xff\xff\xff\xff', '1 23', ' .25', '1.25', '   0'];
    expect(read('9.99', blanks, ASCII | LENIENT)).toEqual([0, null, null, null, null, 125, null]);
    expect(read('9.99', blanks, ASCII | LENIENT | ABSENT)).toEqual([0, null, null, null, null, 125, null]);
    expect(read('9.99', blanks, ASCII)).toEqual([null, null, null, null, null, 125, null]);
    const column = ['    ', '1.25', '    ', '9.99'];
    expect(read('9.99', column, ASCII | LENIENT | ABSENT, Type.DECIMAL128)).toEqual([0n, 125n, 0n, 999n]);
  });

  test('zero with only * positions is * everywhere, in the place of the sign too', () => {
    expect(read('***-', ['****', ' 12*', '*12*', '*12-', '***-', '*** '])).toEqual([0, null, null, -12, 0, 0]);
    expect(read('+***', ['****', '*123', '**12', '+*12'])).toEqual([0, null, null, 12]);
    expect(read('**.**CR', ['**.****', '*1.00**', '**.**C*', '**.***R', '*1.00CR'])).toEqual([
      0,
      null,
      null,
      null,
      -100,
    ]);
    expect(read('ZZZ-', ['   *', '  1*', '    '])).toEqual([null, null, 0]);
  });

  test('reads wide numbers and P', () => {
    const digits = '12345678901234567890123456789012345678';
    for (const n of [9, 10, 15, 16, 18, 30, 31, 38]) {
      const value = BigInt(digits.slice(0, n));
      expect(read(`${'9'.repeat(n)}-`, [`${digits.slice(0, n)}-`], ASCII | SIGNED, Type.DECIMAL128)).toEqual([-value]);
    }
    expect(read('999-', ['012-'], ASCII | SIGNED, Type.INT32, 4)).toEqual([-120000]);
    expect(read('999-', ['012-'], ASCII | SIGNED, Type.INT64, 10)).toEqual([-120000000000n]);
    expect(read('999-', ['012-'], ASCII | SIGNED, Type.DECIMAL128, 30)).toEqual([-12n * 10n ** 30n]);
  });

  test('reads EBCDIC', () => {
    const pool = Uint8Array.from([
      Edit.SUPPRESS,
      0,
      0,
      Edit.SUPPRESS,
      0,
      0,
      Edit.INSERT,
      0x4b,
      0,
      Edit.DIGIT,
      0,
      0,
      Edit.SIGN,
      0x60,
      0,
    ]);
    const field: Words = { OP: Op.EDITED, LENGTH: 5, FLAGS: SIGNED | ABSENT, TYPE: Type.DECIMAL128, POOL_LENGTH: 15 };
    const result = decodeField(
      engine,
      field,
      ['40F14BF560', '40404BF540', '404040F540', '4040404040', 'F1404BF540'],
      pool,
    );
    expect(result.values(0)).toEqual([-15n, 5n, 5n, null, null]);
    expect([result.absent(0), result.bad(0)]).toEqual([1, [4]]);
  });
});
