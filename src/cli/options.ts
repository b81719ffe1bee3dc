/**
 * The options of {@link JOB_OPTIONS} on the command line: with hyphens, and as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type JobOptions,
  type OptionGroup,
  type OptionKey,
  type OptionSpec,
  checkChoice,
  checkInteger,
  wrong,
} from '../datasets/options.js';

export {
  JOB_OPTIONS,
  LAYOUT_OPTIONS,
  type JobOptions,
  READ_GROUPS,
  SCHEMA_GROUPS,
  checkChoice,
  checkInteger,
  layoutOptions,
} from '../datasets/options.js';

const attribute = (flags: string): string => new Option(flags).attributeName();

/** Flags without a short one before them. */
const long = (flags: string | undefined): string | undefined => flags?.slice(flags.indexOf('--'));

export type OptionFlags = Partial<Record<OptionKey, string>>;

/** Adds options to a command. `flags` gives some of them other flags (`-n, --limit <n>`). */
export function addOptions(command: Command, { specs, heading }: OptionGroup, flags: OptionFlags = {}): void {
  for (const spec of specs) {
    if (spec.flags === null) continue;
    const option = new Option(flags[spec.key] ?? spec.flags, spec.help).helpGroup(heading);
    if (spec.value.kind !== 'flag')
      option.argParser((text: string, before: unknown) =>
        parseOption({ ...spec, flags: long(flags[spec.key]) ?? spec.flags }, text, before),
      );
    command.addOption(option);
  }
}

/** What was given on the command line, under the library's names. `flags` as in `addOptions`, where it changes names. */
export function givenOptions(
  command: Command,
  specs: readonly OptionSpec[],
  flags: OptionFlags = {},
): Partial<JobOptions> {
  const given: [string, unknown][] = [];
  for (const spec of specs) {
    if (spec.flags === null) continue;
    const value: unknown = command.getOptionValue(attribute(flags[spec.key] ?? spec.flags));
    if (value !== undefined) given.push([spec.key, value]);
  }
  return Object.fromEntries(given) as Partial<JobOptions>;
}

/** The text after an option as its value. Text of the wrong form is a usage error, a value that can't be is an OverpunchError. */
function parseOption({ flags, value }: OptionSpec, text: string, before: unknown): unknown {
  const origin = flags!.split(' ')[0]!;
  switch (value.kind) {
    case 'choice':
      return checkChoice(text, value.values, origin);
    case 'integer':
      return checkInteger(/^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : text, value, origin);
    case 'paths':
      return [...((before as string[] | undefined) ?? []), text];
    case 'list':
      return [...((before as string[] | undefined) ?? []), ...splitList(text, origin)];
    case 'map': {
      const at = text.indexOf('=');
      const name = text.slice(0, at).trim();
      const meaning = text.slice(at + 1).trim();
      if (at < 0 || !name || !meaning)
        throw new InvalidArgumentError(`It is written ${flags!.split(' ')[1]!.slice(1, -1).toUpperCase()}.`);
      return Object.fromEntries([
        ...Object.entries((before as Record<string, string> | undefined) ?? {}),
        [name, meaning],
      ]);
    }
    default:
      return text;
  }
}

function splitList(text: string, origin: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw wrong(origin, text, 'Names have one comma between them: A,B.C');
  return names;
}
