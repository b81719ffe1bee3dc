/**
 * EDITED: the number that an edited picture shows (`1,234.50-`), read by the class of each position; see `Edit` in
 * opcodes.ts. Bytes that the picture can't produce at their position are bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Edit, Flag } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { scaleNarrow, scaleSmall, scaleWide } from './decimal.js';
import { Family, type NumberKernel, State, type Tile, isBlank, isFilled } from './tile.js';

class Edited implements NumberKernel {
  readonly offset: number;
  readonly length: number;
  readonly family: number;
  private readonly up: number;
  private readonly absent: boolean;
  private readonly blankIsZero: boolean;
  private readonly space: number;
  private readonly zero: number;
  private readonly plus: number;
  private readonly minus: number;
  private readonly asterisk: number;
  private readonly digitCount: number;
  /** Three bytes a position: class, symbol, floating symbol. */
  private readonly positions: Uint8Array;
  private high = 0;
  private mid = 0;
  private low = 0;
  private isNegative = false;

  constructor({ offset, length, up, flags, pool: place, poolLength }: Instruction, pool: Uint8Array) {
    const ascii = (flags & Flag.ASCII) !== 0;
    this.offset = offset;
    this.length = length;
    this.up = up;
    this.absent = (flags & Flag.ABSENT) !== 0;
    this.blankIsZero = (flags & Flag.LENIENT) !== 0;
    this.space = ascii ? 0x20 : 0x40;
    this.zero = ascii ? 0x30 : 0xf0;
    this.plus = ascii ? 0x2b : 0x4e;
    this.minus = ascii ? 0x2d : 0x60;
    this.asterisk = ascii ? 0x2a : 0x5c;
    this.positions = pool.slice(place, place + poolLength);
    this.digitCount = editedDigits(this.positions);
    const digits = this.digitCount + up;
    this.family = digits <= 9 ? Family.SMALL : digits <= 15 ? Family.NARROW : Family.WIDE;
  }

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { offset, length, family, absent, space } = this;
    const { state, small, low, mid, high, negative } = tile;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      const from = at[k] + offset;
      let outcome: number = State.VALUE;
      if (this.blankIsZero && isFilled(data, from, from + length, space)) this.clear();
      else if (absent && isBlank(data, from, length, space)) outcome = State.ABSENT;
      else if (!this.read(data, from)) outcome = State.BAD;
      state[k] = outcome;
      if (outcome !== State.VALUE) {
        this.clear();
        issues++;
      }
      if (family === Family.SMALL) small[k] = this.isNegative ? 0 - this.low : this.low;
      else if (family === Family.NARROW) low[k] = this.isNegative ? 0 - this.low : this.low;
      else {
        low[k] = this.low;
        mid[k] = this.mid;
        high[k] = this.high;
        negative[k] = +(this.isNegative && this.low + this.mid + this.high > 0);
      }
    }
    if (this.up > 0) {
      if (family === Family.SMALL) scaleSmall(small, n, this.up);
      else if (family === Family.NARROW) scaleNarrow(low, n, this.up);
      else scaleWide(tile, n, this.up);
    }
    return issues;
  }

  private clear(): void {
    this.low = this.mid = this.high = 0;
    this.isNegative = false;
  }

  /** Reads one item; false when it is bad. */
  private read(data: Uint8Array, from: number): boolean {
    const { positions, length, space, zero, plus, minus, asterisk } = this;
    let suppressed = true;
    let paired = false; // the byte before was the first of CR or DB
    let stars = false; // suppressed digits are shown as *, and so is the sign where the number is 0
    let starred = false;
    let second = space; // behind the first of CR or DB, if that is not there
    let left = this.digitCount;
    this.clear();
    for (let j = 0; j < length; j++) {
      const byte = data[from + j];
      const symbol = positions[3 * j + 1];
      const floating = positions[3 * j + 2];
      let digit = 0;
      switch (positions[3 * j]) {
        case Edit.DIGIT:
          digit = byte - zero;
          if (digit < 0 || digit > 9) return false;
          suppressed = false;
          break;
        case Edit.SUPPRESS:
        case Edit.ASTERISK:
        case Edit.FLOATING:
          digit = byte - zero;
          if (digit >= 0 && digit <= 9) {
            suppressed = false;
            break;
          }
          if (!suppressed || !this.isSuppressed(byte, positions[3 * j], floating)) return false;
          if (positions[3 * j] === Edit.ASTERISK) stars = true;
          digit = 0;
          break;
        case Edit.FLOATING_FIRST:
          if (byte !== space && !this.isFloating(byte, floating)) return false;
          continue;
        case Edit.SIGN:
          if (byte === minus) this.isNegative = true;
          else if (byte === asterisk) starred = true;
          else if (byte !== space && (byte !== plus || symbol !== plus)) return false;
          continue;
        case Edit.CREDIT:
          paired = byte === symbol;
          second = byte === asterisk ? asterisk : space;
          if (paired) this.isNegative = true;
          else if (byte === asterisk) starred = true;
          else if (byte !== space) return false;
          continue;
        case Edit.PAIR:
          if (byte !== (paired ? symbol : second)) return false;
          continue;
        default: // INSERT
          if (byte === symbol) continue;
          if (!suppressed) return false;
          if (byte !== space && byte !== asterisk && !this.isFloating(byte, floating)) return false;
          continue;
      }
      if (left > 30) this.high = this.high * 10 + digit;
      else if (left > 15) this.mid = this.mid * 10 + digit;
      else this.low = this.low * 10 + digit;
      left--;
    }
    return !starred || (suppressed && stars);
  }

  /** Whether a suppressed digit position may hold this byte. */
  private isSuppressed(byte: number, kind: number, floating: number): boolean {
    if (kind === Edit.ASTERISK) return byte === this.asterisk;
    if (byte === this.space) return true;
    return kind === Edit.FLOATING && this.isFloating(byte, floating);
  }

  /** Whether the byte is the floating string's symbol; a minus makes the number negative. */
  private isFloating(byte: number, floating: number): boolean {
    if (floating === 0) return false;
    if (byte === this.minus && (floating === this.minus || floating === this.plus)) {
      this.isNegative = true;
      return true;
    }
    return byte === floating;
  }
}

/** Digit positions of an edited picture, from its pool entry. */
export function editedDigits(positions: Uint8Array): number {
  let count = 0;
  for (let j = 0; j < positions.length; j += 3) {
    const kind = positions[j];
    if (kind === Edit.DIGIT || kind === Edit.SUPPRESS || kind === Edit.ASTERISK || kind === Edit.FLOATING) count++;
  }
  return count;
}

export function editedKernel(field: Instruction, pool: Uint8Array): NumberKernel {
  return new Edited(field, pool);
}
