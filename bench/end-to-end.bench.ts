/**
 * The library from bytes to what its users get, over more data than any cache holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { type Reader, arrowSink, open } from '../src/index.js';
import { type Case, type Runner, type Work, engineOf } from './case.js';
import { T200 } from './data.js';
import { LENGTH, copybook, decodeLoop, decodeSource, part, whole } from './decode.js';
import { naiveObject } from './naive.js';

const both: readonly Runner[] = ['native', 'ts'];
const all: readonly Runner[] = ['native', 'ts', 'naive'];

/** In the order of the table. `round` answers the records that it went through, which must be all. */
export const cases: readonly Case[] = [
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
          for await (const batch of open(data, { copybook, engine: engineOf(engine) }).batches()) count += batch.length;
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
      return chunked(engine, data, (reader) => reader.toJsonLines());
    },
  },
  {
    name: 'csv',
    title: 'to CSV',
    runners: both,
    prepare: (engine, file) => chunked(engine, readFileSync(file), (reader) => reader.toCsv()),
  },
  {
    name: 'arrow',
    title: 'to Arrow IPC, `arrowSink`',
    runners: both,
    prepare(engine, file) {
      const data = readFileSync(file);
      return {
        ...whole(data),
        async round() {
          const reader = open(data, { copybook, engine: engineOf(engine) });
          let written = 0;
          await reader.into(
            arrowSink(async (pieces) => {
              for (const { length } of pieces) written += length;
            }),
          );
          return written > data.length ? reader.summary.records : 0;
        },
      };
    },
  },
  {
    name: 'arrow-chunks',
    title: '... in chunks of their own, `toArrow()`',
    runners: both,
    prepare: (engine, file) => chunked(engine, readFileSync(file), (reader) => reader.toArrow()),
  },
];

/** Everything written in chunks of bytes, which are counted. */
function chunked(engine: Runner, data: Uint8Array, chunksOf: (reader: Reader) => AsyncIterable<Uint8Array>): Work {
  return {
    ...whole(data),
    async round() {
      const reader = open(data, { copybook, engine: engineOf(engine) });
      let written = 0;
      for await (const chunk of chunksOf(reader)) written += chunk.length;
      return written > data.length ? reader.summary.records : 0;
    },
  };
}

function naive(data: Buffer, use: (start: number) => number): Work {
  const some = part(data);
  return {
    ...whole(some),
    round() {
      let count = 0;
      for (let start = 0; start < some.length; start += LENGTH) if (use(start) > 0) count++;
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
