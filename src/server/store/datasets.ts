/**
 * Data sets in a database: each row is what an entry of a JSON catalog is, and is checked by the same checks when it is read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { HiddenField, MaskedField } from '../../schemas/protection.js';
import { type CatalogEntry, type CopybookText, checkName, entryDetails } from '../catalog/catalog.js';
import { ServiceError } from '../problem.js';
import { refuseOutside } from '../catalog/rooted.js';
import type { Tables } from './tables.js';

type Db = Kysely<Tables>;

/** Of every data set, the revision of the catalog that wrote it. */
export async function datasetStamps(db: Db): Promise<Map<string, number>> {
  const rows = await db.selectFrom('datasets').select(['name', 'revision']).orderBy('name').execute();
  return new Map(rows.map(({ name, revision }) => [name, revision]));
}

/** null where there is none of this name. @throws OverpunchError where a row is not what it can be */
export async function readEntry(db: Db, name: string): Promise<CatalogEntry | null> {
  const row = await db
    .selectFrom('datasets')
    .innerJoin('copybook_versions', 'copybook_versions.id', 'datasets.version_id')
    .innerJoin('copybooks', 'copybooks.id', 'copybook_versions.copybook_id')
    .selectAll('datasets')
    .select(['copybook_versions.text', 'copybook_versions.members', 'copybooks.name as copybook'])
    .where('datasets.name', '=', name)
    .executeTakeFirst();
  if (!row) return null;
  const what = `catalog: ${name}`;
  checkName(name, 'catalog');
  refuseOutside(row.data, `${what}: data`);
  const roles = await db
    .selectFrom('dataset_roles')
    .select('role')
    .where('dataset_id', '=', row.id)
    .orderBy('role')
    .execute();
  const details = {
    ...(JSON.parse(row.options) as Record<string, unknown>),
    key: JSON.parse(row.key_fields),
    ...(row.title !== null && { title: row.title }),
    ...(row.description !== null && { description: row.description }),
    ...(row.restricted === 1 && { roles: roles.map(({ role }) => role) }),
    ...(await readGuards(db, row.id)),
  };
  const upload = row.uploaded === 1 && { upload: { temporary: row.temporary === 1, owner: row.owner } };
  return {
    name,
    data: row.data,
    copybook: row.copybook,
    ...entryDetails(details, what, []),
    text: { text: row.text, members: JSON.parse(row.members) },
    ...upload,
  };
}

async function readGuards(db: Db, id: number): Promise<{ mask: object; hide: object }> {
  const guards = await db
    .selectFrom('guards')
    .select(['kind', 'field', 'show'])
    .where('dataset_id', '=', id)
    .orderBy('field')
    .execute();
  const roles = await db.selectFrom('guard_roles').selectAll().where('dataset_id', '=', id).orderBy('role').execute();
  const of = (kind: 'mask' | 'hide'): object =>
    Object.fromEntries(
      guards
        .filter((guard) => guard.kind === kind)
        .map(({ field, show }) => {
          const except = roles.filter((one) => one.kind === kind && one.field === field).map(({ role }) => role);
          return [field, { ...(show !== null && { show }), ...(except.length > 0 && { except }) }];
        }),
    );
  return { mask: of('mask'), hide: of('hide') };
}

/**
 * Writes a data set, in the place of one of the same name. An upload takes no other place than one of an upload that its owner may use.
 * @param by the caller, as the log has it
 * @throws ServiceError 409
 */
