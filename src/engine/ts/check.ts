/**
 * Checks a plan word by word before it is run: plans may come from another machine. After it nothing in a plan can lead
 * an engine outside its data or its slab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import {
  Cmp,
  Edit,
  Flag,
  MAX_COLUMNS,
  MAX_FRAMES,
  MAX_OPERAND_TEXT,
  MAX_RECORD_LENGTH,
  MAX_WIDE,
  Op,
  PREDICATE_DEPTH,
  Type,
  WIDTH,
} from '../../plan/opcodes.js';
import {
  type Instruction,
  PLAN_HEADER,
  type Plan,
  PlanWord,
  hasCurrentVersion,
  instruction,
  isField,
} from '../../plan/plan.js';
import { textCapacity } from '../slab.js';
import { binaryDigits } from './binary.js';
import { editedDigits } from './edited.js';
import { CodePages, checkPool } from './check-pages.js';
import { isText } from './kernel.js';
import { refuse } from './refuse.js';
import { type Frame, type Shape, enclosesOrIs, shapeOf } from './shape.js';

/** What a checked plan consists of. */
export interface Checked {
  readonly instructions: readonly Instruction[];
  readonly frames: readonly Frame[];
  readonly shape: Shape;
}

export function checkPlan(plan: Plan): Checked {
  return new Checker(plan).run();
}

const ALL_FLAGS = 2 * Flag.LIMITED - 1;
const isPredicate = (op: number): boolean => op >= Op.COMPARE_TEXT && op <= Op.IS_TRUE;

class Checker {
  private readonly frames: Frame[] = [];
  private readonly columns = new Set<number>();
  private spaces = 0;
  private readonly ended = new Set<number>();
  /** The slots of virtual tables are numbered apart, behind all spaces. */
  private virtualSpaces = 0;
  private list: readonly Instruction[] = [];
  private readonly pages: CodePages;

  constructor(private readonly plan: Plan) {
    this.pages = new CodePages(plan);
  }

  run(): Checked {
    this.header();
    this.list = Array.from({ length: this.plan.code[PlanWord.INSTRUCTIONS]! }, (_, i) => instruction(this.plan, i));
    for (const i of this.list) {
      if (isField(i.op)) this.field(i);
      else this.other(i);
    }
    const { code } = this.plan;
    if (this.frames.length !== code[PlanWord.FRAMES]) refuse(null, 'FRAMES', `there are ${this.frames.length}`);
    if (this.spaces !== code[PlanWord.SPACES]) refuse(null, 'SPACES', `there are ${this.spaces}`);
    if (this.columns.size !== code[PlanWord.COLUMNS]) refuse(null, 'COLUMNS', `there are ${this.columns.size}`);
    return { instructions: this.list, frames: this.frames, shape: shapeOf(this.list, this.frames) };
  }

  private header(): void {
    const { code, pool } = this.plan;
    if (code.length < PLAN_HEADER || !hasCurrentVersion(this.plan)) refuse(null, 'VERSION', 'made for another version');
    const within = (word: keyof typeof PlanWord, most: number): void => {
      const value = code[PlanWord[word]]!;
      if (value < 0 || value > most) refuse(null, word, `${value} is not between 0 and ${most}`);
    };
    const atLeastOne = (word: keyof typeof PlanWord): void => {
      if (code[PlanWord[word]] === 0) refuse(null, word, 'there are none');
    };
    within('INSTRUCTIONS', Math.floor((code.length - PLAN_HEADER) / WIDTH));
    if (code.length !== PLAN_HEADER + code[PlanWord.INSTRUCTIONS]! * WIDTH)
      refuse(null, 'INSTRUCTIONS', 'other than the plan has');
    within('FRAMES', MAX_FRAMES);
    within('SPACES', MAX_FRAMES);
    within('COLUMNS', MAX_COLUMNS);
    within('LENGTH', MAX_RECORD_LENGTH);
    if (code[PlanWord.POOL] !== pool.length) refuse(null, 'POOL', `the pool has ${pool.length} bytes`);
    atLeastOne('INSTRUCTIONS');
    atLeastOne('FRAMES');
    atLeastOne('SPACES');
  }

