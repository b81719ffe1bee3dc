/**
 * Tables: fixed and counted, nested ones, and which item is the counter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { type Item, walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';
import { errorOf } from '../copybook/error-of.js';

const within = (text: string) => layoutOf(parseCopybook(`01 R.\n${text}`, { format: 'free' }));
const items = (text: string): Item[] => [...walk(within(text).records[0]!.item)];
const named = (text: string, name: string): Item => items(text).find((item) => item.name === name)!;

test('a table takes its length times its number of items', () => {
  expect(
    items('05 A PIC X. 05 T OCCURS 3. 10 B PIC X(2). 10 C PIC X OCCURS 4. 05 D PIC X.').map(
      ({ name, offset, length }) => [name, offset, length],
    ),
  ).toEqual([
    ['R', 0, 20],
    ['A', 0, 1],
    ['T', 1, 6],
    ['B', 1, 2],
    ['C', 3, 1],
    ['D', 19, 1],
  ]);
});

test('offsets take tables at their maximum; the shortest record takes them at their minimum', () => {
  const { records } = within('05 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X(3). 05 E PIC X.');
  expect(records[0]).toMatchObject({ length: 17, minLength: 5 });
  expect(records[0]!.item.children[2]!.offset).toBe(16);
});

test.each([
  ['05 N PIC 9. 05 T OCCURS 5 DEPENDING ON N PIC X(3).', 16, 1],
  ['05 N PIC 9. 05 T OCCURS 2 TO 4 DEPENDING ON N. 10 A PIC X. 10 U OCCURS 1 TO 3 DEPENDING ON N PIC XX.', 29, 7],
  ['05 N PIC 9. 05 T OCCURS 2. 10 U OCCURS 0 TO 3 DEPENDING ON N PIC XX.', 13, 1],
  ['05 T OCCURS 3 PIC X.', 3, 3],
  ['05 N PIC 9. 05 A PIC X(9). 05 B REDEFINES A. 10 T OCCURS 1 TO 9 DEPENDING ON N PIC X.', 10, 10],
])('%s: longest and shortest', (text, length, minLength) => expect(within(text)).toMatchObject({ length, minLength }));

describe('the counter', () => {
  const counter = (text: string) => named(text, 'T').occurs!;

  test('is the item of that name', () => {
    const { dependingOn, dependingOnName, min, max } = counter('05 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.');
    expect([dependingOn!.path, dependingOnName, min, max]).toEqual(['R.N', 'N', 1, 5]);
  });

  test('a fixed table has none', () => {
    expect(counter('05 T OCCURS 5 PIC X.')).toEqual({ min: 5, max: 5, dependingOn: null, dependingOnName: null });
  });

  test('is the one in the nearest group around the table', () => {
    const text = '05 N PIC 9. 05 G. 10 N PIC 9. 10 H. 15 T OCCURS 1 TO 5 DEPENDING ON N PIC X.';
    expect(counter(text).dependingOn!.path).toBe('R.G.N');
    expect(counter(text.replace('ON N', 'ON N OF R')).dependingOn?.path).toBe('R.G.N');
  });

  test('can be inside a group beside the table, and in the same element of a table', () => {
    expect(counter('05 G. 10 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.').dependingOn!.path).toBe('R.G.N');
    expect(counter('05 E OCCURS 3. 10 N PIC 9. 10 T OCCURS 1 TO 5 DEPENDING ON N PIC X.').dependingOn!.path).toBe(
      'R.E.N',
    );
  });

  test('can be qualified', () => {
    const text = '05 G. 10 N PIC 9. 05 H. 10 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N OF H PIC X.';
    expect(counter(text)).toMatchObject({ dependingOn: { path: 'R.H.N' }, dependingOnName: 'N OF H' });
  });

  test('that is not in the record: a warning, and the name is kept', () => {
    const text = '05 NUMBER-OF PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON NUMBER-IF PIC X.';
    expect(counter(text)).toMatchObject({ dependingOn: null, dependingOnName: 'NUMBER-IF' });
    expect(within(text).warnings).toEqual([
      'copybook:2: R.T: the counter NUMBER-IF is not in this record; did you mean NUMBER-OF?',
    ]);
  });

  test('behind the table: a warning', () => {
    const text = '05 T OCCURS 1 TO 5 DEPENDING ON N PIC X. 05 N PIC 9.';
    expect(counter(text).dependingOn!.path).toBe('R.N');
    expect(within(text).warnings[0]).toContain('lies behind the table');
  });

  test.each(['PIC S9(4) COMP', 'PIC 9(3) COMP-3', 'PIC 99', 'PIC 9P', 'PIC S9(4) COMP-5', 'BINARY-SHORT'])(
    'can be %s',
    (clauses) => {
      expect(counter(`05 N ${clauses}. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.`).dependingOn!.name).toBe('N');
    },
  );

  test.each([
    ['05 G. 10 N PIC 9. 05 H. 10 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'could be any of R.G.N, R.H.N'],
    ['05 N. 10 A PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'is a group'],
    ['05 N PIC 9V9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'behind the point'],
    ['05 N PIC X. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'whole number'],
    ['05 N COMP-1. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'whole number'],
    ['05 N PIC Z9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'whole number'],
    ['05 E OCCURS 3. 10 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'is in a table (E)'],
    ['05 N PIC 9 OCCURS 2. 05 T OCCURS 1 TO 5 DEPENDING ON N PIC X.', 'is in a table (N)'],
    ['05 T OCCURS 1 TO 5 DEPENDING ON N. 10 N PIC 9.', 'inside the table'],
  ])('%s', (text, words) => {
    const error = errorOf(() => within(text));
    expect(error.code).toBe('OVP_LAYOUT_COUNTER');
    expect(error.message).toContain(words);
  });
});

test('a table without a highest number takes up to 16 MB, with a warning', () => {
  const { records, warnings } = within('05 N PIC 9(4). 05 T OCCURS 0 TO UNBOUNDED DEPENDING ON N. 10 A PIC X(4).');
  expect(records[0]!.item.children[1]!.occurs).toMatchObject({ min: 0, max: 4194304 });
  expect(records[0]!.minLength).toBe(4);
  expect(warnings[0]).toContain('UNBOUNDED');
  const unnumbered = within('05 N PIC 9(4). 05 T OCCURS UNBOUNDED DEPENDING ON N PIC X.');
  expect(unnumbered.records[0]!.item.children[1]!.occurs).toMatchObject({ min: 1, max: 16777216 });
});
