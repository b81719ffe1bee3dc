/**
 * One value, however it is read: messages in one call (on both engines, by code and by closures), rows of columns (by code
 * and by closures) and cursors give the same on random layouts with valid and corrupted records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/batch/batch.js';
import { cursorOf } from '../../src/batch/cursor.js';
import { DecodeLoop } from '../../src/batch/decode.js';
import { countFaults } from '../../src/batch/faults.js';
import { messageReader } from '../../src/batch/messages.js';
import { RowView } from '../../src/batch/row-view.js';
import { rowBuilder } from '../../src/batch/rows.js';
import { Copybook } from '../../src/copybook.js';
import { createTsEngine } from '../../src/engine/ts/engine.js';
import type { ValueOptions } from '../../src/options.js';
import type { Plan } from '../../src/plan/plan.js';
import { nativeEngine, planOf } from './plans.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from './random.js';

const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 600);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const RECORDS = 6;

const native = nativeEngine();
const ts = createTsEngine('parity test');
const all = native ? [native, ts] : [ts];

describe('objects of messages, columns and cursors agree', () => {
  it(`on ${LAYOUTS} layouts`, () => {
    const seen = { messages: 0, others: 0, layouts: 0 };
    for (let seed = FIRST; seed < FIRST + LAYOUTS; seed++) compare(seed, seen);
    if (LAYOUTS < 600) return;
    // fixed layouts are among them, and their records are both taken and left to columns
    expect(seen.layouts).toBeGreaterThan(50);
    expect(seen.messages).toBeGreaterThan(200);
    expect(seen.others).toBeGreaterThan(50);
  }, 120_000);
});

function compare(seed: number, seen: { messages: number; others: number; layouts: number }): void {
  const random = new Random(seed);
  const text = randomCopybook(random);
  const { layout } = Copybook.parse(text, { format: 'fixed' });
  const options = randomOptions(random, layout);
  const values: ValueOptions = {
    names: random.pick(['camel', 'snake', 'cobol']),
    decimals: random.pick(['string', 'number']),
  };
  const plan = planOf(layout, { ...options, text: random.pick(['latin1', 'latin1', 'utf8']) });
  const writer = new RecordWriter(random, layout, options);
  const quality = random.pick([100, 100, 90, 50]);
  const records = Array.from({ length: RECORDS }, () => writer.record(quality));
  const where = `seed ${seed}: ${JSON.stringify({ ...options, ...values })}\n${text}`;

  const build = rowBuilder(plan.schema, values, true);
  const closures = rowBuilder(plan.schema, values, false);
  const readers = all.flatMap((engine) =>
    [true, false].map((generate) => messageReader(engine, plan, values, generate)),
  );
  expect(new Set(readers.map((reader) => reader === null)).size, where).toBe(1);
  if (readers[0]) seen.layouts++;
  for (const record of records) {
    const shortened = random.chance(10) ? record.subarray(0, random.below(record.length + 1)) : record;
    for (const batch of batchesOf(plan, shortened)) {
      const row = build.row(batch, 0);
      expect(closures.slice(batch, 0, 1), where).toEqual([row]);
      for (const engine of all)
        expect(rowBuilder(plan.schema, values, true, engine.digits).slice(batch, 0, 1), where).toEqual([row]);
      for (const generate of [true, false]) {
        const cursor = cursorOf(batch, values, generate);
        expect([...cursor].map(objectOf), where).toEqual([row]);
      }
      const found = readers.map((reader) => reader?.(shortened));
      for (const other of found) expect(other, where).toEqual(found[0]);
      if (found[0] === undefined) {
        if (readers[0]) seen.others++;
        continue;
      }
      expect(found[0], where).toEqual(row);
      expect(Object.keys(found[0]), where).toEqual(Object.keys(row));
      expect(countFaults(batch), where).toBe(0);
      seen.messages++;
    }
  }
}

function batchesOf(plan: Plan, bytes: Uint8Array): Batch[] {
  const loop = new DecodeLoop(all[0]!, plan, { own: true, batchRecords: 1, typicalLength: 1 });
  const records = { data: bytes, starts: null, ends: null, first: 0, count: 1, stride: bytes.length };
  return [...loop.batches({ records, firstRecord: 1, recordNumbers: null })].map(({ batch }) => batch);
}

/** What a view shows, as an object. What was not selected is left out. */
function objectOf(view: object): object {
  const object = {};
  for (const key in view) {
    const value = (view as Record<string, unknown>)[key];
    if (value === undefined) continue;
    const own = value instanceof RowView ? objectOf(value) : value;
    Object.defineProperty(object, key, { value: own, enumerable: true, writable: true, configurable: true });
  }
  return object;
}
