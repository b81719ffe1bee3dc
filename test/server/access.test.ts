/**
 * Who sees what: keys, tokens, roles; hidden and masked fields by every way in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type CryptoKey, SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { View } from '../../src/server/access/view.js';
import { startService } from '../../src/server/start.js';
import { checkCatalog } from '../../src/server/catalog/catalog.js';
import type { RunningService } from '../../src/server/start.js';
import { ebcdic } from '../keyed/accounts.js';
import { SECRET, ask, auditor, clerk, datasets, folder, guarded, serve, stranger, write } from './served.js';

const ISSUER = 'https://id.example';
const AUDIENCE = 'overpunch';
let service: RunningService;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let other: CryptoKey;
const lines: string[] = [];

beforeAll(async () => {
  pair = await generateKeyPair('RS256', { extractable: true });
  ({ privateKey: other } = await generateKeyPair('RS256'));
  write('jwks.json', JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' }] }));
  const jwt = { jwks: 'jwks.json', issuer: ISSUER, audience: AUDIENCE };
  service = await serve({ ...guarded, jwt }, { log: { write: (line: string) => lines.push(line) } });
});

interface Claims {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number;
  readonly roles?: unknown;
  readonly key?: CryptoKey | Uint8Array;
  readonly alg?: string;
}

const token = ({
  issuer = ISSUER,
  audience = AUDIENCE,
  expires = '5m',
  roles = ['clerk'],
  key = pair.privateKey,
  alg = 'RS256',
}: Claims = {}): Promise<string> =>
  new SignJWT({ roles })
    .setProtectedHeader({ alg, kid: 'one' })
    .setSubject('4711')
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(key);
const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });

it('lets in by key, as a header or a bearer token, and by JWT', async () => {
  for (const init of [
    { key: clerk.key },
    bearer(clerk.key),
    bearer(await token()),
    bearer(await token({ roles: 'x clerk' })),
  ])
    expect((await ask(service, '/v1/datasets/clients', init)).status).toBe(200);
});

describe('refuses with 401', () => {
  const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = { iss: ISSUER, aud: AUDIENCE, sub: '1', exp: 4e9, roles: ['auditor'] };
  it.each<[string, () => Promise<RequestInit> | RequestInit]>([
    ['nothing', () => ({})],
    ['another key', () => bearer(`ovp_${'A'.repeat(43)}`)],
    ['the hash of a key', () => bearer(clerk.entry.sha256)],
    [
      'a key and a token at once',
      async () => ({ headers: { 'x-api-key': clerk.key, authorization: `Bearer ${await token()}` } }),
    ],
    ['a key in the wrong scheme', () => ({ headers: { authorization: `Basic ${clerk.key}` } })],
    ['an expired token', async () => bearer(await token({ expires: 1_600_000_000 }))],
    ['a token of another issuer', async () => bearer(await token({ issuer: 'https://evil.example' }))],
    ['a token for another audience', async () => bearer(await token({ audience: 'payroll' }))],
    ['a token signed by another key', async () => bearer(await token({ key: other }))],
    ['a token without a signature', () => bearer(`${b64({ alg: 'none' })}.${b64(body)}.`)],
    [
      'a token signed with the public key as a secret',
      async () => bearer(await token({ alg: 'HS256', key: Buffer.from(await exportSPKI(pair.publicKey)) })),
    ],
    [
      'a token whose claims were changed',
      async () => {
        const [head, , signature] = (await token()).split('.');
        return bearer(`${head}.${b64(body)}.${signature}`);
      },
    ],
    [
      'a token without an end',
      async () =>
        bearer(
          await new SignJWT({ roles: ['clerk'] })
            .setProtectedHeader({ alg: 'RS256', kid: 'one' })
            .setSubject('1')
            .setIssuer(ISSUER)
            .setAudience(AUDIENCE)
            .sign(pair.privateKey),
        ),
    ],
    ['a token of 9000 characters', () => bearer('e'.repeat(9000))],
    ['words', () => bearer('null')],
  ])('%s', async (_, init) => {
    for (const path of ['/v1/datasets', '/v1/datasets/clients/records', '/metrics']) {
      const { status, json, headers } = await ask(service, path, await init());
      expect([status, json.code]).toEqual([401, 'OVP_SERVER_CREDENTIALS']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
  });
});

it('tells of a data set that is not for the caller as of one that is not there', async () => {
  const refused = (await ask(service, '/v1/datasets/clients/records', { key: stranger.key })).json;
  const missing = (await ask(service, '/v1/datasets/missing/records', { key: stranger.key })).json;
  expect({ ...refused, instance: '' }).toEqual({ ...missing, instance: '' });
  expect(JSON.stringify((await ask(service, '/v1/datasets', { key: stranger.key })).json)).not.toContain('clients');
  for (const init of [{}, { key: stranger.key }])
    expect(`${(await ask(service, '/openapi.json', init)).body}`).not.toContain('clients');
});

const WAYS = [
  '',
  '/schema',
  '/schema?format=avro',
  '/schema?format=openapi',
  '/schema?format=ddl',
  '/schema?format=types',
  '/records',
  '/records/3',
  '/by/3',
  '/records?select=CLIENT',
  '/records?select=PERSON',
  '/records?order=NAME',
  '/records?where=CITY%3D%27BERN%27',
  '/aggregate?group=CITY',
];

describe('hidden and masked fields', () => {
  it.each(WAYS)('%s shows none of them', async (way) => {
    const { status, body } = await ask(service, `/v1/datasets/clients${way}`, { key: clerk.key });
    expect(status).toBe(200);
    for (const secret of [...Object.values(SECRET), 'TAX-NO', 'taxNo', 'tax_no', 'TRADE-NO', 'tradeNo', 'NUMBERS'])
      expect(`${body}`).not.toContain(secret);
  });

  it.each(['application/x-ndjson', 'text/csv', 'application/vnd.apache.arrow.stream'])(
    '%s has none of them',
    async (accept) => {
      const { status, body } = await ask(service, '/v1/datasets/clients/records', {
        key: clerk.key,
        headers: { accept },
      });
      expect([status, body.includes('BERN')]).toEqual([200, true]);
      for (const secret of [...Object.values(SECRET), 'tax', 'trade']) expect(body.includes(secret)).toBe(false);
    },
  );

  it('are masked, or not there, in records; and decoded, too', async () => {
    const [record] = (await ask(service, '/v1/datasets/clients/records', { key: clerk.key })).json.records;
    expect(record).toEqual({
      clientNo: 0,
      name: 'NAME0',
      person: { city: 'BERN' },
      company: { place: 'BERN' },
      pin: '***',
    });
    const sent = {
      method: 'POST',
      body: Buffer.alloc(26, 0xf1),
      headers: { 'content-type': 'application/octet-stream' },
      key: clerk.key,
    };
    expect(JSON.parse(`${(await ask(service, '/v1/datasets/clients/decode', sent)).body}`)).toEqual({
      clientNo: 1111,
      name: '111111',
      person: { city: '1111' },
      company: { place: '1111' },
      pin: '***',
    });
  });

  it('are seen by those who may', async () => {
    const { json } = await ask(service, '/v1/datasets/clients/records?where=PIN%3D%27PIN7%27&limit=1', {
      key: auditor.key,
    });
    expect(json.records[0]).toMatchObject({ person: { taxNo: SECRET.tax }, pin: SECRET.pin });
    expect((await ask(service, '/v1/datasets/clients/records/1/bytes', { key: auditor.key })).body.length).toBe(26);
  });

  const hidden = (name: string): string[] => [
    `/records?select=${name}`,
    `/records?where=${name}%3D%27TAXSECRT%27`,
    `/records?where=NOT(CITY%3D${name})`,
    `/records?where=${name}%20IS%20NULL`,
    `/records?order=${name}`,
    `/aggregate?group=${name}`,
    `/aggregate?max=${name}`,
    `/aggregate?count=${name}`,
    `/records/1?select=${name}`,
    `/records?where=CITY%20IN(${name})`,
    `/records?where=CITY%20BETWEEN%20${name}%20AND%20%27Z%27`,
  ];
  it.each([...hidden('TAX-NO'), ...hidden('PERSON.TAX-NO'), ...hidden('TRADE-NO'), ...hidden('NUMBERS')])(
    '%s is as if it were not there',
    async (way) => {
      const made = way.replace(/PERSON\.TAX-NO|TAX-NO|TRADE-NO|NUMBERS/, 'QQQQ');
      const [one, none] = await Promise.all(
        [way, made].map((path) => ask(service, `/v1/datasets/clients${path}`, { key: clerk.key })),
      );
      expect(one!.status).toBe(400);
      const told = ({ json }: typeof none & object): string => JSON.stringify({ ...json, instance: '' });
      expect(told(one!).replaceAll(/'(PERSON\.TAX-NO|TAX-NO|TRADE-NO|NUMBERS)'/g, "'QQQQ'")).toBe(told(none!));
    },
  );

  it.each([
    'where=PIN%3D%27PIN7%27',
    'order=PIN',
    'where=CLIENT%3D%271%27',
    'where=PERSON%3D%271%27',
    'order=TAX-NO:desc',
  ])('nothing is learned of them by %s', async (query) => {
    expect((await ask(service, `/v1/datasets/clients/records?${query}`, { key: clerk.key })).status).toBe(400);
  });

  it('keep the bytes of records back', async () => {
    expect((await ask(service, '/v1/datasets/clients/records/1/bytes', { key: clerk.key })).json.code).toBe(
      'OVP_SERVER_GUARDED',
    );
  });

  it('make other ETags', async () => {
    const [one, two] = await Promise.all(
      [clerk.key, auditor.key].map((key) => ask(service, '/v1/datasets/clients/records', { key })),
    );
    expect(one!.headers.get('etag')).not.toBe(two!.headers.get('etag'));
  });
});

it('writes an audit line per access, without keys, tokens or conditions', async () => {
  lines.length = 0;
  await ask(service, "/v1/datasets/clients/records?where=NAME%3D'SECRETNAME'", { key: clerk.key });
  await ask(service, '/v1/datasets/clients', bearer(await token()));
  await expect.poll(() => lines.filter((line) => line.includes('"audit"')).length).toBe(2);
  const [first, second] = lines.filter((line) => line.includes('"audit"')).map((line) => JSON.parse(line).audit);
  expect(first).toMatchObject({
    caller: 'key clerk',
    dataset: 'clients',
    route: '/v1/datasets/:name/records',
    status: 200,
    records: 0,
  });
  expect(second).toMatchObject({ caller: 'jwt 4711' });
  for (const secret of [clerk.key, 'SECRETNAME', 'eyJ', clerk.entry.sha256])
    expect(lines.join('')).not.toContain(secret);
});

describe('listening', () => {
  it('wider than loopback needs keys or a word', async () => {
    const catalog = await checkCatalog({ datasets }, folder);
    await expect(startService(catalog, { host: '0.0.0.0', port: 0, log: null })).rejects.toMatchObject({
      code: 'OVP_SERVER_OPEN',
    });
    const service = await startService(catalog, { host: '0.0.0.0', port: 0, log: null, insecure: true });
    await service.close();
  });

  it('on loopback answers to its own name only', async () => {
    const open = await serve();
    const answer = await open.app.inject({ url: '/v1/datasets', headers: { host: 'evil.example' } });
    expect(answer.json()).toMatchObject({ status: 421 });
    expect((await open.app.inject({ url: '/v1/datasets', headers: { host: 'localhost:1' } })).statusCode).toBe(200);
  });

  it('has no CORS unless it is asked for', async () => {
    const headers = { origin: 'https://page.example' };
    expect((await ask(service, '/healthz', { headers })).headers.get('access-control-allow-origin')).toBeNull();
    const open = await serve({ datasets }, { cors: ['https://page.example'] });
    expect((await ask(open, '/healthz', { headers })).headers.get('access-control-allow-origin')).toBe(
      'https://page.example',
    );
  });
});

it('tells no bytes of a bad counter that is guarded', async () => {
  write(
    'counted.cpy',
    `       01  ONE.
           05  ID           PIC 99.
           05  CNT          PIC 9.
           05  PARTS OCCURS 0 TO 4 DEPENDING ON CNT.
               10  PART     PIC 9.
`,
  );
  write('counted.dat', Buffer.from('0007 0000 f0f1 e7'.replaceAll(' ', ''), 'hex'));
  const counted = { data: 'counted.dat', copybook: 'counted.cpy', recfm: 'V' };
  for (const [entry, hex] of [
    [counted, 'E7'],
    [{ ...counted, hide: ['CNT'] }, ''],
    [{ ...counted, mask: ['CNT'] }, ''],
  ] as const) {
    const { json } = await ask(await serve({ datasets: { counted: entry } }), '/v1/datasets/counted/records');
    expect(json.faults.find(({ field }: { field: string }) => field === 'ONE.PARTS').hex).toBe(hex);
  }
});

it('shows the last four characters where that is said, and of the same bytes by another name nothing', async () => {
  write(
    'cards.cpy',
    `       01  REC.
           05  CARD         PIC X(8).
           05  CARD-PARTS REDEFINES CARD.
               10  BIN-NO   PIC X(3).
               10  REST     PIC X(5).
           05  AMOUNT       PIC S9(7).
           05  LIMIT-NO     PIC S9(5)V99.
           05  SHORT        PIC X(4).
`,
  );
  write('cards.dat', ebcdic('12345678001234600123451234'));
  const cards = { data: 'cards.dat', copybook: 'cards.cpy', roles: ['clerk', 'auditor'] };
  const keys = [clerk.entry, auditor.entry];
  const named = { AMOUNT: 'last4', 'LIMIT-NO': 'last4', SHORT: 'last4' };
  const rule = { show: 'last4', except: ['auditor'] };
  const seen = async (mask: unknown, key = clerk.key): Promise<unknown> => {
    const service = await serve({ datasets: { cards: { ...cards, mask } }, keys });
    const { json } = await ask(service, '/v1/datasets/cards/records', { key });
    const { items } = (await ask(service, '/v1/datasets/cards/records/1/fields', { key })).json;
    const values = items.filter(({ kind }: { kind: string }) => kind === 'field');
    expect(values.map(({ value }: { value: unknown }) => value)).toEqual(
      Object.values(json.records[0]).flatMap((value) =>
        typeof value === 'object' ? Object.values(value as object) : [value],
      ),
    );
    return json.records[0];
  };
  const rest = { amount: '***2346', limitNo: '***', short: '***' };
  expect(await seen({ CARD: rule, ...named })).toEqual({
    card: '***5678',
    cardParts: { binNo: '***', rest: '***' },
    ...rest,
  });
  expect(await seen({ CARD: rule, 'CARD-PARTS': 'last4', ...named })).toMatchObject({
    card: '***5678',
    cardParts: { binNo: '***', rest: '***5678' },
  });
  // what is masked altogether is, whatever another name of its bytes says
  expect(await seen({ CARD: 'all', 'CARD-PARTS': 'last4', ...named })).toMatchObject({
    card: '***',
    cardParts: { binNo: '***', rest: '***' },
  });
  expect(await seen({ CARD: rule }, auditor.key)).toMatchObject({ card: '12345678', cardParts: { rest: '45678' } });
  const service = await serve({ datasets: { cards: { ...cards, mask: { CARD: rule } } }, keys });
  const schema: string = JSON.stringify((await ask(service, '/v1/datasets/cards/schema', { key: clerk.key })).json);
  expect(schema).toContain('"pattern":"^\\\\*\\\\*\\\\*(.{4})?$"');
  expect(schema).toContain('"masked":"last4"');
  expect((await ask(service, "/v1/datasets/cards/records?where=CARD='12345678'", { key: clerk.key })).status).toBe(400);
});

it('makes a view of 13,000 alternatives of a group of 13,000 items', () => {
  const items = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const text = `01 R.\n5 A.\n${items(13_000, (i) => `10 A${i} PIC X.`)}\n${items(13_000, (i) => `5 B${i} REDEFINES A PIC X.`)}`;
  const { layout } = Copybook.parse(text, { format: 'free' });
  const view = new View(layout, {}, ['A1'], [{ field: 'B7', show: 'last4' }]);
  // A1 is the second byte, which no alternative has; B7 the first, which all have
  expect([view.fields!.length, view.masked.size, view.masked.get('R.B7')]).toEqual([25_999, 13_001, 'last4']);
});
