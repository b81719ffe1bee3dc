/**
 * Which records are decoded at all: `skip`, `where`, `limit`, in this order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../engine/engine.js';
import type { Plan } from '../plan/plan.js';
import { bit } from './batch.js';
import { DecodeLoop, type Part, slice } from './decode.js';

/** A plan that decodes nothing, and the SELECT frame in it that tells which records are wanted. */
export interface Filter {
  readonly plan: Plan;
  readonly frame: number;
}

export class Selection {
  private readonly frame: number;
  private readonly loop: DecodeLoop | null;
  private toSkip: number;
  private left: number;

  constructor(engine: Engine, filter: Filter | null, skip: number, limit: number) {
    this.frame = filter?.frame ?? -1;
    this.loop = filter && new DecodeLoop(engine, filter.plan, { own: false, typicalLength: 64 });
    this.toSkip = skip;
    this.left = limit;
  }

  /** True once `limit` is reached. */
  get isDone(): boolean {
    return this.left <= 0;
  }

  /** The wanted records of a block, whose first has this number in the source. */
  *parts(all: Records, firstRecord: number): Generator<Part> {
    const skipped = Math.min(this.toSkip, all.count);
    this.toSkip -= skipped;
    const records = slice(all, skipped, all.count - skipped);
    const first = firstRecord + skipped;
    if (this.loop) {
      yield* this.filtered(records, first, this.loop);
      return;
    }
    const count = Math.min(records.count, this.left);
    this.left -= count;
    if (count > 0) yield { records: slice(records, 0, count), firstRecord: first, recordNumbers: null };
  }

  private *filtered(records: Records, firstRecord: number, loop: DecodeLoop): Generator<Part> {
    for (const { batch, records: some } of loop.batches({ records, firstRecord, recordNumbers: null })) {
      const wanted = batch.selection(this.frame, batch.length);
      const starts = new Uint32Array(batch.length);
      const ends = new Uint32Array(batch.length);
      const numbers = new Float64Array(batch.length);
      let count = 0;
      for (let row = 0; row < batch.length && count < this.left; row++) {
        if (!bit(wanted, row)) continue;
        starts[count] = some.starts ? some.starts[some.first + row]! : some.first + row * some.stride;
        ends[count] = some.ends ? some.ends[some.first + row]! : starts[count]! + some.stride;
        numbers[count++] = batch.firstRecord + row;
      }
      this.left -= count;
      if (count > 0) {
        const kept = { data: some.data, starts, ends, first: 0, count, stride: 0 };
        yield { records: kept, firstRecord: numbers[0]!, recordNumbers: numbers.subarray(0, count) };
      }
      if (this.isDone) return;
    }
  }
}
