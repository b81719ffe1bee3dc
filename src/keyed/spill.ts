/**
 * The temporary file of a sort: runs one behind another. It has a name for as short a time as the system allows, so that
 * nothing of it stays whatever becomes of the process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { OverpunchError } from '../errors.js';

export class SpillFile {
  /** Bytes written. */
  size = 0;
  private isClosed = false;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private isNamed: boolean,
  ) {}

  /** @throws OverpunchError OVP_IO_SPILL */
  static async create(folder: string): Promise<SpillFile> {
    const path = join(folder, `overpunch-sort-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
    try {
      const handle = await open(path, 'wx+', 0o600);
      const isGone = await unlink(path).then(
        () => true,
        () => false, // Windows: not while it is open
      );
      return new SpillFile(path, handle, !isGone);
    } catch (cause) {
      throw spillError(folder, 'made', cause);
    }
  }

  /** Appends; the bytes may be changed when it has resolved. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, this.size);
        done += bytesWritten;
        this.size += bytesWritten;
      }
    } catch (cause) {
      throw spillError(this.path, 'written', cause);
    }
  }

  /** Fills `into` with what is at `position`; all of it must be there. */
  async read(into: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await this.handle.read(into, done, into.length - done, position + done);
        if (bytesRead === 0) throw new Error('it ends too early');
        done += bytesRead;
      }
    } catch (cause) {
      throw spillError(this.path, 'read', cause);
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.handle.close();
    if (this.isNamed) await unlink(this.path).catch(() => {});
    this.isNamed = false;
  }
}

function spillError(path: string, what: string, cause: unknown): OverpunchError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new OverpunchError(
    'OVP_IO_SPILL',
    `The sort's temporary file ${path} can't be ${what}: ${isFull ? 'the disk is full' : message}`,
    {
      cause,
      hint: 'tempDirectory (--temp-dir) names a folder with room for all records and their keys; more memory (--memory) needs less of it.',
    },
  );
}
