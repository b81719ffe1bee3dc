/**
 * Mutated copybooks: tokens dropped, doubled, swapped and cut, from seeds. Whatever comes out ends in a layout or an
 * OverpunchError, with no more work than its size allows: what would grow without bound is refused. Each takes a few milliseconds at most;
 * how long the slowest took is printed, not asserted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import type { CopyLibrary } from '../../src/copybook/library.js';
import { OverpunchError } from '../../src/errors.js';
import { describeText } from '../../src/layout/describe.js';
import { describeTree } from '../../src/layout/drawing.js';
import { walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';

/** Copybooks of each seed: 10,000 in all. */
const COUNT = 2500;
const SEEDS = [20240817, 11, 7919, 271828];
/** Items that a copybook may come to: types of types multiply, and are refused before this. */
const MOST_ITEMS = 110_000;

const folder = new URL('../fixtures/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');
const PROGRAM = `IDENTIFICATION DIVISION. PROGRAM-ID. P.
ENVIRONMENT DIVISION. CONFIGURATION SECTION. SPECIAL-NAMES. DECIMAL-POINT IS COMMA CURRENCY SIGN IS 'EUR' WITH PICTURE SYMBOL 'U'.
DATA DIVISION. FILE SECTION. FD F RECORDING MODE IS V RECORD IS VARYING IN SIZE FROM 1 TO 90 BLOCK CONTAINS 0 RECORDS.
01 R. 05 N PIC 9(LIMIT). COPY PART REPLACING ==:T:== BY ==A== LEADING ==X== BY ==Y==. 05 T PIC UZ.ZZ9,99 OCCURS 1 TO 5 DEPENDING ON N.
66 W RENAMES N THRU A-B. REPLACE ==N== BY ==M==. 01 S PIC X. 88 S1 VALUE 'A' THRU 'C' 'X' & 'Y' FALSE 'N'. REPLACE OFF.
WORKING-STORAGE SECTION. 78 LIMIT VALUE 2 + 3. 01 D TYPEDEF. 05 Y PIC 9(4). 05 Z REDEFINES Y PIC X(4). 01 E TYPE D.
PROCEDURE DIVISION. STOP RUN.`;
const TYPES = `78 LIMIT VALUE 2 * 3. 01 DAY-T TYPEDEF. 05 Y PIC 9(4). 05 M PIC 99 OCCURS LIMIT. 01 R. 05 A TYPE DAY-T. 05 B SAME AS A OCCURS 3.
05 C PIC S9(5)V99 SIGN LEADING SEPARATE. 05 D PIC X(LIMIT) VALUE ALL 'x'. 05 E REDEFINES D. 10 F COMP-2 SYNC. 10 G PIC N(3). EXEC SQL INCLUDE PART END-EXEC. ++INCLUDE PART`;
const library: CopyLibrary = {
  find: (name) =>
    name === 'PART'
      ? { file: 'PART', text: '05 :T:-B PIC 9(3). 05 XB PIC X. COPY PART2.' }
      : name === 'PART2'
        ? { file: name, text: '05 P2 COMP.' }
        : null,
  missing: () => 'there are two',
};
const seeds = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.cpy'))
    .map(read),
  PROGRAM,
  TYPES,
  TYPES.replace(/COMP-2 SYNC/, 'PIC S9(4) COMP SYNC'),
];

/** Numbers from a seed: Park and Miller's generator. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = (state * 48271) % 2147483647) % limit;
}

function mutate(text: string, next: (limit: number) => number): string {
  const tokens = text.match(/\s+|[^\s().=:]+|./g) ?? [];
  for (let times = 1 + next(3); times > 0 && tokens.length > 0; times--) {
    const at = next(tokens.length);
    const other = next(tokens.length);
    switch (next(6)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, tokens[at]!);
        break;
      case 2:
        [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
        break;
      case 3:
        tokens[at] = tokens[at]!.slice(0, next(tokens[at]!.length + 1));
        break;
      case 4:
        tokens[at] = [
          '9',
          '0',
          '(',
          ')',
          '.',
          "'",
          '==',
          ':',
          ',',
          '\n',
          '-',
          '*',
          '999999999',
          'OCCURS',
          'COPY',
          '\u0000',
          'é',
          '01',
        ][next(18)]!;
        break;
      default:
        if (next(4) === 0)
          tokens.length = at; // all behind it is gone
        else tokens.splice(at, 0, tokens[other]!);
    }
  }
  return tokens.join('');
}

test.each(SEEDS)(`${COUNT} mutated copybooks of seed %i`, { timeout: 120_000 }, (seed) => {
  const next = random(seed);
  const outcomes = { layout: 0, error: 0 };
  let slowest = 0;
  for (let i = 0; i < COUNT; i++) {
    const text = mutate(seeds[i % seeds.length]!, next);
    const begin = performance.now();
    try {
      const dialect = (['ibm', 'gnucobol', 'microfocus'] as const)[i % 3]!;
      const layout = layoutOf(parseCopybook(text, { library }), { dialect });
      describeText(layout);
      describeTree(layout);
      for (const { item, length } of layout.records) {
        expect(Number.isSafeInteger(length) && length >= 0, text).toBe(true);
        expect(item.offset).toBe(0);
        expect([...walk(item)].length).toBeLessThan(MOST_ITEMS);
      }
      outcomes.layout++;
    } catch (error) {
      if (!(error instanceof OverpunchError)) throw new Error(`${String((error as Error).stack)}\n\n${text}`);
      expect(error.code).toMatch(/^OVP_(SYNTAX|LAYOUT|OPTION_FROM)/);
      outcomes.error++;
    }
    slowest = Math.max(slowest, performance.now() - begin);
  }
  console.info(
    `seed ${seed}: ${outcomes.layout} layouts, ${outcomes.error} errors, the slowest ${slowest.toFixed(0)} ms`,
  );
  // both ways are gone often, so neither is refused or accepted blindly
  expect(outcomes.layout).toBeGreaterThan(COUNT / 20);
  expect(outcomes.error).toBeGreaterThan(COUNT / 20);
});
