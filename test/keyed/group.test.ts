/**
 * Group-by against sums that are made with BigInt; nulls, totals, overflow, rounding, output. Both engines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { open } from '../../src/read.js';
import { engines } from '../engine/engines.js';
import { type Account, accounts, all, collect, copybook, ebcdic } from './accounts.js';

const decimal = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};
const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));
const most = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a));

/** a / b with so many digits more, half away from zero. */
function average(a: bigint, b: bigint, more: number): bigint {
  const scaled = (a < 0n ? -a : a) * 10n ** BigInt(more);
  const rounded = (2n * scaled + b) / (2n * b);
  return a < 0n ? -rounded : rounded;
}

function expected(list: readonly Account[]): Record<string, unknown>[] {
  const groups = new Map<number, Account[]>();
  for (const one of list) groups.set(one.branch, [...(groups.get(one.branch) ?? []), one]);
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([branch, of]) => {
      const balances = of.flatMap(({ balance }) => (balance === null || balance === undefined ? [] : [balance]));
      const bigs = of.map(({ big }) => big);
      const names = of.map(({ name }) => name).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const some = balances.length > 0;
      return {
        branch,
        count: of.length,
        countBalance: balances.length,
        sumBalance: some ? decimal(sum(balances), 2) : null,
        avgBalance: some ? decimal(average(sum(balances), BigInt(balances.length), 6), 8) : null,
        minBalance: some ? decimal(least(balances), 2) : null,
        maxBalance: some ? decimal(most(balances), 2) : null,
        sumBig: decimal(sum(bigs), 2),
        minBig: decimal(least(bigs), 2),
        sumVisits: of.reduce((total, { visits }) => total + visits, 0),
        sumRate: of.reduce((total, { rate }) => total + rate, 0),
        maxRate: Math.max(...of.map(({ rate }) => rate)),
        minCustName: names[0],
        maxCustName: names.at(-1),
      };
    });
}

