/**
 * Batches as apache-arrow record batches: views, not copies, and read back through Arrow's IPC format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type RecordBatch, Table, type Vector, tableFromIPC, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { toArrow, vector } from '../../src/batch/arrow.js';
import { fields } from '../../src/plan/schema.js';
import { compiled } from './compiled.js';
import { randomRecords } from './presented.js';
import {
  type FieldSpec,
  type Record,
  type Spec,
  type Value,
  batchOf,
  builder,
  elementOf,
  isGroup,
  isList,
} from './slabs.js';

/** What Arrow has for a value: everything that is not there is null, integers are bigints. */
function stored(specs: readonly Spec[], record: Value): Record | null {
  if (record === null || record === undefined) return null;
  return Object.fromEntries(
    specs.map((spec) => {
      const value = (record as Record)[spec.name];
      if (!isList(spec)) return [spec.name, storedItem(spec, value)];
      return [spec.name, value === undefined ? null : (value as Value[]).map((item) => storedItem(spec, item))];
    }),
  );
}

function storedItem(spec: Spec, value: Value): Value {
  if (isGroup(spec)) return stored(spec.children, value);
  return (spec as FieldSpec).type === 'float32' && typeof value === 'number' ? Math.fround(value) : (value ?? null);
}

/** The value of a vector as `stored` has it. */
function read(spec: Spec, own: Vector, i: number): Value {
  if (!own.isValid(i)) return null;
  if (isList(spec)) {
    const items = own.get(i) as Vector;
    return Array.from({ length: items.length }, (_, k) => read(elementOf(spec), items, k));
  }
  if (isGroup(spec))
    return Object.fromEntries(spec.children.map((child, k) => [child.name, read(child, own.getChildAt(k)!, i)]));
  const value: unknown = own.get(i);
  if (value instanceof Uint32Array) {
    return [...value].reduceRight((n, word) => (n << 32n) | BigInt(word), value[3]! >> 31 ? -1n : 0n);
  }
  const { type } = spec as FieldSpec;
  return type === 'int32' ? BigInt(value as number) : (value as Value);
}

function throughIpc(specs: readonly Spec[], ...batches: RecordBatch[]): Record[] {
  const table = tableFromIPC(tableToIPC(new Table(batches)));
  return Array.from({ length: table.numRows }, (_, i) =>
    Object.fromEntries(specs.map((spec, k) => [spec.name, read(spec, table.getChildAt(k)!, i)])),
  );
}

const SPECS: Spec[] = [
  { name: 'acct_id', type: 'int32', digits: 9 },
  { name: 'big', type: 'int64', digits: 18 },
  { name: 'balance', type: 'decimal128', digits: 38, scale: 2 },
  { name: 'low', type: 'decimal128', digits: 9, scale: 9, storageDigits: 19 },
  { name: 'single', type: 'float32' },
  { name: 'double', type: 'float64' },
  { name: 'note', type: 'utf8' },
  { name: 'latin', type: 'latin1' },
  {
    name: 'body',
    optional: true,
    children: [
      { name: 'phone', type: 'utf8', size: 2 },
      { name: 'codes', type: 'int32', digits: 2, max: 3 },
    ],
  },
  { name: 'txns', max: 3, optional: true, children: [{ name: 'amount', type: 'decimal128', digits: 5, scale: 2 }] },
  { name: 'grid', size: 2, children: [{ name: 'cell', type: 'int64', digits: 15, max: 2 }] },
];
const RECORDS: Record[] = [
  {
    acct_id: 1n,
    big: -1n,
    balance: -(10n ** 37n),
    low: 5n,
    single: 0.5,
    double: 0.1,
    note: 'a€',
    latin: 'é',
    body: { phone: ['1', null], codes: [1n, 2n] },
    txns: [{ amount: -100n }],
    grid: [{ cell: [1n] }, { cell: [] }],
  },
  {
    acct_id: null,
    big: null,
    balance: null,
    low: null,
    single: null,
    double: null,
    note: null,
    latin: null,
    grid: [{ cell: [] }, { cell: [2n, 3n] }],
  },
  {
    acct_id: -5n,
    big: 10n ** 17n,
    balance: 1n,
    low: 0n,
    single: 1,
    double: -2,
    note: '',
    latin: '',
    body: { phone: ['', 'x'], codes: [] },
    txns: [],
    grid: [{ cell: [] }, { cell: [4n] }],
  },
];

