/**
 * Keys of records in stores that know records by a key: which fields, and their values as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import { type Builder, ClosureTarget, CodeTarget, type Target, mayGenerate } from '../batch/builders.js';
import { Binder } from '../batch/views.js';
import { Walk } from '../batch/walk.js';
import { writeDigits } from '../engine/digits.js';
import { OverpunchError, didYouMean } from '../errors.js';
import { isNamed, splitName } from '../plan/names.js';
import { type FieldNode, type Schema, type SchemaNode, fields, itemOf } from '../plan/schema.js';

/**
 * The fields that these names mean, in their order.
 * @throws OverpunchError OVP_OPTION_KEY where there is none, there are several, or it is in a table
 */
export function keyFields(schema: Schema, names: readonly string[]): FieldNode[] {
  if (names.length === 0) throw new OverpunchError('OVP_OPTION_KEY', 'The key must have at least one field');
  const single = [...singles(schema.children)];
  const all = [...fields(schema)];
  return names.map((name) => {
    const path = splitName(name);
    const isMeant = (field: FieldNode): boolean => {
      const item = itemOf(field);
      return item !== undefined && isNamed(item, path);
    };
    const found = single.filter(isMeant);
    if (found.length === 1) return found[0]!;
    if (found.length > 1) {
      const paths = found.map((field) => field.path).join(', ');
      throw new OverpunchError('OVP_OPTION_KEY', `key: '${name}' is not unique`, { hint: `It may be ${paths}.` });
    }
    if (all.some(isMeant))
      throw new OverpunchError('OVP_OPTION_KEY', `key: ${name} is in a table: a record has several of it`);
    const near = didYouMean(
      path.at(-1)!,
      single.map((field) => itemOf(field)?.name ?? field.keys.cobol),
    );
    throw new OverpunchError('OVP_OPTION_KEY', `key: there is no field '${name}' among those that are read`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'select must not leave it out.',
    });
  });
}

function* singles(nodes: readonly SchemaNode[]): Generator<FieldNode> {
  for (const node of nodes) {
    if (node.node === 'field') yield node;
    else if (node.node === 'group') yield* singles(node.children);
  }
}

/** The number in the source of the record that a row was made of. */
export const recordNumber = (batch: Batch, row: number): number =>
  batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row;

/** Several parts are told apart by a colon; one that is part of a value, and what stands for it, are written otherwise. */
const SEPARATOR = ':';
const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll(SEPARATOR, '%3A');

/** Keys of records as text: what JSON lines show of each field, without quotes, joined by `:`. */
export class RecordKeys {
  private readonly fields: readonly FieldNode[];
  private readonly binder: Binder;
  private readonly builder: Builder;

  /** @throws OverpunchError OVP_OPTION_KEY */
  constructor(schema: Schema, names: readonly string[]) {
    this.fields = keyFields(schema, names);
    this.binder = new Binder(schema);
    this.builder = mayGenerate() ? this.builderOf(new CodeTarget()) : this.builderOf(new ClosureTarget());
  }

  /**
   * The keys of rows from..to-1.
   * @throws OverpunchError OVP_DATA_KEY where one is absent or bad
   */
  of(batch: Batch, from: number, to: number): string[] {
    this.binder.bind(batch);
    const rows: Record<string, unknown>[] = [];
    this.builder.fill(from, to, rows);
    return rows.map((row, i) => this.text(row, batch, from + i));
  }

  release(): void {
    this.binder.release();
  }

  private text(row: Record<string, unknown>, batch: Batch, at: number): string {
    let key = '';
    for (let k = 0; k < this.fields.length; k++) {
      const value = row[k];
      if (value === null || (typeof value === 'number' && !Number.isFinite(value))) {
        const field = this.fields[k]!.path;
        throw new OverpunchError(
          'OVP_DATA_KEY',
          `Record ${recordNumber(batch, at)} has no ${field}, which is its key`,
          {
            hint: `Its value is absent or bad. A condition leaves such records out: ${field} IS NOT NULL`,
          },
        );
      }
      const text = String(value);
      key += k > 0 ? SEPARATOR + escaped(text) : this.fields.length > 1 ? escaped(text) : text;
    }
    return key;
  }

  private builderOf<T>(target: Target<T>): Builder {
    const walk = new Walk({}, writeDigits, target);
    const entries = this.fields.map((field, k) => ({ key: String(k), value: walk.value(field, 0), select: -1 }));
    return walk.finish(target.object(entries), this.binder);
  }
}
