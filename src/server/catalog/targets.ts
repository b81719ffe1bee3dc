/**
 * Where records may be loaded to: what the catalog names, and nothing else. A request says the name, so none makes the service
 * connect anywhere, or write anywhere, that the catalog has not.
 *
 *     "targets": { "warehouse": { "url": "postgres://loader@db/warehouse", "passwordFile": "secrets/warehouse", "roles": ["loader"] },
 *                  "cache": { "url": "rediss://cache/0", "prefix": "acct:", "roles": ["loader"] },
 *                  "exports": { "folder": "exports", "roles": ["clerk"] } }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkChoice, checkInteger } from '../../datasets/options.js';
import { OverpunchError } from '../../errors.js';
import { Address } from '../../sinks/address.js';
import { TLS_MODES } from '../../sinks/postgres/connection.js';
import { storeOf } from '../../sinks/sinks.js';
import { namesOf, objectOf, refuseOthers, textOf } from './checks.js';
import { isInside, rootedPath } from './rooted.js';

export const MODES = ['append', 'upsert', 'truncate'] as const;
export type LoadMode = (typeof MODES)[number];

interface Common {
  readonly name: string;
  /** Who may load there; null: everybody whom the service lets in. */
  readonly roles: readonly string[] | null;
  /** How rows may be loaded; `truncate`, which takes others away, only where the catalog says so. */
  readonly modes: readonly LoadMode[];
}

export interface PostgresTarget extends Common {
  readonly kind: 'postgres';
  readonly url: string;
  /** As written, relative to the catalog's folder. */
  readonly passwordFile: string | null;
  readonly ca: string | null;
  readonly tls: (typeof TLS_MODES)[number] | null;
  readonly schema: string;
  /** The tables that may be loaded; null: any of the schema. */
  readonly tables: readonly string[] | null;
  readonly workers: number;
}

export interface StoreTarget extends Common {
  readonly kind: 'mongodb' | 'redis';
  readonly url: string;
  readonly passwordFile: string | null;
  /** MongoDB: the collections that may be loaded. */
  readonly tables: readonly string[] | null;
  /** Redis: what keys begin with. */
  readonly prefix: string;
  readonly as: 'hash' | 'json';
  readonly ttl: number | null;
}

export interface FolderTarget extends Common {
  readonly kind: 'folder';
  /** As written, relative to the catalog's folder. */
  readonly folder: string;
  /** Most bytes of all files in it. */
  readonly maxBytes: number;
}

export type Target = PostgresTarget | StoreTarget | FolderTarget;

/** What the rest of the catalog is. */
export interface Around {
  readonly folder: string;
  readonly datasets: readonly { readonly name: string; readonly data: string; readonly copybook: string }[];
  /** The folder of uploads, which may not be there yet. */
  readonly uploads: string | null;
  /** Whether everybody is let in: then nobody has a role. */
  readonly isOpen: boolean;
}

const COMMON = ['roles', 'modes'];
const KEYS = {
  postgres: [...COMMON, 'url', 'passwordFile', 'ca', 'tls', 'schema', 'tables', 'workers'],
  mongodb: [...COMMON, 'url', 'passwordFile', 'tables'],
  redis: [...COMMON, 'url', 'passwordFile', 'prefix', 'as', 'ttl'],
  folder: [...COMMON, 'folder', 'maxBytes'],
};
/** Ways that rows can go, the one that is taken without being asked for first. */
const POSSIBLE: Readonly<Record<Target['kind'], readonly LoadMode[]>> = {
  postgres: ['append', 'upsert', 'truncate'],
  mongodb: ['upsert', 'truncate'],
  redis: ['upsert'],
  folder: ['append', 'truncate'],
};
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const MOST_BYTES = 2 ** 36;

/** @throws OverpunchError OVP_OPTION_CATALOG, OVP_OPTION_VALUE, OVP_SERVER_PATH, OVP_IO_NOT_FOUND */
export async function targetsOf(json: unknown, around: Around, file: string): Promise<Target[]> {
  if (json === undefined) return [];
  const targets: Target[] = [];
  for (const [name, entry] of Object.entries(objectOf(json, `${file}: targets`))) {
    const what = `${file}: targets: ${name}`;
    if (!NAME.test(name))
      throw wrong(`${file}: a target can't be called '${name}'`, 'Names are of letters, digits, - and _, 64 at most.');
    targets.push(await targetOf(name, objectOf(entry, what), around, what));
  }
  return targets;
}

