/**
 * What a read comes to: its records and bad values counted, and faults reported as the options want them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import { type DecodeLoop, type DecodedBatch, slice } from '../batch/decode.js';
import { type Origin, type RowFault, badData, countFaults, listFaults, withoutRow } from '../batch/faults.js';
import { Head } from '../engine/slab.js';
import type { Fault, ReadOptions } from '../options.js';
import type { Decoded } from './sink.js';

export class Tally {
  records = 0;
  badValues = 0;
  shortRecords = 0;
  longRecords = 0;
  /** Details of the first `maxFaults`. */
  readonly faults: Fault[] = [];

  constructor(private readonly options: Pick<ReadOptions, 'onBadData' | 'onFault' | 'maxFaults'>) {}

  /**
   * A decoded batch with its faults. Where bad data is to be thrown, what is good before it still comes out.
   * @param base offset in the source of the records' bytes
   * @param allFaults they are listed even when `maxFaults` are known
   * @throws OverpunchError OVP_DATA_BAD
   */
  *accept({ batch, records }: DecodedBatch, base: number, loop: DecodeLoop, allFaults: boolean): Generator<Decoded> {
    const origin = { records, base };
    const faults = this.faultsOf(batch, origin, allFaults);
    const [first] = faults;
    if (first && this.options.onBadData === 'throw') {
      const good = {
        records: slice(records, 0, first.row),
        firstRecord: batch.firstRecord,
        recordNumbers: batch.recordNumbers,
      };
      for (const decoded of loop.batches(good)) yield* this.accept(decoded, base, loop, allFaults);
      throw badData(first);
    }
    this.records += batch.length;
    this.shortRecords += batch.slab.head[Head.SHORT]!;
    this.longRecords += batch.slab.head[Head.LONG]!;
    yield { batch, ...origin, faults };
  }

  /** A batch's faults, counted and reported by the policy. */
  private faultsOf(batch: Batch, origin: Origin, allFaults: boolean): readonly RowFault[] {
    const count = countFaults(batch);
    if (count === 0) return [];
    this.badValues += count;
    const { onBadData = 'report', onFault, maxFaults = 1000 } = this.options;
    if (onBadData === 'null') return [];
    if (onBadData === 'report' && !onFault && !allFaults && this.faults.length >= maxFaults) return [];
    const faults = listFaults(batch, origin);
    if (onBadData === 'throw') return faults;
    for (const fault of faults) {
      const shown = withoutRow(fault);
      if (this.faults.length < maxFaults) this.faults.push(shown);
      onFault?.(shown);
    }
    return faults;
  }
}
