/**
 * Records as a Parquet file: what DuckDB reads of it, how many are made, and that nothing is left of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { duckdbExtension } from '../../src/sql/extension.js';
import { type Answer, COUNT, SECRET, ask, auditor, clerk, folder, guarded, serve } from './served.js';

const PARQUET = 'application/vnd.apache.parquet';
const headers = { accept: PARQUET };
/** The system's folder for temporary files, for these tests alone. */
const temporary = join(folder, 'tmp');
const before = process.env.TMPDIR;
beforeAll(() => {
  mkdirSync(temporary);
  process.env.TMPDIR = temporary;
});
afterAll(() => {
  process.env.TMPDIR = before;
});
const hasExtension = ((): boolean => {
  try {
    return existsSync(duckdbExtension());
  } catch {
    return false;
  }
})();

it('names the command that installs what is missing', async () => {
  vi.doMock('@duckdb/node-api', () => {
    throw new Error('Cannot find package');
  });
  const answer = await ask(await serve(), '/v1/datasets/fixed/records', { headers });
  vi.doUnmock('@duckdb/node-api');
  expect([answer.status, answer.json.code]).toEqual([406, 'OVP_SERVER_ACCEPT']);
  expect(answer.json.detail).toContain('npm install @duckdb/node-api@1');
});

