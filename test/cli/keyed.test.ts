/**
 * `overpunch sort` and `overpunch group` as commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ADA, BAD, BOB, COPYBOOK, Folder, account, rdw, run } from './run.js';

const folder = new Folder();
afterAll(() => folder.remove());
const copybook = folder.file('account.cpy', COPYBOOK);
const CID = account('0004', 'ADA', '0000001C');
const data = folder.file('accounts.bin', Buffer.concat([ADA, BOB, CID]));

describe('overpunch sort', () => {
  it('writes records in order, descriptors and all', async () => {
    const out = folder.file('sorted.bin');
    const done = await run(['sort', data, '-c', copybook, '--by', 'ACCT-NAME,BALANCE', '-o', out]);
    expect(done).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(out).equals(Buffer.concat([CID, ADA, BOB]))).toBe(true);
    const v = folder.file('accounts.v', Buffer.concat([ADA, BOB, CID].map(rdw)));
    const args = ['sort', v, '-c', copybook, '--recfm', 'V', '--by', 'BALANCE:desc', '--memory', '64K', '-o', out];
    expect((await run(args)).code).toBe(0);
    expect(readFileSync(out).equals(Buffer.concat([ADA, CID, BOB].map(rdw)))).toBe(true);
  });

  it('says that keys are bad, exit 3, and refuses what it cannot do', async () => {
    const bad = folder.file('bad.bin', Buffer.concat([ADA, BAD]));
    const out = folder.file('bad-sorted.bin');
    const done = await run(['sort', bad, '-c', copybook, '--by', 'BALANCE', '-o', out]);
    expect(done.code).toBe(3);
    expect(done.stderr).toContain('1 bad value in what is sorted by');
    expect(readFileSync(out).equals(Buffer.concat([BAD, ADA]))).toBe(true);
    expect((await run(['sort', data, '-c', copybook])).code).toBe(1);
    expect((await run(['sort', data, '-c', copybook, '--by', 'A:up'])).code).toBe(1);
    expect((await run(['sort', data, '-c', copybook, '--by', 'NOTHING'])).code).toBe(2);
    expect((await run(['sort', data, '-c', copybook, '--by', 'BALANCE', '-o', data])).stderr).toContain(
      'would overwrite',
    );
  });
});

describe('overpunch group', () => {
  it('adds up', async () => {
    const args = ['group', data, '-c', copybook, '--by', 'ACCT-NAME', '--count', '--sum', 'BALANCE', '--to', 'csv'];
    expect(await run(args)).toEqual({
      code: 0,
      stdout: 'acct_name,count,sum_balance\nADA,2,123.46\nBOB,1,-0.50\n',
      stderr: '',
    });
    const total = await run(['group', data, '-c', copybook, '--avg', 'BALANCE', '--scale', '2', '--max', 'ACCT-ID']);
    expect(total.stdout).toBe('{"avgBalance":"40.99","maxAcctId":4}\n');
    expect((await run(['group', data, '-c', copybook])).stdout).toBe('{"count":3}\n');
  });

  it('reports bad values, exit 3', async () => {
    const bad = folder.file('bad-group.bin', Buffer.concat([ADA, BAD]));
    const done = await run(['group', bad, '-c', copybook, '--sum', 'BALANCE', '--count', 'BALANCE']);
    expect(done.code).toBe(3);
    expect(done.stdout).toBe('{"countBalance":1,"sumBalance":"123.45"}\n');
    expect(done.stderr).toContain('BALANCE');
    expect((await run(['group', data, '-c', copybook, '--sum', 'ACCT-NAME'])).code).toBe(2);
  });
});
