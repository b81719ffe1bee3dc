/**
 * `overpunch head`: the first records, as a person reads them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Command } from 'commander';
import { FEW, readRecords } from '../../datasets/records.js';
import { Reader } from '../../read.js';
import { FaultFile } from '../fault-log.js';
import { interruptible } from '../interrupt.js';
import { type Job, addJobOptions, inputOf, jobOf } from '../job.js';
import { endOutputs, openOutput } from '../output.js';
import { recordLines } from '../record-view.js';
import { counted, styleFor } from '../style.js';
import { Exit, say, sayError } from '../talk.js';

/** Records that are shown unless another number is asked for. */
const RECORDS = 10;

export function addHead(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('head').summary('the first records, as a person reads them');
  command.description(
    "Shows the first records, a line for each field, under COBOL's names. Null is -, bad values say why.",
  );
  command.option('--hex', 'place and bytes of every field');
  addJobOptions(command, { limit: '-n, --limit <n>' })
    .addHelpText(
      'after',
      `
Examples:
  overpunch head accounts.bin -c account.cpy -n 3
  overpunch head unload.vb -c records.cpy --recfm VB --hex --skip 1000 -n 1
  overpunch head accounts.bin -c account.cpy --where "BALANCE < 0"`,
    )
    .action(async (data: string | undefined) => {
      const job = await jobOf(command, data);
      const { hex = false } = command.opts<{ hex?: true }>();
      finish(await interruptible((signal) => head(job, hex, signal)));
    });
}

async function head(job: Job, hex: boolean, signal: AbortSignal): Promise<number> {
  const { given, options } = job;
  const limit = given.limit ?? Math.min(RECORDS, options.limit ?? RECORDS);
  const view = { names: given.names ?? 'cobol', hex, style: styleFor(process.stdout) };
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const output = openOutput(undefined);
  let shown = 0;
  let bad = 0;
  let failure: unknown = null;
  try {
    const batchRecords = Math.max(1, Math.min(FEW, limit));
    const read = { ...options, copybook: job.copybook, names: view.names, limit, signal, batchRecords };
    for await (const record of readRecords(new Reader(inputOf(job), read))) {
      bad += record.faults.length;
      if (file) record.faults.forEach(file.add);
      const lines = recordLines(record, view);
      await output.write(Buffer.from(`${shown++ ? '\n' : ''}${lines.join('\n')}\n`));
      if (signal.aborted || output.isClosed) break;
    }
  } catch (error) {
    if (!signal.aborted) failure = error ?? new Error('unknown');
  }
  const unwritten = await endOutputs([output, ...(file ? [file] : [])], failure, shown);
  failure ??= unwritten;
  if (output.isClosed) return Exit.OK;
  if (bad > 0) say(`${counted(bad, 'bad value')}${file ? `; all of them are in ${job.errors}` : ''}`);
  if (signal.aborted) return Exit.INTERRUPTED;
  if (failure) return sayError(failure);
  return bad > 0 ? Exit.DATA : Exit.OK;
}