  private other(i: Instruction): void {
    switch (i.op) {
      case Op.ROOT:
        return this.root(i);
      case Op.TABLE:
        return this.table(i);
      case Op.AFTER:
        return this.after(i);
      case Op.SELECT:
        return this.select(i);
      case Op.EXTENT:
        if (this.frame(i).isVirtual) refuse(i, 'FRAME', 'a virtual table has no items here');
        this.offset(i);
        return;
      case Op.COMPARE_TEXT:
        if (this.frame(i).isVirtual) refuse(i, 'FRAME', 'a virtual table has no items here');
        this.bytes(i);
        this.predicate(i);
        this.pool(i, 0);
        return;
      case Op.COMPARE_NUMBER:
        this.operand(i, 'a number');
        this.predicate(i);
        this.poolOf(i, 16);
        return;
      case Op.COMPARE_FLOAT:
        this.operand(i, 'a float');
        this.predicate(i);
        this.poolOf(i, 8);
        return;
      case Op.COMPARE_STRING: {
        const operand = this.operand(i, 'text');
        this.predicate(i);
        this.pool(i, 4);
        const length = new DataView(this.plan.pool.buffer, this.plan.pool.byteOffset + i.pool, 4).getInt32(0, true);
        if (length < 0 || length > i.poolLength - 4) refuse(i, 'POOL', 'a constant longer than its bytes');
        this.operandText(i, operand);
        return;
      }
      case Op.COMPARE_FIELDS: {
        const one = this.operand(i, 'a field');
        const kind = isText(one.op) ? 'text' : one.op === Op.FLOAT ? 'a float' : 'a number';
        const other = this.operand(i, kind, 'POOL');
        this.predicate(i);
        if (kind === 'text') for (const operand of [one, other]) this.operandText(i, operand);
        return;
      }
      case Op.LIKE:
        this.operandText(i, this.operand(i, 'text'));
        this.isFollowed(i);
        this.pool(i, 0);
        return;
      case Op.IS_NULL: {
        const operand = this.operand(i, 'a field');
        if (isText(operand.op)) this.operandText(i, operand);
        this.isFollowed(i);
        return;
      }
      case Op.AND:
      case Op.OR:
      case Op.NOT:
      case Op.IS_TRUE:
        this.isFollowed(i);
        return;
      default:
        refuse(i, 'OP', 'there is no such operation');
    }
  }

  private root(i: Instruction): void {
    if (i.index !== 0) refuse(i, 'OP', 'only the first instruction is a ROOT');
    if (i.frame !== -1) refuse(i, 'FRAME', 'the records are in no frame');
    if (i.type !== 0) refuse(i, 'TYPE', 'the records are space 0');
    this.make(i, { op: Op.ROOT, parent: null, table: null, space: this.spaces++, isVirtual: false });
  }

  private table(i: Instruction): void {
    const parent = this.frame(i);
    this.offset(i);
    if (i.length < 0 || i.length > MAX_RECORD_LENGTH) refuse(i, 'LENGTH', `${i.length} bytes`);
    if (i.digits < 0 || i.digits > MAX_RECORD_LENGTH) refuse(i, 'DIGITS', `${i.digits} items`);
    if (i.flags & ~(Flag.PADDED | Flag.QUIET)) refuse(i, 'FLAGS', 'no flags of a table');
    const isVirtual = i.type === -1;
    if (!isVirtual && parent.isVirtual) refuse(i, 'TYPE', 'a table inside a virtual one is virtual');
    if (!isVirtual && i.type !== this.spaces) refuse(i, 'TYPE', `the next space is ${this.spaces}`);
    if (i.counter !== -1) {
      const counter = this.operand(i, 'a number');
      if (!enclosesOrIs(this.frames, this.frames[counter.frame]!, parent))
        refuse(i, 'COUNTER', 'is not there for each item');
    }
    if (i.length === 0 && i.flags & Flag.PADDED) refuse(i, 'FLAGS', 'a padded table has elements of one length');
    if (i.length === 0 && (i.poolLength < 0 || i.poolLength > MAX_RECORD_LENGTH))
      refuse(i, 'POOL_LENGTH', `${i.poolLength} bytes`);
    const space = isVirtual ? MAX_FRAMES + this.virtualSpaces++ : this.spaces++;
    this.make(i, { op: Op.TABLE, parent: i.frame, table: i, space, isVirtual });
  }

