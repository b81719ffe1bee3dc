/**
 * From frames and fields as objects to a plan's words: drops every frame that nothing needs, numbers the rest in the
 * order in which they were made, and writes instructions and pool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FieldCode, Frame, PredicateCode, TableFrame } from './frames.js';
import { Op, PLAN_VERSION, W, WIDTH } from './opcodes.js';
import { PLAN_HEADER, PLAN_MAGIC, PlanWord } from './plan.js';

export interface Extent {
  readonly frame: Frame;
  readonly offset: number;
}

export interface Assembled {
  readonly code: Int32Array;
  readonly pool: Uint8Array;
  /** Numbers of the frames that were kept. */
  readonly frames: ReadonlyMap<Frame, number>;
  readonly spaces: ReadonlyMap<TableFrame, number>;
  /** Index of the instruction of each column. */
  readonly instructions: readonly number[];
}

/** `made`: all frames in order; `kept`: those wanted besides the columns' own. */
export function assemble(
  made: readonly Frame[],
  columns: readonly FieldCode[],
  extents: readonly Extent[],
  kept: readonly Frame[],
  recordLength: number,
): Assembled {
  const needed = reachable([...columns.map((field) => field.frame), ...kept]);
  const writer = new Writer();
  for (const frame of made) if (needed.has(frame)) writer.frame(frame);
  for (const { frame, offset } of extents) if (needed.has(frame)) writer.extent(frame, offset);
  const instructions = columns.map((field, column) => writer.field(field, column));
  return { ...writer.finish(columns.length, recordLength), instructions };
}

/** Everything that these frames need, themselves included. */
function reachable(from: readonly Frame[]): Set<Frame> {
  const seen = new Set<Frame>();
  const open = [...from];
  for (let frame = open.pop(); frame; frame = open.pop()) {
    if (seen.has(frame)) continue;
    seen.add(frame);
    if (frame.kind === 'after') open.push(frame.behind);
    else if (frame.kind !== 'root') open.push(frame.parent);
    if (frame.kind === 'table') {
      if (frame.problem) throw frame.problem;
      if (frame.counter) open.push(frame.counter.frame);
      if (frame.last) open.push(frame.last);
    }
    if (frame.kind === 'select') {
      for (const step of frame.predicate) {
        if (step.frame) open.push(step.frame);
        if (step.operand) open.push(step.operand.frame);
        if (step.other) open.push(step.other.frame);
      }
    }
  }
  return seen;
}

class Writer {
  private readonly rows: number[][] = [];
  private readonly frames = new Map<Frame, number>();
  private readonly spaces = new Map<TableFrame, number>();
  private readonly operands = new Map<FieldCode, number>();
  /** Tables with elements of different length, whose inner frames have no numbers yet. */
  private readonly measured: { readonly row: number; readonly table: TableFrame }[] = [];
  private spaceCount = 1;
  private readonly constants: Uint8Array[] = [];
  private readonly places = new Map<Uint8Array, number>();
  private poolLength = 0;

  frame(frame: Frame): void {
    switch (frame.kind) {
      case 'root':
        this.write({ OP: Op.ROOT, FRAME: -1, TARGET: this.number(frame), TYPE: 0 });
        return;
      case 'table':
        this.table(frame);
        return;
      case 'after':
        this.write({ OP: Op.AFTER, FRAME: this.frames.get(frame.behind)!, TARGET: this.number(frame) });
        return;
      case 'select': {
        for (const { operand, other } of frame.predicate) {
          if (operand) this.operand(operand);
          if (other) this.operand(other);
        }
        const first = this.rows.length;
        for (const step of frame.predicate) this.predicate(step);
        this.write({ OP: Op.SELECT, FRAME: this.frames.get(frame.parent)!, TARGET: this.number(frame), POOL: first });
      }
    }
  }

  extent(frame: Frame, offset: number): void {
    this.write({ OP: Op.EXTENT, FRAME: this.frames.get(frame)!, OFFSET: offset });
  }

