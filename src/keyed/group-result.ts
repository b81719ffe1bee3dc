/**
 * Groups as batches: their rows, in order of their keys, become columns as any decoded ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Batch } from '../batch/batch.js';
import { GroupRow, type Keyed, type Shape, type Stored } from '../engine/keyed.js';
import { ColumnWord, Head, type Slab, allocateSlab, layoutSlab, slotsOf } from '../engine/slab.js';
import { OverpunchError } from '../errors.js';
import { Siblings } from '../plan/names.js';
import { Op, PLAN_VERSION, Type, W, WIDTH } from '../plan/opcodes.js';
import { PLAN_HEADER, PLAN_MAGIC, type Plan, PlanWord } from '../plan/plan.js';
import type { FieldNode } from '../plan/schema.js';
import { type AggregateColumn, isFloat, shownAs } from './aggregate.js';
import { type KeyPart, columnWords } from './keys.js';
import { partWriter } from './values.js';

/** Groups as an engine has them. */
export interface GroupRows {
  readonly rows: Uint8Array;
  readonly count: number;
  /** Bytes of a row, and of its key. */
  readonly width: number;
  readonly keyWidth: number;
  /** What the keys have in common; see Keyed.keys. */
  readonly varying: Uint8Array;
}

/** Rows of groups one behind another, as bytes and as the words that they are multiples of. */
export interface RowBytes {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  /** Bytes of a row. */
  readonly width: number;
  readonly count: number;
}

/** Writes a column's values of these groups, and sets the bits of those that have one. */
export type PutColumn = (rows: RowBytes, validity: Uint8Array) => void;

/** A column: where it goes, and how it is filled (made for each slab). */
interface ResultColumn {
  readonly field: FieldNode;
  put(slab: Slab): PutColumn;
}

export interface Result {
  readonly plan: Plan;
  readonly columns: readonly ResultColumn[];
}

const BATCH = 1 << 13;
const WHOLE: Shape = { before: 0, after: new Uint8Array(0), keys: null, keyWidth: 0, lengths: false };
const MOST = 10n ** 38n;

/** The plan of a result: keys under their own names, then the aggregates. */
export function resultPlan(keys: readonly KeyPart[], aggregates: readonly AggregateColumn[]): Result {
  const siblings = new Siblings();
  const columns: ResultColumn[] = [];
  const lengths: number[] = [];
  const add = (
    name: string,
    path: string,
    shown: Partial<FieldNode>,
    width: number,
    put: ResultColumn['put'],
  ): void => {
    const column = columns.length;
    const field = {
      digits: 0,
      scale: 0,
      storageDigits: 0,
      ...shown,
      node: 'field',
      keys: siblings.keys(name),
      path,
      column,
      instruction: column + 1,
      latin1: false,
      select: -1,
    } as FieldNode;
    lengths.push(width);
    columns.push({ field, put });
  };
  for (const { field, at, width } of keys) {
    const index = columns.length;
    add(field.keys.cobol, field.path, field, textBytes(field, width), (slab) => {
      const words = columnWords(slab.layout, columns[index]!.field);
      return partWriter(field, slab, words, GroupRow.KEY + at, width);
    });
  }
  for (const aggregate of aggregates) {
    const { name, field, kind, state, width } = aggregate;
    const index = columns.length;
    const shown = shownAs(aggregate);
    const isExtreme = kind === 'min' || kind === 'max';
    add(name, name, shown, isExtreme ? textBytes(field!, width - 1) : 0, (slab) => {
      const words = columnWords(slab.layout, columns[index]!.field);
      return isExtreme
        ? partWriter(field!, slab, words, state, width - 1)
        : numberWriter(aggregate, shown.type, shown.digits, slab, words);
    });
  }
  const children = columns.map(({ field }) => field);
  return { plan: planOf(children, lengths), columns };
}

/** Bytes of UTF-8 that a text of so many bytes can take. */
const textBytes = (field: FieldNode, width: number): number =>
  field.type === Type.UTF8 ? width * (field.latin1 ? 2 : 1) : 0;

/** Nothing is decoded by it: it says which columns there are. */
function planOf(children: readonly FieldNode[], lengths: readonly number[]): Plan {
  const code = new Int32Array(PLAN_HEADER + (children.length + 1) * WIDTH);
  code[PlanWord.MAGIC] = PLAN_MAGIC;
  code[PlanWord.VERSION] = PLAN_VERSION;
  code[PlanWord.INSTRUCTIONS] = children.length + 1;
  code[PlanWord.FRAMES] = 1;
  code[PlanWord.SPACES] = 1;
  code[PlanWord.COLUMNS] = children.length;
  code[PLAN_HEADER + W.OP] = Op.ROOT;
  code[PLAN_HEADER + W.FRAME] = -1;
  children.forEach(({ type }, column) => {
    const at = PLAN_HEADER + (column + 1) * WIDTH;
    code[at + W.OP] = type === Type.UTF8 ? Op.TEXT : isFloat(type) ? Op.FLOAT : Op.BINARY;
    code[at + W.TARGET] = column;
    code[at + W.LENGTH] = lengths[column]!;
    code[at + W.DIGITS] = 1;
    code[at + W.TYPE] = type;
  });
  return { code, pool: new Uint8Array(0), schema: { children, tables: {} } };
}

