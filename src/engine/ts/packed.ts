/**
 * PACKED: packed decimal (COMP-3), two digits a byte and the sign in the last half byte; with NO_SIGN (COMP-6) digits
 * only. Bytes are read through tables of two digits each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { POWER, scaleNarrow, scaleSmall, scaleWide } from './decimal.js';
import { Family, type NumberKernel, State, type Tile, isBlank } from './tile.js';

const NONE = -128;
/** Two digits as 0 to 99; NONE where one of them is none. */
const PAIR = new Int8Array(256).fill(NONE);
/** The last byte: its digit, MINUS more where the number is negative; NONE where it is bad. */
const MINUS = 16;
const SIGNED = new Int8Array(256).fill(NONE);
const UNSIGNED = new Int8Array(256).fill(NONE);
/** The first byte where the first digit must be 0. */
const ODD = new Int8Array(256).fill(NONE);
for (let tens = 0; tens < 10; tens++) {
  for (let ones = 0; ones < 10; ones++) PAIR[tens * 16 + ones] = tens * 10 + ones;
  for (const sign of [0xa, 0xc, 0xe, 0xf]) SIGNED[tens * 16 + sign] = UNSIGNED[tens * 16 + sign] = tens;
  for (const sign of [0xb, 0xd]) SIGNED[tens * 16 + sign] = MINUS + tens;
  ODD[tens] = tens;
}

class Packed {
  readonly offset: number;
  readonly length: number;
  protected readonly up: number;
  protected readonly pad: number;
  protected readonly absent: boolean;
  /** The first byte's table; the last one's (NO_SIGN: pairs as the others). */
  protected readonly firsts: Int8Array;
  protected readonly lasts: Int8Array;
  protected readonly noSign: boolean;

  constructor({ offset, length, digits, up, flags }: Instruction) {
    this.offset = offset;
    this.length = length;
    this.up = up;
    this.pad = flags & Flag.ASCII ? 0x20 : 0x40;
    this.absent = (flags & Flag.ABSENT) !== 0;
    this.noSign = (flags & Flag.NO_SIGN) !== 0;
    this.firsts = (digits & 1) === (this.noSign ? 1 : 0) ? ODD : PAIR;
    this.lasts = flags & Flag.SIGNED ? SIGNED : UNSIGNED;
  }

  /** Why an item is no number. */
  protected whyNot(data: Uint8Array, from: number): number {
    return this.absent && isBlank(data, from, this.length, this.pad) ? State.ABSENT : State.BAD;
  }
}

/** Up to 9 digits. */
class PackedSmall extends Packed implements NumberKernel {
  readonly family = Family.SMALL;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, firsts, lasts } = this;
    const { state, small } = tile;
    const last = this.length - 1;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      let p = at[k] + offset;
      const end = p + last;
      let value = 0;
      let wrong = 0;
      if (p < end) {
        value = firsts[data[p++]];
        wrong = value;
        for (; p < end; p++) {
          const pair = PAIR[data[p]];
          value = (Math.imul(value, 100) + pair) | 0;
          wrong |= pair;
        }
      }
      const sign = lasts[data[p]];
      wrong |= sign;
      if (wrong >= 0) {
        value = (Math.imul(value, 10) + (sign & 15)) | 0;
        small[k] = sign >= MINUS ? -value : value;
        state[k] = State.VALUE;
      } else {
        small[k] = 0;
        state[k] = this.whyNot(data, end - last);
        issues++;
      }
    }
    if (this.up > 0) scaleSmall(small, n, this.up);
    return issues;
  }
}

/** Up to 15 digits. */
class PackedNarrow extends Packed implements NumberKernel {
  readonly family = Family.NARROW;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, firsts, lasts } = this;
    const { state, low } = tile;
    const last = this.length - 1;
    const half = Math.max(1, last - 3); // the last 7 digits in an integer of their own
    const factor = POWER[Math.max(0, 2 * (last - half) + 1)];
    let issues = 0;
    for (let k = 0; k < n; k++) {
      let p = at[k] + offset;
      const start = p;
      const end = p + last;
      let a = 0;
      let b = 0;
      let wrong = 0;
      if (p < end) {
        const middle = p + half;
        a = firsts[data[p++]];
        wrong = a;
        for (; p < middle; p++) {
          const pair = PAIR[data[p]];
          a = (Math.imul(a, 100) + pair) | 0;
          wrong |= pair;
        }
        for (; p < end; p++) {
          const pair = PAIR[data[p]];
          b = (Math.imul(b, 100) + pair) | 0;
          wrong |= pair;
        }
      }
      const sign = lasts[data[p]];
      wrong |= sign;
      if (wrong >= 0) {
        const value = a * factor + (b * 10 + (sign & 15));
        low[k] = sign >= MINUS ? 0 - value : value;
        state[k] = State.VALUE;
      } else {
        low[k] = 0;
        state[k] = this.whyNot(data, start);
        issues++;
      }
    }
    if (this.up > 0) scaleNarrow(low, n, this.up);
    return issues;
  }
}

