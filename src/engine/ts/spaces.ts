/**
 * The slots of the current block: for each space the slots' owners and records, for each frame the positions and the
 * rows that are live. Everything is numbered from the start of the block.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Frame } from './shape.js';

/** Position of a slot that is not live: behind every record's end, with any offset. */
export const NOWHERE = 0x60000000;

export interface Space {
  /** Space of the frame that the table is in; -1 for the records. */
  readonly parent: number;
  /** Slots in this block, and in the blocks before it. */
  count: number;
  base: number;
  /** The slot of the parent's space that each slot is in. */
  owners: Int32Array;
  /** Where each slot's record ends. */
  ends: Int32Array;
}

export class Spaces {
  readonly list: Space[] = [];
  /** By frame; for a SELECT its parent's. */
  readonly positions: Int32Array[] = [];
  /** By frame: the live slots in order, and how many; null: all of the space. */
  readonly rows: (Int32Array | null)[] = [];
  readonly rowCounts: number[] = [];

  constructor(frames: readonly Frame[]) {
    const none = new Int32Array(0);
    for (const frame of frames) {
      this.positions.push(none);
      this.rows.push(frame.hasRows && !frame.isVirtual ? none : null);
      this.rowCounts.push(0);
      if (frame.space !== this.list.length || frame.isVirtual) continue;
      const parent = frame.parent === null ? -1 : frames[frame.parent]!.space;
      this.list.push({ parent, count: 0, base: 0, owners: none, ends: none });
    }
  }

  reset(): void {
    for (const space of this.list) {
      space.base = 0;
      space.count = 0;
    }
  }

  /** The slot of an enclosing space that a slot lies in. */
  climb(slot: number, from: number, to: number): number {
    for (let space = from; space !== to; space = this.list[space].parent) slot = this.list[space].owners[slot];
    return slot;
  }
}

/** An array of at least n numbers: the given one where it is long enough. What it held is lost. */
export function roomFor(array: Int32Array, n: number): Int32Array {
  return array.length >= n ? array : new Int32Array(Math.max(n, 256, array.length * 2));
}
