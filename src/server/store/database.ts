/**
 * The database of a catalog: SQLite in a file, or PostgreSQL. Kysely writes the queries of both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { chmod, stat } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { OverpunchError } from '../../errors.js';
import { loadPeers } from '../../peer.js';
import { Address } from '../../sinks/address.js';
import { configOf } from '../../sinks/postgres/connection.js';
import { passwordFrom } from '../../sinks/secret.js';
import { type StoreAddress, shownAddress } from './address.js';
import { migrations } from './migrations.js';
import type { Tables } from './tables.js';

/** PostgreSQL has the tables in a schema of their own. */
const SCHEMA = 'overpunch_catalog';

export interface Database {
  readonly db: Kysely<Tables>;
  /** What is written often and may be lost when the machine fails; SQLite does not wait for the disk then. */
  readonly lazy: Kysely<Tables>;
  /** One after the other where the database has one writer: two of this process that waited for each other would wait for long. */
  turn<T>(action: () => Promise<T>): Promise<T>;
  /** SQLite's own count of commits by others; null where there is none. */
  commits(): number | null;
  close(): Promise<void>;
}

/**
 * Opens it, its tables as this version wants them.
 * @param create makes them where there are none
 * @throws OverpunchError OVP_IO_PEER, OVP_IO_CATALOG, OVP_IO_DATABASE, OVP_OPTION_URL
 */
export async function openDatabase(address: StoreAddress, create = false): Promise<Database> {
  const made = address.dialect === 'sqlite' ? await openSqlite(address, create) : await openPostgres(address);
  try {
    await migrate(made, address, create);
  } catch (cause) {
    await made.close().catch(() => {});
    throw failure(address, cause);
  }
  return made;
}

/** What the database said, without passwords. */
export function failure({ at }: StoreAddress, cause: unknown): OverpunchError {
  const address = new Address(at, [process.env.PGPASSWORD, passwordFrom()]);
  return address.error('OVP_IO_DATABASE', 'The catalog', cause);
}

async function openSqlite(address: StoreAddress, create: boolean): Promise<Database> {
  const { kysely, Sqlite } = await loadPeers(
    'A catalog in SQLite',
    { kysely: '0.28', 'better-sqlite3': '12' },
    async () => {
      const [loaded, sqlite] = await Promise.all([import('kysely'), import('better-sqlite3')]);
      return { kysely: loaded, Sqlite: sqlite.default };
    },
  );
  const isThere = await stat(address.at).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isThere && !create) throw noCatalog(address);
  const open = (synchronous: 'FULL' | 'NORMAL') => {
    const database = new Sqlite(address.at, { fileMustExist: !create });
    database.pragma('journal_mode = WAL');
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma('foreign_keys = ON');
    database.pragma('trusted_schema = OFF');
    return database;
  };
  try {
    const database = open('FULL');
    // hashes of keys and who did what are nobody else's business
    if (!isThere) await chmod(address.at, 0o600);
    const db = new kysely.Kysely<Tables>({ dialect: new kysely.SqliteDialect({ database }) });
    const lazy = new kysely.Kysely<Tables>({ dialect: new kysely.SqliteDialect({ database: open('NORMAL') }) });
    let last: Promise<unknown> = Promise.resolve();
    return {
      db,
      lazy,
      turn: (action) => {
        const next = last.then(action);
        last = next.catch(() => {});
        return next;
      },
      commits: () => database.pragma('data_version', { simple: true }) as number,
      close: async () => {
        await lazy.destroy();
        await db.destroy();
      },
    };
  } catch (cause) {
    throw failure(address, cause);
  }
}

async function openPostgres(address: StoreAddress): Promise<Database> {
  const { kysely, pg } = await loadPeers('A catalog in PostgreSQL', { kysely: '0.28', pg: '8' }, async () => {
    const [loaded, { default: driver }] = await Promise.all([import('kysely'), import('pg')]);
    return { kysely: loaded, pg: driver };
  });
  const settings = { max: 4, connectionTimeoutMillis: 10_000, options: `-c search_path=${SCHEMA}` };
  const pool = new pg.Pool({ ...configOf({ url: address.at }), ...settings });
  pool.on('error', () => {}); // a connection that was idle: the next query gets another
  const db = new kysely.Kysely<Tables>({ dialect: new kysely.PostgresDialect({ pool }) });
  return { db, lazy: db, turn: (action) => action(), commits: () => null, close: () => db.destroy() };
}

async function migrate({ db }: Database, address: StoreAddress, create: boolean): Promise<void> {
  const { Migrator, sql } = await import('kysely');
  const isPostgres = address.dialect === 'postgres';
  if (create && isPostgres) await sql`create schema if not exists ${sql.id(SCHEMA)}`.execute(db);
  const tables = await db.introspection.getTables();
  const isThere = tables.some(({ name, schema }) => name === 'copybook_versions' && (!isPostgres || schema === SCHEMA));
  if (!create && !isThere) throw noCatalog(address);
  const all = migrations({ dialect: address.dialect, sql: (text) => sql.raw(text) });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => all },
    migrationTableName: 'overpunch_migration',
    migrationLockTableName: 'overpunch_migration_lock',
    ...(isPostgres && { migrationTableSchema: SCHEMA }),
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  if (/corrupted migrations/.test(String(error)))
    throw new OverpunchError('OVP_IO_CATALOG', `The catalog ${shownAddress(address)} is one of a newer Overpunch`);
  throw error;
}

const noCatalog = (address: StoreAddress): OverpunchError =>
  new OverpunchError('OVP_IO_CATALOG', `There is no catalog in ${shownAddress(address)}`, {
    hint: 'overpunch catalog init makes one.',
  });
