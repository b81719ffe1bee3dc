/**
 * Records as a file in a folder of the catalog: under a name of its own until it is whole, and then there at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type FileHandle, link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OverpunchError } from '../../errors.js';
import { Reader } from '../../read.js';
import { writeParquet } from '../../sql/parquet.js';
import { ChunkPool } from '../../connectors/chunks.js';
import type { JobResult } from './job.js';
import { type RunningLoad, checkUnchanged, progressOf } from './load-job.js';
import type { FORMATS } from './load-request.js';
import { ServiceError } from '../problem.js';
import { rootedPath } from '../catalog/rooted.js';
import type { FolderTarget } from '../catalog/targets.js';

/** Milliseconds after which a part that nobody has written to is one of a process that is gone. */
const FORGOTTEN = 3_600_000;

export async function intoFolder(load: RunningLoad, target: FolderTarget): Promise<JobResult> {
  const { plan, home, job } = load;
  const folder = await rootedPath(home.folder, target.folder, `${target.name}: folder`);
  const format = plan.body.format ?? 'jsonl';
  const file = `${plan.table ?? plan.dataset.name}.${format}`;
  const path = join(folder, file);
  if (plan.mode !== 'truncate' && (await stat(path).catch(() => null))) throw exists(file);
  const room = target.maxBytes - (await used(folder));
  const part = join(folder, `.${file}.${job.id}.part`);
  try {
    const written = await (format === 'parquet' ? asParquet(load, part) : asText(load, part, format, room));
    const { size } = await stat(part);
    if (size > room) throw full(target);
    await checkUnchanged(load);
    if (plan.mode === 'truncate') await rename(part, path);
    else await link(part, path).catch((cause: { code?: string }) => Promise.reject(wrong(cause, file)));
    return { ...written, file, bytes: size };
  } finally {
    await rm(part, { force: true });
  }
}

type Written = Pick<JobResult, 'records' | 'badValues'>;

async function asText(
  { plan, state, tools }: RunningLoad,
  path: string,
  format: Exclude<(typeof FORMATS)[number], 'parquet'>,
  room: number,
): Promise<Written> {
  const { signal } = tools;
  const reader = new Reader(state.from(0), plan.dataset.reading({ ...plan.read, signal }));
  tools.measure(() => progressOf(reader, state.size));
  const pool = new ChunkPool();
  const handle = await open(path, 'wx', 0o640);
  try {
    let bytes = 0;
    const chunks =
      format === 'jsonl'
        ? reader.toJsonLines({ reuse: pool })
        : format === 'csv'
          ? reader.toCsv({ reuse: pool })
          : reader.toArrow();
    for await (const chunk of chunks) {
      if ((bytes += chunk.length) > room) throw full(plan.target);
      await writeAll(handle, chunk);
      if (format !== 'arrow') pool.give(chunk);
    }
    signal.throwIfAborted();
    await handle.sync();
  } finally {
    await handle.close();
  }
  const { records, badValues } = reader.summary;
  return { records, badValues };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done, chunk.length - done)).bytesWritten;
}

/** By DuckDB, which reads the file where it lies and says nothing of how far it is. */
async function asParquet({ plan, state, tools }: RunningLoad, path: string): Promise<Written> {
  const { signal } = tools;
  tools.measure(() => ({ step: 'records', bytes: 0, size: state.size, records: 0, badValues: 0 }));
  const reader = new Reader(state.openPath, plan.dataset.reading({ ...plan.read, signal }));
  const { records, badValues } = await writeParquet(reader, path, { signal });
  return { records, badValues };
}

/** Bytes of what lies in the folder; parts that were left behind are removed. */
async function used(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    const about = await stat(path).catch(() => null);
    if (!about) continue;
    if (/^\..*\.part$/.test(entry.name) && Date.now() - about.mtimeMs > FORGOTTEN) await rm(path, { force: true });
    else bytes += about.size;
  }
  return bytes;
}

const wrong = (cause: { code?: string }, file: string): unknown => (cause.code === 'EEXIST' ? exists(file) : cause);

const exists = (file: string): ServiceError =>
  new ServiceError(409, 'OVP_SERVER_EXISTS', `There is a file ${file} already`, 'table');

const full = ({ name }: { readonly name: string }): OverpunchError =>
  new ServiceError(409, 'OVP_SERVER_FULL', `The target ${name} has no room for more bytes`);
