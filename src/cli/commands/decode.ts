/**
 * `overpunch decode`: records as JSON lines or CSV, to standard output or a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { ChunkPool } from '../../connectors/chunks.js';
import { OverpunchError } from '../../errors.js';
import { type Reader, open } from '../../read.js';
import { FaultFile, KEPT_FAULTS, badDataLines } from '../fault-log.js';
import { interruptible } from '../interrupt.js';
import { type Job, addJobOptions, inputOf, jobOf } from '../job.js';
import { checkChoice } from '../options.js';
import { type Output, checkTarget, endOutputs, openOutput } from '../output.js';
import { Progress } from '../progress.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';

export type Format = 'jsonl' | 'csv';

export const FORMATS: readonly Format[] = ['jsonl', 'csv'];
const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.csv': 'csv',
};
/** Formats that are not text: never written by mistake. */
const NOT_TEXT = ['.parquet', '.arrow', '.feather', '.arrows', '.orc', '.avro', '.xlsx', '.gz', '.zst', '.zip'];

export function addDecode(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('decode').summary('records as JSON lines or CSV');
  command.description('Writes records as JSON lines or CSV. Bad values are null and reported; see --errors.');
  command
    .option('-o, --output <file>', 'where to (default: standard output)')
    .addOption(
      new Option(`--to <${FORMATS.join('|')}>`, 'default: by the extension of -o, else jsonl').argParser(formatOf),
    );
  addJobOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  overpunch decode accounts.bin -c account.cpy > accounts.jsonl
  overpunch decode accounts.bin -c account.cpy -o accounts.csv --select ACCT-ID,BALANCE
  overpunch decode unload.vb -c records.cpy --recfm VB --record "HEADER=REC-TYPE = 'H'" --errors bad.jsonl
  gunzip -c big.gz | overpunch decode - -c account.cpy --where "BALANCE > 1000"`,
    )
    .action(async (data: string | undefined) => {
      const { output, to } = command.opts<{ output?: string; to?: Format }>();
      const path = output === '-' ? undefined : output;
      const format = to ?? formatByName(path);
      const job = await jobOf(command, data);
      if (path !== undefined)
        checkTarget(path, '-o', [...job.inputs, ...(job.errors === undefined ? [] : [job.errors])]);
      finish(await interruptible((signal) => decode(job, format, path, signal)));
    });
}

export const formatOf = (text: string): Format => checkChoice(text, FORMATS, '--to') as Format;

export function formatByName(path: string | undefined): Format {
  const extension = path === undefined ? '' : extname(path).toLowerCase();
  if (NOT_TEXT.includes(extension)) {
    throw new OverpunchError(
      'OVP_OPTION_VALUE',
      `-o ${path}: no format that can be written has the extension ${extension}`,
      {
        hint: `Formats: ${FORMATS.join(', ')}; --to FORMAT writes one of them under any name.`,
      },
    );
  }
  return EXTENSIONS[extension] ?? 'jsonl';
}

async function decode(job: Job, format: Format, path: string | undefined, signal: AbortSignal): Promise<number> {
  const { options, verbose } = job;
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const reader = open(inputOf(job), {
    maxFaults: KEPT_FAULTS,
    threads: availableParallelism(),
    ...options,
    copybook: job.copybook,
    signal,
    ...(file && { onFault: file.add }),
  });
  const memory = new ChunkPool();
  const output = openOutput(path, (bytes) => memory.give(bytes));
  const sharesTerminal = path === undefined && process.stdout.isTTY;
  const progress = sharesTerminal
    ? null
    : new Progress(process.stderr, () => ({ done: reader.summary.bytes, total: reader.size }));
  const started = performance.now();
  progress?.start();
  let failure: unknown = null;
  try {
    const chunks = format === 'csv' ? reader.toCsv({ reuse: memory }) : reader.toJsonLines({ reuse: memory });
    await pump(chunks, output, signal);
  } catch (error) {
    if (!signal.aborted) failure = error ?? new Error('unknown');
  }
  const unwritten = await endOutputs([output, ...(file ? [file] : [])], failure, reader.summary.records);
  failure ??= unwritten;
  progress?.stop();
  if (output.isClosed) return Exit.OK;

  const seconds = (performance.now() - started) / 1000;
  const { records, bytes, engine } = reader.summary;
  const code = tellOfData(reader, file, unwritten ? { ...job, errors: undefined } : job);
  const amount = `${counted(records, 'record')}, ${megabytes(bytes)} in ${seconds.toFixed(2)} s`;
  if (!failure) sayVerbosely(verbose, `${amount} (${rate(bytes, seconds)}, ${engine} engine)`);
  if (signal.aborted) say(`interrupted after ${counted(records, 'record')}`);
  if (signal.aborted) return Exit.INTERRUPTED;
  return failure ? sayError(failure) : code;
}

export async function pump(chunks: AsyncIterable<Uint8Array>, output: Output, signal: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    await output.write(chunk);
    if (signal.aborted || output.isClosed) return;
  }
}

/** Says what of the data was bad or left aside; the exit code that this alone would have. */
function tellOfData(reader: Reader, file: FaultFile | null, { errors, options, verbose }: Job): number {
  const { badValues, faults, shortRecords, longRecords } = reader.summary;
  if (longRecords > 0) say(`${counted(longRecords, 'record')} longer than the copybook: the rest was left out`);
  if (shortRecords > 0)
    sayVerbosely(verbose, `${counted(shortRecords, 'record')} shorter than the copybook: what is missing is null`);
  if (badValues === 0) return Exit.OK;
  if (options.onBadData === 'null') {
    say(`${counted(badValues, 'bad value')} taken as null`);
    return Exit.OK;
  }
  if (options.onBadData !== 'throw') say(badDataLines({ badValues, faults, file, errors }).join('\n'));
  return Exit.DATA;
}
