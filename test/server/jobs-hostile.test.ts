/**
 * Loads that want what they must not have: each is answered with 4xx, in the form of a problem, leaks nothing and starts nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { ask, clerk, folder, guarded, serve, write } from './served.js';

mkdirSync(join(folder, 'exports'));
symlinkSync('/etc', join(folder, 'exports', 'way'));
write('secret', 'PASSWORD');
const targets = {
  exports: { folder: 'exports', roles: ['clerk'] },
  bank: { url: 'postgres://loader@db.invalid/bank', passwordFile: 'secret', roles: ['clerk'], tables: ['account'] },
  secret: { url: 'postgres://loader@db.invalid/bank', roles: ['other'] },
};

let service: RunningService;
beforeAll(async () => {
  const nokey = { data: 'fixed.dat', copybook: 'account.cpy' };
  write(
    'counted.cpy',
    '       01  C.\n           05  CNT PIC 9.\n           05  T PIC X OCCURS 0 TO 4 DEPENDING ON CNT.\n',
  );
  const counted = { data: 'secret', copybook: 'counted.cpy', recfm: 'V', hide: ['CNT'] };
  service = await serve({ ...guarded, datasets: { ...guarded.datasets, nokey, counted }, targets });
});

const to = (more: object): string => JSON.stringify({ target: 'exports', ...more });
const json = { 'content-type': 'application/json' };
/** A body, the data set and the headers that it goes with. */
type Hostile = readonly [body: string | Uint8Array, name?: string, headers?: Record<string, string>];

const BODIES: readonly Hostile[] = [
  // targets
  ['{}'],
  [to({ target: 'nowhere' })],
  [to({ target: 'secret' })],
  [to({ target: '__proto__' })],
  [to({ target: 'constructor' })],
  [to({ target: '' })],
  [to({ target: null })],
  [to({ target: ['exports', 'bank'] })],
  [to({ target: { url: 'postgres://evil.example/x' } })],
  [to({ target: 'postgres://169.254.169.254/x' })],
  [to({ target: '../exports' })],
  [to({ target: 'exports', url: 'postgres://evil.example/x' })],
  [to({ folder: '/etc' })],
  [to({ passwordFile: '/etc/shadow' })],
  [to({ prefix: 'x' })],
  // names
  [to({ table: '../../etc/passwd' })],
  [to({ table: '/etc/passwd' })],
  [to({ table: 'way/x' })],
  [to({ table: '..' })],
  [to({ table: '' })],
  [to({ table: 'a"; DROP TABLE account; --' })],
  [to({ table: "a'b" })],
  [to({ table: 'a.b' })],
  [to({ table: 'a\u0000b' })],
  [to({ table: 'a'.repeat(64) })],
  [to({ table: '"account"' })],
  [to({ target: 'bank', table: 'other' })],
  [to({ target: 'bank', table: 'ACCOUNT' })],
  [to({ target: 'bank', format: 'csv' })],
  [to({ format: 'exe' })],
  [to({ format: '../x' })],
  // conditions and fields
  [to({ where: `BRANCH = ${'1'.repeat(5000)}` })],
  [to({ where: '('.repeat(2000) })],
  [to({ where: `${'NOT '.repeat(900)}BRANCH = 1` })],
  [to({ where: 'BRANCH = 1; DROP TABLE ACCOUNT' })],
  [to({ where: 'NOSUCH = 1' })],
  [to({ where: { $ne: 1 } })],
  [to({ select: ['__proto__'] })],
  [to({ select: [] })],
  [to({ select: Array.from({ length: 1001 }, () => 'BRANCH') })],
  [to({ select: [{ BRANCH: 1 }] })],
  [to({ select: ['PIN'] }), 'clients'],
  [to({ select: ['COMPANY'] }), 'clients'],
  [to({ where: "NUMBERS = '1'" }), 'clients'],
  [to({ target: 'bank', key: ['PIN'] }), 'clients'],
  [to({ target: 'bank', key: ['TAX-NO'], mode: 'upsert' }), 'clients'],
  [to({ target: 'bank', mode: 'upsert' }), 'nokey'],
  [to({ target: 'bank' }), 'counted'],
  [to({ target: 'bank', select: ['T'] }), 'counted'],
  // numbers and modes
  [to({ skip: -1 })],
  [to({ limit: 0 })],
  [to({ limit: 1e300 })],
  [to({ limit: '1 OR 1' })],
  [to({ mode: 'truncate' })],
  [to({ mode: 'drop' })],
  [to({ target: 'bank', mode: 'truncate' })],
  [to({ again: 'sure' })],
  [to({ nosuch: 1 })],
  // bodies that are none
  ['{"target":"exports","__proto__":{"roles":["other"]}}'],
  ['{"target":"exports","constructor":{"prototype":{"x":1}}}'],
  [''],
  ['{'],
  ['null'],
  ['[]'],
  ['"exports"'],
  [Buffer.from([0xff, 0xfe, 0x7b])],
  ['['.repeat(50_000)],
  [to({ where: 'A'.repeat(70_000) })],
  [to({}), 'fixed', { 'content-type': 'text/plain' }],
  [to({}), 'fixed', { 'content-type': 'application/x-www-form-urlencoded' }],
  [to({}), 'fixed', { 'content-type': 'multipart/form-data; boundary=x' }],
  [to({}), 'fixed', { ...json, 'idempotency-key': 'a b' }],
  [to({}), 'fixed', { ...json, 'idempotency-key': 'x'.repeat(256) }],
  // data sets
  [to({}), 'nosuch'],
  [to({}), '__proto__'],
  [to({}), '..%2f..%2fetc'],
];

