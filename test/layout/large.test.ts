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
