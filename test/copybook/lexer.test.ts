/**
 * Tokens: words, numbers, literals, pictures, and the periods that are one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, test } from 'vitest';
import { Diagnostics } from '../../src/copybook/diagnostics.js';
import { Lexer } from '../../src/copybook/lexer.js';
import { readSource } from '../../src/copybook/source.js';
import { errorOf } from './error-of.js';

function lex(text: string) {
  const diagnostics = new Diagnostics();
  const tokens = new Lexer(readSource(text, { format: 'free' }, diagnostics), diagnostics).run();
  diagnostics.throwIfFailed();
  return tokens;
}
const shown = (text: string) => lex(text).map(({ kind, text: value, prefix }) => `${kind}:${prefix}${value}`);

test('an entry', () => {
  expect(shown('05 a-b pic s9(3)v99 comp-3.')).toEqual([
    'number:05',
    'word:A-B',
    'word:PIC',
    'picture:S9(3)V99',
    'word:COMP-3',
    'period:.',
    'end:',
  ]);
});

test.each([
  ['PIC 9.99.', '9.99', true],
  ['PIC 9.99', '9.99', false],
  ['PIC 9(5),. ', '9(5)', true],
  ['PIC X, ', 'X', false],
  ['PICTURE IS\n Z,ZZ9.99-.', 'Z,ZZ9.99-', true],
  ['PIC\nIS\nX(3)', 'X(3)', false],
  ['PIC ISX', 'ISX', false],
  ['PIC $$,$$9.99CR.', '$$,$$9.99CR', true],
])('the picture of %s', (text, picture, period) => {
  const tokens = lex(text);
  expect(tokens[1]).toMatchObject({ kind: 'picture', text: picture });
  expect(tokens.some(({ kind }) => kind === 'period')).toBe(period);
});

test('a period is one only where a blank follows', () => {
  expect(shown('VALUE 9.5 .5 -1.25 +.5.')).toEqual([
    'word:VALUE',
    'number:9.5',
    'number:.5',
    'number:-1.25',
    'number:+.5',
    'period:.',
    'end:',
  ]);
  expect(errorOf(() => lex('05 A.B C.')).code).toBe('OVP_SYNTAX_PERIOD');
});

test('words may start with digits, numbers are only digits', () => {
  expect(shown('01 1A 5-X 007 1.5E+3')).toEqual([
    'number:01',
    'word:1A',
    'word:5-X',
    'number:007',
    'number:1.5E+3',
    'end:',
  ]);
});

test('literals: quotes of both kinds, doubled ones, prefixes', () => {
  expect(shown(`'it''s' "say ""hi""" X'c1C2' n"ab" z'x' ''`)).toEqual([
    `literal:it's`,
    'literal:say "hi"',
    'literal:Xc1C2',
    'literal:Nab',
    'literal:Zx',
    'literal:',
    'end:',
  ]);
});

test('a literal must end on its line', () => {
  expect(errorOf(() => lex(`01 A VALUE 'abc.\n05 B.`))).toMatchObject({
    code: 'OVP_SYNTAX_LITERAL',
    source: { line: 1, column: 12 },
  });
});

test('commas and semicolons separate; between digits they are an error', () => {
  expect(shown(`'A','B'; 1, 2`)).toEqual(['literal:A', 'literal:B', 'number:1', 'number:2', 'end:']);
  expect(errorOf(() => lex('VALUE 1,5.'))).toMatchObject({ code: 'OVP_SYNTAX_COMMA', source: { column: 8 } });
});

test('tokens know where they are and whether they are the first of their line', () => {
  const tokens = lex('01 A.\n  05 B.');
  expect(tokens.map(({ first }) => first)).toEqual([true, false, false, true, false, false, true]);
  expect(tokens[3]).toMatchObject({ offset: 6, length: 2 });
});

test('anything else is a token of its own', () => {
  expect(shown(':TAG:-NAME ( = “')).toEqual(['other::TAG:-NAME', 'other:(', 'other:=', 'other:“', 'end:']);
});
