/**
 * `overpunch inspect`: what a copybook says, item by item.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, Option } from 'commander';
import { Copybook } from '../../copybook.js';
import { describe, describeText } from '../../layout/describe.js';
import { describeTree } from '../../layout/drawing.js';
import { LAYOUT_OPTIONS, addOptions, givenOptions } from '../options.js';
import { openOutput } from '../output.js';
import { Exit, say } from '../talk.js';

export function addInspect(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('inspect').summary('level, name, picture, usage, offset and length of every item');
  command
    .description('Shows level, name, picture, usage, offset and length of every item of a copybook.')
    .argument('<copybook>', 'the copybook')
    .option('--json', 'as JSON')
    .addOption(new Option('--tree', 'as a tree of groups').conflicts('json'));
  addOptions(command, { heading: 'Options:', specs: LAYOUT_OPTIONS });
  command
    .addHelpText(
      'after',
      `
Examples:
  overpunch inspect account.cpy
  overpunch inspect account.cpy --tree
  overpunch inspect PROGRAM.cbl --from ACCT-FILE --copy-path copybooks
  overpunch inspect account.cpy --json | jq '.records[0].length'`,
    )
    .action(async (path: string) => {
      const { layout } = await Copybook.load(path, givenOptions(command, LAYOUT_OPTIONS));
      for (const warning of layout.warnings) say(`warning: ${warning}`);
      const { json, tree } = command.opts<{ json?: true; tree?: true }>();
      const text = json
        ? JSON.stringify(describe(layout), null, 2)
        : tree
          ? describeTree(layout)
          : describeText(layout);
      const output = openOutput(undefined);
      await output.write(Buffer.from(text.endsWith('\n') ? text : `${text}\n`));
      await output.end();
      finish(Exit.OK);
    });
}
