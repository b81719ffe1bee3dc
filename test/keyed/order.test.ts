/**
 * Orders and matches as numbers of records: the same as sorting and filtering the records themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, it } from 'vitest';
import { loadEngine } from '../../src/engine/load.js';
import type { Input } from '../../src/keyed/input.js';
import { Matches } from '../../src/keyed/matches.js';
import { recordOrder } from '../../src/keyed/order.js';
import type { SortField } from '../../src/keyed/sort.js';
import type { ReadOptions } from '../../src/options.js';
import { open } from '../../src/read.js';
import { accounts, copybook } from './accounts.js';

const COUNT = 20_000;
const bytes = Buffer.concat(accounts(COUNT, 11).map((one) => one.bytes));
const input = (options: ReadOptions = {}): Input => ({
  source: bytes,
  layout: copybook.layout,
  options,
  engine: loadEngine(),
});
const WHERE = 'BRANCH > 0 AND VISITS = 1';

/** Numbers of records (their ids) as a reader has them. */
async function numbers(options: ReadOptions, by?: readonly SortField[]): Promise<number[]> {
  const reader = open(bytes, { copybook, select: ['ACCT-ID'], ...options });
  const found: number[] = [];
  for await (const row of by ? open(bytes, { copybook, ...options }).sort(by) : reader)
    found.push(Number(row.acctId) + 1);
  return found;
}

it.each<readonly [string, readonly SortField[], ReadOptions]>([
  ['a number, bad and absent ones first', ['BALANCE'], {}],
  ['a number downwards, then text', [{ by: 'BRANCH', order: 'desc' }, 'CUST-NAME'], {}],
  ['what a condition leaves', ['RATE', 'BIG'], { where: WHERE }],
  ['what skip and limit leave', ['CUST-NAME'], { skip: 500, limit: 3000 }],
])('orders by %s', async (_, by, options) => {
  const order = await recordOrder(input(options), by, 1 << 28);
  expect([...order]).toEqual(await numbers(options, by));
});

it('orders nothing', async () => {
  expect(await recordOrder(input({ where: 'BRANCH = 999' }), ['BALANCE'], 1 << 20)).toHaveLength(0);
});

it('does not take more memory than it may', async () => {
  await expect(recordOrder(input(), ['BALANCE'], 100_000)).rejects.toMatchObject({ code: 'OVP_OPTION_MEMORY' });
});

it('knows all matches while they are few', async () => {
  const matches = await Matches.of(input({ where: WHERE }));
  const all = await numbers({ where: WHERE });
  expect(matches.total).toBe(all.length);
  expect(matches.numbers(3, 5)).toEqual(all.slice(3, 8));
  expect(matches.numbers(all.length - 2, 10)).toEqual(all.slice(-2));
  expect(matches.numbers(all.length + 5, 10)).toEqual([]);
});

it.each([4, 6, 64, 1000])('finds each of many matches from one of %i places', async (most) => {
  const matches = await Matches.of(input({ where: 'BRANCH > -2' }), most);
  const all = await numbers({ where: 'BRANCH > -2' });
  expect(all.length).toBeGreaterThan(10_000);
  expect(matches.total).toBe(all.length);
  expect(matches.byteLength).toBeLessThanOrEqual(8 * most);
  expect(matches.numbers(0, 1)).toBeNull();
  for (const index of [0, 1, 2, 3, 777, 4096, 9999, all.length - 1]) {
    const { record, skip } = matches.before(index);
    expect(all[index - skip]).toBe(record);
    // no part of the file is read in which there are more than a few
    expect(skip).toBeLessThan((4 * all.length) / most);
  }
});
