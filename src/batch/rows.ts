/**
 * Batches as JavaScript objects. The schema is walked once and makes either code (literals and reads from typed arrays,
 * compiled by `new Function`) or, where code generation is forbidden, closures; see builders.ts. Both give equal objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Digits, writeDigits } from '../engine/digits.js';
import type { ValueOptions } from '../options.js';
import type { Schema } from '../plan/schema.js';
import type { Batch } from './batch.js';
import { type Builder, ClosureTarget, CodeTarget, type Target, mayGenerate } from './builders.js';
import { Binder } from './views.js';
import { Walk } from './walk.js';

/** One record: its groups nest, its tables are arrays, absent and bad values are null. */
export interface Row {
  [key: string]: RowValue;
}
export type RowValue = string | number | bigint | null | RowValue[] | Row;

export interface RowBuilder {
  /** The rows of a batch in order, made as they are asked for, while the batch's slab holds it. */
  rows(batch: Batch): IterableIterator<Row>;
  /** Row `i` of a batch. */
  row(batch: Batch, i: number): Row;
  /** Rows from..to-1 of a batch. */
  slice(batch: Batch, from: number, to: number): Row[];
  /** Lets go of the memory of the batch that was read last. */
  release(): void;
}

/** Shared builders; see {@link sharedRowBuilder}. */
const shared = new WeakMap<Schema, Map<string, RowBuilder>>();

/** The same builder whenever it is asked for, so that code is compiled, and made fast by V8, once and not with every read. */
export function sharedRowBuilder(schema: Schema, options: ValueOptions, digits: Digits): RowBuilder {
  const { names = 'camel', decimals = 'string' } = options;
  const key = `${names} ${decimals} ${digits === writeDigits}`;
  let builders = shared.get(schema);
  if (!builders) shared.set(schema, (builders = new Map()));
  let builder = builders.get(key);
  if (!builder) builders.set(key, (builder = rowBuilder(schema, { names, decimals }, undefined, digits)));
  return builder;
}

/** Lets go of the batch that was read last by the shared builders of this schema. */
export function releaseRows(schema: Schema): void {
  for (const builder of shared.get(schema)?.values() ?? []) builder.release();
}

/**
 * Makes objects of the batches of one schema. A decode into the same slab must come as a new Batch.
 * `generate`: compile code rather than closures; by default where that is allowed. `digits`: the engine's.
 */
export function rowBuilder(
  schema: Schema,
  options: ValueOptions = {},
  generate: boolean = mayGenerate(),
  digits: Digits = writeDigits,
): RowBuilder {
  const binder = new Binder(schema);
  const build = <T>(target: Target<T>): Builder => {
    const walk = new Walk(options, digits, target);
    return walk.finish(walk.group(schema, 0), binder);
  };
  const builder = generate ? build(new CodeTarget()) : build(new ClosureTarget());
  return {
    *rows(batch) {
      for (let i = 0; i < batch.length; i++) {
        binder.bind(batch); // again for each row: another batch may have been read in between
        yield builder.make(i) as Row;
      }
    },
    row(batch, i) {
      if (!(i >= 0 && i < batch.length)) throw new RangeError(`Row ${i} of a batch of ${batch.length}`);
      binder.bind(batch);
      return builder.make(i) as Row;
    },
    slice(batch, from, to) {
      if (!(from >= 0 && from <= to && to <= batch.length))
        throw new RangeError(`Rows ${from} to ${to} of a batch of ${batch.length}`);
      binder.bind(batch);
      const list: Row[] = [];
      builder.fill(from, to, list);
      return list;
    },
    release: () => binder.release(),
  };
}