describe.each(engines())('groupBy, $name engine', ({ name: engine }) => {
  const visits = Copybook.parse('       01  R.\n           05  N PIC S9(4) COMP-3.\n           05  T PIC X(3).\n');

  it.each([7, 3000])('adds up, %i groups', async (branches) => {
    const list = accounts(9000, 3, branches);
    const groups = open(Buffer.concat(list.map(({ bytes }) => bytes)), { copybook, engine }).groupBy(['BRANCH']);
    groups.count().count('BALANCE').sum('BALANCE').avg('BALANCE').min('BALANCE').max('BALANCE').sum('BIG').min('BIG');
    groups.sum('VISITS').sum('RATE').max('RATE').min('CUST-NAME').max('CUST-NAME');
    const rows = (await all(groups)).map((row) => ({ ...row, sumVisits: Number(row.sumVisits) }));
    expect(rows).toEqual(expected(list));
    expect(groups.summary).toMatchObject({ records: 9000, groups: rows.length });
    expect(groups.summary.badValues).toBe(list.filter(({ balance }) => balance === undefined).length);
  });

  it('puts absent and bad keys into one group, the first, and several keys in order', async () => {
    const list = accounts(2000, 4);
    const rows = await all(
      open(Buffer.concat(list.map(({ bytes }) => bytes)), { copybook, engine })
        .groupBy(['BALANCE', 'BRANCH'])
        .count(),
    );
    const absent = list.filter(({ balance }) => balance === null || balance === undefined);
    const nulls = rows.filter(({ balance }) => balance === null);
    expect(nulls.map(({ branch }) => branch)).toEqual(
      [...new Set(absent.map(({ branch }) => branch))].sort((a, b) => a - b),
    );
    expect(rows.slice(0, nulls.length)).toEqual(nulls);
    expect(nulls.reduce((total, { count }) => total + (count as number), 0)).toBe(absent.length);
    expect(rows.reduce((total, { count }) => total + (count as number), 0)).toBe(2000);
  });

  it('has one row without keys, even for no records', async () => {
    const list = accounts(100, 5);
    const data = Buffer.concat(list.map(({ bytes }) => bytes));
    expect(await all(open(data, { copybook, engine }).groupBy().count().sum('BIG', { as: 'TOTAL' }))).toEqual([
      { count: 100, total: decimal(sum(list.map(({ big }) => big)), 2) },
    ]);
    const none = open(data, { copybook, engine, where: 'BRANCH > 1000' })
      .groupBy()
      .count()
      .sum('BIG')
      .min('BIG')
      .avg('RATE');
    expect(await all(none)).toEqual([{ count: 0, sumBig: null, minBig: null, avgRate: null }]);
    expect(await all(open(data, { copybook, engine, limit: 0 }).groupBy(['BRANCH']).count())).toEqual([]);
  });

  it('rounds averages half away from zero, to the scale asked for', async () => {
    const of = (...numbers: string[]): Buffer =>
      Buffer.concat(numbers.flatMap((n) => [Buffer.from(n, 'hex'), ebcdic('ABC')]));
    const average = async (data: Buffer, scale: number): Promise<unknown> =>
      (await all(open(data, { copybook: visits, engine }).groupBy().avg('N', { scale })))[0]!.avgN;
    expect(await average(of('00001c', '00002c'), 0)).toBe(2n);
    expect(await average(of('00001d', '00002d'), 0)).toBe(-2n);
    expect(await average(of('00001c', '00000c', '00000c'), 3)).toBe('0.333');
    expect(await average(of('00002d', '00000c', '00000c'), 3)).toBe('-0.667');
    expect(await average(of('00001c', '00000c', '00000c', '00000c'), 1)).toBe('0.3');
    await expect(average(of('00001c'), 99)).rejects.toThrow(/scale is a whole number/);
  });

  it('never wraps: a sum beyond 38 digits is an error, one that only passes there is not', async () => {
    const wide = Copybook.parse(
      '       01  R.\n           05  W PIC X(19).\n           05  N REDEFINES W PIC S9(37) COMP-3.\n',
    );
    const most = Buffer.from(`${'9'.repeat(37)}c`, 'hex');
    const least = Buffer.from(`${'9'.repeat(37)}d`, 'hex');
    const total = (records: readonly Buffer[]): Promise<unknown[]> =>
      all(open(Buffer.concat(records), { copybook: wide, engine }).groupBy().sum('N').avg('N', { scale: 0 }));
    const [up, down] = [Array<Buffer>(500).fill(most), Array<Buffer>(499).fill(least)];
    const left = 10n ** 37n - 1n;
    expect(await total([...up, ...down])).toEqual([{ sumN: left, avgN: average(left, 999n, 0) }]);
    await expect(total(up)).rejects.toMatchObject({ code: 'OVP_DATA_OVERFLOW' });
  });

  it('comes as JSON lines, CSV and batches, with names as wished', async () => {
    const list = accounts(50, 6, 3);
    const data = Buffer.concat(list.map(({ bytes }) => bytes));
    const groups = () => open(data, { copybook, engine, names: 'cobol' }).groupBy(['BRANCH']).count().max('CUST-NAME');
    const rows = await all(groups());
    expect(Object.keys(rows[0]!)).toEqual(['BRANCH', 'COUNT', 'MAX-CUST-NAME']);
    const lines = (await collect(groups().toJsonLines())).toString().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
    const csv = (await collect(groups().toCsv())).toString().split('\n');
    expect(csv[0]).toBe('BRANCH,COUNT,MAX-CUST-NAME');
    expect(csv.length).toBe(rows.length + 2);
    const [batch] = await all(groups().batches());
    expect(Array.from(batch!.get('BRANCH')!.values as Int32Array)).toEqual(rows.map((row) => row.BRANCH));
    const empty = open(data, { copybook, engine, limit: 0 }).groupBy(['BRANCH']).count();
    expect((await collect(empty.toCsv())).toString()).toBe('branch,count\n');
  });

  it('takes the policy for bad data, and refuses what cannot be added up', async () => {
    const list = accounts(500, 7);
    const data = Buffer.concat(list.map(({ bytes }) => bytes));
    const seen: number[] = [];
    const told = open(data, { copybook, engine, onFault: ({ record }) => seen.push(record) })
      .groupBy()
      .sum('BALANCE');
    await all(told);
    const bad = list.flatMap(({ balance }, i) => (balance === undefined ? [i + 1] : []));
    expect(seen).toEqual(bad);
    expect(told.summary.faults.length).toBe(bad.length);
    const thrown = open(data, { copybook, engine, onBadData: 'throw' }).groupBy().sum('BALANCE');
    await expect(all(thrown)).rejects.toMatchObject({ data: { record: bad[0] } });
    const group = (): ReturnType<ReturnType<typeof open>['groupBy']> =>
      open(data, { copybook, engine }).groupBy(['BRANCH']);
    await expect(all(group().sum('CUST-NAME'))).rejects.toThrow(/is text, which has no sum/);
    await expect(all(group().sum('ITEMS'))).rejects.toThrow(/is in the table/);
    await expect(all(group().sum('NOTHING'))).rejects.toMatchObject({ code: 'OVP_OPTION_GROUP' });
  });
});
