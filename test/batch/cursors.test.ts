/**
 * Cursors of a reader: over memory that is used again, so that each is good until the next; and readers of one copybook
 * in turns, which share plans and builders.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import type { RowCursor } from '../../src/batch/cursor.js';
import { Copybook, open } from '../../src/index.js';
import { engines } from '../engine/engines.js';

const RECORDS = 1000;
const copybook = Copybook.parse(
  [
    '       01  R.',
    '           05  NAME   PIC X(20).',
    '           05  AMOUNT PIC S9(7)V99 COMP-3.',
    '           05  INNER.',
    '               10  NUMBER-OF PIC 9(5).',
    '           05  CODES  PIC X OCCURS 2.',
  ].join('\n'),
);

/** Some without an amount, some without a name. */
function data(tag: number): Buffer {
  const all = Buffer.alloc(RECORDS * 32, 0x40);
  for (let n = 0; n < RECORDS; n++) {
    const record = all.subarray(n * 32, n * 32 + 32);
    if (n % 7 === 3) record.fill(0, 0, 20);
    else record.fill(0xc1 + tag, 0, 1 + (n % 20));
    if (n % 5 !== 1) record.write(`${String(n * 100 + tag).padStart(9, '0')}${n % 2 ? 'd' : 'c'}`, 20, 'hex');
    record.set(
      [...String(n).padStart(5, '0')].map((digit) => 0xf0 + Number(digit)),
      25,
    );
    record.set([0xc1 + (n % 9), 0xc2], 30);
  }
  return all;
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}

interface Shown {
  readonly name: string | null;
  readonly amount: string | null;
  readonly inner: { readonly numberOf: number };
  readonly codes: string[];
}

const plain = ({ name, amount, inner, codes }: Shown): Shown => ({
  name,
  amount,
  inner: { numberOf: inner.numberOf },
  codes,
});

describe.each(engines().map(({ name }) => name))('cursors of a reader, %s', (engine) => {
  const options = { copybook, engine, batchRecords: 256 } as const;

  it('have the rows that rows() gives', async () => {
    const seen: Shown[] = [];
    for await (const cursor of open(data(1), options).cursors<Shown>()) for (const row of cursor) seen.push(plain(row));
    const rows = (await collect(open(data(1), options).rows())).flat();
    expect(rows).toHaveLength(RECORDS);
    expect(seen).toEqual(rows);
    expect(seen[6]).toMatchObject({ amount: null, inner: { numberOf: 6 }, codes: ['G', 'B'] });
    expect(seen[3]).toMatchObject({ name: null, amount: '-3.01' });
  });

  it('are good until the next one, and say so afterwards', async () => {
    const all: RowCursor<Shown>[] = [];
    for await (const cursor of open(data(2), options).cursors<Shown>()) {
      for (const old of all) {
        for (const look of [() => old.row.name, () => old.row.amount, () => old.row.inner.numberOf]) {
          expect(look).toThrow(expect.objectContaining({ code: 'OVP_IO_CLOSED' }));
        }
      }
      expect(cursor.seek(2).inner.numberOf).toBe(all.length * 256 + 2);
      all.push(cursor);
    }
    expect(all).toHaveLength(4);
    expect(() => all[3]!.row.name).toThrow(expect.objectContaining({ code: 'OVP_IO_CLOSED' }));
  });

  it('do not disturb other readers of the copybook', async () => {
    const left = open(data(3), options)[Symbol.asyncIterator]();
    const right = open(data(4), options)[Symbol.asyncIterator]();
    const names = { ...options, names: 'cobol' } as const;
    const third = open(data(5), names)[Symbol.asyncIterator]();
    const kept = (await collect(open(data(6), options).batches()))[1]!;
    for (let n = 0; n < RECORDS; n++) {
      const number = { inner: { numberOf: n } };
      if (n % 7 === 3) expect((await left.next()).value).toMatchObject({ name: null, ...number });
      else expect((await left.next()).value).toMatchObject({ name: 'D'.repeat(1 + (n % 20)), ...number });
      if (n < 300)
        expect((await right.next()).value).toMatchObject({ name: n % 7 === 3 ? null : 'E'.repeat(1 + (n % 20)) });
      if (n < 300) expect((await third.next()).value).toMatchObject({ INNER: { 'NUMBER-OF': n } });
      if (n === 299) await right.return!();
      if (n % 100 === 0) expect(kept.cursor().seek(n % 256)).toMatchObject({ inner: { numberOf: 256 + (n % 256) } });
    }
    expect((await left.next()).done).toBe(true);
    await third.return!();
  });
});
