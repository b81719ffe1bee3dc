/**
 * The routes that are for people who look at records: selections, fields with their bytes, statistics; and the page's own files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { ebcdic } from '../keyed/accounts.js';
import { COUNT, SECRET, ask, auditor, clerk, datasets, folder, guarded, list, serve, write } from './served.js';

let service: RunningService;
let guardedService: RunningService;

write(
  'trip.cpy',
  `       01  TRIP.
           05  TRIP-ID   PIC X(4).
           05  LEGS      PIC 9.
           05  LEG OCCURS 0 TO 3 DEPENDING ON LEGS.
               10  TOWN  PIC X(4).
               10  FARE  PIC S9(3)V99 COMP-3.
           05  NOTE      PIC X(3).
           05  CODE REDEFINES NOTE PIC 9(3).
`,
);
const fare = Buffer.from('12345C', 'hex');
const trip = (id: string, fares: readonly Uint8Array[], note: string): Uint8Array => {
  const legs = fares.flatMap((one) => [ebcdic('BERN'), one]);
  const bytes = Buffer.concat([ebcdic(`${id}${fares.length}`), ...legs, ebcdic(note)]);
  return Buffer.concat([Buffer.of(0, bytes.length + 4, 0, 0), bytes]);
};
write('trips.dat', Buffer.concat([trip('AAAA', [fare, Buffer.from('12FF5C', 'hex')], '007'), trip('BBBB', [], 'X Y')]));

beforeAll(async () => {
  const trips = { data: 'trips.dat', copybook: 'trip.cpy', recfm: 'V' };
  service = await serve({ datasets: { ...datasets, trips } });
  guardedService = await serve(guarded);
});

const selection = async (dataset: string, query: Record<string, string | number>) => {
  const text = new URLSearchParams(query as Record<string, string>);
  return (await ask(service, `/v1/datasets/${dataset}/selection?${text}`)).json;
};

describe.each(['fixed', 'varied'])('a selection of %s', (name) => {
  const ids = (answer: { records: { acctId: number }[] }) => answer.records.map(({ acctId }) => acctId);

  it('is all records from any place', async () => {
    const answer = await selection(name, { from: 8990, limit: 20 });
    expect(answer.total).toBe(COUNT);
    expect(answer.numbers).toEqual([8991, 8992, 8993, 8994, 8995, 8996, 8997, 8998, 8999, 9000]);
    expect(ids(answer)).toEqual(list.slice(8990).map(({ id }) => id));
    expect((await selection(name, { from: COUNT })).records).toEqual([]);
  });

  it('is what a condition leaves', async () => {
    const matching = list.flatMap(({ branch, id }) => (branch === 2 ? [id] : []));
    const answer = await selection(name, { where: 'BRANCH = 2', from: 1000, limit: 5 });
    expect(answer.total).toBe(matching.length);
    expect(ids(answer)).toEqual(matching.slice(1000, 1005));
    expect(answer.numbers).toEqual(ids(answer).map((id) => id + 1));
    const last = await selection(name, { where: 'BRANCH = 2', from: matching.length - 2 });
    expect(ids(last)).toEqual(matching.slice(-2));
    expect((await selection(name, { where: 'BRANCH = 2', from: 1e9 })).records).toEqual([]);
  });

  it('comes in order, with the numbers of the records in the file', async () => {
    const sorted = list
      .filter(({ branch }) => branch > 0)
      .sort((a, b) => b.rate - a.rate || a.id - b.id)
      .map(({ id }) => id);
    const answer = await selection(name, { where: 'BRANCH > 0', order: 'RATE:desc', from: 2000, limit: 50 });
    expect(answer.total).toBe(sorted.length);
    expect(ids(answer)).toEqual(sorted.slice(2000, 2050));
    expect(answer.numbers).toEqual(ids(answer).map((id) => id + 1));
  });

  it('tells of bad values by their records', async () => {
    const { faults, badValues, numbers } = await selection(name, { order: 'BALANCE', limit: 100 });
    expect(badValues).toBe(100);
    expect(faults).toHaveLength(100);
    expect(faults.map(({ record }: { record: number }) => record)).toEqual(numbers);
    expect(faults[0]).toMatchObject({ field: 'ACCOUNT.BALANCE', hex: 'CCCCCCCCCC' });
  });
});

it('many ask for a selection at a time, and one gives up', async () => {
  const path = '/v1/datasets/fixed/selection?where=VISITS%20%3D%201&limit=1';
  const gone = fetch(`${service.address}${path}`, { signal: AbortSignal.timeout(1) }).catch(() => null);
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(service, path)));
  await gone;
  const total = list.filter(({ visits }) => visits === 1).length;
  expect(answers.map(({ json }) => json.total)).toEqual(answers.map(() => total));
});

it('more selections than are kept are made again', async () => {
  for (const round of [1, 2])
    for (let id = 0; id < 12; id++)
      expect((await selection('fixed', { where: `ACCT-ID < ${id * 100}` })).total, `${round}`).toBe(id * 100);
});

it('sees a file that has changed, and bytes that are no record', async () => {
  writeFileSync(join(folder, 'growing.dat'), list[0]!.bytes);
  const own = await serve({ datasets: { growing: { ...datasets.fixed, data: 'growing.dat' } } });
  const path = '/v1/datasets/growing/selection?where=ACCT-ID%20%3E%3D%200';
  expect((await ask(own, path)).json).toMatchObject({ total: 1, incomplete: 0 });
  appendFileSync(join(folder, 'growing.dat'), list[1]!.bytes);
  expect((await ask(own, path)).json.total).toBe(2);
  appendFileSync(join(folder, 'growing.dat'), Buffer.alloc(5));
  expect((await ask(own, '/v1/datasets/growing/selection')).json).toMatchObject({ total: 2, incomplete: 5 });
});

it('refuses what a selection can not be', async () => {
  const base = '/v1/datasets/fixed/selection';
  for (const query of [
    'from=-1',
    'from=1.5',
    'limit=1001',
    'where=NIX%3D1',
    'where=(',
    'order=ITEMS',
    'order=BRANCH:up',
    'skip=1',
  ])
    expect((await ask(service, `${base}?${query}`)).status, query).toBe(400);
  const small = await serve({ datasets }, { limits: { sortBytes: 1000 } });
  expect((await ask(small, `${base}?order=BRANCH`)).json).toMatchObject({ code: 'OVP_SERVER_TOO_LARGE' });
});

describe('the fields of a record', () => {
  const fields = async (dataset: string, number: number) =>
    (await ask(service, `/v1/datasets/${dataset}/records/${number}/fields`)).json;

  it('lie where they lie in this record', async () => {
    const record = await fields('trips', 1);
    expect(record).toMatchObject({ number: 1, offset: 4, length: 22, complete: true });
    expect(record.bytes).toHaveLength(44);
    expect(record.text).toMatch(/^AAAA2BERN...BERN...007$/);
    // biome-ignore lint/suspicious/noExplicitAny: as it comes
    const places = record.items.map(({ kind, path, offset, length }: any) => [kind, path, offset, length]);
    expect(places).toEqual([
      ['field', 'TRIP.TRIP-ID', 0, 4],
      ['field', 'TRIP.LEGS', 4, 1],
      ['table', 'TRIP.LEG', null, null],
      ['group', 'TRIP.LEG(1)', null, null],
      ['field', 'TRIP.LEG(1).TOWN', 5, 4],
      ['field', 'TRIP.LEG(1).FARE', 9, 3],
      ['group', 'TRIP.LEG(2)', null, null],
      ['field', 'TRIP.LEG(2).TOWN', 12, 4],
      ['field', 'TRIP.LEG(2).FARE', 16, 3],
      ['field', 'TRIP.NOTE', 19, 3],
      ['field', 'TRIP.CODE', 19, 3],
    ]);
    expect(record.items[5]).toMatchObject({ state: 'value', value: '123.45', picture: 'S9(3)V99', usage: 'COMP-3' });
    expect(record.items[8]).toMatchObject({ state: 'bad', value: null, name: 'FARE' });
    expect(record.items[8].reason).toMatch(/digit/);
    expect(record.items[2]).toMatchObject({ items: 2, name: 'LEG', state: 'value' });
  });

  it('are those of the record type and of its length', async () => {
    const { items, length } = await fields('trips', 2);
    expect(length).toBe(8);
    expect(items.map(({ path, state }: { path: string; state: string }) => [path, state])).toEqual([
      ['TRIP.TRIP-ID', 'value'],
      ['TRIP.LEGS', 'value'],
      ['TRIP.LEG', 'value'],
      ['TRIP.NOTE', 'value'],
      // which of the two applies is not said: one that can't be read is not there
      ['TRIP.CODE', 'null'],
    ]);
  });

  it('are the same however the file is read', async () => {
    const [a, b] = [await fields('fixed', 5000), await fields('varied', 5000)];
    expect({ ...a, offset: 0 }).toEqual({ ...b, offset: 0 });
    expect(a.bytes).toBe(Buffer.from(list[4999]!.bytes).toString('hex').toUpperCase());
    expect((await ask(service, '/v1/datasets/fixed/records/9001/fields')).status).toBe(404);
    expect((await ask(service, '/v1/datasets/fixed/records/0/fields')).status).toBe(400);
  });

  it('are what the caller may see', async () => {
    const path = '/v1/datasets/clients/records/1/fields';
    const { json, body } = await ask(guardedService, path, { key: clerk.key });
    expect(json).toMatchObject({ bytes: null, text: null });
    expect(`${body}`).not.toContain('TAX-NO');
    for (const secret of Object.values(SECRET)) expect(`${body}`).not.toContain(secret);
    expect(json.items.find(({ name }: { name: string }) => name === 'PIN')).toMatchObject({
      state: 'masked',
      value: '***',
    });
    const open = await ask(guardedService, path, { key: auditor.key });
    expect(open.json.text).toContain(SECRET.tax);
    expect((await ask(guardedService, path)).status).toBe(401);
  });
});

describe('statistics', () => {
  it('are of the fields that are asked for', async () => {
    const { json } = await ask(service, '/v1/datasets/fixed/statistics?fields=BRANCH,CUST-NAME&where=VISITS%20%3D%201');
    const some = list.filter(({ visits }) => visits === 1);
    expect(json).toMatchObject({ records: some.length, complete: true });
    expect(json.fields).toMatchObject([
      { field: 'ACCOUNT.BRANCH', count: some.length, min: '-3', max: '3' },
      { field: 'ACCOUNT.CUST-NAME', kind: 'text' },
    ]);
  });

  it('stop at the limit', async () => {
    const { json } = await ask(service, '/v1/datasets/varied/statistics?limit=2000');
    expect(json.complete).toBe(false);
    expect(json.records).toBeGreaterThanOrEqual(2000);
    expect(json.records).toBeLessThan(4000);
    expect(json.fields).toHaveLength(8);
  });

  it('tell nothing of guarded fields', async () => {
    const path = '/v1/datasets/clients/statistics';
    const { json, body } = await ask(guardedService, path, { key: clerk.key });
    expect(json.fields.map(({ field }: { field: string }) => field)).toEqual([
      'CLIENT.CLIENT-NO',
      'CLIENT.NAME',
      'CLIENT.PERSON.CITY',
      'CLIENT.COMPANY.PLACE',
    ]);
    for (const secret of Object.values(SECRET)) expect(`${body}`).not.toContain(secret);
    for (const field of ['PIN', 'TAX-NO', 'TRADE-NO', 'PERSON'])
      expect((await ask(guardedService, `${path}?fields=${field}`, { key: clerk.key })).status, field).toBe(400);
  });

  it('refuse what has none', async () => {
    const many = Array.from({ length: 65 }, (_, i) => `F${i}`).join();
    for (const query of ['fields=NIX', 'fields=ACCOUNT', 'limit=100001', `fields=${many}`, 'where=('])
      expect((await ask(service, `/v1/datasets/fixed/statistics?${query}`)).status, query).toBe(400);
  });
});

describe('the page', () => {
  it('comes without a key, and lets nothing in that is not its own', async () => {
    const { status, headers, body } = await ask(guardedService, '/');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(`${body}`).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
    const assets = [...`${body}`.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const answer = await ask(guardedService, `/${asset}`);
      expect(answer.status, asset).toBe(200);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      const etag = answer.headers.get('etag')!;
      expect((await ask(guardedService, `/${asset}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    }
  });

  it('has no file but its own', async () => {
    for (const path of [
      '/assets/nix.js',
      '/assets/..%2findex.html',
      '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
      '/assets/',
    ])
      expect((await ask(guardedService, path)).status, path).toBeGreaterThanOrEqual(400);
    // what is nowhere is nobody's who is unknown
    expect((await ask(guardedService, '/nix')).status).toBe(401);
  });
});
