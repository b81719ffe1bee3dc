/**
 * Records as a Parquet file for an answer: DuckDB writes it into a private folder, it is opened and, where the system lets that, removed before
 * a byte is sent; in any case when the answer is. So many at a time, of so many bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OverpunchError } from '../../errors.js';
import type { Reader } from '../../read.js';
import { writeParquet } from '../../sql/parquet.js';
import { ServiceError } from '../problem.js';
import type { Limits } from '../service.js';
import { privateFolder, removeStale } from './privatefolder.js';

export interface ParquetAnswer {
  readonly stream: ReadStream;
  readonly bytes: number;
  readonly records: number;
  readonly badValues: number;
}

/** What DuckDB may take for one file: half of the processors, and so much memory. */
const THREADS = Math.max(1, availableParallelism() >> 1);
const MEMORY = '500MB';
const PIECE = 1 << 18;

export class ParquetFiles {
  private count = 0;
  private readonly swept = removeStale();

  constructor(private readonly limits: Limits) {}

  /**
   * @param bytes of records that go into it, at most
   * @throws ServiceError 400 where they are too many, 406 where DuckDB is not there, 503 where others are being made or sent;
   *   OverpunchError OVP_IO_ABORTED, and those of {@link writeParquet}
   */
  async make(reader: Reader, bytes: number, signal: AbortSignal): Promise<ParquetAnswer> {
    const { parquetBytes, parquetFiles } = this.limits;
    if (bytes > parquetBytes) {
      throw new ServiceError(
        400,
        'OVP_SERVER_TOO_LARGE',
        'The records are too many bytes to be made a Parquet file for a request',
        'limit',
      );
    }
    if (this.count >= parquetFiles)
      throw new ServiceError(503, 'OVP_SERVER_BUSY', 'Other Parquet files are being made: ask again later.', 'accept');
    this.count++;
    let folder: string | null = null;
    let handle: FileHandle | null = null;
    const end = async (): Promise<void> => {
      this.count--;
      await handle?.close().catch(() => {});
      if (folder) await rm(folder, { recursive: true, force: true });
    };
    try {
      // nobody else may look into it
      await this.swept;
      folder = await privateFolder();
      const path = join(folder, 'records.parquet');
      const { records, badValues } = await made(reader, path, signal);
      handle = await open(path, 'r');
      const { size } = await handle.stat();
      if (process.platform !== 'win32') await rm(folder, { recursive: true, force: true });
      const stream = handle.createReadStream({ highWaterMark: PIECE });
      stream.once('close', end);
      return { stream, bytes: size, records, badValues };
    } catch (error) {
      await end();
      throw error;
    }
  }
}

async function made(reader: Reader, path: string, signal: AbortSignal): ReturnType<typeof writeParquet> {
  try {
    return await writeParquet(reader, path, { threads: THREADS, memory: MEMORY, signal });
  } catch (error) {
    if (signal.aborted) throw new OverpunchError('OVP_IO_ABORTED', 'The Parquet file was not finished');
    const { code } = error as Partial<OverpunchError>;
    if (code !== 'OVP_IO_PEER' && code !== 'OVP_IO_EXTENSION') throw error;
    throw new ServiceError(
      406,
      'OVP_SERVER_ACCEPT',
      code === 'OVP_IO_PEER'
        ? 'Parquet needs a package that this service does not have: npm install @duckdb/node-api@1'
        : 'Parquet needs the DuckDB extension, which was not built for the platform of this service',
      'accept',
    );
  }
}
