/**
 * A catalog in a database: what there is now, and its changes. Each change is one transaction, which makes the catalog's revision go up:
 * services see by it that there is something to read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Transaction } from 'kysely';
import {
  type Catalog,
  type CatalogEntry,
  type CopybookText,
  type KeyEntry,
  checkJwt,
  checkUploads,
} from '../catalog/catalog.js';
import { targetsOf } from '../catalog/targets.js';
import type { StoreAddress } from './address.js';
import { type Database, failure, openDatabase } from './database.js';
import {
  datasetStamps,
  deleteEntry,
  readEntry,
  touchEntries,
  unusedEntries,
  uploadedFiles,
  writeEntry,
} from './datasets.js';
import { type StoredKey, readKeys, revokeKey, writeKey } from './keys.js';
import type { Tables } from './tables.js';

/** Milliseconds that PostgreSQL is not asked again what has changed. */
const LOOK = 1000;

/** The folder of uploads where nothing else is said. */
export const UPLOADS = 'uploads';

/** As a JSON catalog has them; undefined: not at all. */
export interface RawSettings {
  readonly jwt?: unknown;
  readonly uploads?: unknown;
  readonly targets?: unknown;
}

/** An entry with its copybook: what a database has. */
export type TextEntry = CatalogEntry & { readonly text: CopybookText };

export class Store {
  private seen: number | null = null;
  private lookedAt = 0;
  private revision = 0;

  private constructor(
    readonly address: StoreAddress,
    private readonly database: Database,
  ) {}

  /** @param create makes the database's tables where there are none @throws OverpunchError OVP_IO_* */
  static async open(address: StoreAddress, create = false): Promise<Store> {
    return new Store(address, await openDatabase(address, create));
  }

  /** What is not data sets: who may do what. */
  async settings(): Promise<Omit<Catalog, 'folder' | 'datasets' | 'store'>> {
    const { folder } = this.address;
    const row = await this.ask(({ db }) => db.selectFrom('settings').selectAll().executeTakeFirstOrThrow());
    const keys = await this.keys();
    const jwt = row.jwt === null ? null : await checkJwt(JSON.parse(row.jwt), folder, 'catalog: jwt');
    const uploads = row.uploads === null ? null : checkUploads(JSON.parse(row.uploads), 'catalog: uploads');
    const targets = row.targets === null ? undefined : JSON.parse(row.targets);
    const around = {
      folder,
      datasets: targets === undefined ? [] : await this.files(),
      uploads: uploads && (uploads.folder ?? UPLOADS),
      isOpen: keys.length === 0 && jwt === null,
    };
    return { keys, jwt, uploads, targets: await targetsOf(targets, around, 'catalog'), auditDays: row.audit_days };
  }

  /** Of each data set the file, where it is there. */
  async files(): Promise<{ name: string; data: string; copybook: string }[]> {
    const rows = await this.ask(({ db }) => db.selectFrom('datasets').select(['name', 'data']).execute());
    const { folder } = this.address;
    return rows
      .filter(({ data }) => existsSync(join(folder, data)))
      .map(({ name, data }) => ({ name, data, copybook: data }));
  }

  /** All of a JSON catalog, or nothing of it. Settings that are not in it stay as they are. */
  takeIn(
    catalog: {
      readonly entries: readonly TextEntry[];
      readonly keys: readonly KeyEntry[];
      readonly settings: RawSettings;
    },
    by: string,
  ): Promise<void> {
    const given = Object.entries(catalog.settings).filter(([, value]) => value !== undefined);
    const values = Object.fromEntries(given.map(([key, value]) => [key, JSON.stringify(value)]));
    return this.change(async (db, revision) => {
      for (const entry of catalog.entries) await writeEntry(db, entry, revision, by);
      for (const key of catalog.keys) await writeKey(db, key);
      if (given.length > 0) await db.updateTable('settings').set(values).execute();
    });
  }

  /** As they are written. */
  async rawSettings(): Promise<RawSettings> {
    const row = await this.ask(({ db }) => db.selectFrom('settings').selectAll().executeTakeFirstOrThrow());
    const of = (json: string | null): unknown => (json === null ? undefined : JSON.parse(json));
    return { jwt: of(row.jwt), uploads: of(row.uploads), targets: of(row.targets) };
  }

  /**
   * The revision of the catalog. SQLite counts commits, which costs nothing to look at; PostgreSQL is asked once a second.
   * @param sure asks, whatever was known
   */
  async now(sure: boolean): Promise<number> {
    const commits = this.database.commits();
    const time = Date.now();
    const isFresh = commits === null ? time - this.lookedAt < LOOK : commits === this.seen;
    if (isFresh && !sure) return this.revision;
    this.lookedAt = time;
    const row = await this.ask(({ db }) => db.selectFrom('settings').select('revision').executeTakeFirstOrThrow());
    this.seen = commits;
    this.revision = row.revision;
    return row.revision;
  }

  stamps(): Promise<Map<string, number>> {
    return this.ask(({ db }) => datasetStamps(db));
  }

  entry(name: string): Promise<CatalogEntry | null> {
    return this.ask(({ db }) => readEntry(db, name));
  }

  keys(): Promise<StoredKey[]> {
    return this.ask(({ db }) => readKeys(db));
  }

  write(entry: TextEntry, by: string): Promise<void> {
    return this.change((db, revision) => writeEntry(db, entry, revision, by));
  }

  /** False where there is none of this name. */
  remove(name: string): Promise<boolean> {
    return this.change((db) => deleteEntry(db, name));
  }

  addKey(key: KeyEntry): Promise<void> {
    return this.change((db) => writeKey(db, key));
  }

  revokeKey(name: string): Promise<void> {
    return this.change((db) => revokeKey(db, name));
  }

  uploadedFiles(): Promise<Set<string>> {
    return this.ask(({ db }) => uploadedFiles(db));
  }

  touch(names: readonly string[]): Promise<void> {
    return this.ask(({ lazy }) => touchEntries(lazy, names));
  }

  unused(since: Date): Promise<string[]> {
    return this.ask(({ db }) => unusedEntries(db, since));
  }

  /** For what is no part of the catalog: jobs, the audit. */
  async ask<T>(action: (database: Database) => Promise<T>): Promise<T> {
    try {
      return await this.database.turn(() => action(this.database));
    } catch (cause) {
      throw failure(this.address, cause);
    }
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private change<T>(action: (db: Transaction<Tables>, revision: number) => Promise<T>): Promise<T> {
    return this.ask(({ db }) =>
      db.transaction().execute(async (transaction) => {
        // first of all: whoever changes something waits here for others, rather than in the middle
        const { revision } = await transaction
          .updateTable('settings')
          .set((set) => ({ revision: set('revision', '+', 1) }))
          .returning('revision')
          .executeTakeFirstOrThrow();
        return action(transaction, revision);
      }),
    );
  }
}
