/**
 * Builds the frames of a block: positions of every item, counts of every table. Nothing is written to the slab before
 * all frames of the block are known to fit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, Op, TILE } from '../../plan/opcodes.js';
import type { Plan } from '../../plan/plan.js';
import { FRAME_WIDTH, FrameWord, faultsOf } from '../slab.js';
import { appendFill, appendWhere } from './bitmap.js';
import type { Checked } from './check.js';
import { Counter, Operand } from './operand.js';
import { Predicate } from './predicate.js';
import type { Frame } from './shape.js';
import { NOWHERE, Spaces, roomFor } from './spaces.js';
import type { Views } from './store.js';

/** A table while blocks are decoded. */
interface Table {
  readonly counter: Counter | null;
  /** By slot of the parent's space: items, 1 where the counter was bad, the end of the last item. */
  counts: Int32Array;
  faults: Uint8Array;
  ends: Int32Array;
  faultCount: number;
}

export class Frames {
  readonly spaces: Spaces;
  /** After `build` answered false: the frame whose items have no room, and the slots it would have needed. */
  fullFrame = 0;
  fullSlots = 0;
  private readonly frames: readonly Frame[];
  private readonly walks: readonly (readonly number[] | null)[];
  private readonly tables: (Table | null)[];
  private readonly predicates: (Predicate | null)[];
  /** Slots 0, 1, 2, ...: the rows of a frame all of whose slots are live. */
  private all: Int32Array = new Int32Array(0);
  private selected = new Uint8Array(0);
  // While an element is measured: positions of the frames inside it, and what it belongs to.
  private readonly current: Int32Array;
  private topFrame = 0;
  private topSlot = 0;
  private topSpace = 0;
  private topEnd = 0;

  constructor(
    private readonly plan: Plan,
    checked: Checked,
    private readonly capacities: readonly number[],
    private readonly places: Int32Array,
  ) {
    const { frames, instructions } = checked;
    this.frames = frames;
    this.walks = checked.shape.walks;
    this.spaces = new Spaces(frames);
    this.current = new Int32Array(frames.length);
    const operand = (index: number): Operand => {
      const field = instructions[index]!;
      const frame = frames[frames[field.frame]!.base]!;
      return new Operand(plan, field, frame.number, frame.space);
    };
    this.tables = frames.map(({ op, table }) =>
      op !== Op.TABLE
        ? null
        : {
            counter: table!.counter < 0 ? null : new Counter(operand(table!.counter), table!.digits),
            counts: new Int32Array(0),
            faults: new Uint8Array(0),
            ends: new Int32Array(0),
            faultCount: 0,
          },
    );
    this.predicates = frames.map((frame) =>
      frame.op === Op.SELECT && !frame.isVirtual
        ? new Predicate(plan, instructions.slice(frame.instruction.pool, frame.instruction.index), frames)
        : null,
    );
  }

  reset(): void {
    this.spaces.reset();
    for (const table of this.tables) if (table) table.faultCount = 0;
  }

  /** Room for n records; the caller fills the root's positions and ends. False when they do not fit the slab. */
  root(n: number): boolean {
    const { spaces } = this;
    const space = spaces.list[0];
    spaces.positions[0] = roomFor(spaces.positions[0], n);
    space.ends = roomFor(space.ends, n);
    space.count = n;
    return this.hasRoom(0, 0, n);
  }

  /** Builds all frames but the root, in plan order. False when a space has no room for the block. */
  build(data: Uint8Array): boolean {
    for (const frame of this.frames) {
      // inside a virtual table frames exist only while it is measured
      if (frame.op === Op.ROOT || (frame.parent !== null && this.frames[frame.parent]!.isVirtual)) continue;
      if (frame.op === Op.TABLE) {
        if (!this.table(data, frame)) return false;
      } else if (frame.op === Op.AFTER) this.after(frame);
      else this.select(data, frame);
    }
    return true;
  }

  /** Writes what the slab keeps of the block's frames, and takes the block as done. */
  commit(out: Views): void {
    const { places, spaces } = this;
    for (const frame of this.frames) {
      const place = frame.number * FRAME_WIDTH;
      const parent = frame.parent === null || this.frames[frame.parent]!.isVirtual ? null : this.frames[frame.parent]!;
      if (parent === null) continue;
      const parentSpace = spaces.list[parent.space];
      if (places[place + FrameWord.POSITIONS] >= 0 && !frame.isVirtual) {
        const { base, count } = spaces.list[frame.space];
        const to = (places[place + FrameWord.POSITIONS] >> 2) + base;
        const positions = spaces.positions[frame.number];
        for (let i = 0; i < count; i++) out.words[to + i] = positions[i] === NOWHERE ? 0 : positions[i];
      }
      if (frame.op === Op.SELECT) this.commitSelection(out, frame.number, places[place + FrameWord.VALIDITY]);
      const table = this.tables[frame.number];
      if (!table || table.counter === null) continue;
      if (places[place + FrameWord.LIST_OFFSETS] >= 0 && !frame.isVirtual) {
        const to = (places[place + FrameWord.LIST_OFFSETS] >> 2) + parentSpace.base + 1;
        let end = spaces.list[frame.space].base;
        for (let i = 0; i < parentSpace.count; i++) {
          end += table.counts[i];
          out.words[to + i] = end;
        }
      }
      const faults = places[place + FrameWord.FAULTS];
      table.faultCount += appendWhere(out.bytes, faults, parentSpace.base, parentSpace.count, table.faults, 0, 1);
    }
  }

