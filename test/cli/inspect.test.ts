/**
 * `inspect` on programs and copybooks that bring in others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ADA, COPYBOOK, Folder, run } from './run.js';

const folder = new Folder();
afterAll(() => folder.remove());
mkdirSync(join(folder.path, 'books'));
folder.file('books/ACCOUNT.CPY', COPYBOOK);
const program = folder.file(
  'prog.cbl',
  `       IDENTIFICATION DIVISION.
       PROGRAM-ID. P.
       DATA DIVISION.
       FILE SECTION.
       FD  ACCOUNTS RECORDING MODE IS F.
       COPY ACCOUNT.
       FD  OTHERS.
       01  OTHER-REC  PIC X.
       PROCEDURE DIVISION.
           STOP RUN.
`,
);
const books = join(folder.path, 'books');

describe('a program', () => {
  test('--from and --copy-path', async () => {
    const { code, stdout } = await run(['inspect', program, '--from', 'accounts', '--copy-path', books]);
    expect(code).toBe(0);
    expect(stdout).toContain('file ACCOUNTS: recording mode F');
    expect(stdout).toContain('ACCOUNT: 14 bytes');
  });

  test('--tree; not with --json', async () => {
    const { stdout } = await run(['inspect', program, '--from', 'ACCOUNT', '--copy-path', books, '--tree']);
    expect(stdout).toContain('├─ ACCT-NAME    4-9  X(6) DISPLAY');
    expect((await run(['inspect', program, '--json', '--tree'])).code).toBe(1);
  });

  test('without --from it names the files; without the folder it names the text', async () => {
    const several = await run(['inspect', program, '--copy-path', books]);
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr).toContain('2 files: ACCOUNTS (ACCOUNT), OTHERS (OTHER-REC)');
    const missing = await run(['inspect', program, '--from', 'ACCOUNTS']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('COPY ACCOUNT: there is no such text');
  });

  test('as the copybook of data, also by a data set', async () => {
    const data = folder.file('ada.dat', ADA);
    const options = { copybook: 'prog.cbl', data: 'ada.dat', from: 'ACCOUNTS', copyPaths: ['books'] };
    const dataset = folder.file('ada.json', JSON.stringify(options));
    const given = await run([
      'decode',
      data,
      '-c',
      program,
      '--from',
      'ACCOUNTS',
      '--copy-path',
      books,
      '--engine',
      'ts',
    ]);
    expect(given.stdout).toBe('{"acctId":1,"acctName":"ADA","balance":"123.45"}\n');
    expect((await run(['decode', '--dataset', dataset, '--engine', 'ts'])).stdout).toBe(given.stdout);
  });
});

test('--decimal-point and --currency', async () => {
  const path = folder.file('price.cpy', '       01  PRICE  PIC UZ.ZZ9,99.\n');
  const { stdout } = await run(['inspect', path, '--decimal-point', 'comma', '--currency', 'EUR=U']);
  expect(stdout).toContain('PRICE: 11 bytes');
});
