/**
 * TEXT: single-byte code pages to UTF-8 (or Latin-1) through a table of the plan's pool. Bytes whose character is
 * ASCII take one step each; a text with any other is read a second time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, TEXT_POOL, TEXT_POOL_LATIN1, TILE } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { State, type TextKernel, type Tile, isFilled } from './tile.js';

/** Marks bytes that need the second look: characters of several bytes, or none. */
const LONG = 0x100;

class Text implements TextKernel {
  readonly offset: number;
  readonly length: number;
  readonly whole: Int32Array;
  private readonly pad: number;
  private readonly trimRight: boolean;
  private readonly trimLeft: boolean;
  private readonly absent: boolean;
  /** The one byte that a byte becomes, or LONG. */
  private readonly single = new Uint16Array(256);
  /** Four bytes an entry: length and bytes. */
  private readonly entries: Uint8Array;

  constructor({ offset, length, flags, pool: place }: Instruction, pool: Uint8Array) {
    this.offset = offset;
    this.length = length;
    this.whole = new Int32Array(TILE).fill(length);
    this.pad = flags & Flag.ASCII ? 0x20 : 0x40;
    this.trimRight = (flags & Flag.TRIM_RIGHT) !== 0;
    this.trimLeft = (flags & Flag.TRIM_LEFT) !== 0;
    this.absent = (flags & Flag.ABSENT) !== 0;
    this.entries = pool.slice(place, place + TEXT_POOL);
    const latin1 = flags & Flag.LATIN1 ? pool.subarray(place + TEXT_POOL, place + TEXT_POOL + TEXT_POOL_LATIN1) : null;
    for (let byte = 0; byte < 256; byte++) {
      const size = this.entries[4 * byte];
      if (latin1) this.single[byte] = size === 0 ? LONG : latin1[byte];
      else this.single[byte] = size === 1 ? this.entries[4 * byte + 1] : LONG;
    }
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
    const { offset, pad, trimRight, trimLeft, absent, single } = this;
    const { state, lengths } = tile;
    let issues = 0;
    for (let k = 0; k < n; k++) {
      let p = at[k] + offset;
      let end = p + wanted[k];
      const first = data[p];
      if (absent && (first === 0 || first === 0xff) && isFilled(data, p + 1, end, first)) {
        state[k] = State.ABSENT;
        lengths[k] = 0;
        issues++;
        continue;
      }
      if (trimRight) {
        for (; end > p; end--) {
          const byte = data[end - 1];
          if (byte !== pad && byte !== 0) break;
        }
      }
      if (trimLeft) {
        for (; p < end; p++) {
          const byte = data[p];
          if (byte !== pad && byte !== 0) break;
        }
      }
      const start = p;
      let size = end - p;
      let seen = 0;
      let q = to;
      for (const four = end - 3; p < four; p += 4, q += 4) {
        const a = single[data[p]];
        const b = single[data[p + 1]];
        const c = single[data[p + 2]];
        const d = single[data[p + 3]];
        out[q] = a;
        out[q + 1] = b;
        out[q + 2] = c;
        out[q + 3] = d;
        seen |= a | b | c | d;
      }
      for (; p < end; p++) {
        const byte = single[data[p]];
        out[q++] = byte;
        seen |= byte;
      }
      state[k] = State.VALUE;
      if (seen >= LONG) {
        size = this.second(data, start, end, out, to);
        if (size < 0) {
          state[k] = State.BAD;
          size = 0;
          issues++;
        }
      }
      lengths[k] = size;
      to += size;
    }
    return issues;
  }

  /** Writes characters of any length; the bytes written, or -1 for a byte without a character. */
  private second(data: Uint8Array, p: number, end: number, out: Uint8Array, to: number): number {
    const { entries, single } = this;
    const from = to;
    for (; p < end; p++) {
      const byte = data[p];
      if (single[byte] < LONG) {
        out[to++] = single[byte];
        continue;
      }
      const entry = 4 * byte;
      const size = entries[entry];
      if (size === 0) return -1;
      for (let j = 1; j <= size; j++) out[to++] = entries[entry + j];
    }
    return to - from;
  }
}

export function textKernel(field: Instruction, pool: Uint8Array): TextKernel {
  return new Text(field, pool);
}