  /** Makes the block's slots those before the next one. */
  advance(): void {
    for (const space of this.spaces.list) {
      space.base += space.count;
      space.count = 0;
    }
  }

  /** Writes the first offset of each list, and after the last block the counts of faults. */
  begin(out: Views): void {
    for (const frame of this.frames) {
      const place = this.places[frame.number * FRAME_WIDTH + FrameWord.LIST_OFFSETS];
      if (place >= 0) out.words[place >> 2] = 0;
    }
  }

  finish(out: Views): void {
    this.tables.forEach((table, frame) => {
      if (table) out.words[faultsOf(this.plan, frame)] = table.faultCount;
    });
  }

  private hasRoom(frame: number, space: number, slots: number): boolean {
    const needed = this.spaces.list[space].base + slots;
    if (needed <= this.capacities[space]) return true;
    this.fullFrame = frame;
    this.fullSlots = Math.min(needed, 0x7fffffff);
    return false;
  }

  /** The live rows of a frame. */
  private rowsOf(frame: number, count: number): Int32Array {
    const rows = this.spaces.rows[frame];
    if (rows) return rows;
    if (this.all.length < count) {
      this.all = roomFor(this.all, count);
      for (let i = 0; i < this.all.length; i++) this.all[i] = i;
    }
    return this.all;
  }

  private liveCount(frame: Frame): number {
    return this.spaces.rows[frame.number] ? this.spaces.rowCounts[frame.number] : this.spaces.list[frame.space].count;
  }

  private table(data: Uint8Array, frame: Frame): boolean {
    const { spaces } = this;
    const parent = this.frames[frame.parent!]!;
    const parentSpace = spaces.list[parent.space];
    const rows = this.rowsOf(parent.number, parentSpace.count);
    const live = this.liveCount(parent);
    const table = this.tables[frame.number]!;
    const { digits: max, offset, length } = frame.table!;
    table.counts = roomFor(table.counts, parentSpace.count);
    table.ends = roomFor(table.ends, parentSpace.count);
    const { counts } = table;
    let total = parentSpace.count * max;
    if (table.counter) total = this.count(data, frame, table, rows, live);
    else {
      counts.fill(0, 0, parentSpace.count);
      for (let k = 0; k < live; k++) counts[rows[k]] = max;
    }
    if (!frame.isVirtual) {
      if (!this.hasRoom(frame.number, frame.space, total)) return false;
      this.makeRoom(frame, total);
    }
    const starts = spaces.positions[parent.base];
    const { ends: recordEnds } = parentSpace;
    const positions = spaces.positions[frame.number];
    const isFixed = table.counter === null;
    const space = frame.isVirtual ? null : spaces.list[frame.space];
    const liveRows = spaces.rows[frame.number];
    let next = 0;
    let liveItems = 0;
    let row = 0;
    for (let slot = 0; slot < parentSpace.count; slot++) {
      const isLive = row < live && rows[row] === slot;
      let at = isLive ? starts[slot] + offset : NOWHERE;
      const end = recordEnds[slot];
      if (isLive) row++;
      const items = counts[slot];
      if (!space && length > 0) {
        table.ends[slot] = isLive ? at + items * length : NOWHERE;
        continue;
      }
      if (length === 0) {
        this.topFrame = frame.number;
        this.topSlot = slot;
        this.topSpace = parent.space;
        this.topEnd = end;
      }
      for (let k = 0; k < items; k++) {
        if (space) {
          if (liveRows) liveRows[liveItems++] = next;
          positions[next] = at;
          space.owners[next] = slot;
          space.ends[next++] = end;
        }
        at = length > 0 ? at + length : this.elementEnd(data, frame, at);
      }
      table.ends[slot] = at;
      if (!isFixed || isLive || !space) continue;
      for (let k = 0; k < max; k++) {
        positions[next] = NOWHERE;
        space.owners[next] = slot;
        space.ends[next++] = end;
      }
    }
    spaces.rowCounts[frame.number] = liveItems;
    return true;
  }

