/**
 * Catalogs in databases, SQLite and PostgreSQL by the same tests: tables and what they refuse, JSON in and out, keys and data sets that
 * change while they are served, uploads that stay.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { newKey } from '../../src/server/access/access.js';
import { openCatalog } from '../../src/server/catalog/opencatalog.js';
import { type RunningService, startService } from '../../src/server/start.js';
import { shownAddress, storeAddress } from '../../src/server/store/address.js';
import type { Job } from '../../src/server/jobs/job.js';
import { StoredJobs } from '../../src/server/store/jobs.js';
import { Store } from '../../src/server/store/store.js';
import { exportCatalog, importCatalog } from '../../src/server/store/transfer.js';
import { ACCOUNT, type Answer, COUNT, ask, auditor, clerk, folder, guarded, list, stranger, write } from './served.js';

const postgres = process.env.OVERPUNCH_TEST_POSTGRES;
if (!postgres) console.error('skipped: catalogs in PostgreSQL (OVERPUNCH_TEST_POSTGRES is not set)');
const data = Buffer.concat(list.map(({ bytes }) => bytes));
const stores: Store[] = [];
const services: RunningService[] = [];
afterAll(async () => {
  for (const service of services) await service.close(1000);
  for (const store of stores) await store.close();
});

mkdirSync(join(folder, 'copies'), { recursive: true });
write('copies/RATES.cpy', '           05  RATE         COMP-2.\n');
write('copying.cpy', ACCOUNT.replace('           05  RATE         COMP-2.\n', '           COPY RATES.\n'));

const DIALECTS = ['sqlite', 'postgres'] as const;
describe.each(DIALECTS)('%s', (dialect) => {
  const run = dialect === 'postgres' && !postgres ? it.skip : it;
  let home = folder;
  let made = 0;

  /** An empty catalog whose folder has the files of the tests. */
  async function fresh(): Promise<{ store: Store; at: string }> {
    const name = `catalog-${dialect}-${++made}`;
    if (dialect === 'sqlite') return opened(join(home, `${name}.db`));
    // a database of its own: the tables' schema has one name
    const url = new URL(postgres!);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: `${url}` });
    await client.connect();
    url.pathname = `/${name.replaceAll('-', '_')}_${process.pid}_${Date.now()}`;
    await client.query(`CREATE DATABASE ${url.pathname.slice(1)}`);
    await client.end();
    return opened(`${url}`);
  }
  async function opened(at: string): Promise<{ store: Store; at: string }> {
    const store = await Store.open(await storeAddress(at, home), true);
    stores.push(store);
    return { store, at };
  }
  async function served(at: string): Promise<RunningService> {
    const catalog = await openCatalog(at, home);
    const service = await startService(catalog, { port: 0, log: null, limits: { requestsPerMinute: 0 } });
    services.push(service);
    return service;
  }
  const upload = (service: RunningService, options: object, bytes: Uint8Array, key?: string): Promise<Answer> => {
    const body = new FormData();
    body.append('options', JSON.stringify(options));
    body.append('copybook', new Blob([ACCOUNT]), 'c');
    body.append('data', new Blob([bytes as unknown as string]), 'd');
    return ask(service, '/v1/datasets', { method: 'POST', body, ...(key !== undefined && { key }) });
  };
  const names = async (service: RunningService, key?: string): Promise<string[]> =>
    (await ask(service, '/v1/datasets', key === undefined ? {} : { key })).json.datasets.map(
      ({ name }: { name: string }) => name,
    );
  const revision = (store: Store): Promise<number> => store.now(true);
  /** Runs it as it is written. */
  const execute = (store: Store, text: string): Promise<unknown> => store.ask(({ db }) => sql.raw(text).execute(db));

  run('has tables that are made once, and can be opened again', async () => {
    const { store, at } = await fresh();
    await store.write(
      {
        name: 'a',
        title: null,
        description: null,
        data: 'fixed.dat',
        copybook: 'c',
        key: [],
        mask: [],
        hide: [],
        roles: null,
        options: {},
        text: { text: ACCOUNT, members: {} },
      },
      'test',
    );
    const before = await revision(store);
    const again = await opened(at);
    expect([await revision(again.store), [...(await again.store.stamps()).keys()]]).toEqual([before, ['a']]);
    const two = await Promise.all([opened(at), opened(at)]);
    expect(await revision(two[1].store)).toBe(before);
  });

  run('is not served where it was not made, or by an older version', async () => {
    if (dialect === 'sqlite') {
      await expect(openCatalog(join(home, 'nowhere.db'))).rejects.toThrow('There is no catalog in');
      write('no.db', 'this is no database, whatever its name says'.repeat(99));
      await expect(openCatalog(join(home, 'no.db'))).rejects.toMatchObject({ code: 'OVP_IO_DATABASE' });
    } else await expect(openCatalog(postgres!)).rejects.toThrow('There is no catalog in');
    const { store, at } = await fresh();
    await execute(store, "insert into overpunch_migration (name, timestamp) values ('999-later', '2030-01-01')");
    await expect(openCatalog(at, home)).rejects.toThrow('one of a newer Overpunch');
  });

  run('refuses rows that can not be', async () => {
    const { store } = await fresh();
    await importCatalog(store, guarded, folder, 'test');
    const hash = 'a'.repeat(64);
    for (const statement of [
      'update datasets set version_id = 99',
      'update datasets set temporary = 1',
      "update datasets set owner = 'key x'",
      'update datasets set uploaded = 2',
      "update datasets set options = '{'",
      "update datasets set name = ''",
      "update datasets set data = ''",
      "insert into dataset_roles values (99, 'x')",
      "insert into guards values (1, 'show', 'A', 'all')",
      "insert into guards values (1, 'mask', 'A', null)",
      "insert into guards values (1, 'mask', 'A', 'some')",
      "insert into guards values (1, 'hide', 'A', 'all')",
      "insert into guard_roles values (1, 'mask', 'NOSUCH', 'x')",
      `insert into api_keys (name, sha256, made_at) values ('clerk', '${hash}', 'x')`,
      "insert into api_keys (name, sha256, made_at) values ('x', 'short', 'x')",
      'delete from copybook_versions',
      'update settings set id = 2',
      'update settings set audit_days = 0',
      "insert into jobs (id, kind, owner, dataset, target, state, settings, made_at, cancel, tended_at) values ('1', 'load', 'a', 'b', 'c', 'lost', '{}', 'x', 0, 'x')",
      "insert into jobs (id, kind, owner, dataset, target, state, settings, made_at, cancel, tended_at) values ('1', 'load', 'a', 'b', 'c', 'done', '{}', 'x', 0, 'x')",
    ])
      await expect(execute(store, statement), statement).rejects.toMatchObject({ code: 'OVP_IO_DATABASE' });
    // a role that is taken away with its data set leaves nothing
    await store.remove('clients');
    for (const table of ['dataset_roles', 'guards', 'guard_roles']) {
      const { rows } = (await execute(store, `select * from ${table}`)) as { rows: unknown[] };
      expect(rows).toEqual([]);
    }
  });

  run('gives back what it took in, copybooks with what they COPY', async () => {
    const { store } = await fresh();
    const expires = '2031-05-06T00:00:00.000Z';
    const json = {
      ...guarded,
      datasets: {
        ...guarded.datasets,
        copying: {
          data: 'fixed.dat',
          copybook: 'copying.cpy',
          copyPaths: ['copies'],
          description: 'x',
          trim: 'both',
          roles: [],
        },
      },
      keys: [...guarded.keys, { ...newKey('late', ['a', 'b']).entry, expires }],
      uploads: { roles: ['clerk'], bytes: 5, folder: 'up' },
    };
    expect(await importCatalog(store, json, folder, 'test')).toEqual({ datasets: 4, keys: 4 });
    const first = await exportCatalog(store);
    expect(first).toMatchObject({
      datasets: {
        fixed: {
          data: 'fixed.dat',
          copybook: { name: 'account.cpy', text: ACCOUNT },
          key: ['ACCT-ID'],
          title: 'Accounts',
        },
        clients: {
          roles: ['clerk'],
          hide: { 'TAX-NO': { except: ['auditor'] } },
          mask: { PIN: { show: 'all', except: ['auditor'] } },
        },
        copying: { copybook: { members: { RATES: expect.stringContaining('COMP-2') } }, trim: 'both', roles: [] },
      },
      uploads: json.uploads,
    });
    expect((first.keys as { expires?: string }[])[3]).toMatchObject({ name: 'late', roles: ['a', 'b'], expires });
    const second = (await fresh()).store;
    await importCatalog(second, first, folder, 'test');
    expect(await exportCatalog(second)).toEqual(first);
    // files are found from the database's folder
    write('inner.cpy', ACCOUNT);
    mkdirSync(join(folder, 'below'), { recursive: true });
    for (const name of ['inner.cpy', 'inner.dat', 'jwks.json'])
      write(`below/${name}`, name.endsWith('cpy') ? ACCOUNT : name.endsWith('dat') ? data : '{"keys":[]}');
    const jwt = { jwks: 'jwks.json', issuer: 'https://id.example', audience: 'overpunch' };
    const inner = { datasets: { inner: { data: 'inner.dat', copybook: 'inner.cpy' } }, jwt };
    await importCatalog(second, inner, join(folder, 'below'), 'test');
    expect(await exportCatalog(second)).toMatchObject({
      datasets: { inner: { data: 'below/inner.dat' } },
      jwt: { jwks: 'below/jwks.json' },
    });
    const away = await Store.open({ ...second.address, folder: join(folder, 'below') });
    stores.push(away);
    await expect(importCatalog(away, { datasets: guarded.datasets, keys: [] }, folder, 'x')).rejects.toThrow(
      'lies outside of',
    );
    // the same copybook again is the same version
    await importCatalog(second, { datasets: guarded.datasets }, folder, 'test');
    const { rows } = (await execute(second, 'select number from copybook_versions')) as { rows: { number: number }[] };
    expect(rows.map(({ number }) => number)).toEqual(rows.map(() => 1));
  });

  run('takes nothing in where anything is wrong', async () => {
    const { store } = await fresh();
    const wrong = [
      { ...guarded, datasets: { ...guarded.datasets, bad: { data: 'fixed.dat', copybook: 'nosuch.cpy' } } },
      {
        ...guarded,
        datasets: { ...guarded.datasets, bad: { data: 'fixed.dat', copybook: 'account.cpy', key: ['NO'] } },
      },
      { ...guarded, keys: [...guarded.keys, { ...clerk.entry, name: 'twin' }] },
    ];
    for (const json of wrong) await expect(importCatalog(store, json, folder, 'test')).rejects.toThrow();
    expect(await exportCatalog(store)).toEqual({ datasets: {}, jwt: undefined, uploads: undefined });
  });

  run('is served as the JSON catalog is', async () => {
    const { store, at } = await fresh();
    await importCatalog(store, guarded, folder, 'test');
    const service = await served(at);
    expect(await names(service, clerk.key)).toEqual(['clients', 'fixed', 'varied']);
    expect(await names(service, stranger.key)).toEqual(['fixed', 'varied']);
    const { json } = await ask(service, '/v1/datasets/clients/records?limit=1', { key: clerk.key });
    expect(json.records[0]).toMatchObject({ pin: '***', person: { city: 'BERN' } });
    expect((await ask(service, '/v1/datasets/fixed/by/7', { key: stranger.key })).json.records).toHaveLength(1);
  });

  run('shows what changes without a new start', async () => {
    const { store, at } = await fresh();
    await importCatalog(store, guarded, folder, 'test');
    const service = await served(at);
    expect(await names(service, clerk.key)).toHaveLength(3);
    // keys
    const { key, entry } = newKey('new', ['clerk']);
    expect((await ask(service, '/v1/datasets', { key })).status).toBe(401);
    await store.addKey(entry);
    expect((await ask(service, '/v1/datasets/clients', { key })).status).toBe(200);
    await store.revokeKey('new');
    const status = async (): Promise<number> => (await ask(service, '/v1/datasets', { key })).status;
    await expect.poll(status, { timeout: 3000, interval: 100 }).toBe(401);
    const short = newKey('short', []);
    await store.addKey({ ...short.entry, expires: Date.now() + 500 });
    expect((await ask(service, '/v1/datasets', { key: short.key })).status).toBe(200);
    await expect
      .poll(async () => (await ask(service, '/v1/datasets', { key: short.key })).status, { timeout: 3000 })
      .toBe(401);
    for (const name of ['new', 'short', 'clerk', 'auditor', 'stranger']) await store.revokeKey(name).catch(() => {});
    // nobody has a key any more: that is no reason to let everybody in
    await expect
      .poll(async () => (await ask(service, '/v1/datasets', { key: clerk.key })).status, { timeout: 3000 })
      .toBe(401);
    expect((await ask(service, '/v1/datasets')).status).toBe(401);
    const catalog = await openCatalog(at, home);
    expect(catalog.keys.length).toBeGreaterThan(0);
    await expect(store.revokeKey('clerk')).rejects.toThrow('no key');
    await expect(store.addKey(clerk.entry)).rejects.toThrow("There is a key 'clerk' already");
  });

  run('shows data sets that come, change and go', async () => {
    const { store, at } = await fresh();
    const { fixed, varied } = guarded.datasets;
    await importCatalog(store, { datasets: { fixed } }, folder, 'test');
    const service = await served(at);
    await importCatalog(store, { datasets: { varied, fixed: { ...fixed, title: 'Other' } } }, folder, 'test');
    expect((await ask(service, '/v1/datasets/varied/records?limit=1')).status).toBe(200);
    expect((await ask(service, '/v1/datasets')).json.datasets[0].title).toBe('Other');
    await store.remove('fixed');
    await expect
      .poll(async () => (await ask(service, '/v1/datasets/fixed')).status, { timeout: 3000, interval: 100 })
      .toBe(404);
    // one that can't be served takes no other with it
    await execute(store, 'update datasets set key_fields = \'["NOSUCH"]\', revision = 999');
    await execute(store, 'update settings set revision = 999');
    await expect.poll(async () => names(service), { timeout: 3000, interval: 100 }).toEqual([]);
    expect((await ask(service, '/healthz')).status).toBe(200);
    await importCatalog(store, { datasets: { varied } }, folder, 'test');
    expect((await ask(service, '/v1/datasets/varied')).status).toBe(200);
  });

  run('keeps uploads, which two services see, in versions', async () => {
    home = realpathSync(mkdtempSync(join(folder, `home-${dialect}-`)));
    const { store, at } = await fresh();
    await store.takeIn(
      { entries: [], keys: [clerk.entry, auditor.entry], settings: { uploads: { roles: ['clerk'] } } },
      'test',
    );
    const [one, two] = [await served(at), await served(at)];
    const { status, json } = await upload(
      one,
      { name: 'mine', key: ['ACCT-ID'], roles: ['auditor'] },
      data,
      auditor.key,
    );
    expect([status, json]).toEqual([
      201,
      { name: 'mine', title: null, description: null, key: ['ACCT-ID'], temporary: false },
    ]);
    const at2 = '/v1/datasets/mine';
    expect((await ask(two, at2, { key: auditor.key })).json.records).toBe(COUNT);
    expect((await ask(two, at2, { key: clerk.key })).status).toBe(404);
    // of whom it may be seen is not forgotten when it is replaced
    expect((await upload(two, { name: 'mine' }, data.subarray(0, 460), clerk.key)).status).toBe(409);
    const stream = await fetch(`${one.address}${at2}/records`, {
      headers: { accept: 'text/csv', 'x-api-key': auditor.key },
    });
    expect((await upload(two, { name: 'mine' }, data.subarray(0, data.length / 2), auditor.key)).status).toBe(201);
    expect((await stream.text()).trim().split('\n')).toHaveLength(COUNT + 1);
    expect((await ask(two, at2, { key: clerk.key })).status).toBe(404);
    const now = async (): Promise<unknown> => (await ask(one, at2, { key: auditor.key })).json.records;
    await expect.poll(now, { timeout: 3000, interval: 100 }).toBe(COUNT / 2);
    // temporary ones are seen by both, and by their owner alone
    const drop = (await upload(one, {}, data, clerk.key)).json;
    expect(drop.temporary).toBe(true);
    expect((await ask(two, `/v1/datasets/${drop.name}`, { key: clerk.key })).status).toBe(200);
    expect((await ask(two, `/v1/datasets/${drop.name}`, { key: auditor.key })).status).toBe(404);
    expect((await ask(two, `/v1/datasets/${drop.name}`, { key: clerk.key, method: 'DELETE' })).status).toBe(204);
    expect((await ask(two, at2, { key: auditor.key, method: 'DELETE' })).status).toBe(204);
    await expect.poll(async () => names(one, auditor.key), { timeout: 3000, interval: 100 }).toEqual([]);
    // the first version of the file is one that somebody may still be about to open: it goes later
    expect(readdirSync(join(home, 'uploads'))).toHaveLength(1);
    home = folder;
  });

  run('keeps jobs, which two services see', async () => {
    const { store, at } = await fresh();
    const jobs = new StoredJobs(store);
    const twin = new StoredJobs((await opened(at)).store);
    const job = (id: string, owner: string, key: string | null, created: string): Job => ({
      id,
      kind: 'load',
      owner,
      dataset: 'a',
      target: 'b',
      request: { mode: 'append' },
      leftOut: ['PIN'],
      idempotency: key === null ? null : { key, hash: 'h' },
      state: 'waiting',
      created,
      started: null,
      ended: null,
      progress: null,
      result: null,
      problem: null,
      event: 1,
      progressEvent: 0,
      changes: [{ event: 1, state: 'waiting', at: created }],
    });
    const first = job('1', 'key a', 'k', '2026-01-01T00:00:00.000Z');
    expect(await jobs.create(first)).toEqual(first);
    // of two requests with one key the second has the job of the first
    expect(await twin.create(job('2', 'key a', 'k', '2026-01-02T00:00:00.000Z'))).toEqual(first);
    expect(await twin.create(job('3', 'key b', 'k', '2026-01-03T00:00:00.000Z'))).toMatchObject({ id: '3' });
    for (const id of ['4', '5']) await jobs.create(job(id, 'key a', null, `2026-01-0${id}T00:00:00.000Z`));
    expect(await twin.find('key a', 'k')).toEqual(first);
    expect([await twin.find('key a', 'x'), await twin.get('2')]).toEqual([null, null]);
    expect((await twin.list('key a', 2)).map(({ id }) => id)).toEqual(['5', '4']);
    expect(await twin.list(null, 9)).toHaveLength(4);
    const progress = {
      step: 'records' as const,
      records: 5,
      bytes: 1,
      size: 2,
      share: 0.5,
      megabytesPerSecond: 1,
      secondsLeft: 1,
      badValues: 0,
    };
    const running: Job = {
      ...first,
      state: 'running',
      started: '2026-01-01T00:00:01.000Z',
      progress,
      event: 2,
      progressEvent: 2,
    };
    await jobs.put(running);
    expect(await twin.get('1')).toEqual(running);
    await twin.askToCancel('1');
    expect([await jobs.tend(['1', '3']), await jobs.tend([])]).toEqual([['1'], []]);
    const done: Job = {
      ...running,
      state: 'done',
      ended: '2026-01-01T00:00:02.000Z',
      result: { records: 5, badValues: 0 },
      event: 3,
    };
    await jobs.put(done);
    expect(await twin.get('1')).toEqual(done);
    // what no process has in hand any more is interrupted, and the oldest of those that have ended go
    await execute(store, "update jobs set tended_at = '2026-01-01' where id = '3'");
    await twin.tidy(9);
    expect(await jobs.get('3')).toMatchObject({
      state: 'interrupted',
      event: 2,
      changes: [{}, { event: 2, state: 'interrupted' }],
    });
    expect(await jobs.get('4')).toMatchObject({ state: 'waiting' });
    await twin.tidy(1);
    expect((await jobs.list(null, 9)).map(({ id }) => id)).toEqual(['5', '4', '3']);
  });

  run('lets jobs write where its targets say, and not over what is served', async () => {
    const { store, at } = await fresh();
    mkdirSync(join(folder, 'out'), { recursive: true });
    const targets = { out: { folder: 'out' } };
    await importCatalog(store, { datasets: { fixed: guarded.datasets.fixed }, targets }, folder, 'test');
    write('out/inside.dat', data);
    const inside = { datasets: { inside: { data: 'out/inside.dat', copybook: 'account.cpy' } } };
    await expect(importCatalog(store, inside, folder, 'test')).rejects.toThrow(
      'a file of the data set inside lies in it',
    );
    const service = await served(at);
    const body = JSON.stringify({ target: 'out', table: `t-${dialect}`, limit: 3 });
    const headers = { 'content-type': 'application/json' };
    const { status, json } = await ask(service, '/v1/datasets/fixed/loads', { method: 'POST', body, headers });
    expect(status).toBe(202);
    const state = async (): Promise<string> => (await ask(service, `/v1/jobs/${json.id}`)).json.state;
    await expect.poll(state, { timeout: 10_000 }).toBe('done');
    expect(
      readFileSync(join(folder, `out/t-${dialect}.jsonl`), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(3);
    const { rows } = (await execute(store, 'select state, kind, dataset from jobs')) as { rows: unknown[] };
    expect(rows).toEqual([{ state: 'done', kind: 'load', dataset: 'fixed' }]);
  });

  run('does not mix turns: what is written at once is written', async () => {
    const { store } = await fresh();
    const { lazy } = await store.ask(async (database) => database);
    const keys = Array.from({ length: 10 }, (_, i) => newKey(`k${i}`, ['a', 'b']).entry);
    const row = {
      at: 'x',
      caller: 'x',
      route: null,
      method: 'GET',
      dataset: null,
      status: 200,
      whole: 1,
      records: 0,
      bad_values: 0,
      milliseconds: 0,
      address: 'x',
    };
    await Promise.all([
      ...keys.map((key) => store.addKey(key)),
      ...keys.map(() => store.ask(() => lazy.insertInto('audit').values(row).execute())),
    ]);
    expect(await store.keys()).toHaveLength(10);
  });

  run('keeps who asked for what', async () => {
    const { store, at } = await fresh();
    await importCatalog(store, guarded, folder, 'test');
    const service = await served(at);
    await ask(service, "/v1/datasets/clients/records?where=NAME%3D'NAME1'&limit=3", { key: clerk.key });
    await ask(service, '/v1/datasets/clients', { key: stranger.key });
    await service.close();
    const { rows } = (await execute(store, 'select * from audit order by id')) as { rows: Record<string, unknown>[] };
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      caller: 'key clerk',
      dataset: 'clients',
      route: '/v1/datasets/:name/records',
      method: 'GET',
      status: 200,
    });
    expect(rows[1]).toMatchObject({ caller: 'key stranger', dataset: null, status: 404 });
    expect(Date.parse(rows[0]!.at as string)).toBeGreaterThan(Date.now() - 60_000);
    expect(JSON.stringify(rows)).not.toMatch(/NAME1|ovp_/);
  });
});

it('has no passwords in what it says', async () => {
  const address = await storeAddress('postgres://me:hunter2@127.0.0.1:1/nowhere', folder);
  expect(shownAddress(address)).toBe('postgres://127.0.0.1:1/nowhere');
  const error = await Store.open(address).catch((cause: Error) => cause);
  expect(error).toMatchObject({ code: 'OVP_IO_DATABASE' });
  expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('hunter2');
});

it('keeps its file to its owner', async () => {
  const at = join(folder, 'owner.db');
  const store = await Store.open(await storeAddress(`sqlite:${at}`), true);
  stores.push(store);
  const { statSync } = await import('node:fs');
  if (process.platform !== 'win32') expect(statSync(at).mode & 0o077).toBe(0);
  expect(store.address.folder).toBe(folder);
  writeFileSync(join(folder, 'unused'), readFileSync(at).subarray(0, 6));
  expect(readFileSync(join(folder, 'unused'), 'latin1')).toBe('SQLite');
});
