/**
 * The file of a data set as it is now: what tells one state of it from another, and the reading of bytes at any place. The
 * handle is kept from request to request, until another file lies at the path, and closed when nobody reads it any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { constants, readSync, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { ByteSource } from '../../connectors/source.js';
import { whyNot } from '../../datasets/file.js';
import { OverpunchError } from '../../errors.js';
import { rootedPath } from '../catalog/rooted.js';

/** Milliseconds of a call that is no longer quick, and how many calls one of them is remembered for. */
const SLOW = 5;
const REMEMBERED = 32;
/** For how many times as long as it took no call is made after a second slow one. */
const PAUSE = 20;

/**
 * Small calls of the file system on this thread. To look at a file and to read a page out of the system's cache takes 2 to 5
 * microseconds, and 50 to 100 where another thread has to be asked and waited for; but a disk that must be turned to, or a
 * server that does not answer, would hold up everybody. So when two of a few calls were slow (one may be, where the system
 * had other things to do), others go to other threads for a while: a twentieth of the time at most is waited.
 */
class QuickCalls {
  private calls = 0;
  private slowCall = -REMEMBERED;
  private pausedUntil = 0;

  /** Null where it must not be made now. */
  make<T>(call: () => T): T | null {
    const before = performance.now();
    if (before < this.pausedUntil) return null;
    this.calls++;
    try {
      return call();
    } finally {
      const after = performance.now();
      if (after - before > SLOW) {
        if (this.calls - this.slowCall < REMEMBERED) this.pausedUntil = after + PAUSE * (after - before);
        this.slowCall = this.calls;
      }
    }
  }
}

/** Most bytes that are read on this thread. */
export const MOST_NOW = 1 << 18;

/** One state of a file. */
export class FileState {
  private readers = 0;
  private isOld = false;

  constructor(
    readonly path: string,
    readonly size: number,
    readonly modified: Date,
    /** Of device, inode, size and time of change: 16 bytes in base64url. */
    readonly identity: string,
    private readonly handle: FileHandle,
    private readonly quick: QuickCalls,
  ) {}

  /** A few bytes at once; null where that might take long, or there are more of them. @throws as {@link read} */
  readNow(offset: number, length: number, memory?: Buffer): Uint8Array | null {
    if (length > MOST_NOW) return null;
    const bytes = memory?.subarray(0, length) ?? Buffer.allocUnsafe(length);
    if (length === 0) return bytes;
    const count = this.quick.make(() => readSync(this.handle.fd, bytes, 0, length, offset));
    // less than was asked for: read the careful way
    return count === length ? bytes : null;
  }

  /** @throws OverpunchError OVP_SERVER_CHANGED where it has fewer bytes than it had */
  read(offset: number, length: number): Promise<Uint8Array> {
    return this.readInto(new Uint8Array(length), offset);
  }

  private async readInto(bytes: Uint8Array, offset: number): Promise<Uint8Array> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.handle.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0)
        throw new OverpunchError('OVP_SERVER_CHANGED', 'The file of the data set became shorter while it was read');
      done += bytesRead;
    }
    return bytes;
  }

  /** Its bytes from here on, which are read ahead. The state must be held until they are. `piece`: bytes to read at a time. */
  from(offset: number, piece = PIECE): ByteSource {
    let at = offset;
    return {
      name: 'the file of the data set',
      size: Math.max(0, this.size - offset),
      bytes: null,
      piece,
      readInto: async (target) => {
        const length = Math.min(target.length, this.size - at);
        if (length <= 0) return 0;
        await this.readInto(target.subarray(0, length), at);
        at += length;
        return length;
      },
      close: async () => {},
    };
  }

  /** The same as pieces of which each is valid until the next is asked for. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const bytes = new Uint8Array(Math.min(LARGE_PIECE, Math.max(1, this.size)));
    for (let at = 0; at < this.size; at += bytes.length)
      yield await this.readInto(bytes.subarray(0, Math.min(bytes.length, this.size - at)), at);
  }

  /**
   * A path that its bytes can be read by while it is held, by others than this process' JavaScript. Where the system has
   * names for open files it is one of them, so that it is this file whatever lies at its path now.
   */
  get openPath(): string {
    return process.platform === 'linux' ? `/proc/self/fd/${this.handle.fd}` : this.path;
  }

  hold(): void {
    this.readers++;
  }

  release(): void {
    this.readers--;
    this.end();
  }

  /** Nobody will hold it anew. */
  retire(): void {
    this.isOld = true;
    this.end();
  }

  private end(): void {
    if (this.isOld && this.readers === 0) this.handle.close().catch(() => {});
  }
}

