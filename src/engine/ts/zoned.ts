/**
 * ZONED: numbers of USAGE DISPLAY, a digit a byte, the sign in a zone or a byte of its own. A kernel reads the digits
 * between the sign's place and the other end; only bytes that do not fit are looked at a second time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { POWER, scaleNarrow, scaleSmall, scaleWide } from './decimal.js';
import { Family, type NumberKernel, State, type Tile, isBlank } from './tile.js';

/** What a byte says where the sign is: the digit, MINUS more for a negative one, -128 for no such byte. */
const MINUS = 16;
const NONE = -128;
const signTables = new Map<number, Int8Array>();

function signTable(flags: number): Int8Array {
  const key = flags & (Flag.SIGNED | Flag.ASCII | Flag.ASCII_PY | Flag.SEPARATE);
  let table = signTables.get(key);
  if (!table) signTables.set(key, (table = makeSignTable(key)));
  return table;
}

function makeSignTable(flags: number): Int8Array {
  const table = new Int8Array(256).fill(NONE);
  const ascii = (flags & Flag.ASCII) !== 0;
  const minus = (first: number, digit: number): void => {
    if (flags & Flag.SIGNED) table[first] = MINUS + digit;
  };
  if (flags & Flag.SEPARATE) {
    table[ascii ? 0x2b : 0x4e] = 0;
    minus(ascii ? 0x2d : 0x60, 0);
    return table;
  }
  for (let digit = 0; digit < 10; digit++) {
    if (!ascii) {
      for (const zone of [0xa0, 0xc0, 0xe0, 0xf0]) table[zone + digit] = digit;
      minus(0xb0 + digit, digit);
      minus(0xd0 + digit, digit);
    } else {
      table[0x30 + digit] = digit;
      if (flags & Flag.ASCII_PY) minus(0x70 + digit, digit);
      else {
        table[digit === 0 ? 0x7b : 0x40 + digit] = digit;
        minus(digit === 0 ? 0x7d : 0x49 + digit, digit);
      }
    }
  }
  return table;
}

/** What all three kernels share: where digits and sign are, and the slow way to read one item. */
class Zoned {
  readonly offset: number;
  readonly length: number;
  protected readonly up: number;
  protected readonly zero: number;
  protected readonly pad: number;
  protected readonly absent: boolean;
  protected readonly lenient: boolean;
  protected readonly separate: boolean;
  protected readonly leading: boolean;
  protected readonly signs: Int8Array;
  /** Places from the item's start: the sign's byte, and the first and last + 1 of the bytes that are plain digits. */
  protected readonly signAt: number;
  protected readonly plainFrom: number;
  protected readonly plainTo: number;
  /** 1 where the sign's byte holds the last digit, or the first. */
  protected readonly lastDigit: number;
  protected readonly firstDigit: number;
  /** The digits read the slow way. */
  private slowHigh = 0;
  private slowMid = 0;
  private slowLow = 0;
  private slowNegative = false;

  constructor({ offset, length, up, flags }: Instruction) {
    this.offset = offset;
    this.length = length;
    this.up = up;
    this.zero = flags & Flag.ASCII ? 0x30 : 0xf0;
    this.pad = flags & Flag.ASCII ? 0x20 : 0x40;
    this.absent = (flags & Flag.ABSENT) !== 0;
    this.lenient = (flags & Flag.LENIENT) !== 0;
    this.separate = (flags & Flag.SEPARATE) !== 0;
    this.leading = (flags & Flag.LEADING) !== 0;
    this.signs = signTable(flags);
    this.signAt = this.leading ? 0 : length - 1;
    this.plainFrom = this.leading ? 1 : 0;
    this.plainTo = this.leading ? length : length - 1;
    this.lastDigit = this.separate || this.leading ? 0 : 1;
    this.firstDigit = this.separate || !this.leading ? 0 : 1;
  }

  /** What became of an item whose bytes are not plainly digits. With VALUE the digits are in the slow fields. */
  protected second(data: Uint8Array, from: number): number {
    if (this.absent && isBlank(data, from, this.length, this.pad)) return State.ABSENT;
    return this.lenient && this.readLenient(data, from) ? State.VALUE : State.BAD;
  }

  private readLenient(data: Uint8Array, from: number): boolean {
    const { pad, zero } = this;
    this.slowHigh = this.slowMid = this.slowLow = 0;
    this.slowNegative = false;
    let start = from;
    let end = from + this.length;
    if (this.separate) {
      const byte = data[from + this.signAt];
      if (byte !== pad && byte !== 0) {
        const sign = this.signs[byte];
        if (sign < 0) return false;
        this.slowNegative = sign >= MINUS;
      }
      start = from + this.plainFrom;
      end = from + this.plainTo;
    }
    while (end > start && (data[end - 1] === pad || data[end - 1] === 0)) end--;
    while (start < end && (data[start] === pad || data[start] === 0)) start++;
    const signAt = this.separate ? -1 : this.leading ? start : end - 1;
    for (let p = start; p < end; p++) {
      let digit = data[p] - zero;
      if (p === signAt) {
        digit = this.signs[data[p]];
        this.slowNegative = digit >= MINUS;
        if (digit >= MINUS) digit -= MINUS;
      }
      if (digit < 0 || digit > 9) return false;
      const place = end - p;
      if (place > 30) this.slowHigh = this.slowHigh * 10 + digit;
      else if (place > 15) this.slowMid = this.slowMid * 10 + digit;
      else this.slowLow = this.slowLow * 10 + digit;
    }
    return true;
  }

