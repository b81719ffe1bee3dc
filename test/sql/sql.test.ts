/**
 * sql(): data sets as tables; values, errors, names, ranges, bad data; and Parquet of several parts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Copybook, type Database, type Dataset, type SqlRow, open, sql, writeParquet } from '../../src/index.js';
import { readCopybook } from '../../src/sql/dataset.js';
import { Duckdb } from '../../src/sql/extension.js';
import { ADA, BAD, BOB, COPYBOOK, Folder, account, rdw } from '../cli/run.js';
import { rowsOf, whyNoSql } from './same.js';

const folder = new Folder();
const copybook = Copybook.parse(COPYBOOK);
const file = (name: string, ...records: readonly Uint8Array[]): string => folder.file(name, Buffer.concat(records));
const many = (count: number, from = 0): Uint8Array =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) =>
      account(String((from + i) % 10000).padStart(4, '0'), `N${i % 7}`, `${String(i % 10000).padStart(7, '0')}C`),
    ),
  );

describe.skipIf(whyNoSql())('sql', () => {
  const opened: Database[] = [];
  const db = async (datasets: Record<string, Dataset>): Promise<Database> => {
    const made = await sql(datasets, { threads: 2 });
    opened.push(made);
    return made;
  };
  const query = async (dataset: Dataset, text: string): Promise<SqlRow[]> =>
    (await db({ t: dataset })).query(text).rows();
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  afterAll(() => folder.remove());

  it('shows decimals exactly, integers as numbers or bigints, lists and structs', async () => {
    const wide = Copybook.parse(
      `01 R.\n05 A PIC 9(9).\n05 B PIC 9(18).\n05 C PIC S9(16)V99 COMP-3.\n05 D PIC 9(31).\n05 T OCCURS 2.\n10 X PIC X(2).\n10 Y PIC S9V9.\n05 U OCCURS 3 PIC 9.\n05 H.\n10 Z PIC X.`,
      { format: 'free' },
    );
    const bytes = Buffer.concat([
      zoned('000000007'),
      zoned('900719925474099312'),
      Buffer.from('0123456789012345678D', 'hex'),
      zoned('1234567890123456789012345678901'),
      Buffer.from([0xc1, 0xc2, 0xf1, 0xd2, 0xc3, 0x40, 0xf0, 0xc5]),
      zoned('123'),
      Buffer.from([0xe9]),
    ]);
    const text = 'SELECT *, typeof(c) AS type, {a: [1.50, NULL]} AS made FROM t';
    const [row] = await query({ data: file('wide.dat', bytes), copybook: wide }, text);
    expect(row).toEqual({
      a: 7,
      b: 900719925474099312n,
      c: '-1234567890123456.78',
      d: 1234567890123456789012345678901n,
      t: [
        { x: 'AB', y: '-1.2' },
        { x: 'C', y: '0.5' },
      ],
      u: [1, 2, 3],
      h: { z: 'Z' },
      type: 'DECIMAL(18,2)',
      made: { a: ['1.50', null] },
    });
  });

  it('takes any name of a table, and any path', async () => {
    const path = file(`it's "a" file; --.dat`, ADA, BOB);
    const one = await db({ 'my "table"': { data: path, copybook } });
    expect(await one.query('SELECT acct_name FROM "my ""table"""').rows()).toEqual([
      { acct_name: 'ADA' },
      { acct_name: 'BOB' },
    ]);
    await expect(db({ '': { data: path, copybook } })).rejects.toMatchObject({ code: 'OVP_OPTION_VALUE' });
    await expect(db({ t: { data: 'a\0b', copybook } })).rejects.toMatchObject({ code: 'OVP_OPTION_VALUE' });
    await expect(db({ t: { data: '-', copybook } })).rejects.toThrow('SQL reads files');
  });

  it('reads again what changed, and nothing before a query', async () => {
    const path = folder.file('later.dat');
    const one = await db({ t: { data: path, copybook } });
    await expect(one.query('FROM t').rows()).rejects.toMatchObject({ code: 'OVP_IO_OPEN' });
    writeFileSync(path, ADA);
    expect(await one.query('SELECT count(*) AS n FROM t').rows()).toEqual([{ n: 1 }]);
    writeFileSync(path, Buffer.concat([ADA, BOB]));
    expect(await one.query('SELECT count(*) AS n FROM t').rows()).toEqual([{ n: 2 }]);
  });

  it('follows skip, where and limit, alone and together', async () => {
    const data = file('many.dat', many(5000));
    const ids = async (options: object): Promise<unknown[]> =>
      (await query({ data, copybook, ...options }, 'SELECT acct_id FROM t')).map(({ acct_id: id }) => id);
    const expected = async (options: object): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const { acctId } of open(data, { copybook, ...options })) found.push(acctId);
      return found;
    };
    for (const options of [
      { skip: 4990 },
      { limit: 3 },
      { skip: 2, limit: 2100 },
      { where: "ACCT-NAME = 'N3'" },
      { where: "ACCT-NAME = 'N3'", skip: 100, limit: 50 },
      { where: "ACCT-NAME = 'NONE'" },
      { skip: 6000 },
      { limit: 0 },
    ]) {
      expect(await ids(options), JSON.stringify(options)).toEqual(await expected(options));
    }
  });

  it('says what is wrong with a file where the library does', async () => {
    const cases: [string, Uint8Array, object][] = [
      ['short.dat', Buffer.concat([ADA, ADA.subarray(0, 5)]), {}],
      ['cut.v', Buffer.concat([rdw(ADA), rdw(BOB).subarray(0, 9)]), { recfm: 'V' }],
      ['not.v', Buffer.concat([rdw(ADA), Buffer.from([0, 2, 0, 0])]), { recfm: 'V' }],
      ['zero.v', Buffer.concat([rdw(ADA), Buffer.from([0, 18, 1, 0]), ADA]), { recfm: 'V' }],
      ['block.vb', Buffer.concat([Buffer.from([0, 12, 0, 0]), rdw(ADA)]), { recfm: 'VB' }],
      ['nothing.vb', Buffer.from([0, 3, 0, 0, 0, 0]), { recfm: 'VB' }],
    ];
    for (const [name, bytes, options] of cases) {
      const data = folder.file(name, bytes);
      let code = '';
      let at = '';
      try {
        for await (const _ of open(data, { copybook, ...options }).batches());
      } catch (error) {
        ({ code } = error as { code: string });
        at = /\(record \d+, byte \d+\)/.exec((error as Error).message)?.[0] ?? 'none';
      }
      expect(code, name).toMatch(/^OVP_FRAME_/);
      const failed = query({ data, copybook, ...options }, 'SELECT acct_id FROM t');
      await expect(failed, name).rejects.toMatchObject({ code });
      await expect(failed, name).rejects.toThrow(at);
    }
  });

  it('makes bad values null, counts them and says why', async () => {
    const one = await db({ t: { data: file('bad.dat', ADA, BAD, BOB), copybook } });
    expect(await one.query('SELECT balance FROM t').rows()).toEqual([
      { balance: '123.45' },
      { balance: null },
      { balance: '-0.50' },
    ]);
    const [scan] = await one.scans();
    expect(scan).toMatchObject({ scan: 1, records: 3, badValues: 1 });
    const faults: unknown[] = [];
    for await (const _ of open(file('bad.dat', ADA, BAD, BOB), { copybook, onFault: (fault) => faults.push(fault) }));
    expect(await one.faults()).toEqual(faults.map((fault) => ({ scan: 1, ...(fault as object) })));
    // only columns that are asked for are read
    await one.query('SELECT acct_id FROM t').rows();
    expect((await one.scans())[1]).toMatchObject({ badValues: 0, records: 3 });
  });

  it('throws or ignores bad values where it is told to', async () => {
    const data = file('bad2.dat', ADA, BAD);
    const thrown = query({ data, copybook, onBadData: 'throw' }, 'SELECT sum(balance) FROM t');
    await expect(thrown).rejects.toMatchObject({ code: 'OVP_DATA_BAD' });
    await expect(thrown).rejects.toThrow("x'00123456' (record 2, byte 24)");
    const quiet = await db({ t: { data, copybook, onBadData: 'null' } });
    expect(await quiet.query('SELECT count(balance) AS n FROM t').rows()).toEqual([{ n: 1 }]);
    expect(await quiet.faults()).toEqual([]);
  });

  it('answers several queries at a time', async () => {
    const one = await db({
      a: { data: file('a.dat', many(20_000)), copybook },
      b: { data: file('b.dat', ADA, BAD), copybook },
    });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        one
          .query(
            i % 2 ? 'SELECT count(*) AS n FROM a JOIN a AS c USING (acct_id)' : 'SELECT count(balance) AS n FROM b',
          )
          .rows(),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 12 }, (_, i) => [{ n: i % 2 ? 40_000 : 1 }]));
  });

  it('tells errors of the query from errors of data, and of being closed', async () => {
    const one = await db({ t: { data: file('c.dat', ADA), copybook } });
    await expect(one.query('SELECT nothing FROM t').rows()).rejects.toMatchObject({ code: 'OVP_OPTION_SQL' });
    await one.close();
    expect(() => one.query('FROM t')).toThrow('was closed');
    await one.close();
  });

  it('stops where nobody reads on', async () => {
    const one = await db({ t: { data: file('d.dat', many(10_000)), copybook } });
    let seen = 0;
    for await (const _ of one.query('FROM t')) if (++seen === 3) break;
    expect(await one.query('SELECT count(*) AS n FROM t').rows()).toEqual([{ n: 10_000 }]);
  });

  describe('read_copybook', () => {
    it('has record numbers, bad fields and ranges for the asking', async () => {
      const { layout } = copybook;
      const path = file('e.dat', ADA, BAD, BOB, ADA);
      const duckdb = await Duckdb.open();
      try {
        const of = (parameters: string, options = {}) => readCopybook({ path, layout, options }, parameters);
        expect(
          await rowsOf(
            duckdb,
            `SELECT _record, _bad, acct_id FROM ${of(', record_number := true, bad := true, start := 1, count := 2')}`,
          ),
        ).toEqual([
          { _record: '2', _bad: ['ACCOUNT.BALANCE'], acct_id: '3' },
          { _record: '3', _bad: [], acct_id: '2' },
        ]);
        const some = of(', record_number := true', { where: 'BALANCE < 0 OR ACCT-ID = 1' });
        expect(await rowsOf(duckdb, `SELECT _record FROM ${some}`)).toEqual([
          { _record: '1' },
          { _record: '3' },
          { _record: '4' },
        ]);
        await expect(rowsOf(duckdb, `FROM ${of(', start := -1')}`)).rejects.toThrow('start must be 0 or more');
      } finally {
        duckdb.close();
      }
    });
  });

  describe('Parquet', () => {
    it('of several parts keeps the order, and leaves nothing else behind', async () => {
      const count = 4_000_000;
      const block = many(10_000);
      const data = folder.file('big.dat', Buffer.concat(Array.from({ length: count / 10_000 }, () => block)));
      const target = folder.file('big.parquet');
      const summary = await writeParquet(open(data, { copybook, names: 'camel' }), target, {
        threads: 3,
        rowGroupRows: 20_480,
      });
      expect(summary).toMatchObject({ records: count, badValues: 0 });
      const one = await db({});
      const [row] = await one
        .query(
          `SELECT count(*) AS n, count(*) FILTER (WHERE file_row_number % 10000 = "acctId") AS ordered,
             (SELECT count(DISTINCT row_group_id) FROM parquet_metadata('${target}')) AS groups
           FROM read_parquet('${target}', file_row_number := true)`,
        )
        .rows();
      expect(row).toEqual({ n: count, ordered: count, groups: Math.ceil(count / 20_480) });
      expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
    });

    it('of streams and sorted records goes through a temporary file', async () => {
      const target = folder.file('sorted.parquet');
      const source = (): Readable => Readable.from([rdw(BOB), rdw(ADA), rdw(BAD)]);
      await writeParquet(open(source(), { copybook, recfm: 'V' }).sort(['ACCT-ID']), target, { compression: 'snappy' });
      const one = await db({});
      expect(await one.query(`SELECT acct_name FROM '${target}'`).rows()).toEqual([
        { acct_name: 'ADA' },
        { acct_name: 'BOB' },
        { acct_name: 'EVE' },
      ]);
      const some = await writeParquet(open(source(), { copybook, recfm: 'V', where: 'ACCT-ID > 1', limit: 1 }), target);
      expect(some).toMatchObject({ records: 1 });
    });

    it('is as it was where writing fails', async () => {
      const target = folder.file('kept.parquet', 'before');
      const broken = folder.file('broken.dat', ADA.subarray(0, 5));
      await expect(writeParquet(open(broken, { copybook }), target)).rejects.toMatchObject({
        code: 'OVP_FRAME_LENGTH',
      });
      expect(await (await import('node:fs/promises')).readFile(target, 'utf8')).toBe('before');
      await expect(writeParquet(open(broken, { copybook }), '/nowhere/x.parquet')).rejects.toMatchObject({
        code: 'OVP_IO_OUTPUT',
      });
      await expect(writeParquet(open(broken, { copybook }), target, { compression: 'lz' as 'zstd' })).rejects.toThrow(
        'zstd, snappy, none',
      );
      expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
    });

    it('tells of bad values', async () => {
      const faults: unknown[] = [];
      const reader = open(file('f.dat', ADA, BAD), { copybook, onFault: (fault) => faults.push(fault) });
      const summary = await writeParquet(reader, folder.file('f.parquet'));
      expect(summary).toMatchObject({ records: 2, badValues: 1, faults });
      expect(faults).toHaveLength(1);
    });
  });
});

function zoned(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => 0xf0 + Number(digit));
}
