/**
 * `overpunch sql` and `overpunch plan`, as a shell runs them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { whyNoSql } from '../sql/same.js';
import { ADA, BAD, BOB, COPYBOOK, Folder, rdw, run } from './run.js';

const folder = new Folder();
afterAll(() => folder.remove());
const cpy = folder.file('account.cpy', COPYBOOK);
const data = folder.file('accounts.dat', Buffer.concat([ADA, BOB]));
const named = folder.file(
  'customers.json',
  JSON.stringify({ data: 'accounts.dat', copybook: 'account.cpy', where: "ACCT-NAME = 'BOB'" }),
);

describe.skipIf(whyNoSql())('overpunch sql', () => {
  it('answers in CSV, JSON lines, JSON, and as a table', async () => {
    const query = 'SELECT acct_id, acct_name, balance FROM accounts ORDER BY balance';
    const text = async (...more: string[]): Promise<string> =>
      (await run(['sql', query, data, '-c', cpy, ...more])).stdout;
    expect(await text()).toBe('acct_id,acct_name,balance\n2,BOB,-0.50\n1,ADA,123.45\n');
    expect(await text('--to', 'jsonl')).toBe(
      '{"acct_id":2,"acct_name":"BOB","balance":"-0.50"}\n{"acct_id":1,"acct_name":"ADA","balance":"123.45"}\n',
    );
    expect(JSON.parse(await text('--to', 'json'))).toEqual([
      { acct_id: 2, acct_name: 'BOB', balance: '-0.50' },
      { acct_id: 1, acct_name: 'ADA', balance: '123.45' },
    ]);
    expect(await text('--to', 'table')).toBe(
      'acct_id  acct_name  balance\n-------  ---------  -------\n      2  BOB          -0.50\n      1  ADA         123.45\n',
    );
  });

  it('shows columns under each other where characters are wide', async () => {
    const { stdout } = await run([
      'sql',
      "SELECT '漢字カナ' AS a, 'x' AS b UNION ALL SELECT 'ab', '' ORDER BY b DESC",
      '--to',
      'table',
    ]);
    expect(stdout).toBe('a         b\n--------  -\n漢字カナ  x\nab\n');
  });

  it('quotes CSV as decode does, and empty results have a header', async () => {
    const { stdout } = await run(['sql', `SELECT 'a,"b' AS x, '' AS y, NULL AS z, {n: 1.50} AS s`]);
    expect(stdout).toBe('x,y,z,s\n"a,""b","",,"{""n"":""1.50""}"\n');
    expect((await run(['sql', 'SELECT 1 AS "one" LIMIT 0'])).stdout).toBe('one\n');
    expect((await run(['sql', 'SELECT 1 LIMIT 0', '--to', 'json'])).stdout).toBe('[]\n');
  });

  it('takes data sets by name, and queries from standard input', async () => {
    const both = ['--dataset', named, '--dataset', `other=${named}`];
    const { stdout, code } = await run(['sql', ...both], {
      input: Buffer.from('SELECT c.acct_id FROM customers AS c JOIN other USING (acct_id);\n'),
    });
    expect([stdout, code]).toEqual(['acct_id\n2\n', 0]);
    const twice = await run(['sql', 'SELECT 1', '--dataset', named, '--dataset', named]);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('--dataset name=FILE')]);
  });

  it('writes files by their extension', async () => {
    const parquet = folder.file('out.parquet');
    expect((await run(['sql', 'FROM accounts;', data, '-c', cpy, '-o', parquet, '--compression', 'snappy'])).code).toBe(
      0,
    );
    expect((await run(['sql', `SELECT balance FROM '${parquet}'`])).stdout).toBe('balance\n123.45\n-0.50\n');
    const jsonl = folder.file('out.jsonl');
    await run(['sql', 'SELECT acct_id FROM accounts', data, '-c', cpy, '-o', jsonl]);
    expect(readFileSync(jsonl, 'utf8')).toBe('{"acct_id":1}\n{"acct_id":2}\n');
    expect((await run(['sql', 'SELECT 1', '-o', folder.file('out.xml')])).code).toBe(2);
    expect((await run(['sql', 'FROM accounts', data, '-c', cpy, '--to', 'csv', '-o', data])).stderr).toContain(
      'would overwrite',
    );
    expect((await run(['sql', 'SELECT 1', '--to', 'parquet'])).stderr).toContain('needs -o FILE');
  });

  it('ends by the contract: 1 usage, 2 the query, 3 bad data, 4 the file', async () => {
    expect((await run(['sql', 'SELECT 1', data])).code).toBe(1);
    const wrong = await run(['sql', 'SELECT acct_nam FROM accounts', data, '-c', cpy]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('acct_name')]);
    const bad = folder.file('bad.dat', Buffer.concat([ADA, BAD]));
    const some = await run(['sql', 'SELECT count(balance) AS n FROM bad', bad, '-c', cpy]);
    expect([some.code, some.stdout]).toEqual([3, 'n\n1\n']);
    expect(some.stderr).toContain('1 bad value, null in the output');
    expect(some.stderr).toContain(
      "record 2, byte 24, ACCOUNT.BALANCE: the sign nibble is x'6', which is no sign; x'00123456'",
    );
    expect((await run(['sql', 'SELECT count(acct_id) FROM bad', bad, '-c', cpy])).code).toBe(0);
    const cut = folder.file('cut.dat', ADA.subarray(0, 9));
    expect((await run(['sql', 'SELECT count(*) FROM cut', cut, '-c', cpy])).code).toBe(4);
    expect((await run(['sql', 'SELECT count(*) FROM none', folder.file('none.dat'), '-c', cpy])).code).toBe(4);
  });
});

describe('overpunch plan', () => {
  it('writes what read_copybook reads', { skip: whyNoSql() !== '' }, async () => {
    const vb = folder.file('unload.v', Buffer.concat([rdw(ADA), rdw(BOB)]));
    const made = await run(['plan', cpy, '--recfm', 'V', '--names', 'camel', '-o', `${vb}.plan`]);
    expect(made).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stdout } = await run(['sql', `SELECT "acctName" FROM read_copybook('${vb}')`]);
    expect(stdout).toBe('acctName\nADA\nBOB\n');
  });

  it('takes a data set, and says what is missing or wrong', async () => {
    const target = folder.file('named.plan');
    expect((await run(['plan', '--dataset', named, '-o', target])).code).toBe(0);
    expect(readFileSync(target).toString('latin1', 0, 7)).toBe('OVPPLAN');
    expect((await run(['plan', '-o', target])).code).toBe(1);
    expect((await run(['plan', cpy])).code).toBe(1);
    expect((await run(['plan', cpy, '-o', cpy])).stderr).toContain('would overwrite');
    const nothing = folder.file('filler.cpy', '       01 R.\n           05 FILLER PIC X.\n');
    expect((await run(['plan', nothing, '-o', target])).stderr).toContain('no item has a column');
  });
});

describe.skipIf(whyNoSql())('overpunch decode to Parquet', () => {
  const read = async (path: string): Promise<string> => (await run(['sql', `FROM '${path}'`])).stdout;

  it('writes a file by its extension, from a file or standard input', async () => {
    const target = folder.file('decoded.parquet');
    expect(await run(['decode', data, '-c', cpy, '-o', target])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await read(target)).toBe('acct_id,acct_name,balance\n1,ADA,123.45\n2,BOB,-0.50\n');
    const where = ['--where', 'BALANCE < 0', '--names', 'camel', '--select', 'ACCT-NAME'];
    const piped = await run(['decode', '-', '-c', cpy, '-o', target, '--compression', 'snappy', ...where], {
      input: readFileSync(data),
    });
    expect(piped.code).toBe(0);
    expect(await read(target)).toBe('acctName\nBOB\n');
  });

  it('reports bad data, and leaves the file as it was where the data is not as described', async () => {
    const [target, errors] = [folder.file('some.parquet'), folder.file('errors.jsonl')];
    const bad = folder.file('bad3.dat', Buffer.concat([ADA, BAD]));
    const some = await run(['decode', bad, '-c', cpy, '-o', target, '--errors', errors]);
    expect([some.code, some.stderr]).toEqual([3, expect.stringContaining('1 bad value, null in the output')]);
    expect(JSON.parse(readFileSync(errors, 'utf8'))).toMatchObject({
      record: 2,
      field: 'ACCOUNT.BALANCE',
      hex: '00123456',
    });
    const before = readFileSync(target);
    const cut = folder.file('cut2.dat', Buffer.concat([ADA, ADA.subarray(0, 9)]));
    const failed = await run(['decode', cut, '-c', cpy, '-o', target]);
    expect([failed.code, failed.stderr]).toEqual([4, expect.stringContaining('record 2, byte 14')]);
    expect(readFileSync(target).equals(before)).toBe(true);
    expect((await run(['decode', bad, '-c', cpy, '-o', target, '--on-bad-data', 'throw'])).code).toBe(3);
  });
});
