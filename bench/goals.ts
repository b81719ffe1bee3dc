/**
 * What the project holds itself to, and whether a run reached it. Figures are of one core.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type CaseResult, type Runner, ofMemcpy, times } from './case.js';
import type { Table } from './table.js';

type Find = (name: string, runner: Runner) => CaseResult | undefined;

interface Goal {
  readonly text: string;
  readonly least: number;
  /** What was reached; undefined where the run does not say. */
  readonly of: (find: Find) => number | undefined;
}

const memcpy =
  (name: string, runner: Runner) =>
  (find: Find): number | undefined => {
    const result = find(name, runner);
    return result && ofMemcpy(result);
  };

const against =
  (name: string, fast: Runner, slow: Runner) =>
  (find: Find): number | undefined => {
    const [quick, other] = [find(name, fast), find(name, slow)];
    return quick && other && times(quick, other);
  };

/** Two cases over the same records. */
const between =
  (name: string, other: string, runner: Runner) =>
  (find: Find): number | undefined => {
    const [quick, slow] = [find(name, runner), find(other, runner)];
    return quick && slow && times(quick, slow);
  };

const GOALS: readonly Goal[] = [
  { text: 'columns, part of memcpy, AVX-512', least: 0.25, of: memcpy('columns', 'native') },
  { text: 'columns, part of memcpy, AVX2', least: 0.1, of: memcpy('columns', 'avx2') },
  { text: 'columns, part of memcpy, portable', least: 0.045, of: memcpy('columns', 'portable') },
  { text: 'columns, part of memcpy, TypeScript', least: 0.01, of: memcpy('columns', 'ts') },
  { text: 'columns, native to TypeScript', least: 20, of: against('columns', 'native', 'ts') },
  { text: 'columns, TypeScript to a loop by hand', least: 5, of: against('columns', 'ts', 'naive') },
  { text: 'cached file to columns, part of memcpy', least: 0.15, of: memcpy('file', 'native') },
  { text: 'JSON lines, part of memcpy', least: 0.08, of: memcpy('json', 'native') },
  { text: 'JSON lines, native to TypeScript', least: 6, of: against('json', 'native', 'ts') },
  { text: 'a message to an object, native to a loop by hand', least: 10, of: against('message', 'native', 'naive') },
  {
    text: 'a message to an object, native to generated code',
    least: 2.2,
    of: against('message', 'native', 'generated'),
  },
  { text: 'batches of objects, native to generated code', least: 2, of: against('rows', 'native', 'generated') },
  { text: 'objects by `for await`, native to generated code', least: 2, of: against('objects', 'native', 'generated') },
  { text: 'a cursor reading 3 of 28 fields to objects, native', least: 4, of: between('cursor', 'rows', 'native') },
  { text: 'where, native to decode-then-filter in TypeScript', least: 8, of: against('filter', 'native', 'naive') },
  { text: 'columns, two threads to one', least: 1.7, of: against('threads', 'threads', 'native') },
  { text: 'JSON lines, two threads to one', least: 1.7, of: against('threads-json', 'threads', 'native') },
  { text: 'file to JSON lines, two threads to one', least: 1.7, of: against('threads-json-file', 'threads', 'native') },
];

export function goalTable(results: readonly CaseResult[]): Table | null {
  const find: Find = (name, runner) => results.find((result) => result.name === name && result.runner === runner);
  const rows = GOALS.flatMap(({ text, least, of }) => {
    const value = of(find);
    if (value === undefined) return [];
    return [[text, String(least), value.toPrecision(3), value >= least ? 'reached' : 'missed']];
  });
  if (rows.length === 0) return null;
  return { title: 'Goals', columns: ['', 'at least', 'measured', ''], rows };
}
