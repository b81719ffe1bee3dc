/**
 * Texts that somebody wrote to take time or memory: each ends as it should. What takes time with the square of their size would not
 * end within a test's time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { layoutOf } from '../../src/layout/layout.js';
import { errorOf } from './error-of.js';

/** So many lines of free format. */
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
const layout = (text: string) => layoutOf(parseCopybook(text, { format: 'free' }));

describe('are refused', () => {
  it.each<[string, string, string, RegExp]>([
    ['a picture of periods', `01 R PIC ${'.'.repeat(500_000)}X`, 'OVP_SYNTAX_PICTURE', /PICTURE \.{103}: /],
    ['ALL of ALL of ALL', `01 R PIC X VALUE ${'ALL '.repeat(100_000)}'A'.`, 'OVP_SYNTAX_UNEXPECTED', /behind ALL/],
    [
      'a number of half a million digits',
      `01 R PIC X VALUE H'${'F'.repeat(500_000)}'.`,
      'OVP_SYNTAX_LITERAL',
      /64 digits/,
    ],
    ['a name of half a million letters', `01 R. 5 ${'B'.repeat(500_000)} PIC X.`, 'OVP_SYNTAX_NAME', /128 characters/],
    [
      'a misspelt counter of as many',
      `01 R. 5 ${'B'.repeat(128)} PIC X. 5 T PIC X OCCURS 0 TO 9 DEPENDING ${'B'.repeat(500_000)}C.`,
      'OVP_SYNTAX_NAME',
      /128 characters/,
    ],
    [
      'edited pictures of many characters',
      `01 R. ${lines(1000, (i) => `5 PIC X(${i + 1})B(${995 - i > 0 ? 995 - i : 1}).`)}`,
      'OVP_SYNTAX_PICTURE',
      /more than 500000 characters/,
    ],
    [
      'paths that come to more than the text',
      `01 R. ${lines(48, (i) => `${i + 2} ${'B'.repeat(128)}${i < 47 ? '' : ' PIC X'}.`)}${lines(20_000, () => '49 A PIC X.')}`,
      'OVP_LAYOUT_LENGTH',
      /32000000 characters/,
    ],
    [
      'values that fill their items',
      `01 R. 5 A PIC X(65536). ${lines(200, (i) => `88 B${i} VALUE ALL X'41'.`)}`,
      'OVP_LAYOUT_LENGTH',
      /4000000 bytes/,
    ],
    [
      'types of types in a chain',
      `${lines(20_000, (i) => `01 T${i} TYPEDEF TYPE T${i + 1}.`)}01 T20000 TYPEDEF PIC X. 01 R TYPE T0.`,
      'OVP_SYNTAX_TYPE',
      /more than 16 types/,
    ],
    [
      'types with many 88 levels',
      `01 T TYPEDEF PIC X. ${lines(5000, (i) => `88 A${i} VALUE 1.`)}01 R. ${lines(20_000, () => '5 B TYPE T.')}`,
      'OVP_SYNTAX_TYPE',
      /100000 items/,
    ],
    [
      'a replacement that grows the text to gigabytes',
      `REPLACE ==A== BY ==${'B '.repeat(50_000)}==. 01 R. ${'A '.repeat(100_000)}.`,
      'OVP_SYNTAX_COPY',
      /5000000 characters/,
    ],
    [
      'replacements that are compared everywhere',
      `REPLACE ${lines(3000, (i) => `==A A A A A A A A A A A A A A A ${i}== BY ==B==`)}. 01 R. ${'A '.repeat(100_000)}.`,
      'OVP_SYNTAX_COPY',
      /too many replacements/,
    ],
    [
      'replacements on top of each other',
      `${lines(20_000, () => 'REPLACE ALSO ==A== BY ==B==.')}01 R PIC X.`,
      'OVP_SYNTAX_COPY',
      /too many/,
    ],
    ['a line of tabs', `${'\t'.repeat(500_000)}01 R PIC X.`, 'OVP_SYNTAX_FORMAT', /more than 1048576 columns/],
    [
      'thousands of files',
      `FILE SECTION. ${lines(14_000, (i) => `FD F${i}. 01 R PIC X.`)}`,
      'OVP_OPTION_FROM',
      /14000 files/,
    ],
    [
      'thousands of sections',
      `${lines(20_000, () => 'REPLACE OFF.\nFILE SECTION.')}01 R PIC X.`,
      'OVP_SYNTAX_PROGRAM',
      /100 sections/,
    ],
  ])('%s', (_, text, code, message) => {
    const error = errorOf(() => layout(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(10_000);
  });
});

describe('are read', () => {
  it('continued words, line after line', () => {
    const text = `       01  R\n${'      -A\n'.repeat(100)}           PIC X.\n`;
    expect(layoutOf(parseCopybook(text, { format: 'fixed' })).records[0]!.name).toBe(`R${'A'.repeat(100)}`);
    const literal = `       01  R PIC X VALUE 'A\n${"      -'AAAA\n".repeat(100_000)}      -'A'.\n`;
    expect(layoutOf(parseCopybook(literal, { format: 'fixed' })).length).toBe(1);
  });

  it('a REPLACE without an end, which is none', () => {
    const text = `REPLACE ==A== BY ==B==${' '.repeat(500_000)}\nFILE SECTION. 01 R PIC X.`;
    expect(layout(text).length).toBe(1);
  });

  it('lines that may be comments, each behind a picture that is not there yet', () => {
    const { length } = layoutOf(parseCopybook(`01 R.\n${lines(30_000, () => '5 A PIC\n*9.')}`, { format: 'free' }));
    expect(length).toBe(60_000);
  });
});

it('what is wrong 100 times is told 100 times, whatever else there is', () => {
  const error = errorOf(() => layout(`01 R. ${lines(30_000, (i) => `5 A${i} USAGE CMP${i}.`)}`));
  expect([error.code, error.others.length]).toEqual(['OVP_SYNTAX_UNEXPECTED', 99]);
  const constants = `${lines(10_000, (i) => `78 C${i} VALUE 1.`)}01 R. ${lines(10_000, (i) => `5 A OCCURS ZZ${i}.`)}`;
  expect(errorOf(() => layout(constants)).others.length).toBe(99);
});

it('a thousand warnings are told, and that there are more', () => {
  const { warnings } = layout(`01 R PIC X. ${lines(30_000, () => '.')}`);
  expect([warnings.length, warnings.at(-1)]).toEqual([1001, 'there are more warnings: these are the first 1000']);
});

it('of a line of a million characters a message shows what is around the culprit', () => {
  const error = errorOf(() => layout(`01 R. ${'5 A PIC X. '.repeat(40_000)}5 B PIZ X.`));
  expect(error.source).toMatchObject({ line: 1, column: 440_011 });
  const [, line, mark] = error.message.split('\n');
  expect(line!.length).toBeLessThan(250);
  expect(line!.slice(mark!.indexOf('^')).split(' ')[0]).toBe('PIZ');
});
