/**
 * What `inspect` prints: the JSON contract, and the table for people.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { describe, describeText } from '../../src/layout/describe.js';
import { layoutOf } from '../../src/layout/layout.js';

const layout = (text: string) => layoutOf(parseCopybook(text, { format: 'free' }));

const TEXT = `01 ORDER-REC.
  05 ORDER-ID PIC 9(4).
  05 KIND PIC X. 88 OPEN-ORDER VALUE 'O'. 88 OTHER VALUES 'A' THRU 'C' SPACES WHEN FALSE 'Z'.
  05 N PIC S9(4) COMP.
  05 T OCCURS 0 TO 3 DEPENDING ON N.
    10 AMOUNT PIC S9(5)V99 COMP-3.
  05 AMOUNTS OCCURS 2 PIC S9(3) LEADING SEPARATE.
  05 X1 PIC X(4). 05 X2 REDEFINES X1 PIC S9(9) BINARY. 05 FILLER PIC XX.
  66 HEAD RENAMES ORDER-ID THRU N.`;

test('describe', () => {
  const item = (
    level: number,
    name: string,
    path: string,
    picture: string | null,
    usage: string | null,
    offset: number,
    length: number,
  ) => ({
    level,
    name,
    path: `ORDER-REC${path}`,
    picture,
    usage,
    offset,
    length,
    occurs: null,
    redefines: null,
  });
  expect(describe(layout(TEXT))).toEqual({
    records: [
      {
        name: 'ORDER-REC',
        length: 33,
        minLength: 21,
        items: [
          item(1, 'ORDER-REC', '', null, null, 0, 33),
          item(5, 'ORDER-ID', '.ORDER-ID', '9(4)', 'DISPLAY', 0, 4),
          item(5, 'KIND', '.KIND', 'X', 'DISPLAY', 4, 1),
          item(5, 'N', '.N', 'S9(4)', 'COMP', 5, 2),
          { ...item(5, 'T', '.T', null, null, 7, 4), occurs: { min: 0, max: 3, dependingOn: 'N' } },
          item(10, 'AMOUNT', '.T.AMOUNT', 'S9(5)V99', 'COMP-3', 7, 4),
          {
            ...item(5, 'AMOUNTS', '.AMOUNTS', 'S9(3)', 'DISPLAY', 19, 4),
            occurs: { min: 2, max: 2, dependingOn: null },
          },
          item(5, 'X1', '.X1', 'X(4)', 'DISPLAY', 27, 4),
          { ...item(5, 'X2', '.X2', 'S9(9)', 'COMP', 27, 4), redefines: 'X1' },
          item(5, 'FILLER', '.FILLER', 'XX', 'DISPLAY', 31, 2),
        ],
        renames: [
          { name: 'HEAD', path: 'ORDER-REC.HEAD', offset: 0, length: 7, from: 'ORDER-REC.ORDER-ID', to: 'ORDER-REC.N' },
        ],
      },
    ],
  });
});

test('the unnamed group of a copybook without 01 is not listed', () => {
  const { records } = describe(layout('05 A PIC X. 05 B COMP-2.'));
  expect(records).toMatchObject([
    {
      name: '',
      length: 9,
      items: [
        { name: 'A', path: 'A' },
        { name: 'B', usage: 'COMP-2', picture: null },
      ],
    },
  ]);
});

test('describeText', () => {
  expect(describeText(layout(TEXT)).split('\n')).toEqual([
    'level and name     picture   usage    offset  length',
    '01 ORDER-REC                               0      33',
    '  05 ORDER-ID      9(4)      DISPLAY       0       4',
    '  05 KIND          X         DISPLAY       4       1',
    "    88 OPEN-ORDER                                     'O'",
    "    88 OTHER                                          'A' thru 'C' SPACE, false 'Z'",
    '  05 N             S9(4)     COMP          5       2',
    '  05 T                                     7       4  occurs 0 to 3 depending on N',
    '    10 AMOUNT      S9(5)V99  COMP-3        7       4',
    '  05 AMOUNTS       S9(3)     DISPLAY      19       4  occurs 2, sign leading separate',
    '  05 X1            X(4)      DISPLAY      27       4',
    '  05 X2            S9(9)     COMP         27       4  redefines X1',
    '  05 FILLER        XX        DISPLAY      31       2',
    '  66 HEAD                                  0       7  renames ORDER-ID thru N',
    'ORDER-REC: 21 to 33 bytes',
    '',
  ]);
});

test('a record each, with a blank line between', () => {
  const text = describeText(layout(`01 A PIC X. 01 B PIC X(2) JUST VALUE X'C1'. 88 C VALUE X'C1C2' ALL 'it''s'.`));
  expect(text).toContain('A: 1 byte\n\nlevel');
  expect(text).toContain('justified');
  expect(text).toContain(`X'C1C2' ALL 'it''s'`);
});
