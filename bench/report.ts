/**
 * The benchmarks' results as tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Case, type CaseResult, type Runner, ofMemcpy, perRecord, rate, times } from './case.js';
import type { KernelResult } from './kernel.js';
import { type Table, factor, grouped } from './table.js';

export function kernelTable(kernels: readonly KernelResult[]): Table {
  const rows = kernels
    .filter(({ engine }) => engine === 'ts')
    .map(({ kind, name, nanoseconds }) => {
      const native = kernels.find((other) => other.engine === 'native' && other.kind === kind && other.name === name);
      const ratio = native ? factor(nanoseconds / native.nanoseconds) : '';
      return [`${kind}: ${name}`, native?.nanoseconds.toFixed(2) ?? '', nanoseconds.toFixed(1), ratio];
    });
  return {
    title:
      'Kernels: nanoseconds a field, one field of a 200-byte record, 2,048 records in the cache (mean of Benchmark.js)',
    columns: ['', 'native', 'TypeScript', 'ratio'],
    rows,
  };
}

export function caseTable(cases: readonly Case[], results: readonly CaseResult[], bytes: number): Table {
  const rows = cases.flatMap(({ name, title }) => {
    const found = (runner: Runner) => results.find((result) => result.name === name && result.runner === runner);
    const [native, ts, naive, threads] = [found('native'), found('ts'), found('naive'), found('threads')];
    const main = row(title, native, ts, naive);
    const others = [row(`${title}, two threads`, threads, undefined, undefined)];
    return [main, ...(threads ? others : [])];
  });
  const rounds = Math.min(...results.map((result) => result.rounds.length));
  return {
    title: `End to end: ${grouped(bytes / 1e6)} MB of 200-byte records of 18 fields, streamed; medians of ${rounds} rounds, MB/s of input (ns a record)`,
    columns: ['', 'native', 'TypeScript', 'ratio', 'by hand', 'ratio', 'of memcpy'],
    rows: rows.filter((cells) => cells.length > 0),
    notes: [
      'By hand: a loop over the fields that checks nothing (bench/naive.ts, bench/naive-columns.ts). Of memcpy: the native engine against ' +
        'a streaming copy of as many bytes in the same process; the TypeScript one where there is no native.',
    ],
  };
}

function row(title: string, native?: CaseResult, ts?: CaseResult, naive?: CaseResult): string[] {
  const best = native ?? ts;
  if (!best) return [];
  return [
    title,
    speed(native),
    speed(ts),
    native && ts ? factor(times(native, ts)) : '',
    speed(naive),
    naive ? factor(times(best, naive)) : '',
    ofMemcpy(best).toFixed(3),
  ];
}

/** The columns case at every instruction set, and what else is held against memcpy. */
export function levelTable(results: readonly CaseResult[]): Table | null {
  const titles: Readonly<Record<Runner, string>> = {
    native: "native, the processor's best",
    avx2: 'native, `OVERPUNCH_LEVEL=avx2`',
    portable: 'native, `OVERPUNCH_LEVEL=portable`',
    threads: '',
    ts: 'TypeScript',
    generated: '',
    naive: 'by hand',
  };
  const columns = results.filter(({ name }) => name === 'columns');
  if (columns.length < 2) return null;
  const ts = columns.find(({ runner }) => runner === 'ts');
  return {
    title: 'To columns, by instruction set',
    columns: ['', 'MB/s', 'ns a record', 'of memcpy', 'times TypeScript'],
    rows: columns.map((result) => [
      titles[result.runner],
      grouped(rate(result)),
      perRecord(result).toFixed(0),
      ofMemcpy(result).toFixed(4),
      ts && result !== ts ? factor(times(result, ts)) : '',
    ]),
  };
}

function speed(result: CaseResult | undefined): string {
  if (!result) return '';
  return `${grouped(rate(result))} (${grouped(perRecord(result))})`;
}
