/**
 * A view of one row: it stands at a slot of a batch, and getters on its prototype read what is asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from './batch.js';
import type { Binder } from './views.js';

/** Where the views of one cursor stand. */
export interface Standing {
  readonly batch: Batch;
  /** Of the getters, which serve all cursors of a schema in turn. */
  readonly binder: Binder;
  slot: number;
}

export class RowView {
  readonly #standing: Standing;
  readonly #groups: readonly RowView[];

  constructor(standing: Standing, groups: readonly RowView[]) {
    this.#standing = standing;
    this.#groups = groups;
  }

  /** The slot that a view stands at, its batch being bound. */
  static slotOf(view: RowView): number {
    const standing = view.#standing;
    standing.binder.bind(standing.batch);
    return standing.slot;
  }

  static groupOf(view: RowView, number: number): RowView {
    return view.#groups[number]!;
  }
}

export const { slotOf, groupOf } = RowView;
