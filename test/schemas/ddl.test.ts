/**
 * CREATE TABLE, taken by real databases: every layout of the oracle and of the parity test, in every form; and values that
 * come back as they went in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import {
  Copybook,
  type DdlOptions,
  type DecodeOptions,
  type OverpunchError,
  createStatements,
  ddl,
  ddlTables,
} from '../../src/index.js';
import type { ColumnType } from '../../src/schemas/column.js';
import { type Case, linesOf, oracleCases, randomCase } from './cases.js';
import { DATABASES, inPostgres } from './databases.js';
import { type Rows, fill } from './fill.js';

const postgres = DATABASES.find(({ dialect }) => dialect === 'postgres')!;

const scriptOf = (items: string, options: DdlOptions & DecodeOptions): string =>
  ddl(Copybook.parse(`01 R. ${items}`, { format: 'free' }).layout, options);

/** Names that COBOL allows, and values of 88 levels, that SQL is hard on. */
const HARD = `05 SELECT-X PIC 9(4) COMP. 05 ORDER PIC X(3). 88 IT-S VALUE 'O''K' 'A\\'. 88 DASH VALUE '--;'.
  05 USER PIC S9(5)V9(3). 88 ZERO-ISH VALUE 0 -1.5 THRU +2. 05 BIG PIC S9(36)V99. 05 LETTER PIC X. 88 CAPITAL VALUE 'A' THRU 'Z'.
  05 FRACTION PIC VP(31)9(2). 05 LONG-TEXT PIC X(9000). 05 T PIC X(20) OCCURS 3. 05 MORE-TEXT PIC X(900) OCCURS 40.
  05 KIND PIC X(4). 88 A-KIND VALUE 'A' 'BC' SPACES 'it''s'. 05 A. 10 B PIC 9. 05 PKEY OCCURS 2. 10 KIND PIC X. 88 Y VALUE 'Y'.`;

/** Every form of a layout's tables. */
function forms(dialect: DdlOptions['dialect'], hasArrays: boolean): DdlOptions[] {
  return (['array', 'json', 'tables'] as const)
    .filter((occurs) => hasArrays || occurs !== 'array')
    .flatMap((occurs) => (['comment', 'enforce', 'enum'] as const).map((checks) => ({ dialect, occurs, checks })));
}

describe.each(DATABASES)('$dialect', ({ dialect, missing, run }) => {
  const all = forms(dialect, dialect === 'postgres' || dialect === 'duckdb');
  // MariaDB takes its time over every table
  const formsEach = dialect === 'mysql' ? 1 : 2;
  const scripts = (cases: readonly Case[]): string[] =>
    cases.flatMap(({ copybook, options }, n) =>
      Array.from({ length: formsEach }, (_, k) => ddl(copybook.layout, { ...options, ...all[(n + k) % all.length]! })),
    );

  test.skipIf(missing)('takes the layouts of the oracle', { timeout: 180_000 }, async () => {
    const cases = oracleCases(20);
    expect(cases.length).toBeGreaterThan(25);
    await run(scripts(cases));
  });

  test.skipIf(missing)('takes random layouts', { timeout: 180_000 }, async () => {
    const cases = Array.from({ length: 40 }, (_, n) => randomCase(n, 1));
    const apart = cases.flatMap(({ copybook, options }) => {
      try {
        return [ddl(copybook.layout, { ...options, dialect, redefines: 'tables' })];
      } catch (error) {
        // no condition says which records are which
        if ((error as OverpunchError).code === 'OVP_OPTION_REDEFINES') return [];
        throw error;
      }
    });
    expect(apart.length).toBeGreaterThan(10);
    await run([...scripts(cases.slice(0, 15 * formsEach)), ...apart.slice(0, 10 * formsEach)]);
  });

  test.skipIf(missing)('takes names and values that need quotes, in every form, twice if it may be there', async () => {
    const once = all.flatMap((form) => [
      scriptOf(HARD, form),
      scriptOf(HARD, { ...form, key: ['SELECT-X', 'ORDER'], notNull: ['USER'] }),
    ]);
    const twice = all.map((form) => scriptOf(HARD, { ...form, ifNotExists: true })).map((script) => script + script);
    await run([...once, ...twice]);
  });

  test.skipIf(missing)('refuses what 88 levels do not name, where that is enforced', async () => {
    const items = "05 S PIC X(2). 88 ONE VALUE 'A' 'B'. 05 N PIC 9V9. 88 SOME VALUE 0.5.";
    for (const checks of ['enforce', 'enum'] as const) {
      const script = scriptOf(items, { dialect, checks });
      await run([
        `${script} INSERT INTO r VALUES ('A', '0.5'), (NULL, NULL);`.replace(
          "'0.5'",
          dialect === 'sqlite' ? "'0.5'" : '0.5',
        ),
      ]);
      await expect(run([`${script} INSERT INTO r VALUES ('C', NULL);`])).rejects.toThrow();
      await expect(run([`${script} INSERT INTO r VALUES (NULL, '0.7');`])).rejects.toThrow();
    }
    await run([`${scriptOf(items, { dialect })} INSERT INTO r VALUES ('C', '0.7');`]);
  });
});

