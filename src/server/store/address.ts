/**
 * Addresses of catalogs that are databases: `sqlite:catalog.db`, a path that ends in .db, .sqlite or .sqlite3, or
 * `postgres://user@host/database`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { whyNot } from '../../datasets/file.js';
import { OverpunchError } from '../../errors.js';
import { Address } from '../../sinks/address.js';

/** Where a catalog's database is, and the folder that its paths are relative to. Nothing but texts: it goes to other processes. */
export interface StoreAddress {
  readonly dialect: 'sqlite' | 'postgres';
  /** A path, or a URL, which may have a password in it. */
  readonly at: string;
  /** Real path. */
  readonly folder: string;
}

export const isDatabase = (given: string): boolean =>
  /^(sqlite:|postgres(ql)?:\/\/)/i.test(given) || /\.(db|sqlite3?)$/i.test(given);

/** What of an address may be said. */
export const shownAddress = ({ at }: Pick<StoreAddress, 'at'>): string => new Address(at).shown;

/**
 * @param folder default: that of a SQLite file; the working directory
 * @throws OverpunchError OVP_IO_CATALOG where there is no such folder
 */
export async function storeAddress(given: string, folder?: string): Promise<StoreAddress> {
  const isPostgres = /^postgres/i.test(given) && given.includes('://');
  const at = isPostgres ? given : resolve(given.replace(/^sqlite:(\/\/(?=\/))?/i, ''));
  const home = folder ?? (isPostgres ? '.' : dirname(at));
  try {
    return { dialect: isPostgres ? 'postgres' : 'sqlite', at, folder: await realpath(home) };
  } catch (cause) {
    throw new OverpunchError('OVP_IO_CATALOG', `The folder ${home} can't be used: ${whyNot(cause)}`, { cause });
  }
}
