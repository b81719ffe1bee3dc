/**
 * Roles: who loads can read nothing, who reads can't see what is masked or hidden, by whatever query, nor rows that are
 * not theirs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Copybook } from '../../../src/copybook.js';
import { compile } from '../../../src/plan/compile.js';
import { tablesOf } from '../../../src/schemas/table.js';
import type { Protection } from '../../../src/schemas/protection.js';
import { rolesSql } from '../../../src/sinks/postgres/roles.js';
import { load } from '../../../src/sinks/postgres/load.js';
import { run } from '../../cli/run.js';
import { COPYBOOK, type Database, Folder, SERVER, accounts, createDatabase, skipped } from './server.js';

const PROTECTION: Protection = {
  mask: { NAME: { except: ['auditor'] }, BALANCE: 'all', AMOUNT: 'all' },
  hide: ['TAX-NO'],
  rowSecurity: 'BRANCH',
};

const sqlOf = (
  text: string,
  protection: Protection,
  occurs: 'array' | 'json' | 'tables' = 'array',
  prefix = 'p',
): string => {
  const { layout } = Copybook.parse(text, { format: 'fixed' });
  const tables = tablesOf(compile(layout, {}).schema, layout, { occurs, key: [] });
  return rolesSql(tables, { ...protection, schema: 'bank', prefix });
};

describe('SQL of roles', () => {
  it('refuses what protects nothing, and what shows the same bytes by another name', () => {
    expect(() => sqlOf(COPYBOOK, { mask: { NAMES: 'all' } })).toThrow(/'NAMES' is to be protected.*\n.*NAME/);
    const twice = `
       01 REC.
          05 CARD PIC X(16).
          05 CARD-PARTS REDEFINES CARD.
             10 BIN-NO PIC X(6).
             10 REST PIC X(10).
          05 OTHER PIC X.
`;
    expect(() => sqlOf(twice, { hide: ['CARD'] })).toThrow(/REC.CARD is protected, and REC.CARD-PARTS.BIN-NO shows/);
    expect(sqlOf(twice, { hide: ['CARD', 'CARD-PARTS'] })).toContain('SELECT "other"');
  });

  it('shows to a role what the rules except it from, whatever name the bytes have', () => {
    const member = (...names: string[]): string =>
      `EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname IN (${names.map((name) => `'p_${name}'`).join(', ')}) AND pg_has_role(current_user, oid, 'USAGE'))`;
    const sql = sqlOf(COPYBOOK, {
      mask: { NAME: { show: 'last4', except: ['auditor', 'fraud'] }, BALANCE: { except: ['auditor'] } },
      hide: { 'TAX-NO': { except: ['auditor'] } },
    });
    for (const line of [
      'CREATE ROLE "p_auditor" NOLOGIN',
      'GRANT "p_reader" TO "p_fraud";',
      `CASE WHEN ${member('auditor', 'fraud')} THEN "name" ELSE CASE WHEN length("name") > 4`,
      `CASE WHEN ${member('auditor')} THEN "balance" ELSE NULL::numeric(`,
      `CASE WHEN ${member('auditor')} THEN "tax_no" ELSE NULL::`,
    ])
      expect(sql).toContain(line);
    const twice = `
       01 REC.
          05 CARD PIC X(16).
          05 CARD-NUMBER REDEFINES CARD PIC 9(16).
          05 OTHER PIC X.
`;
    const strict = sqlOf(twice, { hide: ['CARD'], mask: { 'CARD-NUMBER': { show: 'last4', except: ['auditor'] } } });
    expect(strict).toContain(`SELECT NULL::bigint AS "card_number",\n    "other"`);
    const open = sqlOf(twice, { mask: { CARD: 'last4', 'CARD-NUMBER': { show: 'last4', except: ['auditor'] } } });
    expect(open).not.toContain('CASE WHEN EXISTS');
    expect(open.match(/right\(/g)).toHaveLength(2);
    expect(() => sqlOf(COPYBOOK, { mask: { NAME: { except: ['reader'] } } })).toThrow(
      /'reader' is a role of every load/,
    );
  });

  it('shows nothing of a table as JSON that has a protected item in it', () => {
    expect(sqlOf(COPYBOOK, { mask: { AMOUNT: 'last4' } }, 'json')).toContain('NULL::jsonb AS "lines"');
  });

  it('is printed by the command, from a data set', async () => {
    const folder = new Folder();
    const dataset = folder.write(
      'set.json',
      JSON.stringify({ copybook: 'account.cpy', recfm: 'V', mask: ['NAME'], hide: ['TAX-NO'] }),
    );
    const { code, stdout } = await run(['load', '--dataset', dataset, '--print-roles', '--schema', 'bank']);
    const wrong = folder.write('wrong.json', JSON.stringify({ copybook: 'account.cpy', mask: { NAME: 'some' } }));
    expect((await run(['load', '--dataset', wrong, '--print-roles'])).stderr).toMatch(
      /mask: NAME can't be "some"\n.*It can be all or last4/,
    );
    folder.remove();
    expect(code).toBe(0);
    expect(stdout).toContain('CREATE ROLE "overpunch_owner" NOLOGIN');
    expect(stdout).not.toMatch(/SELECT.*"tax_no"/);
  });
});

describe.skipIf(!SERVER)(`roles in PostgreSQL${skipped}`, () => {
  const own = `r${process.pid}_${Date.now()}`;
  let db: Database;
  let reader: pg.Client;

  const clientFor = async (user: string): Promise<pg.Client> => {
    const client = new pg.Client(db.urlOf(user, 'secret'));
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    db = await createDatabase();
    await db.query(sqlOf(COPYBOOK, PROTECTION, 'array', own));
    await db.query(sqlOf(COPYBOOK, PROTECTION, 'array', own)); // can be run again
    await db.query(`CREATE ROLE ${own}_l LOGIN PASSWORD 'secret' IN ROLE ${own}_loader;
      CREATE ROLE ${own}_r LOGIN PASSWORD 'secret' IN ROLE ${own}_reader;
      INSERT INTO overpunch.reader_rows VALUES ('"bank"."account"', '${own}_reader', 'NYC')`);
    const copybook = Copybook.parse(COPYBOOK, { format: 'fixed' });
    const options = { copybook, recfm: 'V' as const, schema: 'bank', url: db.urlOf(`${own}_l`, 'secret') };
    const result = await load(accounts(1, 3000), { ...options, rangeBytes: 1, batchRecords: 500 });
    expect(result).toMatchObject({ inserted: 3000, created: [] });
    await db.query('ANALYZE bank.account');
    reader = await clientFor(`${own}_r`);
    await reader.query('CREATE TEMP TABLE probe (a text)');
  });
  afterAll(async () => {
    await reader?.end();
    await db?.drop();
    const admin = new pg.Client(SERVER);
    await admin.connect();
    for (const role of ['l', 'r', 'loader', 'auditor', 'reader', 'owner'])
      await admin.query(`DROP ROLE IF EXISTS ${own}_${role}`);
    await admin.end();
  });

  it('who loads reads and writes nothing but by the functions', async () => {
    const loader = await clientFor(`${own}_l`);
    for (const query of [
      'SELECT * FROM bank.account',
      'SELECT * FROM bank.account_read',
      'INSERT INTO bank.account (acct_id) VALUES (1)',
      'DELETE FROM bank.account',
      'TRUNCATE bank.account',
      'DROP TABLE bank.account',
      'SELECT * FROM overpunch.reject',
      'UPDATE overpunch.load SET rows = 0',
      "INSERT INTO overpunch.loader VALUES ('x', 'y')",
      'CREATE TABLE bank.mine (a int)',
      `SET ROLE ${own}_owner`,
      `SELECT overpunch.close_load(1, 1, 1, 1, 1)`,
      // a table of the owner's that it was not given
      `SELECT overpunch.begin_load(ARRAY['overpunch.loader'], '[["role"]]', '{}', '[null]', 'append', 'f', 'o', 'f', 1, false)`,
    ]) {
      await expect(loader.query(query), query).rejects.toThrow(/permission denied|may not load|must be owner/);
    }
    // names that are no names
    await expect(
      loader.query(
        `SELECT overpunch.begin_load(ARRAY['"bank"."account"'], '[["acct_id FROM bank.account; --"]]', '{}', '[null]', 'append', 'f', 'o', 'f', 1, false)`,
      ),
    ).rejects.toThrow(/column "acct_id FROM bank.account; --" does not exist/);
    await loader.end();
  });

  it('who reads sees the rows of its branches, masked', async () => {
    const { rows } = await reader.query('SELECT * FROM bank.account_read ORDER BY acct_id LIMIT 2');
    expect(rows).toEqual([
      { acct_id: 3, name: '***', branch: 'NYC', balance: null, line_count: 3, day: [1, 2, 3], amount: null },
      { acct_id: 6, name: '***', branch: 'NYC', balance: null, line_count: 1, day: [1], amount: null },
    ]);
    const { rows: all } = await reader.query(
      'SELECT count(*)::int AS n, array_agg(DISTINCT branch) AS b FROM bank.account_read',
    );
    expect(all).toEqual([{ n: 1000, b: ['NYC'] }]);
  });

  it('who is excepted sees that field, and what else is masked is masked', async () => {
    await db.query(`CREATE ROLE ${own}_a LOGIN PASSWORD 'secret' IN ROLE ${own}_auditor`);
    const auditor = await clientFor(`${own}_a`);
    const { rows } = await auditor.query('SELECT * FROM bank.account_read ORDER BY acct_id LIMIT 1');
    expect(rows).toEqual([
      { acct_id: 3, name: 'NAME 3', branch: 'NYC', balance: null, line_count: 3, day: [1, 2, 3], amount: null },
    ]);
    for (const query of ['SELECT * FROM bank.account', 'SELECT tax_no FROM bank.account_read'])
      await expect(auditor.query(query), query).rejects.toThrow(/permission denied|does not exist/);
    await auditor.end();
    await db.query(`DROP ROLE ${own}_a`);
  });

  it('nobody without a word in overpunch.reader_rows sees a row', async () => {
    await db.query(
      `CREATE ROLE ${own}_n LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA bank TO ${own}_n; GRANT SELECT ON bank.account_read TO ${own}_n`,
    );
    const nobody = await clientFor(`${own}_n`);
    expect((await nobody.query('SELECT count(*)::int AS n FROM bank.account_read')).rows).toEqual([{ n: 0 }]);
    await nobody.end();
    await db.query(`DROP OWNED BY ${own}_n; DROP ROLE ${own}_n`);
  });

  it('who reads gets no protected value by any of these queries', async () => {
    // values of accounts 1, 3 and 4: names, tax numbers, balances, amounts; and rows of other branches
    const secrets = /NAME \d|1000\d{5}|10002375|-?4[6-9]\.\d\d|BER|TYO/;
    await reader.query(`CREATE FUNCTION pg_temp.leak(what anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
      $$ BEGIN RAISE NOTICE 'leak %', what; RETURN true; END $$`);
    const heard: string[] = [];
    reader.on('notice', ({ message }) => heard.push(message ?? ''));
    const queries = [
      'SELECT * FROM bank.account',
      'SELECT name FROM bank.account WHERE acct_id = 3',
      'SELECT tax_no FROM bank.account',
      "SELECT acct_id FROM bank.account WHERE name > 'A'",
      'SELECT bank.account FROM bank.account',
      'SELECT count(name) FROM bank.account',
      'TABLE bank.account',
      'COPY bank.account TO STDOUT',
      'COPY (SELECT name FROM bank.account) TO STDOUT',
      'SELECT tax_no FROM bank.account_read',
      'SELECT * FROM bank.account_read WHERE pg_temp.leak(name)',
      'SELECT * FROM bank.account_read WHERE pg_temp.leak(branch)',
      'SELECT * FROM bank.account_read v WHERE pg_temp.leak(v)',
      'SELECT * FROM bank.account_read WHERE name::integer > 0',
      'SELECT 1 / (acct_id - 3), name, balance FROM bank.account_read WHERE acct_id = 3',
      'SELECT (name || balance::text || amount::text)::integer FROM bank.account_read',
      'SELECT max(name), max(balance), max(amount::text) FROM bank.account_read',
      'SELECT balance FROM bank.account_read WHERE balance BETWEEN -47 AND -46',
      "SELECT acct_id FROM bank.account_read WHERE name LIKE 'NAME%'",
      'SELECT row_to_json(v) FROM bank.account_read v WHERE acct_id < 10',
      'SELECT v::text FROM bank.account_read v WHERE acct_id < 10',
      "SELECT query_to_xml('SELECT * FROM bank.account', true, false, '')",
      "SELECT table_to_xml('bank.account', true, false, '')",
      'EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM bank.account_read WHERE pg_temp.leak(name)',
      "EXPLAIN (VERBOSE) SELECT * FROM bank.account_read WHERE branch = 'NYC'",
      'EXPLAIN SELECT * FROM bank.account',
      "SELECT * FROM pg_stats WHERE schemaname = 'bank'",
      "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE tablename = 'account'",
      'SELECT * FROM pg_statistic',
      'SELECT * FROM pg_stats_ext',
      'SELECT * FROM overpunch.load',
      'SELECT * FROM overpunch.reject',
      'SELECT * FROM overpunch.stage_1_0',
      'SELECT overpunch.ranges(1)',
      'SELECT overpunch.discard(1)',
      'CREATE TEMP VIEW peek AS SELECT name FROM bank.account',
      'CREATE TABLE bank.copy AS SELECT * FROM bank.account',
      'SELECT * INTO TEMP stolen FROM bank.account',
      'INSERT INTO probe SELECT name FROM bank.account',
      'UPDATE bank.account_read SET branch = branch RETURNING *',
      'DELETE FROM bank.account_read RETURNING *',
      'ALTER VIEW bank.account_read RESET (security_barrier)',
      'ALTER TABLE bank.account DISABLE ROW LEVEL SECURITY',
      'SET row_security = off; SELECT * FROM bank.account_read',
      `SET ROLE ${own}_owner`,
      `SET SESSION AUTHORIZATION ${own}_owner`,
      `SELECT lo_import('/etc/passwd')`,
      `SELECT pg_read_file('base/1/1')`,
      'LOCK TABLE bank.account',
      'SELECT * FROM bank.account TABLESAMPLE SYSTEM (100)',
      'SELECT ctid, xmin FROM bank.account',
      'DECLARE c CURSOR FOR SELECT name FROM bank.account',
      `DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM bank.account LOOP RAISE NOTICE '%', r; END LOOP; END $$`,
      'SELECT a.name FROM bank.account_read a JOIN bank.account b USING (acct_id)',
      "SELECT (SELECT string_agg(name, ',') FROM bank.account)",
      "SELECT nextval('bank.account')",
      "SELECT currval(pg_get_serial_sequence('bank.account', 'acct_id'))",
      'PREPARE p AS SELECT name FROM bank.account',
      'GRANT SELECT ON bank.account TO PUBLIC',
      'REFRESH MATERIALIZED VIEW bank.account_read',
      'CREATE TRIGGER t BEFORE INSERT ON bank.account EXECUTE FUNCTION pg_temp.leak()',
      'CREATE RULE r AS ON SELECT TO bank.account DO INSTEAD SELECT 1',
      'CREATE POLICY mine ON bank.account USING (true)',
      'CREATE STATISTICS s ON name, tax_no FROM bank.account',
      'ANALYZE VERBOSE bank.account',
    ];
    let refused = 0;
    for (const query of queries) {
      const before = heard.length;
      const said = await reader.query(query).then(
        (result) => JSON.stringify([result].flat().map(({ rows }) => rows)),
        (error: pg.DatabaseError) => {
          refused++;
          return JSON.stringify({ ...error, message: error.message });
        },
      );
      expect(`${said} ${heard.slice(before).join(' ')}`, query).not.toMatch(secrets);
      await reader.query('RESET row_security');
    }
    expect(refused).toBeGreaterThan(40); // they were asked, and not misspelt
    expect(heard.some((text) => text === 'leak ***')).toBe(true); // the function does hear what the view shows
    // the same patterns do find what is there
    expect(JSON.stringify(await db.query('SELECT * FROM bank.account LIMIT 5'))).toMatch(secrets);
  });
});
