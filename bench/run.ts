/**
 * Runs the benchmarks and prints one table: the kernels by Benchmark.js, then the library end to end.
 *   npm run bench -- [--quick] [--only WORD[,WORD]] [--json]
 * --only takes kinds (text, zoned, packed, binary, float, or kernels for all of them) and cases (columns, vb, file, batches,
 * json, objects, message, or end-to-end for all of them).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadEngine } from '../src/index.js';
import { T200, lengthOf, records } from './data.js';
import { type CaseResult, type Runner, cases } from './end-to-end.bench.js';
import { KINDS, type KernelResult } from './kernel.js';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
/** Bytes of data, rounds, and seconds that Benchmark.js takes for a kernel. */
const scale = flags.quick ? { bytes: 60e6, rounds: 3, seconds: 0.2 } : { bytes: 200e6, rounds: 7, seconds: 1 };
const GOAL = 10;

const only = flags.only?.split(',');
const known = [...KINDS, ...cases.map(({ name }) => name), 'kernels', 'end-to-end'];
for (const word of only ?? []) {
  if (known.includes(word)) continue;
  console.error(`--only ${word}: it can be ${known.join(', ')}`);
  process.exit(1);
}
const isWanted = (name: string, all: string): boolean => !only || only.includes(name) || only.includes(all);

const engine = loadEngine();
const hasNative = engine.name === 'native';
say(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${engine.reason}`);

if (loadavg()[0]! > 1) {
  say(
    `This machine is busy (load ${loadavg()[0]!.toFixed(1)} on ${cpus().length} processors): take the figures for too low.`,
  );
}

const kernels = runKernels();
const results = runCases();
if (flags.json) console.log(JSON.stringify({ engine: engine.reason, kernels, cases: results }, null, 2));
else print();

function runKernels(): KernelResult[] {
  const found: KernelResult[] = [];
  for (const kind of KINDS.filter((name) => isWanted(name, 'kernels'))) {
    for (const runner of hasNative ? ['native', 'ts'] : ['ts']) {
      progress(`${kind}, ${runner}`);
      found.push(...run<KernelResult>('kernel.js', kind, runner, String(scale.seconds)));
    }
  }
  return found;
}

function runCases(): CaseResult[] {
  const wanted = cases.filter(({ name }) => isWanted(name, 'end-to-end'));
  if (wanted.length === 0) return [];
  progress('making the data');
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  try {
    const file = join(folder, 't200.dat');
    writeFileSync(file, records(T200, Math.round(scale.bytes / lengthOf(T200)), 2));
    const found: CaseResult[] = [];
    for (const { name, runners } of wanted) {
      for (const runner of runners) {
        if (runner === 'native' && !hasNative) continue;
        progress(`${name}, ${runner}`);
        found.push(...run<CaseResult>('end-to-end.bench.js', name, runner, file, String(scale.rounds)));
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A process of its own; its lines of JSON. */
function run<Result>(script: string, ...args: string[]): Result[] {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { status, signal, stdout, error } = spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${status ?? signal}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Result);
}

function print(): void {
  if (kernels.length > 0) printKernels();
  if (results.length > 0) printCases();
  printGoal();
}

function printKernels(): void {
  say('\nKernels: ns per field, one field of a 200-byte record, 2,048 records in the cache');
  row('', 'native', 'TypeScript', 'ratio');
  for (const { kind, name, nanoseconds } of kernels.filter(({ engine }) => engine === 'ts')) {
    const native = kernels.find((other) => other.engine === 'native' && other.kind === kind && other.name === name);
    const ratio = native ? `${(nanoseconds / native.nanoseconds).toFixed(1)}x` : '';
    row(`${kind.padEnd(7)} ${name}`, native?.nanoseconds.toFixed(2) ?? '', nanoseconds.toFixed(1), ratio);
  }
}

function printCases(): void {
  say(
    `\nEnd to end: ${scale.bytes / 1e6} MB of 200-byte records, streamed; median of ${scale.rounds} rounds, MB/s of input (ns per record)`,
  );
  row('', 'native', 'TypeScript', 'ratio', 'by hand', 'ratio', 'memcpy', 'of memcpy');
  for (const { name, title } of cases) {
    const found = (runner: Runner) => results.find((result) => result.name === name && result.engine === runner);
    const [native, ts, naive] = [found('native'), found('ts'), found('naive')];
    const best = native ?? ts;
    if (!best) continue;
    const copy = best.bytes / median(best.memcpy) / 1e6;
    row(
      title,
      speed(native),
      speed(ts),
      ratio(ts, native),
      speed(naive),
      ratio(naive, native ?? ts),
      copy.toFixed(0),
      (rate(best) / copy).toFixed(2),
    );
  }
  say('By hand: a loop over the fields that slices Buffers, checking nothing (bench/naive.ts).');
}

function printGoal(): void {
  const [native, ts] = (['native', 'ts'] as const).map((runner) =>
    results.find((result) => result.name === 'columns' && result.engine === runner),
  );
  if (!native || !ts) return;
  const times = rate(native) / rate(ts);
  const best = Math.min(...ts.rounds) / Math.min(...native.rounds);
  const verdict = times >= GOAL ? 'reached' : 'MISSED';
  say(`\n>>> Native is ${times.toFixed(1)}x the TypeScript engine to columns on the 200-byte record, streamed.`);
  say(`>>> Goal: at least ${GOAL}x, ${verdict} (by medians; ${best.toFixed(1)}x by the best rounds).`);
}

/** MB/s, by the median round. */
function rate({ bytes, rounds }: CaseResult): number {
  return bytes / median(rounds) / 1e6;
}

function speed(result: CaseResult | undefined): string {
  if (!result) return '';
  return `${rate(result).toFixed(0)} (${((median(result.rounds) * 1e9) / result.records).toFixed(0)})`;
}

function ratio(slow: CaseResult | undefined, fast: CaseResult | undefined): string {
  return slow && fast ? `${(rate(fast) / rate(slow)).toFixed(1)}x` : '';
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function row(title: string, ...cells: string[]): void {
  say(title.padEnd(40) + cells.map((cell, k) => cell.padStart([13, 13, 8, 13, 8, 9, 11][k]!)).join(''));
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what} ...`);
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (flags.json) console.error(text);
  else console.log(text);
}