  private after(i: Instruction): void {
    const behind = this.frame(i);
    if (behind.op !== Op.TABLE) refuse(i, 'FRAME', 'is not a table');
    const table = behind.table!;
    if (table.flags & Flag.PADDED) refuse(i, 'FRAME', 'is a padded table');
    if (this.ended.has(i.frame)) refuse(i, 'FRAME', 'has an AFTER already');
    this.ended.add(i.frame);
    if (table.length === 0 && !this.frames[table.pool])
      refuse(i, 'FRAME', 'the last frame inside its elements comes later');
    const parent = this.frames[table.frame]!;
    this.make(i, { op: Op.AFTER, parent: table.frame, table, space: parent.space, isVirtual: parent.isVirtual });
  }

  private select(i: Instruction): void {
    const parent = this.frame(i);
    if (parent.isVirtual) refuse(i, 'FRAME', 'a virtual table has no items here');
    if (i.pool < 1 || i.pool >= i.index || isPredicate(this.list[i.pool - 1]!.op))
      refuse(i, 'POOL', 'no predicate begins there');
    let depth = 0;
    for (const step of this.list.slice(i.pool, i.index)) {
      if (!isPredicate(step.op)) refuse(i, 'POOL', `instruction ${step.index} is no predicate`);
      if (step.op === Op.AND || step.op === Op.OR) {
        if (--depth < 1) refuse(step, 'OP', 'needs two truth values');
        continue;
      }
      if (step.op === Op.NOT || step.op === Op.IS_TRUE) {
        if (depth < 1) refuse(step, 'OP', 'needs a truth value');
        continue;
      }
      if (++depth > PREDICATE_DEPTH) refuse(step, 'OP', `more than ${PREDICATE_DEPTH} truth values`);
      for (const read of this.framesRead(step)) {
        if (!enclosesOrIs(this.frames, this.frames[read]!, parent)) refuse(step, 'FRAME', 'is not there for each item');
      }
    }
    if (depth !== 1) refuse(i, 'POOL', `its predicate leaves ${depth} truth values`);
    this.make(i, { op: Op.SELECT, parent: i.frame, table: null, space: parent.space, isVirtual: parent.isVirtual });
  }

  private field(i: Instruction): void {
    if (!Object.values(Op).includes(i.op as never)) refuse(i, 'OP', 'there is no such operation');
    const frame = this.frame(i);
    this.bytes(i);
    if (i.flags & ~ALL_FLAGS) refuse(i, 'FLAGS', 'there are no such flags');
    if (i.pool < 0 || i.pool > this.plan.pool.length) refuse(i, 'POOL', 'not inside the pool');
    const digits = this.digits(i);
    if (isText(i.op)) {
      if (i.type !== Type.UTF8) refuse(i, 'TYPE', 'text is UTF8');
    } else if (i.op === Op.FLOAT) {
      const type = i.flags & Flag.IEEE && i.length === 4 ? Type.FLOAT32 : Type.FLOAT64;
      if (i.up !== 0) refuse(i, 'UP', 'a float has no P scaling');
      if (i.type !== type) refuse(i, 'TYPE', 'not the type of this float');
    } else {
      if (i.up < 0 || i.up > 38) refuse(i, 'UP', `${i.up} digits`);
      if (digits + i.up > 38) refuse(i, 'UP', `${digits + i.up} digits; at most 38 are possible`);
      if (!fits(i, digits)) refuse(i, 'TYPE', `does not hold ${digits + i.up} digits`);
    }
    if (i.target === -1) return;
    if (frame.isVirtual) refuse(i, 'FRAME', 'a virtual table has no columns');
    if (i.target < 0 || i.target >= this.plan.code[PlanWord.COLUMNS]!)
      refuse(i, 'TARGET', `there is no column ${i.target}`);
    if (this.columns.has(i.target)) refuse(i, 'TARGET', `column ${i.target} is there twice`);
    this.columns.add(i.target);
  }

