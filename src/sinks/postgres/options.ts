/**
 * What loading into PostgreSQL can be told, and what it answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { EngineChoice } from '../../options.js';
import type { TableOptions } from '../../schemas/table.js';
import type { NulPolicy } from './columns.js';
import type { ConnectionOptions } from './connection.js';

export interface PostgresOptions extends ConnectionOptions, Pick<TableOptions, 'table' | 'occurs' | 'names'> {
  /** The database's schema that the tables are in; default `public`. */
  readonly schema?: string | undefined;
  /** `append` (default): rows are added. `truncate`: they replace all others. `upsert`: they replace those with the same key. */
  readonly mode?: 'append' | 'truncate' | 'upsert' | undefined;
  /** Items that are the key; needed by `upsert`, and the primary key of a table that is made. */
  readonly key?: readonly string[] | undefined;
  /** What becomes of U+0000 in text, which PostgreSQL can't store. Default `reject`: its row is not loaded, and listed. */
  readonly nul?: NulPolicy | undefined;
  /** Connections that stage rows at a time; default 2. */
  readonly workers?: number | undefined;
  /** Bytes of tuples that one transaction stages, about; default 16 MB. */
  readonly rangeBytes?: number | undefined;
  /** The file, so that a load goes on where it stopped and happens once; without it a load that fails is undone. */
  readonly file?: LoadedFile | undefined;
  /** Whether a file's rows that were staged are kept when the load fails, for it to go on with later; asked then. Default: they are. */
  readonly keeps?: (() => boolean) | undefined;
  /** The same file once more. */
  readonly again?: boolean | undefined;
  /** Everything but writing. */
  readonly dryRun?: boolean | undefined;
  readonly engine?: EngineChoice | undefined;
}

export interface LoadedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Everything that says what the bytes mean and which of them are read. */
  readonly meaning: string;
  /** Throws where the file has changed meanwhile; called before the rows are moved. */
  check(): Promise<void>;
}

/** What a load came to. */
export interface LoadResult {
  /** Number of the load in overpunch.load; null for a dry run. */
  readonly load: string | null;
  /** The record's table, quoted. */
  readonly table: string;
  readonly isResumed: boolean;
  /** Rows of the record's table that were staged, and what became of them. */
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  /** Rows of an upsert whose key came again further on in the file. */
  readonly superseded: number;
  /** Rows that could not be stored. */
  readonly rejected: number;
  readonly badValues: number;
  /** The statements that made the tables; empty where they were there. */
  readonly created: readonly string[];
}
