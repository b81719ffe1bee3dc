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

/** A part under way. */
interface Job<L> extends HeldPart {
  readonly lane: L;
}

/** Most threads that can be asked for. */
export const MAX_THREADS = 256;
/** Lanes beyond one a thread, for the part that is being used. More would only leave the cache. */
const SPARE_LANES = 1;

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
  const free: L[] = Array.from({ length: count + SPARE_LANES }, make);
  const source = new Ahead(cut(parts, free[0]!.size));
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
        const { part, base, release } = source.take();
        const lane = free.pop()!;
        jobs.push({ part, base, release, lane });
        lane.begin(threads, part);
        await turn();
      }
      const [job] = jobs;
      if (!job) {
        if (source.isAtEnd) return source.close();
        await source.settled;
        continue;
      }
      const step = threads.step();
      if (step === CallStep.ENDED) {
        yield { part: job.part, base: job.base, lane: job.lane, first: job.lane.ended() };
        free.push(job.lane);
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
    // a read that is under way may never end: nobody waits for it
    source.end();
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
    this.parts.return(undefined).catch(() => {});
  }

  private async ask(): Promise<void> {
    try {
      const { done, value } = await this.parts.next();
      if (done) this.isAtEnd = true;
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

function withOwnPlaces(records: Records): Records {
  const { starts, ends, first, count } = records;
  if (!starts || !ends) return records;
  return { ...records, starts: starts.slice(first, first + count), ends: ends.slice(first, first + count), first: 0 };
}
