/**
 * One case with one runner, in a process of its own, so that neither the compiler's nor the memory's state is shared. It
 * prepares, goes through one round to warm up, says that it is ready, and then does a round whenever it is told to:
 *   fork('round.js', [CASE, RUNNER, FILE])
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Runner, Work } from './case.js';
import { cases } from './cases.js';

export interface Ready {
  readonly bytes: number;
  readonly records: number;
}

export interface Round {
  readonly seconds: number;
  readonly memcpy: number;
}

const PIECE = 1 << 20;
const scratch = new Uint8Array(PIECE);

function copyOnce(data: Uint8Array): number {
  const started = performance.now();
  for (let at = 0; at < data.length; at += PIECE) scratch.set(data.subarray(at, at + PIECE));
  return (performance.now() - started) / 1000;
}

async function roundOf(name: string, work: Work): Promise<Round> {
  const started = performance.now();
  const done = await work.round();
  const seconds = (performance.now() - started) / 1000;
  if (done !== work.records) throw new Error(`${name}: ${done} records of ${work.records}`);
  return { seconds, memcpy: (copyOnce(work.data) * work.bytes) / work.data.length };
}

const [name = '', runner, file = ''] = process.argv.slice(2);
const chosen = cases.find((candidate) => candidate.name === name);
if (!chosen || !process.send) throw new Error(`there is no case ${name}, or nobody to tell`);
const work = await chosen.prepare(runner as Runner, file);
await roundOf(name, work);
process.on('message', async () => process.send!((await roundOf(name, work)) satisfies Round));
process.send({ bytes: work.bytes, records: work.records } satisfies Ready);