async function targetOf(
  name: string,
  json: Readonly<Record<string, unknown>>,
  around: Around,
  what: string,
): Promise<Target> {
  const kind = kindOf(json, what);
  refuseOthers(json, KEYS[kind], what);
  const common: Common = {
    name,
    roles: rolesOf(json.roles, around, what),
    modes: modesOf(json.modes, kind, what),
  };
  if (kind === 'folder') return { kind, ...common, ...(await folderOf(json, around, what)) };
  const url = textOf(json.url, `${what}: url`);
  const path = async (key: 'passwordFile' | 'ca'): Promise<string | null> => {
    if (json[key] === undefined) return null;
    const given = textOf(json[key], `${what}: ${key}`);
    await rootedPath(around.folder, given, `${what}: ${key}`);
    return given;
  };
  const passwordFile = await path('passwordFile');
  const tables = json.tables === undefined ? null : namesOf(json.tables, `${what}: tables`);
  if (kind === 'postgres') {
    return {
      kind,
      ...common,
      url,
      passwordFile,
      tables,
      ca: await path('ca'),
      tls: json.tls === undefined ? null : (checkChoice(json.tls, TLS_MODES, `${what}: tls`) as PostgresTarget['tls']),
      schema: json.schema === undefined ? 'public' : textOf(json.schema, `${what}: schema`),
      workers: json.workers === undefined ? 2 : checkInteger(json.workers, { min: 1, max: 64 }, `${what}: workers`),
    };
  }
  return {
    kind,
    ...common,
    url,
    passwordFile,
    tables,
    prefix: json.prefix === undefined ? '' : textOf(json.prefix, `${what}: prefix`),
    as: json.as === undefined ? 'hash' : (checkChoice(json.as, ['hash', 'json'], `${what}: as`) as 'hash' | 'json'),
    ttl: json.ttl === undefined ? null : checkInteger(json.ttl, { min: 1, max: 2 ** 31 - 1 }, `${what}: ttl`),
  };
}

function kindOf(json: Readonly<Record<string, unknown>>, what: string): Target['kind'] {
  if ((json.url === undefined) === (json.folder === undefined))
    throw wrong(`${what} has a url or a folder, one of them`, 'It is postgres://user@host/database, for one.');
  if (json.folder !== undefined) return 'folder';
  const url = textOf(json.url, `${what}: url`);
  const address = new Address(url);
  if (address.password !== null || /[?&][^=&]*(password|secret|token)[^=&]*=/i.test(url))
    throw wrong(`${what}: the url has a secret in it`, 'passwordFile names a file that holds it.');
  const kind = /^postgres(ql)?:\/\//i.test(url) ? 'postgres' : storeOf(url);
  if (kind === null || !URL.canParse(url))
    throw wrong(
      `${what}: ${address.shown} is no store that is known`,
      'It is postgres://, mongodb://, mongodb+srv://, redis:// or rediss://.',
    );
  return kind;
}

function rolesOf(json: unknown, { isOpen }: Around, what: string): readonly string[] | null {
  if (json !== undefined && isOpen)
    throw wrong(`${what}: roles, but nobody can have one`, 'Add keys or jwt to the catalog.');
  // to write somewhere is more than to read: who may is said, rather than everybody because nothing was
  if (json === undefined && !isOpen)
    throw wrong(`${what}: roles is missing: who may load there`, 'It is a list of roles: ["loader"].');
  return json === undefined ? null : namesOf(json, `${what}: roles`);
}

function modesOf(json: unknown, kind: Target['kind'], what: string): readonly LoadMode[] {
  const possible = POSSIBLE[kind];
  if (json === undefined) return possible.filter((mode) => mode !== 'truncate');
  const modes = namesOf(json, `${what}: modes`).map(
    (mode) => checkChoice(mode, possible, `${what}: modes`) as LoadMode,
  );
  if (modes.length === 0) throw wrong(`${what}: modes is empty`, `It can have ${possible.join(', ')}.`);
  return possible.filter((mode) => modes.includes(mode));
}

async function folderOf(
  json: Readonly<Record<string, unknown>>,
  { folder: root, datasets, uploads }: Around,
  what: string,
): Promise<Pick<FolderTarget, 'folder' | 'maxBytes'>> {
  const folder = textOf(json.folder, `${what}: folder`);
  const real = await rootedPath(root, folder, `${what}: folder`);
  if (!(await stat(real)).isDirectory()) throw wrong(`${what}: ${folder} is no folder`, 'Files are made in it.');
  if (real === root) throw wrong(`${what}: files can't be loaded into the catalog's own folder`, 'Name one below it.');
  // what is served, or says how, can't be written over
  for (const { name, data, copybook } of datasets) {
    for (const path of [data, copybook]) {
      if (isInside(real, await rootedPath(root, path, `${what}: ${name}`)))
        throw wrong(`${what}: a file of the data set ${name} lies in it`, 'Name a folder of its own.');
    }
  }
  if (uploads !== null && isInside(real, resolve(root, uploads)))
    throw wrong(`${what}: the folder of uploads lies in it`, 'Name a folder of its own.');
  const { maxBytes } = json;
  return {
    folder,
    maxBytes:
      maxBytes === undefined
        ? MOST_BYTES
        : checkInteger(maxBytes, { min: 1, max: Number.MAX_SAFE_INTEGER }, `${what}: maxBytes`),
  };
}

const wrong = (message: string, hint: string): OverpunchError =>
  new OverpunchError('OVP_OPTION_CATALOG', message, { hint });
