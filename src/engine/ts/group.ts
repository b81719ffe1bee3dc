/**
 * Groups in TypeScript: rows as native/core/group.c has them (but for the hash, which nobody else reads).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Type } from '../../plan/opcodes.js';
import {
  AGGREGATE_WORDS,
  Aggregate,
  AggregateWord,
  GROUP_HEADER,
  type GroupRows,
  GroupRow,
  GroupWord,
  type Grouper,
  KeyClass,
} from '../keyed.js';
import { seeKey } from './key.js';

const FIRST_ROWS = 256;

export class TsGrouper implements Grouper {
  private readonly places = new Map<string, number>();
  private rows: Uint8Array;
  private view: DataView;
  private readonly rowWidth: number;
  private readonly varying: Uint8Array;

  constructor(private readonly program: Int32Array) {
    this.rowWidth = program[GroupWord.ROW_WIDTH]!;
    const width = program[GroupWord.KEY_WIDTH]!;
    this.varying = new Uint8Array(2 * width).fill(0xff, 0, width);
    this.rows = new Uint8Array(FIRST_ROWS * this.rowWidth);
    this.view = new DataView(this.rows.buffer);
  }

  add(keys: Uint8Array, slab: Uint8Array, extremes: Uint8Array, count: number): void {
    const { program } = this;
    const width = program[GroupWord.KEY_WIDTH]!;
    const bytes = Buffer.from(keys.buffer, keys.byteOffset, width * count);
    const at = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      at[i] = this.place(bytes, i * width, width);
      this.addOne(at[i]! + GroupRow.RECORDS);
    }
    const values = new DataView(slab.buffer, slab.byteOffset, slab.byteLength);
    for (let a = 0; a < program[GroupWord.AGGREGATES]!; a++) {
      const words = program.subarray(GROUP_HEADER + a * AGGREGATE_WORDS, GROUP_HEADER + (a + 1) * AGGREGATE_WORDS);
      const kind = words[AggregateWord.KIND]!;
      const state = words[AggregateWord.STATE]!;
      if (kind === Aggregate.MIN || kind === Aggregate.MAX) {
        for (let i = 0; i < count; i++) {
          const part = i * program[GroupWord.EXTREMES]! + words[AggregateWord.AT]!;
          this.extreme(kind, at[i]! + state, extremes.subarray(part, part + words[AggregateWord.WIDTH]!));
        }
        continue;
      }
      const validity = words[AggregateWord.VALIDITY]!;
      for (let i = 0; i < count; i++) {
        const isThere = (slab[validity + (i >> 3)]! & (1 << (i & 7))) !== 0;
        if (isThere === (kind === Aggregate.COUNT)) this.addOne(at[i]! + state);
        if (!isThere) continue;
        if (kind === Aggregate.SUM) this.addWhole(at[i]! + state + 8, wholeAt(values, words, i));
        if (kind === Aggregate.SUM_FLOAT) this.addFloat(at[i]! + state + 8, floatAt(values, words, i));
      }
    }
  }

  finish(): GroupRows {
    const count = this.places.size;
    const { rowWidth: width, varying } = this;
    return { rows: this.rows.subarray(0, count * width), count, width, varying };
  }

  /** Where the key's row begins. */
  private place(bytes: Buffer, from: number, width: number): number {
    const key = bytes.toString('latin1', from, from + width);
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.places.size * this.rowWidth;
    this.places.set(key, place);
    if (place === this.rows.length) {
      const rows = new Uint8Array(2 * place);
      rows.set(this.rows);
      this.rows = rows;
      this.view = new DataView(rows.buffer);
    }
    this.rows.set(bytes.subarray(from, from + width), place + GroupRow.KEY);
    seeKey(this.varying, bytes, from, width);
    return place;
  }

  private addOne(at: number): void {
    this.view.setBigUint64(at, this.view.getBigUint64(at, true) + 1n, true);
  }

  private addWhole(at: number, value: bigint): void {
    const { view } = this;
    const low = view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n);
    const sum = ((view.getBigInt64(at + 16, true) << 128n) | low) + value;
    view.setBigUint64(at, BigInt.asUintN(64, sum), true);
    view.setBigUint64(at + 8, BigInt.asUintN(64, sum >> 64n), true);
    view.setBigInt64(at + 16, BigInt.asIntN(64, sum >> 128n), true);
  }

  private addFloat(at: number, value: number): void {
    this.view.setFloat64(at, this.view.getFloat64(at, true) + value, true);
  }

  private extreme(kind: number, at: number, part: Uint8Array): void {
    if (part[0] !== KeyClass.VALUE) return;
    const state = this.rows.subarray(at, at + part.length);
    const order = state[0] === 0 ? 0 : Buffer.compare(part, state);
    if (state[0] === 0 || (kind === Aggregate.MIN ? order < 0 : order > 0)) state.set(part);
  }
}

function wholeAt(values: DataView, words: Int32Array, i: number): bigint {
  const place = words[AggregateWord.VALUES]!;
  switch (words[AggregateWord.TYPE]) {
    case Type.INT32:
      return BigInt(values.getInt32(place + 4 * i, true));
    case Type.INT64:
      return values.getBigInt64(place + 8 * i, true);
    default:
      return values.getBigUint64(place + 16 * i, true) | (values.getBigInt64(place + 16 * i + 8, true) << 64n);
  }
}

function floatAt(values: DataView, words: Int32Array, i: number): number {
  const place = words[AggregateWord.VALUES]!;
  return words[AggregateWord.TYPE] === Type.FLOAT32
    ? values.getFloat32(place + 4 * i, true)
    : values.getFloat64(place + 8 * i, true);
}
