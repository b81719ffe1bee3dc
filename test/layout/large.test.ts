/**
 * Large texts: a program of 30,000 lines and a record of 5,000 fields end as they should. How long they take is measured by
 * `npm run bench`; what takes time with the square of their size would not end here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { layoutOf } from '../../src/layout/layout.js';
import { compile } from '../../src/plan/compile.js';
import { columnCount } from '../../src/plan/plan.js';

const CLAUSES: readonly (readonly [string, number])[] = [
  ['PIC X(10)', 10],
  ['PIC 9(5)', 5],
  ['PIC S9(7)V99 COMP-3', 5],
  ['PIC S9(4) COMP', 2],
  ['PIC ZZ,ZZ9.99-', 10],
  ['PIC 9(3) OCCURS 4 TIMES', 12],
  ['PIC N(5)', 10],
  ['COMP-2', 8],
];
const entries = (name: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `           05  ${name}-${i}  ${CLAUSES[i % 8]![0]}.\n`).join('');
const lengthOf = (count: number): number =>
  Array.from({ length: count }, (_, i) => CLAUSES[i % 8]![1]).reduce((a, b) => a + b, 0);

test('a record of 5,000 fields compiles to a plan', () => {
  const layout = layoutOf(parseCopybook(`       01  R.\n${entries('FIELD', 5000)}`));
  expect(layout.length).toBe(lengthOf(5000));
  expect(layout.records[0]!.item.children.at(-1)!.offset).toBe(lengthOf(5000) - 8);
  expect(columnCount(compile(layout))).toBe(5000);
});

test('a program of 30,000 lines, and a copybook of as many', () => {
  const program = `       IDENTIFICATION DIVISION.
       PROGRAM-ID. LARGE.
       DATA DIVISION.
       FILE SECTION.
       FD  INPUT-FILE.
       01  IN-RECORD.
${entries('IN', 5000)}       WORKING-STORAGE SECTION.
       01  WORK-DATA.
${entries('WORK', 10000)}       PROCEDURE DIVISION.
${'           MOVE IN-1 TO WORK-1.\n'.repeat(15000)}`;
  expect(program.split('\n').length).toBeGreaterThan(30000);
  expect(layoutOf(parseCopybook(program)).length).toBe(lengthOf(5000));
  expect(layoutOf(parseCopybook(program, { from: 'WORK-DATA' })).length).toBe(lengthOf(10000));
  expect(layoutOf(parseCopybook(`       01  R.\n${entries('FIELD', 30000)}`)).length).toBe(lengthOf(30000));
});

test('30,000 alternatives of one area', () => {
  const text = Array.from({ length: 30000 }, (_, i) => `           05  B-${i} REDEFINES A PIC X(${1 + (i % 9)}).\n`);
  const layout = layoutOf(parseCopybook(`       01  R.\n           05  A PIC X(4).\n${text.join('')}`));
  expect(layout.length).toBe(9);
});

/** A record of so many lines of free format. */
const record = (head: string, count: number, line: (i: number) => string) =>
  layoutOf(
    parseCopybook(`01 R.\n${head}\n${Array.from({ length: count }, (_, i) => line(i)).join('\n')}`, { format: 'free' }),
  );

test('26,000 tables of variable length, by one counter, by one each, and by one that is nowhere', () => {
  const of = (layout: ReturnType<typeof record>) => layout.records[0]!.item.children;
  const one = of(record('5 C PIC 9.', 26000, (i) => `5 T${i} PIC X OCCURS 0 TO 9 DEPENDING C.`));
  expect(one.slice(1).every(({ occurs }) => occurs!.dependingOn === one[0])).toBe(true);
  const own = of(record('', 26000, (i) => `5 C${i} PIC 9. 5 T PIC X OCCURS 0 TO 9 DEPENDING C${i}.`));
  expect(own.every(({ occurs }, i) => !occurs || occurs.dependingOn === own[i - 1])).toBe(true);
  const { warnings } = record('5 COUNTER PIC 9.', 26000, (i) => `5 T${i} PIC X OCCURS 0 TO 9 DEPENDING COUNTE${i}.`);
  expect(warnings[0]).toMatch(/did you mean COUNTER\?$/);
  expect(warnings[20]).toMatch(/the counter COUNTE20 is not in this record$/);
});

test('a counter of each group, by qualified names', () => {
  const layout = record(
    '5 C PIC 9.',
    8000,
    (i) => `5 G${i}. 10 C PIC 9. 10 H. 15 C PIC 9. 10 T PIC X OCCURS 0 TO 9 DEPENDING C OF H IN G${i}.`,
  );
  for (const group of layout.records[0]!.item.children.slice(1))
    expect(group.children[2]!.occurs!.dependingOn).toBe(group.children[1]!.children[0]);
});

test('13,000 alternatives of a group of 13,000 items, and a chain of 26,000', () => {
  const wide = record('5 A.', 26000, (i) => (i < 13000 ? `10 A${i} PIC X.` : `5 B${i} REDEFINES A PIC X.`));
  expect(columnCount(compile(wide))).toBe(26000);
  const chain = record('5 A0 PIC X.', 26000, (i) => `5 A${i + 1} REDEFINES A${i} PIC X.`);
  expect(chain.length).toBe(1);
  expect(columnCount(compile(chain))).toBe(26001);
});

test('13,000 names of 13,000 items', () => {
  const layout = record('', 26000, (i) =>
    i < 13000 ? `5 A${i} PIC X.` : `66 B${i} RENAMES A${i - 13000} THRU A12999.`,
  );
  expect(layout.records[0]!.renames.map(({ length }) => length)).toEqual(
    Array.from({ length: 13000 }, (_, i) => 13000 - i),
  );
});

test('a counter behind 2,000 tables, each of which may be of any length', () => {
  const layout = record('', 2001, (i) => (i < 2000 ? `5 T${i} OCCURS 0 TO 9 DEPENDING C. 10 PIC X.` : '5 C PIC 9.'));
  expect(() => compile(layout)).toThrow(/the counter C lies where its place depends on how long the table is/);
});

test('20,000 tables without a name', () => {
  expect(() =>
    compile(
      record('', 20000, () => '5 PIC X OCCURS 2.'),
      { filler: true },
    ),
  ).toThrow(/at most 65536 and 4096/);
});
