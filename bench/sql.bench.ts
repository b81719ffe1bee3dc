/**
 * SQL over raw records against writing Parquet first and asking that; and Parquet against DuckDB's own COPY of the same table from
 * memory. A process of its own, which starts others, so that the most memory of each is known:
 *   node sql.bench.js sql RECORDS ROUNDS | parquet BYTES ROUNDS     (prints one JSON line)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Compression, type Database, open, sql, writeParquet } from '../src/index.js';
import { type Field, copybookOf, packed, records, text, zoned } from './data.js';
import { median } from './case.js';
import { type Table, grouped } from './table.js';
import { fixed } from './workloads/fixed.js';
import { type Workload, write } from './workloads/workload.js';

/** 100 bytes of an account. */
const ACCOUNT: readonly Field[] = [
  zoned('ACCT-ID', 9),
  text('BRANCH', 2, 0),
  packed('BALANCE', 11, 2),
  text('OWNER', 40),
  text('CITY', 25),
  zoned('OPENED', 8),
  packed('LIMIT-1', 9, 2),
  packed('RATE', 9, 4),
];
const accounts: Workload = {
  ...fixed,
  name: 'accounts-100',
  title: '100-byte accounts',
  copybook: copybookOf(ACCOUNT),
  block: (bytes) => ({ bytes: records(ACCOUNT, Math.trunc(bytes / 100), 3), records: Math.trunc(bytes / 100) }),
};

const SUM = 'SELECT sum(balance) AS total FROM t';
const GROUP = 'SELECT branch, count(*) AS n, sum(balance) AS total FROM t GROUP BY branch';
/** How a job is done, by its name. */
const JOBS: readonly (readonly [name: string, compression: Compression, threads: number, from: 'file' | 'memory'])[] = [
  ['zstd, all processors', 'zstd', 0, 'file'],
  ['zstd, one', 'zstd', 1, 'file'],
  ['snappy, all processors', 'snappy', 0, 'file'],
  ['DuckDB COPY from memory, zstd, all', 'zstd', 0, 'memory'],
  ['DuckDB COPY from memory, snappy, all', 'snappy', 0, 'memory'],
];

export interface SqlResult {
  readonly name: string;
  /** Bytes of the records, and how many there are. */
  readonly bytes: number;
  readonly records: number;
  readonly rounds: readonly number[];
  /** Seconds of processors, and most memory in bytes; of Parquet only. */
  readonly processor?: readonly number[];
  readonly memory?: number;
}

type Files = { readonly data: string; readonly copybook: string; readonly bytes: number; readonly records: number };