  private makeRoom(frame: Frame, slots: number): void {
    const { spaces } = this;
    const space = spaces.list[frame.space];
    space.count = slots;
    space.owners = roomFor(space.owners, slots);
    space.ends = roomFor(space.ends, slots);
    spaces.positions[frame.number] = roomFor(spaces.positions[frame.number], slots);
    const rows = spaces.rows[frame.number];
    if (rows) spaces.rows[frame.number] = roomFor(rows, slots);
  }

  /** Reads a table's counters for the parent's live rows; the sum of its items. */
  private count(data: Uint8Array, frame: Frame, table: Table, rows: Int32Array, live: number): number {
    const parent = this.frames[frame.parent!]!;
    const slots = this.spaces.list[parent.space].count;
    const { counts } = table;
    const counter = table.counter!;
    if (table.faults.length < slots) table.faults = new Uint8Array(counts.length);
    counts.fill(0, 0, slots);
    table.faults.fill(0, 0, slots);
    const quiet = (frame.table!.flags & Flag.QUIET) !== 0;
    let total = 0;
    for (let from = 0; from < live; from += TILE) {
      const n = Math.min(TILE, live - from);
      counter.operand.read(data, this.spaces, parent.space, rows, from, n);
      for (let k = 0; k < n; k++) {
        let items = counter.items(k);
        if (items < 0) {
          items = ~items;
          if (!quiet) table.faults[rows[from + k]] = 1;
        }
        counts[rows[from + k]] = items;
        total += items;
      }
    }
    return total;
  }

  /** Where an element at this position ends. The top fields say what is being measured. */
  private elementEnd(data: Uint8Array, frame: Frame, position: number): number {
    const { current, frames } = this;
    current[frame.number] = position;
    for (const step of this.walks[frame.number]!) {
      const table = frames[step]!.table!;
      let at = current[frames[frames[step]!.parent!]!.base] + table.offset;
      const items = table.counter < 0 ? table.digits : this.countInside(data, table.target);
      if (table.length > 0) at += items * table.length;
      else for (let k = 0; k < items; k++) at = this.elementEnd(data, frames[table.target]!, at);
      current[step] = at;
    }
    return current[frames[frame.table!.pool]!.base] + frame.table!.poolLength;
  }

  /** Items of a table inside the element that is being measured. Its faults are counted when its frame is built. */
  private countInside(data: Uint8Array, table: number): number {
    const counter = this.tables[table]!.counter!;
    const { operand } = counter;
    const isInside = operand.frame >= this.topFrame;
    const position = isInside
      ? this.current[operand.frame]
      : this.spaces.positions[operand.frame][this.spaces.climb(this.topSlot, this.topSpace, operand.space)];
    operand.readOne(data, position, this.topEnd);
    const items = counter.items(0);
    return items < 0 ? ~items : items;
  }

  private after(frame: Frame): void {
    const { spaces } = this;
    spaces.positions[frame.number] = this.tables[frame.table!.target]!.ends;
    if (!spaces.rows[frame.number]) return;
    spaces.rows[frame.number] = spaces.rows[frame.parent!];
    spaces.rowCounts[frame.number] = spaces.rowCounts[frame.parent!];
  }

  private select(data: Uint8Array, frame: Frame): void {
    const { spaces } = this;
    const parent = this.frames[frame.parent!]!;
    const { count } = spaces.list[frame.space];
    const rows = this.rowsOf(parent.number, count);
    const live = this.liveCount(parent);
    const chosen = roomFor(spaces.rows[frame.number]!, live);
    const predicate = this.predicates[frame.number]!;
    let n = 0;
    for (let from = 0; from < live; from += TILE) {
      const size = Math.min(TILE, live - from);
      const truth = predicate.run(data, spaces, frame.space, rows, from, size);
      for (let k = 0; k < size; k++) if (truth[k] === 2) chosen[n++] = rows[from + k];
    }
    spaces.rows[frame.number] = chosen;
    spaces.rowCounts[frame.number] = n;
    spaces.positions[frame.number] = spaces.positions[parent.base];
  }

  private commitSelection(out: Views, frame: number, place: number): void {
    const { base, count } = this.spaces.list[this.frames[frame]!.space];
    const n = this.spaces.rowCounts[frame];
    if (n === count || n === 0) {
      appendFill(out.bytes, place, base, count, n > 0);
      return;
    }
    if (this.selected.length < count) this.selected = new Uint8Array(count);
    const { selected } = this;
    selected.fill(0, 0, count);
    const rows = this.spaces.rows[frame]!;
    for (let k = 0; k < n; k++) selected[rows[k]] = 1;
    appendWhere(out.bytes, place, base, count, selected, 0, 1);
  }
}
