/**
 * `overpunch plan`: a copybook and the options that read a file, compiled to a plan file for hosts without JavaScript.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Command } from 'commander';
import { Copybook } from '../../copybook.js';
import { planFile } from '../../sql/plan-file.js';
import { type Dataset, readDataset } from '../../datasets/file.js';
import { merge } from '../job.js';
import { JOB_OPTIONS, READ_GROUPS, addOptions, givenOptions, layoutOptions } from '../options.js';
import { checkTarget, openOutput } from '../output.js';
import { Exit, say } from '../talk.js';

export function addPlan(program: Command, finish: (exitCode: number) => void): void {
  const command: Command = program
    .command('plan')
    .summary('a plan file, by which DuckDB reads the data without a copybook');
  command
    .description("Compiles a copybook and options to a plan file for DuckDB's read_copybook (docs/sql.md).")
    .argument('[copybook]', 'the copybook')
    .option('--dataset <file>', 'JSON file with copybook and options (codePage for --code-page)')
    .requiredOption('-o, --output <file>', 'where to, e.g. accounts.dat.plan, which is found beside the data');
  for (const group of READ_GROUPS) addOptions(command, group);
  command
    .addHelpText(
      'after',
      `
Examples:
  overpunch plan account.cpy -o accounts.dat.plan
  overpunch plan records.cpy --recfm VB --record "HEADER=REC-TYPE = 'H'" -o unload.vb.plan`,
    )
    .action(async (argument: string | undefined) => {
      const own = command.opts<{ dataset?: string; output: string }>();
      const dataset: Dataset =
        own.dataset !== undefined
          ? await readDataset(own.dataset)
          : { data: undefined, copybook: undefined, options: {} };
      const copybook = argument ?? dataset.copybook;
      if (copybook === undefined) command.error("error: missing required argument 'copybook'", { exitCode: 1 });
      checkTarget(own.output, '-o', [copybook, ...(own.dataset === undefined ? [] : [own.dataset])]);
      const options = merge(dataset.options, givenOptions(command, JOB_OPTIONS));
      const { layout } = await Copybook.load(copybook, layoutOptions(options));
      for (const warning of layout.warnings) say(`warning: ${warning}`);
      const output = openOutput(own.output);
      await output.write(planFile(layout, options));
      await output.end();
      finish(Exit.OK);
    });
}
