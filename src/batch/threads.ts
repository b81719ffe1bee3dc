/**
 * Work on several threads, in order: lanes, each with a decoder and a slab of its own, take parts of the records one
 * after another; what comes out is asked for in the order in which it was put in. This thread works too where it would
 * only wait, so that nobody need be woken for the next part.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../engine/engine.js';
import { CallStep, type Threads } from '../engine/threads.js';
import { OverpunchError } from '../errors.js';
import { type Part, slice } from './decode.js';

/** A part, where it lies in the source, and how its records are kept as they are. */
export interface PlacedPart {
  readonly part: Part;
  /** Offset in the source of the first byte of its data. */
  readonly base: number;
  /** Keeps the records' bytes until the function that it answers is called. */
  hold(): () => void;
}

/** What works on one part at a time, on any thread: a decoder (DecodeLoop), a writer of text (TextLoop). */
export interface Lane<Result> {
  /** Most records of one part. */
  readonly size: number;
  /** Has the threads work on the part's first records. */
  begin(threads: Threads, part: Part): void;
  /** What came of them, when that call has ended; the lane's user goes on from there. */
  ended(): Result;
}

/** A part that was worked on; its lane has what came of it, and goes on with the rest where not all was taken. */
export interface Worked<Result, L extends Lane<Result>> {
  readonly part: Part;
  readonly base: number;
  readonly lane: L;
  readonly first: Result;
}

/** A part whose records stay as they are until `release` is called. */
interface HeldPart {
  readonly part: Part;
  readonly base: number;
  readonly release: () => void;
}

/** A lane, and its memory for records that threads read by themselves: a thread that works for it again has it in its cache. */
interface Seat<L> {
  readonly lane: L;
  memory: Uint8Array;
}

/** A part under way. */
interface Job<L> extends HeldPart {
  readonly seat: Seat<L>;
}

/** Most threads that can be asked for. */
export const MAX_THREADS = 256;
/**
 * Lanes beyond one a thread: for the part that is being used, and so that a thread finds one that it has in its cache. More would
 * only leave that.
 */
const SPARE_LANES = 2;
const NO_BYTES = new Uint8Array(0);

/** @throws OverpunchError OVP_OPTION_VALUE where `threads` is no number of threads */
export function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
  throw new OverpunchError('OVP_OPTION_VALUE', `threads can't be ${JSON.stringify(threads)}`, {
    hint: `It is a whole number from 1 to ${MAX_THREADS}.`,
  });
}

/**
 * Has parts worked on by `count` threads, of which this is one. They come out in the order in which they go in; each is
 * valid until the next is asked for. What is wrong with the source is thrown after the parts before it.
 *
 * @param engine one that has threads
 */
export async function* onThreads<Result, L extends Lane<Result>>(
  parts: AsyncGenerator<PlacedPart>,
  make: () => L & Lane<Result>,
  engine: Pick<Engine, 'threads'>,
  count: number,
): AsyncGenerator<Worked<Result, L>> {
  const free = Array.from({ length: count + SPARE_LANES }, (): Seat<L> => ({ lane: make(), memory: NO_BYTES }));
  const source = new Ahead(cut(parts, free[0]!.lane.size));
  const threads = engine.threads!(count - 1);
  const jobs: Job<L>[] = [];
  let waiting: Promise<void> | null = null;
  const wait = (): Promise<void> => {
    waiting ??= threads.wait().then(() => {
      waiting = null;
    });
    return waiting;
  };
  try {
    for (;;) {
      while (free.length > 0 && source.next) {
        const seat = free.pop()!;
        const held = withMemory(source.take(), seat);
        jobs.push({ ...held, seat });
        seat.lane.begin(threads, held.part);
        await turn();
      }
      const [job] = jobs;
      if (!job) {
        if (source.isAtEnd) return source.close();
        await source.settled;
        continue;
      }
      const step = stepOf(threads, job.part);
      if (step === CallStep.ENDED) {
        const { part, base, seat } = job;
        yield { part, base, lane: seat.lane, first: seat.lane.ended() };
        free.push(seat);
        job.release();
        jobs.shift();
      } else if (step === CallStep.HELPED) {
        await turn();
      } else {
        await (free.length > 0 && !source.isAtEnd ? Promise.race([source.settled, wait()]) : wait());
      }
    }
  } finally {
    threads.end();
    for (const { release } of jobs) release();
    // a read that is under way may never end: nobody waits for it
    source.end();
  }
}

/** @throws what was wrong with the part, which is the oldest one */
function stepOf(threads: Threads, { records }: Part): number {
  try {
    return threads.step();
  } catch (error) {
    throw records.unread && (error as NodeJS.ErrnoException).syscall === 'read' ? records.unread.failure(error) : error;
  }
}

/** Lets the event loop do what is due, which also brings the source's next part where it is at hand. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A source that is always asked for one part ahead. */
class Ahead {
  /** The part to take, where one is at hand. */
  next: HeldPart | null = null;
  isAtEnd = false;
  /** Until there is something to take, or the end. */
  settled: Promise<void>;
  private failure: { readonly cause: unknown } | null = null;
  private isOver = false;

  constructor(private readonly parts: AsyncGenerator<HeldPart>) {
    this.settled = this.ask();
  }

  take(): HeldPart {
    const next = this.next!;
    this.next = null;
    this.settled = this.ask();
    return next;
  }

  end(): void {
    this.isOver = true;
    this.next?.release();
    this.parts.return(undefined).catch(() => {});
  }

  private async ask(): Promise<void> {
    try {
      const { done, value } = await this.parts.next();
      if (done) this.isAtEnd = true;
      else if (this.isOver) value.release();
      else this.next = value;
    } catch (cause) {
      this.failure = { cause };
      this.isAtEnd = true;
    }
  }

  /** At the end. @throws what is wrong with the source */
  close(): void {
    if (this.failure) throw this.failure.cause;
  }
}

/** Parts in pieces that one call takes, with what they consist of held or copied: the source goes on after each. */
async function* cut(parts: AsyncGenerator<PlacedPart>, size: number): AsyncGenerator<HeldPart> {
  for await (const { part, base, hold } of parts) {
    for (let done = 0; done < part.records.count; done += size) {
      const records = slice(part.records, done, Math.min(size, part.records.count - done));
      const piece = {
        records: withOwnPlaces(records),
        firstRecord: part.firstRecord + done,
        recordNumbers: part.recordNumbers?.subarray(done, done + records.count) ?? null,
      };
      yield { part: piece, base, release: hold() };
    }
  }
}

/** Records that are unread come without memory. */
function withMemory<L>(held: HeldPart, seat: Seat<L>): HeldPart {
  const { part, base, release } = held;
  const { unread, first, count, stride } = part.records;
  if (!unread) return held;
  const length = count * stride;
  if (seat.memory.length < length) seat.memory = new Uint8Array(length);
  const data = seat.memory.subarray(0, length);
  const own = base + first;
  const records = { ...part.records, data, first: 0, unread: { ...unread, base: own } };
  return { part: { ...part, records }, base: own, release };
}

function withOwnPlaces(records: Records): Records {
  const { starts, ends, first, count } = records;
  if (!starts || !ends) return records;
  return { ...records, starts: starts.slice(first, first + count), ends: ends.slice(first, first + count), first: 0 };
}
