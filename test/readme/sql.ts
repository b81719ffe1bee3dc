/**
 * Claims of SQL and Parquet. Where the extension could not be built they are shown by its error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { writeFileSync } from 'node:fs';
import { Copybook, open, planFile, sql, writeParquet } from '../../src/index.js';
import { Folder, run } from '../cli/run.js';
import { whyNoSql } from '../sql/same.js';
import type { Claim } from './supported.js';

const copybook = Copybook.parse('01 R.\n05 A PIC X.\n05 N PIC S9V9 COMP-3.', { format: 'free' });
const hasSql = whyNoSql() === '';

async function inFolder<T>(action: (folder: Folder, data: string) => Promise<T>): Promise<T> {
  const folder = new Folder();
  try {
    return await action(folder, folder.file('r.dat', Buffer.from('c1012cc2034d', 'hex')));
  } finally {
    folder.remove();
  }
}

const rowsOf = async (data: string, text: string): Promise<unknown> => {
  const db = await sql({ r: { data, copybook } });
  return db
    .query(text)
    .rows()
    .finally(() => db.close());
};

const ROWS = [
  { a: 'A', n: '1.2' },
  { a: 'B', n: '-3.4' },
];
/** What is shown where there can be SQL; elsewhere nothing can be. */
const shown = (action: () => Promise<unknown>) => async (): Promise<unknown> => (hasSql ? action() : null);
const expected = (value: unknown): unknown => (hasSql ? value : null);

export const parquetShows = shown(() =>
  inFolder(async (folder, data) => {
    const target = folder.file('r.parquet');
    await writeParquet(open(data, { copybook }), target);
    return rowsOf(data, `FROM '${target}'`);
  }),
);
export const parquetShown = expected(ROWS);

export const sqlClaims: readonly Claim[] = [
  [
    'over files where they lie',
    shown(() => inFolder((_, data) => rowsOf(data, 'FROM r WHERE n < 0'))),
    expected([ROWS[1]]),
  ],
  [
    '`overpunch sql`',
    shown(() =>
      inFolder(async (folder, data) => {
        const cpy = folder.file('r.cpy', '       01 R.\n           05 A PIC X.\n           05 N PIC S9V9 COMP-3.\n');
        return (await run(['sql', 'SELECT sum(n) AS s FROM r', data, '-c', cpy])).stdout;
      }),
    ),
    expected('s\n-2.2\n'),
  ],
  ['`sql()`', shown(() => inFolder((_, data) => rowsOf(data, 'FROM r'))), expected(ROWS)],
  [
    'plan files for any DuckDB: `overpunch plan`, `read_copybook`',
    shown(() =>
      inFolder(async (_, data) => {
        writeFileSync(`${data}.plan`, planFile(copybook.layout, {}));
        return rowsOf(data, `FROM read_copybook('${data}')`);
      }),
    ),
    expected(ROWS),
  ],
];
