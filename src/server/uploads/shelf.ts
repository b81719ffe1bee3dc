/**
 * Where uploaded data sets are registered: in this process, which takes them with it; or in the catalog's database, for all that serve it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Caller } from '../access/access.js';
import type { Catalog, UploadSettings } from '../catalog/catalog.js';
import type { ServedDataset } from '../records/dataset.js';
import type { Live } from '../catalog/live.js';
import type { Registry } from '../catalog/registry.js';
import { type Store, type TextEntry, UPLOADS } from '../store/store.js';
import { UploadFolder } from './uploadfolder.js';

export interface Shelf {
  readonly folder: UploadFolder;
  /** Whether what has a name stays. */
  readonly keeps: boolean;
  /** Serves it from now on, in the place of one of its name. */
  put(dataset: ServedDataset, caller: Caller): Promise<ServedDataset>;
  take(dataset: ServedDataset): Promise<void>;
  /** From time to time: takes away what nobody has used since. */
  tend(since: number): Promise<void>;
  close(): Promise<void>;
}

/** @throws OverpunchError OVP_SERVER_PATH, OVP_IO_OPEN where the folder can't be used */
export async function shelfOf(
  { folder, store }: Pick<Catalog, 'folder' | 'store'>,
  settings: UploadSettings,
  live: Live,
): Promise<Shelf> {
  if (store && live.store)
    return new StoredShelf(await UploadFolder.shared(folder, settings.folder ?? UPLOADS), live, live.store);
  return new OwnShelf(await UploadFolder.open(folder, settings.folder), live.registry);
}

const isTemporary = ({ entry }: ServedDataset): boolean => entry.upload?.temporary === true;

class OwnShelf implements Shelf {
  readonly keeps = false;

  constructor(
    readonly folder: UploadFolder,
    private readonly registry: Registry,
  ) {}

  async put(dataset: ServedDataset): Promise<ServedDataset> {
    const before = this.registry.get(dataset.name);
    await this.registry.put(dataset);
    if (before) await this.folder.remove(before.entry.data);
    return dataset;
  }

  async take({ name, entry }: ServedDataset): Promise<void> {
    await this.registry.remove(name);
    await this.folder.remove(entry.data);
  }

  async tend(since: number): Promise<void> {
    for (const dataset of this.registry.all().filter(isTemporary)) if (dataset.usedAt < since) await this.take(dataset);
    await this.folder.touch();
  }

  async close(): Promise<void> {
    for (const { name } of this.registry.all().filter(isTemporary)) await this.registry.remove(name);
    await this.folder.close();
  }
}

class StoredShelf implements Shelf {
  readonly keeps = true;
  private tendedAt = Date.now();
  /** Files that no data set had when it was looked last. Other processes may be about to open them, or to register them. */
  private loose = new Set<string>();

  constructor(
    readonly folder: UploadFolder,
    private readonly live: Live,
    private readonly store: Store,
  ) {}

  async put(dataset: ServedDataset, { name: by }: Caller): Promise<ServedDataset> {
    await this.store.write(dataset.entry as TextEntry, by);
    dataset.close();
    // it is kept, whatever happens now
    await this.live.refresh(true).catch((error: unknown) => this.live.complain(error, 'the catalog can not be read'));
    return this.live.registry.get(dataset.name) ?? dataset;
  }

  async take({ name, entry }: ServedDataset): Promise<void> {
    await this.store.remove(name);
    await this.live.refresh(true);
    await this.folder.remove(entry.data);
  }

  async tend(since: number): Promise<void> {
    const used = this.live.registry.all().filter((one) => isTemporary(one) && one.usedAt >= this.tendedAt);
    this.tendedAt = Date.now();
    await this.store.touch(used.map(({ name }) => name));
    for (const name of await this.store.unused(new Date(since))) await this.store.remove(name);
    await this.live.refresh(true);
    const known = await this.store.uploadedFiles();
    const loose = (await this.folder.files()).filter((data) => !known.has(data));
    for (const data of loose) if (this.loose.has(data)) await this.folder.remove(data);
    this.loose = new Set(loose);
  }

  async close(): Promise<void> {}
}
