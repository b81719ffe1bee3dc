/**
 * Runs a plan over records: block by block, first the frames, then field by field. The mirror of native/core/engine.c;
 * ARCHITECTURE.md has the rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { BLOCK, Flag, Op, TILE } from '../../plan/opcodes.js';
import { type Instruction, type Plan, frameCount, isField, spaceCount } from '../../plan/plan.js';
import type { Decoder, Records } from '../engine.js';
import {
  COLUMN_WIDTH,
  ColumnWord,
  FRAME_WIDTH,
  FULL,
  Head,
  type Slab,
  type SlabLayout,
  absentOf,
  badOf,
  slotsOf,
} from '../slab.js';
import { type Checked, checkPlan } from './check.js';
import { Frames } from './frames.js';
import { isText, numberKernelOf, textKernelOf } from './kernel.js';
import { checkPlaces } from './places.js';
import { Reader, checkRecords } from './records.js';
import type { Spaces } from './spaces.js';
import { type ColumnPlace, Views, storeNumbers, storeTexts } from './store.js';
import { type NumberKernel, State, type TextKernel, Tile, spread, spreadText } from './tile.js';

/** A field with its column. */
interface Field {
  readonly column: ColumnPlace;
  readonly index: number;
  readonly number: NumberKernel | null;
  readonly text: TextKernel | null;
}

interface FieldsOfFrame {
  readonly frame: number;
  readonly space: number;
  readonly fields: readonly Field[];
}

interface Extent {
  readonly frame: number;
  readonly space: number;
  readonly offset: number;
}

export class TsDecoder implements Decoder {
  private readonly plan: Plan;
  private readonly frames: Frames;
  private readonly spaces: Spaces;
  private readonly groups: readonly FieldsOfFrame[];
  private readonly columns: readonly Field[];
  private readonly extents: readonly Extent[];
  private short = 0;
  private long = 0;
  private slab: Uint8Array | null = null;
  private out: Views | null = null;
  private readonly reader = new Reader();
  // The live items of the current tile: positions, ends of their records, slots in the tile.
  private readonly tile = new Tile();
  private readonly at = new Int32Array(TILE);
  private readonly ends = new Int32Array(TILE);
  private readonly slots = new Int32Array(TILE);
  private n = 0;
  // Those of them that lie wholly in their record, where not all do.
  private readonly wholeAt = new Int32Array(TILE);
  private readonly wholeSlots = new Int32Array(TILE);
  private readonly lengths = new Int32Array(TILE);
  private readonly others = new Uint8Array(TILE);

  constructor(readonly layout: SlabLayout) {
    const checked = checkPlan(layout.plan);
    checkPlaces(layout, checked);
    const { frames, instructions } = checked;
    this.plan = layout.plan;
    this.frames = new Frames(this.plan, checked, layout.capacities, layout.table);
    this.spaces = this.frames.spaces;
    const fields = instructions.filter((i) => isField(i.op) && i.target >= 0);
    this.groups = frames
      .map((frame) => ({
        frame: frame.number,
        space: frame.space,
        fields: fields.filter((i) => i.frame === frame.number).map((i) => fieldOf(i, layout)),
      }))
      .filter((group) => group.fields.length > 0);
    this.columns = this.groups.flatMap((group) => group.fields);
    this.extents = extentsOf(checked);
  }

  decode(slab: Slab, records: Records): void {
    const { layout, frames } = this;
    if (slab.layout !== layout)
      throw new RangeError('The slab was not made with the layout that this decoder was prepared for.');
    if (slab.bytes.length < layout.byteLength || slab.bytes.byteOffset % 8 !== 0) {
      throw new RangeError(
        `The slab has ${slab.bytes.length} bytes; its layout takes ${layout.byteLength}, aligned to 8.`,
      );
    }
    checkRecords(records);
    const out = this.viewsOf(slab.bytes);
    this.clear(out);
    const data = this.reader.open(records);
    let done = 0;
    let status = 0;
    while (done < records.count) {
      const n = Math.min(BLOCK, records.count - done);
      if (!frames.root(n)) {
        status = FULL;
        break;
      }
      this.reader.read(done, n, this.spaces.positions[0], this.spaces.list[0].ends);
      if (!frames.build(data)) {
        status = FULL;
        break;
      }
      this.measureExtents();
      frames.commit(out);
      for (const group of this.groups) this.group(data, out, group);
      frames.advance();
      done += n;
    }
    this.finish(out, status, done);
  }

