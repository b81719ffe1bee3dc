/**
 * Data sets that callers bring: a copybook, options and a file. What is wrong with the first two is found before a byte of the
 * file is written; whatever happens then, a file is there whole and registered, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomBytes } from 'node:crypto';
import { OverpunchError } from '../../errors.js';
import type { Item, Layout } from '../../layout/item.js';
import type { Caller } from '../access/access.js';
import { type Catalog, type CatalogEntry, type UploadSettings, checkName, entryDetails } from '../catalog/catalog.js';
import type { ServedDataset } from '../records/dataset.js';
import type { Live } from '../catalog/live.js';
import { ServiceError } from '../problem.js';
import type { Limits } from '../service.js';
import { type Claim, Room, type Usage } from './room.js';
import { type Shelf, shelfOf } from './shelf.js';
import type { Incoming } from './uploadfolder.js';

/** Bytes of a copybook. */
export const COPYBOOK_BYTES = 1 << 20;
/** Uploads under way at once, and temporary data sets that one caller has. */
const AT_ONCE = 8;
const MOST_TEMPORARY = 8;
/** Milliseconds without use after which a temporary data set goes, and between looking for such. */
const UNUSED = 3_600_000;
const SWEEP = 60_000;
/** Values of a record whose tables are full: a counter of nines makes so many out of a record of a few bytes. */
const MOST_VALUES = 1_000_000;
/** What a caller has no say in: the service's own files, and how much of the machine is used. */
const NOT_GIVEN = ['copyPaths', 'copyExtensions', 'engine', 'threads', 'batchRecords', 'maxFaults', 'onBadData'];

export class Uploads {
  private active = 0;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly settings: UploadSettings,
    private readonly shelf: Shelf,
    private readonly live: Live,
    /** Most bytes of a data file. */
    readonly bytes: number,
    private readonly room: Room,
  ) {
    this.timer = setInterval(() => void this.tend(), SWEEP).unref();
  }

  /** @throws OverpunchError OVP_SERVER_PATH, OVP_IO_OPEN where the folder can't be used */
  static async open(catalog: Catalog, settings: UploadSettings, live: Live, limits: Limits): Promise<Uploads> {
    const shelf = await shelfOf(catalog, settings, live);
    const most = {
      bytes: settings.totalBytes ?? limits.uploadTotalBytes,
      files: settings.files ?? limits.uploadFiles,
    };
    const bytes = settings.bytes ?? limits.uploadBytes;
    return new Uploads(settings, shelf, live, bytes, new Room(shelf.folder, most));
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
    let isKept = false;
    let claim: Claim | null = null;
    let file: Incoming | null = null;
    try {
      claim = await this.room.enter();
      file = this.shelf.folder.incoming(claim);
      const entry = this.entryOf(caller, json, text, file.data);
      const dataset = await this.live.registry.open({ folder: this.shelf.folder.root }, entry);
      refuseWide(dataset.copybook.layout);
      await receive(file);
      await file.keep();
      this.refuseTaken(caller, entry.name);
      const put = await this.shelf.put(dataset, caller);
      isKept = true;
      return put;
    } catch (error) {
      // of a database that went away nobody knows whether it has the data set: the file is looked at later
      if ((error as { code?: string }).code !== 'OVP_IO_DATABASE') await file?.drop();
      throw error;
    } finally {
      claim?.leave(isKept);
      this.active--;
    }
  }

  /** What all of them take. */
  usage(): Promise<Usage> {
    return this.room.usage();
  }

  /** @throws ServiceError 403 for one that was not uploaded */
  async remove(dataset: ServedDataset): Promise<void> {
    if (!dataset.entry.upload)
      throw new ServiceError(403, 'OVP_SERVER_CATALOGUED', 'The data set is of the catalog: it was not uploaded');
    await this.shelf.take(dataset);
  }

  /** Takes away what nobody uses any more. */
  async tend(now = Date.now()): Promise<void> {
    await this.shelf
      .tend(now - UNUSED)
      .catch((error: unknown) => this.live.complain(error, 'uploads can not be tended'));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.shelf.close();
  }

  private entryOf(caller: Caller, json: Record<string, unknown>, text: string, data: string): CatalogEntry {
    const { name = `drop-${randomBytes(9).toString('hex')}`, ...rest } = json;
    if (typeof name !== 'string') throw new OverpunchError('OVP_OPTION_VALUE', 'options: name is a text');
    checkName(name, 'options');
    for (const key of NOT_GIVEN) {
      if (rest[key] === undefined) continue;
      throw new OverpunchError('OVP_OPTION_CATALOG', `options: ${key} is not for uploads`, {
        hint: key === 'copyPaths' ? 'Put what COPY brings in into the copybook.' : 'Leave it out.',
      });
    }
    const before = this.refuseTaken(caller, name)?.entry;
    // who may see it is never widened by leaving it out
    const details = entryDetails(rest, 'options', []);
    const guards = before && {
      ...(rest.roles === undefined && { roles: before.roles }),
      ...(rest.hide === undefined && { hide: before.hide }),
      ...(rest.mask === undefined && { mask: before.mask }),
    };
    const temporary = json.name === undefined || !this.shelf.keeps;
    return {
      name,
      data,
      copybook: 'copybook',
      ...details,
      ...guards,
      text: { text, members: {} },
      upload: { temporary, owner: temporary && !this.live.isOpen ? caller.name : null },
    };
  }

  /** A name is the catalog's, or another caller's. */
  private refuseTaken(caller: Caller, name: string): ServedDataset | undefined {
    const before = this.live.registry.get(name);
    if (!before || (before.entry.upload && before.isFor(caller))) return before;
    throw new ServiceError(409, 'OVP_SERVER_NAME_TAKEN', 'Another data set has this name', 'name');
  }

  /** Of too many data sets of a caller those go that were not asked for longest. */
  async makeRoom({ name }: Caller): Promise<void> {
    const own = this.live.registry
      .all()
      .filter(({ entry: { upload } }) => upload?.temporary && (this.live.isOpen || upload.owner === name));
    own.sort((a, b) => b.usedAt - a.usedAt);
    for (const dataset of own.slice(MOST_TEMPORARY)) await this.remove(dataset);
  }
}

/** @throws ServiceError 413 */
function refuseWide({ records }: Layout): void {
  const values = ({ occurs, children }: Item): number =>
    (occurs?.max ?? 1) * (children.length === 0 ? 1 : children.reduce((sum, child) => sum + values(child), 0));
  if (records.reduce((sum, { item }) => sum + values(item), 0) <= MOST_VALUES) return;
  throw new ServiceError(
    413,
    'OVP_SERVER_TOO_LARGE',
    `A record of an uploaded data set has ${MOST_VALUES} values at most, with all tables full`,
    'copybook',
  );
}
