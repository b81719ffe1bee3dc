/**
 * A catalog: the data sets that a service has, and who may see what of them. A JSON file, every key and value of which is
 * checked:
 *
 *     { "datasets": { "accounts": { "data": "accounts.dat", "copybook": "accounts.cpy", "recfm": "VB", "key": ["ACCOUNT-NUMBER"],
 *                                   "mask": { "BIRTH-DATE": { "except": ["auditor"] } }, "hide": ["RISK-SCORE"], "roles": ["clerk", "auditor"] } },
 *       "keys": [ { "name": "batch", "sha256": "...", "roles": ["clerk"] } ],
 *       "jwt": { "jwks": "jwks.json", "issuer": "https://id.example", "audience": "overpunch" },
 *       "targets": { "warehouse": { "url": "postgres://loader@db/warehouse", "roles": ["loader"] } },
 *       "uploads": { "roles": ["editor"], "bytes": 1000000000, "folder": "uploads" } }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { whyNot } from '../../datasets/file.js';
import { type JobOptions, checkChoice, checkInteger, checkOptions, isObject, wrong } from '../../datasets/options.js';
import { OverpunchError } from '../../errors.js';
import { type HiddenField, type MaskedField, hiddenOf, masksOf } from '../../schemas/protection.js';
import { listOf, namesOf, objectOf, refuseOthers, textOf } from './checks.js';
import { refuseOutside, rootedPath } from './rooted.js';
import { type Target, targetsOf } from './targets.js';
import type { StoreAddress } from '../store/address.js';

export interface CatalogEntry {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  /** As written, relative to the catalog's folder; they were there when the catalog was read. */
  readonly data: string;
  readonly copybook: string;
  readonly key: readonly string[];
  readonly mask: readonly MaskedField[];
  readonly hide: readonly HiddenField[];
  /** Who may use it; null: everybody whom the service lets in. */
  readonly roles: readonly string[] | null;
  readonly options: Partial<JobOptions>;
  /** The copybook itself, where it is no file; `copybook` is what messages call it then. */
  readonly text?: CopybookText;
  /** Where it was uploaded rather than catalogued. */
  readonly upload?: Upload;
}

/** A copybook as texts. */
export interface CopybookText {
  readonly text: string;
  /** What COPY brings in, by `NAME` or `NAME OF LIBRARY`. */
  readonly members: Readonly<Record<string, string>>;
}

export interface Upload {
  /** Gone when nobody uses it any more, or when the service ends. */
  readonly temporary: boolean;
  /** The caller who alone may know of it; null: whoever its roles let. */
  readonly owner: string | null;
}

/** Who may upload, how much, and where it goes. */
export interface UploadSettings {
  /** null: everybody whom the service lets in. */
  readonly roles: readonly string[] | null;
  /** Most bytes of a data file; null: as the service's limits have it. */
  readonly bytes: number | null;
  /** Most bytes, and files, of all uploads together; null: as the service's limits have it. */
  readonly totalBytes: number | null;
  readonly files: number | null;
  /** In the catalog's folder, made where it is missing; null: a private folder for temporary files. */
  readonly folder: string | null;
}

/** An API key: what it is called in logs, the hash of the key, what its holder may do. */
export interface KeyEntry {
  readonly name: string;
  /** SHA-256, 64 hexadecimal digits. Keys are random (256 bits), so a hash that is slow would guard nothing more. */
  readonly sha256: string;
  readonly roles: readonly string[];
  /** Milliseconds since 1970 from which on it is good for nothing; null: never. */
  readonly expires?: number | null;
}

export interface JwtSettings {
  /** An https address (http on loopback), or a file in the catalog's folder. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** The claim that lists the roles; default `roles`. A text is taken as words with spaces between, as `scope` is. */
  readonly rolesClaim: string;
}

export interface Catalog {
  /** Real path of its folder, which nothing that it names lies outside of. */
  readonly folder: string;
  readonly datasets: readonly CatalogEntry[];
  readonly keys: readonly KeyEntry[];
  readonly jwt: JwtSettings | null;
  /** null: nobody may upload. */
  readonly uploads: UploadSettings | null;
  /** Where records may be loaded to. */
  readonly targets: readonly Target[];
  /** The database that it is in: its data sets and keys are read there, and may change. */
  readonly store?: StoreAddress;
  /** Days that the audit is kept in it. */
  readonly auditDays?: number;
}

