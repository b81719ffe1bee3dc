/**
 * Checks that every part of a slab's layout lies inside the slab and is large enough for its space's capacity.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../../errors.js';
import { Op, TYPE_WIDTH, Type } from '../../plan/opcodes.js';
import { isField } from '../../plan/plan.js';
import { COLUMN_WIDTH, ColumnWord, FRAME_WIDTH, FrameWord, type SlabLayout, textCapacity } from '../slab.js';
import type { Checked } from './check.js';

/** @throws OverpunchError OVP_PLAN_INVALID */
export function checkPlaces(layout: SlabLayout, { frames, instructions }: Checked): void {
  const { table, capacities, byteLength } = layout;
  const spaces = frames.filter((frame) => !frame.isVirtual && (frame.op === Op.ROOT || frame.op === Op.TABLE)).length;
  const columns = instructions.filter((i) => isField(i.op) && i.target >= 0).length;
  const columnsAt = frames.length * FRAME_WIDTH;
  const spacesAt = columnsAt + columns * COLUMN_WIDTH;
  const refuse = (word: number, why: string): never => {
    throw new OverpunchError('OVP_PLAN_INVALID', `This slab's layout does not fit its plan: word ${word}: ${why}`, {
      hint: 'Make the layout with layoutSlab from the same plan.',
    });
  };
  if (table.length !== spacesAt + spaces || capacities.length !== spaces)
    refuse(table.length, 'the table has another length');
  capacities.forEach((slots, space) => {
    if (!Number.isInteger(slots) || slots < 0 || table[spacesAt + space] !== slots)
      refuse(spacesAt + space, `${slots} slots`);
  });
  const within = (word: number, bytes: number): void => {
    const place = table[word]!;
    if (place < 0 || place % 64 !== 0 || place + bytes > byteLength)
      refuse(word, `${bytes} bytes at ${place} are not inside the slab`);
  };
  const bits = (slots: number): number => (slots + 7) >> 3;
  if (layout.headerLength * 4 > byteLength) refuse(0, 'no room for the header');
  for (const frame of frames) {
    const parent = frame.parent === null ? null : frames[frame.parent]!;
    if (!parent || parent.isVirtual) continue;
    const at = frame.number * FRAME_WIDTH;
    const parentSlots = capacities[parent.space]!;
    const isCounted = frame.op === Op.TABLE && frame.table!.counter >= 0;
    if (isCounted) within(at + FrameWord.FAULTS, bits(parentSlots));
    if (frame.isVirtual) continue;
    const slots = capacities[frame.space]!;
    if (frame.op !== Op.SELECT) within(at + FrameWord.POSITIONS, slots * 4);
    if (frame.op === Op.SELECT) within(at + FrameWord.VALIDITY, bits(slots));
    if (isCounted) within(at + FrameWord.LIST_OFFSETS, (parentSlots + 1) * 4);
  }
  for (const i of instructions) {
    if (!isField(i.op) || i.target < 0) continue;
    const at = columnsAt + i.target * COLUMN_WIDTH;
    const slots = capacities[frames[i.frame]!.space]!;
    const isText = i.type === Type.UTF8;
    within(at + ColumnWord.VALUES, (slots + +isText) * TYPE_WIDTH[i.type]!);
    within(at + ColumnWord.VALIDITY, bits(slots));
    within(at + ColumnWord.BAD, bits(slots));
    if (!isText) continue;
    const bytes = slots * textCapacity(i);
    if (table[at + ColumnWord.DATA_LENGTH]! < bytes)
      refuse(at + ColumnWord.DATA_LENGTH, `${bytes} bytes of text are possible`);
    within(at + ColumnWord.DATA, bytes);
  }
}
