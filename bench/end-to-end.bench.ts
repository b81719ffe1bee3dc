/**
 * The library from bytes to what its users get, over more data than any cache holds. A process of its own for each case
 * and engine, so that neither the compiler's nor the memory's state is shared:
 *   node end-to-end.bench.js CASE ENGINE FILE ROUNDS     (prints one JSON line)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countFaults } from '../src/batch/faults.js';
import { DecodeLoop } from '../src/batch/decode.js';
import { readBlocks } from '../src/connectors/blocks.js';
import { openSource } from '../src/connectors/source.js';
import { framingCode } from '../src/framing/codes.js';
import { Copybook, type FramingOptions, type SourceInput, loadEngine, open } from '../src/index.js';
import { compile } from '../src/plan/compile.js';
import { T200, T300, copybookOf, lengthOf, records } from './data.js';
import { naiveObject } from './naive.js';

export type Runner = 'native' | 'ts' | 'naive';

export interface CaseResult {
  readonly name: string;
  readonly engine: Runner;
  readonly bytes: number;
  readonly records: number;
  /** Seconds of every round, in order, the warming-up one left out. */
  readonly rounds: readonly number[];
  /** Seconds of memcpy over the same data, in pieces of 1 MB into one buffer, in the same process. */
  readonly memcpy: readonly number[];
}

export interface Case {
  readonly name: string;
  readonly title: string;
  readonly runners: readonly Runner[];
  /** What one round does, made once, and how much of the data it goes through. */
  prepare(engine: Runner, file: string): Work;
}

interface Work {
  readonly bytes: number;
  readonly records: number;
  /** Bytes for memcpy to go through. */
  readonly data: Uint8Array;
  round(): Promise<number> | number;
}

const LENGTH = lengthOf(T200);
const MESSAGES = 100_000;
const MESSAGE_PASSES = 5;
/** The hand-written loop is slow enough to be measured on less. */
const NAIVE_PART = 5;

const both: readonly Runner[] = ['native', 'ts'];
const all: readonly Runner[] = ['native', 'ts', 'naive'];

/** In the order of the table. `round` answers the records that it went through, which must be all. */
export const cases: readonly Case[] = [
  {
    name: 'columns',
    title: 'to columns, memory reused',
    runners: both,
    prepare(engine, file) {
      const data = readFileSync(file);
      const loop = decodeLoop(engine);
      const count = data.length / LENGTH;
      const part = { data, starts: null, ends: null, first: 0, count, stride: LENGTH };
      return { ...whole(data), round: () => decodeAll(loop, [part]) };
    },
  },
  {
    name: 'vb',
    title: 'VB records to columns, memory reused',
    runners: both,
    prepare(engine, file) {
      const data = blocked(readFileSync(file));
      const loop = decodeLoop(engine);
      return { ...whole(data), records: data.records, round: () => decodeSource(loop, engine, data, { recfm: 'VB' }) };
    },
  },
  {
    name: 'file',
    title: 'file to columns, memory reused',
    runners: both,
    prepare(engine, file) {
      const loop = decodeLoop(engine);
      return { ...whole(readFileSync(file)), round: () => decodeSource(loop, engine, file, {}) };
    },
  },
  {
    name: 'batches',
    title: 'to batches() of their own memory',
    runners: both,
    prepare(engine, file) {
      const data = readFileSync(file);
      return {
        ...whole(data),
        async round() {
          let count = 0;
          for await (const batch of open(data, { copybook, engine: library(engine) }).batches()) count += batch.length;
          return count;
        },
      };
    },
  },
  {
    name: 'json',
    title: 'to JSON lines',
    runners: all,
    prepare(engine, file) {
      const data = readFileSync(file);
      if (engine === 'naive') {
        return naive(
          data,
          (start) => Buffer.from(`${JSON.stringify(naiveObject(data, start, T200), bigints)}\n`).length,
        );
      }
      return {
        ...whole(data),
        async round() {
          const reader = open(data, { copybook, engine: library(engine) });
          let written = 0;
          for await (const chunk of reader.toJsonLines()) written += chunk.length;
          return written > data.length ? reader.summary.records : 0;
        },
      };
    },
  },
  {
    name: 'objects',
    title: 'to objects',
    runners: all,
    prepare(engine, file) {
      const data = readFileSync(file);
      if (engine === 'naive') return naive(data, (start) => Object.keys(naiveObject(data, start, T200)).length);
      return {
        ...whole(data),
        async round() {
          let count = 0;
          for await (const row of open(data, { copybook, engine: library(engine) }))
            if (row.account !== undefined) count++;
          return count;
        },
      };
    },
  },
  {
    name: 'message',
    title: 'one 300-byte message to an object',
    runners: all,
    prepare(engine) {
      const length = lengthOf(T300);
      const data = Buffer.from(records(T300, MESSAGES, 3).buffer);
      const messages = Array.from({ length: MESSAGES }, (_, k) => data.subarray(k * length, (k + 1) * length));
      const decoder = engine === 'naive' ? null : Copybook.parse(copybookOf(T300)).decoder({ engine });
      const passes = decoder ? MESSAGE_PASSES : 1;
      return {
        data,
        bytes: data.length * passes,
        records: MESSAGES * passes,
        round() {
          let count = 0;
          for (let pass = 0; pass < passes; pass++) {
            for (const message of messages) {
              const row = decoder ? decoder.decode(message) : naiveObject(message, 0, T300);
              if (row) count++;
            }
          }
          return count;
        },
      };
    },
  },
];

