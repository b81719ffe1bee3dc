/**
 * What compilers add to data descriptions: named constants, types, further literals, source directives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';
import { errorOf } from './error-of.js';

const layout = (text: string) => layoutOf(parseCopybook(text, { format: 'free' }));
const items = (text: string) =>
  layout(text).records.flatMap(({ item }) =>
    [...walk(item)].map(({ level, name, offset, length }) => [level, name, offset, length]),
  );
const fails = (text: string) => errorOf(() => layout(text));

describe('constants', () => {
  test.each([
    ['78 N VALUE 5.', 5],
    ['78 N VALUE IS 5.', 5],
    ['01 N CONSTANT AS 5.', 5],
    ['01 N CONSTANT IS GLOBAL AS 5.', 5],
    ['78 M VALUE 3. 78 N VALUE M * 2 + 4 - 1.', 9],
    ['78 N VALUE 20 / 3.', 6],
    [`78 N VALUE H'0A'.`, 10],
  ])('%s', (constants, n) => {
    expect(items(`${constants} 01 R. 05 A PIC X(N) OCCURS N. 05 B PIC 9(N)V99.`)).toEqual([
      [1, 'R', 0, n * n + n + 2],
      [5, 'A', 0, n],
      [5, 'B', n * n, n + 2],
    ]);
  });

  test('as values and conditions', () => {
    const [record] = layout(`78 YES VALUE 'Y'. 01 R PIC X VALUE YES. 88 IS-SO VALUE YES THRU 'Z'.`).records;
    expect(record!.item).toMatchObject({
      value: { kind: 'text', value: 'Y' },
      conditions: [{ values: [{ from: { value: 'Y' }, to: { value: 'Z' } }] }],
    });
  });

  test.each([
    ['78 N VALUE LENGTH OF R.', 'LENGTH'],
    ['78 N VALUE 1. 78 N VALUE 2.', 'there already'],
    ['78 N VALUE 1 / 0.', 'division by zero'],
    [`78 N VALUE 'A' + 1.`, 'whole numbers'],
  ])('%s', (text, words) => {
    const error = fails(`${text} 01 R PIC X.`);
    expect(error.code).toBe('OVP_SYNTAX_CONSTANT');
    expect(error.message).toContain(words);
  });

  test('a misspelt one', () =>
    expect(fails('78 LIMIT VALUE 5. 01 R. 05 A PIC X OCCURS LIMTI.').hint).toContain('LIMIT'));
});

describe('types', () => {
  const DAY = '01 DAY-T TYPEDEF. 05 YEAR-X PIC 9(4). 05 MONTH-X PIC 99. 88 JANUARY VALUE 1.\n';

  test('an item of a type is a copy of it', () => {
    expect(items(`${DAY}01 R. 05 FROM-X TYPE DAY-T. 05 LIST TYPE TO DAY-T OCCURS 2. 05 Z PIC X.`)).toEqual([
      [1, 'R', 0, 19],
      [5, 'FROM-X', 0, 6],
      [9, 'YEAR-X', 0, 4],
      [9, 'MONTH-X', 4, 2],
      [5, 'LIST', 6, 6],
      [9, 'YEAR-X', 6, 4],
      [9, 'MONTH-X', 10, 2],
      [5, 'Z', 18, 1],
    ]);
  });

  test('of elementary types, types of types, and SAME AS', () => {
    const text =
      '01 MONEY TYPEDEF PIC S9(5)V99 COMP-3. 01 PRICE TYPEDEF TYPE MONEY. 01 R. 05 A TYPE PRICE. 05 B SAME AS A OCCURS 2.';
    expect(items(text)).toEqual([
      [1, 'R', 0, 12],
      [5, 'A', 0, 4],
      [5, 'B', 4, 4],
    ]);
    expect(layout(text).records[0]!.item.children.map(({ kind, scale }) => [kind, scale])).toEqual([
      ['packed', 2],
      ['packed', 2],
    ]);
  });

  test('conditions come along', () => {
    expect(layout(`${DAY}01 R TYPE DAY-T.`).records[0]!.item.children[1]!.conditions).toMatchObject([
      { name: 'JANUARY' },
    ]);
  });

  test.each([
    ['01 R. 05 A TYPE NONE.', 'no type NONE'],
    ['01 T TYPEDEF. 05 A TYPE T. 01 R TYPE T.', 'contains itself'],
    ['01 R. 05 T TYPEDEF PIC X.', 'only for level 01'],
    ['01 T TYPEDEF PIC X. 01 R. 05 A TYPE T PIC X.', 'PICTURE or USAGE of its own'],
    ['01 T TYPEDEF PIC X. 01 R. 05 A TYPE T. 10 B PIC X.', 'items below it'],
  ])('%s', (text, words) => {
    const error = fails(text);
    expect(error.code).toBe('OVP_SYNTAX_TYPE');
    expect(error.message).toContain(words);
  });

  test('types that grow without bound are refused', () => {
    const types = Array.from({ length: 30 }, (_, i) => `01 T${i + 1} TYPEDEF. 05 A TYPE T${i}. 05 B TYPE T${i}.`).join(
      '\n',
    );
    expect(fails(`01 T0 TYPEDEF PIC X.\n${types}\n01 R TYPE T30.`).code).toBe('OVP_SYNTAX_TYPE');
  });
});

test.each([
  [`B'1010'`, 'number', '10'],
  [`H'FF'`, 'number', '255'],
  [`'AB' & "CD" & 'E'`, 'text', 'ABCDE'],
  [`X'C1' & X'C2'`, 'hex', 'C1C2'],
  [`Z'A'`, 'text', 'A\0'],
  [`NX'0041'`, 'hex', '0041'],
])('VALUE %s', (text, kind, value) => {
  expect(layout(`01 R PIC X(9) VALUE ${text}.`).records[0]!.item.value).toEqual({ kind, value });
});

test.each(['DYNAMIC LENGTH', 'ANY LENGTH', 'USAGE BIT', 'LIKE B'])('%s is refused with the reason', (clause) => {
  const error = fails(`01 R. 05 A PIC X ${clause}.`);
  expect(error).toMatchObject({ code: 'OVP_SYNTAX_CLAUSE' });
  expect(error.hint!.length).toBeGreaterThan(20);
});

describe('source format', () => {
  const names = (text: string, format: 'auto' | 'variable' = 'auto') =>
    layoutOf(parseCopybook(text, { format })).records.flatMap(({ item }) => item.children.map(({ name }) => name));

  test('variable: fixed, without an end of the line', () => {
    const text = `000100 01 R.\n000200     05 A PIC X.${' '.repeat(60)}05 B PIC X.`;
    expect(names(text, 'variable')).toEqual(['A', 'B']);
    expect(names(`      $SET SOURCEFORMAT"VARIABLE"\n${text}`)).toEqual(['A', 'B']);
  });

  test('directives change it on the way', () => {
    const text = `000100 01 R.\n000200     05 A PIC X.\n       >>SOURCE FORMAT IS FREE\n05 B PIC X.\n>>SOURCE FIXED\n000300     05 C PIC X.`;
    expect(names(text)).toEqual(['A', 'B', 'C']);
  });
});

test('renames that overlap give a warning; those that hold each other do not', () => {
  const text = (second: string) =>
    `01 R. 05 A PIC X. 05 B PIC X. 05 C PIC X. 66 D RENAMES A THRU B. 66 E RENAMES ${second}.`;
  expect(layout(text('B THRU C')).warnings[0]).toContain('they overlap');
  expect(layout(text('A THRU C')).warnings).toEqual([]);
  expect(layout(text('C')).warnings).toEqual([]);
});
