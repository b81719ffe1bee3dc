/**
 * Loads a file into a DuckDB file: one transaction that reads it with the extension, on all processors, so that all of it is
 * there or nothing, and once. A process that is killed leaves a file as it was before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { OverpunchError } from '../errors.js';
import type { Fault } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { isNamed, splitName } from '../plan/names.js';
import { itemOf } from '../plan/schema.js';
import { fingerprintOf } from '../sinks/fingerprint.js';
import { type Dataset, type OpenDataset, openDataset, readCopybook, sqlName, sqlText } from './dataset.js';
import { Duckdb, type DuckdbOptions, sqlError } from './extension.js';
import { faultsOf } from './scans.js';

export interface DuckdbLoadOptions extends DuckdbOptions {
  /** Name of the table; default the record's. It is made where there is none, with the types that SQL over the file has. */
  readonly table?: string | undefined;
  /** Schema of the table; default `main`. */
  readonly schema?: string | undefined;
  /** As in PostgreSQL: `append` (default), `truncate`, `upsert` by the key: of several records with one the last counts. */
  readonly mode?: 'append' | 'truncate' | 'upsert' | undefined;
  /** Items of the record that are the primary key of a table that is made, and the key of an upsert. */
  readonly key?: readonly string[] | undefined;
  /** The same file once more. */
  readonly again?: boolean | undefined;
  /** Bad values that are listed in overpunch.reject; default a million. */
  readonly maxRejects?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DuckdbLoadResult {
  /** Number of the load in overpunch.load. */
  readonly load: number;
  readonly table: string;
  readonly rows: number;
  readonly badValues: number;
}

const CONTROL = [
  'CREATE SCHEMA IF NOT EXISTS target.overpunch',
  `CREATE TABLE IF NOT EXISTS target.overpunch.load (id BIGINT PRIMARY KEY, target VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL,
     file VARCHAR NOT NULL, bytes BIGINT NOT NULL, mode VARCHAR NOT NULL, again BOOLEAN NOT NULL, rows BIGINT NOT NULL,
     bad_values BIGINT NOT NULL, started TIMESTAMPTZ NOT NULL, finished TIMESTAMPTZ NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS target.overpunch.reject (load BIGINT NOT NULL, record BIGINT NOT NULL, byte_offset BIGINT NOT NULL,
     field VARCHAR NOT NULL, reason VARCHAR NOT NULL, hex VARCHAR NOT NULL)`,
];

/**
 * Loads a data set's file into the DuckDB file at `path`, which is made where there is none.
 * @throws OverpunchError OVP_OPTION_LOADED, OVP_OPTION_KEY, OVP_OPTION_SQL, OVP_IO_* and what reading throws; nothing is then changed
 */
export async function loadDuckdb(
  path: string,
  dataset: Dataset,
  options: DuckdbLoadOptions = {},
): Promise<DuckdbLoadResult> {
  const opened = await openDataset({ ...dataset, maxFaults: options.maxRejects ?? 1_000_000 });
  const file = await fingerprintOf(opened.path, options.signal);
  const duckdb = await Duckdb.open(options);
  const stop = (): void => duckdb.interrupt();
  options.signal?.addEventListener('abort', stop);
  try {
    const connection = await duckdb.connect();
    await connection.run(`ATTACH ${sqlText(path)} AS target`);
    await connection.run('BEGIN TRANSACTION');
    const result = await insert(connection, opened, file, options);
    await file.check();
    options.signal?.throwIfAborted();
    await connection.run('COMMIT');
    await connection.run('DETACH target');
    return result;
  } catch (error) {
    throw sqlError(error); // closing undoes what was not committed
  } finally {
    options.signal?.removeEventListener('abort', stop);
    duckdb.close();
  }
}

interface File {
  readonly sha256: string;
  readonly bytes: number;
}

