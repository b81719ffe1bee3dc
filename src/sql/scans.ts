/**
 * What the extension's ledger says of scans, as counts and faults of the library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { counterReason, reasonFor } from '../batch/reasons.js';
import type { Fault } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { instruction } from '../plan/plan.js';
import { type SchemaNode, fields } from '../plan/schema.js';
import type { OpenDataset } from './dataset.js';
import type { SqlRow } from './values.js';

/** One read of one file. */
export interface Scan {
  readonly scan: number;
  readonly file: string;
  /** Records that were read, though perhaps not all of them were rows of the result. */
  readonly records: number;
  readonly badValues: number;
  readonly shortRecords: number;
  readonly longRecords: number;
}

export const scansOf = (row: SqlRow): Scan => ({
  scan: Number(row.scan),
  file: row.file as string,
  records: Number(row.records),
  badValues: Number(row.bad_values),
  shortRecords: Number(row.short_records),
  longRecords: Number(row.long_records),
});

/** A row of overpunch_faults() with the reason, which is looked for here: the extension only knows where. */
export function faultsOf(row: SqlRow, dataset: OpenDataset | undefined): Fault {
  const { field, hex } = row as { field: string; hex: string };
  const { columns, tables } = dataset ? reasonsOf(dataset) : NOTHING;
  const column = Number(row.plan_column);
  const reason =
    column < 0
      ? counterReason(tables.get(field.replace(/\(\d+\)/g, '')) ?? 0)
      : (columns.get(column)?.(Buffer.from(hex, 'hex')) ?? 'the bytes are not a value of this field');
  return { record: Number(row.record), offset: Number(row.offset), field, reason, hex };
}

/** What is wrong with bytes of a column; most items of the tables, by their paths. */
interface Reasons {
  readonly columns: ReadonlyMap<number, (bytes: Uint8Array) => string>;
  readonly tables: ReadonlyMap<string, number>;
}

const NOTHING: Reasons = { columns: new Map(), tables: new Map() };
const known = new WeakMap<OpenDataset, Reasons>();

function reasonsOf(dataset: OpenDataset): Reasons {
  let found = known.get(dataset);
  if (!found) {
    const plan = compileOnce(dataset.layout, { ...dataset.options, text: 'utf8' });
    const columns = [...fields(plan.schema)].map(
      ({ column, instruction: at }) =>
        [column, (bytes: Uint8Array) => reasonFor(instruction(plan, at), bytes)] as const,
    );
    known.set(dataset, (found = { columns: new Map(columns), tables: new Map(tablesIn(plan.schema.children)) }));
  }
  return found;
}

function* tablesIn(nodes: readonly SchemaNode[]): Generator<[string, number]> {
  for (const node of nodes) {
    if (node.node === 'group') yield* tablesIn(node.children);
    if (node.node !== 'list') continue;
    yield [node.path, node.max];
    yield* tablesIn([node.element]);
  }
}