describe.skipIf(!hasExtension || process.platform === 'win32')('Parquet', () => {
  async function rowsOf(answer: Answer, select = '*'): Promise<Record<string, unknown>[]> {
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, PARQUET]);
    expect(Number(answer.headers.get('content-length'))).toBe(answer.body.length);
    const path = join(folder, 'answer.parquet');
    writeFileSync(path, answer.body);
    const duckdb = await DuckDBInstance.create();
    const connection = await duckdb.connect();
    try {
      const reader = await connection.runAndReadAll(`SELECT ${select} FROM read_parquet('${path}')`);
      return reader.getRowObjectsJson() as Record<string, unknown>[];
    } finally {
      connection.closeSync();
      duckdb.closeSync();
    }
  }

  it.each(['fixed', 'varied'])('has the records of %s', async (name) => {
    const service = await serve();
    const path = `/v1/datasets/${name}/records`;
    const rows = await rowsOf(await ask(service, path, { headers }), 'acct_id, cust_name, balance, items');
    const lines = (await ask(service, path, { headers: { accept: 'application/x-ndjson' } })).body.toString();
    const records = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.length).toBe(COUNT);
    for (const at of [0, 1, 4095, COUNT - 1]) {
      const { acctId, custName, balance, items } = records[at];
      expect(rows[at]).toEqual({ acct_id: acctId, cust_name: custName, balance, items });
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('has what was asked for, in its order', async () => {
    const service = await serve();
    const path = '/v1/datasets/fixed/records?select=ACCT-ID,BRANCH&where=BRANCH%20%3E%203';
    const page = (await ask(service, `${path}&order=ACCT-ID:desc&skip=2&limit=5`)).json.records;
    const rows = await rowsOf(await ask(service, `${path}&order=ACCT-ID:desc&skip=2&limit=5`, { headers }));
    expect(rows).toEqual(page.map(({ acctId, branch }: Record<string, unknown>) => ({ acct_id: acctId, branch })));
    const few = await rowsOf(
      await ask(service, '/v1/datasets/fixed/records?skip=3&limit=2&select=ACCT-ID', { headers }),
    );
    const all = (await ask(service, '/v1/datasets/fixed/records?select=ACCT-ID')).json.records;
    expect(few.map(({ acct_id }) => acct_id)).toEqual([all[3].acctId, all[4].acctId]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('has nothing that is hidden or masked', async () => {
    const service = await serve(guarded);
    const path = '/v1/datasets/clients/records';
    const columns = async (key: string): Promise<string[]> =>
      Object.keys((await rowsOf(await ask(service, path, { headers, key })))[0]!);
    expect(await columns(auditor.key)).toEqual(['client_no', 'name', 'person', 'company', 'pin']);
    const answer = await ask(service, path, { headers, key: clerk.key });
    expect(Object.keys((await rowsOf(answer))[0]!)).toEqual(['client_no', 'name', 'person', 'company']);
    for (const secret of Object.values(SECRET)) expect(answer.body.includes(secret)).toBe(false);
  });

  it('takes away what processes left that were killed, and nothing else', async () => {
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    const host = hostname().replace(/[^\w]/g, '');
    const folders = [
      `overpunch-parquet-${host}-${gone}-aaaaaa`,
      // the number was this process's own before
      `overpunch-parquet-${host}-${process.pid}-bbbbbb`,
      `overpunch-parquet-${host}-${process.ppid}-cccccc`,
      `overpunch-parquet-${host}x-${gone}-dddddd`,
      `overpunch-parquet-${gone}`,
      `other-${gone}-eeeeee`,
    ];
    for (const name of folders) {
      mkdirSync(join(temporary, name));
      writeFileSync(join(temporary, name, 'records.parquet'), 'x');
    }
    const service = await serve();
    expect((await ask(service, '/v1/datasets/fixed/records?limit=1', { headers })).status).toBe(200);
    expect(readdirSync(temporary).sort()).toEqual(folders.slice(2).sort());
    for (const name of folders) rmSync(join(temporary, name), { recursive: true, force: true });
  });

  it('is told of without being made', async () => {
    const service = await serve();
    const head = await ask(service, '/v1/datasets/fixed/records', { method: 'HEAD', headers });
    expect([head.status, head.headers.get('content-type'), head.body.length]).toEqual([200, PARQUET, 0]);
    const etag = head.headers.get('etag')!;
    const known = await ask(service, '/v1/datasets/fixed/records', { headers: { ...headers, 'if-none-match': etag } });
    expect(known.status).toBe(304);
  });

  it('is refused where it would be too large, too many are made, or the caller asks for what is not there', async () => {
    const small = await serve(undefined, { limits: { parquetBytes: 1000 } });
    const large = await ask(small, '/v1/datasets/fixed/records', { headers });
    expect([large.status, large.json.code, large.json.parameter]).toEqual([400, 'OVP_SERVER_TOO_LARGE', 'limit']);
    expect(await rowsOf(await ask(small, '/v1/datasets/fixed/records?limit=10', { headers }))).toHaveLength(10);
    const busy = await serve(undefined, { limits: { parquetFiles: 0 } });
    const refused = await ask(busy, '/v1/datasets/fixed/records', { headers });
    expect([refused.status, refused.json.code]).toEqual([503, 'OVP_SERVER_BUSY']);
    const wrong = await ask(small, '/v1/datasets/fixed/records?limit=10&cursor=AAAA', { headers });
    expect([wrong.status, wrong.json.parameter]).toEqual([400, 'cursor']);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('leaves nothing, and makes room for others, when the caller goes', async () => {
    const service = await serve(undefined, { limits: { parquetFiles: 1 } });
    const path = '/v1/datasets/varied/records';
    for (const wait of [0, 5, 40]) {
      await new Promise<void>((resolve) => {
        const request = get(`${service.address}${path}`, { headers }, (response) => response.destroy());
        request.on('error', () => {}).on('close', resolve);
        setTimeout(() => request.destroy(), wait);
      });
    }
    await expect.poll(() => readdirSync(temporary), { timeout: 10_000 }).toEqual([]);
    await expect.poll(async () => (await ask(service, path, { headers })).status, { timeout: 10_000 }).toBe(200);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('says no more than it must of a file that can not be read', async () => {
    writeFileSync(join(folder, 'broken.dat'), Buffer.concat([Buffer.of(0, 56, 0, 0), Buffer.alloc(20)]));
    const service = await serve({ datasets: { broken: { data: 'broken.dat', copybook: 'account.cpy', recfm: 'V' } } });
    const answer = await ask(service, '/v1/datasets/broken/records', { headers });
    expect(answer.status).toBe(500);
    expect(answer.json.detail).not.toContain('/');
    expect(readdirSync(temporary)).toEqual([]);
  });
});
