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
import { errorOf } from '../copybook/error-of.js';

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

test('the sync option overrules the dialect', () => {
  const places = (dialect: Dialect, sync: 'apply' | 'ignore') =>
    layoutOf(parseCopybook('01 R. 05 A PIC X. 05 B PIC S9(9) COMP SYNC.', { format: 'free' }), { dialect, sync });
  expect(places('ibm', 'ignore').records[0]!.item.children[1]!.offset).toBe(1);
  expect(places('microfocus', 'apply').records[0]!.item.children[1]!.offset).toBe(4);
  expect(places('microfocus', 'apply').warnings).toEqual([]);
});

test('the pointerSize option says how long addresses are, and where they are aligned', () => {
  const text =
    '01 R. 05 A PIC X. 05 B POINTER SYNC. 05 C INDEX. 05 D FUNCTION-POINTER. 05 E PROCEDURE-POINTER. 05 F POINTER-32.';
  const lengths = (dialect: Dialect, pointerSize?: 4 | 8) =>
    layoutOf(parseCopybook(text, { format: 'free' }), { dialect, ...(pointerSize && { pointerSize }) })
      .records[0]!.item.children.slice(1)
      .map(({ offset, length }) => [offset, length]);
  expect(lengths('ibm')).toEqual([
    [4, 4],
    [8, 4],
    [12, 4],
    [16, 8],
    [24, 4],
  ]);
  expect(lengths('ibm', 8)).toEqual([
    [8, 8],
    [16, 8],
    [24, 8],
    [32, 8],
    [40, 4],
  ]);
  expect(lengths('gnucobol')).toEqual([
    [8, 8],
    [16, 4],
    [20, 8],
    [28, 8],
    [36, 4],
  ]);
  expect(lengths('microfocus', 8)).toEqual([
    [1, 8],
    [9, 8],
    [17, 8],
    [25, 8],
    [33, 4],
  ]);
  const options = { pointerSize: 6 as 8 };
  expect(errorOf(() => layoutOf(parseCopybook(text, { format: 'free' }), options)).hint).toContain('8 (64-bit)');
});

// IBM Enterprise COBOL for z/OS 6.4 Language Reference, "Slack bytes within records" and "Slack bytes between records"
test("the manual's records", () => {
  const places = (text: string) =>
    layoutOf(parseCopybook(text, { format: 'free' })).records.flatMap(({ item, length }) => [
      ...[...walk(item)].slice(1).map(({ name, offset }) => [name, offset]),
      [item.name, length],
    ]);
  expect(
    places('01 FIELD-A. 05 FIELD-B PIC X(5). 05 FIELD-C. 10 FIELD-D PIC XX. 10 FIELD-E PIC S9(6) COMP SYNC.'),
  ).toEqual([
    ['FIELD-B', 0],
    ['FIELD-C', 5],
    ['FIELD-D', 5],
    ['FIELD-E', 8],
    ['FIELD-A', 12],
  ]);
  expect(
    places('01 FIELD-L. 05 FIELD-M PIC X(5). 05 FIELD-N PIC XX. 05 FIELD-O. 10 FIELD-P PIC S9(6) COMP SYNC.'),
  ).toEqual([
    ['FIELD-M', 0],
    ['FIELD-N', 5],
    ['FIELD-O', 8],
    ['FIELD-P', 8],
    ['FIELD-L', 12],
  ]);
  // two bytes before COMP-PAY; the first element then ends one byte before a doubleword, so there is one at its end
  expect(
    places(
      `01 WORK-RECORD. 05 WORK-CODE PIC X. 05 COMP-TABLE OCCURS 10 TIMES. 10 COMP-TYPE PIC X.
       10 COMP-PAY PIC S9(4)V99 COMP SYNC. 10 COMP-HOURS PIC S9(3) COMP SYNC. 10 COMP-NAME PIC X(5).`,
    ),
  ).toEqual([
    ['WORK-CODE', 0],
    ['COMP-TABLE', 1],
    ['COMP-TYPE', 1],
    ['COMP-PAY', 4],
    ['COMP-HOURS', 8],
    ['COMP-NAME', 10],
    ['WORK-RECORD', 161],
  ]);
  // one byte before B-1, two before B-2
  expect(
    places(
      `01 COMP-RECORD. 05 A-1 PIC X(5). 05 A-2 PIC X(3). 05 A-3 PIC X(3). 05 B-1 PIC S9999 USAGE COMP SYNCHRONIZED.
       05 B-2 PIC S99999 USAGE COMP SYNCHRONIZED. 05 B-3 PIC S9999 USAGE COMP SYNCHRONIZED.`,
    ),
  ).toEqual([
    ['A-1', 0],
    ['A-2', 5],
    ['A-3', 8],
    ['B-1', 12],
    ['B-2', 16],
    ['B-3', 20],
    ['COMP-RECORD', 22],
  ]);
});
