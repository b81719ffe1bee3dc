/**
 * Compares two batches of the same records, value by value, in the columns as the engines wrote them. Where a column's
 * memory is equal all of its values are; only where it is not are they looked at one by one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch, Column } from '../src/batch/batch.js';
import { bit } from '../src/batch/views.js';
import type { Schema, SchemaNode } from '../src/plan/schema.js';

/** Values (nulls count) and what else batches hold: list offsets, selections, marks of bad values. */
export interface Comparison {
  values: number;
  different: number;
  /** The first value that differs, for people. */
  first: string | null;
}

/** Adds a pair of batches to a comparison. */
export function compareBatches(a: Batch, b: Batch, result: Comparison): void {
  if (a.length !== b.length || a.firstRecord !== b.firstRecord) {
    throw new Error(`batches of ${a.length} and ${b.length} records, from ${a.firstRecord} and ${b.firstRecord} on`);
  }
  compareNode(a, b, a.schema, 0, result);
}

function compareNode(a: Batch, b: Batch, node: Schema | SchemaNode, space: number, result: Comparison): void {
  const slots = a.slots(space);
  if (!('node' in node)) {
    for (const child of node.children) compareNode(a, b, child, space, result);
    return;
  }
  if (node.select >= 0) {
    const [left, right] = [a.selection(node.select, slots), b.selection(node.select, slots)];
    if (!bitsEqual(left, right, slots)) differ(result, 1, `${node.path}: which records have it`);
  }
  if (node.node === 'group') {
    for (const child of node.children) compareNode(a, b, child, space, result);
  } else if (node.node === 'list') {
    if (a.slots(node.space) !== b.slots(node.space)) {
      throw new Error(`${node.path} has ${a.slots(node.space)} and ${b.slots(node.space)} items`);
    }
    if (node.size < 0) {
      const [left, right] = [a.listOffsets(node.frame, slots), b.listOffsets(node.frame, slots)];
      if (!bytesEqual(left, right)) differ(result, 1, `${node.path}: how many items`);
      const [bad, worse] = [a.counterFaults(node.frame, slots), b.counterFaults(node.frame, slots)];
      if (!bitsEqual(bad, worse, slots)) differ(result, 1, `${node.path}: bad counters`);
    }
    compareNode(a, b, node.element, node.space, result);
  } else {
    compareColumns(a.column(node, slots), b.column(node, slots), a.firstRecord, result);
  }
}

function compareColumns(a: Column, b: Column, firstRecord: number, result: Comparison): void {
  result.values += a.length;
  const isEqual =
    bytesEqual(a.values, b.values) &&
    (!a.offsets || bytesEqual(a.offsets, b.offsets!)) &&
    bitsEqual(a.validity, b.validity, a.length) &&
    bitsEqual(a.bad, b.bad, a.length) &&
    a.badCount === b.badCount &&
    a.absentCount === b.absentCount;
  if (isEqual) return;
  let found = 0;
  let where = -1;
  for (let i = 0; i < a.length; i++) {
    if (bit(a.validity, i) === bit(b.validity, i) && bit(a.bad, i) === bit(b.bad, i) && valueEqual(a, b, i)) continue;
    if (where < 0) where = i;
    found++;
  }
  differ(
    result,
    Math.max(found, 1),
    `${a.field.path}, item ${where} of the batch that begins with record ${firstRecord}`,
  );
}

function valueEqual(a: Column, b: Column, i: number): boolean {
  if (a.offsets && b.offsets) {
    const left = a.values.subarray(a.offsets[i], a.offsets[i + 1]);
    return bytesEqual(left, b.values.subarray(b.offsets[i], b.offsets[i + 1]));
  }
  const width = a.values.length / a.length;
  return bytesEqual(a.values.subarray(i * width, (i + 1) * width), b.values.subarray(i * width, (i + 1) * width));
}

function bytesEqual(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return bytesOf(a).equals(bytesOf(b));
}

const bytesOf = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** The bits behind the last slot mean nothing. */
function bitsEqual(a: Uint8Array, b: Uint8Array, slots: number): boolean {
  const whole = slots >> 3;
  if (!bytesEqual(a.subarray(0, whole), b.subarray(0, whole))) return false;
  return slots % 8 === 0 || ((a[whole]! ^ b[whole]!) & ((1 << (slots & 7)) - 1)) === 0;
}

function differ(result: Comparison, count: number, what: string): void {
  result.different += count;
  result.first ??= what;
}
