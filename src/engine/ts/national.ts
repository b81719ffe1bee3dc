/**
 * NATIONAL: big-endian UTF-16 to UTF-8.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, TILE } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { State, type TextKernel, type Tile, isFilled } from './tile.js';

class National implements TextKernel {
  readonly offset: number;
  readonly length: number;
  readonly whole: Int32Array;
  private readonly trimRight: boolean;
  private readonly trimLeft: boolean;
  private readonly absent: boolean;

  constructor({ offset, length, flags }: Instruction) {
    this.offset = offset;
    this.length = length;
    this.whole = new Int32Array(TILE).fill(length);
    this.trimRight = (flags & Flag.TRIM_RIGHT) !== 0;
    this.trimLeft = (flags & Flag.TRIM_LEFT) !== 0;
    this.absent = (flags & Flag.ABSENT) !== 0;
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
    const { offset } = this;
    const { state, lengths } = tile;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      let p = at[k] + offset;
      let end = p + (wanted[k] & ~1);
      lengths[k] = 0;
      if (this.absent && p < end && (data[p] === 0 || data[p] === 0xff) && isFilled(data, p + 1, end, data[p])) {
        state[k] = State.ABSENT;
        issues++;
        continue;
      }
      if (this.trimRight) while (end > p && isTrimmed(data, end - 2)) end -= 2;
      if (this.trimLeft) while (p < end && isTrimmed(data, p)) p += 2;
      const size = toUtf8(data, p, end, out, to);
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
}

/** U+0020 or U+0000. */
function isTrimmed(data: Uint8Array, p: number): boolean {
  return data[p] === 0 && (data[p + 1] === 0x20 || data[p + 1] === 0);
}

/** The bytes written, or -1 for a lone surrogate. */
function toUtf8(data: Uint8Array, p: number, end: number, out: Uint8Array, to: number): number {
  const from = to;
  while (p < end) {
    let code = (data[p] << 8) | data[p + 1];
    p += 2;
    if (code < 0x80) {
      out[to++] = code;
    } else if (code < 0x800) {
      out[to++] = 0xc0 | (code >> 6);
      out[to++] = 0x80 | (code & 63);
    } else if (code < 0xd800 || code > 0xdfff) {
      out[to++] = 0xe0 | (code >> 12);
      out[to++] = 0x80 | ((code >> 6) & 63);
      out[to++] = 0x80 | (code & 63);
    } else {
      const next = p < end ? (data[p] << 8) | data[p + 1] : 0;
      if (code > 0xdbff || next < 0xdc00 || next > 0xdfff) return -1;
      p += 2;
      code = 0x10000 + ((code & 0x3ff) << 10) + (next & 0x3ff);
      out[to++] = 0xf0 | (code >> 18);
      out[to++] = 0x80 | ((code >> 12) & 63);
      out[to++] = 0x80 | ((code >> 6) & 63);
      out[to++] = 0x80 | (code & 63);
    }
  }
  return to - from;
}

export function nationalKernel(field: Instruction): TextKernel {
  return new National(field);
}
