/**
 * `overpunch ddl`: CREATE TABLE for what `decode` would give.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, Option } from 'commander';
import { type DdlOptions, CHECKS, ddl } from '../../schemas/ddl.js';
import { DIALECTS, type SqlDialect } from '../../schemas/dialects.js';
import { addCopybookOptions, copybookJobOf, writeText } from '../copybook-job.js';
import { checkChoice } from '../options.js';
import { Exit } from '../talk.js';

const OCCURS = ['array', 'json', 'tables'] as const;
const REDEFINES = ['columns', 'tables'] as const;

/** --dialect is the database's here. */
const FLAGS = { dialect: '--cobol-dialect <ibm|gnucobol|microfocus>' };

export function addDdl(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('ddl').summary('tables for a database: CREATE TABLE, keys, comments');
  const choice = (name: string, values: readonly string[], help: string): Option =>
    new Option(`--${name} <${values.join('|')}>`, help).argParser((text) => checkChoice(text, values, `--${name}`));
  const list = (name: string, help: string): Option =>
    new Option(`--${name} <names>`, help).argParser((text: string, before: string[] | undefined) => [
      ...(before ?? []),
      ...text.split(',').map((one) => one.trim()),
    ]);
  command
    .description('Writes CREATE TABLE statements for the records of a copybook, as decode would give them.')
    .addOption(choice('dialect', DIALECTS, 'the database').makeOptionMandatory())
    .addOption(choice('occurs', OCCURS, 'tables as columns or as tables (default array; json where there are none)'))
    .addOption(
      choice('redefines', REDEFINES, 'alternatives as nullable columns (default), or a table for each --record'),
    )
    .addOption(list('key', 'the primary key: ACCT-ID or BRANCH,ACCT-ID'))
    .addOption(list('not-null', 'items that are never null'))
    .option('--table <name>', "name of the table (default: the record's)")
    .option('--schema <name>', 'the schema that the tables go into')
    .addOption(choice('checks', CHECKS, '88 levels: comments (default), CHECK constraints, enum types'))
    .option('--if-not-exists', 'leave tables that are there alone');
  addCopybookOptions(command, FLAGS)
    .addHelpText(
      'after',
      `
Examples:
  overpunch ddl account.cpy --dialect postgres --key ACCT-ID | psql
  overpunch ddl order.cpy --dialect sqlite --occurs tables --key ORDER-NO -o order.sql
  overpunch ddl export.cpy --dialect duckdb --redefines tables --record "CARD=RECORD-TYPE = 'D'"`,
    )
    .action(async (path: string | undefined) => {
      const own = command.opts<Omit<DdlOptions, 'names'> & { dialect: SqlDialect }>();
      const job = await copybookJobOf(command, path, FLAGS);
      const { dialect, occurs, redefines, key, notNull, table, schema, checks, ifNotExists } = own;
      const options = { occurs, redefines, key, notNull, table, schema, checks, ifNotExists };
      const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
      const { dialect: _, ...decoding } = job.options;
      await writeText(ddl(job.copybook.layout, { ...decoding, ...given, dialect }), job.output);
      finish(Exit.OK);
    });
}
