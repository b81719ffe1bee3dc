/**
 * Copybooks as people have them: what compilers allow and textbooks don't show, and what other tools take although
 * compilers don't. Offsets and lengths are those that a COBOL compiler, or the tool that takes it, gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, test } from 'vitest';
import { walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';
import { parseCopybook } from '../../src/copybook/parse.js';

const places = (text: string) =>
  layoutOf(parseCopybook(text)).records.flatMap(({ item }) =>
    [...walk(item)].filter(({ level }) => level > 0).map(({ name, offset, length }) => `${name} ${offset} ${length}`),
  );

const HABITS: readonly (readonly [what: string, text: string, wanted: readonly string[]])[] = [
  [
    'clauses in any order, the picture last',
    '       01  R.\n           05  A COMP-3 OCCURS 3 PIC S9(5).\n           05  B OCCURS 3 REDEFINES A PIC X(3).\n',
    ['R 0 9', 'A 0 3', 'B 0 3'],
  ],
  [
    'groups and tables without a name',
    '       01  R.\n         05  A.\n          10  PIC X(4).\n          10  A-2 PIC X(2).\n         05  OCCURS 2.\n          10  C PIC X.\n',
    ['R 0 8', 'A 0 6', 'FILLER 0 4', 'A-2 4 2', 'FILLER 6 1', 'C 6 1'],
  ],
  [
    'an alternative without a name, longer than its target',
    '       05  A PIC X(2).\n       05  REDEFINES A.\n         10  OCCURS 2.\n           15  B PIC X(3).\n       05  C PIC X.\n',
    ['A 0 2', 'FILLER 0 6', 'FILLER 0 3', 'B 0 3', 'C 6 1'],
  ],
  [
    'levels of one digit, names that begin with one, levels that go back to a new one',
    '       1  R.\n         2  88-LEVELS.\n            4 1ST-BYTE PIC X.\n          3 2ND PIC X.\n',
    ['R 0 2', '88-LEVELS 0 2', '1ST-BYTE 0 1', '2ND 1 1'],
  ],
  [
    'names that are words of other languages, in any case',
    '       01  r.\n           05  text PIC X.\n           05  Float Comp-1.\n           05  Record-Type pic x.\n',
    ['R 0 6', 'TEXT 0 1', 'FLOAT 1 4', 'RECORD-TYPE 5 1'],
  ],
  [
    'change marks in columns 1 to 6, identification behind column 72',
    `1.006A 01  R EXTERNAL.\n02235A     05  A PIC S9(7)V     COMP-3.\n${'           05  B PIC X.'.padEnd(72)}CHG00012\n`,
    ['R 0 5', 'A 0 4', 'B 4 1'],
  ],
  [
    'tabs in front of some lines, spaces in front of others',
    '         01 R.\n             05 A PIC 9(10).\n\t     05 B   PIC X(8).\n',
    ['R 0 18', 'A 0 10', 'B 10 8'],
  ],
  [
    'comments that begin in column 1, or in column 8',
    '*************************\n       * A COMMENT\n        01  R.\n*****      FIELDS\n          10  A PIC X.\n',
    ['R 0 1', 'A 0 1'],
  ],
  [
    'lines much longer than a card',
    `         05 A${' '.repeat(90)}PIC X(3).\n         05 B${' '.repeat(90)}PIC S99 COMP.\n`,
    ['A 0 3', 'B 3 2'],
  ],
  [
    'a level number in column 7, behind a sequence number or not',
    `012345${'01  R.'.padEnd(66)}12345\n000001   03 A PIC X(4).\n      01  S.\n         03 B PIC X.\n`,
    ['R 0 4', 'A 0 4', 'S 0 1', 'B 0 1'],
  ],
  [
    'lists with commas, keys and indexes over several lines',
    "       01  R.\n           05  N PIC 9.\n           05  T OCCURS 1 TO 7 DEPENDING N\n                    ASCENDING K\n                    INDEXED BY A1,\n                               A2.\n              10  K  PIC X.\n                 88  K-OK VALUES ARE 'A', 'B' 'C' THROUGH 'E', SPACES.\n",
    ['R 0 8', 'N 0 1', 'T 1 1', 'K 1 1'],
  ],
  [
    'values of several kinds, signs and figurative constants',
    '       01  R.\n           05  A PIC S9(3)V99 COMP-3 VALUE -000000000.01.\n             88 A-LOW VALUE -999.99 THRU\n                  -000.01.\n           05  B PIC 9 VALUE NULL.\n           05  C PIC X(3) VALUE ALL QUOTES.\n',
    ['R 0 7', 'A 0 3', 'B 3 1', 'C 4 3'],
  ],
  [
    'the last period forgotten, the end of a file from another system',
    '       01  R.\r\n           05  A PIC X(3).\r\n           05  B PIC X\r\n\u001a',
    ['R 0 4', 'A 0 3', 'B 3 1'],
  ],
];

test.each(HABITS)('%s', (_, text, wanted) => expect(places(text)).toEqual(wanted));