export async function* groupBatches(keyed: Keyed, groups: GroupRows, result: Result): AsyncGenerator<Batch> {
  const { rows, count, width } = groups;
  const order = await sortedByKey(keyed, groups);
  const stored: Stored = { pieces: [rows], firsts: new Uint32Array(1), count, stride: width, starts: null, ends: null };
  const some = new Uint8Array(Math.min(BATCH, count) * width);
  const views = { bytes: some, words: new Int32Array(some.buffer), view: new DataView(some.buffer), width };
  for (let first = 0; first < Math.max(count, 1); first += BATCH) {
    const n = Math.min(BATCH, count - first);
    if (n > 0) keyed.gather(stored, WHOLE, order, first, first + n, some);
    const layout = layoutSlab(result.plan, [n]);
    const slab = allocateSlab(layout);
    slab.head[Head.RECORDS] = n;
    slab.head[slotsOf(0)] = n;
    for (const { field, put } of result.columns) {
      const validity = columnWords(layout, field)[ColumnWord.VALIDITY]!;
      put(slab)({ ...views, count: n }, slab.bytes.subarray(validity, validity + Math.ceil(n / 8)));
    }
    yield new Batch(result.plan, slab, first + 1);
  }
}

/** The numbers of the groups in order of their keys. */
async function sortedByKey(keyed: Keyed, { rows, count, width, keyWidth, varying }: GroupRows): Promise<Uint32Array> {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let i = 0, at = GroupRow.KEY; i < count; i++, at += width) {
    starts[i] = at;
    ends[i] = at + keyWidth;
  }
  const keys = new Uint8Array(count * keyWidth);
  const stored: Stored = { pieces: [rows], firsts: new Uint32Array(1), count, stride: 0, starts, ends };
  if (keyWidth > 0) keyed.gather(stored, WHOLE, null, 0, count, keys);
  return keyed.sort(keys, keyWidth, count, varying);
}

/** COUNT, SUM and AVG. */
function numberWriter(
  { kind, field, state, scale, name }: AggregateColumn,
  type: number,
  digits: number,
  slab: Slab,
  words: Int32Array,
): PutColumn {
  const to = words[ColumnWord.VALUES]!;
  if (kind === 'count') return countWriter(state, new Int32Array(slab.bytes.buffer, to));
  const out = new DataView(slab.bytes.buffer);
  if (isFloat(field!.type)) return floatWriter(state, kind === 'avg', out, to);
  const most = digits < 38 ? 10n ** BigInt(digits) : MOST;
  const put = (slot: number, value: bigint): void => {
    if (value >= most || value <= -most) throw overflow(kind, name, digits);
    if (type === Type.INT64) {
      out.setBigInt64(to + 8 * slot, value, true);
      return;
    }
    out.setBigUint64(to + 16 * slot, BigInt.asUintN(64, value), true);
    out.setBigInt64(to + 16 * slot + 8, value >> 64n, true);
  };
  const up = 10n ** BigInt(Math.max(0, scale - field!.scale));
  const down = 10n ** BigInt(Math.max(0, field!.scale - scale));
  const isWideSum = kind === 'sum' && type === Type.DECIMAL128;
  return ({ view, words: row, width, count }, validity) => {
    for (let slot = 0; slot < count; slot++) {
      const at = slot * width + state;
      if ((row[at >> 2]! | row[(at + 4) >> 2]!) === 0) continue;
      validity[slot >> 3]! |= 1 << (slot & 7);
      const first = (at + 8) >> 2;
      const high = row[first + 3]!;
      // small sums, which is nearly all: no BigInt
      if (isWideSum && (high === 0 || high === -1) && row[first + 4] === high && row[first + 5] === high) {
        for (let w = 0; w < 4; w++) out.setInt32(to + 16 * slot + 4 * w, row[first + w]!, true);
        continue;
      }
      const low = view.getBigUint64(at + 8, true) | (view.getBigUint64(at + 16, true) << 64n);
      const sum = (view.getBigInt64(at + 24, true) << 128n) | low;
      put(slot, kind === 'avg' ? divide(sum * up, view.getBigUint64(at, true) * down) : sum);
    }
  };
}

function countWriter(state: number, out: Int32Array): PutColumn {
  return ({ words, width, count }, validity) => {
    for (let slot = 0, at = state >> 2; slot < count; slot++, at += width >> 2) {
      out[2 * slot] = words[at]!;
      out[2 * slot + 1] = words[at + 1]!;
      validity[slot >> 3]! |= 1 << (slot & 7);
    }
  };
}

function floatWriter(state: number, isAverage: boolean, out: DataView, to: number): PutColumn {
  return ({ view, width, count }, validity) => {
    for (let slot = 0, at = state; slot < count; slot++, at += width) {
      const values = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
      if (values === 0) continue;
      const sum = view.getFloat64(at + 8, true);
      const value = isAverage ? sum / values : sum;
      out.setFloat64(to + 8 * slot, value === 0 ? 0 : value, true);
      validity[slot >> 3]! |= 1 << (slot & 7);
    }
  };
}

/** Rounded to the nearest, halves away from zero. */
function divide(a: bigint, b: bigint): bigint {
  const half = a < 0n ? -(b / 2n) : b / 2n;
  return b % 2n === 0n ? (a + half) / b : (2n * a + (a < 0n ? -b : b)) / (2n * b);
}

function overflow(kind: string, name: string, digits: number): OverpunchError {
  return new OverpunchError('OVP_DATA_OVERFLOW', `${name}: the ${kind} of a group has more than ${digits} digits`, {
    hint:
      kind === 'avg'
        ? 'A smaller scale leaves more room before the point.'
        : 'Group by more fields, or add up in parts.',
  });
}
