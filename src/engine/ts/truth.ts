/**
 * Three-valued truth, and what a comparison makes of an order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Cmp } from '../../plan/opcodes.js';

export const FALSE = 0;
export const UNKNOWN = 1;
export const TRUE = 2;

/** Whether a comparison holds, by 3 * comparison + 1 + order (-1, 0, 1). */
export const HOLDS = new Uint8Array(18);
HOLDS.set([FALSE, TRUE, FALSE], 3 * Cmp.EQ);
HOLDS.set([TRUE, FALSE, TRUE], 3 * Cmp.NE);
HOLDS.set([TRUE, FALSE, FALSE], 3 * Cmp.LT);
HOLDS.set([TRUE, TRUE, FALSE], 3 * Cmp.LE);
HOLDS.set([FALSE, FALSE, TRUE], 3 * Cmp.GT);
HOLDS.set([FALSE, TRUE, TRUE], 3 * Cmp.GE);

/** The truth of a comparison whose left side is below (negative), equal to or above its right side. */
export const holds = (cmp: number, order: number): number => HOLDS[3 * cmp + 1 + Math.sign(order)];
