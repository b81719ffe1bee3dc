/**
 * Uploads: what is taken, who sees it, what is refused, and that nothing is left of what was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import {
  ACCOUNT,
  type Answer,
  CLIENT,
  COUNT,
  SECRET,
  ask,
  auditor,
  clerk,
  datasets,
  folder,
  guarded,
  list,
  serve,
  stranger,
} from './served.js';

const data = Buffer.concat(list.map(({ bytes }) => bytes));
const PATH = '/v1/datasets';
type Part = readonly [name: string, value: string | Blob, file?: string];

const file = (bytes: Uint8Array | string): Blob => new Blob([bytes as string]);
const whole = (options: object = {}, bytes: Uint8Array = data): Part[] => [
  ['options', JSON.stringify(options)],
  ['copybook', file(ACCOUNT), 'account.cpy'],
  ['data', file(bytes), 'accounts.dat'],
];

function send(
  service: RunningService,
  parts: readonly Part[],
  init: RequestInit & { key?: string } = {},
): Promise<Answer> {
  const body = new FormData();
  for (const [name, value, as] of parts)
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, value, as);
  return ask(service, PATH, { method: 'POST', body, ...init });
}

/** Files of uploads, whole or not. */
const left = (place = 'uploads'): string[] =>
  existsSync(join(folder, place))
    ? readdirSync(join(folder, place), { recursive: true })
        .map(String)
        .filter((name) => /\.(dat|part)$/.test(name))
    : [];
const names = async (service: RunningService, key?: string): Promise<string[]> =>
  (await ask(service, PATH, key === undefined ? {} : { key })).json.datasets.map(({ name }: { name: string }) => name);

let service: RunningService;
beforeAll(async () => {
  service = await serve({ datasets, uploads: { folder: 'uploads', bytes: 2_000_000 } });
});

