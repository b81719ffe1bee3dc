/**
 * Threads that make an engine's calls, oldest first, while this thread does other things or makes one of them itself. Calls
 * end in the order in which they began (Decoder.begin, TextWriter.begin).
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** What a step came to. `native/addon/threads.h` has the same numbers. */
export const CallStep = {
  /** The oldest call has ended; what is the oldest now is the one after it. */
  ENDED: 0,
  /** Another call was made on this thread meanwhile. */
  HELPED: 1,
  /** The oldest call is being made on another thread, and no call is left that none has taken. */
  RUNNING: 2,
} as const;

export interface Threads {
  /**
   * Looks after the oldest call, on this thread where no other has taken it; see CallStep.
   * @throws what the call that has ended would have thrown
   */
  step(): number;
  /** Until the oldest call is done. One at a time. */
  wait(): Promise<void>;
  /** Ends the threads, when they have made the calls that they are making; others are forgotten. */
  end(): void;
}