const TOP_KEYS = ['datasets', 'keys', 'jwt', 'targets', 'uploads'];
const DETAIL_KEYS = ['title', 'description', 'key', 'mask', 'hide', 'roles'];
const FILE_KEYS = ['data', 'copybook'];
const UPLOADS_KEYS = ['roles', 'bytes', 'totalBytes', 'files', 'folder'];
const JWT_KEYS = ['jwks', 'issuer', 'audience', 'algorithms', 'rolesClaim'];
/** Algorithms of public keys: a secret that signs and verifies is none that a catalog could hold. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * Reads a catalog: a file, or a folder with a `catalog.json` in it.
 * @throws OverpunchError OVP_IO_CATALOG, OVP_OPTION_CATALOG, OVP_OPTION_VALUE, OVP_OPTION_DATASET, OVP_SERVER_PATH
 */
export async function readCatalog(path: string): Promise<Catalog> {
  let text: string;
  let file: string;
  try {
    file = await realpath((await stat(path)).isDirectory() ? join(path, 'catalog.json') : path);
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new OverpunchError('OVP_IO_CATALOG', `The catalog ${path} could not be read: ${whyNot(cause)}`, {
      cause,
      hint: 'overpunch serve demo serves a sample, whose catalog is one to begin with.',
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  return checkCatalog(json, dirname(file), basename(file));
}

/**
 * The same of JSON that was read; `folder` is a real path.
 * @param isKnown callers are known by keys that are elsewhere
 */
export async function checkCatalog(json: unknown, folder: string, file = 'catalog', isKnown = false): Promise<Catalog> {
  const top = objectOf(json, file);
  refuseOthers(top, TOP_KEYS, file);
  const entries = objectOf(top.datasets, `${file}: datasets`);
  const datasets: CatalogEntry[] = [];
  for (const [name, entry] of Object.entries(entries)) datasets.push(await entryOf(name, entry, folder, file));
  const keys =
    top.keys === undefined ? [] : listOf(top.keys, `${file}: keys`).map((key, i) => keyOf(key, `${file}: keys[${i}]`));
  const twice = keys.find(({ name }, i) => keys.findIndex((other) => other.name === name) !== i);
  if (twice) throw new OverpunchError('OVP_OPTION_CATALOG', `${file}: two keys are called '${twice.name}'`);
  const jwt = top.jwt === undefined ? null : await checkJwt(top.jwt, folder, `${file}: jwt`);
  const uploads = top.uploads === undefined ? null : checkUploads(top.uploads, `${file}: uploads`);
  const guarded = uploads?.roles ? 'uploads' : datasets.find(({ roles }) => roles !== null)?.name;
  if (guarded !== undefined && keys.length === 0 && !jwt && !isKnown) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `${file}: ${guarded}: roles, but nobody can have one`, {
      hint: 'Add keys or jwt to the catalog.',
    });
  }
  const isOpen = keys.length === 0 && !jwt && !isKnown;
  const files = datasets.map((one) => ({ ...one, copybook: one.text ? one.data : one.copybook }));
  const around = { folder, datasets: files, uploads: uploads?.folder ?? null, isOpen };
  const targets = await targetsOf(top.targets, around, file);
  return { folder, datasets, keys, jwt, uploads, targets };
}

async function entryOf(name: string, json: unknown, folder: string, file: string): Promise<CatalogEntry> {
  const what = `${file}: ${name}`;
  checkName(name, file);
  const entry = objectOf(json, what);
  const { options: all, ...details } = entryDetails(entry, what, FILE_KEYS);
  const { copyPaths, ...options } = all;
  const data = textOf(entry.data, `${what}: data`);
  const inline = isObject(entry.copybook) ? copybookText(entry.copybook, `${what}: copybook`) : null;
  const copybook = inline?.name ?? textOf(entry.copybook, `${what}: copybook`);
  for (const [key, path] of Object.entries({ data, ...(!inline && { copybook }) })) {
    const real = await rootedPath(folder, path, `${what}: ${key}`);
    if (!(await stat(real)).isFile())
      throw new OverpunchError('OVP_SERVER_PATH', `${what}: ${key}: '${path}' is no file`);
  }
  const folders = await Promise.all((copyPaths ?? []).map((path) => rootedPath(folder, path, `${what}: copyPaths`)));
  return {
    name,
    data,
    copybook,
    ...details,
    options: { ...options, ...(copyPaths && { copyPaths: folders }) },
    ...(inline && { text: inline }),
  };
}

/** A copybook in the catalog itself, as `overpunch catalog export` writes it. */
function copybookText(json: Record<string, unknown>, what: string): CopybookText & { readonly name: string } {
  refuseOthers(json, ['name', 'text', 'members'], what);
  const members = Object.entries(json.members === undefined ? {} : objectOf(json.members, `${what}: members`));
  return {
    name: json.name === undefined ? 'copybook' : textOf(json.name, `${what}: name`),
    text: textOf(json.text, `${what}: text`),
    members: Object.fromEntries(members.map(([name, text]) => [name, textOf(text, `${what}: members: ${name}`)])),
  };
}

/** @throws OverpunchError OVP_OPTION_CATALOG where it can't be a part of an address */
export function checkName(name: string, file: string): void {
  if (NAME.test(name)) return;
  throw new OverpunchError('OVP_OPTION_CATALOG', `${file}: a data set can't be called '${name.slice(0, 100)}'`, {
    hint: 'Names are of letters, digits, - and _, 64 at most: they are a part of addresses.',
  });
}

/**
 * What a data set has apart from its name and its files.
 * @param otherKeys that it can have besides
 */
export function entryDetails(
  entry: Record<string, unknown>,
  what: string,
  otherKeys: readonly string[],
): Omit<CatalogEntry, 'name' | 'data' | 'copybook'> {
  const options = checkOptions(entry, what, [...otherKeys, ...DETAIL_KEYS]);
  for (const key of ['select', 'where', 'skip', 'limit'] as const) {
    if (options[key] === undefined) continue;
    throw new OverpunchError('OVP_OPTION_CATALOG', `${what}: ${key} is for requests`, {
      hint: key === 'select' ? 'hide leaves fields out for good.' : 'Leave it out of the catalog.',
    });
  }
  return {
    title: entry.title === undefined ? null : textOf(entry.title, `${what}: title`),
    description: entry.description === undefined ? null : textOf(entry.description, `${what}: description`),
    key: entry.key === undefined ? [] : namesOf(entry.key, `${what}: key`),
    mask: masksOf(entry.mask, `${what}: mask`),
    hide: hiddenOf(entry.hide, `${what}: hide`),
    roles: entry.roles === undefined ? null : namesOf(entry.roles, `${what}: roles`),
    options,
  };
}

export function checkUploads(json: unknown, what: string): UploadSettings {
  const { roles, bytes, totalBytes, files, folder, ...others } = objectOf(json, what);
  refuseOthers(others, UPLOADS_KEYS, what);
  const name = folder === undefined ? null : textOf(folder, `${what}: folder`);
  if (name !== null) refuseOutside(name, `${what}: folder`);
  return {
    roles: roles === undefined ? null : namesOf(roles, `${what}: roles`),
    bytes: countOf(bytes, `${what}: bytes`),
    totalBytes: countOf(totalBytes, `${what}: totalBytes`),
    files: countOf(files, `${what}: files`),
    folder: name,
  };
}

const countOf = (given: unknown, what: string): number | null =>
  given === undefined ? null : checkInteger(given, { min: 1, max: Number.MAX_SAFE_INTEGER }, what);

function keyOf(json: unknown, what: string): KeyEntry {
  const key = objectOf(json, what);
  refuseOthers(key, ['name', 'sha256', 'roles', 'expires'], what);
  const sha256 = textOf(key.sha256, `${what}: sha256`).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `${what}: sha256 is not 64 hexadecimal digits`, {
      hint: 'overpunch serve --new-key NAME makes a key, and says its hash.',
    });
  }
  return {
    name: textOf(key.name, `${what}: name`),
    sha256,
    roles: key.roles === undefined ? [] : namesOf(key.roles, `${what}: roles`),
    ...(key.expires !== undefined && {
      expires: checkTime(textOf(key.expires, `${what}: expires`), `${what}: expires`),
    }),
  };
}

