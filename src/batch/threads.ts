/**
 * Work on several threads, in order: lanes, each with a decoder and a slab of its own, take parts of the records one
 * after another; what comes out is asked for in the order in which it was put in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Records } from '../engine/engine.js';
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

/** What works on one part at a time, on another thread: a decoder (DecodeLoop), a writer of text (TextLoop). */
export interface Lane<Result> {
  /** Most records of one part. */
  readonly size: number;
  /** What comes of the part's first records; the lane's user goes on from there. */
  later(part: Part): Promise<Result>;
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
interface Job<Result, L> extends HeldPart {
  readonly lane: L;
  readonly first: Promise<Result>;
}

/** Most threads that can be asked for. */
export const MAX_THREADS = 256;

/** @throws OverpunchError OVP_OPTION_VALUE where `threads` is no number of threads */
export function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
  throw new OverpunchError('OVP_OPTION_VALUE', `threads can't be ${JSON.stringify(threads)}`, {
    hint: `It is a whole number from 1 to ${MAX_THREADS}.`,
  });
}

/**
 * Has parts worked on by other threads, while this one reads the source and uses what is ready. They come out in the order
 * in which they go in; each is valid until the next is asked for. What is wrong with the source is thrown after the parts
 * before it.
 *
 * @param make a lane. There is one more than threads, so that no thread waits while a part is used.
 */
export async function* onThreads<Result, L extends Lane<Result>>(
  parts: AsyncGenerator<PlacedPart>,
  make: () => L & Lane<Result>,
  threads: number,
): AsyncGenerator<Worked<Result, L>> {
  const lanes = new Lanes<Result, L>(make, threads);
  const source = cut(parts, lanes.size);
  const jobs: Job<Result, L>[] = [];
  let next: Promise<Step> | null = stepOf(source);
  let failure = null as { readonly cause: unknown } | null;
  const start = async (): Promise<void> => {
    const { value, failed }: Step = await next!;
    next = value ? stepOf(source) : null;
    if (value) jobs.push(lanes.start(value));
    else failure = failed;
  };
  try {
    for (;;) {
      const [job] = jobs;
      if (next && lanes.hasRoom && (!job || (await comesFirst(next, job.first)))) {
        await start();
      } else if (job) {
        const first = await job.first;
        // the other threads go on while this is used
        while (next && lanes.hasRoom && (await comesFirst(next, Promise.resolve()))) await start();
        yield { part: job.part, base: job.base, lane: job.lane, first };
        lanes.end(job);
        jobs.shift();
      } else {
        if (failure) throw failure.cause;
        return;
      }
    }
  } finally {
    // a read that is under way may never end: nobody waits for it
    source.return(undefined).catch(() => {});
  }
}

class Lanes<Result, L extends Lane<Result>> {
  readonly size: number;
  private readonly free: L[];
  private running = 0;

  constructor(
    make: () => L,
    private readonly threads: number,
  ) {
    this.free = Array.from({ length: threads + 1 }, make);
    this.size = this.free[0]!.size;
  }

  /** Whether another part can be taken now. */
  get hasRoom(): boolean {
    return this.free.length > 0 && this.running < this.threads;
  }

  start({ part, base, release }: HeldPart): Job<Result, L> {
    const lane = this.free.pop()!;
    this.running++;
    const first = lane.later(part).finally(() => this.running--);
    first.catch(() => {}); // whoever waits for it hears of it
    return { part, base, lane, first, release };
  }

  end({ lane, release }: Job<Result, L>): void {
    this.free.push(lane);
    release();
  }
}

/** What a step of the source comes to: a part, its end (null), or a failure. */
interface Step {
  readonly value: HeldPart | null;
  readonly failed: { readonly cause: unknown } | null;
}

async function stepOf(parts: AsyncGenerator<HeldPart>): Promise<Step> {
  try {
    const { done, value } = await parts.next();
    return { value: done ? null : value, failed: null };
  } catch (cause) {
    return { value: null, failed: { cause } };
  }
}

function comesFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const no = (): boolean => false;
  return Promise.race([one.then(() => true), other.then(no, no)]);
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
