/**
 * Records as objects by way of messages, dozens at a time, where their layout is fixed. Those that need columns (bad
 * values, too short, characters beyond Latin-1) are left aside, for the caller to decode.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../engine/engine.js';
import type { ValueOptions } from '../options.js';
import { Op } from '../plan/opcodes.js';
import { type Plan, instructions } from '../plan/plan.js';
import { slice } from './decode.js';
import { type ReadMessages, sharedMessagesReader } from './messages.js';
import type { Row } from './rows.js';

/** Records to decode at a time, at most, where most of them need columns. */
const MOST_ASIDE = 1 << 13;
/** Fewer rows than this between two that need columns: they are often needed. */
const SELDOM = 32;

/** The first rows of some records, and how many behind them are left aside. */
export interface RowStep {
  readonly rows: readonly Row[];
  readonly short: number;
  readonly long: number;
  readonly aside: number;
}

export class MessageRows {
  private readonly read: ReadMessages;
  /** Bytes of a record by its layout; -1 where records of any length are in order. */
  private readonly length: number;
  private aside = 1;

  private constructor(read: ReadMessages, plan: Plan) {
    this.read = read;
    this.length = extentOf(plan);
  }

  /** Null where the engine, or the plan, has to do with columns. */
  static of(engine: Engine, plan: Plan, options: ValueOptions): MessageRows | null {
    const read = sharedMessagesReader(engine, plan, options);
    return read && new MessageRows(read, plan);
  }

  /** Takes of records `done` to `count`. */
  step(records: Records, done: number): RowStep {
    const left = slice(records, done, records.count - done);
    const { rows, isAside } = this.read(left);
    if (isAside) this.aside = rows.length < SELDOM ? Math.min(2 * this.aside, MOST_ASIDE) : 1;
    return {
      rows,
      ...this.lengths(left, rows.length),
      aside: isAside ? Math.min(this.aside, left.count - rows.length) : 0,
    };
  }

  /** How many of the first `count` records are shorter and longer than the layout. */
  private lengths({ starts, ends, first, stride }: Records, count: number): { short: number; long: number } {
    const { length } = this;
    if (length < 0) return { short: 0, long: 0 };
    if (!starts) return { short: stride < length ? count : 0, long: stride > length ? count : 0 };
    let short = 0;
    let long = 0;
    for (let k = first; k < first + count; k++) {
      const own = ends![k]! - starts[k]!;
      if (own < length) short++;
      else if (own > length) long++;
    }
    return { short, long };
  }
}

function extentOf(plan: Plan): number {
  for (const { op, offset } of instructions(plan)) if (op === Op.EXTENT) return offset;
  return -1;
}
