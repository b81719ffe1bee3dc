/**
 * Data sets that callers bring: a copybook, options and a file. What is wrong with the first two is found before a byte of the
 * file is written; whatever happens then, a file is there whole and registered, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomBytes } from 'node:crypto';
import { OverpunchError } from '../errors.js';
import type { Caller } from './access.js';
import { type Catalog, type CatalogEntry, type UploadSettings, checkName, entryDetails } from './catalog.js';
import type { ServedDataset } from './dataset.js';
import { ServiceError } from './problem.js';
import type { Registry } from './registry.js';
import type { Limits } from './service.js';
import { type Incoming, UploadFolder } from './uploadfolder.js';

/** Bytes of a copybook. */
export const COPYBOOK_BYTES = 1 << 20;
/** Uploads under way at once, and temporary data sets that one caller has. */
const AT_ONCE = 8;
const MOST_TEMPORARY = 8;
/** Milliseconds without use after which a temporary data set goes, and between looking for such. */
const UNUSED = 3_600_000;
const SWEEP = 60_000;
/** Of each of these in a copybook: more takes long to lay out. */
const MOST_CLAUSES = 1000;
const CLAUSES = ['REDEFINES', 'DEPENDING'];
/** What a caller has no say in: the service's own files, and how much of the machine is used. */
const NOT_GIVEN = ['copyPaths', 'copyExtensions', 'engine', 'threads', 'batchRecords', 'maxFaults', 'onBadData'];

export class Uploads {
  private active = 0;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly settings: UploadSettings,
    private readonly folder: UploadFolder,
    private readonly registry: Registry,
    /** Callers are not told apart. */
    private readonly isOpen: boolean,
    /** Most bytes of a data file. */
    readonly bytes: number,
  ) {
    this.timer = setInterval(() => void this.sweep(), SWEEP).unref();
  }

  /** @throws OverpunchError OVP_SERVER_PATH, OVP_IO_OPEN where the folder can't be used */
  static async open(
    { folder }: Pick<Catalog, 'folder'>,
    settings: UploadSettings,
    registry: Registry,
    isOpen: boolean,
    limits: Limits,
  ): Promise<Uploads> {
    const place = await UploadFolder.open(folder, settings.folder);
    return new Uploads(settings, place, registry, isOpen, settings.bytes ?? limits.uploadBytes);
  }

  isFor({ roles }: Caller): boolean {
    return this.settings.roles === null || this.settings.roles.some((role) => roles.includes(role));
  }

  /**
   * Takes an upload in.
   * @param json options as the caller sent them
   * @param receive brings the data file, once the rest is known to be right
   * @throws OverpunchError of the copybook and the options, ServiceError 409, 503, 507
   */
  async add(
    caller: Caller,
    json: Record<string, unknown>,
    text: string,
    receive: (file: Incoming) => Promise<void>,
  ): Promise<ServedDataset> {
    if (this.active >= AT_ONCE)
      throw new ServiceError(503, 'OVP_SERVER_BUSY', 'Too many uploads are under way: try again later');
    this.active++;
    const file = this.folder.incoming();
    try {
      const entry = this.entryOf(caller, json, text, file.name);
      this.refuseTaken(caller, entry.name);
      const dataset = await this.registry.open({ folder: this.folder.path }, entry);
      await receive(file);
      await file.keep();
      this.refuseTaken(caller, entry.name);
      const before = this.registry.get(entry.name);
      await this.registry.put(dataset);
      if (before) await this.folder.remove(before.entry.data);
      await this.makeRoom(caller);
      return dataset;
    } catch (error) {
      await file.drop();
      throw error;
    } finally {
      this.active--;
    }
  }

  /** @throws ServiceError 403 for one that was not uploaded */
  async remove(dataset: ServedDataset): Promise<void> {
    if (!dataset.entry.upload)
      throw new ServiceError(403, 'OVP_SERVER_CATALOGUED', 'The data set is of the catalog: it was not uploaded');
    await this.registry.remove(dataset.name);
    await this.folder.remove(dataset.entry.data);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const dataset of this.temporary()) await this.registry.remove(dataset.name);
    await this.folder.close();
  }

  private entryOf(caller: Caller, json: Record<string, unknown>, text: string, data: string): CatalogEntry {
    const { name = `drop-${randomBytes(9).toString('hex')}`, ...rest } = json;
    if (typeof name !== 'string') throw new OverpunchError('OVP_OPTION_VALUE', 'options: name is a text');
    checkName(name, 'options');
    refuseTangled(text);
    for (const key of NOT_GIVEN) {
      if (rest[key] === undefined) continue;
      throw new OverpunchError('OVP_OPTION_CATALOG', `options: ${key} is not for uploads`, {
        hint: key === 'copyPaths' ? 'Put what COPY brings in into the copybook.' : 'Leave it out.',
      });
    }
    const upload = { temporary: true, owner: this.isOpen ? null : caller.name };
    return {
      name,
      data,
      copybook: 'copybook',
      ...entryDetails(rest, 'options', []),
      text: { text, members: {} },
      upload,
    };
  }

  /** A name is the catalog's, or another caller's. */
  private refuseTaken(caller: Caller, name: string): void {
    const before = this.registry.get(name);
    if (!before || (before.entry.upload && before.isFor(caller))) return;
    throw new ServiceError(409, 'OVP_SERVER_NAME_TAKEN', 'Another data set has this name', 'name');
  }

  private temporary(): ServedDataset[] {
    return this.registry.all().filter(({ entry }) => entry.upload?.temporary);
  }

  /** Of too many data sets of a caller those go that were not asked for longest. */
  private async makeRoom({ name }: Caller): Promise<void> {
    const own = this.temporary().filter(({ entry }) => this.isOpen || entry.upload!.owner === name);
    own.sort((a, b) => b.usedAt - a.usedAt);
    for (const dataset of own.slice(MOST_TEMPORARY)) await this.remove(dataset);
  }

  private async sweep(): Promise<void> {
    const last = Date.now() - UNUSED;
    for (const dataset of this.temporary()) if (dataset.usedAt < last) await this.remove(dataset).catch(() => {});
    await this.folder.touch();
  }
}

function refuseTangled(text: string): void {
  for (const clause of CLAUSES) {
    if ((text.match(new RegExp(`\\b${clause}\\b`, 'gi'))?.length ?? 0) <= MOST_CLAUSES) continue;
    throw new ServiceError(
      413,
      'OVP_SERVER_TOO_LARGE',
      `An uploaded copybook has ${MOST_CLAUSES} ${clause} at most`,
      'copybook',
    );
  }
}
