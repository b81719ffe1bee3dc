/**
 * From tiles to columns: writes the values of a tile's slots in Arrow's layout, with their bitmaps and counts. One loop
 * for each family of values and type of column.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Type } from '../../plan/opcodes.js';
import { appendFill, appendWhere } from './bitmap.js';
import { store128, store64 } from './decimal.js';
import { Family, State, type Tile } from './tile.js';

/** A slab as the views that are written to. */
export class Views {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;

  constructor(slab: Uint8Array, byteLength: number) {
    const { buffer, byteOffset } = slab;
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.words = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.floats = new Float32Array(buffer, byteOffset, byteLength >> 2);
    this.doubles = new Float64Array(buffer, byteOffset, byteLength >> 3);
  }
}

/** Where a column's parts lie in the slab, and what was counted. */
export interface ColumnPlace {
  readonly values: number;
  readonly validity: number;
  readonly bad: number;
  readonly data: number;
  readonly quiet: boolean;
  readonly type: number;
  absentCount: number;
  badCount: number;
  /** UTF8: bytes written so far. */
  dataEnd: number;
}

/** Appends `total` slots behind slot `from`; `issues`: how many of them have no value, at least. */
export function storeNumbers(
  out: Views,
  column: ColumnPlace,
  family: number,
  tile: Tile,
  from: number,
  total: number,
  issues: number,
): void {
  storeStates(out.bytes, column, tile, from, total, issues);
  switch (column.type) {
    case Type.INT32:
      copySmall(out.words, (column.values >> 2) + from, tile.small, total); // a plan's check lets no other family here
      return;
    case Type.INT64: {
      const at = (column.values >> 2) + 2 * from;
      if (family === Family.SMALL) smallTo64(out.words, at, tile.small, total);
      else if (family === Family.NARROW) narrowTo64(out.words, at, tile.low, total);
      else if (family === Family.WIDE) wideTo64(out.words, at, tile, total);
      else wordsTo64(out.words, at, tile.small, tile.upper, total);
      return;
    }
    case Type.DECIMAL128: {
      const at = (column.values >> 2) + 4 * from;
      if (family === Family.SMALL) smallTo128(out.words, at, tile.small, total);
      else if (family === Family.NARROW) narrowTo128(out.words, at, tile.low, total);
      else if (family === Family.WIDE) wideTo128(out.words, at, tile, total);
      else wordsTo128(out.words, at, tile, total);
      return;
    }
    case Type.FLOAT32:
      storeFloats(out.floats, out.words, (column.values >> 2) + from, tile.low, total);
      return;
    default:
      storeDoubles(out.doubles, out.words, (column.values >> 3) + from, tile.low, total);
  }
}

/** Appends the offsets of `total` texts whose bytes are in the column already. */
export function storeTexts(
  out: Views,
  column: ColumnPlace,
  tile: Tile,
  from: number,
  total: number,
  issues: number,
): void {
  storeStates(out.bytes, column, tile, from, total, issues);
  const { words } = out;
  const { lengths } = tile;
  const at = (column.values >> 2) + from + 1;
  let end = column.dataEnd;
  for (let i = 0; i < total; i++) {
    end += lengths[i];
    words[at + i] = end;
  }
  column.dataEnd = end;
}

function storeStates(
  bytes: Uint8Array,
  column: ColumnPlace,
  tile: Tile,
  from: number,
  total: number,
  issues: number,
): void {
  if (issues === 0) {
    appendFill(bytes, column.validity, from, total, true);
    appendFill(bytes, column.bad, from, total, false);
    return;
  }
  const { state } = tile;
  appendWhere(bytes, column.validity, from, total, state, 0, State.VALUE);
  if (column.quiet) appendFill(bytes, column.bad, from, total, false);
  else column.badCount += appendWhere(bytes, column.bad, from, total, state, 0, State.BAD);
  let absent = 0;
  for (let i = 0; i < total; i++) if (state[i] === State.ABSENT) absent++;
  column.absentCount += absent;
}

function copySmall(words: Int32Array, at: number, small: Int32Array, n: number): void {
  for (let i = 0; i < n; i++) words[at + i] = small[i];
}

function smallTo64(words: Int32Array, at: number, small: Int32Array, n: number): void {
  for (let i = 0; i < n; i++, at += 2) {
    const v = small[i];
    words[at] = v;
    words[at + 1] = v >> 31;
  }
}

function smallTo128(words: Int32Array, at: number, small: Int32Array, n: number): void {
  for (let i = 0; i < n; i++, at += 4) {
    const v = small[i];
    const sign = v >> 31;
    words[at] = v;
    words[at + 1] = sign;
    words[at + 2] = sign;
    words[at + 3] = sign;
  }
}

const TWO32 = 4294967296;

function narrowTo64(words: Int32Array, at: number, low: Float64Array, n: number): void {
  for (let i = 0; i < n; i++, at += 2) {
    const v = low[i];
    words[at] = v;
    words[at + 1] = Math.floor(v / TWO32);
  }
}

function narrowTo128(words: Int32Array, at: number, low: Float64Array, n: number): void {
  for (let i = 0; i < n; i++, at += 4) {
    const v = low[i];
    const upper = Math.floor(v / TWO32) | 0;
    const sign = upper >> 31;
    words[at] = v;
    words[at + 1] = upper;
    words[at + 2] = sign;
    words[at + 3] = sign;
  }
}

function wideTo64(words: Int32Array, at: number, { mid, low, negative }: Tile, n: number): void {
  for (let i = 0; i < n; i++, at += 2) store64(words, at, mid[i], low[i], negative[i]);
}

function wideTo128(words: Int32Array, at: number, { high, mid, low, negative }: Tile, n: number): void {
  for (let i = 0; i < n; i++, at += 4) store128(words, at, high[i], mid[i], low[i], negative[i]);
}

function wordsTo64(words: Int32Array, at: number, small: Int32Array, upper: Int32Array, n: number): void {
  for (let i = 0; i < n; i++, at += 2) {
    words[at] = small[i];
    words[at + 1] = upper[i];
  }
}

function wordsTo128(words: Int32Array, at: number, { small, upper, negative }: Tile, n: number): void {
  for (let i = 0; i < n; i++, at += 4) {
    words[at] = small[i];
    words[at + 1] = upper[i];
    words[at + 2] = -negative[i];
    words[at + 3] = -negative[i];
  }
}

function storeFloats(floats: Float32Array, words: Int32Array, at: number, low: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const v = low[i];
    if (Number.isNaN(v)) words[at + i] = 0x7fc00000;
    else floats[at + i] = v;
  }
}

function storeDoubles(doubles: Float64Array, words: Int32Array, at: number, low: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const v = low[i];
    if (Number.isNaN(v)) {
      words[2 * (at + i)] = 0;
      words[2 * (at + i) + 1] = 0x7ff80000;
    } else doubles[at + i] = v;
  }
}
