/**
 * Records one by one with everything that is known of them: bytes, positions, values, faults. It is for looking
 * at few records, not for many.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import { withoutRow } from '../batch/faults.js';
import { type Row, rowBuilder } from '../batch/rows.js';
import type { Records } from '../engine/engine.js';
import type { Fault } from '../options.js';
import type { Reader } from '../read.js';

/** A record; valid until the next is asked for. */
export interface SourceRecord {
  /** 1-based number in the source. */
  readonly number: number;
  /** Offset in the source. */
  readonly offset: number;
  /** Where it begins and ends in `data`. */
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The batch that it was decoded with, and its row there. */
  readonly batch: Batch;
  readonly row: number;
  readonly values: Row;
  readonly faults: readonly Fault[];
}

/** Records decoded at a time, at most: few are looked at. */
export const FEW = 256;

/** Records of a reader, whose `batchRecords` should be few. */
export async function* readRecords(reader: Reader): AsyncGenerator<SourceRecord> {
  const { options } = reader;
  let build: ReturnType<typeof rowBuilder> | null = null;
  for await (const { batch, records, base, faults: found } of reader.decoded('latin1')) {
    build ??= rowBuilder(batch.schema, options);
    for (let row = 0; row < batch.length; row++) {
      yield {
        number: batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row,
        offset: base + startOf(records, row),
        data: records.data,
        start: startOf(records, row),
        end: endOf(records, row),
        batch,
        row,
        values: build.row(batch, row),
        faults: found.filter((fault) => fault.row === row).map(withoutRow),
      };
    }
  }
}

function startOf({ starts, first, stride }: Records, row: number): number {
  return starts ? starts[first + row]! : first + row * stride;
}

function endOf({ ends, first, stride }: Records, row: number): number {
  return ends ? ends[first + row]! : first + (row + 1) * stride;
}
