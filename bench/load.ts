/**
 * Loading into PostgreSQL beside what one would write by hand: `pg` with multi-row INSERT and parameters, and
 * pg-copy-streams fed with CSV that JavaScript makes; all from the same file, in one run, in turns.
 *   OVERPUNCH_TEST_POSTGRES=postgres://... npm run bench:load -- [--rows 200000] [--rounds 1] [--workers 2] [--only ours]
 * --kept: the table is there, and a view of it, so that what is staged can't take its place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { Copybook } from '../src/copybook.js';
import { open } from '../src/read.js';
import { load } from '../src/sinks/postgres/load.js';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    kept: { type: 'boolean', default: false },
  },
});
const rows = Number(flags.rows);
const url = process.env.OVERPUNCH_TEST_POSTGRES;
if (!url) {
  console.error('OVERPUNCH_TEST_POSTGRES=postgres://user:password@host:port/database says where to load into');
  process.exit(1);
}

const FIELDS = [
  ...['9(9)', '9(7)', '9(4)', '9(2)'].map((picture, n) => [`Z${n}`, `PIC ${picture}`]),
  ...[1, 2, 3, 4, 5, 6].map((n) => [`P${n}`, 'PIC S9(9)V99 COMP-3']),
  ...[1, 2, 3, 4].map((n) => [`B${n}`, 'PIC S9(9) COMP']),
  ...[30, 20, 12, 8, 4, 1].map((length, n) => [`T${n}`, `PIC X(${length})`]),
];
const copybook = Copybook.parse(
  ['       01 ACCOUNT.', ...FIELDS.map(([name, clause]) => `          05 ${name} ${clause}.`), ''].join('\n'),
  { format: 'fixed' },
);
const { length } = copybook.layout;

/** Records with something else in each: numbers all along their range, words of differing lengths. */
async function write(path: string): Promise<void> {
  const file = await openFile(path, 'w');
  const part = 20_000;
  const buffer = Buffer.alloc(part * length, 0x40);
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % n;
  };
  const zoned = (at: number, digits: number, value: number): void => {
    for (let i = digits - 1, v = value; i >= 0; i--, v = Math.floor(v / 10)) buffer[at + i] = 0xf0 + (v % 10);
  };
  for (let done = 0; done < rows; done += part) {
    const count = Math.min(part, rows - done);
    for (let i = 0; i < count; i++) {
      let at = i * length;
      [9, 7, 4, 2].forEach((digits, n) => {
        zoned(at, digits, n === 0 ? done + i : random(10 ** digits));
        at += digits;
      });
      for (let n = 0; n < 6; n++, at += 6) {
        for (let k = 0; k < 5; k++) buffer[at + k] = n * 2 > k * 3 ? 0 : (random(10) << 4) | random(10);
        buffer[at + 5] = (random(10) << 4) | (random(4) ? 0xc : 0xd);
      }
      for (let n = 0; n < 4; n++, at += 4) buffer.writeInt32BE(random(2 ** 31) - 2 ** 30, at);
      for (const size of [30, 20, 12, 8, 4, 1]) {
        const used = 1 + random(size);
        for (let k = 0; k < size; k++) buffer[at + k] = k < used ? 0xc1 + random(9) : 0x40;
        at += size;
      }
    }
    await file.write(buffer, 0, count * length);
  }
  await file.close();
}

const folder = mkdtempSync(join(tmpdir(), 'overpunch-load-'));
const path = join(folder, 'accounts.bin');
const client = new pg.Client(url);

async function timed(name: string, run: () => Promise<void>): Promise<number> {
  if (flags.only && flags.only !== name) return Number.NaN;
  await client.query('DROP TABLE IF EXISTS bench_load CASCADE');
  await client.query('CHECKPOINT').catch(() => {});
  const before = process.cpuUsage();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const { rows: found } = await client.query('SELECT count(*)::int AS n, sum(z0)::text AS sum FROM bench_load');
  const { n, sum } = found[0] as { n: number; sum: string };
  if (n !== rows || BigInt(sum) !== (BigInt(rows) * BigInt(rows - 1)) / 2n)
    throw new Error(`${name}: ${n} rows, sum ${sum}`);
  const cpu = ((user + system) / 1e6).toFixed(1);
  console.log(
    `${name.padEnd(8)} ${seconds.toFixed(2)} s  ${Math.round(rows / seconds)} rows/s  (${cpu} s of this process)`,
  );
  return seconds;
}

const create = `CREATE TABLE bench_load (${FIELDS.map(([name, clause]) => {
  const type = clause!.includes('X')
    ? `varchar(${/\d+/.exec(clause!)![0]})`
    : clause!.includes('V')
      ? 'numeric(11,2)'
      : 'integer';
  return `${name!.toLowerCase()} ${type}`;
}).join(', ')})`;

async function ours(): Promise<void> {
  if (flags.kept) {
    await client.query(create);
    await client.query('CREATE VIEW bench_view AS SELECT z0 FROM bench_load');
  }
  await load(path, { copybook, url: url!, table: 'bench_load', again: true, workers: Number(flags.workers) });
}

async function insert(): Promise<void> {
  await client.query(create);
  const columns = FIELDS.length;
  const most = 2000;
  const text = (count: number): string =>
    `INSERT INTO bench_load VALUES ${Array.from({ length: count }, (_, row) => `(${FIELDS.map((_f, k) => `$${row * columns + k + 1}`).join(',')})`).join(',')}`;
  const full = text(most);
  let values: unknown[] = [];
  for await (const part of open(path, { copybook }).rows()) {
    for (const row of part) {
      values.push(...Object.values(row));
      if (values.length < most * columns) continue;
      await client.query({ name: 'insert', text: full, values });
      values = [];
    }
  }
  if (values.length > 0) await client.query(text(values.length / columns), values);
}

async function csv(): Promise<void> {
  await client.query(create);
  const stream = client.query(copyStreams.from('COPY bench_load FROM STDIN (FORMAT csv)'));
  const done = new Promise<void>((resolve, reject) => stream.on('finish', resolve).on('error', reject));
  const cell = (value: unknown): string => {
    if (value === null) return '';
    if (typeof value !== 'string') return String(value);
    return /[",\r\n]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value;
  };
  let lines = '';
  for await (const part of open(path, { copybook }).rows()) {
    for (const row of part) lines += `${Object.values(row).map(cell).join(',')}\n`;
    if (lines.length < 1 << 16) continue;
    if (!stream.write(lines)) await new Promise<void>((next) => stream.once('drain', next));
    lines = '';
  }
  stream.end(lines);
  await done;
}

try {
  await write(path);
  await client.connect();
  console.log(`${rows} records of ${FIELDS.length} columns, ${((rows * length) / 1e6).toFixed(0)} MB`);
  const best = new Map<string, number>();
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [name, run] of [
      ['ours', ours],
      ['csv', csv],
      ['insert', insert],
    ] as const)
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, await timed(name, run)));
  }
  const own = best.get('ours')!;
  if (!flags.only)
    console.log(
      `${(best.get('insert')! / own).toFixed(1)} times as fast as INSERT, ${(best.get('csv')! / own).toFixed(1)} times as fast as CSV`,
    );
} finally {
  await client.query('DROP TABLE IF EXISTS bench_load CASCADE').catch(() => {});
  await client.end();
  rmSync(folder, { recursive: true });
}
