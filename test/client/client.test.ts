/**
 * The client against a service that runs, whose own document says which routes and parameters there are, and what answers look like:
 * a route or a parameter that the client has not fails, and so does an answer that is not as the document has it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OverpunchClient } from '../../src/client/index.js';
import { OPERATIONS, type Operation } from '../../src/client/operations.js';
import type { JobEvent } from '../../src/client/types.js';
import type { RunningService } from '../../src/server/start.js';
import { LENGTH } from '../keyed/accounts.js';
import { ACCOUNT, COUNT, ask, auditor, clerk, folder, guarded, list, serve, write } from '../server/served.js';
import { type Document, Recorder, parametersOf } from './recorder.js';

mkdirSync(join(folder, 'exports'));
write('huge.dat', '');
truncateSync(join(folder, 'huge.dat'), LENGTH * 100_000_000);

interface Account {
  readonly acctId: number;
  readonly custName: string;
  readonly visits: number;
}

let service: RunningService;
let document: Document;
let recorder: Recorder;
let client: OverpunchClient;

beforeAll(async () => {
  const huge = { data: 'huge.dat', copybook: 'account.cpy' };
  service = await serve({
    ...guarded,
    datasets: { ...guarded.datasets, huge },
    uploads: {},
    targets: {
      exports: { folder: 'exports', modes: ['append', 'truncate'], roles: ['clerk'] },
      bank: { url: 'postgres://nobody@127.0.0.1:1/nothing', roles: ['clerk'] },
    },
  });
  document = (await ask(service, '/openapi.json', { key: clerk.key })).json;
  recorder = new Recorder(document, `${service.address}/`);
  client = new OverpunchClient(`${service.address}/`, { apiKey: clerk.key, fetch: recorder.fetch });
});

async function gathered<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
const ids = (rows: readonly Account[]): number[] => rows.map(({ acctId }) => acctId);
const operations = () => Object.values(document.paths).flatMap((item) => Object.values(item));

describe('the table of operations', () => {
  it('has every route of the document, and no other', () => {
    const routes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    const own = Object.entries(OPERATIONS).map(([id, { method, path }]) => `${id} ${method} ${path}`);
    expect(own.sort()).toEqual(routes.sort());
  });

  it('has every parameter', () => {
    const own = Object.entries<Operation>(OPERATIONS).flatMap(([id, { query, headers = [], body = [] }]) => [
      ...query.map((name) => `${id} ?${name}`),
      ...headers.map((name) => `${id} ${name}:`),
      ...body.map((name) => `${id} .${name}`),
    ]);
    expect(own.sort()).toEqual(operations().flatMap(parametersOf).sort());
  });
});

describe('the client', () => {
  it('lists and describes data sets', async () => {
    const datasets = await client.datasets();
    expect(datasets.map(({ name }) => name)).toEqual(['fixed', 'varied', 'clients', 'huge']);
    const { records, key, title, layout } = await client.dataset('fixed');
    expect({ records, key, title }).toEqual({ records: COUNT, key: ['ACCT-ID'], title: 'Accounts' });
    expect(layout).toHaveProperty('records');
    expect((await client.dataset('clients')).masked).toEqual(['CLIENT.PIN']);
  });

  it('gets schemas as what they are', async () => {
    expect(await client.schema('fixed')).toHaveProperty('properties');
    for (const format of ['json', 'avro', 'openapi'] as const)
      expect(typeof (await client.schema('fixed', { format }))).toBe('object');
    expect(await client.schema('fixed', { format: 'types' })).toContain('export interface');
    expect(await client.schema('fixed', { format: 'ddl', dialect: 'sqlite' })).toContain('CREATE TABLE');
  });

  it('reads a page, and the pages that follow', async () => {
    const where = 'VISITS > 0';
    // what is left out at the start is left out of the file
    const from = (skip: number) => list.slice(skip).filter(({ visits }) => visits > 0);
    const found = from(2).map(({ id }) => id);
    const page = await client.records<Account>('fixed', { where, select: ['ACCT-ID', 'VISITS'], limit: 10, skip: 2 });
    expect(ids(page.records)).toEqual(found.slice(0, 10));
    expect(Object.keys(page.records[0]!)).toEqual(['acctId', 'visits']);
    const next = await client.records<Account>('fixed', { where, limit: 5, cursor: page.next! });
    expect(ids(next.records)).toEqual(found.slice(10, 15));
    const all = await gathered(client.pages<Account>('fixed', { where, select: 'ACCT-ID', limit: 1000, skip: 3 }));
    expect(ids(all)).toEqual(from(3).map(({ id }) => id));
    const ordered = await client.records<Account>('fixed', { order: ['VISITS:desc', 'ACCT-ID'], limit: 3 });
    expect(ordered.numbers).toBeUndefined();
    expect(ordered.records[0]!.visits).toBe(2);
  });

  it('streams rows, and bytes of each format', async () => {
    const rows = await gathered(
      client.stream<Account>('fixed', { where: "CUST-NAME = 'É'", select: 'ACCT-ID,CUST-NAME' }),
    );
    expect(ids(rows)).toEqual(list.filter(({ name }) => name === 'É').map(({ id }) => id));
    expect(new Set(rows.map(({ custName }) => custName))).toEqual(new Set(['É']));
    const text = async (format: 'jsonl' | 'csv' | 'arrow') =>
      Buffer.from(await new Response(await client.bytes('fixed', format, { limit: 3 })).arrayBuffer());
    expect(`${await text('jsonl')}`.split('\n')).toHaveLength(4);
    expect(`${await text('csv')}`).toMatch(/^acct_id,cust_name,/);
    expect((await text('arrow')).subarray(0, 4).toString('hex')).toBe('ffffffff');
  });

  it('leaves a stream in the middle', async () => {
    let rows = 0;
    for await (const _ of client.stream('huge')) if (++rows === 1000) break;
    const controller = new AbortController();
    await expect(
      (async () => {
        for await (const _ of client.stream('huge', {}, controller)) if (++rows === 1500) controller.abort();
      })(),
    ).rejects.toThrow(/abort/);
    expect(rows).toBeGreaterThanOrEqual(1500);
  });

  it('reads a record by number and by key, and its bytes', async () => {
    const sixth = list[5]!;
    expect((await client.record<Account>('fixed', 6)).acctId).toBe(sixth.id);
    expect(await client.record('fixed', 6, { select: 'VISITS' })).toEqual({ visits: sixth.visits });
    expect(Buffer.from(await client.recordBytes('fixed', 6)).equals(sixth.bytes)).toBe(true);
    expect([...(await client.recordBytes('fixed', 6, { range: [2, 4] }))]).toEqual([...sixth.bytes.subarray(2, 5)]);
    expect(ids((await client.byKey<Account>('fixed', sixth.id)).records)).toEqual([sixth.id]);
    const branch = list.filter((one) => one.branch === sixth.branch && one.name === sixth.name);
    const page = await client.byKey<Account>('varied', [sixth.branch, sixth.name], { limit: 3, select: 'ACCT-ID' });
    expect(ids(page.records)).toEqual(branch.slice(0, 3).map(({ id }) => id));
  });

  it('looks at selections, at what lies where in a record, and at what values are like', async () => {
    const found = list.filter(({ visits }) => visits > 0).map(({ id }) => id);
    const query = { where: 'VISITS > 0', select: 'ACCT-ID', order: 'ACCT-ID', from: 5, limit: 3 };
    const selection = await client.selection<Account>('fixed', query);
    expect(ids(selection.records)).toEqual(found.slice(5, 8));
    expect(selection.total).toBe(found.length);
    const { items, bytes } = await client.recordFields('fixed', 6, { select: 'VISITS' });
    expect(items.find(({ name }) => name === 'VISITS')).toMatchObject({ state: 'value', value: list[5]!.visits });
    expect(bytes!.toLowerCase()).toBe(Buffer.from(list[5]!.bytes).toString('hex'));
    const statistics = await client.statistics('fixed', { fields: ['VISITS'], where: 'VISITS > 0', limit: COUNT });
    expect(statistics.fields[0]).toMatchObject({ count: found.length, min: '1', max: '2' });
  });

  it('counts and adds up', async () => {
    const { groups, records } = await client.aggregate<{ branch: number; count: number; sumVisits: number }>('fixed', {
      group: 'BRANCH',
      where: 'VISITS > 0',
      count: true,
      sum: ['VISITS'],
      min: 'VISITS',
      max: 'VISITS',
      avg: 'VISITS',
      limit: 100,
    });
    const found = list.filter(({ visits }) => visits > 0);
    expect(records).toBe(found.length);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(found.length);
    expect(groups.reduce((sum, one) => sum + Number(one.sumVisits), 0)).toBe(
      found.reduce((sum, { visits }) => sum + visits, 0),
    );
  });

  it('decodes bytes and streams', async () => {
    const bytes = Buffer.concat(list.slice(0, 300).map((one) => one.bytes));
    const query = { recfm: 'F', lrecl: LENGTH, select: 'ACCT-ID', where: 'ACCT-ID >= 0' } as const;
    const wanted = list.slice(0, 300).map(({ id }) => id);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 1000) controller.enqueue(bytes.subarray(at, at + 1000));
        controller.close();
      },
    });
    for (const body of [bytes, new Blob([bytes]), stream])
      expect(ids(await gathered(client.decode<Account>('fixed', body, query)))).toEqual(wanted);
  });

  it('brings a data set, and takes it away', async () => {
    const data = Buffer.concat(list.slice(0, 5).map((one) => one.bytes));
    const { name } = await client.upload({ copybook: ACCOUNT, data, options: { name: 'mine', key: ['ACCT-ID'] } });
    expect(name).toBe('mine');
    expect((await client.records('mine')).records).toHaveLength(5);
    await client.deleteDataset('mine');
    await expect(client.dataset('mine')).rejects.toMatchObject({ status: 404 });
    const unnamed = await client.upload({ copybook: new Blob([ACCOUNT]), data: new Blob([data]) });
    await client.deleteDataset(unnamed.name);
  });

  it('starts a load, and listens until it has ended', async () => {
    const targets = await client.targets();
    expect(targets.map(({ name, kind }) => [name, kind])).toEqual([
      ['exports', 'folder'],
      ['bank', 'postgres'],
    ]);
    const request = {
      target: 'exports',
      table: 'client',
      format: 'jsonl',
      select: ['ACCT-ID'],
      where: 'VISITS > 0',
      skip: 1,
      limit: 50,
      mode: 'truncate',
    } as const;
    const job = await client.startLoad('fixed', request, { idempotencyKey: 'one' });
    expect((await client.startLoad('fixed', request, { idempotencyKey: 'one' })).id).toBe(job.id);
    const events = await gathered(client.watch(job.id));
    expect(events.filter(({ type }) => type === 'state').map((event) => event.type === 'state' && event.state)).toEqual(
      ['waiting', 'running', 'done'],
    );
    expect(events.at(-1)).toMatchObject({ result: { records: 50, file: 'client.jsonl' } });
    expect((await client.job(job.id)).state).toBe('done');
    expect((await client.jobs({ limit: 1 }))[0]!.id).toBe(job.id);
    // what was seen is not told again
    expect(await gathered(client.watch(job.id, { after: events.at(-1)!.event }))).toEqual([]);
  });

  it('ends a job', async () => {
    const job = await client.startLoad('huge', { target: 'exports', table: 'huge', where: 'VISITS = 77' });
    const events: JobEvent[] = [];
    for await (const event of client.watch(job.id)) {
      events.push(event);
      if (event.type === 'progress' && event.progress.bytes > 0) await client.cancel(job.id);
    }
    expect(events.at(-1)).toMatchObject({ type: 'state', state: 'cancelled' });
    expect((await client.cancel(job.id)).state).toBe('cancelled');
  });

  it('is told why a job failed', async () => {
    const request = {
      key: ['ACCT-ID'],
      occurs: 'json',
      nul: 'strip',
      again: true,
      dryRun: true,
      mode: 'append',
    } as const;
    const job = await client.startLoad('fixed', { target: 'bank', ...request });
    const last = (await gathered(client.watch(job.id))).at(-1);
    expect(last).toMatchObject({ state: 'failed', problem: { code: 'OVP_IO_DATABASE', status: 502 } });
    expect((await client.job(job.id)).problem!.code).toBe('OVP_IO_DATABASE');
  });

  it('has what is wrong as an error', async () => {
    await expect(client.records('fixed', { where: 'NOSUCH = 1' })).rejects.toMatchObject({
      name: 'ProblemError',
      status: 400,
      code: 'OVP_OPTION_CONDITION',
      parameter: 'where',
      problem: { column: 1 },
    });
    await expect(gathered(client.stream('nowhere'))).rejects.toMatchObject({ code: 'OVP_SERVER_UNKNOWN_DATASET' });
    const stranger = new OverpunchClient(service.address, { apiKey: 'ovp_none', fetch: recorder.fetch });
    await expect(stranger.datasets()).rejects.toMatchObject({ status: 401, code: 'OVP_SERVER_CREDENTIALS' });
    await expect(client.records('fixed', { wher: 'x' } as object)).rejects.toThrow(/There is no 'wher' to be asked/);
    const other = new OverpunchClient(service.address, { token: () => auditor.key, fetch: recorder.fetch });
    expect((await other.dataset('clients')).masked).toEqual([]);
  });
});

describe('all of it', () => {
  it('was asked, and every answer was as the document has it', () => {
    const all = operations().flatMap((operation) => [operation.operationId, ...parametersOf(operation)]);
    expect(all.length).toBeGreaterThan(50);
    expect([...recorder.asked].sort()).toEqual(all.sort());
    expect(recorder.wrong).toEqual([]);
  });

  it('is nothing but fetch', () => {
    for (const name of ['client', 'lines', 'operations', 'problem', 'transport', 'types', 'watch']) {
      const text = readFileSync(new URL(`../../src/client/${name}.ts`, import.meta.url), 'utf8');
      for (const [, from] of text.matchAll(/from '([^']+)'/g)) expect(from).toMatch(/^\.\//);
      expect(text).not.toMatch(/\bBuffer\b|\bprocess\b/);
    }
  });
});

afterAll(() => service?.close(2000));
