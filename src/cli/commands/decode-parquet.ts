/**
 * `overpunch decode --to parquet`: a file at once or not at all, since a Parquet file without its end can't be read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { statSync } from 'node:fs';
import { OverpunchError } from '../../errors.js';
import { type ReadSummary, open } from '../../read.js';
import { type Compression, MOST_FAULTS, writeParquet } from '../../sql/parquet.js';
import { FaultFile, KEPT_FAULTS } from '../fault-log.js';
import { type Job, inputOf } from '../job.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';

/** What a read came to, as far as people are told of it. */
export type Told = Pick<ReadSummary, 'badValues' | 'faults' | 'shortRecords' | 'longRecords'>;
type Tell = (told: Told, file: FaultFile | null, job: Job) => number;

export async function decodeParquet(
  job: Job,
  signal: AbortSignal,
  compression: Compression | undefined,
  tell: Tell,
): Promise<number> {
  const { options, output: path, verbose } = job;
  if (path === undefined) {
    throw new OverpunchError('OVP_OPTION_OUTPUT', '--to parquet needs -o FILE: it can only be written to a file');
  }
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const { threads, ...rest } = options;
  const reader = open(inputOf(job), {
    maxFaults: KEPT_FAULTS,
    ...rest,
    copybook: job.copybook,
    signal,
    ...(file && { onFault: file.add }),
  });
  const started = performance.now();
  try {
    const summary = await writeParquet(reader, path, {
      ...(compression && { compression }),
      ...(threads !== undefined && { threads }),
      signal,
    });
    file?.end();
    const code = tell(summary, file, job);
    if (file && summary.badValues > MOST_FAULTS)
      say(`${job.errors} has only the first ${MOST_FAULTS.toLocaleString('en-US')} of each part`);
    const seconds = (performance.now() - started) / 1000;
    const read = job.data === '-' ? reader.summary.bytes : statSync(job.data).size;
    const amount = `${counted(summary.records, 'record')}, ${megabytes(summary.bytes)} in ${seconds.toFixed(2)} s`;
    sayVerbosely(verbose, read > 0 ? `${amount} (${rate(read, seconds)} of input)` : amount);
    return code;
  } catch (error) {
    if (!signal.aborted) return sayError(error);
    say('interrupted: nothing was written');
    return Exit.INTERRUPTED;
  }
}
