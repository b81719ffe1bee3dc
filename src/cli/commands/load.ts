/**
 * `overpunch load`: a file into a database, every record once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OverpunchError } from '../../errors.js';
import { compileOnce } from '../../plan/compiled.js';
import type { Reader } from '../../read.js';
import { tablesOf } from '../../schemas/table.js';
import { Address } from '../../sinks/address.js';
import { NUL_POLICIES, type NulPolicy } from '../../sinks/postgres/columns.js';
import { TLS_MODES } from '../../sinks/postgres/connection.js';
import { type LoadOptions, startLoad } from '../../sinks/postgres/load.js';
import { hiddenOf, masksOf } from '../../schemas/protection.js';
import { rolesSql } from '../../sinks/postgres/roles.js';
import type { LoadResult } from '../../sinks/postgres/options.js';
import { storeOf } from '../../sinks/sinks.js';
import { loadDuckdb } from '../../sql/load.js';
import { interruptible } from '../interrupt.js';
import { type Job, addJobOptions, jobOf } from '../job.js';
import { checkChoice } from '../options.js';
import { Progress } from '../progress.js';
import { counted, megabytes, rate } from '../style.js';
import { Exit, say, sayError, sayVerbosely } from '../talk.js';
import { type StoreFlags, loadStore } from './load-store.js';

interface LoadFlags {
  readonly into?: string;
  readonly table?: string;
  readonly schema: string;
  readonly occurs?: 'array' | 'json' | 'tables';
  readonly key?: readonly string[];
  readonly upsert?: readonly string[];
  readonly truncate?: true;
  readonly again?: true;
  readonly dryRun?: true;
  readonly nul?: NulPolicy;
  readonly workers?: number;
  readonly rangeSize?: number;
  readonly tls?: 'disable' | 'require' | 'verify-full';
  readonly ca?: string;
  readonly passwordFile?: string;
  readonly printRoles?: true;
  readonly rolesPrefix: string;
  readonly prefix?: string;
  readonly as?: 'hash' | 'json';
  readonly ttl?: number;
}

const OCCURS = ['array', 'json', 'tables'] as const;
const MOST_WORKERS = 64;
const FORMS = ['hash', 'json'] as const;
/** Options that only stores have, and those that none has. */
const ONLY_STORES = ['prefix', 'as', 'ttl'];
const NO_STORES = 'schema occurs again dryRun nul workers rangeSize tls ca printRoles rolesPrefix'.split(' ');