  /** Digits that a field's storage can hold; refuses a length that does not go with them. */
  private digits(i: Instruction): number {
    const { digits, length, flags } = i;
    const mustBe = (wanted: number): void => {
      if (digits < 1 || digits > 38) refuse(i, 'DIGITS', `${digits} digits`);
      if (length !== wanted) refuse(i, 'LENGTH', `${digits} digits take ${wanted} bytes`);
    };
    switch (i.op) {
      case Op.TEXT:
        this.pages.single(i);
        return 0;
      case Op.ZONED:
        mustBe(this.width(i) * (digits + (flags & Flag.SEPARATE ? 1 : 0)));
        return digits;
      case Op.PACKED:
        mustBe(flags & Flag.NO_SIGN ? (digits + 1) >> 1 : (digits >> 1) + 1);
        return digits;
      case Op.BINARY:
        if (length > 8) refuse(i, 'LENGTH', `${length} bytes`);
        if (digits < 0 || digits > 38) refuse(i, 'DIGITS', `${digits} digits`);
        if (flags & Flag.LIMITED && (digits < 1 || digits > 19)) refuse(i, 'DIGITS', `${digits} digits`);
        return binaryDigits(length, flags);
      case Op.FLOAT:
        if (length !== 4 && length !== 8) refuse(i, 'LENGTH', `${length} bytes`);
        return 0;
      case Op.EDITED: {
        this.poolOf(i, (3 * length) / this.width(i));
        const positions = this.plan.pool.subarray(i.pool, i.pool + i.poolLength);
        for (let j = 0; j < positions.length; j += 3) {
          if (positions[j]! > Edit.INSERT) refuse(i, 'POOL', `position ${j / 3} has no class`);
        }
        return editedDigits(positions);
      }
      case Op.TEXT_MIXED:
      case Op.TEXT_DBCS:
        this.pages.double(i);
        return 0;
      case Op.TEXT_UTF8:
        if (flags & Flag.LATIN1) refuse(i, 'FLAGS', 'the column holds UTF-8');
        if (digits !== 1) refuse(i, 'DIGITS', `a byte does not become ${digits}`);
        return 0;
      default: // NATIONAL
        if (length % 2 !== 0) refuse(i, 'LENGTH', 'half a character');
        return 0;
    }
  }

  /** Bytes of a character of a number. */
  private width(i: Instruction): number {
    if (!(i.flags & Flag.WIDE)) return 1;
    if (!(i.flags & Flag.ASCII)) refuse(i, 'FLAGS', 'wide characters are ASCII');
    if (i.length % 2 !== 0 || i.length > MAX_WIDE) refuse(i, 'LENGTH', `${i.length} bytes`);
    return 2;
  }

  private frame(i: Instruction): Frame {
    const frame = this.frames[i.frame];
    if (!frame) refuse(i, 'FRAME', `there is no frame ${i.frame} before it`);
    return frame;
  }

  private offset(i: Instruction): number {
    if (i.offset < 0 || i.offset > MAX_RECORD_LENGTH) refuse(i, 'OFFSET', `${i.offset}`);
    return i.offset;
  }

