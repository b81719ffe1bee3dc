/**
 * `overpunch load --into mongodb://... | redis://...`: records into a store that knows no tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { OverpunchError } from '../../errors.js';
import { open } from '../../read.js';
import { type StoreOptions, sinkOf } from '../../sinks/sinks.js';
import { whyNot } from '../../datasets/file.js';
import { FaultFile, KEPT_FAULTS } from '../fault-log.js';
import { type Job, inputOf } from '../job.js';
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
  const { options, verbose } = job;
  const { passwordFile = process.env.OVERPUNCH_PASSWORD_FILE, ...own } = flags;
  const password = passwordFile === undefined ? undefined : secret(passwordFile);
  const sink = sinkOf(into, { ...own, ...(password !== undefined && { password }), signal });
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const reader = open(inputOf(job), {
    maxFaults: KEPT_FAULTS,
    threads: availableParallelism(),
    ...options,
    copybook: job.copybook,
    signal,
    ...(file && { onFault: file.add }),
  });
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

function secret(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new OverpunchError('OVP_IO_SECRET', `${path} can't be read: ${whyNot(cause)}`);
  }
}
