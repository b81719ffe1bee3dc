/**
 * Answers that are made while they are sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Readable, type Writable } from 'node:stream';
import { ChunkPool } from '../../connectors/chunks.js';

/** Chunks that are made with this pool, where they come from one. */
export interface Chunks {
  readonly chunks: AsyncGenerator<Uint8Array>;
  readonly pool?: ChunkPool;
}

/** Bytes of a chunk: there are two or three of them for each stream. */
const CHUNK = 1 << 18;

/** A pool for one stream: what was sent is written to again at once. */
export const chunkPool = (): ChunkPool => new ChunkPool(0, CHUNK);

/** One chunk is made while the one before is sent; more would only be memory that waits for the caller. */
const AHEAD = 1;

class ChunkStream extends Readable {
  private waiting: IteratorResult<Uint8Array> | null;

  constructor(
    private readonly source: AsyncGenerator<Uint8Array>,
    first: IteratorResult<Uint8Array>,
    private readonly pool: ChunkPool | undefined,
    private end: (() => void) | null,
  ) {
    super({ highWaterMark: AHEAD });
    this.waiting = first;
    this.once('close', () => this.ended());
  }

  private ended(): void {
    this.end?.();
    this.end = null;
  }

  override _read(): void {
    const next = this.waiting ? Promise.resolve(this.waiting) : this.source.next();
    this.waiting = null;
    next.then(
      ({ done, value }) => {
        if (done) this.ended();
        this.push(done ? null : value);
      },
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.source.return(undefined).then(
      () => done(error),
      () => done(error),
    );
  }

  /** As Readable's; a chunk's memory is given back when whoever it was written to is done with it. */
  override pipe<T extends NodeJS.WritableStream>(to: T, options?: { readonly end?: boolean }): T {
    const { pool } = this;
    if (!pool) return super.pipe(to, options as { end?: boolean });
    const target = to as unknown as Writable;
    const goOn = (): unknown => this.resume();
    target.on('drain', goOn);
    this.on('data', (chunk: Uint8Array) => {
      if (!target.write(chunk, () => pool.give(chunk))) this.pause();
    });
    this.once('close', () => target.off('drain', goOn));
    if (options?.end !== false) this.once('end', () => target.end());
    target.emit('pipe', this);
    return to;
  }
}

/**
 * Chunks as a stream that is read as fast as the caller takes it. The first chunk is made before anything is answered, so that what is
 * wrong with the request is told properly. Whatever happens, `end` is called once: when all chunks are made, before the last is sent, or
 * when there will be no more.
 */
export async function streamOf({ chunks, pool }: Chunks, end: () => void): Promise<Readable> {
  let first: IteratorResult<Uint8Array>;
  try {
    first = await chunks.next();
  } catch (error) {
    end();
    throw error;
  }
  return new ChunkStream(chunks, first, pool, end);
}
