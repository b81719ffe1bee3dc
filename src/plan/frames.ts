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
  /** COMPARE_FIELDS: the second operand. */
  readonly other: FieldCode | null;
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

/**
 * The frame, without selections, that has a position for every row of `here` where `frame` has one; null where it may have
 * none: what lies behind a table inside an alternative is only known where that alternative is selected.
 */
export function positionsFor(frame: Frame, here: Frame): Frame | null {
  if (frame.kind === 'select') return positionsFor(frame.parent, here);
  if (frame.kind !== 'after') return frame; // a table's items exist for selected rows only, and so does what asks for them
  const select = selectionOf(frame.behind.parent);
  return !select || derivesFrom(here, select) ? frame : null;
}

const parentOf = (frame: Frame): Frame | null =>
  frame.kind === 'root' ? null : frame.kind === 'after' ? frame.behind.parent : frame.parent;

/** Known already, as chains of tables of variable length are long. */
const selections = new WeakMap<AfterFrame, SelectFrame | null>();

/** The innermost selection of a frame's rows, within its space. */
function selectionOf(frame: Frame): SelectFrame | null {
  const passed: AfterFrame[] = [];
  let at = frame;
  let found: SelectFrame | null | undefined;
  for (; at.kind === 'after' && found === undefined; at = at.behind.parent) {
    found = selections.get(at);
    passed.push(at);
  }
  const selection = found === undefined ? (at.kind === 'select' ? at : null) : found;
  for (const one of passed) selections.set(one, selection);
  return selection;
}

function derivesFrom(frame: Frame, ancestor: Frame): boolean {
  for (let at: Frame | null = frame; at; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}
