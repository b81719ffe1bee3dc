/**
 * Writes that are under way while the next rows are made ready: so many at a time, in the order in which they were begun.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Decoded } from '../connectors/sink.js';

/** Bytes of records that one write holds, about: what is made of them is several times as much. */
const WRITE_BYTES = 4 << 20;

export class Flights {
  private readonly most: number;
  private readonly pending = new Set<Promise<void>>();
  private failure: { readonly reason: unknown } | null = null;

  constructor(most: number) {
    this.most = most;
  }

  /** Begins a write once there is room for it. @throws what an earlier one failed with */
  async begin(write: () => Promise<void>): Promise<void> {
    while (this.pending.size >= this.most) await Promise.race(this.pending);
    this.check();
    const flight: Promise<void> = write().then(
      () => void this.pending.delete(flight),
      (reason: unknown) => {
        this.pending.delete(flight);
        this.failure ??= { reason };
      },
    );
    this.pending.add(flight);
  }

  /** Waits for all of them. @throws what the first that failed failed with */
  async land(): Promise<void> {
    await Promise.all(this.pending);
    this.check();
  }

  private check(): void {
    if (this.failure) throw this.failure.reason;
  }
}

/** Rows in runs for one write each: `most` of them at most, fewer where records are long. */
export function* runsOf({ batch, records }: Decoded, most: number): Generator<{ from: number; to: number }> {
  const { starts, ends, first, stride } = records;
  for (let from = 0, to = 0; from < batch.length; from = to) {
    for (let bytes = 0; to < batch.length && to - from < most && (to === from || bytes < WRITE_BYTES); to++)
      bytes += starts ? ends![first + to]! - starts[first + to]! : stride;
    yield { from, to };
  }
}