const copybook = Copybook.parse(copybookOf(T200));

/** Only cases with a hand-written loop are run with it; those know it from here. */
function library(engine: Runner): 'native' | 'ts' {
  if (engine === 'naive') throw new Error('there is no hand-written loop for this case');
  return engine;
}

function decodeLoop(engine: Runner): DecodeLoop {
  const plan = compile(copybook.layout);
  return new DecodeLoop(loadEngine(library(engine)), plan, { own: false, typicalLength: LENGTH });
}

function decodeAll(loop: DecodeLoop, parts: Parameters<DecodeLoop['batches']>[0]['records'][]): number {
  let count = 0;
  for (const part of parts) {
    for (const { batch } of loop.batches({ records: part, firstRecord: 1, recordNumbers: null })) {
      if (countFaults(batch) > 0) throw new Error('there are bad values in the data');
      count += batch.length;
    }
  }
  return count;
}

async function decodeSource(
  loop: DecodeLoop,
  engine: Runner,
  input: SourceInput,
  options: FramingOptions,
): Promise<number> {
  const source = await openSource(input, {});
  let count = 0;
  try {
    const framing = framingCode(options, LENGTH);
    for await (const block of readBlocks(source, framing, loadEngine(library(engine))))
      count += decodeAll(loop, [block.records]);
  } finally {
    await source.close();
  }
  return count;
}

const whole = (data: Uint8Array): { data: Uint8Array; bytes: number; records: number } => ({
  data,
  bytes: data.length,
  records: data.length / LENGTH,
});

function naive(data: Buffer, use: (start: number) => number): Work {
  const part = data.subarray(0, Math.trunc(data.length / LENGTH / NAIVE_PART) * LENGTH);
  return {
    ...whole(part),
    round() {
      let count = 0;
      for (let start = 0; start < part.length; start += LENGTH) if (use(start) > 0) count++;
      return count;
    },
  };
}

const bigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** The same records with descriptors, in blocks of up to 27,998 bytes. */
function blocked(data: Uint8Array): Uint8Array & { records: number } {
  const count = data.length / LENGTH;
  const perBlock = Math.trunc((27998 - 4) / (LENGTH + 4));
  const out = new Uint8Array(count * (LENGTH + 4) + Math.ceil(count / perBlock) * 4);
  let at = 0;
  const descriptor = (length: number): void => {
    out[at] = length >> 8;
    out[at + 1] = length;
    at += 4;
  };
  for (let record = 0; record < count; record++) {
    if (record % perBlock === 0) descriptor(4 + Math.min(perBlock, count - record) * (LENGTH + 4));
    descriptor(LENGTH + 4);
    out.set(data.subarray(record * LENGTH, (record + 1) * LENGTH), at);
    at += LENGTH;
  }
  return Object.assign(out, { records: count });
}

function copyOnce(data: Uint8Array, scratch: Uint8Array): number {
  const started = performance.now();
  for (let at = 0; at < data.length; at += scratch.length) scratch.set(data.subarray(at, at + scratch.length));
  return (performance.now() - started) / 1000;
}

async function measure({ name, prepare }: Case, engine: Runner, file: string, count: number): Promise<CaseResult> {
  const work = prepare(engine, file);
  const scratch = new Uint8Array(1 << 20);
  const rounds: number[] = [];
  const memcpy: number[] = [];
  for (let round = 0; round <= count; round++) {
    const started = performance.now();
    const done = await work.round();
    const seconds = (performance.now() - started) / 1000;
    if (done !== work.records) throw new Error(`${name}: ${done} records of ${work.records}`);
    const copied = copyOnce(work.data, scratch);
    if (round === 0) continue;
    rounds.push(seconds);
    memcpy.push((copied * work.bytes) / work.data.length);
  }
  return { name, engine, bytes: work.bytes, records: work.records, rounds, memcpy };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, engine, file = '', rounds = '5'] = process.argv.slice(2);
  const chosen = cases.find((candidate) => candidate.name === name);
  if (!chosen) throw new Error(`there is no case ${name}`);
  console.log(JSON.stringify(await measure(chosen, engine as Runner, file, Number(rounds))));
}
