/**
 * Frames, operands and predicates while a plan is being compiled: objects that point at each other. `assemble.ts`
 * numbers those that something needs and writes them as instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { OverpunchError } from '../errors.js';
import type { Item } from '../layout/item.js';

/** A field's instruction, as a column or as an operand of a table or a predicate. */
export interface FieldCode {
  readonly op: number;
  readonly frame: Frame;
  readonly offset: number;
  readonly length: number;
  readonly digits: number;
  readonly up: number;
  readonly flags: number;
  readonly type: number;
  readonly pool: Uint8Array | null;
}

export interface PredicateCode {
  readonly op: number;
  readonly frame: Frame | null;
  readonly offset: number;
  readonly length: number;
  readonly cmp: number;
  readonly pad: number;
  readonly flags: number;
  readonly operand: FieldCode | null;
  readonly pool: Uint8Array | null;
}

interface FrameBase {
  /** Offset in the layout (all tables at their maximum) of the frame's position. */
  readonly origin: number;
  /** The table whose items these are, or null for the record: frames of one table share its space. */
  readonly table: TableFrame | null;
}

export interface RootFrame extends FrameBase {
  readonly kind: 'root';
}

export interface TableFrame extends FrameBase {
  readonly kind: 'table';
  readonly item: Item;
  readonly parent: Frame;
  readonly counter: FieldCode | null;
  readonly flags: number;
  /** Decoded fields lie in it; otherwise it is only measured. */
  readonly needed: boolean;
  /** Elements of different length: the last frame inside an element and the bytes from it to the element's end. */
  last: Frame | null;
  tail: number;
  /** Why it can't be used (its counter is not to be found); thrown when something needs it. */
  readonly problem: OverpunchError | null;
}

export interface AfterFrame extends FrameBase {
  readonly kind: 'after';
  readonly behind: TableFrame;
}

export interface SelectFrame extends FrameBase {
  readonly kind: 'select';
  readonly parent: Frame;
  readonly predicate: readonly PredicateCode[];
}

export type Frame = RootFrame | TableFrame | AfterFrame | SelectFrame;

/** The frame with the same positions for every row, selected or not; null where only selected rows have positions. */
export function unselected(frame: Frame): Frame | null {
  if (frame.kind === 'select') return unselected(frame.parent);
  if (frame.kind === 'root') return frame;
  const parent = frame.kind === 'after' ? frame.behind.parent : frame.parent;
  if (frame.kind === 'table') return frame; // its items exist for selected rows only, and so does what asks for them
  return isUnselected(parent) ? frame : null;
}

function isUnselected(frame: Frame): boolean {
  if (frame.kind === 'root' || frame.kind === 'table') return true;
  if (frame.kind === 'select') return false;
  return isUnselected(frame.behind.parent);
}
