/**
 * A batch as the body of an Arrow record batch: its buffers as views of the slab, each at a multiple of 64 bytes, with what the
 * message says of them. Bitmaps are copied, so that nothing but the rows' own bits is in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { utf8 } from '../batch/arrow.js';
import type { Batch, Column } from '../batch/batch.js';
import { Type } from '../plan/opcodes.js';
import type { SchemaNode } from '../plan/schema.js';

/** Where buffers begin, and how long zeros between them are at most. */
export const ALIGN = 64;
const ZEROS = new Uint8Array(ALIGN);
const NONE = new Uint8Array(0);

/** Nodes and buffers that the nodes of a schema have, each with what is in it. */
export function sizes(nodes: readonly SchemaNode[]): { nodes: number; buffers: number } {
  const sum = { nodes: 0, buffers: 0 };
  const visit = (node: SchemaNode): void => {
    sum.nodes++;
    if (node.node === 'field') sum.buffers += node.type === Type.UTF8 ? 3 : 2;
    else if (node.node === 'group') sum.buffers += 1;
    else sum.buffers += node.size >= 0 ? 1 : 2;
    if (node.node === 'group') node.children.forEach(visit);
    if (node.node === 'list') visit(node.element);
  };
  nodes.forEach(visit);
  return sum;
}

export class Body {
  /** Bytes one behind another, valid until the next batch. */
  pieces: Uint8Array[] = [];
  /** Bytes of all pieces. */
  length = 0;
  /** Length and nulls of each node, in Arrow's order (a node before its children). */
  readonly nodes: number[] = [];
  /** Place and length of each buffer. */
  readonly buffers: number[] = [];
  private bitmaps = new Uint8Array(1 << 16);
  private bitmapsEnd = 0;

  fill(batch: Batch): void {
    this.pieces = [];
    this.length = this.bitmapsEnd = this.nodes.length = this.buffers.length = 0;
    for (const node of batch.schema.children) this.node(batch, node, batch.length);
  }

  private node(batch: Batch, node: SchemaNode, slots: number): void {
    if (node.node === 'field') {
      this.column(batch.column(node, slots));
      return;
    }
    this.validity(node.select < 0 ? null : batch.selection(node.select, slots), slots);
    if (node.node === 'group') {
      for (const child of node.children) this.node(batch, child, slots);
      return;
    }
    if (node.size < 0) this.buffer(batch.listOffsets(node.frame, slots));
    this.node(batch, node.element, batch.slots(node.space));
  }

  private column(column: Column): void {
    this.validity(column.validity, column.length);
    if (column.field.type !== Type.UTF8) {
      this.buffer(column.values);
      return;
    }
    const { offsets, bytes } = utf8(column);
    this.buffer(offsets);
    this.buffer(bytes);
  }

  /** A node with its bitmap, which is left out where every bit is set. */
  private validity(bitmap: Uint8Array | null, slots: number): void {
    const nulls = bitmap ? slots - countBits(bitmap, slots) : 0;
    this.nodes.push(slots, nulls);
    this.buffer(nulls > 0 ? this.copied(bitmap!, slots) : NONE);
  }

  private buffer({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    this.buffers.push(this.length, byteLength);
    if (byteLength === 0) return;
    this.pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
    const padding = -byteLength & (ALIGN - 1);
    if (padding > 0) this.pieces.push(ZEROS.subarray(0, padding));
    this.length += byteLength + padding;
  }

  /** A copy without the bits behind the last slot's. */
  private copied(bitmap: Uint8Array, slots: number): Uint8Array {
    // pieces of it that are there already keep what is too small
    if (this.bitmapsEnd + bitmap.length > this.bitmaps.length) {
      this.bitmaps = new Uint8Array(Math.max(2 * this.bitmaps.length, bitmap.length));
      this.bitmapsEnd = 0;
    }
    const copy = this.bitmaps.subarray(this.bitmapsEnd, this.bitmapsEnd + bitmap.length);
    this.bitmapsEnd += bitmap.length;
    copy.set(bitmap);
    if (slots & 7) copy[copy.length - 1]! &= (1 << (slots & 7)) - 1;
    return copy;
  }
}

/** How many of the first `slots` bits are set. The bitmap lies at a multiple of 4. */
function countBits(bitmap: Uint8Array, slots: number): number {
  const words = new Int32Array(bitmap.buffer, bitmap.byteOffset, slots >>> 5);
  let count = 0;
  for (const word of words) count += bitsOf(word);
  let rest = 0;
  for (let i = words.length << 5; i < slots; i++) rest += (bitmap[i >> 3]! >> (i & 7)) & 1;
  return count + rest;
}

function bitsOf(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
