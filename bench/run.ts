/**
 * Runs the benchmarks and prints their tables: the kernels by Benchmark.js, then the library end to end.
 *   npm run bench -- [--quick] [--only WORD[,WORD]] [--markdown] [--svg FILE] [--json] [--memory [--size 10G]]
 * --only takes kinds (text, zoned, packed, binary, float, or kernels for all of them) and cases (columns, json ..., or end-to-end for all of
 * them), sort, group, sql (10M records) and parquet (2 GB): only where they are named; --memory measures the most memory that a long input takes, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadEngine } from '../src/index.js';
import type { CaseResult } from './case.js';
import { cases } from './cases.js';
import { T200, lengthOf, records } from './data.js';
import { goalTable } from './goals.js';
import { type GroupResult, groupTable } from './group.bench.js';
import { KINDS, type KernelResult } from './kernel.js';
import { busy, describe, machine } from './machine.js';
import { memoryTable, parseSize } from './memory.js';
import { caseTable, kernelTable, levelTable } from './report.js';
import { sideBySide } from './side-by-side.js';
import { type SortResult, sortTable } from './sort.bench.js';
import { speedChart } from './speed-chart.js';
import { type SqlResult, parquetTable, sqlTable } from './sql.bench.js';
import { type Table, asMarkdown, asText } from './table.js';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    svg: { type: 'string' },
    memory: { type: 'boolean', default: false },
    size: { type: 'string' },
  },
});
/** Bytes of data, rounds, and seconds that Benchmark.js takes for a kernel. */
const scale = flags.quick ? { bytes: 5e6, rounds: 2, seconds: 0.01 } : { bytes: 200e6, rounds: 7, seconds: 1 };

const only = flags.only?.split(',');
/** Those that take gigabytes are only run where they are asked for by name. */
const LARGE = ['sort', 'group', 'sql', 'parquet'];
const known = [...KINDS, ...cases.map(({ name }) => name), 'kernels', 'end-to-end', ...LARGE];
for (const word of only ?? []) {
  if (known.includes(word)) continue;
  console.error(`--only ${word}: it can be ${known.join(', ')}`);
  process.exit(1);
}
const isWanted = (name: string, all: string): boolean => !only || only.includes(name) || only.includes(all);

const engine = loadEngine();
const hasNative = engine.name === 'native';
const here = machine(engine);
say(describe(here));
if (busy(here)) say(busy(here));

if (flags.memory) {
  print(memoryTable(parseSize(flags.size ?? (flags.quick ? '200M' : '10G')), hasNative, progress));
} else {
  const kernels = runKernels();
  const results = await runCases();
  if (flags.json) console.log(JSON.stringify({ machine: here, kernels, cases: results }, null, 2));
  if (kernels.length > 0) print(kernelTable(kernels));
  if (results.length > 0) print(caseTable(cases, results, scale.bytes));
  for (const table of runLarge()) print(table);
  print(levelTable(results));
  print(goalTable(results));
  if (flags.svg) {
    mkdirSync(dirname(flags.svg), { recursive: true });
    writeFileSync(flags.svg, speedChart(cases, results, here));
    say(`\nwrote ${flags.svg}`);
  }
}

function runKernels(): KernelResult[] {
  const found: KernelResult[] = [];
  for (const kind of KINDS.filter((name) => isWanted(name, 'kernels'))) {
    for (const runner of hasNative ? ['native', 'ts'] : ['ts']) {
      progress(`${kind}, ${runner}`);
      found.push(...runKernel(kind, runner, String(scale.seconds)));
    }
  }
  return found;
}

function runLarge(): Table[] {
  const rounds = flags.quick ? '3' : '5';
  const count = flags.quick ? '1000000' : '10000000';
  const tables: Table[] = [];
  const isAsked = (name: string): boolean => only?.includes(name) === true;
  if (isAsked('sort')) {
    progress('sort');
    tables.push(sortTable(runScript<SortResult[]>('sort.bench.js', count, rounds)[0]!));
  }
  for (const groups of isAsked('group') ? ['1000', '1000000'] : []) {
    progress(`group, ${groups}`);
    tables.push(groupTable(runScript<GroupResult[]>('group.bench.js', count, rounds, groups)[0]!));
  }
  if (isAsked('sql')) {
    progress('sql');
    tables.push(sqlTable(runScript<SqlResult[]>('sql.bench.js', 'sql', count, rounds)[0]!));
  }
  if (isAsked('parquet')) {
    progress('parquet');
    tables.push(parquetTable(runScript<SqlResult[]>('sql.bench.js', 'parquet', flags.quick ? '2e8' : '2e9', '3')[0]!));
  }
  return tables;
}

function runKernel(...args: string[]): KernelResult[] {
  return runScript<KernelResult>('kernel.js', ...args);
}

/** A process of its own; its lines of JSON. */
function runScript<Result>(script: string, ...args: string[]): Result[] {
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

async function runCases(): Promise<CaseResult[]> {
  const wanted = cases.filter(({ name }) => isWanted(name, 'end-to-end'));
  if (wanted.length === 0) return [];
  progress('making the data');
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  try {
    const file = join(folder, 't200.dat');
    writeFileSync(file, records(T200, Math.round(scale.bytes / lengthOf(T200)), 2));
    const found: CaseResult[] = [];
    for (const one of wanted) {
      const runners = one.runners.filter(
        (runner) => hasNative || runner === 'ts' || runner === 'generated' || runner === 'naive',
      );
      progress(one.name);
      found.push(...(await sideBySide(one, runners, file, scale.rounds)));
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(table: Table | null): void {
  if (table) say(flags.markdown ? asMarkdown(table) : asText(table));
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what} ...`);
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (flags.json) console.error(text);
  else console.log(text);
}
