/**
 * Predicates: conditions on a record's bytes in three-valued logic, run on a stack of truth values for up to TILE rows
 * at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Cmp, Flag, Op, PREDICATE_DEPTH, TILE } from '../../plan/opcodes.js';
import type { Instruction, Plan } from '../../plan/plan.js';
import { type Constant, constant128 } from './decimal.js';
import type { Operand } from './operand.js';
import type { Frame } from './shape.js';
import type { Spaces } from './spaces.js';
import { Family, State, type Tile, isFilled } from './tile.js';

const FALSE = 0;
const UNKNOWN = 1;
const TRUE = 2;

/** Whether a comparison holds, by 3 * comparison + 1 + order (-1, 0, 1). */
const HOLDS = new Uint8Array(18);
HOLDS.set([FALSE, TRUE, FALSE], 3 * Cmp.EQ);
HOLDS.set([TRUE, FALSE, TRUE], 3 * Cmp.NE);
HOLDS.set([TRUE, FALSE, FALSE], 3 * Cmp.LT);
HOLDS.set([TRUE, TRUE, FALSE], 3 * Cmp.LE);
HOLDS.set([FALSE, FALSE, TRUE], 3 * Cmp.GT);
HOLDS.set([FALSE, TRUE, TRUE], 3 * Cmp.GE);

interface Step {
  readonly op: number;
  readonly instruction: Instruction;
  /** COMPARE_TEXT: the frame with the positions, and its space. */
  readonly frame: number;
  readonly space: number;
  readonly operand: Operand | null;
  readonly text: Uint8Array;
  readonly number: Constant | null;
  readonly float: number;
}

export class Predicate {
  private readonly steps: readonly Step[];
  private readonly stack: readonly Uint8Array[];

  constructor(
    plan: Plan,
    instructions: readonly Instruction[],
    frames: readonly Frame[],
    operand: (index: number) => Operand,
  ) {
    this.steps = instructions.map((i) => step(plan, i, frames, operand));
    this.stack = Array.from({ length: Math.min(PREDICATE_DEPTH, instructions.length) }, () => new Uint8Array(TILE));
  }

  /** The truth for slots[from, from + n) of a space, valid until the next run. */
  run(data: Uint8Array, spaces: Spaces, space: number, slots: Int32Array, from: number, n: number): Uint8Array {
    const { stack } = this;
    let depth = 0;
    for (const step of this.steps) {
      switch (step.op) {
        case Op.COMPARE_TEXT:
          compareText(step, data, spaces, space, slots, from, n, stack[depth++]);
          break;
        case Op.COMPARE_NUMBER:
          step.operand!.read(data, spaces, space, slots, from, n);
          compareNumber(step, step.operand!, n, stack[depth++]);
          break;
        case Op.COMPARE_FLOAT:
          step.operand!.read(data, spaces, space, slots, from, n);
          compareFloat(step, step.operand!.tile, n, stack[depth++]);
          break;
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

function step(plan: Plan, i: Instruction, frames: readonly Frame[], operand: (index: number) => Operand): Step {
  const bytes = plan.pool.slice(i.pool, i.pool + i.poolLength);
  const isText = i.op === Op.COMPARE_TEXT;
  const reads = i.op === Op.COMPARE_NUMBER || i.op === Op.COMPARE_FLOAT;
  const frame = frames[frames[isText ? i.frame : 0]!.base]!;
  return {
    op: i.op,
    instruction: i,
    frame: frame.number,
    space: frame.space,
    operand: reads ? operand(i.counter) : null,
    text: isText ? bytes.subarray(0, significant(bytes, 0, bytes.length, i.up)) : bytes,
    number: i.op === Op.COMPARE_NUMBER ? constant128(bytes) : null,
    float: i.op === Op.COMPARE_FLOAT ? new DataView(bytes.buffer).getFloat64(0, true) : 0,
  };
}

/** The end of data[from, to) without the pads and x'00' at its end. */
function significant(data: Uint8Array, from: number, to: number, pad: number): number {
  while (to > from && (data[to - 1] === pad || data[to - 1] === 0)) to--;
  return to;
}

function compareText(
  { instruction, frame, space: ownSpace, text }: Step,
  data: Uint8Array,
  spaces: Spaces,
  space: number,
  slots: Int32Array,
  first: number,
  n: number,
  truth: Uint8Array,
): void {
  const { offset, length, digits: cmp, up: pad } = instruction;
  const absent = (instruction.flags & Flag.ABSENT) !== 0;
  const positions = spaces.positions[frame];
  const { ends } = spaces.list[ownSpace];
  for (let k = 0; k < n; k++) {
    const slot = space === ownSpace ? slots[first + k] : spaces.climb(slots[first + k], space, ownSpace);
    const from = positions[slot] + offset;
    const end = Math.min(ends[slot], from + length);
    if (
      from >= end ||
      (absent && (data[from] === 0 || data[from] === 0xff) && isFilled(data, from + 1, end, data[from]))
    ) {
      truth[k] = UNKNOWN;
      continue;
    }
    const size = significant(data, from, end, pad) - from;
    const common = Math.min(size, text.length);
    let j = 0;
    while (j < common && data[from + j] === text[j]) j++;
    let order = j < common ? data[from + j] - text[j] : 0;
    // the shorter one is padded, as COBOL compares
    for (j = common; order === 0 && j < size; j++) order = data[from + j] - pad;
    for (j = common; order === 0 && j < text.length; j++) order = pad - text[j];
    truth[k] = HOLDS[3 * cmp + 1 + Math.sign(order)];
  }
}

function compareNumber({ instruction, number }: Step, operand: Operand, n: number, truth: Uint8Array): void {
  const cmp = 3 * instruction.digits + 1;
  const { tile, family } = operand;
  const { state } = tile;
  const constant = number!;
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

/** As IEEE 754 orders numbers: with a NaN on either side only NE holds. */
function compareFloat({ instruction, float }: Step, { state, low }: Tile, n: number, truth: Uint8Array): void {
  const { digits: cmp } = instruction;
  for (let k = 0; k < n; k++) {
    const value = low[k];
    if (state[k] !== State.VALUE) truth[k] = UNKNOWN;
    else if (Number.isNaN(value) || Number.isNaN(float)) truth[k] = cmp === Cmp.NE ? TRUE : FALSE;
    else truth[k] = HOLDS[3 * cmp + 1 + (value < float ? -1 : value > float ? 1 : 0)];
  }
}
