/**
 * The error for a plan that can't be run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../../errors.js';
import { Op } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';

/** @throws OverpunchError OVP_PLAN_INVALID, naming the instruction (null: the header) and the word. */
export function refuse(at: Instruction | null, word: string, why: string): never {
  const name = at && Object.entries(Op).find(([, op]) => op === at.op)?.[0];
  const where = at ? `instruction ${at.index} (${name ?? `operation ${at.op}`}), word ${word}` : `header, word ${word}`;
  throw new OverpunchError('OVP_PLAN_INVALID', `This plan can't be run: ${where}: ${why}`, {
    hint: 'Compile the copybook again with this version of Overpunch.',
  });
}