  /** Returns the index of the instruction. */
  field(field: FieldCode, column: number): number {
    return this.write({
      OP: field.op,
      FRAME: this.frames.get(field.frame)!,
      OFFSET: field.offset,
      LENGTH: field.length,
      TARGET: column,
      DIGITS: field.digits,
      UP: field.up,
      FLAGS: field.flags,
      TYPE: field.type,
      ...this.constant(field.pool),
    });
  }

  finish(columns: number, recordLength: number): Omit<Assembled, 'instructions'> {
    for (const { row, table } of this.measured) {
      this.rows[row]![W.POOL] = this.frames.get(table.last!)!;
      this.rows[row]![W.POOL_LENGTH] = table.tail;
    }
    const code = new Int32Array(PLAN_HEADER + this.rows.length * WIDTH);
    code[PlanWord.MAGIC] = PLAN_MAGIC;
    code[PlanWord.VERSION] = PLAN_VERSION;
    code[PlanWord.INSTRUCTIONS] = this.rows.length;
    code[PlanWord.FRAMES] = this.frames.size;
    code[PlanWord.SPACES] = this.spaceCount;
    code[PlanWord.COLUMNS] = columns;
    code[PlanWord.LENGTH] = recordLength;
    code[PlanWord.POOL] = this.poolLength;
    this.rows.forEach((row, i) => code.set(row, PLAN_HEADER + i * WIDTH));
    const pool = new Uint8Array(this.poolLength);
    for (const bytes of this.constants) pool.set(bytes, this.places.get(bytes)!);
    return { code, pool, frames: this.frames, spaces: this.spaces };
  }

  private table(table: TableFrame): void {
    const { item, counter } = table;
    const counterIndex = counter ? this.operand(counter) : -1;
    const frame = this.number(table);
    const kept = table.needed && !this.isVirtual(table.parent);
    if (kept) this.spaces.set(table, this.spaceCount);
    const row = this.write({
      OP: Op.TABLE,
      FRAME: this.frames.get(table.parent)!,
      OFFSET: item.offset - table.parent.origin,
      LENGTH: table.last ? 0 : item.stride,
      TARGET: frame,
      DIGITS: item.occurs!.max,
      UP: Math.min(item.occurs!.min, item.occurs!.max),
      FLAGS: table.flags,
      TYPE: kept ? this.spaceCount++ : -1,
      COUNTER: counterIndex,
    });
    if (table.last) this.measured.push({ row, table });
  }

  private isVirtual(frame: Frame): boolean {
    return frame.table !== null && !this.spaces.has(frame.table);
  }

  private operand(field: FieldCode): number {
    const index = this.field(field, -1);
    this.operands.set(field, index);
    return index;
  }

  private predicate(step: PredicateCode): void {
    this.write({
      OP: step.op,
      FRAME: step.frame ? this.frames.get(step.frame)! : 0,
      OFFSET: step.offset,
      LENGTH: step.length,
      DIGITS: step.cmp,
      UP: step.pad,
      FLAGS: step.flags,
      COUNTER: step.operand ? this.operands.get(step.operand)! : -1,
      ...(step.other ? { POOL: this.operands.get(step.other)! } : this.constant(step.pool)),
    });
  }

  private number(frame: Frame): number {
    this.frames.set(frame, this.frames.size);
    return this.frames.size - 1;
  }

  private constant(bytes: Uint8Array | null): { POOL: number; POOL_LENGTH: number } {
    if (!bytes) return { POOL: 0, POOL_LENGTH: 0 };
    let place = this.places.get(bytes);
    if (place === undefined) {
      place = this.poolLength;
      this.places.set(bytes, place);
      this.constants.push(bytes);
      this.poolLength += Math.ceil(bytes.length / 4) * 4;
    }
    return { POOL: place, POOL_LENGTH: bytes.length };
  }

  private write(words: Partial<Record<keyof typeof W, number>>): number {
    const row = new Array<number>(WIDTH).fill(0);
    for (const name in words) row[W[name as keyof typeof W]] = words[name as keyof typeof W]!;
    return this.rows.push(row) - 1;
  }
}
