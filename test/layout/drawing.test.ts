/**
 * What `inspect --tree` draws.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { describe, describeText } from '../../src/layout/describe.js';
import { describeTree } from '../../src/layout/drawing.js';
import { layoutOf } from '../../src/layout/layout.js';

const layout = (text: string) => layoutOf(parseCopybook(text, { format: 'free' }));

test('groups, tables, conditions and renames', () => {
  const text = `01 R. 05 N PIC 9. 88 NONE VALUE 0. 05 G OCCURS 1 TO 3 DEPENDING ON N. 10 A PIC X(4). 10 B COMP-1.
    05 C PIC XX. 05 D REDEFINES C PIC 99. 05 H PIC X. 66 E RENAMES C. 66 F RENAMES C THRU H.`;
  expect(describeTree(layout(text))).toBe(`\
R                     12 to 28 bytes
├─ N               0  9 DISPLAY
│  └─ 88 NONE         0
├─ G            1-24  occurs 1 to 3 depending on N
│  ├─ A          1-4  X(4) DISPLAY
│  └─ B          5-8  COMP-1
├─ C           25-26  XX DISPLAY
├─ D           25-26  99 DISPLAY, redefines C
├─ H              27  X DISPLAY
├─ 66 E        25-26  renames C
└─ 66 F        25-27  renames C thru H
`);
});

test('without an 01, and an elementary record with conditions', () => {
  expect(describeTree(layout('05 A PIC X. 05 B PIC X(3).'))).toBe(
    'record       4 bytes\n├─ A      0  X DISPLAY\n└─ B    1-3  X(3) DISPLAY\n',
  );
  expect(describeTree(layout(`01 A PIC X. 88 B VALUE 'x'.`))).toBe(`A          1 byte, X DISPLAY\n└─ 88 B    'x'\n`);
});

test('the FD of the records', () => {
  const file = layout(
    'FD F RECORDING MODE F RECORD CONTAINS 1 TO 4 CHARACTERS BLOCK CONTAINS 0 RECORDS. 01 R PIC X(4).',
  );
  const line = "file F: recording mode F, records of 1 to 4 bytes, blocks of the system's size\n\n";
  expect(describeTree(file).startsWith(line)).toBe(true);
  expect(describeText(file).startsWith(line)).toBe(true);
  expect(describe(file).file).toMatchObject({ name: 'F', recordingMode: 'F' });
  expect(describe(layout('01 R PIC X.')).file).toBeUndefined();
});
