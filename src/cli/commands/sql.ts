/**
 * `overpunch sql`: queries over data sets where they lie, by DuckDB and our extension to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { extname, parse } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text as readText } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { OverpunchError } from '../../errors.js';
import type { Dataset } from '../../sql/dataset.js';
import { COMPRESSIONS, type Compression } from '../../sql/parquet.js';
import { type Database, sql } from '../../sql/sql.js';
import { readDataset } from '../../datasets/file.js';
import { badDataLines } from '../fault-log.js';
import { interruptible } from '../interrupt.js';
import { merge } from '../job.js';
import { JOB_OPTIONS, READ_GROUPS, addOptions, checkChoice, givenOptions } from '../options.js';
import { type Output, checkTarget, endOutputs, openOutput } from '../output.js';
import { SQL_FORMATS, type SqlFormat, rowsAs } from '../sql-output.js';
import { styleFor } from '../style.js';
import { Exit, say, sayError } from '../talk.js';

interface SqlFlags {
  readonly dataset?: readonly string[];
  readonly copybook?: string;
  readonly output?: string;
  readonly to?: SqlFormat;
  readonly compression?: Compression;
}

const EXTENSIONS: Readonly<Record<string, SqlFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.txt': 'table',
};

export function addSql(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('sql').summary('SQL over data sets where they lie');
  command
    .description('Answers a query of SQL (as DuckDB knows it). Tables are data sets, under the names of their files.')
    .argument('[query]', 'the query, - for standard input; without one a prompt, or standard input')
    .argument('[data]', 'a file to be a table; its name without folder and extension is its name')
    .option('-c, --copybook <file>', 'the copybook of that file')
    .addOption(
      new Option('--dataset <[name=]file>', 'JSON file with copybook, data and options (repeatable)').argParser(
        (path: string, before: readonly string[] = []) => [...before, path],
      ),
    )
    .option('-o, --output <file>', 'where to (default: standard output)')
    .addOption(
      new Option(
        `--to <${SQL_FORMATS.join('|')}>`,
        'default: by the extension of -o; a table on a terminal, else csv',
      ).argParser((text: string) => checkChoice(text, SQL_FORMATS, '--to') as SqlFormat),
    )
    .addOption(
      new Option(`--compression <${COMPRESSIONS.join('|')}>`, 'of parquet (default zstd)').argParser(
        (text: string) => checkChoice(text, COMPRESSIONS, '--compression') as Compression,
      ),
    );
  for (const group of READ_GROUPS) addOptions(command, group);
  command
    .addHelpText(
      'after',
      `
Examples:
  overpunch sql "SELECT branch, sum(balance) FROM accounts GROUP BY branch" accounts.dat -c account.cpy
  overpunch sql --dataset accounts.json --dataset customers.json -o rich.parquet \\
    "SELECT * FROM accounts JOIN customers USING (cust_id) WHERE balance > 1000000"
  overpunch sql --dataset accounts.json                        (a prompt)`,
    )
    .action(async (query: string | undefined, data: string | undefined) => {
      const flags = command.opts<SqlFlags>();
      const path = flags.output === '-' ? undefined : flags.output;
      const datasets = await datasetsOf(command, flags, data);
      const format = formatOf(flags, path);
      if (path !== undefined) {
        const inputs = Object.values(datasets).flatMap(({ data: file, copybook }) => [file, copybook as string]);
        checkTarget(path, '-o', [...inputs, ...(flags.dataset ?? [])]);
      }
      const { threads } = givenOptions(command, JOB_OPTIONS);
      const db = await sql(datasets, { threads });
      try {
        if (query === undefined && process.stdin.isTTY) {
          finish(await prompt(db, Object.keys(datasets)));
          return;
        }
        const text = query === undefined || query === '-' ? await readText(process.stdin) : query;
        finish(
          await interruptible((signal) => answer(db, text, { format, path, compression: flags.compression }, signal)),
        );
      } finally {
        await db.close();
      }
    });
}

/** Tables by name. */
async function datasetsOf(
  command: Command,
  flags: SqlFlags,
  data: string | undefined,
): Promise<Record<string, Dataset>> {
  const found: Record<string, Dataset> = {};
  const add = (name: string, dataset: Dataset): void => {
    if (Object.hasOwn(found, name)) {
      throw new OverpunchError('OVP_OPTION_DATASET', `Two data sets are called ${name}`, {
        hint: 'Give one of them another name: --dataset name=FILE.',
      });
    }
    found[name] = dataset;
  };
  for (const given of flags.dataset ?? []) {
    const [, name, file] = /^([A-Za-z_]\w*)=(.+)$/.exec(given) ?? [undefined, parse(given).name, given];
    const { data: path, copybook, options } = await readDataset(file!);
    if (path === undefined || copybook === undefined)
      throw new OverpunchError('OVP_OPTION_DATASET', `${file} must name its data and copybook to be a table`);
    add(name!, { ...options, data: path, copybook });
  }
  const given = givenOptions(command, JOB_OPTIONS);
  if (data !== undefined) {
    if (flags.copybook === undefined)
      command.error("error: required option '-c, --copybook <file>' not specified", { exitCode: 1 });
    add(parse(data).name, { ...merge({}, given), data, copybook: flags.copybook });
  } else if (flags.copybook !== undefined) {
    command.error("error: missing required argument 'data', which -c is the copybook of", { exitCode: 1 });
  }
  return found;
}

