/**
 * Records in Redis: every value of random layouts is there as a JSON line shows it, read by a client of our own. Needs a server,
 * which OVERPUNCH_TEST_REDIS names (scripts/with-servers.sh starts one).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Copybook, type RedisSinkOptions, open, redis } from '../../src/index.js';
import { randomFile } from './random-file.js';
import { Resp } from './resp.js';

const URL_OF_SERVER = process.env.OVERPUNCH_TEST_REDIS;
if (!URL_OF_SERVER) console.error('no OVERPUNCH_TEST_REDIS: what Redis holds is not tested');

/** Different for every run, so that several may use one server. */
const PREFIX = `overpunch-test-${process.pid}-${process.env.OVERPUNCH_ENGINE ?? ''}:`;
const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 60);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);

const copybook = Copybook.parse('01 R.\n 05 ID PIC 9(3).\n 05 NAME PIC X(4).\n 05 N PIC S9(3)V99 COMP-3.\n', {
  format: 'free',
});
const record = (id: string, name: string, packed: string): Buffer =>
  Buffer.from(Buffer.from(`${id}${name}`).toString('latin1').replace(/./g, ebcdic) + packed, 'hex');
const ebcdic = (letter: string): string => {
  if (letter === ' ') return '40';
  if (letter === ':') return '7a';
  if (letter === '%') return '6c';
  return letter >= '0' && letter <= '9' ? `f${letter}` : `c${(letter.charCodeAt(0) - 64).toString(16)}`;
};

describe('without a server', () => {
  it('says what is wrong with options', () => {
    expect(() => redis('http://x', { key: ['ID'] })).toThrow(/no URL of Redis/);
    expect(() => redis('redis://x', { key: ['ID'], ttl: 0 })).toThrow(/ttl must be/);
    expect(() => redis('redis://x', { key: ['ID'], as: 'list' as 'hash' })).toThrow(/as is hash or json/);
  });

  it('says where nobody answers, and never the password', async () => {
    const failed = await open(record('001', 'ABCD', '12345c'), { copybook })
      .into(redis('redis://me:se%63ret@127.0.0.1:1/3', { key: ['ID'] }))
      .catch((error: Error) => error);
    expect(failed).toMatchObject({ code: 'OVP_IO_CONNECT' });
    expect(String(failed)).toMatch(/No connection to Redis at redis:\/\/127\.0\.0\.1:1\/3: .*ECONNREFUSED/);
    expect(inspectAll(failed)).not.toMatch(/secret|se%63ret/);
  });

  it('does not wait for a server that never answers once it is aborted', async () => {
    const stop = new AbortController();
    const server = createServer(() => stop.abort(new Error('enough'))).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const sink = redis(`redis://127.0.0.1:${port}`, { key: ['ID'], signal: stop.signal });
    await expect(open(record('001', 'ABCD', '12345c'), { copybook }).into(sink)).rejects.toThrow('enough');
    server.close();
  });
});

