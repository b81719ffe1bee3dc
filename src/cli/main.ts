/**
 * The command line: its commands, and how it ends. `bin/overpunch.js` calls `main`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addCatalog } from './commands/catalog.js';
import { addDdl } from './commands/ddl.js';
import { addDecode } from './commands/decode.js';
import { addGroup } from './commands/group.js';
import { addHead } from './commands/head.js';
import { addInspect } from './commands/inspect.js';
import { addPlan } from './commands/plan.js';
import { addSchema } from './commands/schema.js';
import { addLoad } from './commands/load.js';
import { addServe } from './commands/serve.js';
import { addSort } from './commands/sort.js';
import { addSql } from './commands/sql.js';
import { addTypes } from './commands/types.js';
import { Exit, sayError } from './talk.js';

/** Runs a command and returns its exit code; never throws. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode: number = Exit.OK;
  // whoever stopped reading what is said has no more interest in it; what is written as data, its writer sees to
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await program((code) => {
      exitCode = code;
    }).parseAsync(args, { from: 'user' });
  } catch (error) {
    return error instanceof CommanderError ? error.exitCode : sayError(error);
  }
  return exitCode;
}

function program(finish: (exitCode: number) => void): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const all = new Command('overpunch');
  all
    .description('Reads mainframe data: COBOL copybooks, EBCDIC, packed decimals.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'overpunch: ')) })
    .showHelpAfterError('(--help shows the commands and options)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  overpunch inspect account.cpy
  overpunch head accounts.bin -c account.cpy -n 3
  overpunch decode accounts.bin -c account.cpy -o accounts.csv

Exit codes: 0 fine, 1 usage, 2 copybook or options wrong, 3 some data was bad, 4 file could not be read as described.`,
    );
  addInspect(all, finish);
  addHead(all, finish);
  addDecode(all, finish);
  addSort(all, finish);
  addGroup(all, finish);
  addSql(all, finish);
  addPlan(all, finish);
  addServe(all, finish);
  addCatalog(all);
  addDdl(all, finish);
  addSchema(all, finish);
  addTypes(all, finish);
  addLoad(all, finish);
  return all;
}
