/**
 * Pictures: category, length, digits, scale, sign, and each position of edited ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { parsePicture } from '../../src/copybook/picture.js';
import { errorOf } from './error-of.js';

test.each([
  // picture, kind, bytes, digits, scale, signed
  ['X', 'text', 1, 0, 0, false],
  ['x(10)', 'text', 10, 0, 0, false],
  ['A(3)X9(2)', 'text', 6, 0, 0, false],
  ['X(0003)', 'text', 3, 0, 0, false],
  ['9(5)', 'zoned', 5, 5, 0, false],
  ['S9(7)V99', 'zoned', 9, 9, 2, true],
  ['SV9(5)', 'zoned', 5, 5, 5, true],
  ['9(5)V', 'zoned', 5, 5, 0, false],
  ['S9(4)V9(2)9', 'zoned', 7, 7, 3, true],
  ['99PPP', 'zoned', 2, 2, -3, false],
  ['99PPPV', 'zoned', 2, 2, -3, false],
  ['S9(3)P(5)', 'zoned', 3, 3, -5, true],
  ['VPP99', 'zoned', 2, 2, 4, false],
  ['PP99', 'zoned', 2, 2, 4, false],
  ['SVPP99', 'zoned', 2, 2, 4, true],
  ['SPP99', 'zoned', 2, 2, 4, true],
  ['P(10)9', 'zoned', 1, 1, 11, false],
  ['9(38)', 'zoned', 38, 38, 0, false],
  ['N(5)', 'national', 10, 0, 0, false],
  ['NNBNN', 'national', 10, 0, 0, false],
  ['G(4)', 'dbcs', 8, 0, 0, false],
  ['U(3)', 'utf8', 12, 0, 0, false],
  ['XXBXX/0', 'edited', 7, 0, 0, false],
  ['ABA', 'edited', 3, 0, 0, false],
  ['Z(6)9', 'edited', 7, 7, 0, false],
  ['Z,ZZZ,ZZ9.99-', 'edited', 13, 9, 2, true],
  ['$$$,$$9.99', 'edited', 10, 7, 2, false],
  ['*(5)9.99', 'edited', 9, 8, 2, false],
  ['9(5).99CR', 'edited', 10, 7, 2, true],
  ['ZZZ9.99DB', 'edited', 9, 6, 2, true],
  ['+++,++9.9', 'edited', 9, 6, 1, true],
  ['--(4)9', 'edited', 6, 5, 0, true],
  ['++9', 'edited', 3, 2, 0, true],
  ['--,--9', 'edited', 6, 4, 0, true],
  ['99/99/9999', 'edited', 10, 8, 0, false],
  ['9(3)+', 'edited', 4, 3, 0, true],
  ['ZZ9V99', 'edited', 5, 5, 2, false],
  ['ZZZ,ZZZ.ZZ', 'edited', 10, 8, 2, false],
  ['$**,**9.99', 'edited', 10, 7, 2, false],
  ['+$$$9', 'edited', 5, 3, 0, true],
  ['-$ZZ9', 'edited', 5, 3, 0, true],
  ['$++9', 'edited', 4, 2, 0, true],
  ['+++.++', 'edited', 6, 4, 2, true],
  ['9B999B99', 'edited', 8, 6, 0, false],
  ['ZZ9PP', 'edited', 3, 3, -2, false],
  ['£ZZ9.99', 'edited', 7, 5, 2, false],
  ['+9(4)E+99', 'edited', 9, 0, 0, false],
  ['-9.9(6)E-99', 'edited', 13, 0, 0, false],
  ['+9V99E-99', 'edited', 8, 0, 0, false],
])('%s', (text, kind, byteLength, digits, scale, signed) => {
  expect(parsePicture(text)).toMatchObject({ text: text.toUpperCase(), kind, byteLength, digits, scale, signed });
});

test('a huge count costs nothing', () => {
  expect(parsePicture('X(200000000)').byteLength).toBe(200000000);
});

describe('positions of edited pictures', () => {
  const roles = (text: string) =>
    parsePicture(text).edited!.positions.map(
      ({ role, symbol, digit }) => `${role}${symbol === role ? '' : symbol}${digit ? '#' : ''}`,
    );

  test.each([
    ['Z,Z9.9-', ['Z#', 'insert,', 'Z#', '9#', 'point.', '9#', 'sign-']],
    ['$$,$9', ['$', '$#', 'insert,', '$#', '9#']],
    ['++9', ['+', '+#', '9#']],
    ['--', ['-', '-#']],
    ['+9', ['sign+', '9#']],
    ['$9CR', ['currency$', '9#', 'CRC', 'pairR']],
    ['9DB', ['9#', 'DBD', 'pairB']],
    ['**9', ['*#', '*#', '9#']],
    ['9B/0', ['9#', 'insert ', 'insert/', 'insert0']],
    ['+$$9', ['sign+', '$', '$#', '9#']],
    ['ZV9', ['Z#', '9#']],
    ['XB9', ['text', 'insert ', 'text']],
  ])('%s', (text, expected) => {
    expect(roles(text)).toEqual(expected);
    expect(parsePicture(text).edited!.numeric).toBe(!text.startsWith('X'));
  });

  test('external floating point is text', () => {
    const { edited } = parsePicture('+9E+99');
    expect(edited).toMatchObject({ numeric: false });
    expect(edited!.positions.every(({ role }) => role === 'text')).toBe(true);
  });
});

describe('errors say which character and why', () => {
  const source = { file: 'f', line: 3, column: 20, length: 1, text: '' };

  test.each([
    // picture, index of the culprit, words of the message
    ['9VV9', 2, 'one decimal point'],
    ['9V.9', 2, 'one decimal point'],
    ['9S', 1, 'S must be the first'],
    ['SS9', 1, 'only once'],
    ['S', 0, 'at least one digit'],
    ['9P9', 1, 'P must stand'],
    ['P9P', 2, 'P must stand'],
    ['PVP9', 1, "can't stand between"],
    ['PPV99', 2, 'V must stand to the left'],
    ['99VPP', 2, 'V must stand to the right'],
    ['X(0)', 1, 'at least 1'],
    ['X()', 1, 'must be a number'],
    ['X(1O)', 1, 'must be a number'],
    ['X(3', 1, 'no closing parenthesis'],
    ['(3)X', 0, 'must follow'],
    ['9(39)', 0, 'at most 38'],
    ['9(30)P(9)', 0, 'at most 38'],
    ['X(999999999)', 0, 'more than'],
    ['Q', 0, 'no picture symbol'],
    ['9(3)1', 4, 'no picture symbol'],
    ['XV', 1, "can't stand in a picture with X"],
    ['NX', 0, "can't stand in a picture with X"],
    ['NG', 1, "can't stand in a picture with N"],
    ['S9-', 0, "S can't stand"],
    ['Z9Z', 2, "can't stand behind a 9"],
    ['Z*9', 1, "can't both"],
    ['Z++9', 1, "can't both"],
    ['ZZ.Z9', 3, 'all digits or none'],
    ['9.ZZ', 2, "can't stand behind a 9"],
    ['9-9', 1, 'the first or the last'],
    ['+9-', 2, 'a second sign'],
    ['+9CR', 2, 'a second sign'],
    ['9CR9', 1, 'must be the last'],
    ['9$', 1, 'must stand in front'],
    ['$9$', 2, 'one currency sign'],
    ['$$9++', 3, 'one floating string'],
    ['9CX', 1, 'C must be followed by R'],
    ['9.', 1, 'no point'],
    ['S9(5)COMP-3', 5, 'C must be followed'],
    ['9E99', 1, 'with E'],
    ['+9E+9', 2, 'two digits'],
    ['S(2)9', 1, "can't be repeated"],
  ])('%s', (text, at, words) => {
    const error = errorOf(() => parsePicture(text, { ...source, text: ' '.repeat(60) }));
    expect(error.code).toBe('OVP_SYNTAX_PICTURE');
    expect(error.message).toContain(words);
    expect(error.message).toContain(`(character ${at + 1} of the picture)`);
    expect(error.source).toMatchObject({ line: 3, column: 20 + at });
  });
});
