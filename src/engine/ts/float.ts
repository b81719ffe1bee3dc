/**
 * FLOAT: COMP-1 and COMP-2, IBM hexadecimal or IEEE 754. A hexadecimal number is +-0.f * 16^(e - 64), f being 24 or 56
 * bits; every one of them is a normal double but for the rounding of the long form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { Family, type NumberKernel, type Tile } from './tile.js';

const TWO32 = 4294967296;
/** 16^(e - 64) for the exponent's 7 bits, over 2^24 and over 2^56: what the fraction as an integer is multiplied by. */
const SHORT = Float64Array.from({ length: 128 }, (_, e) => 2 ** (4 * (e - 64) - 24));
const LONG = Float64Array.from({ length: 128 }, (_, e) => 2 ** (4 * (e - 64) - 56));

class HexFloat implements NumberKernel {
  readonly family = Family.FLOAT;
  readonly offset: number;
  readonly length: number;
  private readonly top: number;
  private readonly step: number;

  constructor({ offset, length, flags }: Instruction) {
    this.offset = offset;
    this.length = length;
    const little = (flags & Flag.LITTLE) !== 0;
    this.top = little ? offset + length - 1 : offset;
    this.step = little ? -1 : 1;
  }

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { top, step } = this;
    const { low } = tile;
    if (this.length === 4) {
      for (let k = 0; k < n; k++) {
        const p = at[k] + top;
        const head = data[p];
        const fraction = (data[p + step] << 16) | (data[p + 2 * step] << 8) | data[p + 3 * step];
        const value = fraction * SHORT[head & 127];
        low[k] = head > 127 ? 0 - value : value;
      }
    } else {
      for (let k = 0; k < n; k++) {
        const p = at[k] + top;
        const head = data[p];
        const upper = (data[p + step] << 16) | (data[p + 2 * step] << 8) | data[p + 3 * step];
        const lower =
          ((data[p + 4 * step] << 24) | (data[p + 5 * step] << 16) | (data[p + 6 * step] << 8) | data[p + 7 * step]) >>>
          0;
        const value = (upper * TWO32 + lower) * LONG[head & 127]; // the sum is the one rounding
        low[k] = head > 127 ? 0 - value : value;
      }
    }
    tile.state.fill(0, 0, n);
    return 0;
  }
}

class IeeeFloat implements NumberKernel {
  readonly family = Family.FLOAT;
  readonly offset: number;
  readonly length: number;
  private readonly top: number;
  private readonly step: number;
  private readonly words = new Int32Array(2);
  private readonly single = new Float32Array(this.words.buffer);
  private readonly double = new Float64Array(this.words.buffer);

  constructor({ offset, length, flags }: Instruction) {
    this.offset = offset;
    this.length = length;
    const little = (flags & Flag.LITTLE) !== 0;
    this.top = little ? offset + length - 1 : offset;
    this.step = little ? -1 : 1;
  }

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { top, step, words, single, double } = this;
    const { low } = tile;
    const isShort = this.length === 4;
    for (let k = 0; k < n; k++) {
      const p = at[k] + top;
      const first = (data[p] << 24) | (data[p + step] << 16) | (data[p + 2 * step] << 8) | data[p + 3 * step];
      if (isShort) {
        words[0] = first;
        low[k] = single[0] + 0; // -0 becomes 0
        continue;
      }
      const q = p + 4 * step;
      words[1] = first;
      words[0] = (data[q] << 24) | (data[q + step] << 16) | (data[q + 2 * step] << 8) | data[q + 3 * step];
      low[k] = double[0] + 0;
    }
    tile.state.fill(0, 0, n);
    return 0;
  }
}

export function floatKernel(field: Instruction): NumberKernel {
  return field.flags & Flag.IEEE ? new IeeeFloat(field) : new HexFloat(field);
}
