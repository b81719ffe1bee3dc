/**
 * Predicates: conditions on a record's bytes in three-valued logic, run on a stack of truth values for up to TILE rows
 * at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Cmp, Flag, Op, PREDICATE_DEPTH, TILE } from '../../plan/opcodes.js';
import { type Instruction, type Plan, instruction } from '../../plan/plan.js';
import { type Constant, LIMB, constant128 } from './decimal.js';
import { isText } from './kernel.js';
import { Operand } from './operand.js';
import { compareBytes, compareString, compareText, compareTexts, like, significant } from './predicate-text.js';
import type { Frame } from './shape.js';
import type { Spaces } from './spaces.js';
import { TextOperand } from './text-operand.js';
import { Family, State, type Tile } from './tile.js';
import { FALSE, HOLDS, TRUE, UNKNOWN, holds } from './truth.js';

/** The rows that a comparison is run for. */
interface Rows {
  readonly data: Uint8Array;
  readonly spaces: Spaces;
  readonly space: number;
  readonly slots: Int32Array;
  readonly from: number;
  readonly n: number;
}

type Comparison = (rows: Rows, truth: Uint8Array) => void;

interface Step {
  readonly op: number;
  /** Null for AND, OR, NOT and IS_TRUE. */
  readonly compare: Comparison | null;
}

export class Predicate {
  private readonly steps: readonly Step[];
  private readonly stack: readonly Uint8Array[];

  constructor(plan: Plan, instructions: readonly Instruction[], frames: readonly Frame[]) {
    this.steps = instructions.map((i) => ({ op: i.op, compare: i.op < Op.AND ? comparison(plan, i, frames) : null }));
    this.stack = Array.from({ length: Math.min(PREDICATE_DEPTH, instructions.length) }, () => new Uint8Array(TILE));
  }

  /** The truth for slots[from, from + n) of a space, valid until the next run. */
  run(data: Uint8Array, spaces: Spaces, space: number, slots: Int32Array, from: number, n: number): Uint8Array {
    const { stack } = this;
    const rows = { data, spaces, space, slots, from, n };
    let depth = 0;
    for (const { op, compare } of this.steps) {
      if (compare) {
        compare(rows, stack[depth++]);
        continue;
      }
      switch (op) {
        case Op.AND:
          depth--;
          for (let k = 0; k < n; k++) if (stack[depth][k] < stack[depth - 1][k]) stack[depth - 1][k] = stack[depth][k];
          break;
        case Op.OR:
          depth--;
          for (let k = 0; k < n; k++) if (stack[depth][k] > stack[depth - 1][k]) stack[depth - 1][k] = stack[depth][k];
          break;
        case Op.NOT:
          for (let k = 0; k < n; k++) stack[depth - 1][k] = TRUE - stack[depth - 1][k];
          break;
        default: // IS_TRUE
          for (let k = 0; k < n; k++) if (stack[depth - 1][k] === UNKNOWN) stack[depth - 1][k] = FALSE;
      }
    }
    return stack[0];
  }
}

function comparison(plan: Plan, i: Instruction, frames: readonly Frame[]): Comparison {
  const bytes = i.op === Op.COMPARE_FIELDS ? new Uint8Array(0) : plan.pool.slice(i.pool, i.pool + i.poolLength);
  const view = new DataView(bytes.buffer);
  const baseOf = (frame: number): Frame => frames[frames[frame]!.base]!;
  const numbers = (index: number): Operand => {
    const field = instruction(plan, index);
    const frame = baseOf(field.frame);
    return new Operand(plan, field, frame.number, frame.space);
  };
  const texts = (index: number): TextOperand => {
    const field = instruction(plan, index);
    const frame = baseOf(field.frame);
    return new TextOperand(plan, field, frame.number, frame.space);
  };
  switch (i.op) {
    case Op.COMPARE_TEXT: {
      const { number, space: own } = baseOf(i.frame);
      const text = bytes.subarray(0, significant(bytes, 0, bytes.length, i.up, (i.flags & Flag.EXACT) !== 0));
      return ({ data, spaces, space, slots, from, n }, truth) =>
        compareText(i, text, number, own, data, spaces, space, slots, from, n, truth);
    }
    case Op.COMPARE_NUMBER: {
      const operand = numbers(i.counter);
      const constant = constant128(bytes);
      return (rows, truth) => compareNumber(i.digits, constant, read(operand, rows), rows.n, truth);
    }
    case Op.COMPARE_FLOAT: {
      const operand = numbers(i.counter);
      const constant = new Float64Array(TILE).fill(view.getFloat64(0, true));
      return (rows, truth) => compareFloats(i.digits, read(operand, rows).tile, null, constant, rows.n, truth);
    }
    case Op.COMPARE_STRING: {
      const operand = texts(i.counter);
      const length = view.getInt32(0, true);
      const [utf8, stored] = [bytes.subarray(4, 4 + length), bytes.subarray(4 + length)];
      return (rows, truth) => compareString(i, utf8, stored, read(operand, rows), rows.data, rows.n, truth);
    }
    case Op.LIKE: {
      const operand = texts(i.counter);
      return (rows, truth) => like(bytes, read(operand, rows), rows.n, truth);
    }
    case Op.IS_NULL: {
      const operand = isText(instruction(plan, i.counter).op) ? texts(i.counter) : numbers(i.counter);
      return (rows, truth) => {
        const { state } = read(operand, rows).tile;
        for (let k = 0; k < rows.n; k++) truth[k] = state[k] === State.VALUE ? FALSE : TRUE;
      };
    }
    default:
      return compareFields(plan, i, numbers, texts);
  }
}

