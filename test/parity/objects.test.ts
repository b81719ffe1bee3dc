/**
 * One value, however it is read: messages, one or several in a call (on both engines, by code and by closures), rows of columns (by code
 * and by closures) and cursors give the same on random layouts with valid and corrupted records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/batch/batch.js';
import { cursorOf } from '../../src/batch/cursor.js';
import { DecodeLoop } from '../../src/batch/decode.js';
import { countFaults } from '../../src/batch/faults.js';
import { messageReader, messagesReader } from '../../src/batch/messages.js';
import { RowView } from '../../src/batch/row-view.js';
import { rowBuilder } from '../../src/batch/rows.js';
import { Copybook, faults, open } from '../../src/index.js';
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

/** Rows of the native engine come by messages, the others' by columns. */
describe.runIf(native)('rows of readers agree', () => {
  const copybook = Copybook.parse(
    '01 R.\n 05 ID PIC 9(6).\n 05 NAME PIC X(10).\n 05 N PIC S9(5)V99 COMP-3.\n 05 T PIC S9(4) COMP OCCURS 3.\n',
    { format: 'free' },
  );
  const LENGTH = 26;

  /** Records with a descriptor each: one in `every` has a bad N, and so many are too short, too long or hold what is not in Latin-1. */
  function data(count: number, every: number): Buffer {
    return Buffer.concat(
      Array.from({ length: count }, (_, i) => {
        const odd = ((i + 1) * 7919) % every;
        const length = LENGTH + (odd === 1 ? 3 : odd === 2 ? -2 : odd === 3 ? -12 : 0);
        const record = Buffer.alloc(4 + LENGTH + 3, 0x40);
        record.writeUInt16BE(4 + length);
        record.writeUInt16BE(0, 2);
        for (let k = 0, n = i; k < 6; k++, n = Math.floor(n / 10)) record[4 + 5 - k] = 0xf0 + (n % 10);
        record.set([0xc1, 0xc2, 0x51 + (i % 9)], 10);
        record.set(odd === 0 ? [0x12, 0xaa, 0x56, 0x7c] : [0x12, 0x34, 0x56, i % 2 ? 0x7d : 0x7c], 20);
        for (let k = 0; k < 3; k++) record.writeInt16BE(((i + k) % 200) - 100, 24 + 2 * k);
        return record.subarray(0, 4 + length);
      }),
    );
  }

  const read = async (engine: 'native' | 'ts', bytes: Buffer, options: object) => {
    const reader = open(bytes, { copybook, recfm: 'V', engine, ...options });
    const rows: unknown[] = [];
    let error: unknown = null;
    try {
      for await (const some of reader.rows()) for (const row of some) rows.push([row, faults(row)]);
    } catch (caught) {
      error = String(caught);
    }
    const { engine: _, badValues, ...summary } = reader.summary;
    // a read that ends early has counted what was bad as far as it had decoded
    return { rows, error, summary, badValues: error === null ? badValues : badValues > 0 };
  };

  for (const every of [4, 5, 50, 1000, 100_000]) {
    it(`where one record in ${every} is odd`, async () => {
      const bytes = data(5000, every);
      for (const options of [
        {},
        { onBadData: 'throw' },
        { onBadData: 'null', maxFaults: 3 },
        { where: 'ID > 1000 AND N < 0', skip: 10, limit: 1500 },
        { select: ['NAME', 'N'], batchRecords: 100 },
      ]) {
        const expected = await read('ts', bytes, options);
        expect(await read('native', bytes, options), JSON.stringify(options)).toEqual(expected);
        expect(expected.rows.length, JSON.stringify(options)).toBeGreaterThan(0);
      }
    });
  }
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
  const together = [true, false].flatMap(
    (generate) => (native && messagesReader(native, plan, values, generate)) ?? [],
  );
  expect(together, where).toHaveLength(native && readers[0] ? 2 : 0);
  for (const readMany of together) {
    const places = records.map((record, k) => [k, record.length] as const);
    const ends = Uint32Array.from(places, ([k]) =>
      records.slice(0, k + 1).reduce((sum, { length }) => sum + length, 0),
    );
    const starts = Uint32Array.from(places, ([k, length]) => ends[k]! - length);
    const data = Buffer.concat(records);
    for (let first = 0; first < RECORDS; ) {
      const { rows, isAside } = readMany({ data, starts, ends, first, count: RECORDS - first, stride: 0 });
      expect(rows, where).toEqual(records.slice(first, first + rows.length).map((record) => readers[0]!(record)));
      first += rows.length;
      if (isAside) expect(readers[0]!(records[first]!), where).toBeUndefined();
      first += isAside ? 1 : 0;
    }
  }
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
