/**
 * BINARY: integers of 1 to 8 bytes in two's complement (COMP, COMP-4, COMP-5, COMP-X, INDEX, POINTER). Every bit
 * pattern is a value, but for those that LIMITED forbids.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { scaleNarrow, scaleSmall, scaleWide, wideFromWords } from './decimal.js';
import { Family, type NumberKernel, State, type Tile } from './tile.js';

/** Decimal digits that so many bytes can hold; 8 unsigned bytes hold 20. */
const STORED = [0, 3, 5, 8, 10, 13, 15, 17, 19];
const TWO32 = 4294967296;

export function binaryDigits(length: number, flags: number): number {
  return length === 8 && !(flags & Flag.SIGNED) ? 20 : STORED[length];
}

class Binary {
  readonly offset: number;
  readonly length: number;
  protected readonly up: number;
  protected readonly signed: boolean;
  /** From an item's start: its highest byte, and the way to the next lower one. */
  protected readonly top: number;
  protected readonly step: number;

  constructor({ offset, length, up, flags }: Instruction) {
    this.offset = offset;
    this.length = length;
    this.up = up;
    this.signed = (flags & Flag.SIGNED) !== 0;
    const little = (flags & Flag.LITTLE) !== 0;
    this.top = little ? offset + length - 1 : offset;
    this.step = little ? -1 : 1;
  }

  /** The n items as words of 64 bits in `small` and `upper`; `negative` says which are below 0. */
  protected readWords(data: Uint8Array, at: Int32Array, n: number, { state, small, upper, negative }: Tile): void {
    const { length, top, step, signed } = this;
    const shift = 64 - 8 * length; // of the upper word: 0 to 56
    for (let k = 0; k < n; k++) {
      let p = at[k] + top;
      let high = 0;
      let low = 0;
      for (let left = length; left > 0; left--, p += step) {
        high = (high << 8) | (low >>> 24);
        low = (low << 8) | data[p];
      }
      if (signed) {
        if (shift < 32) high = (high << shift) >> shift;
        else {
          low = (low << (shift - 32)) >> (shift - 32);
          high = low >> 31;
        }
      }
      small[k] = low;
      upper[k] = high;
      negative[k] = signed ? high >>> 31 : 0;
      state[k] = 0;
    }
  }
}

/** Values that fit 32 bits with their sign. */
class BinarySmall extends Binary implements NumberKernel {
  readonly family = Family.SMALL;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { length, top, step, signed } = this;
    const { state, small } = tile;
    if (length === 2) {
      const shift = signed ? 16 : 0;
      for (let k = 0; k < n; k++) {
        const p = at[k] + top;
        small[k] = (((data[p] << 8) | data[p + step]) << shift) >> shift;
      }
    } else if (length === 4) {
      for (let k = 0; k < n; k++) {
        const p = at[k] + top;
        small[k] = (data[p] << 24) | (data[p + step] << 16) | (data[p + 2 * step] << 8) | data[p + 3 * step];
      }
    } else {
      const shift = signed ? 32 - 8 * length : 0;
      for (let k = 0; k < n; k++) {
        let p = at[k] + top;
        let value = 0;
        for (let left = length; left > 0; left--, p += step) value = (value << 8) | data[p];
        small[k] = (value << shift) >> shift;
      }
    }
    state.fill(0, 0, n);
    if (this.up > 0) scaleSmall(small, n, this.up);
    return 0;
  }
}

/** Values of up to 15 digits. */
class BinaryNarrow extends Binary implements NumberKernel {
  readonly family = Family.NARROW;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    this.readWords(data, at, n, tile);
    const { small, upper, low } = tile;
    for (let k = 0; k < n; k++) low[k] = upper[k] * TWO32 + (small[k] >>> 0);
    if (this.up > 0) scaleNarrow(low, n, this.up);
    return 0;
  }
}

/** 64 bits as they are, for columns. */
class BinaryWords extends Binary implements NumberKernel {
  readonly family = Family.WORDS;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    this.readWords(data, at, n, tile);
    return 0;
  }
}

/** Anything, as decimal limbs: what P scaling and comparisons work on. */
class BinaryWide extends Binary implements NumberKernel {
  readonly family = Family.WIDE;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    this.readWords(data, at, n, tile);
    const { small, upper, negative } = tile;
    for (let k = 0; k < n; k++) {
      let low = small[k];
      let high = upper[k];
      if (negative[k] !== 0) {
        high = ~high + +(low === 0);
        low = -low;
      }
      wideFromWords(tile, k, high >>> 0, low >>> 0);
    }
    if (this.up > 0) scaleWide(tile, n, this.up);
    return 0;
  }
}

/** Numbers with no more digits than the picture; others are bad. */
class BinaryLimited extends Binary implements NumberKernel {
  readonly family: number;
  /** 10 to the number of digits, as words. */
  private readonly limitHigh: number;
  private readonly limitLow: number;

  constructor(field: Instruction) {
    super(field);
    const digits = field.digits + field.up;
    this.family = digits <= 9 ? Family.SMALL : digits <= 15 ? Family.NARROW : Family.WIDE;
    const limit = 10n ** BigInt(field.digits);
    this.limitHigh = Number(limit >> 32n);
    this.limitLow = Number(limit & 0xffffffffn);
  }

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    this.readWords(data, at, n, tile);
    const { family, limitHigh, limitLow, up } = this;
    const { state, small, upper, negative, low } = tile;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const isNegative = negative[k] !== 0;
      let lower = small[k] >>> 0;
      let higher = upper[k] >>> 0;
      if (isNegative) {
        higher = (~higher + +(lower === 0)) >>> 0;
        lower = -lower >>> 0;
      }
      if (higher > limitHigh || (higher === limitHigh && lower >= limitLow)) {
        state[k] = State.BAD;
        higher = lower = negative[k] = 0;
        issues++;
      }
      const value = higher * TWO32 + lower; // exact up to 15 digits
      if (family === Family.SMALL) small[k] = isNegative ? -value : value;
      else if (family === Family.NARROW) low[k] = isNegative ? 0 - value : value;
      else wideFromWords(tile, k, higher, lower);
    }
    if (up > 0) {
      if (family === Family.SMALL) scaleSmall(small, n, up);
      else if (family === Family.NARROW) scaleNarrow(low, n, up);
      else scaleWide(tile, n, up);
    }
    return issues;
  }
}

/** `operand`: the values are compared, not stored. */
export function binaryKernel(field: Instruction, operand: boolean): NumberKernel {
  const { length, up, flags } = field;
  if (flags & Flag.LIMITED) return new BinaryLimited(field);
  const fits = length < 4 || (length === 4 && (flags & Flag.SIGNED) !== 0);
  const digits = binaryDigits(length, flags) + up;
  if (up === 0 ? fits : digits <= 9) return new BinarySmall(field);
  if (up === 0 ? length <= 6 : digits <= 15) return new BinaryNarrow(field);
  return up === 0 && !operand ? new BinaryWords(field) : new BinaryWide(field);
}