async function insert(
  connection: DuckDBConnection,
  dataset: OpenDataset,
  { sha256, bytes }: File,
  options: DuckdbLoadOptions,
): Promise<DuckdbLoadResult> {
  const { mode = 'append', schema = 'main', again = false } = options;
  const rows = async (text: string): Promise<Record<string, unknown>[]> =>
    (await connection.runAndReadAll(text)).getRowObjectsJS();
  const title = options.table ?? dataset.layout.file?.name ?? dataset.layout.records[0]!.name;
  const name = options.table ?? (title.toLowerCase().replaceAll('-', '_') || 'record');
  const table = `target.${sqlName(schema)}.${sqlName(name)}`;
  const shown = `${sqlName(schema)}.${sqlName(name)}`;
  const [{ started }] = (await rows('SELECT now()::VARCHAR AS started')) as [{ started: string }];
  for (const statement of CONTROL) await connection.run(statement);
  const known = `target = ${sqlText(shown)} AND fingerprint = ${sqlText(`sha256:${sha256}`)}`;
  const [done] = await rows(`SELECT * FROM target.overpunch.load WHERE ${known} ORDER BY id DESC LIMIT 1`);
  if (done && !again) {
    throw new OverpunchError(
      'OVP_OPTION_LOADED',
      `${done.file} was loaded into ${shown}: ${done.rows} rows (load ${done.id})`,
      { hint: 'To load it once more say --again.' },
    );
  }
  const source = readCopybook(dataset);
  const key = keyOf(dataset, options.key ?? []).map(sqlName);
  if (mode === 'upsert' && key.length === 0) throw new OverpunchError('OVP_OPTION_KEY', 'An upsert needs a key');
  const columns = await rows(`DESCRIBE SELECT * FROM ${source}`);
  const own = columns.map(({ column_name, column_type }) => `${sqlName(String(column_name))} ${column_type}`);
  const constraint = key.length > 0 ? [`PRIMARY KEY (${key.join(', ')})`] : [];
  await connection.run(`CREATE SCHEMA IF NOT EXISTS target.${sqlName(schema)}`);
  await connection.run(`CREATE TABLE IF NOT EXISTS ${table} (${[...own, ...constraint].join(', ')})`);
  if (mode === 'truncate') await connection.run(`DELETE FROM ${table}`);
  const others = columns.map(({ column_name }) => sqlName(String(column_name))).filter((one) => !key.includes(one));
  const sets = others.map((one) => `${one} = excluded.${one}`).join(', ');
  const conflict =
    mode === 'upsert' ? ` ON CONFLICT (${key.join(', ')}) DO ${sets ? `UPDATE SET ${sets}` : 'NOTHING'}` : '';
  const from =
    mode === 'upsert'
      ? `SELECT * EXCLUDE (_record) FROM ${readCopybook(dataset, ', record_number := true')}
           QUALIFY row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY _record DESC) = 1`
      : `SELECT * FROM ${source}`;
  await connection.run(`INSERT INTO ${table} BY NAME ${from}${conflict}`);
  const [scan] = await rows('SELECT scan, records, bad_values FROM overpunch_scans() ORDER BY scan DESC LIMIT 1');
  const [{ id }] = (await rows('SELECT coalesce(max(id), 0) + 1 AS id FROM target.overpunch.load')) as [{ id: bigint }];
  const { records, bad_values } = scan as { records: bigint; bad_values: bigint };
  await connection.run(
    `INSERT INTO target.overpunch.load VALUES (${id}, ${sqlText(shown)}, ${sqlText(`sha256:${sha256}`)}, ${sqlText(dataset.path)},
       ${bytes}, ${sqlText(mode)}, ${again}, ${records}, ${bad_values}, ${sqlText(started)}::TIMESTAMPTZ, now())`,
  );
  if (bad_values > 0) {
    const faults = await rows(`FROM overpunch_faults() WHERE scan = ${scan!.scan} ORDER BY record`);
    await reject(
      connection,
      id,
      faults.map((row) => faultsOf(row as never, dataset)),
    );
  }
  return { load: Number(id), table: shown, rows: Number(records), badValues: Number(bad_values) };
}

/** Names of the columns of these items. */
function keyOf({ layout, options }: OpenDataset, names: readonly string[]): string[] {
  const { children } = compileOnce(layout, { ...options, text: 'utf8' }).schema;
  return names.map((name) => {
    const path = splitName(name);
    const found = children.filter((node) => node.node === 'field' && isNamed(itemOf(node)!, path));
    if (found.length === 1) return found[0]!.keys[options.names ?? 'snake'];
    throw new OverpunchError(
      'OVP_OPTION_KEY',
      `key: ${name} is no single field of the record (not in a group or table)`,
    );
  });
}

const PART = 10_000;

async function reject(connection: DuckDBConnection, load: bigint, faults: readonly Fault[]): Promise<void> {
  const form = '[{"record":"BIGINT","offset":"BIGINT","field":"VARCHAR","reason":"VARCHAR","hex":"VARCHAR"}]';
  for (let at = 0; at < faults.length; at += PART) {
    const json = sqlText(JSON.stringify(faults.slice(at, at + PART)));
    await connection.run(
      `INSERT INTO target.overpunch.reject SELECT ${load}, r.record, r."offset", r.field, r.reason, r.hex
         FROM (SELECT unnest(from_json(${json}, ${sqlText(form)})) AS r)`,
    );
  }
}
