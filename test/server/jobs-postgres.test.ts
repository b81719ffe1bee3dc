/**
 * Loads as jobs into PostgreSQL (and Redis, where there is one): what comes out, what stays of jobs that were ended, and that every
 * row is there once however often a service was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { type Database, SERVER, createDatabase, skipped } from '../sinks/postgres/server.js';
import { COUNT, SECRET, ask, auditor, clerk, guarded, list, serve, write } from './served.js';

/** So many that their rows are several ranges of 16 MB. */
const COPIES = 90;
const MANY = COUNT * COPIES;

describe.skipIf(!SERVER)(`jobs into PostgreSQL${skipped}`, () => {
  let db: Database;
  let service: RunningService;
  let catalog: { targets: Record<string, object> };
  const lines: string[] = [];

  beforeAll(async () => {
    db = await createDatabase();
    const url = new URL(db.url);
    write('password', `${decodeURIComponent(url.password)}\n`);
    url.password = '';
    const bank = { url: url.href, passwordFile: 'password', roles: ['clerk'], modes: ['append', 'upsert', 'truncate'] };
    write('wrong', 'WRONGPASS');
    write('many.dat', Buffer.concat(Array.from({ length: COPIES }, () => list.map(({ bytes }) => bytes)).flat()));
    const many = { data: 'many.dat', copybook: 'account.cpy', key: ['ACCT-ID'] };
    catalog = {
      ...guarded,
      datasets: { ...guarded.datasets, many },
      targets: { bank, closed: { ...bank, passwordFile: 'wrong' } },
    } as never;
    service = await serve(catalog, { log: { write: (line) => lines.push(line) } });
  });
  afterAll(() => db?.drop());
  beforeEach(async () => {
    await db.query('DROP SCHEMA IF EXISTS overpunch CASCADE');
    await db.query('DROP SCHEMA public CASCADE');
    await db.query('CREATE SCHEMA public');
  });

  const start = async (body: object, name = 'fixed', key = clerk.key, to = service) =>
    (
      await ask(to, `/v1/datasets/${name}/loads`, {
        method: 'POST',
        body: JSON.stringify({ target: 'bank', ...body }),
        headers: { 'content-type': 'application/json' },
        key,
      })
    ).json;
  const jobOf = async (id: string, key = clerk.key) => (await ask(service, `/v1/jobs/${id}`, { key })).json;
  const ended = async (id: string, key = clerk.key) => {
    await expect
      .poll(async () => (await jobOf(id, key)).state, { timeout: 60_000, interval: 50 })
      .not.toMatch(/waiting|running/);
    return jobOf(id, key);
  };
  const load = async (body: object, name = 'fixed', key = clerk.key) => ended((await start(body, name, key)).id, key);
  const count = async (table = 'account'): Promise<number> =>
    Number((await db.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n);

  /** From the second range on, a load into it waits until `go`. */
  async function gate(): Promise<{ go(): Promise<void> }> {
    await load({ table: 'first', limit: 1 });
    await db.query(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.first > 1 THEN PERFORM pg_advisory_xact_lock(42); END IF; RETURN NEW; END $$`);
    await db.query('CREATE TRIGGER gate BEFORE INSERT ON overpunch.load_range FOR EACH ROW EXECUTE FUNCTION wait()');
    await db.query('SELECT pg_advisory_lock(42)');
    return {
      async go() {
        await db.query('SELECT pg_advisory_unlock(42)');
      },
    };
  }
  const atGate = () =>
    expect
      .poll(
        async () =>
          (
            await db.query(
              "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
          ).length,
        { timeout: 60_000 },
      )
      .toBeGreaterThan(0);
  const ranges = async (): Promise<number> => (await db.query('SELECT FROM overpunch.load_range')).length;
  const staged = async (): Promise<number> =>
    (await db.query("SELECT FROM pg_class WHERE relname LIKE 'stage%'")).length;

  it('are the rows that the stream has', async () => {
    const job = await load({ select: ['ACCT-ID', 'CUST-NAME', 'VISITS'], where: 'VISITS >= 0', table: 'visits' });
    const found = list.filter(({ visits }) => visits >= 0);
    expect(job).toMatchObject({
      state: 'done',
      result: { table: '"public"."visits"', load: '1', isResumed: false, inserted: found.length, rejected: 0 },
    });
    const rows = await db.query('SELECT acct_id, visits FROM visits ORDER BY acct_id LIMIT 3');
    expect(rows).toEqual(found.slice(0, 3).map(({ id, visits }) => ({ acct_id: id, visits })));
    // the data set is named, and no path of the service
    expect(await db.query('SELECT file FROM overpunch.load')).toEqual([{ file: 'fixed' }]);
  });

  it('happen once, unless they are asked for again', async () => {
    expect((await load({ limit: 100, select: ['ACCT-ID'] })).result.inserted).toBe(100);
    const second = await load({ limit: 100, select: ['ACCT-ID'] });
    expect(second).toMatchObject({ state: 'failed', problem: { status: 409, code: 'OVP_OPTION_LOADED' } });
    expect(await count()).toBe(100);
    expect((await load({ limit: 100, select: ['ACCT-ID'], again: true })).state).toBe('done');
    expect(await count()).toBe(200);
    expect((await load({ limit: 7, select: ['ACCT-ID'], again: true, mode: 'truncate' })).state).toBe('done');
    expect(await count()).toBe(7);
    const keyed = { table: 'keyed', select: ['ACCT-ID', 'VISITS'], key: ['ACCT-ID'] };
    expect((await load({ ...keyed, limit: 50 })).result.inserted).toBe(50);
    const duplicate = await load({ ...keyed, limit: 60, again: true });
    expect(duplicate.problem).toMatchObject({ status: 409, code: 'OVP_DATA_DUPLICATE' });
    expect((await load({ ...keyed, limit: 60, again: true, mode: 'upsert' })).result).toMatchObject({
      inserted: 10,
      updated: 50,
    });
    const dry = await load({ table: 'dry', select: ['ACCT-ID'], dryRun: true });
    expect(dry.result).toMatchObject({
      load: null,
      statements: expect.arrayContaining([expect.stringContaining('CREATE TABLE')]),
    });
    expect(await db.query("SELECT to_regclass('dry') AS found")).toEqual([{ found: null }]);
  });

  it('have nothing that the caller does not see', async () => {
    const job = await load({}, 'clients');
    expect(job).toMatchObject({ state: 'done', leftOut: ['CLIENT.PIN'], result: { inserted: 20 } });
    const text = JSON.stringify(await db.query('SELECT * FROM client'));
    for (const secret of Object.values(SECRET)) expect(text).not.toContain(secret);
    await load({ table: 'whole' }, 'clients', auditor.key);
    expect(JSON.stringify(await db.query('SELECT * FROM whole'))).toContain(SECRET.tax);
  });

  it('tell no secret of the target', async () => {
    const job = await load({ target: 'closed' });
    expect(job.problem).toMatchObject({ status: 502, code: 'OVP_IO_DATABASE' });
    const { host, pathname } = new URL(db.url);
    for (const leak of [host, pathname.slice(1), 'WRONGPASS', 'authentication'])
      expect(JSON.stringify(job)).not.toContain(leak);
    const line = lines.find((one) => one.includes(job.id) && one.includes('job failed'));
    expect(line).toContain('authentication');
    expect(lines.join('')).not.toContain('WRONGPASS');
    // a table that does not fit is his to know of
    await db.query('CREATE TABLE small (acct_id text, other int)');
    const misfit = await load({ table: 'small', select: ['ACCT-ID', 'VISITS'] });
    expect(misfit.problem).toMatchObject({ status: 400, code: 'OVP_OPTION_TARGET' });
  });

  it('leave nothing when they are cancelled', async () => {
    const { go } = await gate();
    const { id } = await start({}, 'many');
    await atGate();
    const asked = await ask(service, `/v1/jobs/${id}`, { method: 'DELETE', key: clerk.key });
    expect([asked.status, asked.json.state]).toEqual([202, 'running']);
    await go();
    expect((await ended(id)).state).toBe('cancelled');
    expect([await count(), await staged(), await ranges()]).toEqual([0, 0, 0]);
    const again = await load({}, 'many');
    expect(again.result).toMatchObject({ isResumed: false, inserted: MANY });
    expect(await count()).toBe(MANY);
  });

  it('go on after the service was ended, and have every row once', async () => {
    const { go } = await gate();
    const ending = await serve(catalog);
    const { id } = await start({}, 'many', clerk.key, ending);
    await atGate();
    await expect.poll(ranges).toBeGreaterThan(0);
    const closed = ending.close(20_000);
    await go();
    await closed;
    expect(await count()).toBe(0);
    expect(await staged()).toBe(1);
    expect((await jobOf(id)).code).toBe('OVP_SERVER_UNKNOWN_JOB');
    const again = await load({}, 'many');
    expect(again).toMatchObject({ state: 'done', result: { isResumed: true, inserted: MANY } });
    const [sums] = await db.query('SELECT count(*) AS n, sum(visits) AS visits FROM account');
    expect(sums).toEqual({
      n: String(MANY),
      visits: String(COPIES * list.reduce((sum, { visits }) => sum + visits, 0)),
    });
    expect(await staged()).toBe(0);
  });
});

const REDIS = process.env.OVERPUNCH_TEST_REDIS;

it.skipIf(!REDIS)(`a job into Redis${REDIS ? '' : ' (skipped: OVERPUNCH_TEST_REDIS names no server)'}`, async () => {
  const prefix = `overpunch-jobs-${process.pid}-${process.env.OVERPUNCH_ENGINE}:`;
  const cache = { url: REDIS, prefix, as: 'json', ttl: 60, roles: ['clerk'] };
  const service = await serve({ ...guarded, targets: { cache } });
  const { json } = await ask(service, '/v1/datasets/fixed/loads', {
    method: 'POST',
    body: JSON.stringify({ target: 'cache', select: ['ACCT-ID', 'VISITS'], limit: 20 }),
    headers: { 'content-type': 'application/json' },
    key: clerk.key,
  });
  const path = `/v1/jobs/${json.id}`;
  await expect.poll(async () => (await ask(service, path, { key: clerk.key })).json.state).toBe('done');
  expect((await ask(service, path, { key: clerk.key })).json.result.records).toBe(20);
  const { Redis } = await import('ioredis');
  const client = new Redis(REDIS!);
  try {
    expect(JSON.parse((await client.get(`${prefix}${list[3]!.id}`))!)).toMatchObject({ visits: list[3]!.visits });
    expect(await client.ttl(`${prefix}${list[3]!.id}`)).toBeGreaterThan(0);
  } finally {
    await client.quit();
  }
});
