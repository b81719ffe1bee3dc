/**
 * The most memory that a decode takes, on an input far longer than memory should care about. The input is one block of records again and
 * again, from an async iterable, so that it needs no disk. A process of its own for each engine and output:
 *   node memory.js ENGINE OUTPUT BYTES     (prints one JSON line)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type EngineChoice, type Reader, open } from '../src/index.js';
import { T200, records } from './data.js';
import { LENGTH, copybook } from './decode.js';
import { type Table, grouped } from './table.js';

interface MemoryResult {
  readonly records: number;
  readonly seconds: number;
  /** Most bytes of resident memory. */
  readonly peak: number;
}

const GOAL = 300e6;
const BLOCK_RECORDS = 20_000;

const OUTPUTS: Readonly<Record<string, (reader: Reader) => AsyncIterable<unknown>>> = {
  columns: (reader) => reader.batches(),
  'JSON lines': (reader) => reader.toJsonLines(),
};

export function memoryTable(bytes: number, hasNative: boolean, progress: (what: string) => void): Table {
  const script = fileURLToPath(import.meta.url);
  const rows: string[][] = [];
  for (const engine of hasNative ? ['native', 'ts'] : ['ts']) {
    for (const output of Object.keys(OUTPUTS)) {
      progress(`${output}, ${engine}`);
      const run = spawnSync(process.execPath, [script, engine, output, String(bytes)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (run.status !== 0) throw new Error(`${output}, ${engine}: ended with ${run.status ?? run.signal}`);
      const { records: count, seconds, peak } = JSON.parse(run.stdout) as MemoryResult;
      const verdict = peak < GOAL ? 'below' : 'ABOVE';
      rows.push([`${output}, ${engine}`, grouped(count), seconds.toFixed(1), grouped(peak / 1e6), verdict]);
    }
  }
  return {
    title: `Most resident memory while ${grouped(bytes / 1e6)} MB go through`,
    columns: ['', 'records', 'seconds', 'MB', `${GOAL / 1e6} MB`],
    rows,
  };
}

/** 200M, 1G, 1.5G or a plain number, in bytes. */
export function parseSize(text: string): number {
  const found = /^(\d+(?:\.\d+)?)([KMGT]?)B?$/i.exec(text.trim());
  if (!found) throw new Error(`${text} is no size; write it like 200M or 10G`);
  return Number(found[1]) * 1000 ** ' KMGT'.indexOf(found[2]?.toUpperCase() || ' ');
}

async function* repeated(bytes: number): AsyncGenerator<Uint8Array> {
  const block = records(T200, BLOCK_RECORDS, 4);
  const whole = Math.trunc(bytes / LENGTH) * LENGTH;
  for (let at = 0; at < whole; at += block.length) yield block.subarray(0, Math.min(block.length, whole - at));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [engine, output = '', size = ''] = process.argv.slice(2);
  const bytes = Number(size);
  const reader = open(repeated(bytes), { copybook, engine: engine as EngineChoice });
  const started = performance.now();
  for await (const _ of OUTPUTS[output]!(reader));
  const seconds = (performance.now() - started) / 1000;
  const { records: count, badValues } = reader.summary;
  if (count !== Math.trunc(bytes / LENGTH) || badValues > 0)
    throw new Error(`${count} records, ${badValues} bad values`);
  console.log(JSON.stringify({ records: count, seconds, peak: process.resourceUsage().maxRSS * 1024 }));
}
