/**
 * Databases that take DDL for real. DuckDB comes with the tests; PostgreSQL and MariaDB or MySQL are where
 * OVERPUNCH_TEST_POSTGRES (postgres://user@host:port/database) and OVERPUNCH_TEST_MYSQL (mysql://user@host:port/database, asked
 * by the client `mariadb`) say; SQLite is that of python3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import type { SqlDialect } from '../../src/index.js';

/** Takes scripts, each into an empty database; throws what the database says of a wrong one. */
export interface Database {
  readonly dialect: SqlDialect;
  /** Why it can't be asked here; null where it can. */
  readonly missing: string | null;
  run(scripts: readonly string[]): Promise<void>;
}

/** A schema of its own in PostgreSQL, dropped at the end. */
export async function inPostgres<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: process.env.OVERPUNCH_TEST_POSTGRES! });
  await client.connect();
  const schema = `overpunch_ddl_${process.pid}_${process.env.VITEST_POOL_ID ?? ''}`;
  try {
    await client.query(
      `DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}; SET search_path TO ${schema}`,
    );
    return await use(client);
  } finally {
    await client.query(`ROLLBACK; DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.end();
  }
}

const postgres: Database = {
  dialect: 'postgres',
  missing: process.env.OVERPUNCH_TEST_POSTGRES ? null : 'OVERPUNCH_TEST_POSTGRES is not set',
  run: (scripts) =>
    inPostgres(async (client) => {
      for (const script of scripts) {
        await client.query('BEGIN');
        await client.query(script).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${script}`)));
        await client.query('ROLLBACK');
      }
    }),
};

const duckdb: Database = {
  dialect: 'duckdb',
  missing: null,
  async run(scripts) {
    for (const script of scripts) {
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      try {
        await connection.run(script);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${script}`);
      } finally {
        connection.closeSync();
        instance.closeSync();
      }
    }
  },
};

const SQLITE = `import sys, json, sqlite3
for script in json.load(sys.stdin):
    db = sqlite3.connect(':memory:')
    db.execute('PRAGMA foreign_keys = ON')
    try: db.executescript(script)
    except sqlite3.Error as error: sys.exit(str(error) + chr(10) + script)`;

const sqlite: Database = {
  dialect: 'sqlite',
  missing: spawnSync('python3', ['-c', 'import sqlite3']).status === 0 ? null : 'there is no python3 with sqlite3',
  async run(scripts) {
    const { status, stderr } = spawnSync('python3', ['-c', SQLITE], {
      input: JSON.stringify(scripts),
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  },
};

const url = process.env.OVERPUNCH_TEST_MYSQL;

const mysql: Database = {
  dialect: 'mysql',
  missing: !url
    ? 'OVERPUNCH_TEST_MYSQL is not set'
    : spawnSync('mariadb', ['--version']).status === 0
      ? null
      : 'there is no client mariadb',
  async run(scripts) {
    const { hostname, port, username, password } = new URL(url!);
    const name = `overpunch_ddl_${process.pid}_${process.env.VITEST_POOL_ID ?? ''}`;
    const all = scripts.map(
      (script) => `DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name}; USE ${name};\n${script}`,
    );
    const args = ['-h', hostname, '-P', port || '3306', '-u', username || 'root', '--default-character-set=utf8mb4'];
    const { status, stderr } = spawnSync('mariadb', args, {
      input: `${all.join('\n')}\nDROP DATABASE ${name};\n`,
      encoding: 'utf8',
      env: { ...process.env, ...(password && { MYSQL_PWD: password }) },
    });
    if (status !== 0) throw new Error(stderr);
  },
};

export const DATABASES: readonly Database[] = [postgres, duckdb, sqlite, mysql];
for (const { dialect, missing } of DATABASES)
  if (missing) console.warn(`DDL for ${dialect} is not executed: ${missing}`);
