/**
 * Where output goes: standard output or a file. Bytes for a file are gathered into large writes, one of which is under
 * way while the next is being made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Stats, closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { writePieces } from '../connectors/pieces.js';
import { OverpunchError } from '../errors.js';
import { whyNot } from '../datasets/file.js';

export interface Output {
  /** Resolves when more can be taken. The bytes must not be changed before they are written. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what is still here and these pieces; when it resolves, their memory is not needed any more. */
  writeNow(pieces: readonly Uint8Array[]): Promise<void>;
  /** Writes what is still here. Without it nothing of a file may be there. */
  end(): Promise<void>;
  /** The reader at the other end has gone; more need not be written. */
  readonly isClosed: boolean;
}

/** Bytes in one write to a file, and the most pieces. */
const GATHER = 1 << 20;
const PIECES = 256;

/** Hears of bytes that were written, and are not needed any more. */
type Written = (bytes: Uint8Array) => void;

/** Standard output, or the file, which is created (and emptied) with the first write or at the end. */
export function openOutput(path: string | undefined, written: Written = () => {}): Output {
  if (path !== undefined) return new FileOutput(path, null, written);
  return takesBlocks(1) ? new FileOutput('standard output', 1, written) : new StreamOutput(process.stdout, written);
}

class FileOutput implements Output {
  readonly isClosed = false;
  private pieces: Uint8Array[] = [];
  private size = 0;
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private fd: number | null,
    private readonly written: Written,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size >= GATHER || this.pieces.length >= PIECES) await this.flush();
  }

  async writeNow(pieces: readonly Uint8Array[]): Promise<void> {
    this.pieces.push(...pieces);
    await this.flush();
    await this.underWay;
  }

  async end(): Promise<void> {
    await this.flush();
    await this.underWay;
    if (this.fd !== null && this.fd > 2) {
      const fd = this.fd;
      this.fd = null;
      this.attempt(() => closeSync(fd));
    }
  }

  /** Begins the next write when the one before it has ended. */
  private async flush(): Promise<void> {
    await this.underWay;
    const fd = (this.fd ??= this.attempt(() => openSync(this.name, 'w')));
    const { pieces } = this;
    this.pieces = [];
    this.size = 0;
    this.underWay = writePieces(fd, pieces).then(
      () => pieces.forEach((bytes) => this.written(bytes)),
      (cause: unknown) => {
        throw failure(this.name, cause);
      },
    );
    this.underWay.catch(() => {}); // whoever waits for it next hears of it
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw failure(this.name, cause);
    }
  }
}

class StreamOutput implements Output {
  isClosed = false;
  private failed: OverpunchError | null = null;
  private wake: (() => void) | null = null;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly written: Written,
  ) {
    stream.on('drain', () => this.wake?.());
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.failed = failure('standard output', error);
      this.isClosed = true;
      this.wake?.();
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.isClosed && !this.stream.write(bytes, () => this.written(bytes))) await this.quiet();
    if (this.failed) throw this.failed;
  }

  writeNow(pieces: readonly Uint8Array[]): Promise<void> {
    return this.write(Buffer.concat(pieces));
  }

  async end(): Promise<void> {
    // an error comes as an event, behind the callback of the write that it is of
    if (!this.isClosed) await new Promise<void>((resolve) => this.stream.write('', () => setImmediate(resolve)));
    if (this.failed) throw this.failed;
  }

  /** Until the stream has taken everything, or failed. */
  private quiet(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (this.isClosed) resolve();
    });
  }
}

/**
 * Writes out what is good at the end of a job; what goes wrong with that is returned. Files are left as they were where the
 * job failed before any data was read.
 */
export async function endOutputs(
  outputs: readonly { end(): void | Promise<void> }[],
  failed: unknown,
  records: number,
): Promise<unknown> {
  if (failed && !isOfData(failed) && records === 0) return null;
  let first: unknown = null;
  for (const output of outputs) {
    try {
      await output.end();
    } catch (error) {
      first ??= error;
    }
  }
  return first;
}

/** The data is not as described: what is before the fault is good. */
export const isOfData = (error: unknown): boolean =>
  error instanceof OverpunchError && /^OVP_(FRAME|DATA)_/.test(error.code);

function failure(name: string, cause: unknown): OverpunchError {
  return new OverpunchError('OVP_IO_OUTPUT', `${name} could not be written: ${whyNot(cause)}`, { cause });
}

/** A file or a device, but no terminal: not a stream at whose other end somebody reads, or no longer does. */
function takesBlocks(fd: number): boolean {
  const stat = attempt(() => fstatSync(fd));
  return stat !== undefined && (stat.isFile() || (stat.isCharacterDevice() && !isatty(fd)));
}

/**
 * Checks before anything is read that a file can be written, and is none of those that are read.
 * @param inputs paths, `-` for standard input
 * @throws OverpunchError OVP_IO_OUTPUT, OVP_OPTION_OUTPUT
 */
export function checkTarget(path: string, option: string, inputs: readonly string[]): void {
  if (path === '') throw new OverpunchError('OVP_OPTION_VALUE', `${option} can't be ''`, { hint: 'It is a path.' });
  const target = statOf(path);
  if (!target) {
    const folder = statOf(dirname(path));
    if (!folder) throw new OverpunchError('OVP_IO_OUTPUT', `${option} ${path}: there is no directory ${dirname(path)}`);
    return;
  }
  if (target.isDirectory()) {
    throw new OverpunchError('OVP_IO_OUTPUT', `${option} ${path}: it is a directory`, { hint: 'Name a file in it.' });
  }
  if (!target.isFile()) return;
  for (const input of inputs) {
    const read = input === '-' ? attempt(() => fstatSync(0)) : statOf(input);
    if (read?.isFile() && read.dev === target.dev && read.ino === target.ino) {
      const what = input === '-' ? 'standard input' : input;
      throw new OverpunchError('OVP_OPTION_OUTPUT', `${option} ${path} would overwrite ${what}, which is in use`);
    }
  }
}

const statOf = (path: string): Stats | undefined => attempt(() => statSync(path, { throwIfNoEntry: false }));

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
