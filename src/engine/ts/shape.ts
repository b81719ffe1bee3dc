/**
 * The shape of a plan's frames: which space each is in, how spaces enclose each other, how far each can reach, and what
 * must be walked to find the end of an element whose length varies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { MAX_RECORD_LENGTH, Op } from '../../plan/opcodes.js';
import { type Instruction, isField } from '../../plan/plan.js';
import { refuse } from './refuse.js';

export interface Frame {
  readonly number: number;
  readonly op: number;
  /** ROOT: null; AFTER: the frame that its table is in. */
  readonly parent: number | null;
  /** TABLE and AFTER: the table's instruction. */
  readonly table: Instruction | null;
  /** Spaces of virtual tables are numbered apart. */
  readonly space: number;
  readonly isVirtual: boolean;
  /** The frame that has the positions: a SELECT's parent's, else its own. */
  readonly base: number;
  /** Not every slot is live. */
  readonly hasRows: boolean;
  readonly instruction: Instruction;
}

/** How far things reach at most, and how the elements of tables are measured; by frame. */
export interface Shape {
  /** The tables inside an element whose ends are needed, as AFTER frames in order; null where elements have one length. */
  readonly walks: readonly (readonly number[] | null)[];
}

/** Tables of varying elements inside each other at most; measuring recurses. */
const MEASURE_DEPTH = 64;

/** The frame that makes this frame's space. */
function makerOf(frames: readonly Frame[], frame: Frame): Frame {
  let maker = frame;
  while (maker.op === Op.AFTER || maker.op === Op.SELECT) maker = frames[maker.parent!]!;
  return maker;
}

/** The innermost SELECT in its space that governs a frame, or null. */
function selectorOf(frames: readonly Frame[], frame: Frame): Frame | null {
  for (let at = frame; at.op === Op.AFTER || at.op === Op.SELECT; at = frames[at.parent!]!)
    if (at.op === Op.SELECT) return at;
  return null;
}

/**
 * Whether the rows of `outer` are all rows of `inner`, or the slots around them: what is read at `outer` is then there
 * for each row of `inner`, also where elements around `inner` are measured before what is in them is built.
 */
export function enclosesOrIs(frames: readonly Frame[], outer: Frame, inner: Frame): boolean {
  const home = makerOf(frames, outer);
  let frame = inner;
  for (let maker = makerOf(frames, frame); maker !== home; maker = makerOf(frames, frame)) {
    const isMeasured = maker.op === Op.TABLE && maker.table!.length === 0;
    if (maker.parent === null || (isMeasured && outer.number >= maker.number)) return false;
    frame = frames[maker.parent]!;
  }
  const wanted = selectorOf(frames, outer);
  if (!wanted) return true;
  let selector = selectorOf(frames, frame);
  while (selector && selector !== wanted) selector = selectorOf(frames, frames[selector.parent!]!);
  return selector !== null;
}

/** Tables of varying elements that a frame's slots are in, itself included. */
function measuredDepth(frames: readonly Frame[], frame: Frame): number {
  let depth = 0;
  for (let at: Frame | null = frame; at; ) {
    const maker: Frame = makerOf(frames, at);
    if (maker.op === Op.TABLE && maker.table!.length === 0) depth++;
    at = maker.parent === null ? null : frames[maker.parent]!;
  }
  return depth;
}

/** Works out the shape and refuses plans that reach too far or measure by what is not there yet. */
export function shapeOf(list: readonly Instruction[], frames: readonly Frame[]): Shape {
  return new Shaper(list, frames).run();
}

class Shaper {
  /** Bytes from the item of a frame's space to the frame's position at most, by frame. */
  private readonly within: number[] = [];
  private readonly walks: (readonly number[] | null)[] = [];
  /** Frames outside an element that measuring it reads, by the table's frame. */
  private readonly outside = new Map<number, readonly number[]>();

  constructor(
    private readonly list: readonly Instruction[],
    private readonly frames: readonly Frame[],
  ) {}

  run(): Shape {
    for (const frame of this.frames) {
      const { table, op } = frame;
      if (op !== Op.TABLE || table!.length > 0) this.walks[frame.number] = null;
      else if (measuredDepth(this.frames, frame) > MEASURE_DEPTH)
        refuse(frame.instruction, 'LENGTH', 'too many tables inside each other');
      else this.measure(frame);
    }
    const longest: number[] = [];
    for (const frame of this.frames) {
      const maker = makerOf(this.frames, frame);
      let reach = frame === maker ? 0 : longest[maker.number]! + this.reach(frame);
      if (frame.op === Op.TABLE) {
        const { offset, digits } = frame.table!;
        reach = longest[frame.parent!]! + offset + Math.max(0, digits - 1) * this.element(frame);
      }
      longest.push(reach);
      if (reach > MAX_RECORD_LENGTH) refuse(frame.instruction, 'OFFSET', 'reaches beyond the longest record');
    }
    for (const i of this.list) {
      const readsBytes = isField(i.op) || i.op === Op.COMPARE_TEXT;
      if (readsBytes && longest[i.frame]! + i.offset + i.length > MAX_RECORD_LENGTH) {
        refuse(i, 'LENGTH', 'reaches beyond the longest record');
      }
    }
    return { walks: this.walks };
  }

  /** From the item of its space to a frame's position. */
  private reach(frame: Frame): number {
    let known = this.within[frame.number];
    if (known !== undefined) return known;
    if (frame.op === Op.SELECT) known = this.reach(this.frames[frame.parent!]!);
    else if (frame.op === Op.AFTER) {
      const table = frame.table!;
      known =
        this.reach(this.frames[frame.parent!]!) +
        table.offset +
        table.digits * this.element(this.frames[table.target]!);
    } else known = 0;
    this.within[frame.number] = known;
    return known;
  }

  /** Bytes of one element at most. */
  private element(frame: Frame): number {
    const table = frame.table!;
    if (table.length > 0) return table.length;
    const length = this.reach(this.lastOf(frame)) + table.poolLength;
    if (length === 0) refuse(frame.instruction, 'POOL', 'elements of no bytes');
    return length;
  }

  private lastOf(frame: Frame): Frame {
    const last = this.frames[frame.table!.pool];
    const isInside = last && last.number > frame.number && last.space === frame.space && last.op === Op.AFTER;
    if (!isInside || selectorOf(this.frames, last)) {
      refuse(frame.instruction, 'POOL', `frame ${frame.table!.pool} is no AFTER inside the element`);
    }
    return last;
  }

  /** Collects what an element's end depends on; the frames outside of the element that are read on the way. */
  private measure(frame: Frame): readonly number[] {
    const known = this.outside.get(frame.number);
    if (known) return known;
    const steps = new Set<number>();
    const outside = new Set<number>();
    const open = [this.lastOf(frame).number];
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      const needed = this.frames[this.frames[number]!.base]!;
      if (needed.space !== frame.space) {
        outside.add(needed.number);
        continue;
      }
      if (needed === frame || steps.has(needed.number)) continue;
      steps.add(needed.number); // an AFTER: nothing else has positions in this space
      const table = needed.table!;
      open.push(needed.parent!);
      if (table.counter >= 0) open.push(this.list[table.counter]!.frame);
      if (table.length === 0) open.push(...this.measure(this.frames[table.target]!));
    }
    for (const number of outside) {
      if (number > frame.number)
        refuse(frame.instruction, 'POOL', `measuring needs frame ${number}, which comes later`);
    }
    this.walks[frame.number] = [...steps].sort((a, b) => a - b);
    this.outside.set(frame.number, [...outside]);
    return this.outside.get(frame.number)!;
  }
}
