/**
 * The slab: one ArrayBuffer that JavaScript allocates and an engine fills. It holds everything that one decode call
 * produces: a header of counts, the positions of every frame, list offsets, and every column in Arrow's memory layout.
 * This file computes where each part lies; both engines take the places from `table` and never compute them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Op, TYPE_WIDTH, Type } from '../plan/opcodes.js';
import {
  type Instruction,
  type Plan,
  columnCount,
  frameCount,
  instructions,
  isField,
  isFrame,
  spaceCount,
} from '../plan/plan.js';

/** Words of the slab's header (Int32 at byte 0). Then follow, in order: slots of each space; absent and bad of each column; faults of each frame. */
export const Head = {
  /** 0: all records taken. 1 (FULL): a space's capacity was reached; the records counted in RECORDS are complete. */
  STATUS: 0,
  /** Records taken from the input; also the slots of space 0. */
  RECORDS: 1,
  /** FULL: the frame whose items did not fit, and the slots it would have needed for its block. */
  FULL_FRAME: 2,
  FULL_SLOTS: 3,
  /** Records that end before their layout does, and behind it. */
  SHORT: 4,
  LONG: 5,
  SPACES: 8,
} as const;
export const FULL = 1;

/**
 * Words of the table. First one row of FRAME_WIDTH words a frame, then one of COLUMN_WIDTH a column, then one word a
 * space (its capacity in slots). Places are byte offsets in the slab, multiples of 64; -1 where a part does not exist.
 */
export const FrameWord = {
  /** Uint32 a slot: the item's byte offset in the data. -1 for ROOT, SELECT (its parent's) and where nothing is kept. */
  POSITIONS: 0,
  /** Uint32 a slot: scratch for the live slots of the current block. SELECT, and fixed tables under one; AFTER has its parent's. */
  ROWS: 1,
  /** SELECT: bitmap, one bit a slot: selected (and the parent's slot was live). */
  VALIDITY: 2,
  /** TABLE by COUNTER: Int32, one a slot of the parent's space, plus one: Arrow's list offsets. */
  LIST_OFFSETS: 3,
  /** TABLE by COUNTER: bitmap, one bit a slot of the parent's space: the counter was bad, the table is clamped. */
  FAULTS: 4,
} as const;
export const FRAME_WIDTH = 8;

export const ColumnWord = {
  /** Values, TYPE_WIDTH bytes a slot; UTF8: Int32 offsets, one more than slots. */
  VALUES: 0,
  /** Bitmap, one bit a slot: 1 where there is a value. Null slots hold zeros (no bytes for UTF8). */
  VALIDITY: 1,
  /** Bitmap, one bit a slot: 1 where the bytes were bad. */
  BAD: 2,
  /** UTF8: the bytes, and how many there is room for (always enough for the space's capacity). */
  DATA: 3,
  DATA_LENGTH: 4,
} as const;
export const COLUMN_WIDTH = 8;

export interface SlabLayout {
  readonly plan: Plan;
  /** Slots that each space has room for. */
  readonly capacities: readonly number[];
  readonly table: Int32Array;
  readonly byteLength: number;
  /** Byte range that holds the bytes of all UTF8 columns, one after another. */
  readonly textStart: number;
  readonly textEnd: number;
  /** Words of the header. */
  readonly headerLength: number;
}

export interface Slab {
  readonly layout: SlabLayout;
  readonly bytes: Uint8Array;
  /** The header's words. */
  readonly head: Int32Array;
}

/** Engines write whole words of bitmaps and whole vectors of values; each part has this much room behind it. */
const SLACK = 64;
/** A slab beyond this is not tried; fewer records at a time are. */
export const MAX_SLAB = 0x3fffffff;

export const slotsOf = (space: number): number => Head.SPACES + space;
export const absentOf = (plan: Plan, column: number): number => Head.SPACES + spaceCount(plan) + 2 * column;
export const badOf = (plan: Plan, column: number): number => absentOf(plan, column) + 1;
export const faultsOf = (plan: Plan, frame: number): number =>
  Head.SPACES + spaceCount(plan) + 2 * columnCount(plan) + frame;

