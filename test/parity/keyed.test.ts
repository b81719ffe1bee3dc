/**
 * Native = TypeScript for what works on keys: random layouts and records are sorted (in memory and through a temporary
 * file), grouped and looked up to the same bytes. `OVERPUNCH_KEYED=N` runs N layouts, `OVERPUNCH_SEED=S` starts at S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { loadNativeEngine } from '../../src/engine/native.js';
import { OverpunchError } from '../../src/errors.js';
import type { SortField } from '../../src/keyed/sort.js';
import { type Item, walk } from '../../src/layout/item.js';
import { Reader } from '../../src/read.js';
import { collect } from '../keyed/accounts.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from './random.js';

const LAYOUTS = Number(process.env.OVERPUNCH_KEYED ?? 150);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const CHUNK = 25;

function hasNative(): boolean {
  try {
    return loadNativeEngine() !== null;
  } catch (error) {
    if (error instanceof OverpunchError && error.code === 'OVP_ENGINE_MISSING') return false;
    throw error;
  }
}

describe.skipIf(!hasNative())('native and TypeScript engines agree on keys', () => {
  for (let from = FIRST; from < FIRST + LAYOUTS; from += CHUNK) {
    const to = Math.min(from + CHUNK, FIRST + LAYOUTS);
    it(`layouts ${from} to ${to - 1}`, async () => {
      for (let seed = from; seed < to; seed++) await compare(seed);
    });
  }
});

async function compare(seed: number): Promise<void> {
  const random = new Random(seed);
  const copybook = Copybook.parse(randomCopybook(random), { format: 'fixed' });
  const { layout } = copybook;
  const options = randomOptions(random, layout);
  const writer = new RecordWriter(random, layout, options);
  const quality = random.pick([100, 90, 50, 0]);
  const records = Array.from({ length: random.pick([1, 3, 40, 300, 700]) }, () => writer.record(quality));
  const data = Buffer.concat(
    records.flatMap((bytes) => [Buffer.of((bytes.length + 4) >> 8, bytes.length + 4, 0, 0), bytes]),
  );
  const names = layout.records
    .flatMap(({ item }) => [...walk(item)])
    .filter(isKey)
    .map(({ path }) => path);
  if (names.length === 0 || records.some(({ length }) => length > 65_000)) return;
  const some = (): string[] => Array.from({ length: 1 + random.below(3) }, () => random.pick(names));
  const by = some().map((name): SortField => ({ by: name, order: random.pick(['asc', 'desc']) }));
  const collate = random.pick(['bytes', 'unicode']);
  const keys = some().slice(1);
  const [values, extremes] = [some(), some()];

  const run = async (engine: 'native' | 'ts'): Promise<Record<string, string>> => {
    const open = (): Reader => new Reader(data, { ...options, copybook, engine, recfm: 'V', batchRecords: 64 });
    const sort = (memory: number): Promise<string> =>
      outcome(() => collect(open().sort(by, { collate, memory }).toRecords()).then((bytes) => bytes.toString('hex')));
    const group = (): Promise<string> =>
      outcome(async () => {
        const groups = open().groupBy(keys).count();
        for (const name of values) groups.count(name).sum(name).avg(name);
        for (const name of extremes) groups.min(name).max(name);
        return (await collect(groups.toJsonLines())).toString() + JSON.stringify(groups.summary);
      });
    const least = (): Promise<string> =>
      outcome(async () => {
        const groups = open().groupBy(keys).count();
        for (const name of extremes) groups.count(name).min(name).max(name);
        return (await collect(groups.toCsv())).toString();
      });
    return { sorted: await sort(2 ** 30), merged: await sort(2 ** 16), grouped: await group(), least: await least() };
  };
  const [native, ts] = [await run('native'), await run('ts')];
  const place = `seed ${seed}: ${JSON.stringify({ options, by, collate, keys, values, extremes })}`;
  expect(ts, place).toEqual(native);
  expect(native.merged, place).toBe(native.sorted);
}

/** An elementary item outside of tables. */
function isKey(item: Item): boolean {
  for (let at: Item | null = item; at; at = at.parent) if (at.occurs) return false;
  return item.kind !== 'group' && !item.filler;
}

/** What it came to: text, or the error's code and message. */
async function outcome(action: () => Promise<string>): Promise<string> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof OverpunchError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}