/** A day or a time as ISO 8601 has it, in milliseconds since 1970. @throws OverpunchError OVP_OPTION_VALUE */
export function checkTime(text: string, what: string): number {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time)) throw wrong(what, text, 'It is a day or a time: 2027-01-31, 2027-01-31T18:00:00Z.');
  return time;
}

export async function checkJwt(json: unknown, folder: string, what: string): Promise<JwtSettings> {
  const jwt = objectOf(json, what);
  refuseOthers(jwt, JWT_KEYS, what);
  const given =
    jwt.algorithms === undefined ? ['RS256', 'ES256', 'EdDSA'] : namesOf(jwt.algorithms, `${what}: algorithms`);
  const algorithms = given.map((name) => checkChoice(name, ALGORITHMS, `${what}: algorithms`));
  if (algorithms.length === 0) throw wrong(`${what}: algorithms`, given, `It can be ${ALGORITHMS.join(', ')}.`);
  const jwks = textOf(jwt.jwks, `${what}: jwks`);
  return {
    jwks: isSafeAddress(jwks) ? jwks : await rootedPath(folder, jwks, `${what}: jwks`),
    issuer: textOf(jwt.issuer, `${what}: issuer`),
    audience: textOf(jwt.audience, `${what}: audience`),
    algorithms,
    rolesClaim: jwt.rolesClaim === undefined ? 'roles' : textOf(jwt.rolesClaim, `${what}: rolesClaim`),
  };
}

/** Whoever could change keys on their way could be anybody. */
const isSafeAddress = (text: string): boolean =>
  /^https:\/\//i.test(text) || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/i.test(text);
