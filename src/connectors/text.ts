/**
 * Records as text by an engine that writes it itself, in chunks that are the receiver's (or go back to a pool). Blocks that the engine leaves
 * aside (bad data, tables that are longer than was thought) are decoded to batches like any others, and written from
 * those.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import { type DecodeLoop, type Part, slice } from '../batch/decode.js';
import type { Engine, Records, TextWriter } from '../engine/engine.js';
import { type Program, WRITTEN_WORDS, Written, WrittenWord } from '../engine/program.js';
import { type Slab, allocateSlab } from '../engine/slab.js';
import type { Threads } from '../engine/threads.js';
import { OverpunchError } from '../errors.js';
import { BLOCK } from '../plan/opcodes.js';
import { CHUNK, type ChunkPool, freshChunk } from './chunks.js';
import type { Tally } from './tally.js';

/** On several threads a chunk should hold all that is written at a time: at first what seldom is too little, then about what was needed. */
const FIRST_CHUNK = 1 << 22;
const MAX_CHUNK = 1 << 30;
/** Sizes of chunks are multiples of this. */
const STEP = 1 << 16;
/** Records to decode at a time, at most, where most blocks have bad data. */
const MOST_ASIDE = 1 << 13;

/** Records that the engine wrote, and those behind them that it left aside. */
export interface Step {
  readonly records: number;
  readonly short: number;
  readonly long: number;
  readonly aside: number;
}

/** Writes rows of batches by an engine's writer, in chunks. */
export class BatchText {
  protected readonly written = new Int32Array(WRITTEN_WORDS);
  protected at = 0;
  private readonly done: Uint8Array[] = [];
  private chunk: Uint8Array | null = null;
  private current: TextWriter | null = null;
  private chunkSize: number;

  /**
   * @param make an engine's writer
   * @param whole calls are made by several threads, and each chunk should have room for all that one writes
   * @param pool where chunks come from, and are given back to by their receiver; without it they are fresh, and the receiver's
   */
  constructor(
    private readonly make: NonNullable<Engine['writer']>,
    private readonly program: Program,
    private readonly whole = false,
    private readonly pool: ChunkPool | null = null,
  ) {
    this.chunkSize = whole ? FIRST_CHUNK : (pool?.chunk ?? CHUNK);
  }

  rows({ slab, length }: Batch): void {
    const writer = this.writerFor(slab.layout);
    for (let row = 0; row < length; row += this.written[WrittenWord.RECORDS]!) {
      writer.rows(this.written, this.room(), this.at, slab, row, length);
      this.settle();
    }
  }

  /** Chunks that are full. */
  take(): Uint8Array[] {
    return this.done.splice(0);
  }

  /** All that was written and not taken. */
  flush(): Uint8Array[] {
    if (this.chunk && this.at > 0) {
      const isGiven = this.pool !== null || 2 * this.at > this.chunk.length;
      this.done.push(isGiven ? this.chunk.subarray(0, this.at) : this.chunk.slice(0, this.at));
      if (isGiven) this.chunk = null;
      if (this.whole && !this.pool)
        this.chunkSize = Math.min(this.chunkSize, STEP * Math.ceil((1.1 * this.at) / STEP + 1));
      this.at = 0;
    }
    return this.take();
  }

  /** The layout of a decode loop grows, and a writer is of one. */
  protected writerFor(layout: TextWriter['layout']): TextWriter {
    if (this.current?.layout !== layout) this.current = this.make(layout, this.program);
    return this.current;
  }

  protected room(): Uint8Array {
    if (!this.chunk) {
      this.chunk = this.pool?.take(this.chunkSize) ?? freshChunk(this.chunkSize);
      this.at = 0;
    }
    return this.chunk;
  }

  protected settle(): number {
    const { written } = this;
    const before = this.at;
    this.at += written[WrittenWord.BYTES]!;
    const status = written[WrittenWord.STATUS]!;
    if (status !== Written.NO_ROOM) return status;
    if (this.at > 0) {
      this.done.push(this.chunk!.subarray(0, this.at));
      if (this.whole) this.chunkSize = Math.max(this.chunkSize, FIRST_CHUNK);
    } else if (before === 0) {
      if (this.chunkSize >= MAX_CHUNK) throw tooLong();
      this.chunkSize *= 2;
    }
    this.chunk = null;
    this.at = 0;
    return status;
  }
}

