/**
 * Measures the kernels of one file with Benchmark.js: one field of a 200-byte record, over records that stay in the
 * second-level cache, through the engine's `decode`. A process of its own for each file and engine:
 *   node kernel.js KIND ENGINE SECONDS     (prints one JSON line a kernel)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import Benchmark from 'benchmark';
import { fileURLToPath } from 'node:url';
import { Head, allocateSlab, badOf, layoutSlab } from '../src/engine/slab.js';
import { Copybook, type DecodeOptions, type EngineChoice, loadEngine } from '../src/index.js';
import { compile } from '../src/plan/compile.js';
import { type Field, copybookOf, records } from './data.js';

export interface Kernel {
  readonly field: Field;
  readonly note?: string;
  readonly options?: DecodeOptions;
}

export interface KernelResult {
  readonly kind: string;
  readonly name: string;
  readonly engine: string;
  /** Mean of Benchmark.js' samples, and its relative margin of error in percent. */
  readonly nanoseconds: number;
  readonly margin: number;
}

export const KINDS = ['text', 'zoned', 'packed', 'binary', 'float'] as const;

const RECORDS = 2048;
const STRIDE = 200;

function measure(
  kind: string,
  { field, note, options = {} }: Kernel,
  choice: EngineChoice,
  seconds: number,
): KernelResult {
  const rest = `           05  FILLER PIC X(${STRIDE - field.length}).\n`;
  const { layout } = Copybook.parse(copybookOf([field]) + rest);
  const plan = compile(layout, options);
  const decoder = loadEngine(choice).prepare(layoutSlab(plan, [RECORDS]));
  const slab = allocateSlab(decoder.layout);
  const data = records([field], RECORDS, 1, STRIDE);
  const all = { data, starts: null, ends: null, first: 0, count: RECORDS, stride: STRIDE };
  const bench = new Benchmark(() => decoder.decode(slab, all), { maxTime: seconds, minSamples: 5 });
  bench.run();
  if (bench.error) throw bench.error;
  if (slab.head[Head.RECORDS] !== RECORDS || slab.head[badOf(plan, 0)] !== 0) {
    throw new Error(`${field.clause}: ${slab.head[Head.RECORDS]} records, ${slab.head[badOf(plan, 0)]} bad values`);
  }
  const name = note ? `${field.clause} (${note})` : field.clause;
  return { kind, name, engine: choice, nanoseconds: (bench.stats.mean * 1e9) / RECORDS, margin: bench.stats.rme };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind = '', choice = 'auto', seconds = '1'] = process.argv.slice(2);
  const { kernels } = (await import(`./${kind}.bench.js`)) as { kernels: readonly Kernel[] };
  for (const kernel of kernels) {
    console.log(JSON.stringify(measure(kind, kernel, choice as EngineChoice, Number(seconds))));
  }
}
