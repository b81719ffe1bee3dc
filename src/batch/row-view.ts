/**
 * A view of one row: it stands at a slot of a batch, and getters on its prototype read what is asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import type { Batch } from './batch.js';
import type { Binder } from './views.js';

/** Where the views of one cursor stand. */
export interface Standing {
  /** Null when its memory has been given to the next batch. */
  batch: Batch | null;
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
    const { batch, binder, slot } = view.#standing;
    if (batch === null) throw gone();
    binder.bind(batch);
    return slot;
  }

  static groupOf(view: RowView, number: number): RowView {
    return view.#groups[number]!;
  }
}

function gone(): OverpunchError {
  return new OverpunchError('OVP_IO_CLOSED', 'The batch of this cursor is gone: a later one was asked for', {
    hint: 'Read what you need of a cursor before the next one; batches() gives batches to keep.',
  });
}

export const { slotOf, groupOf } = RowView;
