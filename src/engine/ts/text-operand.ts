/**
 * Text that predicates read: as UTF-8 in memory of its own, a tile of items at a time, with where each item lies in the
 * data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { TILE } from '../../plan/opcodes.js';
import type { Instruction, Plan } from '../../plan/plan.js';
import { textCapacity } from '../slab.js';
import { textKernelOf } from './kernel.js';
import type { Spaces } from './spaces.js';
import { State, type TextKernel, Tile, spreadText } from './tile.js';

export class TextOperand {
  readonly tile = new Tile();
  /** The texts, one behind another; those of the tile's items without a value have no bytes. */
  readonly bytes: Uint8Array;
  /** Where each text begins in `bytes`, and the end of the last. */
  readonly begins = new Int32Array(TILE + 1);
  /** Where each item's bytes begin and end in the data; equal where there are none. */
  readonly from = new Int32Array(TILE);
  readonly to = new Int32Array(TILE);
  private readonly kernel: TextKernel;
  private readonly at = new Int32Array(TILE);
  private readonly lengths = new Int32Array(TILE);
  private readonly slots = new Int32Array(TILE);
  private readonly others = new Uint8Array(TILE);

  /** The frame whose positions it is read at, and that frame's space. */
  constructor(
    plan: Plan,
    readonly field: Instruction,
    private readonly frame: number,
    private readonly space: number,
  ) {
    this.kernel = textKernelOf(field, plan);
    this.bytes = new Uint8Array(TILE * textCapacity(field) + 64);
  }

  /** Finds where the items of slots[from, from + n) of a space lie, no more. */
  place(spaces: Spaces, space: number, slots: Int32Array, from: number, n: number): void {
    const { offset, length } = this.field;
    const positions = spaces.positions[this.frame];
    const { ends } = spaces.list[this.space];
    const isSame = space === this.space;
    for (let k = 0; k < n; k++) {
      const slot = isSame ? slots[from + k] : spaces.climb(slots[from + k], space, this.space);
      const at = positions[slot] + offset;
      this.from[k] = at;
      this.to[k] = Math.max(at, Math.min(ends[slot], at + length));
    }
  }

  /** Reads them: the tile's states, and the texts. */
  read(data: Uint8Array, spaces: Spaces, space: number, slots: Int32Array, from: number, n: number): void {
    this.place(spaces, space, slots, from, n);
    const { kernel, tile, at, lengths, others } = this;
    let m = 0;
    for (let k = 0; k < n; k++) {
      const size = this.to[k] - this.from[k];
      if (size > 0) {
        at[m] = this.from[k] - kernel.offset;
        lengths[m] = size;
        this.slots[m++] = k;
      } else others[k] = State.BEHIND;
    }
    kernel.decode(data, at, lengths, m, this.bytes, 0, tile);
    if (m < n) spreadText(tile, m, this.slots, n, others);
    let end = 0;
    for (let k = 0; k < n; k++) {
      this.begins[k] = end;
      end += tile.lengths[k];
    }
    this.begins[n] = end;
  }
}
