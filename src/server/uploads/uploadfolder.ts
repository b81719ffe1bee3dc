/**
 * Where uploaded files lie. Their names are made here: nothing that a caller wrote is part of a path. A file has its name only
 * when all of it is on the disk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, mkdtemp, open, readdir, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { whyNot } from '../../datasets/file.js';
import { OverpunchError } from '../../errors.js';
import { ServiceError } from '../problem.js';
import { rootedPath } from '../catalog/rooted.js';
import type { Claim, Usage } from './room.js';

/** Folders of services, one each; those that no service has touched for so many milliseconds are of services that are gone. */
const PREFIX = 'overpunch-uploads-';
const FORGOTTEN = 3_600_000;
const PART = '.part';
const NAME = /^[0-9a-f]{32}\.dat(\.part)?$/;

export class UploadFolder {
  private constructor(
    /** Real path. */
    private readonly path: string,
    /** What the paths of its files are relative to. */
    readonly root: string,
    /** Between the two, with a slash behind it. */
    private readonly way: string,
  ) {}

  /**
   * A folder of this service alone.
   * @param root real path of the catalog's folder
   * @param given in it, made where it is missing; null: among temporary files
   */
  static async open(root: string, given: string | null): Promise<UploadFolder> {
    const parent = given === null ? await realpath(tmpdir()) : await madeFolder(root, given);
    await removeForgotten(parent);
    const path = await mkdtemp(join(parent, PREFIX));
    return new UploadFolder(path, path, '');
  }

  /** A folder that services share, whose files stay. */
  static async shared(root: string, given: string): Promise<UploadFolder> {
    return new UploadFolder(await madeFolder(root, given), root, `${given.replace(/[\\/]+$/, '')}/`);
  }

  incoming(claim: Claim): Incoming {
    const name = `${randomBytes(16).toString('hex')}.dat`;
    return new Incoming(this.path, name, this.way + name, claim);
  }

  /** What the whole files take. */
  async usage(): Promise<Usage> {
    let [bytes, files] = [0, 0];
    for (const name of await readdir(this.path)) {
      if (!NAME.test(name) || name.endsWith(PART)) continue;
      const { size } = await stat(join(this.path, name)).catch(() => ({ size: null }));
      if (size === null) continue;
      bytes += size;
      files++;
    }
    return { bytes, files };
  }

  /** @param data as a data set has it */
  async remove(data: string): Promise<void> {
    if (data.startsWith(this.way) && NAME.test(data.slice(this.way.length)))
      await rm(join(this.root, data), { force: true });
  }

  /** Files as data sets have them; parts of those that come in are there while they are younger than an hour. */
  async files(): Promise<string[]> {
    const last = Date.now() - FORGOTTEN;
    const files: string[] = [];
    for (const name of await readdir(this.path)) {
      if (!NAME.test(name)) continue;
      const { mtimeMs } = await stat(join(this.path, name)).catch(() => ({ mtimeMs: Date.now() }));
      if (!name.endsWith(PART) || mtimeMs < last) files.push(this.way + name);
    }
    return files;
  }

  /** Says that the service lives. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.path, now, now).catch(() => {});
  }

  close(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** A file that comes in. */
export class Incoming {
  private handle: FileHandle | null = null;
  private readonly path: string;

  constructor(
    private readonly folder: string,
    name: string,
    /** Its path as a data set has it. */
    readonly data: string,
    private readonly claim: Claim,
  ) {
    this.path = join(folder, name);
  }

  /** @throws ServiceError 413 beyond so many bytes, 507 where the disk is full, or all uploads together take too much */
  async write(chunks: Readable, most: number): Promise<void> {
    try {
      this.handle = await open(this.path + PART, 'wx', 0o600);
      let bytes = 0;
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > most) throw tooLarge(most);
        this.claim.take(chunk.length);
        await this.handle.writeFile(chunk);
      }
      await this.handle.sync();
    } catch (cause) {
      throw noRoom(cause);
    } finally {
      await this.handle?.close();
      this.handle = null;
    }
  }

  /** It is whole: from now on it has its name. */
  async keep(): Promise<void> {
    await rename(this.path + PART, this.path);
    await syncFolder(this.folder);
  }

  async drop(): Promise<void> {
    for (const path of [this.path + PART, this.path]) await rm(path, { force: true });
  }
}

const tooLarge = (most: number): ServiceError =>
  new ServiceError(413, 'OVP_SERVER_TOO_LARGE', `A data file has ${most} bytes at most`, 'data');

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

function noRoom(cause: unknown): unknown {
  if (!FULL.includes((cause as NodeJS.ErrnoException).code ?? '')) return cause;
  return new ServiceError(507, 'OVP_SERVER_STORAGE', 'The service has no room for this file', 'data');
}

async function madeFolder(root: string, given: string): Promise<string> {
  try {
    await mkdir(join(root, given), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new OverpunchError('OVP_IO_OPEN', `The folder ${given} for uploads can't be used: ${whyNot(cause)}`, {
      cause,
    });
  }
  return rootedPath(root, given, 'uploads: folder');
}

async function removeForgotten(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(parent, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    // another user's can't be removed
    if (mtimeMs < Date.now() - FORGOTTEN) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Names are on the disk when the folder is. Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