export async function writeEntry(
  db: Transaction<Tables>,
  entry: CatalogEntry & { readonly text: CopybookText },
  revision: number,
  by: string,
): Promise<void> {
  const now = new Date().toISOString();
  const before = await db
    .selectFrom('datasets')
    .select(['id', 'uploaded', 'owner'])
    .where('name', '=', entry.name)
    .executeTakeFirst();
  const owner = entry.upload?.owner ?? null;
  if (entry.upload && before && (before.uploaded === 0 || (before.owner !== null && before.owner !== by)))
    throw new ServiceError(409, 'OVP_SERVER_NAME_TAKEN', 'Another data set has this name', 'name');
  const { key, mask, hide, roles, upload } = entry;
  const { copyPaths: _, copyExtensions: _e, ...options } = entry.options;
  const values = {
    title: entry.title,
    description: entry.description,
    data: entry.data,
    version_id: await versionOf(db, entry.upload ? entry.name : entry.copybook, entry.text, by),
    options: JSON.stringify(options),
    key_fields: JSON.stringify(key),
    restricted: roles === null ? 0 : 1,
    uploaded: upload ? 1 : 0,
    temporary: upload?.temporary ? 1 : 0,
    owner,
    revision,
    used_at: now,
  };
  let id: number;
  if (before) {
    id = before.id;
    await db.updateTable('datasets').set(values).where('id', '=', id).execute();
    for (const table of ['dataset_roles', 'guards'] as const)
      await db.deleteFrom(table).where('dataset_id', '=', id).execute();
  } else {
    const row = { name: entry.name, ...values, made_at: now };
    ({ id } = await db.insertInto('datasets').values(row).returning('id').executeTakeFirstOrThrow());
  }
  for (const role of new Set(roles ?? []))
    await db.insertInto('dataset_roles').values({ dataset_id: id, role }).execute();
  await writeGuards(db, id, 'mask', mask);
  await writeGuards(db, id, 'hide', hide);
}

async function writeGuards(
  db: Db,
  id: number,
  kind: 'mask' | 'hide',
  guards: readonly (HiddenField & Partial<MaskedField>)[],
): Promise<void> {
  for (const { field, except, show = null } of guards) {
    const guard = { dataset_id: id, kind, field };
    await db
      .insertInto('guards')
      .values({ ...guard, show })
      .execute();
    for (const role of except)
      await db
        .insertInto('guard_roles')
        .values({ ...guard, role })
        .execute();
  }
}

/** The version of a copybook that has this text: the last one, where it has, else a new one. */
async function versionOf(db: Db, name: string, { text, members }: CopybookText, by: string): Promise<number> {
  const json = JSON.stringify(members);
  const sha256 = createHash('sha256').update(text).update('\0').update(json).digest('hex');
  let copybook = await db.selectFrom('copybooks').select('id').where('name', '=', name).executeTakeFirst();
  copybook ??= await db.insertInto('copybooks').values({ name }).returning('id').executeTakeFirstOrThrow();
  const last = await db
    .selectFrom('copybook_versions')
    .select(['id', 'number', 'sha256'])
    .where('copybook_id', '=', copybook.id)
    .orderBy('number', 'desc')
    .executeTakeFirst();
  if (last?.sha256 === sha256) return last.id;
  const values = {
    copybook_id: copybook.id,
    number: (last?.number ?? 0) + 1,
    text,
    members: json,
    sha256,
    made_by: by,
    made_at: new Date().toISOString(),
  };
  const { id } = await db.insertInto('copybook_versions').values(values).returning('id').executeTakeFirstOrThrow();
  return id;
}

/** Takes a data set away. The versions of its copybook stay; of a temporary one they go too. False where there is none of this name. */
export async function deleteEntry(db: Transaction<Tables>, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('datasets')
    .innerJoin('copybook_versions', 'copybook_versions.id', 'datasets.version_id')
    .select(['datasets.id', 'datasets.temporary', 'copybook_versions.copybook_id'])
    .where('datasets.name', '=', name)
    .executeTakeFirst();
  if (!row) return false;
  await db.deleteFrom('datasets').where('id', '=', row.id).execute();
  if (row.temporary === 1) await db.deleteFrom('copybooks').where('id', '=', row.copybook_id).execute();
  return true;
}

/** The data files of uploads. */
export async function uploadedFiles(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('datasets').select('data').where('uploaded', '=', 1).execute();
  return new Set(rows.map(({ data }) => data));
}

/** Says that temporary data sets are in use. */
export async function touchEntries(db: Db, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const used_at = new Date().toISOString();
  await db.updateTable('datasets').set({ used_at }).where('name', 'in', names).execute();
}

/** Temporary data sets that nobody has used since. */
export async function unusedEntries(db: Db, since: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('datasets')
    .select('name')
    .where('temporary', '=', 1)
    .where('used_at', '<', since.toISOString())
    .execute();
  return rows.map(({ name }) => name);
}
