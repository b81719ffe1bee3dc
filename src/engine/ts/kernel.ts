/**
 * The kernel of each field instruction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, Op } from '../../plan/opcodes.js';
import type { Instruction, Plan } from '../../plan/plan.js';
import { binaryKernel } from './binary.js';
import { editedKernel } from './edited.js';
import { floatKernel } from './float.js';
import { mixedKernel } from './mixed.js';
import { nationalKernel } from './national.js';
import { packedKernel } from './packed.js';
import { textKernel } from './text.js';
import type { NumberKernel, TextKernel } from './tile.js';
import { utf8Kernel } from './utf8.js';
import { wideKernel } from './wide.js';
import { zonedKernel } from './zoned.js';

/** For fields that are text. */
export function textKernelOf(field: Instruction, plan: Plan): TextKernel {
  switch (field.op) {
    case Op.NATIONAL:
      return nationalKernel(field);
    case Op.TEXT_MIXED:
    case Op.TEXT_DBCS:
      return mixedKernel(field, plan.pool);
    case Op.TEXT_UTF8:
      return utf8Kernel(field);
    default:
      return textKernel(field, plan.pool);
  }
}

export const isText = (op: number): boolean => op === Op.TEXT || op === Op.NATIONAL || op >= Op.TEXT_MIXED;

/** `operand`: read by a table or a predicate rather than stored. */
export function numberKernelOf(field: Instruction, plan: Plan, operand = false): NumberKernel {
  switch (field.op) {
    case Op.ZONED:
      return field.flags & Flag.WIDE ? wideKernel(field, zonedKernel) : zonedKernel(field);
    case Op.PACKED:
      return packedKernel(field);
    case Op.BINARY:
      return binaryKernel(field, operand);
    case Op.EDITED:
      return field.flags & Flag.WIDE
        ? wideKernel(field, (narrow) => editedKernel(narrow, plan.pool))
        : editedKernel(field, plan.pool);
    default:
      return floatKernel(field);
  }
}
