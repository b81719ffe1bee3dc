/**
 * What commands that read a copybook and no data have in common: the options of `decode` that say what would come out, and
 * text as output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, Option } from 'commander';
import { Copybook } from '../copybook.js';
import { readDataset } from '../datasets/file.js';
import { merge } from './job.js';
import {
  type JobOptions,
  type OptionFlags,
  SCHEMA_GROUPS,
  addOptions,
  checkChoice,
  givenOptions,
  layoutOptions,
} from './options.js';
import { checkTarget, openOutput } from './output.js';
import { say } from './talk.js';

export interface CopybookJob {
  readonly copybook: Copybook;
  readonly options: JobOptions;
  /** Where the text goes; undefined: standard output. */
  readonly output: string | undefined;
}

/** The argument and options of these commands. */
export function addCopybookOptions(command: Command, flags: OptionFlags = {}): Command {
  command.argument('[copybook]', 'the copybook');
  command.option('-o, --output <file>', 'where to (default: standard output)');
  command.option('--dataset <file>', 'JSON file with copybook and options (codePage for --code-page)');
  for (const group of SCHEMA_GROUPS) addOptions(command, group, flags);
  return command;
}

const CHECKS = ['none', 'comment', 'enforce'] as const;

/** What becomes of 88 levels in schemas. */
export const checksOption = (): Option =>
  new Option(
    `--checks <${CHECKS.join('|')}>`,
    '88 levels: not at all, comments (default), or nothing else is valid',
  ).argParser((text) => checkChoice(text, CHECKS, '--checks'));

/**
 * Reads the copybook and the options; `flags` as in `addCopybookOptions`.
 * @throws OverpunchError, CommanderError
 */
export async function copybookJobOf(
  command: Command,
  argument: string | undefined,
  flags: OptionFlags = {},
): Promise<CopybookJob> {
  const own = command.opts<{ dataset?: string; output?: string }>();
  const dataset = own.dataset === undefined ? null : await readDataset(own.dataset);
  const path = argument ?? dataset?.copybook;
  if (path === undefined) command.error("error: missing required argument 'copybook'", { exitCode: 1 });
  const specs = SCHEMA_GROUPS.flatMap((group) => group.specs);
  const options = merge(dataset?.options ?? {}, givenOptions(command, specs, flags));
  const output = own.output === '-' ? undefined : own.output;
  if (output !== undefined) checkTarget(output, '-o', [path, ...(own.dataset === undefined ? [] : [own.dataset])]);
  const copybook = await Copybook.load(path, layoutOptions(options));
  for (const warning of copybook.layout.warnings) say(`warning: ${warning}`);
  return { copybook, options, output };
}

/** Writes all of a command's output. */
export async function writeText(text: string, path: string | undefined): Promise<void> {
  const output = openOutput(path);
  await output.write(Buffer.from(text));
  await output.end();
}
