/**
 * Loads as jobs: the library's own loads, with the data set's file as it is when the job begins, and only what the caller may see.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../../errors.js';
import { Reader } from '../../read.js';
import type { Repeatable } from '../../sinks/fingerprint.js';
import { type LoadOptions, startLoad } from '../../sinks/postgres/load.js';
import type { LoadResult } from '../../sinks/postgres/options.js';
import { passwordFrom } from '../../sinks/secret.js';
import { sinkOf } from '../../sinks/sinks.js';
import type { FileState } from '../records/file.js';
import { intoFolder } from './folder-job.js';
import type { Job, JobResult } from './job.js';
import type { Measure, Tools, Work } from './jobs.js';
import type { LoadPlan } from './load-request.js';
import { ServiceError } from '../problem.js';
import { rootedPath } from '../catalog/rooted.js';
import type { PostgresTarget, StoreTarget } from '../catalog/targets.js';

/** Where a load is at home. */
export interface LoadHome {
  /** The catalog's folder, a real path. */
  readonly folder: string;
  /** Whether the data set is still served as it was when the load was asked for. */
  isServed(): boolean;
}

export function loadWork(plan: LoadPlan, home: LoadHome): Work {
  const { dataset, target } = plan;
  return async (job, tools) => {
    if (!home.isServed()) throw changed();
    const state = await dataset.file.hold();
    try {
      const load = { plan, home, state, job, tools };
      if (target.kind === 'postgres') return await intoPostgres(load, target);
      if (target.kind === 'folder') return await intoFolder(load, target);
      return await intoStore(load, target);
    } catch (error) {
      throw dataset.entry.upload ? told(error) : error;
    } finally {
      state.release();
    }
  };
}

/** What is wrong with a file is told to those who may have brought it. */
function told(error: unknown): unknown {
  if (!(error instanceof OverpunchError) || !/^OVP_(FRAME|DATA)_/.test(error.code)) return error;
  return error.code === 'OVP_DATA_DUPLICATE' ? error : new ServiceError(422, error.code, error.message);
}

/** A load under way. */
export interface RunningLoad {
  readonly plan: LoadPlan;
  readonly home: LoadHome;
  readonly state: FileState;
  readonly job: Job;
  readonly tools: Tools;
}

/** @throws OverpunchError OVP_IO_CHANGED where the file is no longer the one that is read */
export async function checkUnchanged({ plan, state }: RunningLoad): Promise<void> {
  const now = await plan.dataset.file.hold();
  now.release();
  if (now.identity !== state.identity) throw changed();
}

const changed = (): OverpunchError =>
  new OverpunchError('OVP_IO_CHANGED', 'The file of the data set was changed since the load was asked for');

/** How far a reader is. */
export function progressOf(reader: Reader, size: number): Measure {
  const { bytes, records, badValues } = reader.summary;
  // all is read, and what was written is being ended
  return { step: size > 0 && bytes >= size ? 'finish' : 'records', bytes, size, records, badValues };
}

async function intoPostgres(load: RunningLoad, target: PostgresTarget): Promise<JobResult> {
  const { plan, home, state, tools } = load;
  const { size } = state;
  let hashed = 0;
  tools.measure(() => ({ step: 'fingerprint', bytes: hashed, size, records: 0, badValues: 0 }));
  const file: Repeatable = {
    name: plan.dataset.name,
    async *read() {
      for await (const chunk of state.pieces()) {
        hashed += chunk.length;
        yield chunk;
      }
    },
    check: () => checkUnchanged(load),
  };
  const { occurs, nul, again, dryRun } = plan.body;
  const options: LoadOptions = {
    ...plan.dataset.reading(plan.read),
    url: await addressOf(target, home),
    ...(target.tls && { tls: target.tls }),
    ...(target.ca !== null && { ca: await rootedPath(home.folder, target.ca, `${target.name}: ca`) }),
    schema: target.schema,
    workers: target.workers,
    mode: plan.mode,
    ...(plan.table !== null && { table: plan.table }),
    ...(plan.key.length > 0 && { key: plan.key }),
    ...(occurs && { occurs }),
    ...(nul && { nul }),
    ...(again && { again }),
    ...(dryRun && { dryRun }),
    maxFaults: 0,
    signal: tools.signal,
    // of one that was cancelled nothing stays; one that was interrupted goes on when it is asked for again
    keeps: () => tools.signal.reason !== 'cancelled',
  };
  const { reader, result } = await startLoad(file, options);
  tools.measure(() => progressOf(reader, size));
  return resultOf(await result, reader);
}

function resultOf(result: LoadResult, { summary }: Reader): JobResult {
  const { load, table, isResumed, inserted, updated, superseded, rejected, badValues, created } = result;
  return {
    records: summary.records,
    badValues,
    table,
    load,
    isResumed,
    inserted,
    updated,
    superseded,
    rejected,
    ...(load === null && { statements: created }),
  };
}

/** What was written by one that did not end stays: begun again, it writes the same records over it. */
async function intoStore(load: RunningLoad, target: StoreTarget): Promise<JobResult> {
  const { plan, home, state, tools } = load;
  const password = await passwordOf(target, home);
  const sink = sinkOf(target.url, {
    key: plan.key,
    ...(target.kind === 'mongodb' && plan.table !== null && { table: plan.table }),
    ...(plan.mode === 'truncate' && { truncate: true }),
    ...(target.kind === 'redis' && { prefix: target.prefix, as: target.as }),
    ...(target.ttl !== null && { ttl: target.ttl }),
    ...(password !== undefined && { password }),
    signal: tools.signal,
  });
  const reader = new Reader(state.from(0), plan.dataset.reading({ ...plan.read, signal: tools.signal }));
  tools.measure(() => progressOf(reader, state.size));
  const { records, inserted, replaced } = await reader.into(sink);
  await checkUnchanged(load);
  return {
    records,
    badValues: reader.summary.badValues,
    ...(inserted !== undefined && { inserted }),
    ...(replaced !== undefined && { updated: replaced }),
  };
}

/** The secret as it is now, so that it can be changed while the service goes on. */
async function passwordOf({ passwordFile, name }: PostgresTarget | StoreTarget, { folder }: LoadHome) {
  if (passwordFile === null) return undefined;
  return passwordFrom(await rootedPath(folder, passwordFile, `${name}: passwordFile`));
}

/** With the password, before which the environment's would count: that may be another server's. */
async function addressOf(target: PostgresTarget, home: LoadHome): Promise<string> {
  const url = new URL(target.url);
  const password = await passwordOf(target, home);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
}
