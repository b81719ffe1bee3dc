/**
 * `overpunch load --into mongodb://... | redis://...`: records into a store that knows no tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { passwordFrom } from '../../sinks/secret.js';
import { type StoreOptions, sinkOf } from '../../sinks/sinks.js';
import { FaultFile } from '../fault-log.js';
import { type Job, readerOf } from '../job.js';
import { Progress } from '../progress.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';
import { tellOfData } from './decode.js';

/** Options of `load` that stores have. */
export interface StoreFlags extends Pick<StoreOptions, 'key' | 'table' | 'truncate' | 'prefix' | 'as' | 'ttl'> {
  readonly passwordFile?: string | undefined;
}

/** @throws OverpunchError OVP_OPTION_* */
export async function loadStore(job: Job, into: string, flags: StoreFlags, signal: AbortSignal): Promise<number> {
  const { verbose } = job;
  const { passwordFile, ...own } = flags;
  const password = passwordFrom(passwordFile);
  const sink = sinkOf(into, { ...own, ...(password !== undefined && { password }), signal });
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const reader = readerOf(job, signal, file);
  const progress = new Progress(process.stderr, () => ({ done: reader.summary.bytes, total: reader.size }));
  const started = performance.now();
  progress.start();
  try {
    const { records, inserted, replaced } = await reader.into(sink);
    file?.end();
    progress.stop();
    const seconds = (performance.now() - started) / 1000;
    const split = inserted === undefined ? '' : ` (${inserted} new, ${replaced} replaced)`;
    say(`${counted(records, 'record')} written${split}`);
    const { bytes } = reader.summary;
    sayVerbosely(verbose, `${megabytes(bytes)} in ${seconds.toFixed(2)} s (${rate(bytes, seconds)})`);
    return tellOfData(reader.summary, file, job);
  } catch (error) {
    progress.stop();
    if (!signal.aborted) return sayError(error);
    say(`interrupted after ${counted(reader.summary.records, 'record')}; what was written stays`);
    return Exit.INTERRUPTED;
  }
}
