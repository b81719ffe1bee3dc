/**
 * Tokens that nobody gave: by what JSON Web Tokens have been forged with elsewhere (RFC 8725), each is answered with 401, and no
 * address that a token names is asked for anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { ask, guarded, serve, write } from './served.js';

const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ISSUER = 'https://id.example';
const now = Math.floor(Date.now() / 1000);
const claims = { iss: ISSUER, aud: 'overpunch', sub: '4711', exp: now + 300, roles: ['clerk'] };
const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token as its parts are given, signed with a key of RSA. */
function signed(head: object, body: unknown = claims, key = ours.privateKey, hash = 'sha256'): string {
  const text = `${b64({ alg: 'RS256', kid: 'one', ...head })}.${b64(body)}`;
  return `${text}.${createSign(hash).update(text).sign(key).toString('base64url')}`;
}
function hashed(alg: string, secret: string | Buffer, head: object = {}): string {
  const text = `${b64({ alg, kid: 'one', ...head })}.${b64(claims)}`;
  return `${text}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(text)
    .digest('base64url')}`;
}

let service: RunningService;
let evil: Server;
let address = '';
const asked: string[] = [];
beforeAll(async () => {
  const jwk = { ...ours.publicKey.export({ format: 'jwk' }), kid: 'one' };
  const point = { ...curve.publicKey.export({ format: 'jwk' }), kid: 'two' };
  write('forgery.json', JSON.stringify({ keys: [jwk, point] }));
  const jwt = { jwks: 'forgery.json', issuer: ISSUER, audience: 'overpunch' };
  service = await serve({ ...guarded, jwt });
  evil = createServer((request, response) => {
    asked.push(`${request.url}`);
    response.end(JSON.stringify({ keys: [{ ...theirs.publicKey.export({ format: 'jwk' }), kid: 'one' }] }));
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
});
afterAll(() => {
  evil.close();
});
const status = async (token: string): Promise<number> =>
  (await ask(service, '/v1/datasets/clients', { headers: { authorization: `Bearer ${token}` } })).status;

it('takes what was given', async () => {
  expect(await status(signed({}))).toBe(200);
  expect(await status(signed({}, { ...claims, aud: ['payroll', 'overpunch'] }))).toBe(200);
});

const pem = ours.publicKey.export({ format: 'pem', type: 'spki' }) as string;
const FORGED: readonly (readonly [string, () => string])[] = [
  ...['none', 'None', 'nOnE', 'NONE', ''].map(
    (alg) => [`signed by nobody: '${alg}'`, () => `${b64({ alg, kid: 'one' })}.${b64(claims)}.`] as const,
  ),
  ['signed by nobody, with a signature', () => signed({ alg: 'none' })],
  ...['HS256', 'HS384', 'HS512'].map((alg) => [`the public key as a secret: ${alg}`, () => hashed(alg, pem)] as const),
  ['the public key in DER as a secret', () => hashed('HS256', ours.publicKey.export({ format: 'der', type: 'spki' }))],
  ['no secret', () => hashed('HS256', '')],
  ['a secret, said to be RS256', () => hashed('HS256', pem, { alg: 'RS256' })],
  ['a kid that is a path', () => hashed('HS256', '', { kid: '../../../../../../dev/null' })],
  ['a kid that is a query', () => signed({ kid: "one' OR '1'='1" }, claims, theirs.privateKey)],
  ['a kid that is a command', () => signed({ kid: '|id' }, claims, theirs.privateKey)],
  ['a kid that is no text', () => signed({ kid: ['one'] }, claims, theirs.privateKey)],
  ['a kid of a prototype', () => signed({ kid: '__proto__' }, claims, theirs.privateKey)],
  ['the address of its keys', () => signed({ jku: `${address}/jku` }, claims, theirs.privateKey)],
  ['the address of its certificates', () => signed({ x5u: `${address}/x5u` }, claims, theirs.privateKey)],
  [
    'its own key',
    () => signed({ jwk: theirs.publicKey.export({ format: 'jwk' }), kid: undefined }, claims, theirs.privateKey),
  ],
  ['its own certificates', () => signed({ x5c: ['AAAA'] }, claims, theirs.privateKey)],
  ['another key of the same kind', () => signed({}, claims, theirs.privateKey)],
  ['a key of another kind', () => signed({ kid: 'two' })],
  ['an algorithm that is not allowed', () => signed({ alg: 'RS512' }, claims, ours.privateKey, 'sha512')],
  [
    'a point of zeros',
    () => `${b64({ alg: 'ES256', kid: 'two' })}.${b64(claims)}.${Buffer.alloc(64).toString('base64url')}`,
  ],
  ['what it says must be understood', () => signed({ crit: ['exp2'], exp2: 1 })],
  ['what must be understood and is not there', () => signed({ crit: [] })],
  ['a body that is not encoded', () => signed({ b64: false, crit: ['b64'] })],
  ['an end that is past', () => signed({}, { ...claims, exp: now - 60 })],
  ['an end that is no number', () => signed({}, { ...claims, exp: '9999999999' })],
  ['an end that is null', () => signed({}, { ...claims, exp: null })],
  ['no end', () => signed({}, { ...claims, exp: undefined })],
  ['a beginning that is to come', () => signed({}, { ...claims, nbf: now + 60 })],
  ['a beginning that is no number', () => signed({}, { ...claims, nbf: 'now' })],
  ['another audience', () => signed({}, { ...claims, aud: 'payroll' })],
  ['other audiences', () => signed({}, { ...claims, aud: ['payroll', 'overpunch2', 'Overpunch'] })],
  ['no audience', () => signed({}, { ...claims, aud: undefined })],
  ['another issuer', () => signed({}, { ...claims, iss: `${ISSUER}/` })],
  ['issuers in a list', () => signed({}, { ...claims, iss: [ISSUER] })],
  ['no subject', () => signed({}, { ...claims, sub: undefined })],
  ['a subject that is no text', () => signed({}, { ...claims, sub: { toString: 'admin' } })],
  ['an empty subject', () => signed({}, { ...claims, sub: '' })],
  ['a body that is no object', () => signed({}, '["clerk"]')],
  ['a body that is no JSON', () => signed({}, '{"roles":')],
  ['a claim twice, the wrong one last', () => signed({}, `${JSON.stringify(claims).slice(0, -1)},"aud":"payroll"}`)],
  ['four parts', () => `${signed({})}.x`],
  ['encrypted', () => `${b64({ alg: 'dir', enc: 'A256GCM' })}..${b64('iv')}.${b64('text')}.${b64('tag')}`],
  ['a changed signature', () => signed({}).replace(/.{8}$/, 'AAAAAAAA')],
  ['no signature', () => signed({}).replace(/[^.]+$/, '')],
];
it.each(FORGED)('refuses %s', async (_, token) => {
  expect(await status(token())).toBe(401);
  expect(asked).toEqual([]);
});

it('roles are a list of texts, or words, and nothing else is one', async () => {
  for (const roles of [
    { length: 1, 0: 'clerk' },
    [['clerk']],
    [{ name: 'clerk' }],
    'clerk2',
    ['clerk '],
    ['CLERK'],
    1,
    null,
    true,
  ])
    expect(await status(signed({}, { ...claims, roles }))).toBe(404);
});

it('no token is taken from elsewhere', async () => {
  const token = signed({});
  for (const [path, headers] of [
    [`?access_token=${token}`, {}],
    ['', { cookie: `token=${token}; authorization=Bearer ${token}` }],
    ['', { 'x-api-key': token }],
    ['', { 'proxy-authorization': `Bearer ${token}` }],
    ['', { authorization: token }],
    ['', { authorization: `Bearer ${token} ${token}` }],
    ['', { authorization: `Bearer ${token}, Bearer ${token}` }],
  ] as const)
    expect((await ask(service, `/v1/datasets/clients${path}`, { headers })).status).toBe(401);
});