async function inFolder<T>(
  workload: Workload,
  bytes: number,
  action: (files: Files, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  try {
    const [data, copybook] = [join(folder, 't.dat'), join(folder, 't.cpy')];
    writeFileSync(copybook, workload.copybook);
    return await action({ data, copybook, ...write(workload, data, bytes) }, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = async (action: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
};

function queries(count: number, rounds: number): Promise<SqlResult[]> {
  return inFolder(accounts, count * 100, async ({ data, copybook, bytes, records: found }, folder) => {
    const parquet = join(folder, 't.parquet');
    const db: Database = await sql({ t: { data, copybook } });
    const viaParquet = async (query: string): Promise<void> => {
      await writeParquet(open(data, { copybook }), parquet, { compression: 'snappy' });
      await db.query(query.replace('FROM t', `FROM '${parquet}'`)).rows();
    };
    const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['sum', () => db.query(SUM).rows()],
      ['group by', () => db.query(GROUP).rows()],
      ['sum, by way of Parquet', () => viaParquet(SUM)],
      ['group by, by way of Parquet', () => viaParquet(GROUP)],
    ];
    const results = cases.map(([name]) => ({ name, bytes, records: found, rounds: [] as number[] }));
    for (let round = 0; round <= rounds; round++) {
      for (const [i, [, action]] of cases.entries()) {
        const time = await seconds(action);
        if (round > 0) results[i]!.rounds.push(time);
      }
    }
    await db.close();
    return results;
  });
}

function files(size: number, rounds: number): Promise<SqlResult[]> {
  return inFolder(fixed, size, async ({ data, copybook, bytes, records: found }, folder) => {
    const results = JOBS.map(([name]) => ({
      name,
      bytes,
      records: found,
      rounds: [] as number[],
      processor: [] as number[],
      memory: 0,
    }));
    for (let round = 0; round < rounds; round++) {
      for (const [i] of JOBS.entries()) {
        const args = [fileURLToPath(import.meta.url), 'job', String(i), data, copybook, join(folder, 't.parquet')];
        const run = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
        if (run.status !== 0) throw new Error(`${JOBS[i]![0]} failed`);
        const { time, cpu, part, memory } = JSON.parse(run.stdout) as Record<
          'time' | 'cpu' | 'part' | 'memory',
          number
        >;
        results[i]!.rounds.push(time / part);
        results[i]!.processor.push(cpu / part);
        results[i]!.memory = Math.max(results[i]!.memory, memory);
      }
    }
    return results;
  });
}

/** Rows of the table that DuckDB holds in memory: enough for many row groups. */
const IN_MEMORY = 300_000;

async function job(number: number, data: string, copybook: string, target: string): Promise<object> {
  const [, compression, threads, from] = JOBS[number]!;
  let part = 1;
  let time: number;
  let before = process.cpuUsage();
  if (from === 'file') {
    time = await seconds(() =>
      writeParquet(open(data, { copybook }), target, { compression, ...(threads > 0 && { threads }) }),
    );
  } else {
    const db = await sql({ t: { data, copybook } });
    await db.query(`CREATE TABLE held AS SELECT * FROM t LIMIT ${IN_MEMORY}`).rows();
    const [row] = await db.query('SELECT count(*) AS n FROM held').rows();
    part = Math.min(1, ((row!.n as number) * 1341) / statSync(data).size);
    before = process.cpuUsage();
    time = await seconds(() => db.toParquet('FROM held', target, { compression }));
    await db.close();
  }
  const { user, system } = process.cpuUsage(before);
  return { time, cpu: (user + system) / 1e6, part, memory: process.resourceUsage().maxRSS * 1024 };
}

export function sqlTable(results: readonly SqlResult[]): Table {
  return {
    title: `SQL over ${grouped(results[0]!.records)} raw records of 100 bytes, medians of ${results[0]!.rounds.length} rounds side by side`,
    columns: ['', 's', 'ns a record', 'MB/s of input', 'by way of Parquet / this'],
    rows: results.map((result, i) => {
      const time = median(result.rounds);
      const other = i < 2 ? `${(median(results[i + 2]!.rounds) / time).toFixed(1)}x` : '';
      return [
        result.name,
        time.toFixed(3),
        ((time * 1e9) / result.records).toFixed(0),
        grouped(Math.round(result.bytes / time / 1e6)),
        other,
      ];
    }),
    notes: ['By way of Parquet: all records decoded to Parquet (snappy), then the query on it.'],
  };
}

export function parquetTable(results: readonly SqlResult[]): Table {
  return {
    title: `${(results[0]!.bytes / 1e9).toFixed(2)} GB of records of 1,341 bytes and 167 columns to Parquet, medians of ${results[0]!.rounds.length} rounds`,
    columns: ['', 's', 'MB/s of input', 'processor s', 'most memory'],
    rows: results.map((result) => {
      const time = median(result.rounds);
      return [
        result.name,
        time.toFixed(2),
        grouped(Math.round(result.bytes / time / 1e6)),
        median(result.processor!).toFixed(2),
        `${grouped(Math.round(result.memory! / 1e6))} MB`,
      ];
    }),
    notes: [
      `COPY from memory: of ${grouped(IN_MEMORY)} of these records, which a table in memory holds; its speed is told for all.`,
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, first = '', second = '3', ...rest] = process.argv.slice(2);
  const answer =
    what === 'job'
      ? await job(Number(first), second, rest[0]!, rest[1]!)
      : what === 'parquet'
        ? await files(Number(first), Number(second))
        : await queries(Number(first), Number(second));
  console.log(JSON.stringify(answer));
}
