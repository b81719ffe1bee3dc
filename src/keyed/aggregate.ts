/**
 * Aggregates: what a group-by keeps of each group, and the columns that are made of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { AGGREGATE_WORDS, Aggregate, AggregateWord, GROUP_HEADER, GroupRow, GroupWord } from '../engine/keyed.js';
import { ColumnWord, type SlabLayout } from '../engine/slab.js';
import { OverpunchError } from '../errors.js';
import { Type } from '../plan/opcodes.js';
import type { Plan } from '../plan/plan.js';
import type { FieldNode } from '../plan/schema.js';
import { columnWords, layKey } from './keys.js';

export type AggregateKind = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** What was asked for. */
export interface Wanted {
  readonly kind: AggregateKind;
  /** Null: all records (count). */
  readonly field: string | null;
  readonly as: string | undefined;
  readonly scale: number | undefined;
}

/** A column of the result, and the state in a group's row that it is made of. */
export interface AggregateColumn {
  readonly name: string;
  readonly kind: AggregateKind;
  /** Null for a count of records. */
  readonly field: FieldNode | null;
  /** Offset in the row. */
  readonly state: number;
  /** avg: digits behind the point. */
  readonly scale: number;
  /** min, max: bytes of the part, class included. */
  readonly width: number;
}

export interface Program {
  readonly columns: readonly AggregateColumn[];
  /** Fields of which least and greatest values are wanted, in order of the parts in a row of `extremes`. */
  readonly extremes: readonly FieldNode[];
  readonly rowWidth: number;
  /** The program for slabs of this layout. */
  words(layout: SlabLayout): Int32Array;
}

/** What a group keeps: `Aggregate` and field. */
interface State {
  readonly kind: number;
  readonly field: FieldNode;
  readonly state: number;
  readonly at: number;
  readonly width: number;
}

/** Digits by which a sum of whole numbers is longer than these: 10^10 records. */
const MORE_DIGITS = 10;
const MORE_SCALE = 6;
const MOST_SCALE = 37;

/** @param fields those that the wanted aggregates name, in their order */
export function makeProgram(
  plan: Plan,
  keyWidth: number,
  wanted: readonly Wanted[],
  fields: readonly FieldNode[],
): Program {
  let next = 0;
  const all = wanted.map((one) => ({ ...one, node: one.field === null ? null : fields[next++]! }));
  for (const { kind, node } of all) {
    if ((kind === 'sum' || kind === 'avg') && node!.kind === 'text') {
      throw new OverpunchError('OVP_OPTION_GROUP', `group: ${node!.path} is text, which has no ${kind}`);
    }
  }
  const isExtreme = ({ kind }: { kind: AggregateKind }): boolean => kind === 'min' || kind === 'max';
  const extremes = [...new Set(all.filter(isExtreme).map(({ node }) => node!))];
  const { parts, width: extremesWidth } = layKey(
    plan,
    extremes.map((field) => ({ field })),
  );
  const states: State[] = [];
  let end = GroupRow.KEY + up8(keyWidth);
  const columns = all.map(({ kind, field, as, scale, node }): AggregateColumn => {
    const name = as ?? (field === null ? 'COUNT' : `${kind.toUpperCase()}-${node!.keys.cobol}`);
    if (!node) return { name, kind, field: null, state: GroupRow.RECORDS, scale: 0, width: 0 };
    const code = codeOf(kind, node);
    const part = isExtreme({ kind }) ? parts[extremes.indexOf(node)]! : null;
    let state = states.find((known) => known.kind === code && known.field === node);
    if (!state) {
      const width = part ? part.width + 1 : 0;
      states.push((state = { kind: code, field: node, state: end, at: part?.at ?? 0, width }));
      end += stateBytes(code, width);
    }
    return { name, kind, field: node, state: state.state, scale: scaleOf(kind, node, scale), width: state.width };
  });
  const words = (layout: SlabLayout): Int32Array => {
    const program = new Int32Array(GROUP_HEADER + states.length * AGGREGATE_WORDS);
    program[GroupWord.KEY_WIDTH] = keyWidth;
    program[GroupWord.ROW_WIDTH] = end;
    program[GroupWord.AGGREGATES] = states.length;
    program[GroupWord.EXTREMES] = extremesWidth;
    states.forEach(({ kind, field, state, at, width }, i) => {
      const column = columnWords(layout, field);
      const to = GROUP_HEADER + i * AGGREGATE_WORDS;
      program[to + AggregateWord.KIND] = kind;
      program[to + AggregateWord.TYPE] = field.type;
      program[to + AggregateWord.VALUES] = column[ColumnWord.VALUES]!;
      program[to + AggregateWord.VALIDITY] = column[ColumnWord.VALIDITY]!;
      program[to + AggregateWord.STATE] = state;
      program[to + AggregateWord.AT] = at;
      program[to + AggregateWord.WIDTH] = width;
    });
    return program;
  };
  return { columns, extremes, rowWidth: end, words };
}

function codeOf(kind: AggregateKind, { type }: FieldNode): number {
  switch (kind) {
    case 'count':
      return Aggregate.COUNT;
    case 'min':
      return Aggregate.MIN;
    case 'max':
      return Aggregate.MAX;
    default:
      return isFloat(type) ? Aggregate.SUM_FLOAT : Aggregate.SUM;
  }
}

function stateBytes(code: number, width: number): number {
  switch (code) {
    case Aggregate.COUNT:
      return 8;
    case Aggregate.SUM:
      return 32;
    case Aggregate.SUM_FLOAT:
      return 16;
    default:
      return up8(width);
  }
}

function scaleOf(kind: AggregateKind, field: FieldNode, given: number | undefined): number {
  if (kind !== 'avg') return field.scale;
  const scale = given ?? Math.min(MOST_SCALE, field.scale + MORE_SCALE);
  if (Number.isInteger(scale) && scale >= 0 && scale <= MOST_SCALE) return scale;
  throw new OverpunchError('OVP_OPTION_GROUP', `group: scale is a whole number from 0 to ${MOST_SCALE}, not ${given}`);
}

/** How an aggregate's column is presented, as FieldNode has it. */
export type Shown = Pick<FieldNode, 'type' | 'kind' | 'digits' | 'scale' | 'storageDigits'>;

export function shownAs({ kind, field, scale }: AggregateColumn): Shown {
  if (!field || kind === 'count') return { type: Type.INT64, kind: 'integer', digits: 15, scale: 0, storageDigits: 15 };
  if (kind === 'min' || kind === 'max') return field;
  if (isFloat(field.type)) return { type: Type.FLOAT64, kind: 'float', digits: 0, scale: 0, storageDigits: 0 };
  const exact = { type: Type.DECIMAL128, digits: 38, storageDigits: 38, scale };
  if (scale > 0) return { ...exact, kind: 'decimal' };
  if (kind === 'avg') return { ...exact, kind: 'integer' };
  const digits = Math.min(38, field.storageDigits + MORE_DIGITS);
  return {
    type: digits <= 18 ? Type.INT64 : Type.DECIMAL128,
    kind: 'integer',
    digits,
    scale: 0,
    storageDigits: digits,
  };
}

export const isFloat = (type: number): boolean => type === Type.FLOAT32 || type === Type.FLOAT64;

const up8 = (bytes: number): number => (bytes + 7) & ~7;