describe('Arrow', () => {
  it('has a type for every column, named in snake case', async () => {
    const batch = await toArrow(batchOf(SPECS, RECORDS));
    expect(batch.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
      'acct_id: Int32',
      'big: Int64',
      'balance: Decimal[38e+2]',
      'low: Decimal[19e+9]',
      'single: Float32',
      'double: Float64',
      'note: Utf8',
      'latin: Utf8',
      'body: Struct<{phone:FixedSizeList[2]<Utf8>, codes:List<Int32>}>',
      'txns: List<Struct<{amount:Decimal[5e+2]}>>',
      'grid: FixedSizeList[2]<Struct<{cell:List<Int64>}>>',
    ]);
    expect(batch.schema.fields.every((field) => field.nullable)).toBe(true);
    expect(batch.numRows).toBe(3);
    const cobol = await toArrow(batchOf(SPECS, RECORDS), { names: 'cobol' });
    expect(cobol.schema.fields[0]!.name).toBe('ACCT-ID');
  });

  it('comes back from IPC as it was', async () => {
    const batch = batchOf(SPECS, RECORDS, { spare: 5 });
    expect(throughIpc(SPECS, await toArrow(batch))).toEqual(RECORDS.map((record) => stored(SPECS, record)));
  });

  it('counts nulls by the rows, not by what lies behind them', async () => {
    const batch = await toArrow(batchOf(SPECS, RECORDS));
    expect(batch.data.children.map((child) => child.nullCount)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  });

  it('copies nothing', async () => {
    const specs = SPECS.map((spec) => ('type' in spec && spec.type === 'latin1' ? { ...spec, name: 'plain' } : spec));
    const batch = batchOf(
      specs,
      RECORDS.map(({ latin, ...record }) => ({ ...record, plain: latin && 'ascii' })),
    );
    const { children } = (await toArrow(batch)).data;
    for (const child of children.slice(0, 8)) {
      expect(child.values.buffer).toBe(batch.slab.bytes.buffer);
      expect(child.nullBitmap.buffer).toBe(batch.slab.bytes.buffer);
    }
    expect(children[9]!.valueOffsets.buffer).toBe(batch.slab.bytes.buffer);
  });

  it('makes vectors of single columns', async () => {
    const batch = batchOf(SPECS, RECORDS);
    const columns = [...fields(batch.schema)].slice(0, 8).map((field) => batch.column(field, batch.length));
    const vectors = await Promise.all(columns.map((column) => vector(column)));
    expect([...vectors[0]!]).toEqual([1, null, -5]);
    expect([...vectors[1]!]).toEqual([-1n, null, 10n ** 17n]);
    expect(RECORDS.map((_, i) => read(SPECS[2]!, vectors[2]!, i))).toEqual([-(10n ** 37n), null, 1n]);
    expect([...vectors[6]!]).toEqual(['a€', null, '']);
    expect([...vectors[7]!]).toEqual(['é', null, '']);
  });

  it('has what random records have, over several batches', async () => {
    for (let seed = 3000; seed < 3080; seed++) {
      const { specs, records } = randomRecords(seed, 1 + (seed % 30));
      const batches = builder(specs, { spare: seed % 3 })(records, records.slice(0, 3));
      const back = throughIpc(specs, ...(await Promise.all(batches.map((batch) => toArrow(batch)))));
      expect(back, `seed ${seed}`).toEqual([...records, ...records.slice(0, 3)].map((record) => stored(specs, record)));
    }
  });

  it('names the command that installs apache-arrow where it is missing', () => {
    const directory = compiled('test/batch/peerless.ts');
    try {
      const shown = execFileSync(process.execPath, [`${directory}/test/batch/peerless.js`], { encoding: 'utf8' });
      expect(JSON.parse(shown)).toEqual({ code: 'OVP_IO_PEER', hint: 'Install it: npm install apache-arrow@21' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 60_000);
});