  private viewsOf(bytes: Uint8Array): Views {
    if (this.out === null || this.slab !== bytes) {
      this.out = new Views(bytes, this.layout.byteLength);
      this.slab = bytes;
    }
    return this.out;
  }

  private clear(out: Views): void {
    this.frames.reset();
    this.frames.begin(out);
    this.short = 0;
    this.long = 0;
    for (const { column, text } of this.columns) {
      column.absentCount = 0;
      column.badCount = 0;
      column.dataEnd = 0;
      if (text) out.words[column.values >> 2] = 0;
    }
  }

  private finish(out: Views, status: number, records: number): void {
    const { words } = out;
    words.fill(0, 0, this.layout.headerLength);
    words[Head.STATUS] = status;
    words[Head.RECORDS] = records;
    if (status === FULL) {
      words[Head.FULL_FRAME] = this.frames.fullFrame;
      words[Head.FULL_SLOTS] = this.frames.fullSlots;
    }
    words[Head.SHORT] = this.short;
    words[Head.LONG] = this.long;
    for (let space = 0; space < spaceCount(this.plan); space++) words[slotsOf(space)] = this.spaces.list[space].base;
    for (const { column, index } of this.columns) {
      words[absentOf(this.plan, index)] = column.absentCount;
      words[badOf(this.plan, index)] = column.badCount;
    }
    this.frames.finish(out);
  }

  private measureExtents(): void {
    const { spaces } = this;
    for (const { frame, space, offset } of this.extents) {
      const positions = spaces.positions[frame];
      const rows = spaces.rows[frame];
      const { ends, count } = spaces.list[space];
      const n = rows ? spaces.rowCounts[frame] : count;
      for (let k = 0; k < n; k++) {
        const slot = rows ? rows[k] : k;
        const left = ends[slot] - positions[slot] - offset;
        if (left < 0) this.short++;
        else if (left > 0) this.long++;
      }
    }
  }

  /** Decodes all fields of a frame, tile by tile. */
  private group(data: Uint8Array, out: Views, { frame, space, fields }: FieldsOfFrame): void {
    const { spaces } = this;
    const { count, base } = spaces.list[space];
    let row = 0;
    for (let from = 0; from < count; from += TILE) {
      const total = Math.min(TILE, count - from);
      row = this.gather(frame, space, from, total, row);
      const room = this.leastRoom();
      for (const field of fields) {
        if (field.number) this.decodeNumbers(data, out, field.number, field.column, base + from, total, room);
        else this.decodeTexts(data, out, field.text!, field.column, base + from, total, room);
      }
    }
  }

  /** Collects the live items of slots[from, from + total); `row`: the first live row that may be among them. */
  private gather(frame: number, space: number, from: number, total: number, row: number): number {
    const { at, ends, slots } = this;
    const positions = this.spaces.positions[frame];
    const recordEnds = this.spaces.list[space].ends;
    const rows = this.spaces.rows[frame];
    if (rows === null) {
      for (let k = 0; k < total; k++) {
        at[k] = positions[from + k];
        ends[k] = recordEnds[from + k];
        slots[k] = k;
      }
      this.n = total;
      return 0;
    }
    const live = this.spaces.rowCounts[frame];
    let n = 0;
    for (; row < live && rows[row] < from + total; row++, n++) {
      at[n] = positions[rows[row]];
      ends[n] = recordEnds[rows[row]];
      slots[n] = rows[row] - from;
    }
    this.n = n;
    return row;
  }

