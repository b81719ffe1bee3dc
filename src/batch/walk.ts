/**
 * Walks a schema and tells a target what it holds, by way of views of a batch's slab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Digits } from '../engine/digits.js';
import type { Slab } from '../engine/slab.js';
import type { ValueOptions } from '../options.js';
import type { FieldNode, GroupNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import type { Builder, Entry, Reader, Target } from './builders.js';
import { numberReader } from './readers.js';
import { DecimalStrings, type Strings, TextStrings, packSmall } from './strings.js';
import { presentation } from './values.js';
import {
  type Binder,
  floatsView,
  listOffsetsView,
  longsView,
  selectionView,
  validityView,
  wordsView,
} from './views.js';

/** A leaf of another kind than rows have: a view of its own, and how a slot is read out of it. */
export interface OwnLeaf {
  readonly view: (slab: Slab) => unknown;
  readonly reader: Reader;
}

/** Brings what a target makes of a schema to the batches that `binder` is bound to. */
export class Walk<T> {
  private readonly views: ((slab: Slab) => unknown)[] = [];
  private readonly strings: Strings[] = [];
  private readonly options: ValueOptions;
  private readonly digits: Digits;
  private readonly target: Target<T>;
  private readonly ownLeaf: (field: FieldNode, space: number) => OwnLeaf | null;

  /** `ownLeaf`: for fields that are not to be shown as in rows; null for those that are. */
  constructor(
    options: ValueOptions,
    digits: Digits,
    target: Target<T>,
    ownLeaf: (field: FieldNode, space: number) => OwnLeaf | null = () => null,
  ) {
    this.options = options;
    this.digits = digits;
    this.target = target;
    this.ownLeaf = ownLeaf;
  }

  value(node: SchemaNode, space: number): T {
    switch (node.node) {
      case 'field':
        return this.leaf(node, space);
      case 'group':
        return this.group(node, space);
      case 'list':
        return this.list(node, space);
    }
  }

  group(node: Schema | GroupNode, space: number): T {
    const entries = node.children.map(
      (child): Entry<T> => ({
        key: this.key(child),
        value: this.value(child, space),
        select: this.selection(child.select, space),
      }),
    );
    return this.target.object(entries);
  }

  key({ keys }: SchemaNode): string {
    return keys[this.options.names ?? 'camel'];
  }

  /** The view of a SELECT frame's bitmap, -1 for none. */
  selection(frame: number, space: number): number {
    return frame < 0 ? -1 : this.view((slab) => selectionView(slab, frame, space));
  }

  /** Ends the walk: from now on the builder has the views of the batch that the binder is bound to. */
  finish(root: T, binder: Binder): Builder {
    const { strings, views } = this;
    const builder = this.target.finish(root);
    binder.onSlab((slab) => {
      for (const own of strings) own.bindSlab(slab);
      builder.bind(views.map((make) => make(slab)));
    });
    binder.onBatch((batch) => {
      for (const own of strings) own.bindBatch(batch);
      packSmall(strings, batch);
    });
    binder.onRelease(() => {
      for (const own of strings) own.release();
      builder.bind(views.map(() => undefined));
    });
    return builder;
  }

  private list(node: ListNode, space: number): T {
    const element = this.value(node.element, node.space);
    const select = this.selection(node.element.select, node.space);
    if (node.size >= 0) return this.target.fixedList(node.size, element, select);
    const offsets = this.view((slab) => listOffsetsView(slab, node.frame, space));
    return this.target.countedList(offsets, element, select);
  }

  private leaf(field: FieldNode, space: number): T {
    const { target } = this;
    const validity = this.view((slab) => validityView(slab, field, space));
    const own = this.ownLeaf(field, space);
    if (own) return target.leaf(validity, this.view(own.view), own.reader);
    const shown = presentation(field, this.options.decimals);
    if (shown === 'text' || shown === 'decimal') {
      const strings = shown === 'text' ? new TextStrings(field, space) : new DecimalStrings(field, space, this.digits);
      this.strings.push(strings);
      return target.leaf(
        validity,
        this.view(() => strings),
        stringReader,
      );
    }
    const source = shown === 'float' ? floatsView : shown === 'bigint' ? longsView : wordsView;
    return target.leaf(
      validity,
      this.view((slab) => source(slab, field, space)),
      numberReader(field, shown),
    );
  }

  private view(make: (slab: Slab) => unknown): number {
    return this.views.push(make) - 1;
  }
}

const stringReader: Reader = {
  code: (view, i) => `${view}.get(${i})`,
  read: (view: Strings, i) => view.get(i),
  isRun: true,
};
