/**
 * Native = TypeScript for PostgreSQL's tuples: tables of random layouts and records, with every target that a column can
 * have, come out as the same bytes, and the same rows are refused for the same reasons. `OVERPUNCH_PARITY=N` runs N layouts,
 * `OVERPUNCH_SEED=S` starts at seed S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { DecodeLoop } from '../../src/batch/decode.js';
import { type TupleColumn, TupleEncoder, type TupleTable } from '../../src/connectors/tuples.js';
import { Copybook } from '../../src/copybook.js';
import type { Engine, Records } from '../../src/engine/engine.js';
import { TupleFlag, TupleStatus, TupleTarget } from '../../src/engine/tuple.js';
import { createTsEngine } from '../../src/engine/ts/engine.js';
import { Type } from '../../src/plan/opcodes.js';
import type { Plan } from '../../src/plan/plan.js';
import type { FieldNode, ListNode, SchemaNode } from '../../src/plan/schema.js';
import { lay, nativeEngine, planOf } from './plans.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from './random.js';

const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 300);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const CHUNK = 50;

const native = nativeEngine();

describe.skipIf(!native)('native and TypeScript tuples agree', () => {
  const ts = createTsEngine('parity test');
  const seen = new Set<string>();
  for (let from = FIRST; from < FIRST + LAYOUTS; from += CHUNK) {
    const to = Math.min(from + CHUNK, FIRST + LAYOUTS);
    it(`layouts ${from} to ${to - 1}`, () => {
      for (let seed = from; seed < to; seed++) compare(seed, native!, ts, seen);
    });
  }
  it('every kind of column, and every reason to refuse a row, was among them', () => {
    if (LAYOUTS < 200) return;
    const wanted = [
      'record',
      'ordinal',
      'field',
      'parent',
      'array',
      'json',
      'refused 1',
      'refused 2',
      'refused 3',
      'refused 4',
    ];
    expect(wanted.filter((what) => !seen.has(what))).toEqual([]);
  });
});

function compare(seed: number, native: Engine, ts: Engine, seen: Set<string>): void {
  const random = new Random(seed * 7 + 5);
  const copybook = randomCopybook(random);
  const { layout } = Copybook.parse(copybook, { format: 'fixed' });
  const options = randomOptions(random, layout);
  const plan = planOf(layout, { ...options, text: 'utf8', trim: random.pick(['right', 'none']), absent: 'keep' });
  const writer = new RecordWriter(random, layout, options);
  const quality = random.pick([100, 99, 90, 50]);
  const records = lay(Array.from({ length: random.pick([1, 3, 40, 300]) }, () => writer.record(quality)));
  for (const table of tables(plan.schema.children, random)) {
    for (const { kind, ...column } of table.columns) {
      seen.add('space' in column && column.space !== (table.lists.at(-1)?.space ?? 0) ? 'parent' : kind);
    }
    const expected = tuples(ts, plan, table, records);
    const actual = tuples(native, plan, table, records);
    for (const line of expected.refused) seen.add(`refused ${line.split(' ')[2]}`);
    const place = `seed ${seed}: ${JSON.stringify(options)}\n${copybook}`;
    expect(actual.refused, place).toEqual(expected.refused);
    expect(actual.bytes.equals(expected.bytes), place).toBe(true);
  }
}

/** A table of the records, and one of the items of each table in them. */
function tables(children: readonly SchemaNode[], random: Random): TupleTable[] {
  const found: TupleTable[] = [];
  const own: TupleColumn[] = [{ kind: 'record' }];
  visit(children, -1, { table: own, lists: [] });
  found.unshift({ lists: [], selects: [], columns: own });
  return found;

  function visit(nodes: readonly SchemaNode[], select: number, to: { table: TupleColumn[]; lists: ListNode[] }): void {
    const space = to.lists.at(-1)?.space ?? 0;
    for (const node of nodes) {
      const inside = node.select >= 0 ? node.select : select;
      if (node.node === 'field') to.table.push({ kind: 'field', field: node, space, ...targetOf(node, random) });
      else if (node.node === 'group') visit(node.children, inside, to);
      else {
        if (space === 0) {
          const flags = flagsOf(random);
          to.table.push({ kind: 'json', node, flags, select: inside });
          const inner = node.element;
          const isGrid = inner.node === 'list' && node.size >= 0 && inner.size >= 0;
          const field = isGrid ? inner.element : inner;
          if (field.node === 'field')
            to.table.push({ kind: 'array', list: node, field, oid: 25, select: inside, ...targetOf(field, random) });
        }
        const lists = [...to.lists, node];
        const table: TupleColumn[] = [{ kind: 'record' }, { kind: 'ordinal', space: random.pick(lists).space }];
        const parent = to.table.find(({ kind }) => kind === 'field');
        if (parent) table.push(parent);
        const selects = inside >= 0 && space === 0 ? [{ frame: inside, space: 0 }] : [];
        visit(node.element.node === 'group' ? node.element.children : [node.element], -1, { table, lists });
        found.push({ lists, selects, columns: table });
      }
    }
  }
}

const flagsOf = (random: Random): number =>
  random.pick([0, TupleFlag.REPLACE, TupleFlag.STRIP, TupleFlag.STRIP, TupleFlag.REPLACE]) |
  (random.chance(3) ? TupleFlag.NOT_NULL : 0);

function targetOf(
  field: FieldNode,
  random: Random,
): Pick<TupleColumn & { kind: 'field' }, 'target' | 'most' | 'flags'> {
  const flags = flagsOf(random);
  const { INT2, INT4, INT8, NUMERIC, FLOAT4, FLOAT8, TEXT } = TupleTarget;
  switch (field.type) {
    case Type.UTF8:
      return { target: TEXT, most: random.pick([0, 0, 0, 1, 5]), flags };
    case Type.FLOAT32:
      return { target: random.pick([FLOAT4, FLOAT8]), most: 0, flags };
    case Type.FLOAT64:
      return { target: FLOAT8, most: 0, flags };
    default: {
      const most = random.pick([0, 0, 0, 38, 19, 1 + random.below(38)]);
      if (field.scale > 0) return { target: NUMERIC, most, flags };
      const target = random.pick([INT2, INT4, INT8, NUMERIC, NUMERIC]);
      return { target, most: target === NUMERIC ? most : 0, flags };
    }
  }
}

function tuples(engine: Engine, plan: Plan, table: TupleTable, records: Records): { bytes: Buffer; refused: string[] } {
  const loop = new DecodeLoop(engine, plan, { own: false, batchRecords: 256, typicalLength: 100 });
  const encoder = new TupleEncoder(engine, plan.schema, table);
  const chunks: Buffer[] = [];
  const refused: string[] = [];
  const out = new Uint8Array(1 << 16);
  for (const { batch } of loop.batches({ records, firstRecord: 1, recordNumbers: null })) {
    encoder.begin(batch);
    const rows = encoder.firstOf(batch.length);
    for (let row = 0, at = 0; row < rows; ) {
      if (!encoder.isRow(row)) {
        row++;
        continue;
      }
      let last = row + 1;
      while (last < rows && encoder.isRow(last)) last++;
      const step = encoder.step(row, last, out, at);
      chunks.push(Buffer.from(out.subarray(at, at + step.bytes)));
      at += step.bytes;
      row += step.rows;
      if (step.status === TupleStatus.NO_ROOM) at = 0;
      if (step.status !== TupleStatus.REFUSED) continue;
      refused.push(`${encoder.recordOf(row)} ${step.column} ${step.reason} ${step.item}`);
      row++;
    }
  }
  return { bytes: Buffer.concat(chunks), refused };
}
