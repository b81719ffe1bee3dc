/**
 * Statistics, against the same by hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import type { FieldStatistics } from '../../src/client/types.js';
import { statisticsOf } from '../../src/datasets/statistics.js';
import { type OpenOptions, open } from '../../src/read.js';
import { ebcdic, accounts, copybook } from '../keyed/accounts.js';

const PATHS = ['ACCT-ID', 'CUST-NAME', 'BALANCE', 'BIG', 'BRANCH', 'RATE', 'ITEMS'].map((name) => `ACCOUNT.${name}`);
const list = accounts(5000, 7);
const bytes = Buffer.concat(list.map((one) => one.bytes));

const statistics = (data: Uint8Array, paths: readonly string[], options: OpenOptions, records = 1e6, values = 1e6) =>
  statisticsOf(open(data, { select: paths, batchRecords: 500, ...options }), paths, { records, values });

describe('of accounts', async () => {
  const all = await statistics(bytes, PATHS, { copybook });
  const of = (name: string): FieldStatistics => all.fields.find(({ field }) => field === `ACCOUNT.${name}`)!;

  it('are of all records', () => {
    expect(all).toMatchObject({ records: 5000, complete: true });
    expect(all.fields.map(({ field }) => field)).toEqual(PATHS);
  });

  it('count values, null and bad ones', () => {
    const [absent, bad] = [null, undefined].map((kind) => list.filter(({ balance }) => balance === kind).length);
    expect(of('BALANCE')).toMatchObject({ null: absent, bad, count: 5000 - absent! - bad! });
    expect(absent! * bad!).toBeGreaterThan(0);
  });

  it('are exact for decimals beyond what a double holds', () => {
    const values = list.map(({ big }) => big).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const text = (value: bigint, scale: number): string => {
      const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
      return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    };
    const { min, max, mean, distinct, histogram } = of('BIG');
    expect([min, max]).toEqual([text(values[0]!, 2), text(values.at(-1)!, 2)]);
    expect(distinct).toBe(new Set(values).size);
    const sum = values.reduce((a, b) => a + b, 0n) * 10000n;
    // rounded half to even
    const down = sum / 5000n - (sum % 5000n < 0n ? 1n : 0n);
    const rest = 2n * (sum - down * 5000n);
    const rounded = rest > 5000n || (rest === 5000n && down % 2n !== 0n) ? down + 1n : down;
    expect(mean).toBe(text(rounded, 6));
    expect(histogram).toHaveLength(20);
    expect(histogram!.reduce((total, { count }) => total + count, 0)).toBe(5000);
    const scaled = (digits: string): bigint => BigInt(digits.replace('.', ''));
    for (const { from, to, count } of histogram!)
      expect(values.filter((value) => value >= scaled(from) && value <= scaled(to))).toHaveLength(count);
  });

  it('have a bin for each value where there are few', () => {
    const { histogram, kind } = of('BRANCH');
    expect(kind).toBe('integer');
    expect(histogram!.map(({ from, to }) => [from, to])).toEqual(
      [-3, -2, -1, 0, 1, 2, 3].map((value) => [String(value), String(value)]),
    );
    for (const { from, count } of histogram!)
      expect(count).toBe(list.filter(({ branch }) => branch === Number(from)).length);
  });

  it('have bins for floats', () => {
    const { min, max, histogram, distinct } = of('RATE');
    const rates = list.map(({ rate }) => rate);
    expect([min, max]).toEqual([String(Math.min(...rates)), String(Math.max(...rates))]);
    expect(distinct).toBeNull();
    expect(histogram!.reduce((total, { count }) => total + count, 0)).toBe(5000);
  });

  it('have the most frequent texts', () => {
    const counts = new Map<string, number>();
    for (const { name } of list) counts.set(name, (counts.get(name) ?? 0) + 1);
    const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const { frequent, distinct, min, max } = of('CUST-NAME');
    expect(distinct).toBe(counts.size);
    expect(frequent).toEqual(sorted.slice(0, 10).map(([value, count]) => ({ value, count })));
    const names = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1));
    expect([min, max]).toEqual([names[0], names.at(-1)]);
  });

  it('are of all items of a table', () => {
    expect(of('ITEMS').count).toBe(10_000);
  });
});

it('look at no more records and values than they may', async () => {
  expect(await statistics(bytes, ['ACCOUNT.BRANCH'], { copybook }, 1000)).toMatchObject({
    records: 1000,
    complete: false,
  });
  expect(await statistics(bytes, PATHS, { copybook }, 1e6, 10_000)).toMatchObject({ complete: false });
  expect((await statistics(bytes, PATHS, { copybook, where: 'BRANCH = 2' })).records).toBe(
    list.filter(({ branch }) => branch === 2).length,
  );
});

it('have nothing to say of no values', async () => {
  const text = Copybook.parse(
    '       01 A.\n          05 N PIC 9(3).\n          05 T PIC X.\n          05 F COMP-2.\n',
  );
  const empty = { count: 0, min: null, max: null, mean: null, histogram: null, frequent: null };
  const options = { copybook: text, where: 'N = 5' };
  const { fields, records } = await statistics(ebcdic('001A        '), ['A.N', 'A.T', 'A.F'], options);
  expect(records).toBe(0);
  expect(fields).toEqual([]);
  const some = await statistics(Buffer.alloc(12), ['A.N', 'A.T'], { copybook: text });
  expect(some.fields).toMatchObject([
    { ...empty, null: 1 },
    { ...empty, null: 1 },
  ]);
});
