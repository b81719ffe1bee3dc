/**
 * SYNCHRONIZED: slack bytes before items and behind table elements, as IBM's Language Reference places them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';
import type { Dialect } from '../../src/options.js';

const layout = (text: string, dialect: Dialect = 'ibm') =>
  layoutOf(parseCopybook(`01 R.\n${text}`, { format: 'free' }), { dialect });
const offsets = (text: string, dialect: Dialect = 'ibm') =>
  Object.fromEntries(
    [...walk(layout(text, dialect).records[0]!.item)].slice(1).map(({ name, offset }) => [name, offset]),
  );

test.each([
  ['PIC S9(4) COMP', 2],
  ['PIC S9(5) COMP', 4],
  ['PIC S9(9) COMP-5', 4],
  ['PIC S9(18) COMP', 4],
  ['COMP-1', 4],
  ['COMP-2', 8],
  ['INDEX', 4],
  ['POINTER', 4],
  ['PROCEDURE-POINTER', 4],
  ['PIC S9(5) COMP-3', 1],
  ['PIC 9(4)', 1],
  ['PIC X(4)', 1],
])('%s lies on a multiple of %i', (clauses, boundary) => {
  expect(offsets(`05 A PIC X. 05 B ${clauses} SYNC.`).B).toBe(boundary);
  expect(offsets(`05 A PIC X. 05 B ${clauses}.`).B).toBe(1);
});

test('slack bytes within a group, and before a group that starts with a synchronized item', () => {
  expect(offsets('05 B PIC X(5). 05 C. 10 D PIC XX. 10 E PIC S9(6) COMP SYNC.')).toEqual({ B: 0, C: 5, D: 5, E: 8 });
  expect(offsets('05 M PIC X(5). 05 N PIC XX. 05 O. 10 P PIC S9(6) COMP SYNC.')).toEqual({ M: 0, N: 5, O: 8, P: 8 });
});

test('slack bytes between table elements', () => {
  const text = readFileSync(new URL('../fixtures/sync.cpy', import.meta.url));
  const { records } = layoutOf(parseCopybook(text));
  const items = [...walk(records[0]!.item)].map(({ name, offset, stride }) => [name, offset, stride]);
  expect(items).toEqual([
    ['SAMPLE', 0, 185],
    ['SAMPLE-CODE', 0, 1],
    ['SAMPLE-ROWS', 1, 16],
    ['ROW-TYPE', 1, 1],
    ['ROW-PAY', 4, 4],
    ['ROW-HOURS', 8, 2],
    ['ROW-NAME', 10, 5],
    ['SAMPLE-FLOAT', 168, 8],
    ['SAMPLE-LONG', 176, 8],
    ['SAMPLE-END', 184, 1],
  ]);
});

test('every occurrence of a synchronized item is on its boundary', () => {
  const { records } = layout(
    '05 A PIC X. 05 T OCCURS 3. 10 B PIC X. 10 U OCCURS 2. 15 C PIC X. 15 D PIC S9(9) COMP SYNC. 15 E PIC X.',
  );
  const [, table] = records[0]!.item.children;
  const [, inner] = table!.children;
  const item = inner!.children[1]!;
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 2; j++) expect((item.offset + i * table!.stride + j * inner!.stride) % 4).toBe(0);
});

test('SYNC of the 01 holds for all items in it; of a group below too, with a warning', () => {
  const all = layoutOf(parseCopybook('01 R SYNC. 05 A PIC X. 05 B PIC S9(4) COMP.', { format: 'free' }));
  expect(all.records[0]!.item.children[1]).toMatchObject({ offset: 2, synchronized: true });
  expect(all.warnings).toEqual([]);
  const { warnings, records } = layout('05 A PIC X. 05 G SYNC. 10 B PIC S9(4) COMP.');
  expect(records[0]!.item.children[1]!.offset).toBe(2);
  expect(warnings[0]).toContain('SYNC on a group');
});

test('an alternative stays where its target is, with a warning where that is no boundary', () => {
  const { records, warnings } = layout('05 A PIC X. 05 B PIC X(4). 05 C REDEFINES B PIC S9(9) COMP SYNC.');
  expect(records[0]!.item.children[2]!.offset).toBe(1);
  expect(warnings[0]).toContain('boundary of 4');
});

test('dialects differ', () => {
  const text = '05 A PIC X. 05 B PIC S9(18) COMP SYNC.';
  expect(offsets(text, 'ibm')).toEqual({ A: 0, B: 4 });
  expect(offsets(text, 'gnucobol')).toEqual({ A: 0, B: 8 });
  expect(offsets(text, 'microfocus')).toEqual({ A: 0, B: 1 });
  expect(layout(text, 'microfocus').warnings[0]).toContain('SYNC does nothing');
  const table = '05 T OCCURS 2. 10 B PIC S9(9) COMP SYNC. 10 C PIC X.';
  expect(layout(table, 'gnucobol').warnings[0]).toContain('GnuCOBOL is known');
  expect(layout(table, 'ibm').warnings).toEqual([]);
});