test('Db2, which is never executed here', () => {
  const items =
    '05 ID PIC 9(4). 05 NAME PIC X(20). 88 NOBODY VALUE SPACES. 05 BIG PIC 9(36). 05 T PIC S9(3)V99 OCCURS 2.';
  expect(scriptOf(items, { dialect: 'db2', occurs: 'tables', key: ['ID'], checks: 'enforce', schema: 'bank' })).toBe(
    `CREATE TABLE "BANK"."R" (
  "ID" INTEGER NOT NULL,
  "NAME" VARCHAR(20 CODEUNITS32),
  "BIG" VARCHAR(39),
  CONSTRAINT "R_PKEY" PRIMARY KEY ("ID"),
  CONSTRAINT "R_NAME_CHECK" CHECK ("NAME" IN (''))
);
COMMENT ON TABLE "BANK"."R" IS 'R: 70 bytes';
COMMENT ON COLUMN "BANK"."R"."ID" IS 'R.ID PIC 9(4)';
COMMENT ON COLUMN "BANK"."R"."NAME" IS 'R.NAME PIC X(20); 88 NOBODY SPACE';
COMMENT ON COLUMN "BANK"."R"."BIG" IS 'R.BIG PIC 9(36)';
CREATE TABLE "BANK"."R_T" (
  "ID" INTEGER NOT NULL,
  "T_NO" INTEGER NOT NULL,
  "T" DECIMAL(5,2),
  CONSTRAINT "R_T_PKEY" PRIMARY KEY ("ID", "T_NO"),
  CONSTRAINT "R_T_FKEY" FOREIGN KEY ("ID") REFERENCES "BANK"."R" ("ID") ON DELETE CASCADE
);
COMMENT ON TABLE "BANK"."R_T" IS 'R.T PIC S9(3)V99, occurs 2: one row an item';
COMMENT ON COLUMN "BANK"."R_T"."ID" IS 'R.ID PIC 9(4)';
COMMENT ON COLUMN "BANK"."R_T"."T_NO" IS 'number of the item in R.T';
COMMENT ON COLUMN "BANK"."R_T"."T" IS 'R.T PIC S9(3)V99, occurs 2';
`,
  );
});

describe('what a database can not do', () => {
  test.each([
    ['05 T PIC X OCCURS 2.', { dialect: 'mysql', occurs: 'array' }, /mysql has no arrays.*\n.*'json' or 'tables'/],
    ['05 T PIC X.', { dialect: 'db2', ifNotExists: true }, /not every version of db2/],
    ['05 T PIC X(900).', { dialect: 'mysql', key: ['T'] }, /R\.T is too long for a key of mysql/],
    [
      Array.from({ length: 1601 }, (_, n) => `05 F${n} PIC 9.`).join(' '),
      { dialect: 'postgres' },
      /table r would have 1601 columns; postgres takes 1600/,
    ],
  ] as const)('%.40s', (items, options, message) => {
    expect(() => scriptOf(items, options)).toThrow(message);
  });
});

/** A value from either side, so that it can be compared: exact numbers as text, floats as the double that they are. */
function plain(value: unknown, type: ColumnType): unknown {
  if (value === null) return null;
  switch (type.type) {
    case 'json':
      return value;
    case 'array':
      return (value as unknown[]).map((one) => plain(one, type.element));
    case 'float32':
      return Math.fround(Number(value));
    case 'float64':
      return Number(value);
    default:
      return String(value);
  }
}

describe.skipIf(postgres.missing)('values of random layouts', () => {
  test.each(['array', 'json', 'tables'] as const)(
    'come back from PostgreSQL as they went in (%s)',
    { timeout: 120_000 },
    async (occurs) => {
      await inPostgres(async (client) => {
        let seen = 0;
        for (let seed = 200; seed < 230; seed++) {
          const one = randomCase(seed, 6);
          const options = { ...one.options, dialect: 'postgres', occurs } as const;
          const tables = ddlTables(one.copybook.layout, options);
          if (tables.some(({ columns }) => columns.length > 1600)) continue;
          await client.query('BEGIN');
          for (const statement of createStatements(tables, options)) await client.query(statement);
          const rows: Rows = new Map();
          const lines = await linesOf(one, { names: 'snake' });
          // PostgreSQL has no U+0000
          lines.forEach((line, n) => !line.includes('\\u0000') && fill(rows, tables, JSON.parse(line), n + 1));
          for (const [table, all] of rows) {
            const marks = table.columns.map((_, n) => `$${n + 1}`).join(', ');
            const shown = table.columns.map(({ name, type }) => {
              const cast =
                type.type === 'json'
                  ? ''
                  : type.type === 'array'
                    ? '::text[]'
                    : type.type.startsWith('float')
                      ? ''
                      : '::text';
              return `"${name}"${cast}`;
            });
            for (const values of all) {
              const given = values.map((value, n) =>
                value !== null && table.columns[n]!.type.type === 'json' ? JSON.stringify(value) : value,
              );
              await client.query(`INSERT INTO "${table.name}" VALUES (${marks})`, given);
            }
            const { rows: found } = await client.query({
              text: `SELECT ${shown.join(', ')} FROM "${table.name}"`,
              rowMode: 'array',
            });
            const place = `${one.name}\n${table.name}`;
            const back = (found as unknown[][]).map((values) =>
              values.map((value, n) => plain(value, table.columns[n]!.type)),
            );
            expect(back, place).toEqual(
              all.map((values) => values.map((value, n) => plain(value, table.columns[n]!.type))),
            );
            seen += found.length;
          }
          await client.query('ROLLBACK');
        }
        expect(seen).toBeGreaterThan(100);
      });
    },
  );
});
