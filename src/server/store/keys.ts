/**
 * API keys in a database: their hashes only, with an end where they have one. A key that was revoked stays, so that its name is not given
 * again, and a service that knew who asks never becomes one that does not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Kysely, Transaction } from 'kysely';
import { OverpunchError, didYouMean } from '../../errors.js';
import type { KeyEntry } from '../catalog/catalog.js';
import type { Tables } from './tables.js';

/** A key as it is listed. */
export interface StoredKey extends KeyEntry {
  readonly made: string;
  readonly revoked: string | null;
}

export async function readKeys(db: Kysely<Tables>): Promise<StoredKey[]> {
  const keys = await db.selectFrom('api_keys').selectAll().orderBy('id').execute();
  const roles = await db.selectFrom('key_roles').selectAll().orderBy('role').execute();
  return keys.map(({ id, name, sha256, made_at, expires_at, revoked_at }) => {
    const ends = [expires_at, revoked_at].filter((time) => time !== null).map((time) => Date.parse(time));
    return {
      name,
      sha256,
      roles: roles.filter(({ key_id }) => key_id === id).map(({ role }) => role),
      expires: ends.length > 0 ? Math.min(...ends) : null,
      made: made_at,
      revoked: revoked_at,
    };
  });
}

/** @throws OverpunchError OVP_OPTION_CATALOG where there is one of this name, or of this hash */
export async function writeKey(
  db: Transaction<Tables>,
  { name, sha256, roles, expires = null }: KeyEntry,
): Promise<void> {
  const same = await db
    .selectFrom('api_keys')
    .select('name')
    .where((where) => where.or([where('name', '=', name), where('sha256', '=', sha256)]))
    .executeTakeFirst();
  if (same) {
    throw new OverpunchError('OVP_OPTION_CATALOG', `There is a key '${same.name}' already`, {
      hint: 'A key is never changed, and its name not given again: make another one, and revoke this.',
    });
  }
  const expires_at = expires === null ? null : new Date(expires).toISOString();
  const values = { name, sha256, made_at: new Date().toISOString(), expires_at, revoked_at: null };
  const { id } = await db.insertInto('api_keys').values(values).returning('id').executeTakeFirstOrThrow();
  for (const role of new Set(roles)) await db.insertInto('key_roles').values({ key_id: id, role }).execute();
}

/** @throws OverpunchError OVP_OPTION_CATALOG where there is none of this name */
export async function revokeKey(db: Transaction<Tables>, name: string): Promise<void> {
  const revoked_at = new Date().toISOString();
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at })
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  const keys = (await readKeys(db)).filter(({ revoked }) => revoked === null).map((key) => key.name);
  const near = didYouMean(name, keys);
  throw new OverpunchError('OVP_OPTION_CATALOG', `There is no key '${name}' that could be revoked`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${keys.join(', ') || 'none'}.`,
  });
}
