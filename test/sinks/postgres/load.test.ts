/**
 * Loading files into PostgreSQL: what becomes of values, rows and tables, and that it happens once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Copybook } from '../../../src/copybook.js';
import { open } from '../../../src/read.js';
import { type LoadOptions, load } from '../../../src/sinks/postgres/load.js';
import { postgres } from '../../../src/sinks/postgres/sink.js';
import {
  COPYBOOK,
  type Database,
  SERVER,
  account,
  accounts,
  createDatabase,
  ebcdic,
  skipped,
  unload,
} from './server.js';

const copybook = Copybook.parse(COPYBOOK, { format: 'fixed' });

describe.skipIf(!SERVER)(`load into PostgreSQL${skipped}`, () => {
  let db: Database;
  let options: LoadOptions;

  beforeAll(async () => {
    db = await createDatabase();
    options = { copybook, recfm: 'V', url: db.url, rangeBytes: 1, batchRecords: 100 };
  });
  afterAll(() => db?.drop());
  beforeEach(async () => {
    await db.query('DROP SCHEMA IF EXISTS overpunch CASCADE');
    await db.query('DROP SCHEMA public CASCADE');
    await db.query('CREATE SCHEMA public');
  });

  const count = async (table = 'account'): Promise<number> =>
    Number((await db.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n);

  it('makes the table, and every record is a row', async () => {
    const result = await load(accounts(1, 1000), options);
    expect(result).toMatchObject({ rows: 1000, inserted: 1000, rejected: 0, badValues: 0, isResumed: false });
    const rows = await db.query('SELECT * FROM account WHERE acct_id IN (3, 1000) ORDER BY acct_id');
    expect(rows).toEqual([
      {
        acct_id: 3,
        name: 'NAME 3',
        tax_no: '100023757',
        branch: 'NYC',
        balance: '-46.97',
        line_count: 3,
        day: [1, 2, 3],
        amount: ['0.03', '1.03', '2.03'].map(Number),
      },
      {
        acct_id: 1000,
        name: 'NAME 1000',
        tax_no: '107919000',
        branch: 'BER',
        balance: '960.00',
        line_count: 0,
        day: [],
        amount: [],
      },
    ]);
    const [one] = await db.query('SELECT * FROM overpunch.load ORDER BY id DESC LIMIT 1');
    expect(one).toMatchObject({
      status: 'loaded',
      mode: 'append',
      records: '1000',
      rows: '1000',
      target: '"public"."account"',
    });
    expect((one!.ranges as number[][]).map(([first, last]) => [first, last])).toEqual(
      Array.from({ length: 10 }, (_, n) => [n * 100 + 1, n * 100 + 100]),
    );
    expect(await db.query("SELECT relname FROM pg_class WHERE relname LIKE 'stage%'")).toEqual([]);
  });

  it('refuses a file that was loaded, and loads it again when told', async () => {
    const file = accounts(1, 300);
    await load(file, options);
    await expect(load(file, options)).rejects.toMatchObject({
      code: 'OVP_OPTION_LOADED',
      message: expect.stringMatching(/was loaded into "public"."account" on .*300 rows[\s\S]*--again/),
    });
    expect(await count()).toBe(300);
    await load(file, { ...options, table: 'other' });
    await load(file, { ...options, again: true });
    expect(await count()).toBe(600);
    expect(await count('other')).toBe(300);
    await load(accounts(301, 400), options); // one byte more or less is another file
    expect(await count()).toBe(700);
  });

  it('replaces all rows', async () => {
    await load(accounts(1, 300), options);
    await load(accounts(301, 450), { ...options, mode: 'truncate' });
    expect(await count()).toBe(150);
    await db.query('CREATE VIEW names AS SELECT name FROM account'); // the table's place can't be taken any more
    await load(accounts(1, 20), { ...options, mode: 'truncate' });
    expect(await count('names')).toBe(20);
  });

  it('replaces rows with the same key; of several in the file the last one counts', async () => {
    await load(accounts(1, 300), { ...options, key: ['ACCT-ID'] });
    const changes = unload([
      account({ id: 7, name: 'FIRST' }),
      ...Array.from({ length: 250 }, (_, n) => account({ id: 400 + n })),
      account({ id: 7, name: 'LAST' }),
    ]);
    const result = await load(changes, { ...options, mode: 'upsert', key: ['ACCT-ID'] });
    expect(result).toMatchObject({ rows: 252, inserted: 250, updated: 1, superseded: 1 });
    expect(await count()).toBe(550);
    expect(await db.query('SELECT name FROM account WHERE acct_id = 7')).toEqual([{ name: 'LAST' }]);
  });

  it('keeps what is there where a key comes twice and is not to be replaced', async () => {
    await load(accounts(1, 300), { ...options, key: ['ACCT-ID'] });
    await expect(load(accounts(300, 301), { ...options, key: ['ACCT-ID'] })).rejects.toMatchObject({
      code: 'OVP_DATA_DUPLICATE',
    });
    expect(await count()).toBe(300);
  });

  it('puts tables into tables of their own, and replaces their rows with their record', async () => {
    const own: LoadOptions = { ...options, occurs: 'tables', key: ['ACCT-ID'] };
    await load(accounts(1, 500), own);
    expect(await count('account_lines')).toBe(1000);
    expect(await db.query('SELECT * FROM account_lines WHERE acct_id = 4 ORDER BY lines_no')).toEqual(
      [1, 2, 3, 4].map((n) => ({ acct_id: 4, lines_no: n, day: n, amount: `${n - 1}.04` })),
    );
    const changes = unload([
      account({ id: 4, lines: [5, 6, 7, 8] }),
      account({ id: 4, lines: [900] }),
      account({ id: 501, lines: [1, 2] }),
    ]);
    const result = await load(changes, { ...own, mode: 'upsert' });
    expect(result).toMatchObject({ inserted: 1, updated: 1, superseded: 1 });
    expect(await db.query('SELECT lines_no, amount FROM account_lines WHERE acct_id = 4')).toEqual([
      { lines_no: 1, amount: '9.00' },
    ]);
    expect(await count('account_lines')).toBe(1000 - 4 + 1 + 2);
  });

  it('writes tables as JSON', async () => {
    await load(accounts(1, 10), { ...options, occurs: 'json' });
    expect(await db.query('SELECT lines FROM account WHERE acct_id IN (2, 5) ORDER BY acct_id')).toEqual([
      {
        lines: [
          { day: 1, amount: '0.02' },
          { day: 2, amount: '1.02' },
        ],
      },
      { lines: [] },
    ]);
  });

  const bad = (): Buffer => {
    const wrong = account({ id: 2 });
    wrong[7 + 12 + 9 + 3 + 2] = 0xaa; // a digit of the balance
    const nul = account({ id: 3 });
    nul[7 + 1] = 0; // in the name
    return unload([account({ id: 1 }), wrong, nul, account({ id: 4 })]);
  };

  it('lists what is bad: values become NULL, rows that can not be stored are left out', async () => {
    const result = await load(bad(), { ...options, rangeBytes: 1 << 20 });
    expect(result).toMatchObject({ rows: 3, inserted: 3, rejected: 1, badValues: 1 });
    expect(await db.query('SELECT acct_id, balance FROM account ORDER BY acct_id')).toEqual([
      { acct_id: 1, balance: '-48.99' },
      { acct_id: 2, balance: null },
      { acct_id: 4, balance: '-45.96' },
    ]);
    const rejects = await db.query('SELECT * FROM overpunch.reject WHERE load = $1 ORDER BY record', [result.load]);
    expect(rejects).toMatchObject([
      {
        record: '2',
        byte_offset: '84',
        field: 'ACCOUNT.BALANCE',
        hex: '0000AA04798D',
        row_rejected: false,
      },
      { record: '3', field: 'ACCOUNT.OWNER.NAME', reason: expect.stringContaining('U+0000'), row_rejected: true },
    ]);
    expect(rejects[1]!.hex).toBe(
      Buffer.concat([ebcdic('N\0ME 3').fill(0, 1, 2), Buffer.alloc(6, 0x40)])
        .toString('hex')
        .toUpperCase(),
    );
  });

  it('replaces U+0000, or leaves it out', async () => {
    await load(bad(), { ...options, nul: 'replace' });
    expect(await db.query('SELECT name FROM account WHERE acct_id = 3')).toEqual([{ name: 'N\uFFFDME 3' }]);
    await load(bad(), { ...options, nul: 'strip', mode: 'truncate', again: true });
    expect(await db.query('SELECT name FROM account WHERE acct_id = 3')).toEqual([{ name: 'NME 3' }]);
  });

  it('takes a table that is there, and rejects what is beyond its types', async () => {
    await db.query(`CREATE TABLE account (extra text DEFAULT 'x', amount numeric(7,2)[], day smallint[], line_count bigint,
      balance numeric(8,4), branch char(3), tax_no text, name varchar(8) NOT NULL, acct_id smallint)`);
    const file = unload([
      account({ id: 1 }),
      account({ id: 40000 }), // beyond smallint
      account({ id: 5, name: 'NINE CHARS' }),
      account({ id: 6, balance: 1_000_000 }), // 10000.00: more than numeric(8,4) holds
      account({ id: 7, name: 'SEVEN', balance: 999_999 }),
    ]);
    const result = await load(file, options);
    expect(result).toMatchObject({ inserted: 2, rejected: 3 });
    expect(await db.query('SELECT acct_id, balance, extra FROM account ORDER BY 1')).toEqual([
      { acct_id: 1, balance: '-48.9900', extra: 'x' },
      { acct_id: 7, balance: '9999.9900', extra: 'x' },
    ]);
    const rejects = await db.query('SELECT record, field, reason FROM overpunch.reject WHERE load = $1', [result.load]);
    expect(rejects).toEqual([
      { record: '2', field: 'ACCOUNT.ACCT-ID', reason: 'is more than the column holds' },
      { record: '3', field: 'ACCOUNT.OWNER.NAME', reason: 'is longer than the column holds' },
      { record: '4', field: 'ACCOUNT.BALANCE', reason: 'is more than the column holds' },
    ]);
  });

  it('says which column of a table that is there can not take its field', async () => {
    await db.query('CREATE TABLE account (acct_id date)');
    await expect(load(accounts(1, 2), options)).rejects.toMatchObject({ code: 'OVP_OPTION_TARGET' });
    await expect(load(accounts(1, 2), { ...options, select: ['ACCT-ID'] })).rejects.toThrow(
      /acct_id of account is date/,
    );
  });

  it('changes nothing in a dry run', async () => {
    const result = await load(bad(), { ...options, dryRun: true });
    expect(result).toMatchObject({ load: null, rows: 3, rejected: 1, badValues: 1 });
    expect(result.created[0]).toMatch(/^CREATE TABLE IF NOT EXISTS "public"."account"/);
    expect(await db.query("SELECT to_regclass('account')::text AS name")).toEqual([{ name: null }]);
  });

  it('leaves nothing of a load that fails', async () => {
    const cut = accounts(1, 500).subarray(0, -3);
    await expect(load(cut, options)).rejects.toMatchObject({ code: 'OVP_FRAME_TRUNCATED' });
    expect(await count()).toBe(0);
    const reader = open(cut, { copybook, recfm: 'V', batchRecords: 50 });
    await expect(reader.into(postgres({ url: db.url, rangeBytes: 1 }))).rejects.toMatchObject({
      code: 'OVP_FRAME_TRUNCATED',
    });
    const loads = await db.query('SELECT status FROM overpunch.load ORDER BY id DESC LIMIT 2');
    expect(loads).toEqual([{ status: 'abandoned' }, { status: 'loading' }]);
  });

  it('takes rows of any reader', async () => {
    const reader = open(accounts(1, 400), {
      copybook,
      recfm: 'V',
      where: 'ACCT-ID > 390',
      select: ['ACCT-ID', 'NAME'],
    });
    const result = await reader.into(postgres({ url: db.url, table: 'few' }));
    expect(result).toMatchObject({ rows: 10, inserted: 10 });
    expect(await db.query('SELECT min(acct_id), max(name) FROM few')).toEqual([{ min: 391, max: 'NAME 400' }]);
  });

  it('refuses another loader of the same file, and what an earlier one still sends', async () => {
    await load(accounts(1, 2), { ...options, table: 'first' });
    const values = `ARRAY['"public"."first"'], '[["acct_id"]]', '{}', '[null]', 'append', 'sha256:x', 'o', 'f', 1, false`;
    const [begun] = await db.query<{ id: string; epoch: number }>(`SELECT * FROM overpunch.begin_load(${values})`);
    await db.query('SELECT overpunch.enter($1, $2)', [begun!.id, begun!.epoch]);
    const [again] = await db.query<{ id: string; epoch: number; is_resumed: boolean }>(
      `SELECT * FROM overpunch.begin_load(${values})`,
    );
    expect(again).toMatchObject({ id: begun!.id, epoch: begun!.epoch + 1, is_resumed: true });
    await expect(db.query('SELECT overpunch.enter($1, $2)', [begun!.id, begun!.epoch])).rejects.toMatchObject({
      code: 'OP002',
    });
    await expect(db.query('SELECT overpunch.finish($1, $2, 5)', [again!.id, again!.epoch])).rejects.toMatchObject({
      code: 'OP003',
    });
    await db.query('SELECT overpunch.discard($1)', [begun!.id]);
  });

  it.each([
    ['which empties what is unlogged: begins anew', true],
    ['which empties nothing: goes on', false],
  ])('survives an end of the server %s', async (_, isCrash) => {
    await load(accounts(1, 2), options);
    await db.query('CREATE VIEW looks AS SELECT acct_id FROM account'); // nothing can take the table's place
    const stop = new AbortController();
    const file = accounts(3, 20_002);
    const loading = load(file, { ...options, batchRecords: 500, signal: stop.signal });
    const ranges = async (): Promise<number> =>
      Number((await db.query('SELECT count(*) AS n FROM overpunch.load_range'))[0]!.n);
    const ended = loading.then(
      () => 'done',
      () => 'stopped',
    );
    while ((await ranges()) < 3) await new Promise((next) => setTimeout(next, 5));
    stop.abort();
    expect(await ended).toBe('stopped');
    const [begun] = await db.query<{ id: string }>("SELECT id FROM overpunch.load WHERE status = 'loading'");
    // as PostgreSQL does with all unlogged tables
    if (isCrash) await db.query(`TRUNCATE overpunch.unlogged, overpunch.stage_${begun!.id}_0`);
    expect(await ranges()).toBeGreaterThan(2);
    expect(await load(file, options)).toMatchObject({
      load: begun!.id,
      isResumed: true,
      rows: 20_000,
      inserted: 20_000,
    });
    expect(await db.query('SELECT count(DISTINCT acct_id)::int AS n, count(*)::int AS all FROM account')).toEqual([
      { n: 20_002, all: 20_002 },
    ]);
  });

  it('says nothing of passwords', async () => {
    const url = new URL(db.url);
    url.password = 's3cret';
    url.port = '1';
    const error = (await load(accounts(1, 2), { ...options, url: url.href }).catch(
      (reason: unknown) => reason,
    )) as Error;
    expect(error).toMatchObject({ code: 'OVP_IO_DATABASE' });
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('s3cret');
  });
});
