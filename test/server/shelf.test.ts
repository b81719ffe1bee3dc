/**
 * What becomes of uploads that nobody uses, of files that no data set has, and of an audit that can't be written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, readdirSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { type Catalog, checkCatalog } from '../../src/server/catalog/catalog.js';
import { Live } from '../../src/server/catalog/live.js';
import { openCatalog } from '../../src/server/catalog/opencatalog.js';
import { serverPeers } from '../../src/server/peers.js';
import { LIMITS } from '../../src/server/service.js';
import { storeAddress } from '../../src/server/store/address.js';
import { Audit, type AuditRow } from '../../src/server/store/audit.js';
import { Store } from '../../src/server/store/store.js';
import { Uploads } from '../../src/server/uploads/uploads.js';
import { ACCOUNT, clerk, folder, list } from './served.js';

const HOUR = 3_600_000;
const caller = { name: 'key clerk', roles: ['clerk'] };
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function uploadsOf(catalog: Catalog): Promise<{ live: Live; uploads: Uploads }> {
  const live = await Live.of(catalog, await serverPeers());
  const uploads = await Uploads.open(catalog, catalog.uploads!, live, LIMITS);
  closing.push(
    () => live.close(),
    () => uploads.close(),
  );
  return { live, uploads };
}

async function inDatabase(home: string): Promise<Catalog> {
  const at = join(home, 'catalog.db');
  const store = await Store.open(await storeAddress(at), true);
  await store.takeIn({ entries: [], keys: [clerk.entry], settings: { uploads: {} } }, 'test');
  await store.close();
  return openCatalog(at);
}
const inFile = (home: string): Promise<Catalog> =>
  checkCatalog({ datasets: {}, keys: [clerk.entry], uploads: { folder: 'uploads' } }, home);

describe.each([
  ['a file', inFile],
  ['a database', inDatabase],
] as const)('uploads of a catalog in %s', (where, catalogIn) => {
  it('go when nobody has used them for an hour, with their files', async () => {
    const home = realpathSync(mkdtempSync(join(folder, 'shelf-')));
    const { live, uploads } = await uploadsOf(await catalogIn(home));
    const add = (name?: string) =>
      uploads.add(caller, name === undefined ? {} : { name }, ACCOUNT, (file) =>
        file.write(Readable.from([list[0]!.bytes]), 1000),
      );
    const files = (): string[] =>
      readdirSync(join(home, 'uploads'), { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.dat'));
    const [used, unused, named] = [await add(), await add(), await add('kept')];
    expect(named.entry.upload).toEqual(
      where === 'a file' ? { temporary: true, owner: 'key clerk' } : { temporary: false, owner: null },
    );
    await uploads.tend();
    expect(live.registry.all()).toHaveLength(3);
    // a database knows of use by what services tell it, each of what it has seen
    await live.store?.ask(({ db }) => db.updateTable('datasets').set({ used_at: '2020-01-01' }).execute());
    unused.usedAt = Date.now() - 2 * HOUR;
    used.usedAt = Date.now() + 1000;
    await uploads.tend();
    expect(live.registry.all().map(({ name }) => name)).toEqual([used.name, 'kept']);
    expect(await live.store?.stamps().then(({ size }) => size)).toBe(where === 'a file' ? undefined : 2);
    // files go when they were seen without a data set twice: who is about to open one has it
    if (where === 'a database') await uploads.tend();
    expect(files()).toHaveLength(2);
  });
});

it('takes away what no data set has, and nothing else', async () => {
  const home = realpathSync(mkdtempSync(join(folder, 'shelf-')));
  const { uploads } = await uploadsOf(await inDatabase(home));
  const name = (letter: string): string => join(home, 'uploads', `${letter.repeat(32)}.dat`);
  for (const path of [name('a'), `${name('b')}.part`, `${name('c')}.part`, join(home, 'uploads', 'own.dat')])
    writeFileSync(path, 'x');
  const old = new Date(Date.now() - 2 * HOUR);
  utimesSync(`${name('b')}.part`, old, old);
  await uploads.tend();
  expect(readdirSync(join(home, 'uploads'))).toHaveLength(4);
  await uploads.tend();
  expect(readdirSync(join(home, 'uploads')).sort()).toEqual([`${'c'.repeat(32)}.dat.part`, 'own.dat']);
});

it('keeps the rows of an audit that can not be written, as many as there is room for', async () => {
  const home = realpathSync(mkdtempSync(join(folder, 'shelf-')));
  const { store: address } = await inDatabase(home);
  const store = await Store.open(address!);
  closing.push(() => store.close());
  const said: string[] = [];
  const audit = new Audit(store, 90, (error, what) => said.push(`${what}: ${error}`));
  const row: AuditRow = {
    at: new Date().toISOString(),
    caller: 'key a',
    route: null,
    method: 'GET',
    dataset: null,
    status: 200,
    whole: 1,
    records: 2 ** 40,
    bad_values: 0,
    milliseconds: 1,
    address: '::1',
  };
  await store.ask(({ db }) => db.schema.alterTable('audit').renameTo('away').execute());
  for (let i = 0; i < 10_002; i++) audit.add(row);
  await audit.flush();
  expect(audit.lost).toBe(2);
  expect(said.join()).toMatch(/can not be written.*rows of the audit are lost: Error: 2 rows/s);
  await store.ask(({ db }) => db.schema.alterTable('away').renameTo('audit').execute());
  const old = { ...row, at: '2020-01-01T00:00:00.000Z' };
  await store.ask(({ lazy }) => lazy.insertInto('audit').values(old).execute());
  await audit.close();
  const rows = await store.ask(({ db }) => db.selectFrom('audit').select(['at', 'records']).execute());
  // what was lost was told of once, and what is older than it is kept for is gone
  expect(rows).toHaveLength(10_000);
  expect(Number(rows[0]!.records)).toBe(2 ** 40);
  expect(said.filter((line) => line.includes('2 rows'))).toHaveLength(1);
});
