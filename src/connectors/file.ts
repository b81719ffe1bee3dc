/**
 * Files as byte sources: read where they lie into the caller's buffer, without a stream between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { OverpunchError, didYouMean } from '../errors.js';
import { abortable, throwIfAborted } from './abort.js';
import type { ByteSource, LentFile } from './source.js';

/** Most bytes that one read asks for; the system's own limit lies just below 2 GiB. */
const MAX_READ = 0x3fffffff;

/**
 * Opens a file, pipe or device for reading from its start.
 * @throws OverpunchError OVP_IO_NOT_FOUND, OVP_IO_PERMISSION, OVP_IO_DIRECTORY, OVP_IO_OPEN, OVP_IO_ABORTED
 */
export async function openFile(path: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  throwIfAborted(signal, path);
  const opening = open(path, 'r');
  let handle: FileHandle;
  try {
    handle = await abortable(opening, signal, path); // a named pipe opens only when somebody writes to it
  } catch (error) {
    if (error instanceof OverpunchError) {
      opening.then(
        (late) => late.close(),
        () => {},
      );
      throw error;
    }
    throw await cannotOpen(path, error);
  }
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw new OverpunchError('OVP_IO_DIRECTORY', `${path} is a directory`, { hint: 'Name a file in it.' });
    }
    return new FileSource(path, stat.isFile() ? stat.size : null, handle, signal);
  } catch (error) {
    await handle.close();
    throw error instanceof OverpunchError ? error : await cannotOpen(path, error);
  }
}

class FileSource implements ByteSource {
  readonly bytes = null;
  private reading: Promise<void> | null = null;
  private isClosed = false;
  /** Those that read the file by its descriptor. */
  private readers = 0;
  private closing: Promise<void> | null = null;
  /** Where the next read begins; null: where the last one ended. */
  private position: number | null = null;
  /** On Windows a descriptor is known to Node's own runtime library only. */
  readonly lend = process.platform === 'win32' ? undefined : () => this.lent();

  constructor(
    readonly name: string,
    readonly size: number | null,
    private readonly handle: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async readInto(target: Uint8Array): Promise<number> {
    if (target.length === 0) throw new RangeError('readInto needs room for a byte');
    try {
      this.check();
      const reading = this.handle.read(target, 0, Math.min(target.length, MAX_READ), this.position);
      const ended = (): void => {
        this.reading = null;
      };
      this.reading = reading.then(ended, ended);
      const { bytesRead } = await abortable(reading, this.signal, this.name);
      if (this.position !== null) this.position += bytesRead;
      return bytesRead;
    } catch (error) {
      await this.close();
      throw error instanceof OverpunchError ? error : this.cannotRead(messageOf(error), error);
    }
  }

  private lent(): LentFile {
    this.check();
    this.readers++;
    let isLent = true;
    return {
      descriptor: this.handle.fd,
      failure: (cause) => this.failure(cause),
      release: () => {
        if (!isLent) return;
        isLent = false;
        this.readers--;
        if (this.isClosed) this.close().catch(() => {});
      },
    };
  }

  seek(position: number): void {
    this.position = position;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    // Another file could have the descriptor next: it must not be closed under those who read by it. The last closes it.
    if (this.readers > 0) return;
    // A read of a pipe may never end; the file is closed after it, and nobody waits for that.
    const { reading } = this;
    this.closing ??= reading ? reading.then(() => this.handle.close()) : this.handle.close();
    if (reading) this.closing.catch(() => {});
    else await this.closing;
  }

  private check(): void {
    if (this.isClosed) throw new OverpunchError('OVP_IO_CLOSED', `${this.name} was closed while it was read`);
    throwIfAborted(this.signal, this.name);
  }

  private failure(cause: unknown): OverpunchError {
    const errno = (cause as { readonly errno?: number }).errno ?? 0;
    if (errno !== 0) return this.cannotRead(getSystemErrorName(errno), cause);
    return this.cannotRead(`it was cut off while it was read, and is shorter than its ${this.size} bytes now`, cause);
  }

  private cannotRead(why: string, cause: unknown): OverpunchError {
    return new OverpunchError('OVP_IO_READ', `${this.name} can't be read: ${why}`, { cause });
  }
}

async function cannotOpen(path: string, cause: unknown): Promise<OverpunchError> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const hint = /^[a-z][a-z0-9+-]+:\/\//i.test(path)
      ? 'Addresses are not opened; pass a stream, e.g. (await fetch(url)).body.'
      : await nearbyFile(path);
    return new OverpunchError('OVP_IO_NOT_FOUND', `There is no file ${path}`, { cause, hint });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'Ask its owner for permission to read it (chmod +r).';
    return new OverpunchError('OVP_IO_PERMISSION', `${path} may not be read`, { cause, hint });
  }
  const hint =
    code === 'EMFILE' ? 'Too many files are open: close some first, or raise the limit (ulimit -n).' : undefined;
  return new OverpunchError('OVP_IO_OPEN', `${path} can't be opened: ${messageOf(cause)}`, { cause, hint });
}

async function nearbyFile(path: string): Promise<string | undefined> {
  try {
    const near = didYouMean(basename(path), await readdir(dirname(path)));
    return near.length > 0 ? `Did you mean ${near.map((name) => join(dirname(path), name)).join(' or ')}?` : undefined;
  } catch {
    return `There is no directory ${dirname(path)} that can be read either.`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
