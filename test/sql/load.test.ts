/**
 * Loading into files of DuckDB: all of a file or nothing, and once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Copybook, loadDuckdb } from '../../src/index.js';
import { Duckdb } from '../../src/sql/extension.js';
import { COMMAND } from '../cli/run.js';
import { COPYBOOK, Folder, account, accounts, unload } from '../sinks/postgres/server.js';
import { whyNoSql } from './same.js';

describe.skipIf(whyNoSql())('load into DuckDB', () => {
  const folder = new Folder();
  const copybook = Copybook.parse(COPYBOOK, { format: 'fixed' });
  let count = 0;
  let path = '';
  beforeEach(() => {
    path = join(folder.path, `db${++count}.duckdb`);
  });
  afterAll(() => folder.remove());

  const set = (bytes: Uint8Array) => ({ data: folder.write(`data${++count}`, bytes), copybook, recfm: 'V' as const });

  async function query(text: string): Promise<Record<string, unknown>[]> {
    const duckdb = await Duckdb.open();
    try {
      const connection = await duckdb.connect();
      await connection.run(`ATTACH '${path}' AS db (READ_ONLY)`);
      await connection.run('USE db');
      return (await connection.runAndReadAll(text)).getRowObjectsJson();
    } finally {
      duckdb.close();
    }
  }

  it('makes the table, and refuses the same file twice', async () => {
    const file = set(accounts(1, 5000));
    expect(await loadDuckdb(path, file, { key: ['ACCT-ID'] })).toMatchObject({
      load: 1,
      table: '"main"."account"',
      rows: 5000,
      badValues: 0,
    });
    await expect(loadDuckdb(path, file)).rejects.toMatchObject({ code: 'OVP_OPTION_LOADED' });
    await expect(loadDuckdb(path, file, { again: true })).rejects.toThrow(/[Dd]uplicate key/);
    expect(await query('SELECT count(*)::INT AS n, sum(balance)::VARCHAR AS sum FROM account')).toEqual([
      { n: 5000, sum: ((101 * 5000 * 5001) / 2 / 100 - 50 * 5000).toFixed(2) },
    ]);
    expect(await query('SELECT lines FROM account WHERE acct_id = 2')).toEqual([
      {
        lines: [
          { day: 1, amount: '0.02' },
          { day: 2, amount: '1.02' },
        ],
      },
    ]);
  });

  it('replaces all rows, or those with the same key; the last record of a key counts', async () => {
    await loadDuckdb(path, set(accounts(1, 100)), { key: ['ACCT-ID'] });
    const changes = unload([account({ id: 7, name: 'FIRST' }), account({ id: 101 }), account({ id: 7, name: 'LAST' })]);
    await loadDuckdb(path, set(changes), { mode: 'upsert', key: ['ACCT-ID'] });
    expect(
      await query('SELECT count(*)::INT AS n, any_value(owner.name) FILTER (WHERE acct_id = 7) AS name FROM account'),
    ).toEqual([{ n: 101, name: 'LAST' }]);
    await loadDuckdb(path, set(accounts(1, 3)), { mode: 'truncate', key: ['ACCT-ID'] });
    expect(await query('SELECT count(*)::INT AS n FROM account')).toEqual([{ n: 3 }]);
  });

  it('lists bad values, and changes nothing where the file is cut', async () => {
    const wrong = account({ id: 2 });
    wrong[7 + 12 + 9 + 3 + 2] = 0xaa;
    expect(await loadDuckdb(path, set(unload([account({ id: 1 }), wrong])))).toMatchObject({ rows: 2, badValues: 1 });
    expect(await query('SELECT record::INT AS record, field, hex FROM overpunch.reject')).toEqual([
      { record: 2, field: 'ACCOUNT.BALANCE', hex: '0000AA04798D' },
    ]);
    await expect(loadDuckdb(path, set(accounts(10, 5000).subarray(0, -2)))).rejects.toMatchObject({
      code: 'OVP_FRAME_TRUNCATED',
    });
    expect(await query('SELECT count(*)::INT AS n FROM account')).toEqual([{ n: 2 }]);
    expect(await query('SELECT count(*)::INT AS n FROM overpunch.load')).toEqual([{ n: 1 }]);
  });

  it('has every row once, however often it was killed', async () => {
    const data = folder.write('many.vb', accounts(1, 200_000));
    const args = [COMMAND, 'load', data, '-c', folder.copybook, '--recfm', 'V', '--into', path];
    for (let turn = 0; turn < 4; turn++) {
      const child = spawn(process.execPath, args, { stdio: 'ignore' });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      if (turn < 3) {
        await sleep(150 + Math.random() * 600);
        child.kill('SIGKILL');
      }
      const code = await ended;
      if (turn === 3) expect([0, 2]).toContain(code); // 2: it had been done before it was killed
    }
    expect(await query('SELECT count(*)::INT AS n, count(DISTINCT acct_id)::INT AS ids FROM account')).toEqual([
      { n: 200_000, ids: 200_000 },
    ]);
  });
});
