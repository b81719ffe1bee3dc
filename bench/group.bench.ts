/**
 * Group-by of records of 100 bytes: count and sum of a S9(29)V99 COMP-3 by eight characters, in 1,000 and in a million groups,
 * against a Map with BigInt sums written by hand. Both sides read the same bytes, decoding included; ours checks them, and
 * gives the groups in order as columns. By hand that is measured with it and, stricter against ours, without. A process of its own:
 *   node group.bench.js RECORDS ROUNDS GROUPS     (prints one JSON line)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { fileURLToPath } from 'node:url';
import { Copybook, open } from '../src/index.js';
import { random } from './data.js';
import { type Table, grouped } from './table.js';

const LENGTH = 100;
const KEY = 8;
const AMOUNT = 16;
const copybook = Copybook.parse(`       01  R.
           05  BRANCH  PIC X(8).
           05  AMOUNT  PIC S9(29)V99 COMP-3.
           05  REST    PIC X(76).
`);

export interface GroupResult {
  readonly name: string;
  readonly groups: number;
  /** Records of one round: the loops by hand go through fewer. */
  readonly records: number;
  /** Seconds of every round, the warming-up one left out, by the clock and of processors. */
  readonly rounds: readonly number[];
  readonly processor: readonly number[];
}

function records(count: number, groups: number): Buffer {
  const next = random(11);
  const bytes = Buffer.alloc(count * LENGTH, 0xc1);
  for (let at = 0; at < bytes.length; at += LENGTH) {
    let group = next() % groups;
    for (let k = KEY - 1; k >= 0; k--, group = Math.trunc(group / 10)) bytes[at + k] = 0xf0 + (group % 10);
    for (let k = 0; k < AMOUNT; k++) {
      const pair = k < 4 ? 0 : next() % 100;
      bytes[at + KEY + k] = (Math.trunc(pair / 10) << 4) | (pair % 10);
    }
    const last = at + KEY + AMOUNT - 1;
    bytes[last] = (bytes[last]! & 0xf0) | (next() % 3 === 0 ? 0xd : 0xc);
  }
  return bytes;
}

async function library(data: Buffer): Promise<number> {
  let groups = 0;
  for await (const batch of open(data, { copybook }).groupBy(['BRANCH']).count().sum('AMOUNT').batches())
    groups += batch.length;
  return groups;
}

function amount(bytes: Buffer, at: number): bigint {
  let [high, middle, low] = [0, 0, 0];
  const pair = (k: number): number => (bytes[at + k]! >> 4) * 10 + (bytes[at + k]! & 15);
  for (let k = 0; k < 6; k++) high = high * 100 + pair(k);
  for (let k = 6; k < 11; k++) middle = middle * 100 + pair(k);
  for (let k = 11; k < 15; k++) low = low * 100 + pair(k);
  const value =
    (BigInt(high) * 10_000_000_000n + BigInt(middle)) * 1_000_000_000n + BigInt(low * 10 + (bytes[at + 15]! >> 4));
  return (bytes[at + 15]! & 15) === 0xd ? -value : value;
}

interface Sum {
  count: number;
  sum: bigint;
}

/** `text`: keys are strings, as the field's are; else numbers made of the digits, which a Map finds faster. */
function byHand(data: Buffer, count: number, text: boolean): Map<string | number, Sum> {
  const sums = new Map<string | number, Sum>();
  for (let i = 0, at = 0; i < count; i++, at += LENGTH) {
    let key: string | number;
    if (text) key = data.toString('latin1', at, at + KEY);
    else {
      key = 0;
      for (let k = at; k < at + KEY; k++) key = key * 10 + data[k]! - 0xf0;
    }
    const value = amount(data, at + KEY);
    const found = sums.get(key);
    if (found) {
      found.count++;
      found.sum += value;
    } else sums.set(key, { count: 1, sum: value });
  }
  return sums;
}

/** What `groupBy` answers: the groups in order of their keys, as columns. */
function inOrder(sums: Map<string | number, Sum>): number {
  const groups = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = Buffer.alloc(KEY * groups.length);
  const counts = new BigInt64Array(groups.length);
  const totals = new BigUint64Array(2 * groups.length);
  groups.forEach(([key, { count, sum }], i) => {
    keys.write(String(key), KEY * i, KEY, 'latin1');
    counts[i] = BigInt(count);
    totals[2 * i] = BigInt.asUintN(64, sum);
    totals[2 * i + 1] = BigInt.asUintN(64, sum >> 64n);
  });
  return groups.length;
}

async function measure(count: number, rounds: number, groups: number): Promise<GroupResult[]> {
  const data = records(count, groups);
  const part = Math.max(Math.min(count, 2 * groups), Math.trunc(count / 5));
  const cases: readonly (readonly [string, number, () => Promise<number> | number])[] = [
    ['groupBy: in order, as columns', count, () => library(data)],
    ['Map, BigInt, keys as strings: sums only', part, () => byHand(data, part, true).size],
    ['Map, BigInt, keys as strings: in order, as columns', part, () => inOrder(byHand(data, part, true))],
    ['Map, BigInt, keys as numbers: sums only', part, () => byHand(data, part, false).size],
  ];
  const found = cases.map(([name, all]) => ({
    name,
    groups,
    records: all,
    rounds: [] as number[],
    processor: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++) {
    for (const [i, [name, , action]] of cases.entries()) {
      const before = process.cpuUsage();
      const started = performance.now();
      if ((await action()) < groups / 2) throw new Error(`${name}: groups are missing`);
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(before);
      if (round === 0) continue;
      found[i]!.rounds.push(seconds);
      found[i]!.processor.push((user + system) / 1e6);
    }
  }
  return found;
}

export function groupTable(results: readonly GroupResult[]): Table {
  const perRecord = (seconds: readonly number[], { records: all }: GroupResult): number =>
    ([...seconds].sort((a, b) => a - b)[seconds.length >> 1]! * 1e9) / all;
  const wall = (result: GroupResult): number => perRecord(result.rounds, result);
  const processor = (result: GroupResult): number => perRecord(result.processor, result);
  const first = results[0]!;
  const [{ groups, rounds, records: all }] = results as [GroupResult];
  return {
    title: `Group-by: ${grouped(all)} records of ${LENGTH} bytes in ${grouped(groups)} groups, medians of ${rounds.length} rounds side by side`,
    columns: ['', 'ns a record', 'this / groupBy', 'processor ns', 'this / groupBy'],
    rows: results.map((result) => [
      result.name,
      wall(result).toFixed(0),
      `${(wall(result) / wall(first)).toFixed(1)}x`,
      processor(result).toFixed(0),
      `${(processor(result) / processor(first)).toFixed(1)}x`,
    ]),
    notes: [
      'Decoding the same bytes is included on both sides. Against "sums only" our whole answer is compared with a part of the other side\'s: ' +
        'the strict ratio, which the goal is for.',
    ],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '10000000', rounds = '5', groups = '1000'] = process.argv.slice(2);
  console.log(JSON.stringify(await measure(Number(count), Number(rounds), Number(groups))));
}