it.each(BODIES.map((hostile, i) => [i, hostile] as const))(
  'body %i',
  async (_, [body, name = 'fixed', headers = json]) => {
    const answer = await ask(service, `/v1/datasets/${name}/loads`, {
      method: 'POST',
      body: body as NonNullable<RequestInit['body']>,
      headers,
      key: clerk.key,
    });
    const text = `${answer.body}`;
    expect(answer.status, text).toBeGreaterThanOrEqual(400);
    expect(answer.status, text).toBeLessThan(500);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    for (const leak of ['db.invalid', 'PASSWORD', folder, 'node_modules', '    at ', 'TAXSECRT', 'PIN7'])
      expect(text).not.toContain(leak);
  },
);

const IDS = [
  '1',
  '../../etc',
  '__proto__',
  '00000000-0000-4000-8000-000000000000',
  'a'.repeat(900),
  '%00',
  "' OR 1=1 --",
];
it.each(IDS)('job %s', async (id) => {
  for (const [path, method] of [
    [`/v1/jobs/${encodeURIComponent(id)}`, 'GET'],
    [`/v1/jobs/${encodeURIComponent(id)}`, 'DELETE'],
    [`/v1/jobs/${encodeURIComponent(id)}/events`, 'GET'],
    [`/v1/jobs?limit=${encodeURIComponent(id)}0000`, 'GET'],
    ['/v1/jobs', 'DELETE'],
  ] as const) {
    const { status } = await ask(service, path, { method, key: clerk.key });
    expect([400, 404, 405]).toContain(status);
  }
});

it('started nothing', async () => {
  expect((await ask(service, '/v1/jobs', { key: clerk.key })).json).toEqual({ jobs: [] });
  expect(readdirSync(join(folder, 'exports'))).toEqual(['way']);
});

it('says no more of a target than its name', async () => {
  const { json: job } = await ask(service, '/v1/datasets/fixed/loads', {
    method: 'POST',
    body: to({ target: 'bank' }),
    headers: json,
    key: clerk.key,
  });
  await expect
    .poll(async () => (await ask(service, `/v1/jobs/${job.id}`, { key: clerk.key })).json.state, { timeout: 20_000 })
    .toBe('failed');
  const { body, json: failed } = await ask(service, `/v1/jobs/${job.id}`, { key: clerk.key });
  expect(failed.problem).toMatchObject({ status: 502, code: 'OVP_IO_DATABASE' });
  for (const leak of ['invalid', 'loader', 'PASSWORD', 'postgres', 'ENOTFOUND']) expect(`${body}`).not.toContain(leak);
});