/** Bytes read at a time: two such pieces are in memory for each stream. */
const PIECE = 1 << 18;
/** The same where there are few readers. */
const LARGE_PIECE = 1 << 22;

export class DatasetFile {
  private current: FileState | null = null;
  private seen: Marks | null = null;
  private readonly quick = new QuickCalls();
  private opening: Promise<FileState> | null = null;
  private isClosed = false;
  /** The file was looked at in this turn of the event loop: requests of one turn came at one time. */
  private isFresh = false;

  /** @param root real path of the folder that it can't be outside of */
  constructor(
    private readonly root: string,
    private readonly given: string,
    private readonly name: string,
  ) {}

  /** Does something with the file as it is now. @throws OverpunchError OVP_IO_NOT_FOUND, OVP_IO_OPEN, OVP_SERVER_PATH */
  async use<T>(action: (state: FileState) => Promise<T>): Promise<T> {
    const state = this.now() ?? (await this.hold());
    try {
      return await action(state);
    } finally {
      state.release();
    }
  }

  /** The file as it is now, to be released, where that can be told at once; null where it must be waited for. */
  now(): FileState | null {
    const { current } = this;
    if (!current) return null;
    if (!this.isFresh) {
      const stats = this.quick.make(() => statSync(current.path, { bigint: true, throwIfNoEntry: false }));
      if (!stats || !isSame(stats, this.seen)) return null;
      this.isFresh = true;
      setImmediate(() => {
        this.isFresh = false;
      });
    }
    current.hold();
    return current;
  }

  /** The file as it is now, to be released. */
  async hold(): Promise<FileState> {
    // a file that was replaced while it was opened is opened again
    for (;;) {
      const stats = this.current && (await stat(this.current.path, { bigint: true }).catch(() => null));
      if (this.current && stats && isSame(stats, this.seen)) {
        this.current.hold();
        return this.current;
      }
      this.opening ??= this.open().finally(() => {
        this.opening = null;
      });
      const state = await this.opening.catch((error: unknown) => {
        throw this.isClosed ? gone() : error;
      });
      if (state !== this.current) continue;
      state.hold();
      // a request that was on its way when the data set went: the handle is not kept
      if (this.isClosed) this.retire();
      return state;
    }
  }

  close(): void {
    this.isClosed = true;
    this.retire();
  }

  private retire(): void {
    this.current?.retire();
    this.current = null;
  }

  private async open(): Promise<FileState> {
    const path = await rootedPath(this.root, this.given, this.name);
    let handle: FileHandle;
    try {
      // the path is real: a link at its end is one that was put there since
      handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw new OverpunchError('OVP_IO_OPEN', `${this.name}: its file can't be opened: ${whyNot(cause)}`, { cause });
    }
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      await handle.close();
      throw new OverpunchError('OVP_IO_OPEN', `${this.name}: its path is no file`);
    }
    const mark = markOf(stats);
    const identity = createHash('sha256').update(mark).digest('base64url').slice(0, 22);
    this.current?.retire();
    this.isFresh = false;
    this.seen = stats;
    this.current = new FileState(path, Number(stats.size), stats.mtime, identity, handle, this.quick);
    return this.current;
  }
}

const gone = (): OverpunchError =>
  new OverpunchError('OVP_SERVER_CHANGED', 'The data set was replaced or taken away meanwhile', { hint: 'Ask again.' });

interface Marks {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

const markOf = ({ dev, ino, size, mtimeNs, ctimeNs }: Marks): string => [dev, ino, size, mtimeNs, ctimeNs].join(':');

const isSame = (one: Marks, other: Marks | null): boolean =>
  other !== null &&
  one.mtimeNs === other.mtimeNs &&
  one.ctimeNs === other.ctimeNs &&
  one.size === other.size &&
  one.ino === other.ino &&
  one.dev === other.dev;
