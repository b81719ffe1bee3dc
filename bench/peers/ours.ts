/**
 * Overpunch on a peer's file: to columns, to JSON lines, and sorted, on one thread. A process of its own:
 *   node ours.js WORKLOAD DATA FOLDER ROUNDS     (prints one line of JSON a task, and what was found)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Batch } from '../../src/batch/batch.js';
import { Copybook, type Reader, open } from '../../src/index.js';
import { median } from '../case.js';
import { accounts } from '../workloads/accounts.js';
import { workloads } from '../workloads/all.js';
import { measured } from './command.js';
import { type Figure, type Job, type Outcome, SORT_KEY, type Task } from './peer.js';

/** Runs it in a process of its own. */
export function runOurs({ workload, data, folder }: Job, rounds: number): Outcome {
  const script = fileURLToPath(import.meta.url);
  const { stdout } = measured(process.execPath, [script, workload.name, data, folder, String(rounds)]);
  const lines = stdout.trim().split('\n');
  const { records, sum } = JSON.parse(lines.pop()!) as { records: number; sum: string };
  return { figures: lines.map((line) => JSON.parse(line) as Figure), found: { records, sum: BigInt(sum) } };
}

type Use = (reader: Reader, folder: string) => Promise<void>;

const TASKS: Readonly<Partial<Record<Task, Use>>> = {
  async columns(reader) {
    for await (const _ of reader.decoded('utf8'));
  },
  async lines(reader) {
    for await (const _ of reader.toJsonLines());
  },
  async 'lines to a file'(reader, folder) {
    await pipeline(reader.toJsonLines(), createWriteStream(join(folder, 'ours.jsonl')));
  },
  async sort(reader, folder) {
    await pipeline(reader.sort([SORT_KEY]).toRecords(), createWriteStream(join(folder, 'ours.dat')));
  },
};

/** Sum of the unscaled values of one column; null slots are zeros. */
function sumOf(batch: Batch, path: string): bigint {
  const column = batch.columns.find(({ field }) => field.path.split('.').at(-1) === path);
  if (!column) throw new Error(`there is no column ${path}`);
  const { values, length } = column;
  let sum = 0n;
  if (values instanceof BigInt64Array) return values.reduce((total, value) => total + value, sum);
  // two words a value, the low one first
  if (values instanceof BigUint64Array)
    for (let k = 0; k < length; k++) sum += (BigInt.asIntN(64, values[2 * k + 1]!) << 64n) + values[2 * k]!;
  else for (const value of values) sum += BigInt(value);
  return sum;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, data = '', folder = '', rounds = ''] = process.argv.slice(2);
  const workload = workloads.find((candidate) => candidate.name === name)!;
  const copybook = Copybook.parse(workload.copybook);
  const reader = (): Reader => open(data, { copybook, recfm: workload.recfm, record: workload.record, threads: 1 });
  for (const [task, use] of Object.entries(TASKS)) {
    if (task === 'sort' && workload !== accounts) continue;
    const seconds: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round <= Number(rounds); round++) {
      const before = process.cpuUsage();
      const started = performance.now();
      await use(reader(), folder);
      seconds.push((performance.now() - started) / 1000);
      const { user, system } = process.cpuUsage(before);
      cpu.push((user + system) / 1e6);
    }
    // the first round warmed up
    console.log(JSON.stringify({ task, seconds: median(seconds.slice(1)), cpu: median(cpu.slice(1)) }));
  }
  const checked = reader();
  let sum = 0n;
  for await (const batch of checked.batches()) sum += sumOf(batch, workload.checked.path);
  const { records, badValues } = checked.summary;
  if (badValues > 0) throw new Error(`${badValues} bad values in ${data}`);
  console.log(JSON.stringify({ records, sum: String(sum) }));
}