function read<O extends Operand | TextOperand>(operand: O, { data, spaces, space, slots, from, n }: Rows): O {
  operand.read(data, spaces, space, slots, from, n);
  return operand;
}

function compareFields(
  plan: Plan,
  i: Instruction,
  numbers: (index: number) => Operand,
  texts: (index: number) => TextOperand,
): Comparison {
  const [one, other] = [instruction(plan, i.counter), instruction(plan, i.pool)];
  if (isText(one.op)) {
    const [left, right] = [texts(i.counter), texts(i.pool)];
    const isSamePage = one.op === Op.TEXT && other.op === Op.TEXT && one.pool === other.pool;
    return (rows, truth) => {
      if (!isSamePage) return compareTexts(i.digits, read(left, rows), read(right, rows), rows.n, truth);
      const { data, spaces, space, slots, from, n } = rows;
      left.place(spaces, space, slots, from, n);
      right.place(spaces, space, slots, from, n);
      compareBytes(i.digits, i.up, left, right, data, n, truth);
    };
  }
  const [left, right] = [numbers(i.counter), numbers(i.pool)];
  return (rows, truth) => {
    read(left, rows);
    read(right, rows);
    if (one.op === Op.FLOAT) compareFloats(i.digits, left.tile, right.tile, right.tile.low, rows.n, truth);
    else compareNumbers(i.digits, left, right, rows.n, truth);
  };
}

function compareNumber(
  comparison: number,
  constant: Constant,
  { tile, family }: Operand,
  n: number,
  truth: Uint8Array,
): void {
  const cmp = 3 * comparison + 1;
  const { state } = tile;
  const values = family === Family.SMALL ? tile.small : tile.low;
  for (let k = 0; k < n; k++) {
    if (state[k] !== State.VALUE) truth[k] = UNKNOWN;
    else if (family === Family.WIDE) truth[k] = HOLDS[cmp + wideOrder(tile, k, constant)];
    else truth[k] = HOLDS[cmp + Math.sign(values[k] - constant.value)];
  }
}

function wideOrder({ high, mid, low, negative }: Tile, k: number, constant: Constant): number {
  if (negative[k] !== constant.negative) return negative[k] !== 0 ? -1 : 1;
  const order = high[k] - constant.high || mid[k] - constant.mid || low[k] - constant.low;
  return Math.sign(negative[k] !== 0 ? -order : order);
}

function compareNumbers(cmp: number, one: Operand, other: Operand, n: number, truth: Uint8Array): void {
  const isWide = one.family === Family.WIDE || other.family === Family.WIDE;
  for (let k = 0; k < n; k++) {
    if (one.tile.state[k] !== State.VALUE || other.tile.state[k] !== State.VALUE) truth[k] = UNKNOWN;
    else if (!isWide) truth[k] = holds(cmp, narrow(one, k) - narrow(other, k));
    else {
      const order = limb(one, 'high', k) - limb(other, 'high', k) || limb(one, 'mid', k) - limb(other, 'mid', k);
      truth[k] = holds(cmp, order || limb(one, 'low', k) - limb(other, 'low', k));
    }
  }
}

/** A value that is not WIDE. */
const narrow = ({ tile, family }: Operand, k: number): number => (family === Family.SMALL ? tile.small : tile.low)[k];

/** A limb with the number's sign. */
function limb(operand: Operand, name: 'high' | 'mid' | 'low', k: number): number {
  const { tile, family } = operand;
  if (family === Family.WIDE) return tile.negative[k] !== 0 ? -tile[name][k] : tile[name][k];
  const value = narrow(operand, k);
  return name === 'low' ? value % LIMB : name === 'mid' ? Math.trunc(value / LIMB) : 0;
}

/** As IEEE 754 orders numbers: with a NaN on either side only NE holds. `others` are the values of `right`, or constants. */
function compareFloats(
  cmp: number,
  left: Tile,
  right: Tile | null,
  others: Float64Array,
  n: number,
  truth: Uint8Array,
): void {
  for (let k = 0; k < n; k++) {
    const [value, other] = [left.low[k], others[k]];
    if (left.state[k] !== State.VALUE || (right !== null && right.state[k] !== State.VALUE)) truth[k] = UNKNOWN;
    else if (Number.isNaN(value) || Number.isNaN(other)) truth[k] = cmp === Cmp.NE ? TRUE : FALSE;
    else truth[k] = holds(cmp, value < other ? -1 : value > other ? 1 : 0);
  }
}
