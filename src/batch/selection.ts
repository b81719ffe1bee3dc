/**
 * Which records are decoded at all: `skip`, `where`, `limit`, in this order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../engine/engine.js';
import type { Plan } from '../plan/plan.js';
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
  /** The wanted rows of the batch that was filtered last. */
  private rows = new Uint32Array(0);

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
      const found = this.find(batch.selection(this.frame, batch.length), batch.length);
      const count = Math.min(this.left, found);
      this.left -= count;
      if (count > 0) yield this.part(some, count, batch.firstRecord);
      if (this.isDone) return;
    }
  }

  /** Collects the rows whose bit is set; returns their number. */
  private find(selected: Uint8Array, length: number): number {
    if (this.rows.length < length) this.rows = new Uint32Array(length);
    const { rows } = this;
    let count = 0;
    // a slab's parts lie at multiples of 64
    const words = new Int32Array(selected.buffer, selected.byteOffset, (length + 31) >> 5);
    const last = words.length - 1;
    for (let i = 0; i <= last; i++) {
      let word = words[i]! & (i < last ? -1 : -1 >>> (-length & 31));
      // most words are 0: few records are wanted
      for (; word !== 0; word &= word - 1) rows[count++] = 32 * i + 31 - Math.clz32(word & -word);
    }
    return count;
  }

  /** The first `count` rows that were found, in memory of their own: several parts may be decoded at a time. */
  private part({ data, starts, ends, first, stride }: Records, count: number, firstRecord: number): Part {
    const { rows } = this;
    const kept = { data, starts: new Uint32Array(count), ends: new Uint32Array(count), first: 0, count, stride: 0 };
    const recordNumbers = new Float64Array(count);
    for (let k = 0; k < count; k++) {
      const row = rows[k]!;
      kept.starts[k] = starts ? starts[first + row]! : first + row * stride;
      kept.ends[k] = ends ? ends[first + row]! : first + (row + 1) * stride;
      recordNumbers[k] = firstRecord + row;
    }
    return { records: kept, firstRecord: recordNumbers[0]!, recordNumbers };
  }
}
