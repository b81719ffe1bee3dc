/**
 * A job: what a command is to do with data, from the command line and, under it, a data set's file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { fstatSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SourceInput } from '../connectors/source.js';
import { Copybook } from '../copybook.js';
import { loadEngine } from '../engine/load.js';
import { OverpunchError } from '../errors.js';
import { type Dataset, readDataset } from '../datasets/file.js';
import type { Protection } from '../schemas/protection.js';
import {
  JOB_OPTIONS,
  type JobOptions,
  layoutOptions,
  type OptionFlags,
  READ_GROUPS,
  addOptions,
  givenOptions,
} from './options.js';
import { type Reader, open } from '../read.js';
import { type FaultFile, KEPT_FAULTS } from './fault-log.js';
import { checkTarget } from './output.js';
import { say, sayVerbosely } from './talk.js';

export interface Job {
  /** A path, or `-` for standard input. */
  readonly data: string;
  readonly copybook: Copybook;
  readonly options: JobOptions;
  /** What of them came from the command line. */
  readonly given: Partial<JobOptions>;
  /** Where the result goes; undefined: standard output. */
  readonly output: string | undefined;
  /** Where every fault is written. */
  readonly errors: string | undefined;
  readonly verbose: boolean;
  /** Files that this job reads. */
  readonly inputs: readonly string[];
  /** What the data set's file says of who may see what. */
  readonly protection: Protection;
}

/** The option -o, for commands that write a file; {@link jobOf} looks at what it says. */
export const addOutput = (command: Command): Command =>
  command.option('-o, --output <file>', 'where to (default: standard output)');

/** The argument and options that every command with data has. */
export function addJobOptions(command: Command, flags: OptionFlags = {}): Command {
  command.argument('[data]', 'the file, - for standard input');
  command.addOption(
    new Option('-c, --copybook <file>', 'the copybook').argParser((path: string, before: string | undefined) => {
      if (before !== undefined)
        throw new InvalidArgumentError('Only one copybook can be given; put several 01 levels into it.');
      return path;
    }),
  );
  command.option('--dataset <file>', 'JSON file with copybook, data and options (codePage for --code-page)');
  command.option('--errors <file>', 'write every bad value to a file, as JSON lines');
  command.option('--verbose', 'say how much was read, how fast, and warnings of the copybook');
  for (const group of READ_GROUPS) addOptions(command, group, flags);
  return command;
}

/**
 * Puts a job together and reads its copybook.
 * @throws OverpunchError, CommanderError
 */
export async function jobOf(command: Command, argument: string | undefined): Promise<Job> {
  const own = command.opts<{
    copybook?: string;
    dataset?: string;
    errors?: string;
    output?: string;
    verbose?: true;
  }>();
  const given = givenOptions(command, JOB_OPTIONS);
  const dataset: Dataset =
    own.dataset !== undefined ? await readDataset(own.dataset) : { data: undefined, copybook: undefined, options: {} };
  const data = argument ?? dataset.data;
  const copybook = own.copybook ?? dataset.copybook;
  if (data === undefined) command.error("error: missing required argument 'data'", { exitCode: 1 });
  if (copybook === undefined)
    command.error("error: required option '-c, --copybook <file>' not specified", { exitCode: 1 });
  const options = merge(dataset.options, given);
  const inputs = [data, copybook, ...(own.dataset === undefined ? [] : [own.dataset])];
  if (own.errors !== undefined) {
    if (options.onBadData === 'throw' || options.onBadData === 'null') {
      throw new OverpunchError(
        'OVP_OPTION_ERRORS',
        `--errors has nothing to write with --on-bad-data ${options.onBadData}`,
      );
    }
    checkTarget(own.errors, '--errors', inputs);
  }
  const output = own.output === '-' ? undefined : own.output;
  const verbose = own.verbose === true;
  const read = await Copybook.load(copybook, layoutOptions(options));
  for (const warning of read.layout.warnings) sayVerbosely(verbose, `warning: ${warning}`);
  tellOfEngine(options);
  if (output !== undefined) checkTarget(output, '-o', own.errors === undefined ? inputs : [...inputs, own.errors]);
  const protection = dataset.protection ?? {};
  return { data, copybook: read, options, given, output, errors: own.errors, verbose, inputs, protection };
}

/** The job's records, on as many threads as there are processors unless told otherwise; `file` gets every fault. */
export function readerOf(job: Job, signal: AbortSignal, file: FaultFile | null): Reader {
  return open(inputOf(job), {
    maxFaults: KEPT_FAULTS,
    threads: availableParallelism(),
    ...job.options,
    copybook: job.copybook,
    signal,
    ...(file && { onFault: file.add }),
  });
}

/** @throws OverpunchError OVP_IO_DIRECTORY: Node takes a directory as standard input for nothing */
export function inputOf({ data }: Job): SourceInput {
  if (data !== '-') return data;
  if (fstatSync(0).isDirectory()) throw new OverpunchError('OVP_IO_DIRECTORY', 'Standard input is a directory');
  return process.stdin;
}

/** The command line wins; of names with a meaning each, name by name. */
export function merge(below: Partial<JobOptions>, above: Partial<JobOptions>): JobOptions {
  const merged = { ...below, ...above };
  return {
    ...merged,
    ...(merged.record && { record: { ...below.record, ...above.record } }),
    ...(merged.fieldCodePages && { fieldCodePages: { ...below.fieldCodePages, ...above.fieldCodePages } }),
  };
}

/** Loads the engine, and says so where it is the slow one and nobody asked for it. */
function tellOfEngine({ engine: choice = 'auto' }: JobOptions): void {
  const engine = loadEngine(choice);
  if (engine.name === 'ts' && choice === 'auto' && !process.env.OVERPUNCH_ENGINE) {
    say(`the TypeScript engine is used, which is slower: ${engine.reason}`);
  }
}
