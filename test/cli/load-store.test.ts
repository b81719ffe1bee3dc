/**
 * `overpunch load` into stores without tables: what it refuses, and, where servers are there, what it writes and says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { Resp } from '../sinks/resp.js';
import { Folder, run } from './run.js';

const REDIS = process.env.OVERPUNCH_TEST_REDIS;
const MONGODB = process.env.OVERPUNCH_TEST_MONGODB;
const OWN = `overpunch_cli_${process.pid}_${process.env.OVERPUNCH_ENGINE ?? ''}`;

const folder = new Folder();
afterAll(() => folder.remove());
const copybook = folder.file('a.cpy', '       01 R.\n          05 ID PIC 9(2).\n          05 N PIC S9(3) COMP-3.\n');
const data = folder.file('a.bin', Buffer.from('f0f1123c' + 'f0f2456d' + 'f0f1ffaa', 'hex'));
const load = (into: string, ...args: string[]) => run(['load', data, '-c', copybook, '--into', into, ...args]);

describe('load into a store refuses', () => {
  it.each([
    [['redis://h'], /the key is missing/],
    [['redis://h', '--key', 'ID', '--table', 'T'], /table: redis has no such option/],
    [['mongodb://h/d', '--ttl', '5'], /ttl: mongodb has no such option/],
    [['mongodb://h/d', '--workers', '2'], /--workers is not for a store/],
    [['mongodb://h/d', '--schema', 'public'], /--schema is not for a store/],
    [['postgres://h/d', '--prefix', 'x'], /--prefix is not for a database of tables/],
    [['ftp://me:secret@h/d'], /--into ftp:\/\/(?!.*secret).*is no database that is known/],
  ])('%s', async ([into, ...args], message) => {
    const { code, stderr } = await load(into!, ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('what the data set guards from readers', async () => {
    const description = { copybook, hide: ['N'] };
    const dataset = folder.file('guarded.json', JSON.stringify({ ...description, data }));
    const { code, stderr } = await run(['load', '--dataset', dataset, '--into', 'redis://h', '--key', 'ID']);
    expect(stderr).toMatch(/guards N from readers/);
    expect(code).toBe(2);
  });

  it('a server that does not answer, without telling the password', async () => {
    const secret = folder.file('password', 'secret\n');
    const { code, stderr } = await load('redis://me@127.0.0.1:1', '--key', 'ID', '--password-file', secret);
    expect(stderr).toMatch(/No connection to Redis at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
    expect(stderr).not.toContain('secret');
    expect(code).toBe(4);
  });
});

describe.skipIf(!REDIS)('load into Redis', () => {
  it('writes, and says what was bad', async () => {
    const reader = new Resp(REDIS!);
    try {
      const { code, stderr } = await load(REDIS!, '--key', 'ID', '--prefix', `${OWN}:`, '--ttl', '60', '--as', 'json');
      expect(stderr).toMatch(/3 records written\n.*1 bad value/s);
      expect(code).toBe(3);
      expect(String(await reader.call('GET', `${OWN}:1`))).toBe('{"id":1,"n":null}');
      expect(await reader.call('TTL', `${OWN}:2`)).toBeGreaterThan(30);
    } finally {
      await reader.call('DEL', `${OWN}:1`, `${OWN}:2`);
      reader.close();
    }
  });
});

describe.skipIf(!MONGODB)('load into MongoDB', () => {
  it('writes, and says what is new', async () => {
    const client = new MongoClient(MONGODB!);
    try {
      expect(await load(MONGODB!, '--upsert', 'ID', '--table', OWN, '--on-bad-data', 'null')).toMatchObject({
        code: 0,
      });
      const { stderr } = await load(MONGODB!, '--key', 'ID', '--table', OWN, '--on-bad-data', 'null');
      expect(stderr).toContain('3 records written (0 new, 3 replaced)');
      const stored = await client.db().collection(OWN).find().sort({ _id: 1 }).toArray();
      expect(stored).toEqual([
        { _id: 1, id: 1, n: null },
        { _id: 2, id: 2, n: -456 },
      ]);
    } finally {
      await client.db().dropCollection(OWN);
      await client.close();
    }
  });
});
