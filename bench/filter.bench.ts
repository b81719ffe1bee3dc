/**
 * `where` on one text and one packed field of 100-byte records: conditions on raw bytes, and, as the third runner, what
 * they save: both fields decoded by the TypeScript engine, then a loop over the columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { DecodeLoop } from '../src/batch/decode.js';
import { Selection } from '../src/batch/selection.js';
import { Copybook, loadEngine } from '../src/index.js';
import { compile, compileFilter } from '../src/plan/compile.js';
import { random } from './data.js';
import { type Case, engineOf } from './case.js';

const LENGTH = 100;
const RECORDS = 2_100_000;
const COPYBOOK = `01 PAYMENT.
  05 ID PIC X(20).
  05 STATUS PIC X(4).
  05 FILLER PIC X(30).
  05 AMOUNT PIC S9(7)V99 COMP-3.
  05 FILLER PIC X(41).`;
const WHERE = "STATUS = 'OPEN' AND AMOUNT > 5000000.00";
const LIMIT = 500_000_000n;
const STATES = ['OPEN', 'SENT', 'HELD', 'PAID', 'VOID', 'LATE', 'PART', 'NEW '];

const copybook = Copybook.parse(COPYBOOK, { format: 'free' });
const encoded = STATES.map((state) =>
  Buffer.from(
    state.replace(/[A-Z ]/g, (c) => String.fromCharCode(ebcdic(c))),
    'latin1',
  ),
);

export const cases: readonly Case[] = [
  {
    name: 'filter',
    title: 'where on 2 fields, 100-byte records',
    runners: ['native', 'avx2', 'portable', 'ts', 'naive'],
    prepare(runner) {
      const { data, wanted } = payments();
      const all = { data, starts: null, ends: null, first: 0, count: RECORDS, stride: LENGTH };
      const work = { data, bytes: data.length, records: RECORDS };
      const check = (found: number): number => (found === wanted ? RECORDS : -found);
      if (runner === 'naive') {
        const loop = decodeLoop();
        return { ...work, round: () => check(decodeThenFilter(loop, all)) };
      }
      const filter = compileFilter(copybook.layout, WHERE);
      return {
        ...work,
        round() {
          const selection = new Selection(loadEngine(engineOf(runner)), filter, 0, Number.POSITIVE_INFINITY);
          let found = 0;
          for (const { records } of selection.parts(all, 1)) found += records.count;
          return check(found);
        },
      };
    },
  },
];

function decodeLoop(): DecodeLoop {
  const plan = compile(copybook.layout, { select: ['STATUS', 'AMOUNT'] });
  return new DecodeLoop(loadEngine('ts'), plan, { own: false, typicalLength: LENGTH });
}

/** Rows that meet the condition, by the columns. */
function decodeThenFilter(loop: DecodeLoop, records: Parameters<DecodeLoop['batches']>[0]['records']): number {
  const [O, P, E, N] = [0x4f, 0x50, 0x45, 0x4e];
  const most = Number(LIMIT);
  let found = 0;
  for (const { batch } of loop.batches({ records, firstRecord: 1, recordNumbers: null })) {
    const status = batch.get('STATUS')!;
    const amount = batch.get('AMOUNT')!;
    const { values: bytes } = status;
    const offsets = status.offsets!;
    const words = new Int32Array(amount.values.buffer, amount.values.byteOffset, 4 * batch.length);
    for (let row = 0; row < batch.length; row++) {
      const at = offsets[row]!;
      if (offsets[row + 1]! - at !== 4) continue;
      if (bytes[at] !== O || bytes[at + 1] !== P || bytes[at + 2] !== E || bytes[at + 3] !== N) continue;
      // below 2^31 and not below 0: one word is enough
      if (words[4 * row + 1] === 0 && words[4 * row]! > most) found++;
    }
  }
  return found;
}

function payments(): { data: Uint8Array; wanted: number } {
  const data = new Uint8Array(RECORDS * LENGTH).fill(0x40);
  const next = random(5);
  let wanted = 0;
  for (let at = 0; at < data.length; at += LENGTH) {
    for (let k = 0; k < 20; k++) data[at + k] = 0xc1 + (next() % 9);
    const state = next() % 8;
    data.set(encoded[state]!, at + 20);
    const digits = String(next() % 1_000_000_000).padStart(9, '0');
    const negative = next() % 4 === 0;
    for (let k = 0; k < 4; k++) data[at + 54 + k] = (Number(digits[2 * k]) << 4) | Number(digits[2 * k + 1]);
    data[at + 58] = (Number(digits[8]) << 4) | (negative ? 0x0d : 0x0c);
    if (state === 0 && !negative && Number(digits) > Number(LIMIT)) wanted++;
  }
  return { data, wanted };
}

/** The letter in code page 037. */
function ebcdic(letter: string): number {
  if (letter === ' ') return 0x40;
  const place = letter.charCodeAt(0) - 0x41;
  return place < 9 ? 0xc1 + place : place < 18 ? 0xd1 + place - 9 : 0xe2 + place - 18;
}
