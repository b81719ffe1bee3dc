/**
 * Decoding on several threads, in order: lanes, each with a decoder and a slab of its own, take parts of the records one
 * after another; what comes out is asked for in the order in which it was put in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import { type DecodeLoop, type DecodedBatch, type Part, slice } from './decode.js';

/** A part, where it lies in the source, and how its records are kept as they are. */
export interface PlacedPart {
  readonly part: Part;
  /** Offset in the source of the first byte of its data. */
  readonly base: number;
  /** Keeps the records until the function that it answers is called. */
  hold(): () => void;
}

/** A part that was decoded; `loop` has its slab, and decodes the rest where not all of it fitted. */
export interface Decoded {
  readonly part: Part;
  readonly base: number;
  readonly loop: DecodeLoop;
  readonly first: DecodedBatch;
}

/** A part whose records stay as they are until `release` is called. */
interface HeldPart {
  readonly part: Part;
  readonly base: number;
  readonly release: () => void;
}

/** A part under way. */
interface Job extends HeldPart {
  readonly loop: DecodeLoop;
  readonly first: Promise<DecodedBatch>;
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
 * Decodes parts on other threads, while this one reads the source and uses what is ready. They come out in the order in
 * which they go in; each is valid until the next is asked for. What is wrong with the source is thrown after the parts
 * before it.
 *
 * @param make a decoder for one lane. There is one lane more than threads, so that no thread waits while a part is used.
 */
export async function* onThreads(
  parts: AsyncGenerator<PlacedPart>,
  make: () => DecodeLoop,
  threads: number,
): AsyncGenerator<Decoded> {
  const lanes = new Lanes(make, threads);
  const source = cut(parts, lanes.size);
  const jobs: Job[] = [];
  let next: Promise<Step> | null = stepOf(source);
  let failure: { readonly cause: unknown } | null = null;
  try {
    for (;;) {
      const [job] = jobs;
      if (next && lanes.hasRoom && (!job || (await comesFirst(next, job.first)))) {
        const { value, failed }: Step = await next;
        next = value ? stepOf(source) : null;
        if (value) jobs.push(lanes.start(value));
        else failure = failed;
      } else if (job) {
        yield { part: job.part, base: job.base, loop: job.loop, first: await job.first };
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

class Lanes {
  /** Most records of one part. */
  readonly size: number;
  private readonly free: DecodeLoop[];
  private running = 0;

  constructor(
    make: () => DecodeLoop,
    private readonly threads: number,
  ) {
    this.free = Array.from({ length: threads + 1 }, make);
    this.size = this.free[0]!.size;
  }

  /** Whether another part can be taken now. */
  get hasRoom(): boolean {
    return this.free.length > 0 && this.running < this.threads;
  }

  start({ part, base, release }: HeldPart): Job {
    const loop = this.free.pop()!;
    this.running++;
    const first = loop.later(part).finally(() => this.running--);
    first.catch(() => {}); // whoever waits for it hears of it
    return { part, base, loop, first, release };
  }

  end({ loop, release }: Job): void {
    this.free.push(loop);
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

/** Parts in pieces that one call takes. */
async function* cut(parts: AsyncGenerator<PlacedPart>, size: number): AsyncGenerator<HeldPart> {
  for await (const { part, base, hold } of parts) {
    for (let done = 0; done < part.records.count; done += size) {
      const count = Math.min(size, part.records.count - done);
      const piece = {
        records: slice(part.records, done, count),
        firstRecord: part.firstRecord + done,
        recordNumbers: part.recordNumbers?.subarray(done, done + count) ?? null,
      };
      yield { part: piece, base, release: hold() }; // held before the source goes on
    }
  }
}
