/**
 * The DuckDB extension as a file of this package, and databases that have it loaded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { packageRoot, platformTag } from '../engine/native.js';
import { OverpunchError } from '../errors.js';
import { loadPeer } from '../peer.js';
import { sqlText } from './dataset.js';

/** Where the extension may be: built here, or brought by the package. The file's name is part of DuckDB's rules. */
function candidates(): string[] {
  const root = packageRoot() ?? '.';
  const name = 'overpunch.duckdb_extension';
  return [join(root, 'build', 'duckdb', name), join(root, 'prebuilds', platformTag(), name)];
}

/**
 * The path of the extension, for any DuckDB that loads unsigned extensions: `LOAD '...'`. In OVERPUNCH_DUCKDB_EXTENSION another
 * one can be named.
 * @throws OverpunchError OVP_IO_EXTENSION where there is none for this platform
 */
export function duckdbExtension(): string {
  const own = process.env.OVERPUNCH_DUCKDB_EXTENSION;
  const found = (own ? [own] : candidates()).find((path) => existsSync(path));
  if (found) return found;
  throw new OverpunchError(
    'OVP_IO_EXTENSION',
    own ? `There is no DuckDB extension ${own}` : 'The DuckDB extension was not built for this platform',
    { hint: 'It needs a C compiler only: node scripts/duckdb-extension.mjs in the folder of overpunch builds it.' },
  );
}

export interface DuckdbOptions {
  /** Threads of the database; default one a processor. */
  readonly threads?: number | undefined;
  /** Most memory that the database takes, as DuckDB writes it: `700MB`. */
  readonly memory?: string | undefined;
}

/** A DuckDB in memory that has the extension; connections to it are closed by {@link close}. */
export class Duckdb {
  private readonly connections = new Set<DuckDBConnection>();

  private constructor(private readonly instance: DuckDBInstance) {}

  /** @throws OverpunchError OVP_IO_PEER, OVP_IO_EXTENSION */
  static async open({ threads, memory }: DuckdbOptions = {}): Promise<Duckdb> {
    const { DuckDBInstance } = await loadPeer('SQL', '@duckdb/node-api', '1', () => import('@duckdb/node-api'));
    const extension = duckdbExtension();
    const settings: Record<string, string> = {
      allow_unsigned_extensions: 'true',
      // what does not fit into memory: by default a folder .tmp where one happens to be
      temp_directory: join(tmpdir(), `overpunch-duckdb-${process.pid}`),
    };
    if (threads !== undefined) settings.threads = String(threads);
    if (memory !== undefined) settings.memory_limit = memory;
    const duckdb = new Duckdb(await DuckDBInstance.create(':memory:', settings));
    const connection = await duckdb.connect();
    try {
      await connection.run(`LOAD ${sqlText(extension)}`);
    } catch (cause) {
      duckdb.close();
      throw new OverpunchError('OVP_IO_EXTENSION', `The DuckDB extension ${extension} can't be loaded: ${cause}`, {
        cause,
      });
    }
    duckdb.disconnect(connection);
    return duckdb;
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    this.connections.add(connection);
    return connection;
  }

  disconnect(connection: DuckDBConnection): void {
    if (this.connections.delete(connection)) connection.closeSync();
  }

  interrupt(): void {
    for (const connection of this.connections) connection.interrupt();
  }

  close(): void {
    this.interrupt();
    for (const connection of this.connections) this.disconnect(connection);
    this.instance.closeSync();
  }
}

/** What DuckDB threw, as an error of ours: the extension's begin with their code, all others are of the query. */
export function sqlError(cause: unknown): unknown {
  if (cause instanceof OverpunchError || !(cause instanceof Error)) return cause;
  const [, code, message] = /(OVP_[A-Z]+_[A-Z0-9_]+): ([\s\S]*)/.exec(cause.message) ?? [];
  if (!code) return new OverpunchError('OVP_OPTION_SQL', cause.message.trim(), { cause });
  return new OverpunchError(code as OverpunchError['code'], message!.trim(), { cause });
}
