/**
 * `overpunch group`: counts, sums, averages, least and greatest values of groups of records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, Option } from 'commander';
import type { GroupBy } from '../../keyed/group.js';
import { open } from '../../read.js';
import { FaultFile, KEPT_FAULTS, badDataLines } from '../fault-log.js';
import { interruptible } from '../interrupt.js';
import { TEXT_FORMATS, type TextFormat, addFormat, formatOf, textOf } from '../formats.js';
import { type Job, addJobOptions, addOutput, inputOf, jobOf } from '../job.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';
import { pump, writeOut } from '../written.js';

interface GroupFlags {
  readonly by?: readonly string[];
  readonly count?: readonly string[] | true;
  readonly sum?: readonly string[];
  readonly avg?: readonly string[];
  readonly min?: readonly string[];
  readonly max?: readonly string[];
  readonly scale?: number;
}

export function addGroup(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('group').summary('counts, sums and averages of groups of records');
  command.description('Groups records by fields, or takes all as one, and adds them up: exactly, to 38 digits.');
  const list = (flags: string, help: string): Option => new Option(flags, help).argParser(namesOf);
  command
    .addOption(list('--by <fields>', 'A,B: a group for each of their values (default: one for all records)'))
    .addOption(new Option('--count [fields]', 'records, or values of fields').argParser(namesOf))
    .addOption(list('--sum <fields>', 'sums'))
    .addOption(list('--avg <fields>', 'averages, rounded half away from zero'))
    .addOption(list('--min <fields>', 'least values'))
    .addOption(list('--max <fields>', 'greatest values'))
    .addOption(
      new Option('--scale <n>', 'digits behind the point of averages (default: six more than the field)').argParser(
        Number,
      ),
    );
  addFormat(addOutput(command), TEXT_FORMATS);
  addJobOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  overpunch group accounts.bin -c account.cpy --by BRANCH --count --sum BALANCE --to csv
  overpunch group accounts.bin -c account.cpy --count --avg BALANCE --scale 2 --where "STATUS = 'A'"`,
    )
    .action(async (data: string | undefined) => {
      const format = formatOf(command, TEXT_FORMATS);
      const job = await jobOf(command, data);
      finish(await interruptible((signal) => group(job, command.opts<GroupFlags>(), format, signal)));
    });
}

const namesOf = (text: string, before: unknown): string[] => [
  ...(Array.isArray(before) ? (before as string[]) : []),
  ...text.split(',').map((name) => name.trim()),
];

function wanted(groups: GroupBy, { count, sum = [], avg = [], min = [], max = [], scale }: GroupFlags): GroupBy {
  const isNothing = ![count, ...sum, ...avg, ...min, ...max].some(Boolean);
  if (count === true || isNothing) groups.count();
  else for (const name of count ?? []) groups.count(name);
  for (const name of sum) groups.sum(name);
  for (const name of avg) groups.avg(name, scale === undefined ? {} : { scale });
  for (const name of min) groups.min(name);
  for (const name of max) groups.max(name);
  return groups;
}

async function group(job: Job, flags: GroupFlags, format: TextFormat, signal: AbortSignal): Promise<number> {
  const { options, verbose } = job;
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const reader = open(inputOf(job), {
    maxFaults: KEPT_FAULTS,
    ...options,
    copybook: job.copybook,
    signal,
    ...(file && { onFault: file.add }),
  });
  const groups = wanted(reader.groupBy(flags.by ?? []), flags);
  const { failure, isClosed, seconds } = await writeOut({
    path: job.output,
    write: (output, memory) => pump(textOf(groups, format, { reuse: memory }), output, signal),
    measure: () => ({ done: groups.summary.bytes, total: groups.size }),
    records: () => groups.summary.records,
    signal,
    beside: file,
  });
  if (isClosed) return Exit.OK;
  const { records, bytes, badValues, faults, groups: count } = groups.summary;
  if (signal.aborted) {
    say(`interrupted after ${counted(records, 'record')}`);
    return Exit.INTERRUPTED;
  }
  const isReported = badValues > 0 && options.onBadData !== 'throw' && options.onBadData !== 'null';
  if (isReported) say(badDataLines({ badValues, faults, file, errors: job.errors }).join('\n'));
  if (failure) return sayError(failure);
  const amount = `${counted(records, 'record')} in ${counted(count, 'group')}, ${megabytes(bytes)}`;
  sayVerbosely(verbose, `${amount} in ${seconds.toFixed(2)} s (${rate(bytes, seconds)})`);
  return isReported ? Exit.DATA : Exit.OK;
}
