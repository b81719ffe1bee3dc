/**
 * `overpunch types`: TypeScript interfaces of the rows that a reader gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Command } from 'commander';
import { typeScript } from '../../schemas/typescript.js';
import { addCopybookOptions, checksOption, copybookJobOf, writeText } from '../copybook-job.js';
import { Exit } from '../talk.js';

export function addTypes(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('types').summary('TypeScript interfaces of the records');
  command
    .description('Writes TypeScript interfaces of the objects that a reader gives for the records of a copybook.')
    .addOption(checksOption());
  addCopybookOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  overpunch types account.cpy -o src/account.ts
  overpunch types export.cpy --record "CARD=RECORD-TYPE = 'D'" --decimals number`,
    )
    .action(async (path: string | undefined) => {
      const { checks } = command.opts<{ checks?: 'none' | 'comment' | 'enforce' }>();
      const { copybook, options, output } = await copybookJobOf(command, path);
      await writeText(typeScript(copybook.layout, { ...options, ...(checks && { checks }) }), output);
      finish(Exit.OK);
    });
}
