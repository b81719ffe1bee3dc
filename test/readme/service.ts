/**
 * Claims of the README about the REST service: of accounts of which a clerk sees some, masked and hidden ones left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { checkCatalog, newKey, openCatalog, startService } from '../../src/server/index.js';
import { storeAddress } from '../../src/server/store/address.js';
import { Store } from '../../src/server/store/store.js';
import type { Claim } from './supported.js';

const RECORDS = Buffer.from('c1f1c2f2c3f3', 'hex');
const bytes = { method: 'POST', body: RECORDS, headers: { 'content-type': 'application/octet-stream' } };

/** What a service answers to one request: its status, and its body as JSON or text. */
async function answer(
  path: string,
  init: RequestInit = {},
  roles: readonly string[] | null = null,
  token = false,
): Promise<[number, unknown]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overpunch-readme-')));
  writeFileSync(join(folder, 'r.cpy'), '       01  R.\n           05 A PIC X.\n           05 B PIC 9.\n');
  writeFileSync(join(folder, 'r.dat'), RECORDS);
  const { key, entry } = newKey('one', roles ?? []);
  const pair = await generateKeyPair('ES256');
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }));
  const guards = roles && {
    keys: [entry],
    jwt: { jwks: 'jwks.json', issuer: 'i', audience: 'a' },
  };
  const hidden = roles?.includes('masked') ? { mask: ['B'] } : roles?.includes('hidden') ? { hide: ['B'] } : {};
  const r = {
    data: 'r.dat',
    copybook: 'r.cpy',
    key: ['A'],
    ...hidden,
    ...(roles && { roles: ['clerk', 'masked', 'hidden'] }),
  };
  const service = await startService(await checkCatalog({ datasets: { r }, ...guards }, folder), {
    port: 0,
    log: null,
  });
  try {
    const jwt = new SignJWT({ roles: ['clerk'] })
      .setProtectedHeader({ alg: 'ES256' })
      .setSubject('s')
      .setIssuer('i')
      .setAudience('a');
    const given = token ? await jwt.setExpirationTime('1m').sign(pair.privateKey) : key;
    const headers = { ...(roles && { authorization: `Bearer ${given}` }), ...(init.headers as Record<string, string>) };
    const response = await fetch(`${service.address}${path}`, { ...init, headers });
    const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
    return [
      response.status,
      response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text,
    ];
  } finally {
    await service.close(1000);
    rmSync(folder, { recursive: true, force: true });
  }
}
/** What becomes of a load, by the events of its job. */
async function loaded(): Promise<unknown> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overpunch-readme-')));
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'r.cpy'), '       01  R.\n           05 A PIC X.\n           05 B PIC 9.\n');
  writeFileSync(join(folder, 'r.dat'), RECORDS);
  const json = { datasets: { r: { data: 'r.dat', copybook: 'r.cpy' } }, targets: { out: { folder: 'out' } } };
  const service = await startService(await checkCatalog(json, folder), { port: 0, log: null });
  try {
    const started = await fetch(`${service.address}${PATH}/loads`, {
      method: 'POST',
      body: '{"target":"out"}',
      headers: { 'content-type': 'application/json' },
    });
    const events = await (await fetch(`${service.address}${started.headers.get('location')}/events`)).text();
    const states = [...events.matchAll(/"state":"(\w+)"/g)].map(([, state]) => state);
    return [...states, readFileSync(join(folder, 'out/r.jsonl'), 'utf8').split('\n').length];
  } finally {
    await service.close(1000);
    rmSync(folder, { recursive: true, force: true });
  }
}
/** What a catalog in SQLite has when a service that took an upload has ended. */
async function kept(): Promise<unknown> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'overpunch-readme-')));
  const at = join(folder, 'catalog.db');
  const store = await Store.open(await storeAddress(at), true);
  try {
    await store.takeIn({ entries: [], keys: [], settings: { uploads: {} } }, 'readme');
    const service = await startService(await openCatalog(at), { port: 0, log: null });
    const body = new FormData();
    body.append('options', '{"name":"r"}');
    body.append('copybook', new Blob(['       01  R.\n           05 A PIC X.\n']), 'r.cpy');
    body.append('data', new Blob([RECORDS]), 'r.dat');
    const { status } = await fetch(`${service.address}/v1/datasets`, { method: 'POST', body });
    await service.close(1000);
    return [status, [...(await store.stamps()).keys()]];
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const PATH = '/v1/datasets/r';
const records = async (...rest: Parameters<typeof answer>): Promise<unknown> =>
  ((await answer(...rest))[1] as { records: unknown }).records;
const accept = (type: string): RequestInit => ({ headers: { accept: type } });

export const service: readonly Claim[] = [
  [
    'pages with a stable cursor',
    async () => typeof ((await answer(`${PATH}/records?limit=1`))[1] as { next: unknown }).next,
    'string',
  ],
  ['records by number', async () => (await answer(`${PATH}/records/2`))[1], { a: 'B', b: 2 }],
  ['key', () => records(`${PATH}/by/C`), [{ a: 'C', b: 3 }]],
  ['bytes of a record', async () => (await answer(`${PATH}/records/2/bytes`))[1], '\xc2\xf2'],
  [
    'its fields with their places',
    async () =>
      ((await answer(`${PATH}/records/2/fields`))[1] as { items: { name: string; offset: number }[] }).items.map(
        ({ name, offset }) => [name, offset],
      ),
    [
      ['A', 0],
      ['B', 1],
    ],
  ],
  [
    'statistics of fields',
    async () => ((await answer(`${PATH}/statistics?fields=B`))[1] as { fields: { mean: string }[] }).fields[0]!.mean,
    '2.0000',
  ],
  [
    'a [page to look at records](docs/browser.md)',
    async () => /<script type="module"/.test(String((await answer('/'))[1])),
    true,
  ],
  [
    'aggregates',
    async () => ((await answer(`${PATH}/aggregate?max=B`))[1] as { groups: unknown }).groups,
    [{ maxB: 3 }],
  ],
  [
    'JSON lines',
    async () => (await answer(`${PATH}/records?limit=1`, accept('application/x-ndjson')))[1],
    '{"a":"A","b":1}\n',
  ],
  ['CSV', async () => (await answer(`${PATH}/records?limit=1`, accept('text/csv')))[1], 'a,b\nA,1\n'],
  [
    'Arrow as streams',
    async () => (await answer(`${PATH}/records`, accept('application/vnd.apache.arrow.stream')))[0],
    200,
  ],
  [
    'Parquet files',
    async () => String((await answer(`${PATH}/records`, accept('application/vnd.apache.parquet')))[1]).slice(0, 4),
    'PAR1',
  ],
  ['decoding of what is sent', async () => (await answer(`${PATH}/decode?where=B%3D2`, bytes))[1], '{"a":"B","b":2}\n'],
  ['loads as jobs with progress', loaded, ['waiting', 'running', 'done', 4]],
  ['OpenAPI 3.1', async () => ((await answer('/openapi.json'))[1] as { openapi: string }).openapi, '3.1.0'],
  ['API keys', async () => (await answer(`${PATH}/records`, {}, ['clerk']))[0], 200],
  ['JWT', async () => (await answer(`${PATH}/records`, {}, ['x'], true))[0], 200],
  ['roles for data sets', async () => (await answer(`${PATH}/records`, {}, ['x']))[0], 404],
  ['masked fields', () => records(`${PATH}/records?limit=1`, {}, ['masked']), [{ a: 'A', b: '***' }]],
  ['hidden fields', () => records(`${PATH}/records?limit=1`, {}, ['hidden']), [{ a: 'A' }]],
  ['uploads, kept by catalogs in SQLite', kept, [201, ['r']]],
  ['PostgreSQL', async () => (await storeAddress('postgres://catalogs/bank')).dialect, 'postgres'],
];
