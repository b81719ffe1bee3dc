/**
 * Native = TypeScript: the same plans over the same bytes give the same slabs to the bit, on random layouts with valid and
 * corrupted records. `OVERPUNCH_PARITY=N` runs N layouts, `OVERPUNCH_SEED=S` starts at seed S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { type DecodedBatch, DecodeLoop } from '../../src/batch/decode.js';
import { countFaults, listFaults } from '../../src/batch/faults.js';
import { bit } from '../../src/batch/views.js';
import { jsonLines } from '../../src/connectors/json.js';
import { Copybook } from '../../src/copybook.js';
import type { Engine, Records } from '../../src/engine/engine.js';
import { createTsEngine } from '../../src/engine/ts/engine.js';
import type { Plan } from '../../src/plan/plan.js';
import type { FieldNode, Schema, SchemaNode } from '../../src/plan/schema.js';
import { lay, nativeEngine, planOf } from './plans.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from './random.js';

const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 1000);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const CHUNK = 50;

const native = nativeEngine();

describe.skipIf(!native)('native and TypeScript engines agree', () => {
  const ts = createTsEngine('parity test');
  for (let from = FIRST; from < FIRST + LAYOUTS; from += CHUNK) {
    const to = Math.min(from + CHUNK, FIRST + LAYOUTS);
    it(`layouts ${from} to ${to - 1}`, () => {
      for (let seed = from; seed < to; seed++) compare(seed, native!, ts);
    });
  }
});

function compare(seed: number, one: Engine, other: Engine): void {
  const random = new Random(seed);
  const text = randomCopybook(random);
  const { layout } = Copybook.parse(text, { format: 'fixed' });
  const options = randomOptions(random, layout);
  const plan = planOf(layout, { ...options, text: random.pick(['utf8', 'latin1']) });
  const writer = new RecordWriter(random, layout, options);
  const quality = random.pick([100, 90, 50, 0]);
  const count = random.pick([1, 3, 40, 300, 700]);
  const records = lay(Array.from({ length: count }, () => writer.record(quality)));
  const expected = snapshot(one, plan, records);
  const actual = snapshot(other, plan, records);
  const place = `seed ${seed}: ${JSON.stringify(options)}\n${text}`;
  expect(actual.length, place).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    for (const [key, value] of Object.entries(expected[i]!)) expect(actual[i]![key], `${key}, ${place}`).toEqual(value);
  }
}

/** Everything that an engine produced, by batch. */
function snapshot(engine: Engine, plan: Plan, records: Records): Record<string, unknown>[] {
  const loop = new DecodeLoop(engine, plan, { own: false, batchRecords: 512, typicalLength: 100 });
  const shots: Record<string, unknown>[] = [];
  for (const decoded of loop.batches({ records, firstRecord: 1, recordNumbers: null })) {
    const { batch } = decoded;
    const shot: Record<string, unknown> = {
      head: Array.from(batch.slab.head.subarray(0, batch.slab.layout.headerLength)),
    };
    columns(plan.schema, decoded, batch.length, shot);
    shot.faults = countFaults(batch) > 0 ? listFaults(batch, { records: decoded.records, base: 0 }) : [];
    let lines = '';
    jsonLines(plan.schema, {}).encode(batch, (bytes) => {
      lines += Buffer.from(bytes).toString();
    });
    shot.json = lines;
    shots.push(shot);
  }
  return shots;
}

function columns(node: Schema | SchemaNode, decoded: DecodedBatch, slots: number, shot: Record<string, unknown>): void {
  const { batch } = decoded;
  if ('node' in node && 'select' in node && node.select >= 0) {
    shot[`selection ${node.path}`] = Buffer.from(batch.selection(node.select, slots)).toString('hex');
  }
  if ('node' in node && node.node === 'field') {
    field(node, decoded, slots, shot);
  } else if ('node' in node && node.node === 'list') {
    if (node.size < 0) {
      shot[`offsets ${node.path}`] = Array.from(batch.listOffsets(node.frame, slots));
    }
    columns(node.element, decoded, batch.slots(node.space), shot);
  } else {
    for (const child of (node as Schema).children) columns(child, decoded, slots, shot);
  }
}

function field(node: FieldNode, { batch }: DecodedBatch, slots: number, shot: Record<string, unknown>): void {
  const column = batch.column(node, slots);
  const { values } = column;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  shot[`values ${node.path}`] = bytes.toString('hex');
  shot[`offsets ${node.path}`] = column.offsets && Array.from(column.offsets);
  shot[`validity ${node.path}`] = Array.from({ length: slots }, (_, i) => bit(column.validity, i));
  shot[`bad ${node.path}`] = Array.from({ length: slots }, (_, i) => bit(column.bad, i));
}
