/**
 * `overpunch catalog`: a service's catalog in a database. A service that runs on it sees what is changed here with its next request.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile, realpath } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { whyNot } from '../../datasets/file.js';
import { OverpunchError } from '../../errors.js';
import type { Store } from '../../server/store/store.js';
import { say } from '../talk.js';

interface Flags {
  readonly folder?: string;
  readonly roles?: string[];
  readonly expires?: string;
}

export function addCatalog(program: Command): void {
  const group = program
    .command('catalog')
    .summary("a service's catalog in a database")
    .description(
      'Makes and changes catalogs in SQLite (sqlite:catalog.db, or a path that ends in .db) or PostgreSQL (postgres://user@host/database;\nthe password by PGPASSWORD or the file that OVERPUNCH_PASSWORD_FILE names).',
    )
    .addHelpText(
      'after',
      `
Examples:
  overpunch catalog init catalog.db
  overpunch catalog import catalog.db catalog.json
  overpunch catalog keys add catalog.db nightly --roles clerk --expires 2027-12-31`,
    );
  const command = (parent: Command, usage: string, summary: string): Command =>
    parent
      .command(usage)
      .description(summary)
      .option('--folder <dir>', 'what its paths are relative to (default: where the SQLite file is, or here)');

  command(group, 'init <db>', 'makes an empty catalog, or brings one up to date').action((db: string, flags: Flags) =>
    withStore(db, flags, async () => say('the catalog is ready'), true),
  );
  command(group, 'import <db> <json>', 'puts all of a JSON catalog into it').action(
    (db: string, path: string, flags: Flags) =>
      withStore(db, flags, async (store) => {
        const { importCatalog } = await import('../../server/store/transfer.js');
        const folder = await realpath(dirname(path)).catch(() => '.');
        const { datasets, keys } = await importCatalog(store, await readJson(path), folder, who());
        say(`${datasets} data sets and ${keys} keys are in the catalog`);
      }),
  );
  command(group, 'export <db>', 'prints it as a JSON catalog').action((db: string, flags: Flags) =>
    withStore(db, flags, async (store) => {
      const { exportCatalog } = await import('../../server/store/transfer.js');
      print(await exportCatalog(store));
    }),
  );
  command(
    group,
    'add <db> <name> <json>',
    'adds a data set: its JSON as in a catalog, paths relative to the JSON; or changes one',
  ).action((db: string, name: string, path: string, flags: Flags) =>
    withStore(db, flags, async (store) => {
      const { importCatalog } = await import('../../server/store/transfer.js');
      const folder = await realpath(dirname(path)).catch(() => '.');
      await importCatalog(store, { datasets: { [name]: await readJson(path) } }, folder, who());
      say(`${name} is in the catalog`);
    }),
  );
  command(group, 'remove <db> <name>', 'takes a data set out of it; its file stays').action(
    (db: string, name: string, flags: Flags) =>
      withStore(db, flags, async (store) => {
        if (await store.remove(name)) say(`${name} is no more in the catalog`);
        else throw new OverpunchError('OVP_OPTION_CATALOG', `There is no data set '${name}' in the catalog`);
      }),
  );

  const keys = group.command('keys').description('API keys: who may ask');
  command(keys, 'add <db> <name>', 'makes a key and prints it, once')
    .addOption(new Option('--roles <names>', 'what its holder is').argParser((text) => text.split(',')))
    .option('--expires <time>', 'until when it is good: 2027-12-31, 2027-12-31T18:00:00Z')
    .action((db: string, name: string, flags: Flags) =>
      withStore(db, flags, async (store) => {
        const { newKey } = await import('../../server/access/access.js');
        const { checkTime } = await import('../../server/catalog/catalog.js');
        const { key, entry } = newKey(name, flags.roles ?? []);
        await store.addKey({
          ...entry,
          expires: flags.expires === undefined ? null : checkTime(flags.expires, '--expires'),
        });
        process.stdout.write(`${key}\n`);
        say('the key is shown once');
      }),
    );
  command(keys, 'revoke <db> <name>', 'ends a key').action((db: string, name: string, flags: Flags) =>
    withStore(db, flags, async (store) => {
      await store.revokeKey(name);
      say(`the key ${name} is good for nothing any more`);
    }),
  );
  command(keys, 'list <db>', 'prints them, without their hashes').action((db: string, flags: Flags) =>
    withStore(db, flags, async (store) =>
      print(
        (await store.keys()).map(({ name, roles, made, expires, revoked }) => ({
          name,
          roles,
          made,
          expires: expires == null ? null : new Date(expires).toISOString(),
          revoked,
        })),
      ),
    ),
  );
}

async function withStore(
  given: string,
  { folder }: Flags,
  action: (store: Store) => Promise<void>,
  create = false,
): Promise<void> {
  const { isDatabase, storeAddress } = await import('../../server/store/address.js');
  if (!isDatabase(given)) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `'${given}' is no address of a database`, {
      hint: 'It is sqlite:catalog.db, a path that ends in .db, or postgres://user@host/database.',
    });
  }
  const { Store } = await import('../../server/store/store.js');
  const store = await Store.open(await storeAddress(given, folder), create);
  try {
    await action(store);
  } finally {
    await store.close();
  }
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new OverpunchError('OVP_IO_CATALOG', `${path} could not be read: ${whyNot(cause)}`, { cause });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function print(json: unknown): void {
  process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

/** As the versions of copybooks have it. */
function who(): string {
  try {
    return `user ${userInfo().username}`;
  } catch {
    return 'command'; // a user without a name, as containers have them
  }
}
