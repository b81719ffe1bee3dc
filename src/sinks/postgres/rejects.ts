/**
 * What could not be stored as it is: bad values, which become NULL, and rows that are left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type RowFault, faultOf } from '../../batch/faults.js';
import type { Decoded } from '../../connectors/sink.js';
import type { TupleEncoder, TupleStep, TupleTable } from '../../connectors/tuples.js';
import { TupleRefusal } from '../../engine/tuple.js';

/** A row of overpunch.reject. */
export interface Reject {
  readonly record: number;
  readonly offset: number;
  readonly field: string;
  readonly reason: string;
  readonly hex: string;
  readonly row_rejected: boolean;
}

const REASONS: Readonly<Record<number, string>> = {
  [TupleRefusal.NUL]: 'has U+0000, which PostgreSQL does not store',
  [TupleRefusal.RANGE]: 'is more than the column holds',
  [TupleRefusal.LONG]: 'is longer than the column holds',
  [TupleRefusal.MISSING]: 'has no value, which the column must have',
};
const HEX_BYTES = 64;

/** Faults in order of their rows. */
export class Faults {
  private at = 0;

  constructor(private readonly all: readonly RowFault[]) {}

  *between(first: number, last: number): Generator<RowFault> {
    while (this.at < this.all.length && this.all[this.at]!.row < first) this.at++;
    while (this.at < this.all.length && this.all[this.at]!.row < last) yield this.all[this.at++]!;
  }
}

export function rejectOf({ record, offset, field, reason, hex }: RowFault, isRow: boolean): Reject {
  return { record, offset, field, reason, hex, row_rejected: isRow };
}

/** Why a row was refused, and where its value is. Of JSON the bytes are those of the record. */
export function refusedRow(
  rows: Decoded,
  encoder: TupleEncoder,
  { columns }: TupleTable,
  row: number,
  { column: index, reason: code, item }: TupleStep,
): Reject {
  const { batch, records, base } = rows;
  const column = columns[index]!;
  const reason = REASONS[code]!;
  if (column.kind === 'field' || column.kind === 'array')
    return rejectOf(faultOf(batch, rows, column.field, encoder.slotOf(index, row, item), reason), true);
  const record = encoder.recordOf(row);
  const number = batch.recordNumbers ? batch.recordNumbers[record]! : batch.firstRecord + record;
  const start = records.starts ? records.starts[records.first + record]! : records.first + record * records.stride;
  const end = records.ends ? records.ends[records.first + record]! : start + records.stride;
  const bytes = Buffer.from(records.data.subarray(start, Math.min(end, start + HEX_BYTES)));
  const field = column.kind === 'json' ? column.node.path : '';
  return {
    record: number,
    offset: base + start,
    field,
    reason,
    hex: bytes.toString('hex').toUpperCase(),
    row_rejected: true,
  };
}
