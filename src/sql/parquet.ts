/**
 * Records as a Parquet file. DuckDB writes it from the extension's vectors; every processor writes a part of the records, and
 * the parts' row groups are put behind one another, so that records keep their order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Copybook } from '../copybook.js';
import { OverpunchError } from '../errors.js';
import type { Fault, ReadOptions } from '../options.js';
import type { ReadSummary, Reader } from '../read.js';
import { type OpenDataset, readCopybook, sqlText } from './dataset.js';
import { Duckdb, sqlError } from './extension.js';
import { joinParquet } from './parquet-parts.js';
import { type Scan, faultsOf, scansOf } from './scans.js';
import type { SqlRow } from './values.js';

export type Compression = 'zstd' | 'snappy' | 'none';

export interface ParquetOptions {
  /** Default `zstd`. */
  readonly compression?: Compression;
  /** Of zstd, 1 (default) to 22: 3 makes files about 3 % smaller and takes half as long again. */
  readonly level?: number;
  /** Rows of a row group. Default: about 64 MB of records, 2,048 to 122,880. */
  readonly rowGroupRows?: number;
  /** Parts that are written at a time. Default: one a processor. */
  readonly threads?: number;
  /** Most memory that DuckDB takes. Default `700MB`. */
  readonly memory?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What writing came to. */
export interface ParquetSummary
  extends Pick<ReadSummary, 'records' | 'badValues' | 'shortRecords' | 'longRecords' | 'faults'> {
  /** Bytes of the Parquet file. */
  readonly bytes: number;
}

export const COMPRESSIONS: readonly Compression[] = ['zstd', 'snappy', 'none'];
/** DuckDB's vectors have so many rows; row groups are best made of whole ones. */
const VECTOR = 2048;
const MOST_GROUP = 122_880;
const GROUP_BYTES = 64e6;
/** Below so many bytes one part is enough. */
const SMALL = 32e6;
/** Bad values whose details are kept, of each part, where all are to be handed out. */
export const MOST_FAULTS = 1_000_000;

/**
 * Writes a reader's records to a Parquet file: `await writeParquet(open('acct.dat', { copybook }), 'acct.parquet')`. Keys are
 * columns under `names` (default snake), groups structs, tables lists, decimals of their own precision. A file is read where it
 * lies; anything else goes through a temporary file first. `path` is there at the end or, if that fails, as it was.
 * @throws OverpunchError OVP_IO_PEER, OVP_IO_EXTENSION, OVP_OPTION_*, OVP_FRAME_*, OVP_DATA_BAD
 */
