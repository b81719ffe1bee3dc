/**
 * Sorting records of 100 bytes by a text key of twelve, in memory and from a file through memory, on all processors (and on
 * one), against GNU sort on lines of the same bytes in ASCII (LC_ALL=C, all in memory, on all processors, written to nowhere). A process of its own:
 *   node sort.bench.js RECORDS ROUNDS     (prints one JSON line)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Copybook, type SourceInput, open } from '../src/index.js';
import { random } from './data.js';
import { type Table, grouped } from './table.js';

const LENGTH = 100;
const KEY = 12;
const copybook = Copybook.parse(
  `       01  R.\n           05  SORT-KEY PIC X(${KEY}).\n           05  REST PIC X(${LENGTH - KEY}).\n`,
);

export interface SortResult {
  readonly name: string;
  readonly records: number;
  /** Seconds of every round, the warming-up one left out, by the clock and of processors. */
  readonly rounds: readonly number[];
  readonly processor: readonly number[];
}

/** Twelve digits in no order, then a letter throughout. `line`: as ASCII, and the last byte ends the line. */
function records(count: number, digit: number, letter: number, line: boolean): Uint8Array {
  const next = random(7);
  const bytes = new Uint8Array(count * LENGTH).fill(letter);
  for (let at = 0; at < bytes.length; at += LENGTH) {
    for (let half = at; half < at + KEY; half += KEY / 2) {
      let rest = next();
      for (let k = half; k < half + KEY / 2; k++, rest = Math.trunc(rest / 10)) bytes[k] = digit + (rest % 10);
    }
    if (line) bytes[at + LENGTH - 1] = 0x0a;
  }
  return bytes;
}

/** In pieces: one write takes 2 GB at most. */
function save(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'w');
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.min(1 << 28, bytes.length - at));
  closeSync(fd);
}

async function sorted(source: SourceInput, threads: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of open(source, { copybook, threads }).sort(['SORT-KEY']).toRecords({ reuse: true }))
    bytes += chunk.length;
  return bytes;
}

/** Bytes sorted, and seconds of processors. */
interface Sorted {
  readonly bytes: number;
  readonly processor: number;
}

async function library(source: SourceInput, threads = availableParallelism()): Promise<Sorted> {
  const before = process.cpuUsage();
  const bytes = await sorted(source, threads);
  const { user, system } = process.cpuUsage(before);
  return { bytes, processor: (user + system) / 1e6 };
}

/** The shell tells what its child took. */
function gnuSort(path: string, bytes: number): Sorted {
  const args = ['-S', '80%', `--parallel=${availableParallelism()}`, path, '-o', '/dev/null'];
  const { status, stdout } = spawnSync('sh', ['-c', 'sort "$@" && times', 'sh', ...args], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'latin1',
  });
  if (status !== 0) throw new Error('GNU sort failed');
  const times = [
    ...stdout
      .trim()
      .split('\n')
      .at(-1)!
      .matchAll(/(\d+)m([\d.]+)s/g),
  ];
  return { bytes, processor: times.reduce((sum, [, minutes, seconds]) => sum + 60 * +minutes! + +seconds!, 0) };
}

async function measure(count: number, rounds: number): Promise<SortResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  try {
    const [lines, file] = [join(folder, 'lines.txt'), join(folder, 'records.bin')];
    save(lines, records(count, 0x30, 0x41, true));
    const data = records(count, 0xf0, 0xc1, false);
    save(file, data);
    const cases: readonly (readonly [string, () => Promise<Sorted> | Sorted])[] = [
      ['in memory, one thread', () => library(data, 1)],
      ['in memory', () => library(data)],
      ['from a file', () => library(file)],
      ['GNU sort', () => gnuSort(lines, data.length)],
    ];
    const found = cases.map(([name]) => ({ name, records: count, rounds: [] as number[], processor: [] as number[] }));
    for (let round = 0; round <= rounds; round++) {
      for (const [i, [name, action]] of cases.entries()) {
        const started = performance.now();
        const { bytes, processor } = await action();
        if (bytes !== data.length) throw new Error(`${name}: records are missing`);
        if (round === 0) continue;
        found[i]!.rounds.push((performance.now() - started) / 1000);
        found[i]!.processor.push(processor);
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function sortTable(results: readonly SortResult[]): Table {
  const middle = (seconds: readonly number[]): number => [...seconds].sort((a, b) => a - b)[seconds.length >> 1]!;
  const gnu = results.at(-1)!;
  return {
    title: `Sort: ${grouped(results[0]!.records)} records of ${LENGTH} bytes, medians of ${results[0]!.rounds.length} rounds side by side`,
    columns: ['', 's', 'ns a record', 'GNU sort / this', 'processor s', 'GNU sort / this'],
    rows: results.map((result) => {
      const seconds = middle(result.rounds);
      const processor = middle(result.processor);
      return [
        result.name,
        seconds.toFixed(2),
        ((seconds * 1e9) / result.records).toFixed(0),
        `${(middle(gnu.rounds) / seconds).toFixed(1)}x`,
        processor.toFixed(2),
        `${(middle(gnu.processor) / processor).toFixed(1)}x`,
      ];
    }),
    notes: [
      'GNU sort: LC_ALL=C, whole lines of the same bytes in ASCII, -S 80%, on all processors, output to /dev/null.',
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '10000000', rounds = '5'] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(Number(count), Number(rounds))));
}
