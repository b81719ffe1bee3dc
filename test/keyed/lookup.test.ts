/**
 * Lookup indexes: every record is found by its key, and nothing else; files and bytes, fixed and variable. Both engines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { faults } from '../../src/batch/faults.js';
import { open } from '../../src/read.js';
import { engines } from '../engine/engines.js';
import { accounts, all, copybook } from './accounts.js';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-index-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const list = accounts(3000, 11);
const data = Buffer.concat(list.map(({ bytes }) => bytes));
const variable = Buffer.concat(list.flatMap(({ bytes }) => [Buffer.of(0, bytes.length + 4, 0, 0), bytes]));
const path = join(folder, 'data.bin');
writeFileSync(path, data);
const variablePath = join(folder, 'variable.bin');
writeFileSync(variablePath, variable);

const SOURCES = [
  ['bytes', data, 'F'],
  ['a file', path, 'F'],
  ['a file of variable records', variablePath, 'V'],
] as const;

describe.each(engines())('index, $name engine', ({ name: engine }) => {
  it.each(SOURCES)('finds records of %s', async (_, source, recfm) => {
    const rows = await all(open(source, { copybook, engine, recfm }));
    const index = await open(source, { copybook, engine, recfm }).index('ACCT-ID', { unique: true });
    expect(index.size).toBe(3000);
    for (const row of rows.filter((_row, i) => i % 37 === 0)) {
      expect(await index.get(row.acctId as number)).toEqual(row);
      expect(await index.has(String(row.acctId))).toBe(true);
    }
    expect(await index.get(3000)).toBeNull();
    expect(await index.has(-1)).toBe(false);
    expect(await index.get('1.5')).toBeNull();
    await index.close();
  });

  it('finds all records of a key, in order, by text, decimals, floats and several fields', async () => {
    const rows = await all(open(data, { copybook, engine }));
    const names = await open(data, { copybook, engine }).index('CUST-NAME');
    for (const name of ['ADA', 'É', '', 'A B', 'bob  '])
      expect(await names.getAll(name)).toEqual(rows.filter(({ custName }) => custName === name.trimEnd()));
    expect(await names.get('NOBODY KNOWS')).toBeNull();
    expect(await names.get('日')).toBeNull();
    const rates = await open(data, { copybook, engine }).index('RATE');
    for (const rate of [0, -3.125, 125])
      expect(await rates.getAll(rate)).toEqual(rows.filter((row) => row.rate === rate));
    const both = await open(data, { copybook, engine }).index(['BRANCH', 'CUST-NAME']);
    expect(await both.getAll([2, 'BOB'])).toEqual(rows.filter((row) => row.branch === 2 && row.custName === 'BOB'));
    const balances = await open(data, { copybook, engine }).index('BALANCE');
    const some = rows.find(({ balance }) => balance !== null)!;
    expect(await balances.get(some.balance as string)).toEqual(some);
    expect(await balances.get(Number(some.balance))).toEqual(some);
    expect(balances.absentKeys).toBe(list.filter(({ balance }) => balance === null).length);
    expect(balances.badKeys).toBe(list.filter(({ balance }) => balance === undefined).length);
    expect(balances.size).toBe(3000 - balances.absentKeys - balances.badKeys);
    expect(balances.byteLength).toBeGreaterThanOrEqual(20 * balances.size);
  });

  it('knows what is bad in a record that it found, and only what where left', async () => {
    const bad = list.findIndex(({ balance }) => balance === undefined);
    const index = await open(path, { copybook, engine }).index('ACCT-ID');
    const row = (await index.get(list[bad]!.id))!;
    expect(row.balance).toBeNull();
    expect(faults(row)).toMatchObject([{ record: bad + 1, field: 'ACCOUNT.BALANCE' }]);
    await index.close();
    const some = await open(data, { copybook, engine, where: 'BRANCH = 1' }).index('ACCT-ID');
    expect(some.size).toBe(list.filter(({ branch }) => branch === 1).length);
    for (const { id, branch } of list.slice(0, 50)) expect(await some.has(id)).toBe(branch === 1);
  });

  it('refuses duplicates where keys are to be unique, streams, and keys of another kind', async () => {
    await expect(open(data, { copybook, engine }).index('CUST-NAME', { unique: true })).rejects.toMatchObject({
      code: 'OVP_DATA_DUPLICATE',
    });
    const stream = (async function* () {
      yield data;
    })();
    await expect(open(stream, { copybook, engine }).index('ACCT-ID')).rejects.toMatchObject({ code: 'OVP_IO_SEEK' });
    await expect(open(data, { copybook, engine }).index('ITEMS')).rejects.toThrow(/is in the table/);
    const index = await open(path, { copybook, engine }).index('ACCT-ID');
    await expect(index.get('ADA')).rejects.toMatchObject({ code: 'OVP_OPTION_KEY' });
    await expect(index.get([1, 2])).rejects.toThrow(/has 1 values, not 2/);
    await index.close();
    await expect(index.get(1)).rejects.toMatchObject({ code: 'OVP_IO_CLOSED' });
  });
});
