/**
 * Faults of a batch: from bad bits back to record, field path with subscripts, bytes and reason.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Records } from '../engine/engine.js';
import { FRAME_WIDTH, FrameWord, badOf, faultsOf } from '../engine/slab.js';
import { OverpunchError } from '../errors.js';
import type { Fault } from '../options.js';
import { Op } from '../plan/opcodes.js';
import { type Instruction, columnCount, frameCount, instruction, instructions } from '../plan/plan.js';
import type { FieldNode, GroupNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import type { Batch } from './batch.js';
import { bit } from './views.js';
import { counterReason, reasonFor } from './reasons.js';

/** A fault with the row that it is in. */
export interface RowFault extends Fault {
  readonly row: number;
}

/** Where a batch's bytes came from. */
export interface Origin {
  readonly records: Records;
  /** Offset in the source of the first byte of `records.data`. */
  readonly base: number;
}

const HEX_BYTES = 64;

const faultsOfRow = new WeakMap<object, readonly Fault[]>();

/** What was bad in a record that came as an object: empty for a good one. */
export function faults(row: object): readonly Fault[] {
  return faultsOfRow.get(row) ?? [];
}

/** Ties faults to the object made of their row. */
export function remember(row: object, own: readonly RowFault[]): void {
  faultsOfRow.set(row, own.map(withoutRow));
}

/**
 * Ties faults to the objects made of a batch's rows from `first` on. `next`: the first of `list` that may be theirs;
 * answers the same for the rows that follow.
 */
export function rememberFaults(
  rows: readonly object[],
  first: number,
  list: readonly RowFault[],
  next: number,
): number {
  while (next < list.length && list[next]!.row < first + rows.length) {
    const { row } = list[next]!;
    const from = next;
    while (next < list.length && list[next]!.row === row) next++;
    remember(rows[row - first]!, list.slice(from, next));
  }
  return next;
}

export function withoutRow({ record, offset, field, reason, hex }: RowFault): Fault {
  return { record, offset, field, reason, hex };
}

/** How many values and counters were bad in this batch. */
export function countFaults({ plan, slab: { head } }: Batch): number {
  let count = 0;
  for (let column = 0, at = badOf(plan, 0); column < columnCount(plan); column++, at += 2) count += head[at]!;
  for (let frame = 0, at = faultsOf(plan, 0); frame < frameCount(plan); frame++, at++) count += head[at]!;
  return count;
}

/** All faults in order of records and, within one, of the copybook. Only to be called where `countFaults` is not 0. */
export function listFaults(batch: Batch, origin: Origin): RowFault[] {
  const found: RowFault[] = [];
  new Finder(batch, origin, found).run();
  return found
    .map((fault, i) => ({ fault, i }))
    .sort((a, b) => a.fault.row - b.fault.row || a.i - b.i)
    .map(({ fault }) => fault);
}

/** A value of a field that could be read and yet is no good for something: where it is, as for a bad one. `slot` is of the field's space. */
export function faultOf(batch: Batch, origin: Origin, field: FieldNode, slot: number, reason: string): RowFault {
  const found: RowFault[] = [];
  new Finder(batch, origin, found).single(field, slot, reason);
  return found[0]!;
}

/** The tables around a place in the schema, outermost first. */
interface Level {
  readonly list: ListNode;
  readonly outer: Level | null;
  /** Slots of the items' space. */
  readonly slots: number;
  /** For a counted table: where each outer slot's items begin. */
  readonly offsets: Int32Array | null;
}

class Finder {
  private readonly tables = new Map<number, Instruction>();
  private readonly frames = new Map<number, Instruction>();
  private readonly seen = new Set<number>();
  /** By space; null for the records'. */
  private readonly levels = new Map<number, Level | null>();

  constructor(
    private readonly batch: Batch,
    private readonly origin: Origin,
    private readonly found: RowFault[],
  ) {
    for (const step of instructions(batch.plan)) {
      if (step.op === Op.ROOT || step.op === Op.TABLE || step.op === Op.AFTER || step.op === Op.SELECT) {
        this.frames.set(step.target, step);
        if (step.op === Op.TABLE && step.counter >= 0) this.tables.set(step.target, step);
      }
    }
  }

  run(): void {
    this.levels.set(0, null);
    this.walk(this.batch.schema, null, this.batch.length);
    // counters of tables that are only measured
    for (const table of this.tables.values()) {
      const level = this.levels.get(this.spaceOf(table.frame));
      if (this.seen.has(table.target) || level === undefined) continue;
      const path = this.batch.schema.tables[table.target] ?? 'a table';
      this.counters(table, path, level, level ? level.slots : this.batch.length);
    }
  }

  single(field: FieldNode, slot: number, reason: string): void {
    const find = (node: Schema | SchemaNode, level: Level | null, slots: number): void => {
      if (node === field) {
        const step = instruction(this.batch.plan, field.instruction);
        const { row, path } = this.place(field.path, level, slot);
        const start = this.position(step.frame, slot) + step.offset;
        this.add(row, start, path, reason, this.bytes(start, Math.min(step.length, this.end(row) - start)));
      } else if (!('node' in node) || node.node === 'group') {
        for (const child of (node as Schema | GroupNode).children) find(child, level, slots);
      } else if (node.node === 'list') {
        const offsets = node.size < 0 ? this.batch.listOffsets(node.frame, slots) : null;
        const inner = this.batch.slots(node.space);
        find(node.element, { list: node, outer: level, slots: inner, offsets }, inner);
      }
    };
    find(this.batch.schema, null, this.batch.length);
  }

