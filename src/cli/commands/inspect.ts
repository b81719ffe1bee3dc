/**
 * `overpunch inspect`: what a copybook says, item by item.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Command } from 'commander';
import { Copybook } from '../../copybook.js';
import { describe, describeText } from '../../layout/describe.js';
import { LAYOUT_OPTIONS, addOptions, givenOptions } from '../options.js';
import { openOutput } from '../output.js';
import { Exit, say } from '../talk.js';

export function addInspect(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('inspect').summary('level, name, picture, usage, offset and length of every item');
  command
    .description('Shows level, name, picture, usage, offset and length of every item of a copybook.')
    .argument('<copybook>', 'the copybook')
    .option('--json', 'as JSON');
  addOptions(command, { heading: 'Options:', specs: LAYOUT_OPTIONS });
  command
    .addHelpText(
      'after',
      `
Examples:
  overpunch inspect account.cpy
  overpunch inspect account.cpy --json | jq '.records[0].length'`,
    )
    .action(async (path: string) => {
      const { layout } = await Copybook.load(path, givenOptions(command, LAYOUT_OPTIONS));
      for (const warning of layout.warnings) say(`warning: ${warning}`);
      const text = command.opts<{ json?: true }>().json
        ? JSON.stringify(describe(layout), null, 2)
        : describeText(layout);
      const output = openOutput(undefined);
      await output.write(Buffer.from(text.endsWith('\n') ? text : `${text}\n`));
      await output.end();
      finish(Exit.OK);
    });
}
