/**
 * `ddl`, `schema` and `types` as commands: their options reach what they are for, and wrong ones are refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { COPYBOOK, Folder, run } from './run.js';

const folder = new Folder();
afterAll(() => folder.remove());
const copybook = folder.file('account.cpy', COPYBOOK);
const output = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

test('ddl, to standard output and to a file', async () => {
  const text = await output('ddl', copybook, '--dialect', 'sqlite', '--key', 'ACCT-ID', '--table', 'bank accounts');
  expect(text).toBe(`CREATE TABLE "bank accounts" ( -- ACCOUNT: 14 bytes
  "acct_id" INTEGER NOT NULL, -- ACCOUNT.ACCT-ID PIC 9(4)
  "acct_name" TEXT, -- ACCOUNT.ACCT-NAME PIC X(6)
  "balance" TEXT, -- ACCOUNT.BALANCE PIC S9(5)V99 COMP-3
  CONSTRAINT "bank accounts_pkey" PRIMARY KEY ("acct_id")
);
`);
  const file = folder.file('account.sql');
  expect(
    await output(
      'ddl',
      copybook,
      '--dialect',
      'POSTGRES',
      '--not-null',
      'BALANCE,ACCT-NAME',
      '--if-not-exists',
      '-o',
      file,
    ),
  ).toBe('');
  expect(readFileSync(file, 'utf8')).toContain(`CREATE TABLE IF NOT EXISTS "account" (
  "acct_id" integer,
  "acct_name" varchar(6) NOT NULL,
  "balance" numeric(7,2) NOT NULL
);`);
});

test('ddl: --dialect is the database, --cobol-dialect the COBOL', async () => {
  const binary = folder.file('binary.cpy', '       01  R.\n           05  N  PIC 9(5) COMP.\n');
  const plain = await output('ddl', binary, '--dialect', 'mysql', '--names', 'cobol');
  expect(plain).toContain('`N` BIGINT');
  expect(await output('ddl', binary, '--dialect', 'mysql', '--cobol-dialect', 'microfocus')).toContain('`n` INT ');
  const { code, stderr } = await run(['ddl', binary, '--dialect', 'mysql', '--cobol-dialect', 'micro']);
  expect([code, stderr]).toEqual([2, expect.stringContaining("--cobol-dialect can't be 'micro'")]);
});

test('schema, in each format', async () => {
  const parsed = async (...args: string[]): Promise<unknown> => JSON.parse(await output('schema', copybook, ...args));
  expect(await parsed()).toMatchObject({
    properties: { acctId: { maximum: 9999 }, balance: { pattern: expect.any(String) } },
  });
  expect(await parsed('--names', 'snake', '--decimals', 'number')).toMatchObject({
    properties: { acct_id: {}, balance: { type: ['number', 'null'] } },
  });
  expect(await parsed('--format', 'openapi')).toMatchObject({
    components: { schemas: { Account: { type: 'object' } } },
  });
  expect(await parsed('--format', 'avro', '--select', 'BALANCE')).toMatchObject({ fields: [{ name: 'balance' }] });
  expect(await parsed('--format', 'arrow', '--source-format', 'fixed')).toMatchObject({
    fields: [{ name: 'acct_id' }, { name: 'acct_name' }, { name: 'balance' }],
  });
});

test('types, with a data set', async () => {
  const dataset = folder.file(
    'account.json',
    JSON.stringify({ copybook: 'account.cpy', data: 'none.bin', recfm: 'VB', names: 'snake' }),
  );
  expect(await output('types', '--dataset', dataset, '--decimals', 'number')).toContain('  balance: number | null;');
  expect(await output('types', '--dataset', dataset, '--names', 'cobol')).toContain("  'ACCT-ID': number | null;");
});

test.each([
  [['ddl', copybook], 1, "required option '--dialect"],
  [['ddl', '--dialect', 'db2'], 1, "missing required argument 'copybook'"],
  [['ddl', copybook, '--dialect', 'oracle'], 2, 'It can be postgres, duckdb, sqlite, mysql, db2'],
  [['ddl', copybook, '--dialect', 'db2', '--key', 'ACC-ID'], 2, 'Did you mean ACCT-ID'],
  [['ddl', copybook, '--dialect', 'sqlite', '-o', copybook], 2, '-o'],
  [['schema', copybook, '--format', 'fixed'], 2, 'It can be json, avro, arrow, openapi'],
  [['schema', copybook, '--format', 'avro', '--checks', 'enforce'], 2, 'avro has no place for checks'],
  [['types', folder.file('none.cpy')], 4, 'there is no such file'],
])('%j is refused', async (args, expected, message) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout, stderr]).toEqual([expected, '', expect.stringContaining(message)]);
});