  private bytes(i: Instruction): void {
    this.offset(i);
    if (i.length < 1 || i.length > MAX_RECORD_LENGTH) refuse(i, 'LENGTH', `${i.length} bytes`);
  }

  /** A comparison. */
  private predicate(i: Instruction): void {
    this.isFollowed(i);
    if (i.digits < Cmp.EQ || i.digits > Cmp.GE) refuse(i, 'DIGITS', `${i.digits} is no comparison`);
    if (i.up < 0 || i.up > 255) refuse(i, 'UP', `${i.up} is not a byte`);
  }

  /** The frames that a comparison reads at. */
  private framesRead(i: Instruction): number[] {
    if (i.op === Op.COMPARE_TEXT) return [i.frame];
    const frames = [this.list[i.counter]!.frame];
    if (i.op === Op.COMPARE_FIELDS) frames.push(this.list[i.pool]!.frame);
    return frames;
  }

  private operand(
    i: Instruction,
    kind: 'a number' | 'a float' | 'text' | 'a field',
    word: 'COUNTER' | 'POOL' = 'COUNTER',
  ): Instruction {
    const index = word === 'COUNTER' ? i.counter : i.pool;
    const field = index < i.index ? this.list[index] : undefined;
    if (!field || !isField(field.op)) refuse(i, word, 'is not a field before it');
    const own = isText(field.op) ? 'text' : field.op === Op.FLOAT ? 'a float' : 'a number';
    if (kind !== 'a field' && own !== kind) refuse(i, word, `is not ${kind}`);
    return field;
  }

  /** A text operand becomes UTF-8, not too much of it. */
  private operandText(i: Instruction, operand: Instruction): void {
    if (operand.flags & Flag.LATIN1) refuse(i, 'COUNTER', 'is not read as UTF-8');
    if (textCapacity(operand) > MAX_OPERAND_TEXT) refuse(i, 'COUNTER', `is longer than ${MAX_OPERAND_TEXT} bytes`);
  }

  /** Predicates stand one behind the other before the SELECT that they are for. */
  private isFollowed(i: Instruction): void {
    const next = this.list[i.index + 1];
    if (!next || !(isPredicate(next.op) || next.op === Op.SELECT)) refuse(i, 'OP', 'a predicate ends in a SELECT');
  }

  private pool(i: Instruction, least: number): void {
    checkPool(this.plan, i, least);
  }

  private poolOf(i: Instruction, length: number): void {
    this.pool(i, length);
    if (i.poolLength !== length) refuse(i, 'POOL_LENGTH', `${i.poolLength} bytes; ${length} are needed`);
  }

  private make(i: Instruction, frame: Omit<Frame, 'number' | 'base' | 'hasRows' | 'instruction'>): void {
    const number = this.frames.length;
    if (i.target !== number) refuse(i, 'TARGET', `the next frame is ${number}`);
    if (number >= this.plan.code[PlanWord.FRAMES]!) refuse(null, 'FRAMES', 'there are more');
    const parent = frame.parent === null ? null : this.frames[frame.parent]!;
    this.frames.push({
      ...frame,
      number,
      base: frame.op === Op.SELECT ? parent!.base : number,
      hasRows: frame.op === Op.SELECT || (parent?.hasRows === true && (frame.op === Op.AFTER || i.counter < 0)),
      instruction: i,
    });
  }
}

function fits(i: Instruction, digits: number): boolean {
  if (i.op === Op.BINARY && i.up === 0) {
    const signed = (i.flags & Flag.SIGNED) !== 0;
    if (i.type === Type.INT32) return i.length < 4 || (i.length === 4 && signed);
    if (i.type === Type.INT64) return i.length < 8 || signed;
    return i.type === Type.DECIMAL128;
  }
  const most = i.type === Type.INT32 ? 9 : i.type === Type.INT64 ? 18 : i.type === Type.DECIMAL128 ? 38 : 0;
  return digits + i.up <= most;
}