export function addLoad(program: Command, finish: (exitCode: number) => void): void {
  const command = program.command('load').summary('records into PostgreSQL or DuckDB, each once; MongoDB, Redis');
  const choice = (name: string, values: readonly string[], help: string): Option =>
    new Option(`--${name} <${values.join('|')}>`, help)
      .helpGroup('The database:')
      .argParser((value) => checkChoice(value, values, `--${name}`));
  const option = (flags: string, help: string): Option => new Option(flags, help).helpGroup('The database:');
  const names = (text: string): string[] => text.split(',').map((name) => name.trim());
  command
    .description(
      'Loads records into a table, which is made where there is none. All rows come at once, at the end; a load that was\n' +
        'killed goes on where it stopped when it is begun again, and a file that was loaded is refused.',
    )
    .addOption(
      option(
        '--into <url>',
        'postgres://user@host:5432/database (password: PGPASSWORD, --password-file), FILE.duckdb, mongodb://, redis://',
      ),
    )
    .addOption(option('--table <name>', "name of the table (default: the record's)"))
    .addOption(option('--schema <name>', 'schema of the table').default('public'))
    .addOption(choice('occurs', OCCURS, 'tables as columns or as tables (default array)'))
    .addOption(option('--key <names>', 'primary key of a table that is made: BRANCH,ACCT-ID').argParser(names))
    .addOption(option('--upsert <key>', 'rows replace those with the same key').argParser(names).conflicts('key'))
    .addOption(option('--truncate', 'rows replace all that are there').conflicts('upsert'))
    .addOption(option('--again', 'load a file that was loaded already once more'))
    .addOption(option('--dry-run', 'read everything, say what would be done, and change nothing'))
    .addOption(choice('nul', NUL_POLICIES, 'U+0000, which can not be stored: its row is rejected (default), or it is'))
    .addOption(option('--workers <n>', 'connections that rows go through (default 2)').argParser(workersOf))
    .addOption(option('--range-size <size>', 'bytes of one transaction, or 64M (default 16M)').argParser(sizeOf))
    .addOption(choice('tls', TLS_MODES, 'default verify-full, disable on this machine'))
    .addOption(option('--ca <file>', "certificates of those who may sign the server's"))
    .addOption(option('--password-file <file>', 'file with the password (default $OVERPUNCH_PASSWORD_FILE)'))
    .addOption(option('--print-roles', 'print SQL that makes the tables, and roles with no more rights than they need'))
    .addOption(option('--roles-prefix <name>', 'what the names of the roles begin with').default('overpunch'));
  const redis = (flags: string, help: string): Option => new Option(flags, help).helpGroup('Redis:');
  command
    .addOption(redis('--prefix <text>', 'what keys begin with: acct:'))
    .addOption(redis('--as <hash|json>', 'default hash').argParser((value) => checkChoice(value, FORMS, '--as')))
    .addOption(redis('--ttl <seconds>', 'after which a record is forgotten').argParser(secondsOf));
  addJobOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  overpunch load accounts.bin -c account.cpy --into postgres://loader@db.example/bank --key ACCT-ID
  overpunch load day2.bin -c account.cpy --into postgres://loader@db.example/bank --upsert ACCT-ID
  overpunch load accounts.bin -c account.cpy --into bank.duckdb
  overpunch load accounts.bin -c account.cpy --into mongodb://loader@db.example/bank --key ACCT-ID
  overpunch load accounts.bin -c account.cpy --into rediss://cache.example/0 --key ACCT-ID --prefix acct: --as json
  overpunch load --dataset accounts.json --schema bank --print-roles | psql -d bank

Rejected rows and bad values are in the table overpunch.reject, loads in overpunch.load. MongoDB and Redis have neither: what was
written by a load that failed stays; with --key it can be begun again.`,
    )
    .action(async (data: string | undefined) => {
      const flags = command.opts<LoadFlags>();
      const job = await jobOf(command, flags.printRoles ? (data ?? '-') : data);
      const { into } = flags;
      const isStore = into !== undefined && storeOf(into) !== null;
      refuse(command, isStore ? NO_STORES : ONLY_STORES, isStore ? 'a store' : 'a database of tables');
      finish(flags.printRoles ? printRoles(job, flags) : await interruptible((signal) => run(job, flags, signal)));
    });
}

/** What MongoDB or Redis are told. */
function storeFlags({ upsert, key = upsert, table, truncate, prefix, as, ttl, passwordFile }: LoadFlags): StoreFlags {
  const all = { key, table, truncate, prefix, as, ttl, passwordFile };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** An option that would be ignored is refused. @throws OverpunchError OVP_OPTION_INTO */
function refuse(command: Command, names: readonly string[], store: string): void {
  const given = names.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const flag = command.options.find((option) => option.attributeName() === given)!.long;
  throw new OverpunchError('OVP_OPTION_INTO', `${flag} is not for ${store}`);
}

function secondsOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

function workersOf(text: string): number {
  const workers = Number(text);
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS)
    throw new InvalidArgumentError(`It is a number from 1 to ${MOST_WORKERS}.`);
  return workers;
}

function sizeOf(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([KMG]?)i?B?$/i.exec(text.trim()) ?? [];
  const size = Number(digits) * { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 }[unit?.toUpperCase() ?? '']!;
  if (!(size >= 1 && size <= 1 << 30))
    throw new InvalidArgumentError('It is a number of bytes, or as 64M; 1G at most.');
  return size;
}

function printRoles({ copybook: { layout }, options, protection }: Job, flags: LoadFlags): number {
  const { schema } = compileOnce(layout, options);
  const { table, occurs, upsert, key = upsert } = flags;
  const tables = tablesOf(schema, layout, {
    ...(table !== undefined && { table }),
    ...(occurs && { occurs }),
    ...(key && { key }),
    names: options.names ?? 'snake',
    nameLimit: { max: 63, unit: 'bytes' },
  });
  process.stdout.write(rolesSql(tables, { ...protection, schema: flags.schema, prefix: flags.rolesPrefix }));
  return Exit.OK;
}

const WHERE_TO =
  'It is written postgres://user@host:5432/database, NAME.duckdb (a path), mongodb://host/database or redis://host/0.';

/** A file of DuckDB, or the URL of PostgreSQL or of a store. @throws OverpunchError OVP_OPTION_INTO */
function targetOf({
  into,
}: LoadFlags): { readonly url: string } | { readonly path: string } | { readonly store: string } {
  if (into === undefined) throw new OverpunchError('OVP_OPTION_INTO', 'load needs --into', { hint: WHERE_TO });
  if (/^postgres(ql)?:/i.test(into)) return { url: into };
  if (storeOf(into) !== null) return { store: into };
  const [, named] = /^duckdb:(?:\/\/)?(.+)$/i.exec(into) ?? [];
  if (named !== undefined) return { path: named };
  if (/\.(?:duckdb|ddb)$/i.test(into) && !into.includes('://')) return { path: into };
  throw new OverpunchError('OVP_OPTION_INTO', `--into ${new Address(into).shown} is no database that is known`, {
    hint: WHERE_TO,
  });
}

/** Options that only PostgreSQL has. */
const OF_POSTGRES = ['occurs', 'dryRun', 'nul', 'workers', 'rangeSize', 'tls', 'ca', 'passwordFile'] as const;

/** @throws OverpunchError OVP_OPTION_INTO */
function withoutPostgres(flags: LoadFlags, what: string): void {
  const strange = OF_POSTGRES.find((name) => flags[name] !== undefined);
  if (strange !== undefined) throw new OverpunchError('OVP_OPTION_INTO', `${strange}: ${what} is loaded without`);
}

/** What has no roles can't keep anything from its readers. @throws OverpunchError OVP_OPTION_INTO */
function refuseGuarded({ protection }: Job): void {
  const { mask, hide, rowSecurity = [] } = protection;
  const fields = [...masksOf(mask, 'mask'), ...hiddenOf(hide, 'hide')].map(({ field }) => field);
  const [guarded] = [...fields, ...[rowSecurity].flat()];
  if (guarded === undefined) return;
  throw new OverpunchError('OVP_OPTION_INTO', `The data set guards ${guarded} from readers; this store would show it`, {
    hint: 'select leaves out what is not to be seen; PostgreSQL can hide it.',
  });
}

async function intoDuckdb(path: string, job: Job, flags: LoadFlags, signal: AbortSignal): Promise<number> {
  withoutPostgres(flags, 'a file of DuckDB');
  const { upsert, truncate, key = upsert, table, again, schema } = flags;
  const { load, rows, badValues, ...result } = await loadDuckdb(
    path,
    { ...job.options, data: job.data, copybook: job.copybook },
    {
      mode: upsert ? 'upsert' : truncate ? 'truncate' : 'append',
      schema: schema === 'public' ? 'main' : schema,
      ...{ table, again, key, signal },
    },
  );
  say(`load ${load}: ${counted(rows, 'record')} into ${result.table}`);
  if (badValues === 0) return Exit.OK;
  say(`${counted(badValues, 'bad value')} taken as null; they are in overpunch.reject WHERE load = ${load}`);
  return job.options.onBadData === 'null' ? Exit.OK : Exit.DATA;
}

async function run(job: Job, flags: LoadFlags, signal: AbortSignal): Promise<number> {
  const { options, data } = job;
  const target = targetOf(flags);
  if (!('url' in target)) refuseGuarded(job);
  if ('store' in target) return loadStore(job, target.store, storeFlags(flags), signal);
  if (data === '-') {
    throw new OverpunchError('OVP_OPTION_INTO', 'load needs a file: what comes through a pipe can not be read twice', {
      hint: 'Its fingerprint is read first, so that no file is loaded twice.',
    });
  }
  if ('path' in target) return intoDuckdb(target.path, job, flags, signal).catch(sayError);
  const { into: _, upsert, truncate, rangeSize, printRoles: _p, rolesPrefix: _r, key, ...rest } = flags;
  const how: LoadOptions = {
    ...options,
    ...pick(rest),
    copybook: job.copybook,
    url: target.url,
    mode: upsert ? 'upsert' : truncate ? 'truncate' : 'append',
    ...((upsert ?? key) && { key: upsert ?? key! }),
    ...(rangeSize !== undefined && { rangeBytes: rangeSize }),
    maxFaults: 0,
    signal,
  };
  let reader: Reader | null = null;
  const measure = () => ({ done: reader?.summary.bytes ?? 0, total: reader?.size ?? null });
  const progress = new Progress(process.stderr, measure);
  const started = performance.now();
  progress.start();
  try {
    const load = await startLoad(data, how);
    reader = load.reader;
    const result = await load.result;
    progress.stop();
    return tell(result, job, reader, (performance.now() - started) / 1000);
  } catch (error) {
    progress.stop();
    if (!signal.aborted) return sayError(error);
    say('interrupted; begun again, it goes on from here');
    return Exit.INTERRUPTED;
  }
}

/** Only the options of loading: the command's flags hold those of reading too. */
function pick(flags: Partial<LoadFlags>): Partial<LoadOptions> {
  const { table, schema, occurs, again, dryRun, nul, workers, tls, ca, passwordFile } = flags;
  const own = { table, schema, occurs, again, dryRun, nul, workers, tls, ca, passwordFile };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}

function tell(result: LoadResult, { options, verbose }: Job, { summary }: Reader, seconds: number): number {
  const { rows, inserted, updated, superseded, rejected, badValues, created, load, table, isResumed } = result;
  if (load === null) {
    for (const statement of created) process.stdout.write(`${statement};\n`);
    say(`dry run: ${counted(rows, 'row')} would go into ${table}, ${count(rejected, badValues)}`);
    return rejected + badValues > 0 ? Exit.DATA : Exit.OK;
  }
  const parts = [`${counted(inserted, 'row')} added to ${table}`];
  if (updated > 0) parts.push(`${counted(updated, 'row')} replaced`);
  if (superseded > 0) parts.push(`${counted(superseded, 'record')} with a key that comes again later in the file`);
  say(`load ${load}${isResumed ? ', which went on where it had stopped' : ''}: ${parts.join(', ')}`);
  sayVerbosely(verbose, `${megabytes(summary.bytes)} in ${seconds.toFixed(2)} s (${rate(summary.bytes, seconds)})`);
  if (rejected + badValues === 0) return Exit.OK;
  say(`${count(rejected, badValues)}; they are in overpunch.reject WHERE load = ${load}`);
  return options.onBadData === 'null' && rejected === 0 ? Exit.OK : Exit.DATA;
}

const count = (rejected: number, badValues: number): string =>
  `${counted(rejected, 'row')} rejected, ${counted(badValues, 'bad value')} taken as null`;