  /** The slow digits as one number, of 15 digits at most. */
  protected get slowValue(): number {
    return this.slowNegative ? 0 - this.slowLow : this.slowLow;
  }

  protected putSlow(tile: Tile, k: number): void {
    tile.high[k] = this.slowHigh;
    tile.mid[k] = this.slowMid;
    tile.low[k] = this.slowLow;
    tile.negative[k] = +(this.slowNegative && this.slowHigh + this.slowMid + this.slowLow > 0);
  }
}

/** Up to 9 digits. */
class ZonedSmall extends Zoned implements NumberKernel {
  readonly family = Family.SMALL;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, zero, signs, plainFrom, plainTo } = this;
    const { state, small } = tile;
    const signAt = offset + this.signAt;
    const from = offset + plainFrom;
    const count = plainTo - plainFrom;
    const lastFactor = this.lastDigit === 1 ? 10 : 1;
    const firstFactor = this.firstDigit === 1 ? POWER[count] | 0 : 0;
    const lastOne = this.lastDigit;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const base = at[k];
      let p = base + from;
      const end = p + count;
      let value = 0;
      let wrong = 0;
      for (; p < end; p++) {
        const digit = data[p] - zero;
        value = (Math.imul(value, 10) + digit) | 0;
        wrong |= digit | (9 - digit);
      }
      const sign = signs[data[base + signAt]];
      const digit = sign & 15;
      wrong |= sign;
      if (wrong >= 0) {
        value = (Math.imul(value, lastFactor) + Math.imul(digit, lastOne) + Math.imul(digit, firstFactor)) | 0;
        small[k] = sign >= MINUS ? -value : value;
        state[k] = State.VALUE;
        continue;
      }
      const outcome = this.second(data, base + offset);
      state[k] = outcome;
      small[k] = outcome === State.VALUE ? this.slowValue : 0;
      if (outcome !== State.VALUE) issues++;
    }
    if (this.up > 0) scaleSmall(small, n, this.up);
    return issues;
  }
}

/** Up to 15 digits. */
class ZonedNarrow extends Zoned implements NumberKernel {
  readonly family = Family.NARROW;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, zero, signs, plainFrom, plainTo } = this;
    const { state, low } = tile;
    const signAt = offset + this.signAt;
    const from = offset + plainFrom;
    const count = plainTo - plainFrom;
    const head = Math.max(0, count - 8); // digits in the first of two integers
    const tailFactor = POWER[count - head];
    const lastFactor = this.lastDigit === 1 ? 10 : 1;
    const firstFactor = this.firstDigit === 1 ? POWER[count] : 0;
    const lastOne = this.lastDigit;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const base = at[k];
      let p = base + from;
      const middle = p + head;
      const end = p + count;
      let a = 0;
      let b = 0;
      let wrong = 0;
      for (; p < middle; p++) {
        const digit = data[p] - zero;
        a = (Math.imul(a, 10) + digit) | 0;
        wrong |= digit | (9 - digit);
      }
      for (; p < end; p++) {
        const digit = data[p] - zero;
        b = (Math.imul(b, 10) + digit) | 0;
        wrong |= digit | (9 - digit);
      }
      const sign = signs[data[base + signAt]];
      const digit = sign & 15;
      wrong |= sign;
      if (wrong >= 0) {
        const value = (a * tailFactor + b) * lastFactor + digit * lastOne + digit * firstFactor;
        low[k] = sign >= MINUS ? 0 - value : value;
        state[k] = State.VALUE;
        continue;
      }
      const outcome = this.second(data, base + offset);
      state[k] = outcome;
      low[k] = outcome === State.VALUE ? this.slowValue : 0;
      if (outcome !== State.VALUE) issues++;
    }
    if (this.up > 0) scaleNarrow(low, n, this.up);
    return issues;
  }
}

/** Up to 38 digits. */
class ZonedWide extends Zoned implements NumberKernel {
  readonly family = Family.WIDE;

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, zero, signs } = this;
    const { state, low, mid, high, negative } = tile;
    // the digits without a separate sign's byte; the sign's digit is read from its own table
    const skip = this.separate && this.leading ? 1 : 0;
    const first = offset + skip;
    const digits = this.length - (this.separate ? 1 : 0);
    const signDigit = this.separate ? -1 : this.signAt;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const base = at[k] + first;
      const sign = signs[data[at[k] + offset + this.signAt]];
      let wrong: number = sign;
      let limb = 0;
      high[k] = 0;
      mid[k] = 0;
      for (let j = 0; j < digits; j++) {
        const digit = j === signDigit ? sign & 15 : data[base + j] - zero;
        wrong |= digit | (9 - digit);
        limb = limb * 10 + digit;
        const left = digits - 1 - j;
        if (left === 30) {
          high[k] = limb;
          limb = 0;
        } else if (left === 15) {
          mid[k] = limb;
          limb = 0;
        }
      }
      low[k] = limb;
      if (wrong >= 0) {
        negative[k] = +(sign >= MINUS && limb + mid[k] + high[k] > 0);
        state[k] = State.VALUE;
        continue;
      }
      const outcome = this.second(data, at[k] + offset);
      state[k] = outcome;
      if (outcome === State.VALUE) this.putSlow(tile, k);
      else {
        high[k] = mid[k] = low[k] = negative[k] = 0;
        issues++;
      }
    }
    if (this.up > 0) scaleWide(tile, n, this.up);
    return issues;
  }
}

export function zonedKernel(field: Instruction): NumberKernel {
  const digits = field.digits + field.up;
  if (digits <= 9) return new ZonedSmall(field);
  return digits <= 15 ? new ZonedNarrow(field) : new ZonedWide(field);
}