describe('an upload', () => {
  it('is read as any data set, and goes when it is told to', async () => {
    const { status, json, headers } = await send(service, whole({ title: 'Mine', key: ['ACCT-ID'] }));
    expect(status).toBe(201);
    expect(json).toMatchObject({ title: 'Mine', key: ['ACCT-ID'], temporary: true });
    expect(json.name).toMatch(/^drop-[0-9a-f]{18}$/);
    const at = headers.get('location')!;
    expect(at).toBe(`${PATH}/${json.name}`);
    expect((await ask(service, at)).json).toMatchObject({ records: COUNT, temporary: true });
    for (const way of ['/records?skip=8990&limit=5', '/by/7', '/aggregate?count=', '/records/77/bytes']) {
      const [mine, same] = await Promise.all([at, `${PATH}/fixed`].map((one) => ask(service, one + way)));
      expect(mine!.status).toBe(way.endsWith('bytes') ? 200 : same!.status);
      expect({ ...mine!.json, next: 0 }).toEqual({ ...same!.json, next: 0 });
      if (!same!.json) expect(mine!.body.equals(same!.body)).toBe(true);
    }
    expect(left()).toHaveLength(1);
    expect((await ask(service, at, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(service, at)).status).toBe(404);
    expect((await ask(service, at, { method: 'DELETE' })).status).toBe(404);
    expect(left()).toEqual([]);
  });

  it('has options as a part with a type, or none; and a copybook in EBCDIC or as a field', async () => {
    const { ebcdic } = await import('../keyed/accounts.js');
    const lines = ACCOUNT.split('\n').map((line) => line.padEnd(80));
    const ways: Part[][] = [
      [['options', new Blob(['{"title":"x"}'], { type: 'application/json' })], ...whole().slice(1)],
      whole().slice(1),
      [['copybook', file(ebcdic(lines.join(''))), '../../../etc/passwd'], whole()[2]!],
      [['copybook', ACCOUNT], whole()[2]!],
    ];
    for (const parts of ways) {
      const { status, json } = await send(service, parts);
      expect([status, json.detail]).toEqual([201, undefined]);
      expect((await ask(service, `${PATH}/${json.name}`, { method: 'DELETE' })).status).toBe(204);
    }
  });

  it('takes the place of one of its name, whose readers end as they began', async () => {
    await send(service, whole({ name: 'mine', key: ['ACCT-ID'] }));
    const stream = await fetch(`${service.address}${PATH}/mine/records`, {
      headers: { accept: 'application/x-ndjson' },
    });
    const lookups = Array.from({ length: 8 }, () => ask(service, `${PATH}/mine/by/7`));
    const half = data.subarray(0, data.length / 2);
    const answer = await send(service, whole({ name: 'mine', key: ['ACCT-ID'] }, half));
    expect(answer.status).toBe(201);
    expect((await stream.text()).split('\n')).toHaveLength(COUNT + 1);
    for (const { status } of await Promise.all(lookups)) expect([200, 409]).toContain(status);
    expect((await ask(service, `${PATH}/mine`)).json.records).toBe(COUNT / 2);
    expect(left()).toHaveLength(1);
    await ask(service, `${PATH}/mine`, { method: 'DELETE' });
  });

  it('is told what is wrong with its file', async () => {
    const { json } = await send(service, whole({ recfm: 'V', name: 'broken' }));
    expect(json.name).toBe('broken');
    const { json: problem } = await ask(service, `${PATH}/broken/records`);
    expect([problem.status, problem.code.slice(0, 10)]).toEqual([422, 'OVP_FRAME_']);
    expect(problem.detail).toContain('no RDW');
    await ask(service, `${PATH}/broken`, { method: 'DELETE' });
  });

  it('goes when there are more of a caller than eight', async () => {
    for (let i = 0; i < 10; i++) await send(service, whole({ name: `many-${i}` }, data.subarray(0, 46)));
    expect((await names(service)).filter((name) => name.startsWith('many'))).toEqual(
      Array.from({ length: 8 }, (_, i) => `many-${i + 2}`),
    );
    expect(left()).toHaveLength(8);
    for (let i = 2; i < 10; i++) await ask(service, `${PATH}/many-${i}`, { method: 'DELETE' });
  });

  it('goes with the service', async () => {
    const other = await serve({ datasets, uploads: { folder: 'elsewhere' } });
    await send(other, whole());
    expect(left('elsewhere')).toHaveLength(1);
    await other.close();
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });
});

describe('leaves nothing behind when it is refused:', () => {
  const big = Buffer.alloc(2_000_001);
  const good = whole();
  const [options, copybook, bytes] = good as [Part, Part, Part];
  const opt = (json: unknown): Part[] => [['options', JSON.stringify(json)], copybook, bytes];
  it.each<[string, readonly Part[], number, string]>([
    ['a data file that is too large', [options, copybook, ['data', file(big), 'a']], 413, 'OVP_SERVER_TOO_LARGE'],
    [
      'a copybook of a megabyte',
      [['copybook', file(Buffer.alloc(1_048_577, 32)), 'a'], bytes],
      413,
      'OVP_SERVER_TOO_LARGE',
    ],
    [
      'options without end',
      [['options', JSON.stringify({ title: 'x'.repeat(70_000) })], copybook, bytes],
      413,
      'OVP_SERVER_TOO_LARGE',
    ],
    ['no copybook', [options, bytes], 400, 'OVP_SERVER_BODY'],
    ['no data', [options, copybook], 400, 'OVP_SERVER_BODY'],
    ['data as a field', [options, copybook, ['data', 'text']], 400, 'OVP_SERVER_BODY'],
    ['data first', [bytes, copybook, options], 400, 'OVP_SERVER_BODY'],
    ['options last', [copybook, bytes, options], 400, 'OVP_SERVER_BODY'],
    ['a fourth part', [...good, ['more', file('x'), 'x']], 400, 'OVP_SERVER_BODY'],
    ['two files of data', [...good, bytes], 400, 'OVP_SERVER_BODY'],
    ['eleven parts', [...good, ...Array.from({ length: 8 }, () => bytes)], 413, 'OVP_SERVER_TOO_LARGE'],
    ['a part called __proto__', [['__proto__', '{}'], copybook, bytes], 400, 'OVP_SERVER_BODY'],
    ['options that are no JSON', [['options', '{recfm: F}'], copybook, bytes], 400, 'OVP_OPTION_CATALOG'],
    ['options that are no object', opt([1]), 400, 'OVP_OPTION_CATALOG'],
    ['an unknown option', opt({ recfmt: 'F' }), 400, 'OVP_OPTION_DATASET'],
    ['paths of its own', opt({ data: '/etc/passwd' }), 400, 'OVP_OPTION_DATASET'],
    ['folders of COPY', opt({ copyPaths: ['/etc'] }), 400, 'OVP_OPTION_CATALOG'],
    ['threads', opt({ threads: 64 }), 400, 'OVP_OPTION_CATALOG'],
    ['the name ..', opt({ name: '..' }), 400, 'OVP_OPTION_CATALOG'],
    ['the name a/b', opt({ name: 'a/b' }), 400, 'OVP_OPTION_CATALOG'],
    ['the name __proto__', opt({ name: '__proto__' }), 400, 'OVP_OPTION_CATALOG'],
    ['no text as a name', opt({ name: ['a'] }), 400, 'OVP_OPTION_VALUE'],
    ['a name of the catalog', opt({ name: 'fixed' }), 409, 'OVP_SERVER_NAME_TAKEN'],
    ['a key that is no field', opt({ key: ['NOSUCH'] }), 400, 'OVP_OPTION_CATALOG'],
    ['a record format there is not', opt({ recfm: 'ZB' }), 400, 'OVP_OPTION_RECFM'],
    ['COPY', [['copybook', file('       COPY PASSWD.\n'), 'x'], bytes], 422, 'OVP_SYNTAX_COPY'],
    [
      'REDEFINES of what is not there, 20,000 times',
      [['copybook', file(`       01 A.\n${'       05 B REDEFINES C PIC X.\n'.repeat(20_000)}`), 'x'], bytes],
      422,
      'OVP_LAYOUT_REDEFINES',
    ],
    [
      '20,000 tables of variable length',
      [
        ['options', '{"recfm":"V"}'],
        [
          'copybook',
          file(
            `       01 A.\n       05 C PIC 9.\n${'       05 PIC X OCCURS 0 TO 9 DEPENDING C.\n'.repeat(20_000)}       05 Z PIC X.\n`,
          ),
          'x',
        ],
        bytes,
      ],
      422,
      'OVP_PLAN_TOO_LARGE',
    ],
    [
      'a record of 100 million values',
      [
        ['options', '{"recfm":"V"}'],
        ['copybook', file('       01 A.\n       05 B OCCURS 9999.\n       10 C PIC X OCCURS 9999.\n'), 'x'],
        bytes,
      ],
      413,
      'OVP_SERVER_TOO_LARGE',
    ],
    ['no copybook in the copybook', [['copybook', file(randomBytes(1000)), 'x'], bytes], 422, 'OVP_SYNTAX_'],
    [
      'a record of a terabyte',
      [['copybook', file('       01 A.\n       05 B OCCURS 99999999.\n       10 C PIC X(99999).\n'), 'x'], bytes],
      422,
      'OVP_LAYOUT_',
    ],
  ])('%s', async (_, parts, status, code) => {
    const { json } = await send(service, parts);
    expect([json.status, json.code.slice(0, code.length)]).toEqual([status, code]);
    expect(JSON.stringify(json)).not.toContain(folder);
    expect(left()).toEqual([]);
    expect(await names(service)).toEqual(['fixed', 'varied']);
  });

  it('says where in the copybook', async () => {
    const { json } = await send(service, [['copybook', file('       01  A.\n           05  B PIC Q.\n'), 'x'], bytes]);
    expect(json).toMatchObject({ status: 422, code: 'OVP_SYNTAX_PICTURE', line: 2, column: 22 });
    expect(json.detail).toContain('copybook:2:22');
  });

  const raw = (body: string | Uint8Array, type: string, more: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    body: body as string,
    headers: { 'content-type': type, ...more },
  });
  const form = 'multipart/form-data; boundary=x';
  it.each<[string, RequestInit, number]>([
    ['no boundary', raw('x', 'multipart/form-data'), 415],
    ['an empty boundary', raw('x', 'multipart/form-data; boundary='), 400],
    ['another boundary', raw('--y\r\n\r\n', form), 400],
    [
      'a body that is cut off',
      raw('--x\r\nContent-Disposition: form-data; name="copybook"; filename="a"\r\n\r\n01 A', form),
      400,
    ],
    ['parts without a name', raw('--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--', form), 400],
    ['headers without end', raw(`--x\r\n${'A: b\r\n'.repeat(50_000)}\r\n\r\n--x--`, form), 400],
    ['no form', raw('{}', 'application/json'), 415],
    ['a gzip bomb', raw(gzipSync(Buffer.alloc(1 << 24)), form, { 'content-encoding': 'gzip' }), 415],
    ['an encoding that is none', raw('x', form, { 'content-encoding': 'nothing' }), 415],
  ])('%s', async (_, init, status) => {
    expect((await ask(service, PATH, init)).json).toMatchObject({ status });
    expect(left()).toEqual([]);
  });

  it('a caller who goes in the middle, or says more than he sends', async () => {
    const { hostname, port } = new URL(service.address);
    const head = '--x\r\nContent-Disposition: form-data; name="copybook"; filename="a"\r\n\r\n';
    const next = '\r\n--x\r\nContent-Disposition: form-data; name="data"; filename="b"\r\n\r\n';
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST ${PATH} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: ${form}\r\nContent-Length: 900000\r\n\r\n${head}${ACCOUNT}${next}`,
      );
      socket.write(data.subarray(0, 200_000));
    });
    await expect.poll(() => left().length, { timeout: 10_000 }).toBe(1);
    expect(left()[0]).toMatch(/\.part$/);
    socket.destroy();
    await expect.poll(() => left().length, { timeout: 10_000 }).toBe(0);
    expect(await names(service)).toEqual(['fixed', 'varied']);
  });

  it('a caller who sends too slowly', async () => {
    const slow = await serve({ datasets, uploads: { folder: 'slow' } }, { requestTimeout: 1 });
    const { hostname, port } = new URL(slow.address);
    const socket = connect(Number(port), hostname, () => {
      const part = (name: string): string =>
        `--x\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\n\r\n`;
      socket.write(
        `POST ${PATH} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: ${form}\r\nContent-Length: 900000\r\n\r\n${part('copybook')}${ACCOUNT}\r\n${part('data')}${'a'.repeat(9999)}`,
      );
    });
    socket.on('error', () => {}).resume();
    await expect.poll(() => left('slow').length, { timeout: 10_000 }).toBe(1);
    await new Promise((resolve) => socket.once('close', resolve));
    await expect.poll(() => left('slow').length, { timeout: 10_000 }).toBe(0);
  });

  it.skipIf(!existsSync('/dev/full'))('a link where its file would be', async () => {
    const { Incoming } = await import('../../src/server/uploads/uploadfolder.js');
    const { Readable } = await import('node:stream');
    const { symlinkSync } = await import('node:fs');
    // the folder's files are made anew, never opened through a link
    const { Room } = await import('../../src/server/uploads/room.js');
    const room = new Room({ usage: async () => ({ bytes: 0, files: 0 }) }, { bytes: 1000, files: 1 });
    const incoming = new Incoming(folder, 'full.dat', 'full.dat', await room.enter());
    symlinkSync('/dev/full', join(folder, 'full.dat.part'));
    await expect(incoming.write(Readable.from([Buffer.alloc(10)]), 100)).rejects.toMatchObject({ code: 'EEXIST' });
    await incoming.drop();
    expect(existsSync(join(folder, 'full.dat.part'))).toBe(false);
    expect(existsSync('/dev/full')).toBe(true);
  });
});

describe('pages of other origins', () => {
  const from = (headers: Record<string, string>): Promise<number> =>
    send(service, whole({ name: 'page' }), { headers }).then(({ status }) => status);
  it.each<[Record<string, string>, number]>([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:1' }, 403],
  ])('%j', async (headers, status) => {
    expect(await from(headers)).toBe(status);
    const other = { method: 'DELETE', headers };
    expect((await ask(service, `${PATH}/fixed`, other)).json.code).toBe('OVP_SERVER_CROSS_SITE');
  });

  it('are told by Sec-Fetch-Site, and its own are let', async () => {
    const inject = (headers: Record<string, string>) =>
      service.app.inject({ method: 'POST', url: PATH, headers: { host: 'localhost', ...headers } });
    for (const site of ['cross-site', 'same-site'])
      expect((await inject({ 'sec-fetch-site': site })).json().code).toBe('OVP_SERVER_CROSS_SITE');
    for (const headers of [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      { origin: 'http://localhost' },
      {},
    ])
      expect((await inject(headers as Record<string, string>)).statusCode).toBe(415);
  });

  it('may where the service was told so', async () => {
    const other = await serve({ datasets, uploads: {} }, { cors: ['https://page.example'] });
    expect((await send(other, whole(), { headers: { origin: 'https://page.example' } })).status).toBe(201);
    expect((await send(other, whole(), { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });
});

describe('who may', () => {
  it('nobody, where the catalog does not say so', async () => {
    const closed = await serve();
    const { json } = await send(closed, whole());
    expect(json).toMatchObject({ status: 403, code: 'OVP_SERVER_UPLOADS' });
    expect(json.detail).toContain('"uploads"');
    expect((await ask(closed, `${PATH}/fixed`, { method: 'DELETE' })).json.code).toBe('OVP_SERVER_UPLOADS');
  });

  it('the roles that it names, and only the uploader sees what is temporary', async () => {
    const kept = await serve({ ...guarded, uploads: { roles: ['clerk'], folder: 'roles' } });
    expect((await send(kept, whole())).status).toBe(401);
    expect((await send(kept, whole(), { key: stranger.key })).json.code).toBe('OVP_SERVER_UPLOADS');
    const clients: Part[] = [
      ['options', JSON.stringify({ name: 'mine' })],
      ['copybook', file(CLIENT), 'c'],
      ['data', file(SECRET.tax), 'd'],
    ];
    expect((await send(kept, clients, { key: clerk.key })).status).toBe(201);
    expect(await names(kept, clerk.key)).toContain('mine');
    expect(await names(kept, auditor.key)).not.toContain('mine');
    for (const init of [{}, { method: 'DELETE' }])
      expect((await ask(kept, `${PATH}/mine`, { ...init, key: auditor.key })).json.code).toBe(
        'OVP_SERVER_UNKNOWN_DATASET',
      );
    expect((await send(kept, whole({ name: 'mine' }), { key: auditor.key })).json.code).toBe('OVP_SERVER_NAME_TAKEN');
    expect((await ask(kept, `${PATH}/clients`, { method: 'DELETE', key: clerk.key })).json.code).toBe(
      'OVP_SERVER_CATALOGUED',
    );
    expect((await ask(kept, `${PATH}/mine`, { method: 'DELETE', key: clerk.key })).status).toBe(204);
  });
});

describe('all uploads together', () => {
  const small = Buffer.concat(list.slice(0, 100).map(({ bytes }) => bytes));

  it('take so many bytes, and metrics say how near that is', async () => {
    const service = await serve({ datasets, uploads: { folder: 'together', totalBytes: 2.5 * small.length } });
    const [first] = [await send(service, whole({}, small)), await send(service, whole({}, small))];
    const refused = await send(service, whole({}, small));
    expect([refused.status, refused.json.code, refused.json.parameter]).toEqual([507, 'OVP_SERVER_STORAGE', 'data']);
    expect(refused.json.detail).toMatch(/all uploads together have \d+ bytes at most\n.*DELETE/);
    expect(left('together')).toHaveLength(2);
    const metrics = `${(await ask(service, '/metrics')).body}`;
    expect(metrics).toContain(`overpunch_upload_bytes ${2 * small.length}\n`);
    expect(metrics).toContain('overpunch_upload_files 2\n');
    await ask(service, `${PATH}/${first!.json.name}`, { method: 'DELETE' });
    expect((await send(service, whole({}, small))).status).toBe(201);
  });

  it('are held down while they come, too', async () => {
    const service = await serve({ datasets, uploads: { folder: 'at-once', totalBytes: 2.5 * small.length } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(service, whole({}, small))));
    const taken = answers.filter(({ status }) => status === 201).length;
    expect([taken > 0, taken <= 2]).toEqual([true, true]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 507]));
    expect(left('at-once')).toHaveLength(taken);
  });

  it('are so many files', async () => {
    const service = await serve({ datasets, uploads: { folder: 'counted' } }, { limits: { uploadFiles: 1 } });
    expect((await send(service, whole({}, small))).status).toBe(201);
    const refused = await send(service, whole({}, small));
    expect([refused.status, refused.json.detail]).toEqual([507, expect.stringContaining('1 files at most')]);
  });
});