/** Writes records as they are read, and rows of those that the engine leaves aside. */
export class TextLoop extends BatchText {
  private aside = BLOCK;
  private slab: Slab | null = null;
  private begun = 0;

  /** @param loop decodes what is left aside; the others as of {@link BatchText} */
  constructor(
    make: NonNullable<Engine['writer']>,
    readonly loop: DecodeLoop,
    program: Program,
    whole = false,
    pool: ChunkPool | null = null,
  ) {
    super(make, program, whole, pool);
  }

  /** Writes the first of these records; the caller goes on behind them, decoding those aside. Chunks that are full are in `take`. */
  step({ records }: Part): Step {
    const writer = this.writerFor(this.loop.layout);
    writer.write(this.written, this.room(), this.at, this.slabOf(writer), records);
    return this.stepOf(records.count);
  }

  /**
   * Writes all of these records to out[from..], or answers null where the engine leaves some aside or there is no room for them: what is
   * behind `from` is then anything. Chunks have no part in it.
   */
  all(records: Records, out: Uint8Array, from: number): number | null {
    const writer = this.writerFor(this.loop.layout);
    const { written } = this;
    writer.write(written, out, from, this.slabOf(writer), records);
    return written[WrittenWord.STATUS] === Written.ALL ? written[WrittenWord.BYTES]! : null;
  }

  /** Has these threads write the first of these records; nothing else may be asked of this until `ended`. */
  begin(threads: Threads, { records }: Part): void {
    const writer = this.writerFor(this.loop.layout);
    this.begun = records.count;
    writer.begin(threads, this.written, this.room(), this.at, this.slabOf(writer), records);
  }

  /** What was written, when that call has ended. */
  ended(): Step {
    return this.stepOf(this.begun);
  }

  /** Most records that are written at a time on another thread. */
  get size(): number {
    return this.loop.size;
  }

  private slabOf({ layout }: TextWriter): Slab {
    if (this.slab?.layout !== layout) this.slab = allocateSlab(layout);
    return this.slab;
  }

  private stepOf(given: number): Step {
    const status = this.settle();
    const { written } = this;
    const count = written[WrittenWord.RECORDS]!;
    if (status === Written.BLOCK) {
      this.aside = count < 4 * BLOCK ? Math.min(2 * this.aside, MOST_ASIDE) : BLOCK;
    }
    return {
      records: count,
      short: written[WrittenWord.SHORT]!,
      long: written[WrittenWord.LONG]!,
      aside: status === Written.BLOCK ? Math.min(this.aside, given - count) : 0,
    };
  }
}

/** A part's text, of which the first step was made. What the engine leaves aside takes the way of batches, where faults are found. */
export function* writtenPart(
  text: TextLoop,
  part: Part,
  base: number,
  first: Step,
  tally: Tally,
): Generator<Uint8Array> {
  const { count } = part.records;
  const { loop } = text;
  try {
    for (let done = 0, step = first; ; step = text.step(partOf(part, done, count - done))) {
      tally.records += step.records;
      tally.shortRecords += step.short;
      tally.longRecords += step.long;
      done += step.records;
      yield* text.take();
      for (const decoded of loop.batches(partOf(part, done, step.aside))) {
        for (const { batch } of tally.accept(decoded, base, loop, false)) {
          text.rows(batch);
          yield* text.take();
        }
      }
      done += step.aside;
      if (done >= count) break;
    }
  } catch (error) {
    yield* text.flush(); // what is good before the bad
    throw error;
  }
  yield* text.flush();
}

const tooLong = (): OverpunchError =>
  new OverpunchError('OVP_DATA_TEXT', `A record would be more than ${MAX_CHUNK} bytes of text`, {
    hint: 'Name the items to write with select.',
  });

/** Records `from` to `from + count` of these. */
export function partOf({ records, firstRecord, recordNumbers }: Part, from: number, count: number): Part {
  return {
    records: slice(records, from, count),
    firstRecord: recordNumbers ? recordNumbers[from]! : firstRecord + from,
    recordNumbers: recordNumbers?.subarray(from, from + count) ?? null,
  };
}