function formatOf({ to }: SqlFlags, path: string | undefined): SqlFormat {
  if (to === 'parquet' && path === undefined)
    throw new OverpunchError('OVP_OPTION_VALUE', '--to parquet needs -o FILE: it can only be written to a file');
  if (to) return to;
  if (path === undefined) return process.stdout.isTTY ? 'table' : 'csv';
  const format = EXTENSIONS[extname(path).toLowerCase()];
  if (format) return format;
  throw new OverpunchError('OVP_OPTION_VALUE', `-o ${path}: its extension says no format`, {
    hint: `Extensions: ${Object.keys(EXTENSIONS).join(', ')}; --to FORMAT writes one of them under any name.`,
  });
}

interface Answer {
  readonly format: SqlFormat;
  readonly path: string | undefined;
  readonly compression?: Compression | undefined;
}

async function answer(
  db: Database,
  query: string,
  { format, path, compression }: Answer,
  signal: AbortSignal,
): Promise<number> {
  let failure: unknown = null;
  let output: Output | null = null;
  const stop = (): void => db.interrupt();
  signal.addEventListener('abort', stop);
  try {
    if (format === 'parquet') {
      await db.toParquet(query, path!, { ...(compression && { compression }) });
    } else {
      output = openOutput(path);
      const style = styleFor(path === undefined ? process.stdout : {});
      for await (const text of rowsAs(format, db.query(query).chunks(), style)) {
        await output.write(Buffer.from(text));
        if (output.isClosed || signal.aborted) break;
      }
    }
  } catch (error) {
    if (!signal.aborted) failure = error ?? new Error('unknown');
  }
  signal.removeEventListener('abort', stop);
  if (output) failure ??= await endOutputs([output], failure, 0);
  if (signal.aborted) return Exit.INTERRUPTED;
  if (output?.isClosed) return Exit.OK;
  const code = await tellOfData(db);
  return failure ? sayError(failure) : code;
}

/** Says what of the data was bad; the exit code that this alone would have. */
async function tellOfData(db: Database, before = 0): Promise<number> {
  const badValues = (await db.scans()).reduce((sum, { badValues: bad, scan }) => sum + (scan > before ? bad : 0), 0);
  if (badValues === 0) return Exit.OK;
  const faults = (await db.faults()).filter(({ scan }) => scan > before);
  say(badDataLines({ badValues, faults, file: null, errors: undefined }).join('\n'));
  return Exit.DATA;
}

/** Queries one after another, each ended by a semicolon. */
async function prompt(db: Database, tables: readonly string[]): Promise<number> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: 'overpunch> ' });
  const style = styleFor(process.stdout);
  if (tables.length > 0) say(`tables: ${tables.join(', ')}; DESCRIBE shows one, .quit ends`);
  let text = '';
  lines.on('SIGINT', () => {
    text = '';
    db.interrupt();
    process.stdout.write('\n');
    lines.setPrompt('overpunch> ');
    lines.prompt();
  });
  lines.prompt();
  for await (const line of lines) {
    if (text === '' && /^\.(quit|exit)\s*$/.test(line.trim())) break;
    text += `${line}\n`;
    if (/;\s*$/.test(text)) {
      const before = Math.max(0, ...(await db.scans()).map(({ scan }) => scan));
      try {
        for await (const piece of rowsAs('table', db.query(text).chunks(), style)) process.stdout.write(piece);
      } catch (error) {
        sayError(error);
      }
      await tellOfData(db, before);
      text = '';
    } else if (text.trim() === '') {
      text = '';
    }
    lines.setPrompt(text === '' ? 'overpunch> ' : '        -> ');
    lines.prompt();
  }
  lines.close();
  return Exit.OK;
}
