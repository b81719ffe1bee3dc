/**
 * `overpunch decode`: records as JSON lines, CSV, Arrow or Parquet, to standard output or a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { ChunkPool } from '../../connectors/chunks.js';
import { OverpunchError } from '../../errors.js';
import type { Reader } from '../../read.js';
import { arrowSink } from '../../sinks/arrow.js';
import { COMPRESSIONS, type Compression } from '../../sql/parquet.js';
import { FaultFile, badDataLines } from '../fault-log.js';
import { TEXT_FORMATS, type TextFormat, addFormat, formatOf, textOf } from '../formats.js';
import { interruptible } from '../interrupt.js';
import { type Job, addJobOptions, addOutput, jobOf, readerOf } from '../job.js';
import { checkChoice } from '../options.js';
import { type Output, isOfData } from '../output.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';
import { pump, writeOut } from '../written.js';
import { type Told, decodeParquet } from './decode-parquet.js';

/** A format's way: does the whole job, and answers the exit code. */
type Decode = (job: Job, signal: AbortSignal, compression: Compression | undefined) => Promise<number>;

const WAYS: Readonly<Record<'jsonl' | 'csv' | 'arrow' | 'parquet', Decode>> = {
  jsonl: (job, signal) => decode(job, signal, textWriter('jsonl')),
  csv: (job, signal) => decode(job, signal, textWriter('csv')),
  arrow: (job, signal) => decode(job, signal, writeArrow),
  parquet: (job, signal, compression) => decodeParquet(job, signal, compression, tellOfData),
};
const FORMATS = [...TEXT_FORMATS, 'arrow', 'parquet'] as const;

export function addDecode(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('decode').summary('records as JSON lines, CSV, Arrow or Parquet');
  command.description(
    'Writes records as JSON lines, CSV, Arrow IPC or Parquet. Bad values are null and reported; see --errors. Arrow is a file (Feather V2) ' +
      'under -o, but a stream to standard output and under the extension .arrows.',
  );
  addFormat(addOutput(command), FORMATS);
  command.addOption(
    new Option(`--compression <${COMPRESSIONS.join('|')}>`, 'of Parquet (default zstd)').argParser((text: string) =>
      checkChoice(text, COMPRESSIONS, '--compression'),
    ),
  );
  addJobOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  overpunch decode accounts.bin -c account.cpy > accounts.jsonl
  overpunch decode accounts.bin -c account.cpy -o accounts.csv --select ACCT-ID,BALANCE
  overpunch decode accounts.bin -c account.cpy -o accounts.parquet
  overpunch decode accounts.bin -c account.cpy -o accounts.arrow
  overpunch decode unload.vb -c records.cpy --recfm VB --record "HEADER=REC-TYPE = 'H'" --errors bad.jsonl
  gunzip -c big.gz | overpunch decode - -c account.cpy --where "BALANCE > 1000"`,
    )
    .action(async (data: string | undefined) => {
      const format = formatOf(command, FORMATS);
      const job = await jobOf(command, data);
      const { compression } = command.opts<{ compression?: Compression }>();
      if (compression !== undefined && format !== 'parquet') {
        throw new OverpunchError('OVP_OPTION_VALUE', `--compression has no meaning for ${format}`, {
          hint: 'It is for Parquet: -o FILE.parquet.',
        });
      }
      finish(await interruptible((signal) => WAYS[format](job, signal, compression)));
    });
}

/** Writes what a reader reads into the output. */
type Write = (reader: Reader, target: Target, job: Job) => Promise<void>;

/** Where the bytes go, and the memory for them. */
interface Target {
  readonly output: Output;
  readonly memory: ChunkPool;
  readonly signal: AbortSignal;
}

const textWriter =
  (format: TextFormat): Write =>
  (reader, { output, memory, signal }) =>
    pump(textOf(reader, format, { reuse: memory }), output, signal);

async function writeArrow(reader: Reader, { output }: Target, { output: path }: Job): Promise<void> {
  if (path === undefined && process.stdout.isTTY) {
    throw new OverpunchError('OVP_OPTION_OUTPUT', 'Arrow is not text: a terminal can show nothing of it', {
      hint: 'Write a file with -o FILE.arrow, or to another program with a pipe.',
    });
  }
  const isFile = path !== undefined && extname(path).toLowerCase() !== '.arrows';
  const stopped = new Error('nobody reads on');
  let canWrite = true;
  const sink = arrowSink(
    async (pieces) => {
      canWrite = false;
      await output.writeNow(pieces);
      if (output.isClosed) throw stopped;
      canWrite = true;
    },
    { format: isFile ? 'file' : 'stream' },
  );
  try {
    await reader.into({
      ...sink,
      // what is good of a bad file is kept, so it needs an end
      async abort(reason) {
        if (canWrite && (reader.summary.records > 0 || isOfData(reason))) await sink.close();
      },
    });
  } catch (error) {
    if (error !== stopped) throw error;
  }
}

async function decode(job: Job, signal: AbortSignal, write: Write): Promise<number> {
  const { verbose } = job;
  const file = job.errors === undefined ? null : new FaultFile(job.errors);
  const reader = readerOf(job, signal, file);
  const { failure, isUnwritten, isClosed, seconds } = await writeOut({
    path: job.output,
    write: (output, memory) => write(reader, { output, memory, signal }, job),
    measure: () => ({ done: reader.summary.bytes, total: reader.size }),
    records: () => reader.summary.records,
    signal,
    beside: file,
  });
  if (isClosed) return Exit.OK;
  const { records, bytes, engine } = reader.summary;
  const code = tellOfData(reader.summary, file, isUnwritten ? { ...job, errors: undefined } : job);
  const amount = `${counted(records, 'record')}, ${megabytes(bytes)} in ${seconds.toFixed(2)} s`;
  if (!failure) sayVerbosely(verbose, `${amount} (${rate(bytes, seconds)}, ${engine} engine)`);
  if (signal.aborted) say(`interrupted after ${counted(records, 'record')}`);
  if (signal.aborted) return Exit.INTERRUPTED;
  return failure ? sayError(failure) : code;
}

/** Says what of the data was bad or left aside; the exit code that this alone would have. */
export function tellOfData(told: Told, file: FaultFile | null, { errors, options, verbose }: Job): number {
  const { badValues, faults, shortRecords, longRecords } = told;
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
