/**
 * Byte sources: whatever bytes come from, read into the caller's buffer. Streams are read chunk by chunk, the next one
 * only when the last is used up, so nothing piles up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { OverpunchError } from '../errors.js';
import { abortable, throwIfAborted } from './abort.js';
import { openFile } from './file.js';

/** A file's path or `file:` URL, bytes, a Node or Web stream of bytes, any async iterable of bytes, or a source of one's own. */
export type SourceInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ByteSource;

export interface ByteSource {
  /** For messages: the path where there is one. */
  readonly name: string;
  /** Bytes in all, where that is known. A file may have grown or shrunk since. */
  readonly size: number | null;
  /** All of the bytes, where they are in memory already (not to be written to); then nobody need call readInto. */
  readonly bytes: Uint8Array | null;
  /** Bytes that are best read at a time; without it the reader decides. */
  readonly piece?: number;
  /**
   * Writes what is at hand to the start of `target` (at least a byte long), waiting for one byte at least; 0 at the end.
   * One call at a time. After an error the source is closed.
   * @throws OverpunchError OVP_IO_READ, OVP_IO_TEXT, OVP_IO_CHUNK, OVP_IO_ABORTED, OVP_IO_CLOSED
   */
  readInto(target: Uint8Array): Promise<number>;
  /**
   * Files only: has threads read by themselves until what this answers is released; nobody reads by readInto meanwhile.
   * @throws as readInto
   */
  readonly lend?: (() => LentFile) | undefined;
  /** Files only: where the next readInto reads. */
  seek?(position: number): void;
  /** Closes the file, destroys or cancels the stream; once, however often it is called. */
  close(): Promise<void>;
}

/** A file that threads read by themselves. It is not closed before it is released. */
export interface LentFile {
  readonly descriptor: number;
  /** What a failed read means. `cause`: an error of the system, or one without `errno` where the file ended too early. */
  failure(cause: unknown): OverpunchError;
  release(): void;
}

export interface SourceOptions {
  readonly signal?: AbortSignal | undefined;
}

/** @throws OverpunchError OVP_IO_* */
export async function openSource(input: SourceInput, { signal }: SourceOptions = {}): Promise<ByteSource> {
  if (typeof input === 'string') {
    if (input === '') throw new OverpunchError('OVP_IO_NOT_FOUND', 'The path of the data is empty');
    return openFile(input, signal);
  }
  if (input instanceof URL) return openFile(pathOf(input), signal);
  if (isSource(input)) return signal ? heeding(input, signal) : input;
  const bytes = bytesOf(input);
  if (bytes) return new MemorySource(bytes, signal);
  return new ChunkSource(chunksOf(input), signal);
}

/** A source that knows no signal, ended by one. */
function heeding(source: ByteSource, signal: AbortSignal): ByteSource {
  const { name, size, bytes, piece } = source;
  return {
    ...{ name, size, bytes, ...(piece !== undefined && { piece }) },
    async readInto(target) {
      if (signal.aborted) await source.close();
      throwIfAborted(signal, name);
      return source.readInto(target);
    },
    close: () => source.close(),
  };
}

function isSource(input: unknown): input is ByteSource {
  return typeof input === 'object' && input !== null && typeof (input as ByteSource).readInto === 'function';
}

function pathOf(url: URL): string {
  if (url.protocol !== 'file:') {
    throw new OverpunchError('OVP_IO_SOURCE', `${url.protocol} addresses are not opened: ${url.href}`, {
      hint: 'Pass a stream, e.g. (await fetch(url)).body.',
    });
  }
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new OverpunchError('OVP_IO_SOURCE', `${url.href} is no file of this machine`, { cause });
  }
}

function bytesOf(input: unknown): Uint8Array | undefined {
  if (input instanceof Uint8Array) return input;
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (types.isAnyArrayBuffer(input)) return new Uint8Array(input);
  return undefined;
}

class MemorySource implements ByteSource {
  readonly name = 'bytes';
  readonly size: number;
  private at = 0;
  private isClosed = false;

  constructor(
    readonly bytes: Uint8Array,
    private readonly signal: AbortSignal | undefined,
  ) {
    throwIfAborted(signal, this.name);
    this.size = bytes.length;
  }

