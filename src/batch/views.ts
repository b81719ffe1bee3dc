/**
 * Views of a slab's parts over all the slots that it has room for. They stay true while the slab does, so that those who
 * read batch after batch out of one slab (rows, JSON lines, CSV) make them once. A {@link Binder} tells them when.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import { COLUMN_WIDTH, ColumnWord, FRAME_WIDTH, FrameWord, type Slab } from '../engine/slab.js';
import { TYPE_WIDTH, Type } from '../plan/opcodes.js';
import { frameCount } from '../plan/plan.js';
import type { FieldNode, Schema } from '../plan/schema.js';
import type { Batch } from './batch.js';

/** The values of an INT32, INT64 or DECIMAL128 column as 32-bit words, lowest first; of a UTF8 column its offsets. */
export function wordsView(slab: Slab, field: FieldNode, space: number): Int32Array {
  const slots = slab.layout.capacities[space]!;
  const count = field.type === Type.UTF8 ? slots + 1 : (slots * TYPE_WIDTH[field.type]!) / 4;
  return new Int32Array(slab.bytes.buffer, columnPlace(slab, field, ColumnWord.VALUES), count);
}

/** The values of an INT64 or DECIMAL128 column as 64-bit words, lowest first. */
export function longsView(slab: Slab, field: FieldNode, space: number): BigInt64Array {
  const count = (slab.layout.capacities[space]! * TYPE_WIDTH[field.type]!) / 8;
  return new BigInt64Array(slab.bytes.buffer, columnPlace(slab, field, ColumnWord.VALUES), count);
}

export function floatsView(slab: Slab, field: FieldNode, space: number): Float32Array | Float64Array {
  const place = columnPlace(slab, field, ColumnWord.VALUES);
  const slots = slab.layout.capacities[space]!;
  const { buffer } = slab.bytes;
  return field.type === Type.FLOAT32 ? new Float32Array(buffer, place, slots) : new Float64Array(buffer, place, slots);
}

/** Where the bytes of a UTF8 column begin in the slab. */
export const dataPlace = (slab: Slab, field: FieldNode): number => columnPlace(slab, field, ColumnWord.DATA);

/** The bytes of a UTF8 column. */
export function dataView(slab: Slab, field: FieldNode): Uint8Array {
  const length = columnPlace(slab, field, ColumnWord.DATA_LENGTH);
  return new Uint8Array(slab.bytes.buffer, dataPlace(slab, field), length);
}

/** One bit a slot: there is a value. */
export function validityView(slab: Slab, field: FieldNode, space: number): Uint8Array {
  return bitmap(slab, columnPlace(slab, field, ColumnWord.VALIDITY), space);
}

/** One bit a slot: selected by a SELECT frame. */
export function selectionView(slab: Slab, frame: number, space: number): Uint8Array {
  return bitmap(slab, framePlace(slab, frame, FrameWord.VALIDITY), space);
}

/** List offsets of a counted table's frame, whose parent is in `space`. */
export function listOffsetsView(slab: Slab, frame: number, space: number): Int32Array {
  const place = framePlace(slab, frame, FrameWord.LIST_OFFSETS);
  return new Int32Array(slab.bytes.buffer, place, slab.layout.capacities[space]! + 1);
}

const framePlace = (slab: Slab, frame: number, word: number): number => slab.layout.table[frame * FRAME_WIDTH + word]!;

function columnPlace(slab: Slab, field: FieldNode, word: number): number {
  return slab.layout.table[frameCount(slab.layout.plan) * FRAME_WIDTH + field.column * COLUMN_WIDTH + word]!;
}

function bitmap(slab: Slab, place: number, space: number): Uint8Array {
  return new Uint8Array(slab.bytes.buffer, place, (slab.layout.capacities[space]! + 7) >> 3);
}

/** Bit `i` of a bitmap. */
export const bit = (bitmap: Uint8Array, i: number): boolean => (bitmap[i >> 3]! & (1 << (i & 7))) !== 0;

/** Brings what reads batches of one schema to the batch at hand: views with each new slab, the rest with each new batch. */
export class Binder {
  private readonly schema: Schema;
  private readonly slabActions: ((slab: Slab) => void)[] = [];
  private readonly batchActions: ((batch: Batch) => void)[] = [];
  private readonly releaseActions: (() => void)[] = [];
  private slab: Slab | null = null;
  private batch: Batch | null = null;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  onSlab(action: (slab: Slab) => void): void {
    this.slabActions.push(action);
  }

  onBatch(action: (batch: Batch) => void): void {
    this.batchActions.push(action);
  }

  onRelease(action: () => void): void {
    this.releaseActions.push(action);
  }

  /** Lets go of the slab at hand: who reads on binds again. */
  release(): void {
    this.slab = null;
    this.batch = null;
    for (const action of this.releaseActions) action();
  }

  /** @throws OverpunchError OVP_PLAN_SCHEMA if the batch is not of the schema that the reader was made for */
  bind(batch: Batch): void {
    if (batch === this.batch) return;
    if (batch.slab !== this.slab) {
      if (batch.schema !== this.schema) {
        throw new OverpunchError('OVP_PLAN_SCHEMA', 'The batch has another schema than its reader was made for', {
          hint: 'Make the row builder or encoder from the schema of the plan that the batch is decoded by.',
        });
      }
      // Half-bound views must not pass for bound ones, should an action fail.
      this.slab = null;
      this.batch = null;
      for (const action of this.slabActions) action(batch.slab);
      this.slab = batch.slab;
    }
    this.batch = null;
    for (const action of this.batchActions) action(batch);
    this.batch = batch;
  }
}
