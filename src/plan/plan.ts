/**
 * A plan: what an engine does to a block of records, as data. `compile.ts` makes it from a layout, a projection and the
 * options; both engines run it; it can be printed (`explain.ts`) and sent to a worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Op, PLAN_VERSION, W, WIDTH } from './opcodes.js';
import type { Schema } from './schema.js';

/** Words before the first instruction. */
export const PLAN_HEADER = 8;
export const PLAN_MAGIC = 0x3150564f; // "OVP1"

/** The header's words. */
export const PlanWord = {
  MAGIC: 0,
  VERSION: 1,
  INSTRUCTIONS: 2,
  FRAMES: 3,
  SPACES: 4,
  COLUMNS: 5,
  /** Longest record in bytes, every table at its maximum. */
  LENGTH: 6,
  /** Bytes of the pool. */
  POOL: 7,
} as const;

export interface Plan {
  /** Header and instructions: PLAN_HEADER + WIDTH * instructions words. Never changed once made. */
  readonly code: Int32Array;
  /** Constants: code pages, literals, editing classes. Never changed once made. */
  readonly pool: Uint8Array;
  readonly schema: Schema;
}

/** One instruction's words by name, for those who are not in a hurry. */
export interface Instruction {
  readonly index: number;
  readonly op: number;
  readonly frame: number;
  readonly offset: number;
  readonly length: number;
  readonly target: number;
  readonly digits: number;
  readonly up: number;
  readonly flags: number;
  readonly type: number;
  readonly counter: number;
  readonly pool: number;
  readonly poolLength: number;
}

export function instruction(plan: Plan, index: number): Instruction {
  const c = plan.code;
  const at = PLAN_HEADER + index * WIDTH;
  return {
    index,
    op: c[at + W.OP]!,
    frame: c[at + W.FRAME]!,
    offset: c[at + W.OFFSET]!,
    length: c[at + W.LENGTH]!,
    target: c[at + W.TARGET]!,
    digits: c[at + W.DIGITS]!,
    up: c[at + W.UP]!,
    flags: c[at + W.FLAGS]!,
    type: c[at + W.TYPE]!,
    counter: c[at + W.COUNTER]!,
    pool: c[at + W.POOL]!,
    poolLength: c[at + W.POOL_LENGTH]!,
  };
}

export function* instructions(plan: Plan): Generator<Instruction> {
  for (let i = 0; i < plan.code[PlanWord.INSTRUCTIONS]!; i++) yield instruction(plan, i);
}

export const frameCount = (plan: Plan): number => plan.code[PlanWord.FRAMES]!;
export const spaceCount = (plan: Plan): number => plan.code[PlanWord.SPACES]!;
export const columnCount = (plan: Plan): number => plan.code[PlanWord.COLUMNS]!;
export const isField = (op: number): boolean => op >= Op.TEXT;
export const isFrame = (op: number): boolean => op >= Op.ROOT && op <= Op.SELECT;
export const hasCurrentVersion = (plan: Plan): boolean =>
  plan.code[PlanWord.MAGIC] === PLAN_MAGIC && plan.code[PlanWord.VERSION] === PLAN_VERSION;