describe.skipIf(!URL_OF_SERVER)('in Redis', () => {
  const url = URL_OF_SERVER!;
  let reader: Resp;
  beforeAll(() => void (reader = new Resp(url)));
  afterAll(() => reader.close());
  afterEach(async () => {
    const keys = (await reader.call('KEYS', `${PREFIX}*`)) as Buffer[];
    if (keys.length > 0) await reader.call('DEL', ...keys);
  });

  const load = (bytes: Uint8Array, options: Partial<RedisSinkOptions>, read: object = {}) =>
    open(bytes, { copybook, ...read }).into(redis(url, { key: ['ID'], prefix: PREFIX, ...options }));

  it(`every value of ${LAYOUTS} random layouts is as its JSON line shows it`, async () => {
    let layouts = 0;
    let values = 0;
    for (let seed = FIRST; seed < FIRST + LAYOUTS; seed++) {
      const file = randomFile(seed, 20, { keyed: true });
      if (!file) continue;
      layouts++;
      const { bytes, options, text } = file;
      const chunks: Uint8Array[] = [];
      for await (const chunk of open(bytes, options).toJsonLines()) chunks.push(chunk);
      const lines = Buffer.concat(chunks).toString('utf8').split('\n').slice(0, -1);
      const own = { key: ['THE-KEY'], batchSize: 7 };
      expect(await load(bytes, { ...own, prefix: `${PREFIX}j${seed}:`, as: 'json' }, options)).toEqual({ records: 20 });
      expect(await load(bytes, { ...own, prefix: `${PREFIX}h${seed}:` }, options)).toEqual({ records: 20 });
      for (const [k, line] of lines.entries()) {
        const value = (await reader.call('GET', `${PREFIX}j${seed}:${k + 1}`)) as Buffer;
        expect(String(value), `seed ${seed}\n${text}`).toBe(line);
        const expected = flat(JSON.parse(line));
        expect(await reader.hash(`${PREFIX}h${seed}:${k + 1}`), `seed ${seed}, ${line}\n${text}`).toEqual(expected);
        values += Object.keys(expected).length;
      }
    }
    expect(layouts).toBeGreaterThan(LAYOUTS / 2);
    expect(values).toBeGreaterThan(LAYOUTS * 50);
  }, 120_000);

  it('of several records with one key the last stays, and nothing of those before it', async () => {
    const records = [
      record('001', 'ABCD', '12345c'),
      record('002', 'BBBB', '00100d'),
      record('001', '    ', 'aaaaaa'), // a bad number: no field
      record('002', 'CCCC', 'ffffff'),
    ];
    for (const options of [{}, { batchSize: 1 }, { ttl: 100 }]) {
      expect(await load(Buffer.concat(records), options)).toEqual({ records: 4 });
      expect(await reader.hash(`${PREFIX}1`)).toEqual({ id: '1', name: '' });
      expect(await reader.hash(`${PREFIX}2`)).toEqual({ id: '2', name: 'CCCC' });
      expect(await load(Buffer.concat(records), { ...options, as: 'json' })).toEqual({ records: 4 });
      expect(String(await reader.call('GET', `${PREFIX}1`))).toBe('{"id":1,"name":"","n":null}');
      const seconds = await reader.call('TTL', `${PREFIX}1`);
      if ('ttl' in options) expect(seconds).toBeGreaterThan(90);
      else expect(seconds).toBe(-1);
    }
  });

  it('keys of several parts are not mistaken for each other', async () => {
    await load(record('001', 'A:B%', '12345c'), { key: ['NAME', 'N'] });
    expect(await reader.hash(`${PREFIX}A%3AB%25:123.45`)).toEqual({ id: '1', name: 'A:B%', n: '123.45' });
    await load(record('001', 'A:B%', '12345c'), { key: ['NAME'] });
    expect(await reader.hash(`${PREFIX}A:B%`)).toEqual({ id: '1', name: 'A:B%', n: '123.45' });
  });

  it('records without a key are refused, with their number', async () => {
    const bytes = Buffer.concat([record('001', 'ABCD', '12345c'), record('002', 'ABCD', 'aaaaaa')]);
    await expect(load(bytes, { key: ['N'] })).rejects.toThrow(/Record 2 has no R?\.?N, which is its key/);
    await expect(load(bytes, { key: ['N'] }, { where: 'N IS NOT NULL' })).resolves.toEqual({ records: 1 });
    await expect(load(bytes, { key: ['NN'] })).rejects.toThrow(/no field 'NN'.*\n.*Did you mean N/);
  });

  it('says what Redis said, without the password', async () => {
    const { host } = new URL(url);
    const failed = await open(record('001', 'ABCD', '12345c'), { copybook })
      .into(redis(`redis://nobody:se%63ret@${host}`, { key: ['ID'] }))
      .catch((error: Error) => error);
    expect(String(failed)).toMatch(/WRONGPASS|username-password/);
    expect(inspectAll(failed)).not.toMatch(/secret|se%63ret/);
  });

  it('a connection that breaks in the middle is an error, and the process ends', async () => {
    const script = `
      import { Copybook, open, redis } from './dist/index.js';
      import { connect, createServer } from 'node:net';
      const { hostname, port } = new URL(${JSON.stringify(url)});
      // a server that goes away after 20,000 bytes
      let bytes = 0;
      const proxy = createServer((client) => {
        const server = connect(Number(port), hostname);
        client.on('data', (data) => ((bytes += data.length) > 20000 ? (client.destroy(), server.destroy()) : server.write(data)));
        server.pipe(client);
        client.on('error', () => {}), server.on('error', () => {});
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => proxy.once('listening', resolve));
      const copybook = Copybook.parse('01 R.\\n 05 ID PIC 9(6).\\n', { format: 'free' });
      const data = Buffer.concat(Array.from({ length: 20000 }, (_, n) => Buffer.from(String(n).padStart(6, '0').replace(/./g, 'f$&'), 'hex')));
      const sink = redis('redis://127.0.0.1:' + proxy.address().port, { key: ['ID'], prefix: ${JSON.stringify(PREFIX)} });
      await open(data, { copybook }).into(sink).catch((error) => console.log(error.code, error.message));
      proxy.close();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toMatch(/^OVP_IO_SINK Records \d+ and on were not written to redis:\/\/127/);
  });
});

/** A JSON line's values by their paths, without those that are null. */
function flat(value: unknown, path = '', found: Record<string, string> = {}): Record<string, string> {
  if (value === null) return found;
  if (typeof value !== 'object') found[path] = String(value);
  else for (const [key, own] of Object.entries(value)) flat(own, path === '' ? key : `${path}.${key}`, found);
  return found;
}

function inspectAll(error: unknown): string {
  const own = error as Error & Record<string, unknown>;
  return JSON.stringify([own.message, own.stack, own.cause, Object.entries(own)]);
}
