/**
 * `overpunch sort`: the records of a file in order of their fields, in the format that they came in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SortField, SortOptions, SortSummary } from '../../keyed/sort.js';
import { open } from '../../read.js';
import { interruptible } from '../interrupt.js';
import { type Job, addJobOptions, addOutput, inputOf, jobOf } from '../job.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';
import { pump, writeOut } from '../written.js';

interface SortFlags {
  readonly by: readonly SortField[];
  readonly collate?: string;
  readonly memory?: number;
  readonly tempDir?: string;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 };

export function addSort(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('sort').summary('records in order, in the format that they came in');
  command.description(
    'Sorts records by fields: numbers by value, text by its bytes, equal ones in their old order. Descriptors are kept.',
  );
  addOutput(
    command.addOption(
      new Option('--by <fields>', 'A,B:desc: the most important first').makeOptionMandatory().argParser(fieldsOf),
    ),
  )
    .option('--collate <order>', 'of text: bytes (default, as DFSORT), unicode, or a code page')
    .addOption(
      new Option('--memory <size>', 'bytes, or 512M, 2G (default: a quarter of what there is)').argParser(sizeOf),
    )
    .option('--temp-dir <dir>', "for what does not fit into memory (default: the system's)");
  addJobOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  overpunch sort accounts.bin -c account.cpy --by BRANCH,BALANCE:desc -o sorted.bin
  overpunch sort unload.vb -c records.cpy --recfm VB --by CUST-ID --where "REC-TYPE = 'C'" -o customers.vb`,
    )
    .action(async (data: string | undefined) => {
      const job = await jobOf(command, data);
      finish(await interruptible((signal) => sort(job, command.opts<SortFlags>(), signal)));
    });
}

/** `A,B:desc`; several options add up. */
export function fieldsOf(text: string, before: readonly SortField[] = []): SortField[] {
  const fields = text.split(',').map((part): SortField => {
    const [, by, order = 'asc'] = /^\s*([^:]+?)\s*(?::\s*(asc|desc)\s*)?$/i.exec(part) ?? [];
    if (!by) throw new InvalidArgumentError('It is written A,B:desc.');
    return { by, order: order.toLowerCase() as 'asc' | 'desc' };
  });
  return [...before, ...fields];
}

function sizeOf(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([KMG]?)i?B?$/i.exec(text.trim()) ?? [];
  if (!digits) throw new InvalidArgumentError('It is a number of bytes, or as 512M or 2G.');
  return Number(digits) * UNITS[unit!.toUpperCase()]!;
}

async function sort(job: Job, flags: SortFlags, signal: AbortSignal): Promise<number> {
  const { options, verbose } = job;
  const { collate, memory, tempDir } = flags;
  const how: SortOptions = {
    ...(collate !== undefined && { collate }),
    ...(memory !== undefined && { memory }),
    ...(tempDir !== undefined && { tempDirectory: tempDir }),
  };
  const source = open(inputOf(job), {
    threads: availableParallelism(),
    ...options,
    copybook: job.copybook,
    signal,
  });
  const reader = source.sort(flags.by, how);
  const summary = (): SortSummary => reader.summary.sorted!;
  const { failure, isClosed, seconds } = await writeOut({
    path: job.output,
    write: (output) => pump(reader.toRecords(), output, signal),
    measure: () => ({ done: summary().bytes, total: null }),
    records: () => summary().records,
    signal,
    // half a sorted file is of no use, but for what a reader at the other end of a pipe has seen already
    isWhole: true,
  });
  if (isClosed) return Exit.OK;
  const { records, bytes, badKeys, runs, spilledBytes } = summary();
  if (signal.aborted) {
    say(`interrupted after ${counted(records, 'record')}`);
    return Exit.INTERRUPTED;
  }
  if (failure) return sayError(failure);
  const spilled = runs > 0 ? `, ${counted(runs, 'run')} of ${megabytes(spilledBytes)} on disk` : '';
  sayVerbosely(
    verbose,
    `${counted(records, 'record')}, ${megabytes(bytes)} in ${seconds.toFixed(2)} s (${rate(bytes, seconds)}${spilled})`,
  );
  if (badKeys === 0) return Exit.OK;
  say(`${counted(badKeys, 'bad value')} in what is sorted by: these records come first`);
  return options.onBadData === 'null' ? Exit.OK : Exit.DATA;
}
