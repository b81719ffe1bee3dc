/**
 * `overpunch load`, as far as it gets without a server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, accounts } from '../sinks/postgres/server.js';
import { run } from './run.js';

describe('overpunch load', () => {
  const folder = new Folder();
  const data = folder.write('accounts.vb', accounts(1, 5));
  const args = ['load', data, '-c', folder.copybook, '--recfm', 'V'];
  afterAll(() => folder.remove());

  it.each([
    [[], 2, /load needs --into\n.*postgres:/],
    [['--into', 'mysql://me:secret@h/d'], 2, /--into mysql:\/\/h\/d is no database that is known/],
    [['--into', 'x.duckdb', '--workers', '3'], 2, /workers: a file of DuckDB is loaded without/],
    [['--into', 'redis://h'], 2, /the key is missing/],
    [['--into', 'postgres://h/d', '--upsert', 'ACCT-ID', '--truncate'], 1, /cannot be used with/],
    [['--into', 'postgres://h/d', '--workers', '0'], 1, /a number from 1 to 64/],
    [['--into', 'postgres://h/d', '--range-size', '2G'], 1, /1G at most/],
    [['--into', 'postgres://h/d?sslmode=prefer'], 2, /sslmode can't be 'prefer'/],
    [['--into', 'postgres://h/d', '--password-file', '/nowhere/there'], 4, /\/nowhere\/there can't be read: ENOENT/],
    [
      ['--into', 'postgres://me:s3cret@127.0.0.1:1/d'],
      4,
      /postgres:\/\/127\.0\.0\.1:1\/d can't be reached: .*ECONNREFUSED/,
    ],
  ] as const)('%j', async (more, code, words) => {
    const outcome = await run([...args, ...more]);
    expect(outcome.stderr).toMatch(words);
    expect(outcome.stderr).not.toMatch(/secret|s3cret|internal error/);
    expect(outcome.code).toBe(code);
  });

  it('reads no pipe: its fingerprint comes first', async () => {
    const { code, stderr } = await run(['load', '-', ...args.slice(2), '--into', 'postgres://h/d']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/needs a file/)]);
  });
});
