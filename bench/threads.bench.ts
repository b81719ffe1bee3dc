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

/** To columns whose memory is used again. */
async function count(source: SourceInput, runner: Runner): Promise<number> {
  const reader = open(source, { copybook, engine: 'native', threads: runner === 'threads' ? 2 : 1 });
  for await (const _ of reader.decoded('utf8'));
  return reader.summary.records;
}

export const cases: readonly Case[] = [
  {
    name: 'threads',
    title: 'shared bytes to columns by `open`',
    runners: RUNNERS,
    prepare(runner, file) {
      const bytes = readFileSync(file);
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      return { ...whole(shared), round: () => count(shared, runner) };
    },
  },
  {
    name: 'threads-file',
    title: 'file to columns by `open`',
    runners: RUNNERS,
    prepare: (runner, file) => ({ ...whole(readFileSync(file)), round: () => count(file, runner) }),
  },
];
