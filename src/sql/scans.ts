/**
 * What the extension's ledger says of scans, as counts and faults of the library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { counterReason, reasonFor } from '../batch/reasons.js';
import type { Fault } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { type Plan, instruction } from '../plan/plan.js';
import type { SchemaNode } from '../plan/schema.js';
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
  const field = row.field as string;
  const hex = row.hex as string;
  // a table of single items has the path of its items, which have a number behind it
  const key = field.replace(/\(\d+\)/g, '') + (field.endsWith(')') ? '()' : '');
  const reason =
    (dataset && reasonsOf(dataset).get(key)?.(Buffer.from(hex, 'hex'))) ?? 'the bytes are not a value of this field';
  return { record: Number(row.record), offset: Number(row.offset), field, reason, hex };
}

/** What is wrong with bytes, by the path of the field (of an item that is itself in a table, with `()`) or of the table. */
type Reasons = ReadonlyMap<string, (bytes: Uint8Array) => string>;

const known = new WeakMap<OpenDataset, Reasons>();

function reasonsOf(dataset: OpenDataset): Reasons {
  let found = known.get(dataset);
  if (!found) {
    const plan = compileOnce(dataset.layout, { ...dataset.options, text: 'utf8' });
    known.set(dataset, (found = new Map(reasons(plan, plan.schema.children, ''))));
  }
  return found;
}

function* reasons(
  plan: Plan,
  nodes: readonly SchemaNode[],
  item: '' | '()',
): Generator<[string, (bytes: Uint8Array) => string]> {
  for (const node of nodes) {
    if (node.node === 'field') {
      yield [node.path + item, (bytes) => reasonFor(instruction(plan, node.instruction), bytes)];
    } else if (node.node === 'group') {
      yield* reasons(plan, node.children, '');
    } else {
      yield [node.path, () => counterReason(node.max)];
      yield* reasons(plan, [node.element], '()');
    }
  }
}
