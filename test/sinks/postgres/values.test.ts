/**
 * Every value of random layouts is in PostgreSQL what it is in objects: as the server's text, and as psycopg reads it where
 * OVERPUNCH_TEST_PYTHON names a Python that has it. `OVERPUNCH_POSTGRES=N` loads N layouts, `OVERPUNCH_SEED=S` starts at S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OverpunchError, type Row, type RowValue, open } from '../../../src/index.js';
import { compile } from '../../../src/plan/compile.js';
import type { SchemaNode } from '../../../src/plan/schema.js';
import type { TableColumn } from '../../../src/schemas/column.js';
import { type Table, tablesOf } from '../../../src/schemas/table.js';
import { load } from '../../../src/sinks/postgres/load.js';
import { type Layouted, randomFile } from '../../arrow/values.js';
import { oracleFiles } from '../../oracle/files.js';
import { whyNoJudge } from '../../oracle/judge.js';
import { type Database, SERVER, createDatabase, skipped } from './server.js';

const LAYOUTS = Number(process.env.OVERPUNCH_POSTGRES ?? 40);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const python = process.env.OVERPUNCH_TEST_PYTHON;
if (SERVER && !python)
  console.warn('test/sinks/postgres: psycopg is not asked, for OVERPUNCH_TEST_PYTHON names no Python');

type Exact = string | null | Exact[] | { json: unknown };

/** A value as read.py writes it. */
function exact(value: unknown, isFloat: boolean): Exact {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((one) => exact(one, isFloat));
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD');
  if (!isFloat) return String(value);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value as number);
  return Number.isNaN(value) ? 'nan' : bytes.toString('hex');
}

/** JSON as the library writes it of a value: what is no JSON number is a string, what is none at all null. */
const jsonOf = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)),
    (_, one) => (typeof one === 'string' ? one.replaceAll('\0', '\uFFFD') : one),
  );

/** A column's value in a row as an object. */
function columnValue({ source, type }: TableColumn, row: Row): Exact {
  if (source.from === 'json') {
    const value = down(source.nodes, row);
    return value === undefined ? null : { json: jsonOf(value) };
  }
  if (source.from === 'field') return exact(down(source.nodes, row), type.type.startsWith('float'));
  if (source.from !== 'list') throw new Error(source.from);
  const at = source.nodes.indexOf(source.list);
  const items = down(source.nodes.slice(0, at + 1), row) as RowValue[] | undefined;
  if (items === undefined) return null;
  // the element itself is in the path
  const inner = source.nodes.slice(at + 2);
  const isFloat = type.type === 'array' && type.element.type.startsWith('float');
  return items.map((item) => exact(item === null ? null : down(inner, item as Row), isFloat));
}

function down(nodes: readonly SchemaNode[], row: RowValue | Row): RowValue | undefined {
  let at = row as RowValue | undefined;
  for (const { keys } of nodes) {
    if (at === undefined || at === null) return undefined;
    at = (at as Row)[keys.camel];
  }
  return at;
}

/** The same of the server's text output (`array_to_json` of arrays, so that their elements are apart). */
function textOf({ type }: TableColumn, text: string | null): Exact {
  if (text === null) return null;
  if (type.type === 'json') return { json: JSON.parse(text) };
  const inner = (type.type === 'array' ? type.element : type).type;
  const isFloat = inner.startsWith('float');
  // a real is written with as many digits as tell it from other reals
  const number = (value: string): number => (inner === 'float32' ? Math.fround(Number(value)) : Number(value));
  const one = (value: string | null): Exact => exact(isFloat && value !== null ? number(value) : value, isFloat);
  return type.type === 'array' ? (JSON.parse(text) as (string | null)[]).map(one) : one(text);
}

/** Rows as lines, whose order counts no more (a heap puts small rows where there is room), nor does that of keys in JSON. */
function lines(rows: readonly Exact[][]): string[] {
  const sorted = (_: string, value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return rows.map((row) => JSON.stringify(row, sorted)).sort();
}

describe.skipIf(!SERVER)(`values in PostgreSQL${skipped}`, () => {
  let db: Database;
  const loaded: { table: Table; name: string; expected: Exact[][]; place: string }[] = [];

  beforeAll(async () => {
    db = await createDatabase();
  });
  afterAll(() => db?.drop());

  /** Loads a file into a table of its own and compares what the server shows; false where its layout is no table. */
  async function compare(name: string, { data, options, text }: Layouted, occurs: 'array' | 'json'): Promise<boolean> {
    const { copybook } = options;
    if (typeof copybook === 'string') throw new Error('a copybook');
    const place = `${name}\n${text}`;
    let table: Table;
    try {
      [table] = tablesOf(compile(copybook.layout, options).schema, copybook.layout, { table: name, occurs }) as [Table];
    } catch (error) {
      if (error instanceof OverpunchError && error.code === 'OVP_OPTION_CONDITION') return false;
      throw error;
    }
    if (table.columns.some(({ source }) => source.from === 'record')) return false;
    const result = await load(data, { ...options, url: db.url, table: name, occurs, nul: 'replace', workers: 1 });
    const rows: Row[] = [];
    for await (const row of open(data, options)) rows.push(row);
    expect(result, place).toMatchObject({ rows: rows.length, rejected: 0 });
    const expected = rows.map((row) => table.columns.map((column) => columnValue(column, row)));
    const shown = table.columns.map(({ name: column, type }) => {
      const quoted = `"${column}"`;
      return type.type === 'array' ? `array_to_json(${quoted}::text[])::text` : `${quoted}::text`;
    });
    const { rows: found } = await db.client.query({
      text: `SELECT ${shown.join(', ')} FROM "${name}"`,
      rowMode: 'array',
    });
    const actual = found.map((row) => table.columns.map((column, n) => textOf(column, row[n] as string | null)));
    expect(lines(actual), place).toEqual(lines(expected));
    loaded.push({ table, name, expected, place });
    return true;
  }

  it(`are those of the objects, ${LAYOUTS} layouts`, async () => {
    let count = 0;
    for (let seed = FIRST; seed < FIRST + LAYOUTS; seed++)
      if (await compare(`t${seed}`, randomFile(seed * 11 + 3, 60), seed % 3 === 0 ? 'json' : 'array')) count++;
    expect(count).toBeGreaterThan(LAYOUTS / 2);
  }, 300_000);

  it.skipIf(whyNoJudge() !== null)("are those of the oracle's records", { timeout: 300_000 }, async () => {
    let count = 0;
    let table = 0;
    for await (const file of oracleFiles(20))
      if (await compare(`oracle${++table}`, file, table % 3 === 0 ? 'json' : 'array')) count++;
    expect(count).toBeGreaterThan(30);
  });

  it.skipIf(!python)(
    'are what psycopg reads',
    () => {
      const script = fileURLToPath(new URL('read.py', import.meta.url));
      const { stdout, stderr, status } = spawnSync(python!, [script, db.url], {
        input: loaded.map(({ name }) => `"${name}"\n`).join(''),
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      expect(status, stderr).toBe(0);
      const tables = stdout.trim().split('\n');
      loaded.forEach(({ expected, place }, n) => {
        const rows = JSON.parse(tables[n]!) as Exact[][];
        const parsed = rows.map((row) =>
          row.map((one) =>
            one !== null && typeof one === 'object' && 'json' in one ? { json: JSON.parse(one.json as string) } : one,
          ),
        );
        expect(lines(parsed), place).toEqual(lines(expected));
      });
    },
    120_000,
  );
});