export async function writeParquet(
  reader: Reader,
  path: string,
  options: ParquetOptions = {},
): Promise<ParquetSummary> {
  const { compression = 'zstd', threads = availableParallelism(), memory = '700MB' } = options;
  compressionAs(compression, options.level);
  const { rowGroupRows = VECTOR } = options;
  if (!Number.isSafeInteger(rowGroupRows) || rowGroupRows < 1) {
    throw new OverpunchError('OVP_OPTION_VALUE', `rowGroupRows can't be ${rowGroupRows}`, {
      hint: 'It is a whole number from 1 up.',
    });
  }
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw new OverpunchError('OVP_OPTION_VALUE', `threads can't be ${threads}`, {
      hint: 'It is a whole number from 1 up.',
    });
  const target = resolve(path);
  const duckdb = await Duckdb.open({ threads, memory });
  let folder: string | null = null;
  try {
    folder = await mkdtemp(join(dirname(target), `.${basename(target)}-`)).catch((cause: unknown) => {
      throw new OverpunchError('OVP_IO_OUTPUT', `${path} can't be written: ${(cause as Error).message}`, { cause });
    });
    const spool = await mkdtemp(join(tmpdir(), 'overpunch-'));
    try {
      const dataset = await datasetOf(reader, join(spool, 'records'));
      const writer = new ParquetWriter(duckdb, dataset, folder, options);
      const summary = await writer.write(compression, threads);
      await rename(writer.file, target);
      return summary;
    } finally {
      await rm(spool, { recursive: true, force: true });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw sqlError(error);
  } finally {
    duckdb.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

/** The reader's file, or one that is made of what it reads. */
async function datasetOf(reader: Reader, spool: string): Promise<OpenDataset> {
  const { input } = reader;
  const { copybook, ...read } = reader.options;
  const { layout } = typeof copybook === 'string' ? await Copybook.load(copybook) : copybook;
  const options: ReadOptions = { ...read, maxFaults: read.onFault ? MOST_FAULTS : (read.maxFaults ?? 1000) };
  if (typeof input === 'string') {
    const about = await stat(input).catch(() => null);
    if (about?.isFile()) return { path: resolve(input), layout, options };
  }
  await pipeline(Readable.from(reader.toRecords(), { objectMode: true }), createWriteStream(spool));
  const { skip: _, limit: _limit, where: _where, ...rest } = options;
  return { path: spool, layout, options: rest };
}

/** As options of COPY. @throws OverpunchError OVP_OPTION_VALUE */
export function compressionAs(compression: Compression, level = 1): string {
  if (!COMPRESSIONS.includes(compression)) {
    throw new OverpunchError('OVP_OPTION_VALUE', `compression can't be ${JSON.stringify(compression)}`, {
      hint: `It can be ${COMPRESSIONS.join(', ')}.`,
    });
  }
  if (!Number.isInteger(level) || level < 1 || level > 22)
    throw new OverpunchError('OVP_OPTION_VALUE', `level can't be ${level}`, {
      hint: 'It is a whole number from 1 to 22.',
    });
  if (compression === 'zstd') return `COMPRESSION zstd, COMPRESSION_LEVEL ${level}`;
  return `COMPRESSION ${compression === 'none' ? 'uncompressed' : compression}`;
}

class ParquetWriter {
  private readonly group: number;

  constructor(
    private readonly duckdb: Duckdb,
    private readonly dataset: OpenDataset,
    private readonly folder: string,
    private readonly options: ParquetOptions,
  ) {
    const { layout } = dataset;
    const fit = Math.floor(GROUP_BYTES / Math.max(1, (layout.length + layout.minLength) / 2) / VECTOR) * VECTOR;
    this.group = options.rowGroupRows ?? Math.min(MOST_GROUP, Math.max(VECTOR, fit));
  }

  get file(): string {
    return this.part(0);
  }

  async write(compression: Compression, threads: number): Promise<ParquetSummary> {
    const parts = await this.split(threads);
    const how = `FORMAT parquet, ${compressionAs(compression, this.options.level)}, ROW_GROUP_SIZE ${this.group}`;
    const failed = new AbortController();
    const runs = parts.map(async ({ start, count }, k) => {
      const range = `, start := ${start}${count === null ? '' : `, count := ${count}`}`;
      try {
        await this.run(
          `COPY (SELECT * FROM ${readCopybook(this.dataset, range)}) TO ${sqlText(this.part(k))} (${how})`,
          failed.signal,
        );
      } catch (error) {
        failed.abort(); // the others need not go on
        throw error;
      }
    });
    const results = await Promise.allSettled(runs);
    const wrong = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    // of several failures the one that is not an interruption
    if (wrong.length > 0) throw wrong.find((error) => !/INTERRUPT/i.test(String(error))) ?? wrong[0];
    await joinParquet(
      this.part(0),
      parts.slice(1).map((_, k) => this.part(k + 1)),
    );
    return this.summary();
  }

  private part(k: number): string {
    return join(this.folder, `${k}.parquet`);
  }

  /** Ranges of records, which are written at a time; the last has no end, so that what is wrong there is found. */
  private async split(threads: number): Promise<{ start: number; count: number | null }[]> {
    const { options, path } = this.dataset;
    const whole = [{ start: 0, count: null }];
    const isLimited = options.where !== undefined && options.limit !== undefined;
    const { size } = await stat(path);
    if (threads === 1 || isLimited || size < SMALL) return whole;
    const records = Number(
      (
        await this.run(`SELECT count(*) AS n FROM ${readCopybook({ ...this.dataset, options: uncounted(options) })}`)
      )[0]!.n,
    );
    const each = Math.ceil(records / threads / this.group) * this.group;
    const parts: { start: number; count: number | null }[] = [];
    for (let start = 0; start < records; start += each) parts.push({ start, count: each });
    if (parts.length === 0) return whole;
    parts.at(-1)!.count = null;
    return parts;
  }

  private async run(text: string, cancel?: AbortSignal): Promise<SqlRow[]> {
    const connection = await this.duckdb.connect();
    const signals = [this.options.signal, cancel].filter((signal) => signal !== undefined);
    const stop = (): void => connection.interrupt();
    try {
      for (const signal of signals) {
        signal.throwIfAborted();
        signal.addEventListener('abort', stop);
      }
      const reader = await connection.runAndReadAll(text);
      return reader.getRowObjectsJS() as SqlRow[];
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', stop);
      this.duckdb.disconnect(connection);
    }
  }

  private async summary(): Promise<ParquetSummary> {
    const scans: Scan[] = (await this.run('FROM overpunch_scans()'))
      .map(scansOf)
      .filter(({ file }) => file === this.dataset.path);
    const { maxFaults = 1000, onFault, onBadData } = this.dataset.options;
    const faults: Fault[] = [];
    if (onBadData !== 'null') {
      const rows = await this.run('FROM overpunch_faults() ORDER BY record, "offset"');
      for (const row of rows) {
        const fault = faultsOf(row, this.dataset);
        if (faults.length < maxFaults) faults.push(fault);
        onFault?.(fault);
      }
    }
    const sum = (count: (scan: Scan) => number): number => scans.reduce((all, scan) => all + count(scan), 0);
    const { n } = (await this.run(`SELECT num_rows AS n FROM parquet_file_metadata(${sqlText(this.file)})`))[0]!;
    return {
      records: Number(n),
      bytes: (await stat(this.file)).size,
      badValues: sum(({ badValues }) => badValues),
      shortRecords: sum(({ shortRecords }) => shortRecords),
      longRecords: sum(({ longRecords }) => longRecords),
      faults,
    };
  }
}

/** For counting records: those that the condition does not select count too, for ranges are of all. */
function uncounted({ where: _, ...options }: ReadOptions): ReadOptions {
  return options;
}
