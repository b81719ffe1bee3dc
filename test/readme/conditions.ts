/**
 * Claims of the README about conditions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Copybook, type OpenOptions, open } from '../../src/index.js';
import type { Claim } from './supported.js';

/** A in two letters, N in two digits, M another number: EBCDIC records AB 07 007, CA 10 009, and one of x'00'. */
const DATA = Buffer.from('c1c2f0f7f0f0f7c3c1f1f0f0f0f900000000000000', 'hex');
const ITEMS = "01 R. 05 A PIC XX. 88 IS-AB VALUE 'AB'. 05 N PIC 99. 05 M PIC 999.";

/** Numbers of the records that a condition selects. */
async function selected(where: string, items = ITEMS, options: Partial<OpenOptions> = {}): Promise<unknown> {
  const copybook = Copybook.parse(items, { format: 'free' });
  const found: number[] = [];
  for await (const batch of open(DATA, { copybook, recfm: 'F', where, ...options }).batches())
    found.push(...(batch.recordNumbers ?? []));
  return found;
}

export const conditions: readonly Claim[] = [
  ['= <> < <= > >= (or words)', () => Promise.all([selected('N <= 7'), selected('N GREATER THAN 7')]), [[1], [2]]],
  ['with a constant', () => selected("A = 'AB'"), [1]],
  ['figurative constants', () => selected('A = LOW-VALUES'), [3]],
  ["bytes (X'C1C2')", () => selected("A = X'C1C2'"), [1]],
  ['another item', () => selected('N = M'), [1]],
  ['IN', () => selected('N IN (1, 10)'), [2]],
  ['BETWEEN', () => selected('N BETWEEN 5 AND 10'), [1, 2]],
  ['LIKE [ESCAPE]', () => Promise.all([selected("A LIKE '%A'"), selected("A LIKE '!%' ESCAPE '!'")]), [[2], []]],
  ['IS [NOT] NULL', () => selected('N IS NULL'), [3]],
  ['AND OR NOT', () => selected("NOT (A = 'AB' OR N > 50) AND M > 1"), [2]],
  ['88 levels', () => selected('IS-AB'), [1]],
  [
    'on numbers, text of every code page, DISPLAY-1, NATIONAL, groups',
    () =>
      Promise.all([
        selected("R = 'AB07007'"),
        selected("A = 'AB'", ITEMS, { codePage: '939' }),
        selected("G = 'Ａ'", '01 R. 05 FILLER PIC X. 05 G PIC G. 05 FILLER PIC X(4).', { codePage: '939' }),
        selected('N < SPACES', '01 R. 05 FILLER PIC X. 05 N PIC N(3) NATIONAL.'),
      ]),
    [[1], [1], [], []],
  ],
];
