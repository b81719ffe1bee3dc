/**
 * Operands: fields that tables and predicates read instead of columns. They are read for many slots at a time, or for
 * one while an element of varying length is measured.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { TILE } from '../../plan/opcodes.js';
import type { Instruction, Plan } from '../../plan/plan.js';
import type { Spaces } from './spaces.js';
import { numberKernelOf } from './kernel.js';
import { Family, type NumberKernel, State, Tile, spread } from './tile.js';

export class Operand {
  readonly tile = new Tile();
  /** The frame whose positions it is read at, and that frame's space. */
  readonly frame: number;
  readonly space: number;
  private readonly kernel: NumberKernel;
  private readonly at = new Int32Array(TILE);
  private readonly slots = new Int32Array(TILE);
  private readonly others = new Uint8Array(TILE);

  constructor(plan: Plan, field: Instruction, frame: number, space: number) {
    this.kernel = numberKernelOf(field, plan, true);
    this.frame = frame;
    this.space = space;
  }

  get family(): number {
    return this.kernel.family;
  }

  /** Reads the operand for slots[from, from + n) of a space; result k is that of the k-th of them. */
  read(data: Uint8Array, spaces: Spaces, space: number, slots: Int32Array, from: number, n: number): void {
    const { kernel, at, tile, others, slots: whole } = this;
    const { offset, length } = kernel;
    const positions = spaces.positions[this.frame];
    const { ends } = spaces.list[this.space];
    const isSame = space === this.space;
    let m = 0;
    for (let k = 0; k < n; k++) {
      const slot = isSame ? slots[from + k] : spaces.climb(slots[from + k], space, this.space);
      const left = ends[slot] - positions[slot] - offset;
      if (left >= length) {
        at[m] = positions[slot];
        whole[m++] = k;
      } else others[k] = left <= 0 ? State.BEHIND : State.BAD;
    }
    kernel.decode(data, at, m, tile);
    if (m < n) spread(tile, kernel.family, m, whole, n, others);
  }

  /** Reads the operand at one position; the result is the tile's first. */
  readOne(data: Uint8Array, position: number, end: number): void {
    const { kernel, at, tile } = this;
    const left = end - position - kernel.offset;
    if (left < kernel.length) {
      tile.state[0] = left <= 0 ? State.BEHIND : State.BAD;
      return;
    }
    at[0] = position;
    kernel.decode(data, at, 1, tile);
  }
}

/** The counter of a table. */
export class Counter {
  constructor(
    readonly operand: Operand,
    private readonly max: number,
  ) {}

  /** Items by result k of the operand; for a fault the complement of the items to take. */
  items(k: number): number {
    const { tile, family } = this.operand;
    const state = tile.state[k];
    if (state !== State.VALUE) return state === State.BEHIND ? 0 : ~0;
    let value: number;
    if (family === Family.SMALL) value = tile.small[k];
    else if (family === Family.NARROW) value = tile.low[k];
    else {
      if (tile.negative[k] !== 0) return ~0;
      value = tile.high[k] + tile.mid[k] > 0 ? Infinity : tile.low[k];
    }
    if (value < 0) return ~0;
    return value > this.max ? ~this.max : value;
  }
}
