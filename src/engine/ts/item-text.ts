/**
 * Text that is read item by item: what national, mixed, double-byte and UTF-8 text share. Plain single-byte text (text.ts)
 * has a loop of its own, since all of its speed is in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, TILE } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { State, type TextKernel, type Tile, isFilled } from './tile.js';

export abstract class ItemText implements TextKernel {
  readonly offset: number;
  readonly length: number;
  readonly whole: Int32Array;
  protected readonly trimRight: boolean;
  protected readonly trimLeft: boolean;
  private readonly absent: boolean;
  /** Cuts a number of bytes to whole units of the encoding. */
  private readonly units: number;

  /** `unit`: bytes that belong together, 1 or 2; what is left of one where the record ends is not there. */
  constructor({ offset, length, flags }: Instruction, unit: 1 | 2) {
    this.offset = offset;
    this.length = length;
    this.whole = new Int32Array(TILE).fill(length);
    this.trimRight = (flags & Flag.TRIM_RIGHT) !== 0;
    this.trimLeft = (flags & Flag.TRIM_LEFT) !== 0;
    this.absent = (flags & Flag.ABSENT) !== 0;
    this.units = -unit;
  }

  decode(
    data: Uint8Array,
    at: Int32Array,
    wanted: Int32Array,
    n: number,
    out: Uint8Array,
    to: number,
    tile: Tile,
  ): number {
    const { state, lengths } = tile;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const p = at[k] + this.offset;
      const end = p + (wanted[k] & this.units);
      lengths[k] = 0;
      if (this.absent && p < end && (data[p] === 0 || data[p] === 0xff) && isFilled(data, p + 1, end, data[p])) {
        state[k] = State.ABSENT;
        issues++;
        continue;
      }
      const size = this.item(data, p, end, wanted[k] < this.length, out, to);
      if (size < 0) {
        state[k] = State.BAD;
        issues++;
        continue;
      }
      state[k] = State.VALUE;
      lengths[k] = size;
      to += size;
    }
    return issues;
  }

  /**
   * Reads one item: the bytes written at `to`, or -1 where it is bad. `cut`: the record ends inside the field; half a
   * character at the end is then left out.
   */
  protected abstract item(data: Uint8Array, p: number, end: number, cut: boolean, out: Uint8Array, to: number): number;
}
