/**
 * Documents in MongoDB: every value of random layouts with its type, read back by pymongo. Needs a server, which
 * OVERPUNCH_TEST_MONGODB names (with a database in its path), and a Python with pymongo (OVERPUNCH_TEST_PYTHON);
 * scripts/with-servers.sh has both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Decimal128, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Copybook,
  type GroupNode,
  type MongoOptions,
  type Row,
  type RowValue,
  type Schema,
  type SchemaNode,
  mongodb,
  open,
} from '../../src/index.js';
import { compile } from '../../src/plan/compile.js';
import { Type } from '../../src/plan/opcodes.js';
import { fields } from '../../src/plan/schema.js';
import { randomFile } from './random-file.js';

const URL_OF_SERVER = process.env.OVERPUNCH_TEST_MONGODB;
if (!URL_OF_SERVER) console.error('no OVERPUNCH_TEST_MONGODB: what MongoDB holds is not tested');
const PYTHON = process.env.OVERPUNCH_TEST_PYTHON;
const READ = fileURLToPath(new URL('mongo-read.py', import.meta.url));

const LAYOUTS = Number(process.env.OVERPUNCH_PARITY ?? 60);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const OWN = `overpunch_${process.pid}_${process.env.OVERPUNCH_ENGINE ?? ''}_`;

const run = promisify(execFile);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const copybook = Copybook.parse('01 ACCOUNT-RECORD.\n 05 ID PIC 9(3).\n 05 NAME PIC X(2).\n 05 N PIC S9(3) COMP-3.\n', {
  format: 'free',
});
const RECORDS = [hex('f0f0f1 c1c1 123c'), hex('f0f0f2 c2c2 ffff'), hex('f0f0f1 c3c3 00aa')];

describe('without a server', () => {
  it('says what is wrong with options', () => {
    expect(() => mongodb('postgres://x/y')).toThrow(/no URL of MongoDB/);
    expect(() => mongodb('mongodb://x/y', { batchSize: 0 })).toThrow(/batchSize must be/);
  });

  const failure = (url: string, options: MongoOptions = {}): Promise<unknown> =>
    open(RECORDS[0]!, { copybook })
      .into(mongodb(url, options))
      .catch((error: unknown) => error);

  it('wants a database', async () => {
    expect(await failure('mongodb://127.0.0.1:1')).toMatchObject({ code: 'OVP_OPTION_DATABASE' });
  });

  it('says where nobody answers, and never the password', async () => {
    for (const url of [
      'mongodb://me:se%63ret@127.0.0.1:1/d?serverSelectionTimeoutMS=200',
      'mongodb://me:secret@/d',
      'mongodb://me:sec/ret@x/d',
      'mongodb://me:secret@127.0.0.1:port/d',
      'mongodb://me@127.0.0.1:1/d?authMechanism=secret',
    ]) {
      const error = (await failure(url, { password: 'secret' })) as Error & Record<string, unknown>;
      expect(error.code, url).toBe('OVP_IO_CONNECT');
      const all = JSON.stringify([error.message, error.stack, error.cause, Object.entries(error)]);
      expect(all, url).not.toMatch(/secret|se%63ret|sec\/ret/);
    }
  });

  it('does not wait for a server that never answers once it is aborted', async () => {
    const stop = new AbortController();
    const server = createServer(() => stop.abort(new Error('enough'))).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await failure(`mongodb://127.0.0.1:${port}/d`, { signal: stop.signal })).toMatchObject({
      message: 'enough',
    });
    server.close();
  });
});

describe.skipIf(!URL_OF_SERVER)('in MongoDB', () => {
  const url = URL_OF_SERVER!;
  const client = new MongoClient(url ?? 'mongodb://none');
  const stored = (name: string): Promise<Document[]> =>
    client
      .db()
      .collection(OWN + name)
      .find({}, { sort: { _id: 1 } })
      .toArray();
  const load = (bytes: Uint8Array, options: MongoOptions = {}, read: object = {}) =>
    open(bytes, { copybook, ...read }).into(mongodb(url, { ...options, collection: OWN + options.collection }));
  /** FerretDB 1 knows neither. */
  let hasAllNumbers = true;

  beforeAll(async () => {
    await client.connect();
    const probe = client.db().collection(`${OWN}probe`);
    await probe.insertOne({ decimal: Decimal128.fromString('1'), nan: Number.NaN }).catch(() => {
      hasAllNumbers = false;
      console.error('this server has no Decimal128 or no NaN: layouts with decimals or floats are left out');
    });
  });
  afterAll(async () => {
    for (const { name } of await client.db().listCollections().toArray())
      if (name.startsWith(OWN)) await client.db().dropCollection(name);
    await client.close();
  });

  it.skipIf(!PYTHON)(
    `every value of ${LAYOUTS} random layouts is there, with its type`,
    async () => {
      const expected = new Map<string, { rows: Row[]; text: string }>();
      const types = new Set<string>();
      for (let seed = FIRST; seed < FIRST + LAYOUTS; seed++) {
        const file = randomFile(seed, 20, { keyed: true });
        if (!file) continue;
        const { bytes, options, text } = file;
        const { schema } = compile((options.copybook as Copybook).layout, options);
        const isPlain = [...fields(schema)].every(
          ({ type }) => type === Type.UTF8 || type === Type.INT32 || type === Type.INT64,
        );
        if (!hasAllNumbers && !isPlain) continue;
        const rows: Row[] = [];
        for await (const row of open(bytes, options)) rows.push(typed(schema, row, types) as Row);
        const collection = `random_${seed}`;
        const own = { key: ['THE-KEY'], batchSize: 7, collection };
        expect(await load(bytes, own, options)).toEqual({ records: 20, inserted: 20, replaced: 0 });
        expect(await load(bytes, own, options)).toEqual({ records: 20, inserted: 0, replaced: 20 });
        expected.set(OWN + collection, { rows, text });
      }
      const { stdout } = await run(PYTHON!, [READ, url, ...expected.keys()], { maxBuffer: 1 << 28 });
      const read = stdout.trim().split('\n');
      expect(read).toHaveLength(expected.size);
      for (const [k, { rows, text }] of [...expected.values()].entries())
        expect(JSON.parse(read[k]!), text).toEqual(rows);
      if (hasAllNumbers && LAYOUTS >= 60) {
        expect(expected.size).toBeGreaterThan(LAYOUTS / 2);
        expect([...types].sort()).toEqual(['decimal', 'double', 'int32', 'int64', 'null', 'text']);
      }
    },
    120_000,
  );

  it('without a key all records are added, with one they are replaced, the last winning', async () => {
    const bytes = Buffer.concat(RECORDS);
    const plain = { collection: 'plain' };
    expect(await load(bytes, plain)).toEqual({ records: 3, inserted: 3, replaced: 0 });
    expect(await load(bytes, { ...plain, batchSize: 1, concurrency: 2 })).toMatchObject({ inserted: 3 });
    expect(await stored('plain')).toHaveLength(6);
    expect(await load(bytes, { ...plain, truncate: true, ordered: true })).toMatchObject({ inserted: 3 });
    expect((await stored('plain')).map(({ _id, ...rest }) => rest)).toEqual([
      { id: 1, name: 'AA', n: 123 },
      { id: 2, name: 'BB', n: null },
      { id: 1, name: 'CC', n: null },
    ]);

    for (const batchSize of [1, 2, 1000]) {
      const keyed = { collection: `keyed_${batchSize}`, key: ['ID'], batchSize };
      expect(await load(bytes, keyed)).toEqual({ records: 3, inserted: 2, replaced: 1 });
      expect(await load(bytes, keyed)).toEqual({ records: 3, inserted: 0, replaced: 3 });
      expect(await stored(keyed.collection)).toEqual([
        { _id: 1, id: 1, name: 'CC', n: null },
        { _id: 2, id: 2, name: 'BB', n: null },
      ]);
    }
  });

  it('a key of several fields is an object, in their order', async () => {
    await load(RECORDS[0]!, { collection: 'pair', key: ['NAME', 'ID'] });
    expect(await stored('pair')).toEqual([{ _id: { name: 'AA', id: 1 }, id: 1, name: 'AA', n: 123 }]);
  });

  it('records without a key are refused, with their number', async () => {
    const bytes = Buffer.concat(RECORDS);
    const options = { collection: 'none', key: ['N'] };
    await expect(load(bytes, options)).rejects.toThrow(/Record 2 has no ACCOUNT-RECORD\.N, which/);
    await expect(load(bytes, options, { where: 'N IS NOT NULL' })).resolves.toMatchObject({ records: 1 });
    await expect(load(bytes, { collection: 'none', key: ['M'] })).rejects.toThrow(/no field 'M'/);
  });

  it('what the server refuses is told with the number of the record', async () => {
    await client.db().collection(`${OWN}unique`).createIndex({ name: 1 }, { unique: true });
    const bytes = Buffer.concat([RECORDS[0]!, RECORDS[1]!, RECORDS[1]!]);
    const failed = await load(bytes, { collection: 'unique' }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'OVP_IO_SINK' });
    expect(String(failed)).toMatch(/Record 3 was not written to mongodb:.*E?11000/s);
  });

  it('a document beyond 16 MB is refused, with the number of its record', async () => {
    const long = Copybook.parse('01 R.\n 05 K PIC X.\n 05 T PIC X(6000000).\n', { format: 'free' });
    const bytes = Buffer.alloc(2 * 6_000_001, 0xc1);
    bytes.fill(0x4a, 6_000_002); // a character that is two bytes of UTF-8
    const options = { collection: 'long', batchSize: 1, concurrency: 1 };
    await expect(load(bytes, options, { copybook: long })).resolves.toMatchObject({ records: 2 });
    const list = Copybook.parse('01 R.\n 05 K PIC X.\n 05 T PIC X OCCURS 1500000.\n', { format: 'free' });
    const failed = load(Buffer.alloc(1_500_001, 0xc1), options, { copybook: list });
    await expect(failed).rejects.toThrow(/Record 1 makes a document of \d+ bytes/);
  }, 60_000);
});

/** A row as mongo-read.py prints its document; `types` gets the types that were met. */
function typed(node: Schema | SchemaNode, value: RowValue | undefined, types: Set<string>): unknown {
  if (value === null || value === undefined) {
    types.add('null');
    return null;
  }
  if (!('node' in node) || node.node === 'group') {
    const { children } = node as Schema | GroupNode;
    const row = value as Row;
    const present = children.filter(({ keys }) => row[keys.camel] !== undefined);
    return Object.fromEntries(present.map((child) => [child.keys.camel, typed(child, row[child.keys.camel], types)]));
  }
  if (node.node === 'list') return (value as RowValue[]).map((item) => typed(node.element, item, types));
  const type = { [Type.INT32]: 'int32', [Type.INT64]: 'int64', [Type.DECIMAL128]: 'decimal', [Type.UTF8]: 'text' }[
    node.type as number
  ];
  types.add(type ?? 'double');
  if (type === 'text') return value;
  if (type !== undefined) return [type, String(value)];
  if (Number.isNaN(value)) return ['double', 'nan']; // whose bits are anybody's in JavaScript
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value as number);
  return ['double', bytes.getBigUint64(0).toString(16).padStart(16, '0')];
}