  private walk(node: Schema | SchemaNode, level: Level | null, slots: number): void {
    if (!('node' in node) || node.node === 'group') {
      for (const child of (node as Schema | GroupNode).children) this.walk(child, level, slots);
    } else if (node.node === 'field') {
      this.field(node, level, slots);
    } else {
      const table = this.tables.get(node.frame);
      if (table) this.counters(table, node.path, level, slots);
      const inner = this.batch.slots(node.space);
      const offsets = node.size < 0 ? this.batch.listOffsets(node.frame, slots) : null;
      const items = { list: node, outer: level, slots: inner, offsets };
      this.levels.set(node.space, items);
      this.walk(node.element, items, inner);
    }
  }

  private field(node: FieldNode, level: Level | null, slots: number): void {
    const { batch } = this;
    if (batch.slab.head[badOf(batch.plan, node.column)] === 0) return;
    const { bad } = batch.column(node, slots);
    const step = instruction(batch.plan, node.instruction);
    for (let slot = 0; slot < slots; slot++) {
      if (!bit(bad, slot)) continue;
      const { row, path } = this.place(node.path, level, slot);
      const start = this.position(step.frame, slot) + step.offset;
      const bytes = this.bytes(start, Math.min(step.length, this.end(row) - start));
      this.add(row, start, path, reasonFor(step, bytes), bytes);
    }
  }

  private counters(table: Instruction, path: string, level: Level | null, slots: number): void {
    const { batch } = this;
    this.seen.add(table.target);
    if (batch.slab.head[faultsOf(batch.plan, table.target)] === 0) return;
    const bits = batch.counterFaults(table.target, slots);
    const counter = instruction(batch.plan, table.counter);
    for (let slot = 0; slot < slots; slot++) {
      if (!bit(bits, slot)) continue;
      const { row, path: where } = this.place(path, level, slot);
      const start = this.position(counter.frame, this.outwards(counter.frame, slot, level)) + counter.offset;
      const bytes = this.bytes(start, Math.min(counter.length, this.end(row) - start));
      this.add(row, start, where, counterReason(table.digits), bytes);
    }
  }

  private add(row: number, start: number, field: string, reason: string, bytes: Uint8Array): void {
    const { batch, origin } = this;
    const record = batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row;
    const hex = Buffer.from(bytes.subarray(0, HEX_BYTES)).toString('hex').toUpperCase();
    this.found.push({ row, record, offset: origin.base + start, field, reason, hex });
  }

  /** The row of a slot, and the path with 1-based subscripts after the tables' own names. */
  private place(path: string, level: Level | null, slot: number): { row: number; path: string } {
    const names = path.split('.');
    let at = slot;
    for (let here = level; here; here = here.outer) {
      const outer = outerSlot(here, at);
      const index = here.offsets ? at - here.offsets[outer]! : at - outer * here.list.size;
      names[here.list.path.split('.').length - 1] += `(${index + 1})`;
      at = outer;
    }
    return { row: at, path: names.join('.') };
  }

  /** The slot of `frame`'s space that encloses `slot` of the space of `level`. */
  private outwards(frame: number, slot: number, level: Level | null): number {
    const space = this.spaceOf(frame);
    let at = slot;
    for (let here = level; here && here.list.space !== space; here = here.outer) at = outerSlot(here, at);
    return at;
  }

  private spaceOf(frame: number): number {
    const step = this.frames.get(frame)!;
    if (step.op === Op.ROOT || step.op === Op.TABLE) return step.type;
    return this.spaceOf(step.op === Op.AFTER ? this.frames.get(step.frame)!.frame : step.frame);
  }

  /** Byte offset in the data of an item of a frame. */
  private position(frame: number, slot: number): number {
    const step = this.frames.get(frame)!;
    if (step.op === Op.SELECT) return this.position(step.frame, slot);
    if (step.op === Op.ROOT) {
      const { starts, first, stride } = this.origin.records;
      return starts ? starts[first + slot]! : first + slot * stride;
    }
    const { slab } = this.batch;
    const place = slab.layout.table[frame * FRAME_WIDTH + FrameWord.POSITIONS]!;
    return new Uint32Array(slab.bytes.buffer, place + slot * 4, 1)[0]!;
  }

  private end(row: number): number {
    const { ends, first, stride } = this.origin.records;
    return ends ? ends[first + row]! : first + (row + 1) * stride;
  }

  private bytes(start: number, length: number): Uint8Array {
    return this.origin.records.data.subarray(start, start + Math.max(0, length));
  }
}

/** The slot of the enclosing space: by division for a fixed table, by search in the list offsets for a counted one. */
function outerSlot({ list, offsets }: Level, slot: number): number {
  if (!offsets) return Math.floor(slot / list.size);
  let low = 0;
  let high = offsets.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle]! <= slot) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The error of `onBadData: 'throw'`. */
export function badData(fault: Fault): OverpunchError {
  return new OverpunchError('OVP_DATA_BAD', `${fault.field}: ${fault.reason}; the bytes are x'${fault.hex}'`, {
    data: { record: fault.record, offset: fault.offset },
  });
}
