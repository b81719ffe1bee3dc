/**
 * Records of 300 bytes and 28 fields as JavaScript objects: one message at a time, batches, and a cursor that reads three
 * fields; against code generated for the record (generated.ts) and a loop over its fields (naive.ts). The records take
 * more memory than the caches have, and rounds go through all of them, so that each record comes from memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { statSync } from 'node:fs';
import { Copybook, open } from '../src/index.js';
import { type Case, type Runner, type Work, engineOf } from './case.js';
import { T300, copybookOf, lengthOf, records } from './data.js';
import { generated } from './generated.js';
import { naiveObject } from './naive.js';

/** So many for each byte of the file: 250,000 (75 MB) for 200 MB. */
const RECORDS_PER_BYTE = 1 / 800;
const LENGTH = lengthOf(T300);
const copybook = Copybook.parse(copybookOf(T300));
const all: readonly Runner[] = ['native', 'ts', 'generated', 'naive'];

/** What decodes one record where it lies, for the runners that have no library behind them. */
function byHand(runner: Runner): ((data: Buffer, start: number) => Record<string, unknown>) | null {
  if (runner === 'naive') return (data, start) => naiveObject(data, start, T300);
  return runner === 'generated' ? generated(T300).decode : null;
}

function dataFor(file: string): Buffer {
  return Buffer.from(records(T300, Math.ceil(statSync(file).size * RECORDS_PER_BYTE), 3).buffer);
}

function work(data: Buffer, round: Work['round']): Work {
  return { data, bytes: data.length, records: data.length / LENGTH, round };
}

export const cases: readonly Case[] = [
  {
    name: 'message',
    title: 'one 300-byte message to an object',
    runners: all,
    prepare(runner, file) {
      const data = dataFor(file);
      const messages = Array.from({ length: data.length / LENGTH }, (_, k) =>
        data.subarray(k * LENGTH, (k + 1) * LENGTH),
      );
      const hand = byHand(runner);
      const decoder = hand ? null : copybook.decoder({ engine: engineOf(runner) });
      return work(data, () => {
        let count = 0;
        for (const message of messages) if (decoder ? decoder.decode(message) : hand!(message, 0)) count++;
        return count;
      });
    },
  },
  {
    name: 'objects',
    title: '300-byte records to objects, `for await`',
    runners: all,
    prepare(runner, file) {
      const data = dataFor(file);
      const hand = byHand(runner);
      if (hand) return work(data, () => countByHand(data, hand));
      return work(data, async () => {
        let count = 0;
        for await (const row of open(data, { copybook, engine: engineOf(runner) }))
          if (row.account !== undefined) count++;
        return count;
      });
    },
  },
  {
    name: 'rows',
    title: '300-byte records to objects, arrays of `rows()`',
    runners: ['native', 'ts', 'generated'],
    prepare(runner, file) {
      const data = dataFor(file);
      const hand = byHand(runner);
      if (hand) return work(data, () => countByHand(data, hand));
      return work(data, async () => {
        let count = 0;
        for await (const rows of open(data, { copybook, engine: engineOf(runner) }).rows()) {
          for (const row of rows) if (row.account !== undefined) count++;
        }
        return count;
      });
    },
  },
  {
    name: 'kept',
    title: '3 of the 28 fields by cursors over `batches()`, which are to keep',
    runners: ['native', 'ts'],
    prepare(runner, file) {
      const data = dataFor(file);
      return work(data, async () => {
        let count = 0;
        for await (const batch of open(data, { copybook, engine: engineOf(runner) }).batches()) {
          for (const row of batch) {
            if (row.account !== undefined && row.balance !== undefined && row.branch !== undefined) count++;
          }
        }
        return count;
      });
    },
  },
  {
    name: 'cursor',
    title: '3 of the 28 fields by `cursors()`',
    runners: ['native', 'ts'],
    prepare(runner, file) {
      const data = dataFor(file);
      return work(data, async () => {
        let count = 0;
        for await (const cursor of open(data, { copybook, engine: engineOf(runner) }).cursors()) {
          for (const row of cursor) {
            if (row.account !== undefined && row.balance !== undefined && row.branch !== undefined) count++;
          }
        }
        return count;
      });
    },
  },
];

function countByHand(data: Buffer, decode: (data: Buffer, start: number) => Record<string, unknown>): number {
  let count = 0;
  for (let start = 0; start < data.length; start += LENGTH) if (decode(data, start).account !== 0.5) count++;
  return count;
}
