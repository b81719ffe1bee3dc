/**
 * The same decode on one thread and on two: bytes that threads share, and a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { type SourceInput, open } from '../src/index.js';
import type { Case, Runner } from './case.js';
import { copybook, whole } from './decode.js';

const RUNNERS: readonly Runner[] = ['native', 'threads'];

type Use = (source: SourceInput, runner: Runner) => Promise<number>;

/** To columns whose memory is used again. */
async function count(source: SourceInput, runner: Runner): Promise<number> {
  const reader = open(source, { copybook, engine: 'native', threads: runner === 'threads' ? 2 : 1 });
  for await (const _ of reader.decoded('utf8'));
  return reader.summary.records;
}

/** To JSON lines, which are thrown away and their memory used again, as where they are written to a file. */
async function text(source: SourceInput, runner: Runner): Promise<number> {
  const reader = open(source, { copybook, engine: 'native', threads: runner === 'threads' ? 2 : 1 });
  let written = 0;
  for await (const chunk of reader.toJsonLines({ reuse: true })) written += chunk.length;
  return written > 0 ? reader.summary.records : 0;
}

function fromShared(name: string, title: string, use: Use): Case {
  return {
    name,
    title,
    runners: RUNNERS,
    prepare(runner, file) {
      const bytes = readFileSync(file);
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return { ...whole(shared), round: () => use(shared, runner) };
    },
  };
}

function fromFile(name: string, title: string, use: Use): Case {
  return {
    name,
    title,
    runners: RUNNERS,
    prepare: (runner, file) => ({ ...whole(readFileSync(file)), round: () => use(file, runner) }),
  };
}

export const cases: readonly Case[] = [
  fromShared('threads', 'shared bytes to columns by `open`', count),
  fromFile('threads-file', 'file to columns by `open`', count),
  fromShared('threads-json', 'shared bytes to JSON lines by `open`', text),
  fromFile('threads-json-file', 'file to JSON lines by `open`', text),
];
