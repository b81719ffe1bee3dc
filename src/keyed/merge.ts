/**
 * Merging sorted runs out of the temporary file: each has a window of memory, which is filled again when it is used up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Keyed, Merge, type Runs, type Written } from '../engine/keyed.js';
import type { Fill } from './frames.js';
import type { SpillFile } from './spill.js';

/** A sorted run: where it lies in the temporary file. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Runs that are merged at a time. More are merged by these first. */
const MOST_RUNS = 128;
/** Bytes of a run's window. */
const LEAST_WINDOW = 1 << 16;
const MOST_WINDOW = 1 << 22;
const SPILL_CHUNK = 1 << 22;

export class RunMerger {
  /** @param length of every record, 0 where each has its own before it */
  constructor(
    private readonly keyed: Keyed,
    private readonly spill: SpillFile,
    private readonly keyWidth: number,
    private readonly length: number,
    private readonly memory: number,
  ) {}

  /** Merges until no more runs are left than can be merged at once. Neighbours only: equal keys stay in their order. */
  async reduce(runs: readonly Run[], longest: number): Promise<Run[]> {
    let left = [...runs];
    while (left.length > MOST_RUNS) {
      const next: Run[] = [];
      for (let at = 0; at < left.length; at += MOST_RUNS) {
        const some = left.slice(at, at + MOST_RUNS);
        next.push(some.length > 1 ? await this.toOne(some, longest) : some[0]!);
      }
      left = next;
    }
    return left;
  }

  /** The function writes the records of the runs in order. */
  start(runs: readonly Run[], longest: number): Fill {
    return this.merge(runs, longest, false);
  }

  private async toOne(runs: readonly Run[], longest: number): Promise<Run> {
    const from = this.spill.size;
    const fill = this.merge(runs, longest, true);
    const out = new Uint8Array(Math.max(SPILL_CHUNK, longest + this.keyWidth + 4));
    for (let bytes = await fill(out); bytes >= 0; bytes = await fill(out))
      await this.spill.write(out.subarray(0, bytes));
    return { from, to: this.spill.size };
  }

  private merge(list: readonly Run[], longest: number, keep: boolean): Fill {
    const share = Math.floor(this.memory / 2 / Math.max(1, list.length));
    const window = Math.max(longest + this.keyWidth + 4, LEAST_WINDOW, Math.min(MOST_WINDOW, share));
    const { keyWidth, length, keyed } = this;
    const runs: Runs = {
      data: keyed.allocate(window * list.length),
      from: Uint32Array.from(list, (_, i) => i * window),
      to: Uint32Array.from(list, (_, i) => i * window),
      final: new Uint8Array(list.length),
      keyWidth,
      length,
      keep,
    };
    const positions = list.map(({ from }) => from);
    const refill = async (run: number): Promise<void> => {
      const start = run * window;
      runs.data.copyWithin(start, runs.from[run]!, runs.to[run]!);
      const rest = runs.to[run]! - runs.from[run]!;
      const left = list[run]!.to - positions[run]!;
      const some = Math.min(left, window - rest);
      await this.spill.read(runs.data.subarray(start + rest, start + rest + some), positions[run]!);
      positions[run]! += some;
      runs.from[run] = start;
      runs.to[run] = start + rest + some;
      runs.final[run] = some === left ? 1 : 0;
    };
    const written: Written = { records: 0, bytes: 0 };
    let isDone = false;
    return async (out) => {
      let at = 0;
      let records = 0;
      while (!isDone) {
        const stopped = keyed.merge(runs, out.subarray(at), written);
        at += written.bytes;
        records += written.records;
        if (stopped === Merge.FULL) break;
        if (stopped === Merge.DONE) isDone = true;
        else await refill(stopped);
      }
      return isDone && records === 0 ? -1 : at;
    };
  }
}