  async readInto(target: Uint8Array): Promise<number> {
    checkRead(target, this.isClosed, this.name);
    throwIfAborted(this.signal, this.name);
    const part = this.bytes.subarray(this.at, this.at + target.length);
    target.set(part);
    this.at += part.length;
    return part.length;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** Where chunks come from. After the end or an error neither function is called again. */
interface Chunks {
  readonly name: string;
  /** The next chunk, of whatever type it is; null at the end. */
  next(): Promise<{ readonly chunk: unknown } | null>;
  /** Ends it early. `waiting`: a `next` has not come back, nothing may wait for it. */
  cancel(waiting: boolean): Promise<void>;
}

class ChunkSource implements ByteSource {
  readonly name: string;
  readonly size = null;
  readonly bytes = null;
  /** What is not used up of the last chunk. */
  private rest: Uint8Array = new Uint8Array(0);
  private isWaiting = false;
  private isAtEnd = false;
  private isClosed = false;

  constructor(
    private readonly chunks: Chunks,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.name = chunks.name;
  }

  async readInto(target: Uint8Array): Promise<number> {
    checkRead(target, this.isClosed, this.name);
    try {
      throwIfAborted(this.signal, this.name);
      while (this.rest.length === 0) {
        if (this.isAtEnd) return 0;
        this.rest = await this.next();
      }
    } catch (error) {
      await this.close().catch(() => {}); // what went wrong first is what is told
      throw error;
    }
    const part = this.rest.subarray(0, target.length);
    target.set(part);
    this.rest = this.rest.subarray(part.length);
    return part.length;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.rest = new Uint8Array(0);
    if (this.isAtEnd) return;
    try {
      await this.chunks.cancel(this.isWaiting);
    } catch (cause) {
      throw readError(this.name, cause);
    }
  }

  private async next(): Promise<Uint8Array> {
    this.isWaiting = true;
    const pull = this.chunks.next().then(
      (result) => {
        this.isWaiting = false;
        if (result === null) this.isAtEnd = true;
        return result;
      },
      (cause: unknown) => {
        this.isWaiting = false;
        this.isAtEnd = true;
        throw this.isClosed ? closedError(this.name) : readError(this.name, cause);
      },
    );
    const result = await abortable(pull, this.signal, this.name);
    if (this.isClosed) throw closedError(this.name);
    if (result === null) return new Uint8Array(0);
    const bytes = bytesOf(result.chunk);
    if (!bytes) throw chunkError(this.name, result.chunk);
    return bytes;
  }
}

function chunksOf(input: unknown): Chunks {
  if (typeof input === 'object' && input !== null) {
    if ('getReader' in input && typeof input.getReader === 'function') return webChunks(input as ReadableStream);
    if ('pipe' in input && 'destroy' in input && Symbol.asyncIterator in input) return nodeChunks(input as Readable);
    if (Symbol.asyncIterator in input) return iterableChunks(input as AsyncIterable<unknown>);
    if ('body' in input && 'arrayBuffer' in input) {
      throw new OverpunchError('OVP_IO_SOURCE', 'A response is not a source of bytes', { hint: 'Pass its body.' });
    }
  }
  const what =
    input === null
      ? 'null'
      : typeof input === 'object'
        ? `a ${input.constructor?.name ?? 'object'}`
        : `a ${typeof input}`;
  throw new OverpunchError('OVP_IO_SOURCE', `Data can't be read from ${what}`, {
    hint: 'Pass a path, a Uint8Array, a Node or Web stream, or an async iterable of Uint8Arrays.',
  });
}

function nodeChunks(stream: Readable): Chunks {
  const name = 'path' in stream && typeof stream.path === 'string' ? stream.path : 'the stream';
  const encoding = stream.readableEncoding;
  if (encoding) throw textError(name, ` (its encoding is ${encoding})`);
  if (stream.errored) throw readError(name, stream.errored);
  // An iterator over a stream that was read already ends at once, as if there had been no bytes.
  if (stream.readableEnded || stream.destroyed) throw usedError(name);
  // The iterator listens only from its first step on; an error before would end the process.
  stream.on('error', () => {});
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  return {
    name,
    next: () => step(iterator),
    cancel: async () => {
      stream.destroy();
    },
  };
}

function webChunks(stream: ReadableStream): Chunks {
  const name = 'the stream';
  if (stream.locked) throw usedError(name);
  const reader = stream.getReader();
  return {
    name,
    next: async () => {
      const { done, value } = await reader.read();
      if (!done) return { chunk: value };
      reader.releaseLock();
      return null;
    },
    cancel: async (waiting) => {
      const cancelled = reader.cancel().finally(() => reader.releaseLock());
      if (waiting) cancelled.catch(() => {});
      else await cancelled;
    },
  };
}

function iterableChunks(iterable: AsyncIterable<unknown>): Chunks {
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    name: 'the iterable',
    next: () => step(iterator),
    cancel: async (waiting) => {
      const returned = iterator.return?.();
      // A generator returns only when its current step has come back, which may be never.
      if (waiting) returned?.catch(() => {});
      else await returned;
    },
  };
}

async function step(iterator: AsyncIterator<unknown>): Promise<{ readonly chunk: unknown } | null> {
  const { done, value } = await iterator.next();
  return done ? null : { chunk: value };
}

function checkRead(target: Uint8Array, isClosed: boolean, name: string): void {
  if (target.length === 0) throw new RangeError('readInto needs room for a byte');
  if (isClosed) throw closedError(name);
}

function closedError(name: string): OverpunchError {
  return new OverpunchError('OVP_IO_CLOSED', `${name} was closed while it was read`);
}

function usedError(name: string): OverpunchError {
  return new OverpunchError('OVP_IO_USED', `${name} was read, locked or closed already`, {
    hint: 'A stream can be read once; open it again.',
  });
}

function readError(name: string, cause: unknown): OverpunchError {
  if (cause instanceof OverpunchError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OverpunchError('OVP_IO_READ', `${name} can't be read: ${message}`, { cause });
}

function textError(name: string, why = ''): OverpunchError {
  return new OverpunchError('OVP_IO_TEXT', `${name} gives text${why} where bytes are needed`, {
    hint: 'Open it without an encoding, so that it gives Uint8Arrays: on the way through text bytes are lost.',
  });
}

function chunkError(name: string, chunk: unknown): OverpunchError {
  if (typeof chunk === 'string') return textError(name);
  const what = chunk === null ? 'null' : typeof chunk;
  return new OverpunchError('OVP_IO_CHUNK', `${name} gives ${what} where bytes are needed`, {
    hint: 'Every chunk must be a Uint8Array.',
  });
}