/** Up to 38 digits: from the right 15, 14 and up to 9 of them, then moved to limbs of 15. */
class PackedWide extends Packed implements NumberKernel {
  readonly family = Family.WIDE;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, firsts, lasts } = this;
    const { state, low, mid, high, negative } = tile;
    const last = this.length - 1;
    // bytes before the last one, counted from it: 4 + 3, 4 + 3 and the rest
    const to0 = Math.max(0, last - 3);
    const to1 = Math.max(0, last - 7);
    const to2 = Math.max(0, last - 10);
    const to3 = Math.max(0, last - 14);
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const start = at[k] + offset;
      let p = start;
      let top = 0;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      let wrong = 0;
      if (last > 0) wrong = firsts[data[p]]; // checks a first half byte that must be 0
      for (let end = start + to3; p < end; p++) {
        const pair = PAIR[data[p]];
        top = (Math.imul(top, 100) + pair) | 0;
        wrong |= pair;
      }
      for (let end = start + to2; p < end; p++) {
        const pair = PAIR[data[p]];
        a = (Math.imul(a, 100) + pair) | 0;
        wrong |= pair;
      }
      for (let end = start + to1; p < end; p++) {
        const pair = PAIR[data[p]];
        b = (Math.imul(b, 100) + pair) | 0;
        wrong |= pair;
      }
      for (let end = start + to0; p < end; p++) {
        const pair = PAIR[data[p]];
        c = (Math.imul(c, 100) + pair) | 0;
        wrong |= pair;
      }
      for (let end = start + last; p < end; p++) {
        const pair = PAIR[data[p]];
        d = (Math.imul(d, 100) + pair) | 0;
        wrong |= pair;
      }
      const sign = lasts[data[p]];
      wrong |= sign;
      if (wrong >= 0) {
        const limb = c * 1e7 + (d * 10 + (sign & 15));
        const above = a * 1e6 + b + (top % 10) * 1e14;
        const most = (top / 10) | 0;
        low[k] = limb;
        mid[k] = above;
        high[k] = most;
        negative[k] = +(sign >= MINUS && limb + above + most > 0);
        state[k] = State.VALUE;
      } else {
        low[k] = mid[k] = high[k] = negative[k] = 0;
        state[k] = this.whyNot(data, start);
        issues++;
      }
    }
    if (this.up > 0) scaleWide(tile, n, this.up);
    return issues;
  }
}

/** Without a sign: any number of digits, as one of the three families. */
class PackedUnsigned extends Packed implements NumberKernel {
  readonly family: number;

  constructor(field: Instruction, family: number) {
    super(field);
    this.family = family;
  }

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, length, firsts, family } = this;
    const { state, small, low, mid, high, negative } = tile;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const start = at[k] + offset;
      // limbs of 14, 14 and 10 digits
      let limb = 0;
      let above = 0;
      let most = 0;
      let wrong: number = firsts[data[start]];
      for (let j = 0; j < length; j++) {
        const pair = PAIR[data[start + j]];
        wrong |= pair;
        const left = length - 1 - j;
        if (left >= 14) most = most * 100 + pair;
        else if (left >= 7) above = above * 100 + pair;
        else limb = limb * 100 + pair;
      }
      state[k] = State.VALUE;
      // digits that are all x'40', x'00' or x'FF' are nothing first
      if (wrong < 0 || (this.absent && isBlank(data, start, length, this.pad))) {
        state[k] = this.whyNot(data, start);
        limb = above = most = 0;
        issues++;
      }
      if (family === Family.SMALL) small[k] = limb;
      else if (family === Family.NARROW) low[k] = above * 1e14 + limb;
      else {
        low[k] = (above % 10) * 1e14 + limb;
        mid[k] = (most % 100) * 1e13 + Math.floor(above / 10);
        high[k] = Math.floor(most / 100);
        negative[k] = 0;
      }
    }
    if (this.up > 0) {
      if (family === Family.SMALL) scaleSmall(small, n, this.up);
      else if (family === Family.NARROW) scaleNarrow(low, n, this.up);
      else scaleWide(tile, n, this.up);
    }
    return issues;
  }
}

export function packedKernel(field: Instruction): NumberKernel {
  const digits = field.digits + field.up;
  const family = digits <= 9 ? Family.SMALL : digits <= 15 ? Family.NARROW : Family.WIDE;
  if (field.flags & Flag.NO_SIGN) return new PackedUnsigned(field, family);
  if (family === Family.SMALL) return new PackedSmall(field);
  return family === Family.NARROW ? new PackedNarrow(field) : new PackedWide(field);
}