  /** Bytes that each item of the tile has from its position to the end of its record, at least. */
  private leastRoom(): number {
    const { at, ends, n } = this;
    let least = 0x7fffffff;
    for (let k = 0; k < n; k++) {
      const room = ends[k] - at[k];
      if (room < least) least = room;
    }
    return least;
  }

  private decodeNumbers(
    data: Uint8Array,
    out: Views,
    kernel: NumberKernel,
    column: ColumnPlace,
    from: number,
    total: number,
    room: number,
  ): void {
    const { tile, n, others } = this;
    const { offset, length } = kernel;
    if (room >= offset + length) {
      let issues = kernel.decode(data, this.at, n, tile);
      if (n < total) {
        others.fill(State.DEAD, 0, total);
        spread(tile, kernel.family, n, this.slots, total, others);
        issues += total - n;
      }
      storeNumbers(out, column, kernel.family, tile, from, total, issues);
      return;
    }
    const whole = this.keepWhole(offset, length, length, total);
    const issues = kernel.decode(data, this.wholeAt, whole, tile) + total - whole;
    spread(tile, kernel.family, whole, this.wholeSlots, total, others);
    storeNumbers(out, column, kernel.family, tile, from, total, issues);
  }

  private decodeTexts(
    data: Uint8Array,
    out: Views,
    kernel: TextKernel,
    column: ColumnPlace,
    from: number,
    total: number,
    room: number,
  ): void {
    const { tile, n, others } = this;
    const { offset, length } = kernel;
    const to = column.data + column.dataEnd;
    if (room >= offset + length) {
      let issues = kernel.decode(data, this.at, kernel.whole, n, out.bytes, to, tile);
      if (n < total) {
        others.fill(State.DEAD, 0, total);
        spreadText(tile, n, this.slots, total, others);
        issues += total - n;
      }
      storeTexts(out, column, tile, from, total, issues);
      return;
    }
    const some = this.keepWhole(offset, length, 1, total);
    const issues = kernel.decode(data, this.wholeAt, this.lengths, some, out.bytes, to, tile) + total - some;
    spreadText(tile, some, this.wholeSlots, total, others);
    storeTexts(out, column, tile, from, total, issues);
  }

  /**
   * Keeps the items of which at least `needed` bytes are there, with how many there are; says in `others` what the
   * other slots are.
   */
  private keepWhole(offset: number, length: number, needed: number, total: number): number {
    const { at, ends, slots, n, wholeAt, wholeSlots, lengths, others } = this;
    others.fill(State.DEAD, 0, total);
    let m = 0;
    for (let k = 0; k < n; k++) {
      const left = ends[k] - at[k] - offset;
      if (left >= needed) {
        wholeAt[m] = at[k];
        lengths[m] = left < length ? left : length;
        wholeSlots[m++] = slots[k];
      } else others[slots[k]] = left <= 0 ? State.ABSENT : State.BAD;
    }
    return m;
  }
}

function fieldOf(i: Instruction, { plan, table }: SlabLayout): Field {
  const at = frameCount(plan) * FRAME_WIDTH + i.target * COLUMN_WIDTH;
  return {
    index: i.target,
    column: {
      values: table[at + ColumnWord.VALUES]!,
      validity: table[at + ColumnWord.VALIDITY]!,
      bad: table[at + ColumnWord.BAD]!,
      data: table[at + ColumnWord.DATA]!,
      quiet: (i.flags & Flag.QUIET) !== 0,
      type: i.type,
      absentCount: 0,
      badCount: 0,
      dataEnd: 0,
    },
    number: isText(i.op) ? null : numberKernelOf(i, plan),
    text: isText(i.op) ? textKernelOf(i, plan) : null,
  };
}

function extentsOf({ frames, instructions }: Checked): Extent[] {
  return instructions
    .filter((i) => i.op === Op.EXTENT)
    .map((i) => ({ frame: i.frame, space: frames[i.frame]!.space, offset: i.offset }));
}
