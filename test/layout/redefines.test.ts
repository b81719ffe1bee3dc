/**
 * REDEFINES: where alternatives lie, what follows them, and which targets are refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';
import { errorOf } from '../copybook/error-of.js';

const layout = (text: string) => layoutOf(parseCopybook(text, { format: 'free' }));
const places = (text: string) =>
  [...walk(layout(`01 R.\n${text}`).records[0]!.item)]
    .slice(1)
    .map(({ name, offset, length, redefines }) => [name, offset, length, redefines?.name ?? null]);

test('alternatives share the offset of their target', () => {
  expect(
    places(
      '05 P PIC X. 05 A PIC X(4). 05 B REDEFINES A. 10 B1 PIC 99. 10 B2 PIC 99. 05 C REDEFINES A PIC X. 05 Z PIC X.',
    ),
  ).toEqual([
    ['P', 0, 1, null],
    ['A', 1, 4, null],
    ['B', 1, 4, 'A'],
    ['B1', 1, 2, null],
    ['B2', 3, 2, null],
    ['C', 1, 1, 'A'],
    ['Z', 5, 1, null],
  ]);
});

test('a chain ends at the same area', () => {
  expect(
    places('05 P PIC X. 05 A PIC X(4). 05 B REDEFINES A PIC 9(4). 05 C REDEFINES B PIC X(2). 05 Z PIC X.'),
  ).toEqual([
    ['P', 0, 1, null],
    ['A', 1, 4, null],
    ['B', 1, 4, 'A'],
    ['C', 1, 2, 'B'],
    ['Z', 5, 1, null],
  ]);
});

test('what follows comes after the longest alternative, with a warning', () => {
  const text = '05 A PIC X(2). 05 B REDEFINES A PIC X(5). 05 C REDEFINES A PIC X(3). 05 Z PIC X.';
  expect(places(text).at(-1)).toEqual(['Z', 5, 1, null]);
  expect(layout(`01 R.\n${text}`).warnings).toEqual([
    'copybook:2: R.B is 3 bytes longer than A, which it redefines; what follows comes after it',
    'copybook:2: R.C is 1 byte longer than A, which it redefines; what follows comes after it',
  ]);
});

test('inside an alternative, and inside tables', () => {
  expect(
    places('05 T OCCURS 2. 10 A PIC X(4). 10 B REDEFINES A. 15 C PIC XX. 15 D REDEFINES C PIC 99. 05 Z PIC X.'),
  ).toEqual([
    ['T', 0, 4, null],
    ['A', 0, 4, null],
    ['B', 0, 2, 'A'],
    ['C', 0, 2, null],
    ['D', 0, 2, 'C'],
    ['Z', 8, 1, null],
  ]);
});

test('a table as target shares the storage of all its items', () => {
  expect(places('05 A PIC X(2) OCCURS 4. 05 B REDEFINES A PIC X(8). 05 Z PIC X.').at(-1)).toEqual(['Z', 8, 1, null]);
  expect(layout('01 R. 05 A PIC X OCCURS 4. 05 B REDEFINES A PIC X(4).').warnings[0]).toContain('which is a table');
});

test('the nearest item of that name before it is the target', () => {
  expect(places('05 A PIC X. 05 A PIC X(2). 05 B REDEFINES A PIC 99.')).toEqual([
    ['A', 0, 1, null],
    ['A', 1, 2, null],
    ['B', 1, 2, 'A'],
  ]);
});

test('FILLER can redefine, and REDEFINES need not be the first clause', () => {
  expect(places('05 A PIC X(2). 05 FILLER PIC 99 REDEFINES A. 05 Z PIC X.')).toEqual([
    ['A', 0, 2, null],
    ['FILLER', 0, 2, 'A'],
    ['Z', 2, 1, null],
  ]);
});

test('level 01', () => {
  const { records, length, warnings } = layout('01 A PIC X(4). 01 B REDEFINES A. 05 C PIC X(6).');
  expect(records.map(({ item }) => item.redefines?.name ?? null)).toEqual([null, 'A']);
  expect(records[1]!.item.redefines).toBe(records[0]!.item);
  expect([length, warnings]).toEqual([6, []]);
});

test('OCCURS DEPENDING ON in redefined storage gets a warning', () => {
  const { warnings } = layout(
    '01 R. 05 N PIC 9. 05 A PIC X(9). 05 B REDEFINES A. 10 T OCCURS 1 TO 9 DEPENDING ON N PIC X.',
  );
  expect(warnings).toEqual([expect.stringContaining('R.B.T has OCCURS DEPENDING ON where storage is redefined')]);
});

describe('refused', () => {
  test.each([
    ['05 A PIC X. 05 B REDEFINES NOWHERE PIC X.', 'is not among the items before it'],
    ['05 B REDEFINES A PIC X. 05 A PIC X.', 'comes only after it'],
    ['05 G. 10 A PIC X. 05 B REDEFINES A PIC X.', 'is not among the items before it'],
    ['05 A PIC X. 05 X PIC X. 05 B REDEFINES A PIC X.', 'R.X stands between them'],
  ])('%s', (text, words) => {
    const error = errorOf(() => layout(`01 R.\n${text}`));
    expect(error.code).toBe('OVP_LAYOUT_REDEFINES');
    expect(error.message).toContain(words);
  });

  test('did you mean', () => {
    expect(errorOf(() => layout('01 R. 05 BODY PIC X. 05 B REDEFINES BODDY PIC X.')).hint).toBe('Did you mean BODY?');
  });
});
