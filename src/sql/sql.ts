/**
 * SQL over mainframe files where they lie: a DuckDB in memory with a view for each data set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OverpunchError } from '../errors.js';
import type { Fault, ValueOptions } from '../options.js';
import { type Dataset, type OpenDataset, openDataset, readCopybook, sqlName, sqlText } from './dataset.js';
import { Duckdb, type DuckdbOptions, sqlError } from './extension.js';
import { type ParquetOptions, compressionAs } from './parquet.js';
import { type Scan, faultsOf, scansOf } from './scans.js';
import { type SqlRow, type SqlValue, valuesShown } from './values.js';

export interface SqlOptions extends DuckdbOptions, Pick<ValueOptions, 'decimals'> {}

/**
 * Opens data sets for SQL: `const db = await sql({ accounts: { data: 'acct.dat', copybook: 'acct.cpy' } })`. Nothing is read
 * of them before a query. Needs the package @duckdb/node-api. To be closed.
 * @throws OverpunchError OVP_IO_PEER, OVP_IO_EXTENSION, OVP_SYNTAX_*, OVP_LAYOUT_*, OVP_OPTION_*
 */
export async function sql(datasets: Readonly<Record<string, Dataset>>, options: SqlOptions = {}): Promise<Database> {
  const opened: [string, OpenDataset][] = [];
  for (const [name, dataset] of Object.entries(datasets)) opened.push([name, await openDataset(dataset)]);
  const duckdb = await Duckdb.open(options);
  try {
    const connection = await duckdb.connect();
    for (const [name, dataset] of opened)
      await connection.run(`CREATE VIEW ${sqlName(name)} AS SELECT * FROM ${readCopybook(dataset)}`);
    duckdb.disconnect(connection);
  } catch (error) {
    duckdb.close();
    throw sqlError(error);
  }
  return new Database(duckdb, new Map(opened), options);
}

export class Database {
  private isClosed = false;

  /** Made by {@link sql}. */
  constructor(
    private readonly duckdb: Duckdb,
    private readonly datasets: ReadonlyMap<string, OpenDataset>,
    private readonly options: SqlOptions,
  ) {}

  /** A query, which runs when its rows are asked for. Several may run at a time. */
  query(text: string): SqlQuery {
    if (this.isClosed) throw new OverpunchError('OVP_IO_CLOSED', 'The database was closed');
    return new SqlQuery(this.duckdb, text, this.options);
  }

  /**
   * Writes the rows of one SELECT to a Parquet file: their order is kept where the query says one, decimals and nested types
   * always. `path` is there at the end or, if that fails, as it was.
   */
  async toParquet(
    text: string,
    path: string,
    options: Pick<ParquetOptions, 'compression' | 'level'> = {},
  ): Promise<void> {
    const target = resolve(path);
    const partial = `${target}.${process.pid}.partial`;
    const select = text.trim().replace(/;+$/, '');
    const how = `FORMAT parquet, ${compressionAs(options.compression ?? 'zstd', options.level)}`;
    try {
      await this.query(`COPY (${select}\n) TO ${sqlText(partial)} (${how})`).rows();
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /** Stops all queries that are running: each ends with an error. */
  interrupt(): void {
    this.duckdb.interrupt();
  }

  /** What queries have read of which file so far, and how many values were bad there: only columns that were read count. */
  async scans(): Promise<Scan[]> {
    return (await this.query('FROM overpunch_scans()').rows()).map(scansOf);
  }

  /** Bad values that queries have met, the first 1,000 (`maxFaults`) of each scan. */
  async faults(): Promise<(Fault & { readonly scan: number })[]> {
    const paths = new Map((await this.scans()).map(({ scan, file }) => [scan, file]));
    const rows = await this.query('FROM overpunch_faults() ORDER BY scan, record, "offset"').rows();
    return rows.map((row) => {
      const dataset = [...this.datasets.values()].find(({ path }) => path === paths.get(row.scan as number));
      return { scan: row.scan as number, ...faultsOf(row, dataset) };
    });
  }

  async close(): Promise<void> {
    if (!this.isClosed) this.duckdb.close();
    this.isClosed = true;
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
    await this.close();
  }
}

/** Some rows of a result. */
export interface SqlChunk {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** A query and its rows. It can be iterated once. */
export class SqlQuery implements AsyncIterable<SqlRow> {
  constructor(
    private readonly duckdb: Duckdb,
    private readonly text: string,
    private readonly options: SqlOptions,
  ) {}

  /** Rows as objects. @throws OverpunchError OVP_OPTION_SQL, OVP_FRAME_*, OVP_IO_*, OVP_DATA_BAD */
  async *[Symbol.asyncIterator](): AsyncGenerator<SqlRow> {
    for await (const { columns, rows } of this.chunks()) {
      for (const row of rows) yield Object.fromEntries(columns.map((name, i) => [name, row[i]!]));
    }
  }

  /** All rows. */
  async rows(): Promise<SqlRow[]> {
    const all: SqlRow[] = [];
    for await (const row of this) all.push(row);
    return all;
  }

  /** Rows as arrays, some at a time, the first time perhaps none: so the columns are known of an empty result too. */
  async *chunks(): AsyncGenerator<SqlChunk> {
    const connection = await this.duckdb.connect();
    try {
      const result = await connection.stream(this.text);
      const show = valuesShown(await import('@duckdb/node-api'), this.options);
      const columns = result.deduplicatedColumnNames();
      yield { columns, rows: [] };
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
        yield { columns, rows: chunk.getRows().map((row) => row.map(show)) };
    } catch (error) {
      throw sqlError(error);
    } finally {
      this.duckdb.disconnect(connection);
    }
  }
}
