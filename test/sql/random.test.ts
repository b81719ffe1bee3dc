/**
 * SQL and Parquet against the library's own rows, over random layouts, options and records (bad ones too), of variable and
 * of one length. Parquet is read back by DuckDB's own reader. `OVERPUNCH_PARITY=N` runs N layouts, `OVERPUNCH_SEED=S` starts at S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Copybook, type Fault, open, writeParquet } from '../../src/index.js';
import { compileOnce } from '../../src/plan/compiled.js';
import { readCopybook } from '../../src/sql/dataset.js';
import { Duckdb } from '../../src/sql/extension.js';
import { faultsOf } from '../../src/sql/scans.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from '../parity/random.js';
import { expectRows, expectSame, rowsOf, whyNoSql } from './same.js';

const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 40);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const CHUNK = 20;

describe.skipIf(whyNoSql())('SQL reads what the library reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-sql-'));
  let duckdb: Duckdb;
  beforeAll(async () => {
    duckdb = await Duckdb.open({ threads: 2 });
  });
  afterAll(() => {
    duckdb.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (let from = FIRST; from < FIRST + LAYOUTS; from += CHUNK) {
    const to = Math.min(from + CHUNK, FIRST + LAYOUTS);
    it(`layouts ${from} to ${to - 1}`, { timeout: 120_000 }, async () => {
      for (let seed = from; seed < to; seed++) await compare(seed);
    });
  }

  async function compare(seed: number): Promise<void> {
    const random = new Random(seed * 7 + 3);
    const text = randomCopybook(random);
    const { layout } = Copybook.parse(text, { format: 'fixed' });
    const wished = randomOptions(random, layout);
    const decode = canCompile(layout, wished) ? wished : { ...wished, record: {} };
    const writer = new RecordWriter(random, layout, decode);
    const quality = random.pick([100, 99, 90, 50, 0]);
    const list = Array.from({ length: random.pick([1, 3, 40, 300, 300, 2600]) }, () => writer.record(quality));
    const isFixed = random.chance(40);
    const path = join(folder, `${seed}.dat`);
    const length = Math.max(1, list[0]!.length);
    writeFileSync(
      path,
      isFixed ? strided(list, length) : Buffer.concat(list.flatMap((record) => [rdw(record), record])),
    );
    const options = {
      ...decode,
      ...(isFixed ? { recfm: 'F' as const, lrecl: length } : { recfm: 'V' as const }),
      ...(random.chance(20) && { skip: random.below(5) }),
      ...(random.chance(20) && { limit: random.below(100) }),
      maxFaults: 100_000,
    };
    const place = `seed ${seed}: ${JSON.stringify(options)}\n${text}`;
    const { schema } = compileOnce(layout, { ...decode, text: 'utf8' });
    const copybook = Copybook.parse(text, { format: 'fixed' });
    const dataset = { path, layout, options };
    const rows = await expectSame(duckdb, schema, dataset, { ...options, copybook }, place);
    await compareFaults(path, copybook, options, layout, place);

    // each column alone: the rest of the plan is cut away
    const names = schema.children.map(({ keys }) => keys.snake);
    const some = random.pick(names);
    const alone = await rowsOf(duckdb, `SELECT "${some}" FROM ${readCopybook(dataset)}`);
    expectRows(
      alone,
      (rows as Record<string, unknown>[]).map((row) => ({ [some]: row[some] })),
      `only ${some}, ${place}`,
    );

    if (seed % 4 !== 0) return;
    const target = join(folder, `${seed}.parquet`);
    const summary = await writeParquet(open(path, { ...options, copybook }), target, { threads: 1 + (seed % 8) / 4 });
    expect(summary.records, place).toBe(rows.length);
    expectRows(await rowsOf(duckdb, `FROM '${target}'`), rows, `parquet, ${place}`);
  }

  async function compareFaults(
    path: string,
    copybook: Copybook,
    options: object,
    layout: Copybook['layout'],
    place: string,
  ) {
    const reader = open(path, { ...options, copybook });
    for await (const _ of reader.batches());
    const counts = await rowsOf(duckdb, 'FROM overpunch_scans() ORDER BY scan DESC LIMIT 1');
    const { badValues, shortRecords, longRecords, records, faults } = reader.summary;
    expect(counts[0], place).toMatchObject({
      bad_values: String(badValues),
      short_records: String(shortRecords),
      long_records: String(longRecords),
      records: String(records),
    });
    const scan = (counts[0] as { scan: string }).scan;
    const found = await rowsOf(duckdb, `FROM overpunch_faults() WHERE scan = ${scan}`);
    const actual = found.map((row) => faultsOf(row as never, { path, layout, options }));
    const key = ({ record, offset, field, hex, reason }: Fault): string =>
      `${record} ${offset} ${field} ${hex} ${reason}`;
    expectRows(actual.map(key).sort(), faults.map(key).sort(), `faults, ${place}`);
  }
});

/** A condition may name what lies behind a table of variable length, which is refused. */
function canCompile(layout: Copybook['layout'], options: object): boolean {
  try {
    compileOnce(layout, options);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'OVP_OPTION_CONDITION') return false;
    throw error;
  }
}

function strided(list: readonly Uint8Array[], length: number): Uint8Array {
  const data = Buffer.concat(list);
  return data.subarray(0, Math.floor(data.length / length) * length);
}

function rdw(record: Uint8Array): Uint8Array {
  const descriptor = Buffer.alloc(4);
  descriptor.writeUInt16BE(record.length + 4, 0);
  return descriptor;
}
