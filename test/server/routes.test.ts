/**
 * Every route: what it answers is what a reader gives. Runs on both engines by the projects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { tableFromIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { open } from '../../src/read.js';
import type { RunningService } from '../../src/server/start.js';
import { collect } from '../keyed/accounts.js';
import { ACCOUNT, type Answer, COUNT, ask, list, serve, write } from './served.js';

const copybook = Copybook.parse(ACCOUNT);
const data = Buffer.concat(list.map(({ bytes }) => bytes));
const lines = async (options: object = {}, bytes: Uint8Array = data): Promise<unknown[]> => {
  const text = `${await collect(open(bytes, { copybook, ...options }).toJsonLines())}`;
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};
let service: RunningService;
let all: Answer['json'][];
beforeAll(async () => {
  service = await serve();
  all = await lines();
});
const NAMES = ['fixed', 'varied'];

it('lists and describes the data sets', async () => {
  const { json } = await ask(service, '/v1/datasets');
  expect(json.datasets.map(({ name }: { name: string }) => name)).toEqual(NAMES);
  const one = (await ask(service, '/v1/datasets/fixed')).json;
  expect(one).toMatchObject({ name: 'fixed', title: 'Accounts', records: COUNT, bytes: data.length, key: ['ACCT-ID'] });
  expect(one.layout.records[0].items.find(({ name }: { name: string }) => name === 'BALANCE')).toMatchObject({
    offset: 13,
    length: 5,
    picture: 'S9(7)V99',
  });
});

it.each([
  ['json', 'application/schema+json', 'https://json-schema.org'],
  ['avro', 'application/json', '"type":"record"'],
  ['openapi', 'application/json', '"openapi":"3.1.0"'],
  ['ddl&dialect=sqlite', 'text/plain', 'CREATE TABLE'],
  ['types', 'text/plain', 'export interface'],
])('has the schema as %s', async (format, type, part) => {
  const { headers, body } = await ask(service, `/v1/datasets/fixed/schema?format=${format}`);
  expect(headers.get('content-type')).toContain(type);
  expect(`${body}`).toContain(part);
});

describe.each(NAMES)('pages of %s', (name) => {
  const path = `/v1/datasets/${name}/records`;

  it('come one after another to the end', async () => {
    const found: unknown[] = [];
    const numbers: number[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: Answer['json'] = (await ask(service, `${path}?limit=1000${next && `&cursor=${next}`}`)).json;
      found.push(...page.records);
      numbers.push(...page.numbers);
      next = page.next;
    }
    expect(found.length).toBe(COUNT);
    expect(JSON.stringify(found)).toBe(JSON.stringify(all));
    expect(numbers).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
  });

  it('of what a condition leaves, with fields that were asked for', async () => {
    const where = 'BRANCH = 2 AND BALANCE > 0';
    const wanted = await lines({ where, select: ['ACCT-ID', 'BALANCE'] });
    const found: Answer['json'][] = [];
    const numbers: number[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: Answer['json'] = (
        await ask(
          service,
          `${path}?limit=400&select=acctId,BALANCE&where=${encodeURIComponent(where)}${next && `&cursor=${next}`}`,
        )
      ).json;
      found.push(...page.records);
      numbers.push(...page.numbers);
      next = page.next;
    }
    expect(found).toEqual(wanted);
    expect(numbers.map((number) => all[number - 1].acctId)).toEqual(found.map(({ acctId }) => acctId));
  });

  it('in order', async () => {
    const first = (await ask(service, `${path}?order=BALANCE:desc,ACCT-ID&limit=50&where=BALANCE>0`)).json;
    const second = (
      await ask(service, `${path}?order=BALANCE:desc,ACCT-ID&limit=50&where=BALANCE>0&cursor=${first.next}`)
    ).json;
    const balances = [...first.records, ...second.records].map(({ balance }) => Number(balance));
    const wanted = all
      .map(({ balance }) => Number(balance))
      .filter((balance) => balance > 0)
      .sort((a, b) => b - a);
    expect(balances).toEqual(wanted.slice(0, 100));
    expect(first.numbers).toBeUndefined();
  });

  it('tell of what is bad by the file', async () => {
    const bad = list.findIndex(({ balance }, i) => balance === undefined && i > 6000);
    const { json } = await ask(service, `${path}?skip=${bad}&limit=1`);
    expect(json.badValues).toBe(1);
    const at = name === 'fixed' ? bad * 52 : bad * 56 + 4;
    expect(json.faults[0]).toMatchObject({
      record: bad + 1,
      field: 'ACCOUNT.BALANCE',
      offset: at + 13,
      hex: 'CCCCCCCCCC',
    });
  });

  it.each([1, 2, 4095, 5000, COUNT])('one by its number: %i', async (number) => {
    expect((await ask(service, `${path}/${number}`)).json).toEqual(all[number - 1]);
    const { body, headers } = await ask(service, `${path}/${number}/bytes`);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(body.equals(list[number - 1]!.bytes)).toBe(true);
    const part = await ask(service, `${path}/${number}/bytes`, { headers: { range: 'bytes=5-12' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 5-12/52']);
    expect(part.body.equals(list[number - 1]!.bytes.subarray(5, 13))).toBe(true);
  });

  it('and none behind the end', async () => {
    expect((await ask(service, `${path}/${COUNT + 1}`)).json).toMatchObject({
      status: 404,
      code: 'OVP_SERVER_UNKNOWN_RECORD',
    });
    expect((await ask(service, `${path}?skip=${COUNT}`)).json).toMatchObject({ records: [], next: null });
  });
});

describe.each(NAMES)('streams of %s', (name) => {
  const path = `/v1/datasets/${name}/records`;

  it('are JSON lines, CSV and Arrow', async () => {
    const ndjson = await ask(service, path, { headers: { accept: 'application/x-ndjson' } });
    expect(ndjson.body.equals(await collect(open(data, { copybook }).toJsonLines()))).toBe(true);
    const csv = await ask(service, `${path}?limit=3&skip=2&select=CUST-NAME`, { headers: { accept: 'text/csv' } });
    expect(`${csv.body}`).toBe(
      `${await collect(open(data, { copybook, skip: 2, limit: 3, select: ['CUST-NAME'] }).toCsv())}`,
    );
    const arrow = await ask(service, `${path}?select=BRANCH`, {
      headers: { accept: 'application/vnd.apache.arrow.stream' },
    });
    expect(tableFromIPC(arrow.body).numRows).toBe(COUNT);
  });

  it('are refused in no form that there is', async () => {
    expect((await ask(service, path, { headers: { accept: 'image/png' } })).status).toBe(406);
  });
});

it('finds records by key', async () => {
  const { json } = await ask(service, '/v1/datasets/fixed/by/4711');
  expect(json).toEqual({
    records: [all[4711]],
    numbers: [4712],
    next: null,
    badValues: expect.any(Number),
    faults: expect.any(Array),
  });
  const several = (await ask(service, '/v1/datasets/varied/by/2/ADA?limit=1000&select=BRANCH,CUST-NAME,ACCT-ID')).json;
  expect(several.records).toEqual(
    await lines({ where: "BRANCH = 2 AND CUST-NAME = 'ADA'", select: ['BRANCH', 'CUST-NAME', 'ACCT-ID'] }),
  );
  expect((await ask(service, '/v1/datasets/fixed/by/99999')).status).toBe(404);
  expect((await ask(service, '/v1/datasets/fixed/by/1/2')).status).toBe(400);
});

it('adds up by group', async () => {
  const { json } = await ask(
    service,
    '/v1/datasets/varied/aggregate?group=BRANCH&count=&sum=VISITS&max=VISITS&limit=3',
  );
  const wanted = [-3, -2, -1].map((branch) => {
    const some = list.filter((one) => one.branch === branch).map(({ visits }) => visits);
    return { branch, count: some.length, sumVisits: some.reduce((a, b) => a + b, 0), maxVisits: Math.max(...some) };
  });
  expect(
    json.groups.map((group: Answer['json']) => ({
      ...group,
      count: Number(group.count),
      sumVisits: Number(group.sumVisits),
    })),
  ).toEqual(wanted);
  expect(json).toMatchObject({ hasMore: true, records: COUNT });
  expect((await ask(service, '/v1/datasets/fixed/aggregate')).json.groups).toHaveLength(1);
});

it('decodes what is sent', async () => {
  const body = data.subarray(0, 520);
  const headers = { 'content-type': 'application/octet-stream' };
  const fixed = await ask(service, '/v1/datasets/fixed/decode', { method: 'POST', body, headers });
  expect(fixed.body.equals(await collect(open(body, { copybook }).toJsonLines()))).toBe(true);
  const other = await ask(service, '/v1/datasets/varied/decode?recfm=F', { method: 'POST', body, headers });
  expect(other.body.equals(fixed.body)).toBe(true);
  const cut = await ask(service, '/v1/datasets/fixed/decode', { method: 'POST', body: body.subarray(0, 40), headers });
  expect([cut.status, cut.json.code]).toEqual([422, 'OVP_FRAME_LENGTH']);
});

it('answers 304 until the file changes, and then knows its cursors no more', async () => {
  write('changing.dat', data.subarray(0, 5200));
  const own = await serve({
    datasets: { changing: { data: 'changing.dat', copybook: 'account.cpy', key: ['ACCT-ID'] } },
  });
  const path = '/v1/datasets/changing/records?limit=2';
  const first = await ask(own, path);
  const etag = first.headers.get('etag')!;
  expect((await ask(own, path, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await ask(own, '/v1/datasets/changing/by/30')).status).toBe(200);
  write('changing.dat', data.subarray(52, 520));
  const again = await ask(own, path, { headers: { 'if-none-match': etag } });
  expect([again.status, again.json.records[0]]).toEqual([200, all[1]]);
  expect((await ask(own, `${path}&cursor=${first.json.next}`)).json).toMatchObject({
    status: 410,
    code: 'OVP_SERVER_CHANGED',
  });
  expect((await ask(own, '/v1/datasets/changing/by/30')).status).toBe(404);
  expect((await ask(own, '/v1/datasets/changing/by/1')).json.numbers).toEqual([1]);
});

it('has HEAD, OPTIONS and 405', async () => {
  for (const accept of ['application/json', 'application/x-ndjson']) {
    const head = await ask(service, '/v1/datasets/fixed/records', { method: 'HEAD', headers: { accept } });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers.get('content-type')).toContain(accept);
  }
  const options = await ask(service, '/v1/datasets/fixed/records', { method: 'OPTIONS' });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  for (const method of ['DELETE', 'TRACE'] as const)
    expect(
      (
        await service.app.inject({
          method: method as 'DELETE',
          url: '/v1/datasets/fixed/records',
          headers: { host: 'localhost' },
        })
      ).statusCode,
    ).toBe(405);
});

it('compresses where that is wanted', async () => {
  const answer = await fetch(`${service.address}/v1/datasets/fixed/records`, {
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(((await answer.json()) as Answer['json']).records).toEqual(all.slice(0, 100));
});

it('describes itself, with examples', async () => {
  const { json } = await ask(service, '/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  expect(Object.keys(json.paths)).toContain('/v1/datasets/{name}/records');
  expect(json.components.schemas['Record-fixed'].examples[0]).toEqual(all[0]);
  expect((await ask(service, '/docs/')).status).toBe(200);
});

it('is looked at by those who run it', async () => {
  expect((await ask(service, '/healthz')).json).toEqual({ status: 'ok' });
  expect((await ask(service, '/readyz')).json).toEqual({ status: 'ready' });
  expect(`${(await ask(service, '/metrics')).body}`).toMatch(
    /overpunch_http_request_seconds_count\{[^}]*status="200"\} [1-9]/,
  );
});
