/**
 * TEXT_MIXED and TEXT_DBCS: text of single bytes and pairs between shifts, or of pairs alone, to UTF-8.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { DOUBLE_EXTRA, DOUBLE_TABLE, DOUBLE_TABLES, DOUBLE_WARDS, Flag, Op } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import { ItemText } from './item-text.js';
import { textKernel } from './text.js';
import { State, type TextKernel, Tile } from './tile.js';

const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const DOUBLE_SPACE = 0x40;

abstract class Shifting extends ItemText {
  private readonly pad: number;
  private readonly pool: Uint8Array;

  constructor(field: Instruction, pool: Uint8Array) {
    super(field, 1);
    this.pad = field.flags & Flag.ASCII ? 0x20 : 0x40;
    this.pool = pool.subarray(field.pool, field.pool + field.poolLength);
  }

  /** Text with shifts. What is trimmed is known only in order: a byte is a space or half of a character by what is before it. */
  protected shifted(data: Uint8Array, p: number, end: number, cut: boolean, out: Uint8Array, from: number): number {
    const { pool, pad, trimLeft } = this;
    let to = from;
    let kept = from;
    let isDouble = false;
    while (p < end) {
      const byte = data[p];
      if (byte === (isDouble ? SHIFT_IN : SHIFT_OUT)) {
        isDouble = !isDouble;
        p++;
        continue;
      }
      let next: number;
      let isSpace: boolean;
      if (isDouble) {
        if (end - p === 1) {
          if (cut) break;
          return -1;
        }
        next = this.pair(data, p, out, to);
        if (next < 0) return -1;
        isSpace = byte === DOUBLE_SPACE && data[p + 1] === DOUBLE_SPACE;
        p += 2;
      } else {
        const size = pool[4 * byte];
        if (size === 0) return -1;
        for (let j = 0; j < size; j++) out[to + j] = pool[4 * byte + 1 + j];
        next = to + size;
        isSpace = byte === pad || byte === 0;
        p++;
      }
      if (isSpace && trimLeft && to === from) continue;
      to = next;
      if (!isSpace) kept = to;
    }
    return (this.trimRight ? kept : to) - from;
  }

  /** Writes the character of the pair at p; its end, or -1 where there is none. */
  protected pair(data: Uint8Array, p: number, out: Uint8Array, to: number): number {
    const { pool } = this;
    const table = pool[DOUBLE_WARDS + data[p]];
    if (table === 0) return -1;
    const entry = DOUBLE_TABLES + (table - 1) * DOUBLE_TABLE + 2 * data[p + 1];
    const code = pool[entry] | (pool[entry + 1] << 8);
    if (code >= 0xd800 && code <= 0xdfff) {
      const extra = DOUBLE_TABLES + (code - 0xd800) * DOUBLE_EXTRA;
      const size = pool[extra];
      for (let j = 1; j <= size; j++) out[to++] = pool[extra + j];
      return to;
    }
    if (code >= 0x800) {
      out[to] = 0xe0 | (code >> 12);
      out[to + 1] = 0x80 | ((code >> 6) & 63);
      out[to + 2] = 0x80 | (code & 63);
      return to + 3;
    }
    if (code >= 0x80) {
      out[to] = 0xc0 | (code >> 6);
      out[to + 1] = 0x80 | (code & 63);
      return to + 2;
    }
    out[to] = code;
    return code === 0 ? -1 : to + 1;
  }
}

class Mixed extends Shifting {
  private readonly single: TextKernel;
  private readonly here = Int32Array.of(0);
  private readonly some = Int32Array.of(0);

  constructor(field: Instruction, pool: Uint8Array) {
    super(field, pool);
    this.single = textKernel(field, pool);
  }

  /** A tile without any shift is read as single bytes altogether. */
  override decode(
    data: Uint8Array,
    at: Int32Array,
    wanted: Int32Array,
    n: number,
    out: Uint8Array,
    to: number,
    tile: Tile,
  ): number {
    for (let k = 0; k < n; k++) {
      const p = at[k] + this.offset;
      if (hasShift(data, p, p + wanted[k])) return super.decode(data, at, wanted, n, out, to, tile);
    }
    return this.single.decode(data, at, wanted, n, out, to, tile);
  }

  protected override item(data: Uint8Array, p: number, end: number, cut: boolean, out: Uint8Array, to: number): number {
    if (hasShift(data, p, end)) return this.shifted(data, p, end, cut, out, to);
    this.here[0] = p - this.offset;
    this.some[0] = end - p;
    this.single.decode(data, this.here, this.some, 1, out, to, one);
    return one.state[0] === State.BAD ? -1 : one.lengths[0];
  }
}

class Dbcs extends Shifting {
  protected override item(data: Uint8Array, p: number, end: number, cut: boolean, out: Uint8Array, to: number): number {
    if (data[p] === SHIFT_OUT) return this.shifted(data, p, end, cut, out, to);
    let stop = end - ((end - p) & 1);
    if (this.trimRight) while (stop > p && isPad(data, stop - 2)) stop -= 2;
    if (this.trimLeft) while (stop > p && isPad(data, p)) p += 2;
    const from = to;
    for (; p < stop; p += 2) {
      to = this.pair(data, p, out, to);
      if (to < 0) return -1;
    }
    return to - from;
  }
}

/** The result of an item that is read by itself. */
const one = new Tile();

/** A double-byte space, or x'0000'. */
function isPad(data: Uint8Array, p: number): boolean {
  return data[p] === data[p + 1] && (data[p] === DOUBLE_SPACE || data[p] === 0);
}

function hasShift(data: Uint8Array, p: number, end: number): boolean {
  for (; p < end; p++) if (data[p] === SHIFT_OUT) return true;
  return false;
}

export function mixedKernel(field: Instruction, pool: Uint8Array): TextKernel {
  return field.op === Op.TEXT_MIXED ? new Mixed(field, pool) : new Dbcs(field, pool);
}
