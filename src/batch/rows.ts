/**
 * Batches as JavaScript objects. The schema is walked once and makes either code (literals and reads from typed arrays,
 * compiled by `new Function`) or, where code generation is forbidden, closures; see builders.ts. Both give equal objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ValueOptions } from '../options.js';
import { type Digits, writeDigits } from '../engine/digits.js';
import type { Slab } from '../engine/slab.js';
import type { FieldNode, GroupNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import type { Batch } from './batch.js';
import {
  type Builder,
  ClosureTarget,
  CodeTarget,
  type Entry,
  type Reader,
  type Target,
  mayGenerate,
} from './builders.js';
import { DecimalStrings, type Strings, TextStrings, packSmall } from './strings.js';
import { numberReader } from './readers.js';
import { presentation } from './values.js';
import { Binder, floatsView, listOffsetsView, longsView, selectionView, validityView, wordsView } from './views.js';

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
  const builder = generate
    ? build(schema, options, binder, digits, new CodeTarget())
    : build(schema, options, binder, digits, new ClosureTarget());
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
  };
}

/** Walks the schema; the builder is given its views with each new slab. */
function build<T>(
  schema: Schema,
  { names = 'camel', decimals = 'string' }: ValueOptions,
  binder: Binder,
  digits: Digits,
  target: Target<T>,
): Builder {
  const views: ((slab: Slab) => unknown)[] = [];
  const strings: Strings[] = [];
  const view = (make: (slab: Slab) => unknown): number => views.push(make) - 1;
  const selection = (frame: number, space: number): number =>
    frame < 0 ? -1 : view((slab) => selectionView(slab, frame, space));

  function value(node: SchemaNode, space: number): T {
    switch (node.node) {
      case 'field':
        return leaf(node, space);
      case 'group':
        return group(node, space);
      case 'list':
        return list(node, space);
    }
  }

  function group(node: Schema | GroupNode, space: number): T {
    const entries = node.children.map(
      (child): Entry<T> => ({
        key: child.keys[names],
        value: value(child, space),
        select: selection(child.select, space),
      }),
    );
    return target.object(entries);
  }

  function list(node: ListNode, space: number): T {
    const element = value(node.element, node.space);
    const select = selection(node.element.select, node.space);
    if (node.size >= 0) return target.fixedList(node.size, element, select);
    const offsets = view((slab) => listOffsetsView(slab, node.frame, space));
    return target.countedList(offsets, element, select);
  }

  function leaf(field: FieldNode, space: number): T {
    const validity = view((slab) => validityView(slab, field, space));
    const shown = presentation(field, decimals);
    if (shown === 'text' || shown === 'decimal') {
      const own = shown === 'text' ? new TextStrings(field, space) : new DecimalStrings(field, space, digits);
      strings.push(own);
      return target.leaf(
        validity,
        view(() => own),
        stringReader,
      );
    }
    const source = shown === 'float' ? floatsView : shown === 'bigint' ? longsView : wordsView;
    return target.leaf(
      validity,
      view((slab) => source(slab, field, space)),
      numberReader(field, shown),
    );
  }

  const builder = target.finish(group(schema, 0));
  binder.onSlab((slab) => {
    for (const own of strings) own.bindSlab(slab);
    builder.bind(views.map((make) => make(slab)));
  });
  binder.onBatch((batch) => {
    for (const own of strings) own.bindBatch(batch);
    packSmall(strings, batch);
  });
  return builder;
}

const stringReader: Reader = {
  code: (view, i) => `${view}.get(${i})`,
  read: (view: Strings, i) => view.get(i),
};
