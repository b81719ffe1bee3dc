/**
 * JSON catalogs into a database, and a database as a JSON catalog.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { join, relative, sep } from 'node:path';
import { OverpunchError } from '../../errors.js';
import { hideJson, maskJson } from '../../schemas/protection.js';
import { type Catalog, type CatalogEntry, type UploadSettings, checkCatalog } from '../catalog/catalog.js';
import { collectText } from '../catalog/copytext.js';
import { ServedDataset } from '../records/dataset.js';
import { isInside, rootedPath } from '../catalog/rooted.js';
import { targetsOf } from '../catalog/targets.js';
import { type RawSettings, type Store, type TextEntry, UPLOADS } from './store.js';

/** What was taken in. */
export interface Imported {
  readonly datasets: number;
  readonly keys: number;
}

/**
 * Puts all of a JSON catalog into the database, data sets in the place of those of their names.
 * @param json as it was read; `folder`: its folder, a real path
 * @throws OverpunchError of whatever is wrong in it: nothing is changed then
 */
export async function importCatalog(store: Store, json: unknown, folder: string, by: string): Promise<Imported> {
  const isKnown = (await store.keys()).length > 0 || (await store.rawSettings()).jwt !== undefined;
  const catalog = await checkCatalog(json, folder, 'catalog', isKnown);
  const entries: TextEntry[] = [];
  for (const entry of catalog.datasets) entries.push(await storable(store, catalog, entry));
  const { jwt, uploads, targets } = json as RawSettings & { readonly jwt?: object };
  const jwks = catalog.jwt && { jwks: jwksOf(store, catalog.jwt.jwks) };
  await checkTargets(store, catalog, entries, targets, isKnown);
  const settings = { jwt: jwt && { ...jwt, ...jwks }, uploads, targets };
  await store.takeIn({ entries, keys: catalog.keys, settings }, by);
  return { datasets: entries.length, keys: catalog.keys.length };
}

/** No target may write over what is served, whichever came first. Paths of targets are of the database's folder. */
async function checkTargets(
  store: Store,
  { keys, jwt, uploads }: Catalog,
  entries: readonly TextEntry[],
  given: unknown,
  isKnown: boolean,
): Promise<void> {
  const now = await store.rawSettings();
  const files = entries.map(({ name, data }) => ({ name, data, copybook: data }));
  const around = {
    folder: store.address.folder,
    datasets: [...(await store.files()), ...files],
    uploads: (uploads ?? (now.uploads as UploadSettings | undefined))?.folder ?? UPLOADS,
    isOpen: keys.length === 0 && jwt === null && !isKnown,
  };
  await targetsOf(given ?? now.targets, around, 'catalog');
}

/** A file as the database's folder has it. */
function jwksOf({ address: { folder } }: Store, jwks: string): string {
  if (/^https?:/i.test(jwks)) return jwks;
  if (isInside(folder, jwks)) return relative(folder, jwks).split(sep).join('/');
  throw outside('jwt: jwks', jwks, folder);
}

const outside = (what: string, path: string, folder: string): OverpunchError =>
  new OverpunchError('OVP_SERVER_PATH', `${what}: '${path}' lies outside of ${folder}`, {
    hint: 'Put the database into a folder above it, or say --folder.',
  });

/** An entry with its copybook's text, and the path of its data from the database's folder; all of it is looked at. */
async function storable(store: Store, catalog: Catalog, entry: CatalogEntry): Promise<TextEntry> {
  const { folder } = store.address;
  const real = await rootedPath(catalog.folder, entry.data, `${entry.name}: data`);
  if (!isInside(folder, real)) throw outside(`${entry.name}: data`, entry.data, folder);
  const given = join(catalog.folder, entry.data);
  // a link that stays in the folder stays a link
  const data = relative(folder, isInside(folder, given) ? given : real);
  const { copyPaths: _, copyExtensions: _e, ...options } = entry.options;
  const text = await collectText(catalog.folder, entry);
  const stored = { ...entry, options, data: data.split(sep).join('/'), text };
  (await ServedDataset.open({ folder }, stored)).close();
  return stored;
}

/** A JSON catalog of what is in the database, copybooks and all; temporary data sets are not in it. */
export async function exportCatalog(store: Store): Promise<Record<string, unknown>> {
  const datasets: Record<string, unknown> = {};
  for (const name of (await store.stamps()).keys()) {
    const entry = await store.entry(name);
    if (entry && !entry.upload?.temporary) datasets[name] = entryJson(entry);
  }
  const keys = (await store.keys()).map(({ name, sha256, roles, expires }) => ({
    name,
    sha256,
    roles,
    ...(expires != null && { expires: new Date(expires).toISOString() }),
  }));
  return { datasets, ...(keys.length > 0 && { keys }), ...(await store.rawSettings()) };
}

function entryJson({
  data,
  copybook,
  text,
  title,
  description,
  key,
  mask,
  hide,
  roles,
  options,
}: CatalogEntry): object {
  const hasMembers = Object.keys(text?.members ?? {}).length > 0;
  return {
    data,
    copybook: { name: copybook, text: text!.text, ...(hasMembers && { members: text!.members }) },
    ...(title !== null && { title }),
    ...(description !== null && { description }),
    ...(key.length > 0 && { key }),
    ...(mask.length > 0 && { mask: maskJson(mask) }),
    ...(hide.length > 0 && { hide: hideJson(hide) }),
    ...(roles !== null && { roles }),
    ...options,
  };
}
