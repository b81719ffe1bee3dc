/**
 * Groups as batches: their rows, in order of their keys, become columns as any decoded ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Batch } from '../batch/batch.js';
import { GroupRow, type GroupRows, type Keyed, RESULT_WORDS, Result, ResultWord } from '../engine/keyed.js';
import { ColumnWord, Head, type SlabLayout, allocateSlab, layoutSlab, slotsOf } from '../engine/slab.js';
import { OverpunchError } from '../errors.js';
import { Siblings } from '../plan/names.js';
import { Flag, Op, PLAN_VERSION, TYPE_WIDTH, Type, W, WIDTH } from '../plan/opcodes.js';
import { PLAN_HEADER, PLAN_MAGIC, type Plan, PlanWord } from '../plan/plan.js';
import type { FieldNode } from '../plan/schema.js';
import { type AggregateColumn, isFloat, shownAs } from './aggregate.js';
import { type KeyPart, columnWords } from './keys.js';

/** A column, and what it is made of: the words that do not depend on the slab. */
interface ResultColumn {
  readonly field: FieldNode;
  readonly aggregate: AggregateColumn | null;
  readonly words: Readonly<Partial<Record<number, number>>>;
}

export interface ResultPlan {
  readonly plan: Plan;
  readonly columns: readonly ResultColumn[];
}

const BATCH = 1 << 13;

/** The plan of a result: keys under their own names, then the aggregates. */
export function resultPlan(keys: readonly KeyPart[], aggregates: readonly AggregateColumn[]): ResultPlan {
  const siblings = new Siblings();
  const columns: ResultColumn[] = [];
  const lengths: number[] = [];
  const add = (
    { name, path }: { name: string; path: string },
    shown: Partial<FieldNode>,
    aggregate: AggregateColumn | null,
    words: ResultColumn['words'],
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
    lengths.push(field.type === Type.UTF8 ? words[ResultWord.WIDTH]! * (words[ResultWord.LATIN1] ? 2 : 1) : 0);
    columns.push({ field, aggregate, words });
  };
  for (const { field, at, width } of keys)
    add({ name: field.keys.cobol, path: field.path }, field, null, partWords(field, GroupRow.KEY + at, width));
  for (const aggregate of aggregates) {
    const { name, kind, field, state, width } = aggregate;
    const shown = shownAs(aggregate);
    const isExtreme = kind === 'min' || kind === 'max';
    const words = isExtreme ? partWords(field!, state, width - 1) : numberWords(aggregate, shown.digits);
    add({ name, path: name }, shown, aggregate, words);
  }
  const children = columns.map(({ field }) => field);
  return { plan: planOf(children, lengths), columns };
}

const partWords = ({ latin1 }: FieldNode, at: number, width: number): ResultColumn['words'] => ({
  [ResultWord.KIND]: Result.PART,
  [ResultWord.AT]: at,
  [ResultWord.WIDTH]: width,
  [ResultWord.LATIN1]: latin1 ? 1 : 0,
});

function numberWords({ kind, field, state, scale }: AggregateColumn, digits: number): ResultColumn['words'] {
  if (kind === 'count') return { [ResultWord.KIND]: Result.COUNT, [ResultWord.AT]: state };
  const isAverage = kind === 'avg';
  if (isFloat(field!.type)) {
    return { [ResultWord.KIND]: isAverage ? Result.AVERAGE_FLOAT : Result.SUM_FLOAT, [ResultWord.AT]: state };
  }
  return {
    [ResultWord.KIND]: isAverage ? Result.AVERAGE : Result.SUM,
    [ResultWord.AT]: state,
    [ResultWord.DIGITS]: digits,
    [ResultWord.UP]: isAverage ? Math.max(0, scale - field!.scale) : 0,
    [ResultWord.DOWN]: isAverage ? Math.max(0, field!.scale - scale) : 0,
  };
}

/** Nothing is decoded by it: it says which columns there are, by fields that would fill them. */
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
    const { op, length, digits, flags } = fieldOf(type, lengths[column]!);
    code[at + W.OP] = op;
    code[at + W.TARGET] = column;
    code[at + W.LENGTH] = length;
    code[at + W.DIGITS] = digits;
    code[at + W.FLAGS] = flags;
    code[at + W.TYPE] = type;
  });
  return { code, pool: new Uint8Array(0), schema: { children, tables: {} } };
}

function fieldOf(type: number, textBytes: number): { op: number; length: number; digits: number; flags: number } {
  switch (type) {
    case Type.UTF8:
      return { op: Op.TEXT_UTF8, length: Math.max(1, textBytes), digits: 1, flags: 0 };
    case Type.DECIMAL128:
      return { op: Op.PACKED, length: 20, digits: 38, flags: Flag.SIGNED };
    case Type.FLOAT32:
    case Type.FLOAT64:
      return { op: Op.FLOAT, length: TYPE_WIDTH[type]!, digits: 0, flags: Flag.IEEE };
    default:
      return { op: Op.BINARY, length: TYPE_WIDTH[type]!, digits: 0, flags: Flag.SIGNED };
  }
}

/** @throws OverpunchError OVP_DATA_OVERFLOW where a sum or an average has more digits than its column */
export async function* groupBatches(
  keyed: Keyed,
  groups: GroupRows,
  keyWidth: number,
  { plan, columns }: ResultPlan,
): AsyncGenerator<Batch> {
  const { rows, count, width, varying } = groups;
  const order = await keyed.sort(rows.subarray(GroupRow.KEY), width, keyWidth, count, varying);
  let layout: SlabLayout | null = null;
  let program = new Int32Array(0);
  for (let first = 0; first < Math.max(count, 1); first += BATCH) {
    const n = Math.min(BATCH, count - first);
    if (layout?.capacities[0] !== n) {
      layout = layoutSlab(plan, [n]);
      program = programOf(layout, columns);
    }
    const slab = allocateSlab(layout);
    slab.head[Head.RECORDS] = n;
    slab.head[slotsOf(0)] = n;
    const failed = keyed.results(program, groups, order, first, first + n, slab.bytes);
    if (failed >= 0) throw overflow(columns[failed]!);
    yield new Batch(plan, slab, first + 1);
  }
}

function programOf(layout: SlabLayout, columns: readonly ResultColumn[]): Int32Array<ArrayBuffer> {
  const program = new Int32Array(columns.length * RESULT_WORDS);
  columns.forEach(({ field, words }, i) => {
    const to = i * RESULT_WORDS;
    const column = columnWords(layout, field);
    program[to + ResultWord.TYPE] = field.type;
    program[to + ResultWord.VALUES] = column[ColumnWord.VALUES]!;
    program[to + ResultWord.VALIDITY] = column[ColumnWord.VALIDITY]!;
    program[to + ResultWord.DATA] = column[ColumnWord.DATA]!;
    program[to + ResultWord.DATA_LENGTH] = column[ColumnWord.DATA_LENGTH]!;
    for (const [word, value] of Object.entries(words)) program[to + Number(word)] = value!;
  });
  return program;
}

function overflow({ field, aggregate }: ResultColumn): OverpunchError {
  const { name, kind } = aggregate!;
  return new OverpunchError(
    'OVP_DATA_OVERFLOW',
    `${name}: the ${kind} of a group has more than ${field.digits} digits`,
    {
      hint:
        kind === 'avg'
          ? 'A smaller scale leaves more room before the point.'
          : 'Group by more fields, or add up in parts.',
    },
  );
}