/** Bytes of column data that one item of a text field can need. */
export function textCapacity({ op, length, digits }: Instruction): number {
  return op === Op.NATIONAL ? (length >> 1) * 3 : length * digits;
}

/** Lays out a slab with room for `capacities[space]` slots of each space. */
export function layoutSlab(plan: Plan, capacities: readonly number[]): SlabLayout {
  const frames = frameCount(plan);
  const columns = columnCount(plan);
  const spaces = spaceCount(plan);
  const headerLength = Head.SPACES + spaces + 2 * columns + frames;
  const table = new Int32Array(frames * FRAME_WIDTH + columns * COLUMN_WIDTH + spaces).fill(-1);
  let end = 0;
  const place = (bytes: number): number => {
    const at = end;
    end += Math.ceil((bytes + SLACK) / 64) * 64;
    return at;
  };
  const bitmap = (slots: number): number => place(Math.ceil(slots / 8));

  place(headerLength * 4);
  const spaceOf: number[] = [];
  const parentOf: number[] = [];
  const hasRows: boolean[] = [];
  const texts: { at: number; bytes: number }[] = [];
  for (const i of instructions(plan)) {
    if (isField(i.op)) {
      if (i.target < 0) continue;
      const slots = capacities[spaceOf[i.frame]!]!;
      const at = frames * FRAME_WIDTH + i.target * COLUMN_WIDTH;
      const isText = i.type === Type.UTF8;
      table[at + ColumnWord.VALUES] = place((isText ? slots + 1 : slots) * TYPE_WIDTH[i.type]!);
      table[at + ColumnWord.VALIDITY] = bitmap(slots);
      table[at + ColumnWord.BAD] = bitmap(slots);
      if (isText) texts.push({ at, bytes: slots * textCapacity(i) });
      continue;
    }
    if (!isFrame(i.op)) continue;
    const at = i.target * FRAME_WIDTH;
    if (i.op === Op.ROOT) {
      spaceOf[i.target] = i.type;
      hasRows[i.target] = false;
      continue;
    }
    const parent = i.op === Op.AFTER ? parentOf[i.frame]! : i.frame;
    const parentSlots = capacities[spaceOf[parent]!] ?? 0; // 0: inside a virtual table, nothing is kept
    parentOf[i.target] = parent;
    spaceOf[i.target] = i.op === Op.TABLE ? i.type : spaceOf[parent]!;
    hasRows[i.target] = i.op === Op.SELECT || (hasRows[parent]! && (i.op === Op.AFTER || i.counter < 0));
    if (spaceOf[parent]! >= 0 && i.op === Op.TABLE && i.counter >= 0)
      table[at + FrameWord.FAULTS] = bitmap(parentSlots);
    if (spaceOf[i.target]! < 0) continue;
    const slots = capacities[spaceOf[i.target]!]!;
    if (i.op === Op.TABLE || i.op === Op.AFTER) table[at + FrameWord.POSITIONS] = place(slots * 4);
    if (i.op === Op.SELECT || (i.op === Op.TABLE && hasRows[i.target])) table[at + FrameWord.ROWS] = place(slots * 4);
    if (i.op === Op.SELECT) table[at + FrameWord.VALIDITY] = bitmap(slots);
    if (i.op === Op.TABLE && i.counter >= 0) table[at + FrameWord.LIST_OFFSETS] = place((parentSlots + 1) * 4);
  }
  const textStart = end;
  for (const { at, bytes } of texts) {
    table[at + ColumnWord.DATA_LENGTH] = bytes;
    table[at + ColumnWord.DATA] = place(bytes);
  }
  capacities.forEach((slots, space) => {
    table[frames * FRAME_WIDTH + columns * COLUMN_WIDTH + space] = slots;
  });
  return { plan, capacities, table, byteLength: end, textStart, textEnd: end, headerLength };
}

export function allocateSlab(layout: SlabLayout): Slab {
  const buffer = new ArrayBuffer(layout.byteLength);
  return { layout, bytes: new Uint8Array(buffer), head: new Int32Array(buffer, 0, layout.headerLength) };
}
