/**
 * A record's groups, tables and fields as they lie in it: each with its path, value and bytes. Where lengths vary, alternatives apply or the
 * record is short, that is other than the copybook has it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { FRAME_WIDTH, FrameWord } from '../engine/slab.js';
import type { Row } from '../batch/rows.js';
import type { Fault, Names } from '../options.js';
import { Op } from '../plan/opcodes.js';
import { type Instruction, instruction, instructions, isFrame } from '../plan/plan.js';
import type { FieldNode, ListNode, SchemaNode } from '../plan/schema.js';
import type { SourceRecord } from './records.js';

export interface Place {
  /** Bytes from the record's start. */
  readonly offset: number;
  /** Bytes that the record has of it. */
  readonly length: number;
}

interface Placed {
  /** Groups around it. */
  readonly depth: number;
  /** With a subscript in a table: `TXN(3)`. */
  readonly key: string;
  /** As faults have it: `ACCOUNT.TXN(3).AMOUNT`. */
  readonly path: string;
}

export interface PlacedGroup extends Placed {
  readonly kind: 'group';
  readonly node: SchemaNode;
  /** Null where the group is not there. */
  readonly value: Row | null;
}

/** It comes before its items. */
export interface PlacedTable extends Placed {
  readonly kind: 'table';
  readonly node: ListNode;
  /** Items that the record has. */
  readonly items: number;
  /** What is wrong with its counter. */
  readonly fault: Fault | null;
}

export interface PlacedField extends Placed {
  readonly kind: 'field';
  readonly node: FieldNode;
  readonly value: unknown;
  readonly fault: Fault | null;
  readonly place: Place;
}

/** The counter of a table that is not shown. They come last. */
export interface PlacedFault extends Placed {
  readonly kind: 'fault';
  readonly fault: Fault;
}

export type PlacedItem = PlacedGroup | PlacedTable | PlacedField | PlacedFault;

/** What a record is made of, in order of the copybook. Empty where no record type applies. */
export function placedItems(record: SourceRecord, names: Names): Generator<PlacedItem> {
  return new Walk(record, names).items();
}

/** A table that a value is in, and which of its items. */
interface Subscript {
  readonly list: ListNode;
  readonly index: number;
}

/** Where in the walk a node is. */
interface Position {
  readonly depth: number;
  readonly around: readonly Subscript[];
  /** Of the node's space. */
  readonly slot: number;
}

class Walk {
  private readonly frames = new Map<number, Instruction>();
  private readonly faults: Map<string, Fault>;

  constructor(
    private readonly record: SourceRecord,
    private readonly names: Names,
  ) {
    for (const step of instructions(record.batch.plan)) if (isFrame(step.op)) this.frames.set(step.target, step);
    this.faults = new Map(record.faults.map((fault) => [fault.field, fault]));
  }

  *items(): Generator<PlacedItem> {
    const { batch, values, row } = this.record;
    yield* this.members(batch.schema.children, values, { depth: 0, around: [], slot: row });
    for (const fault of this.faults.values())
      yield { kind: 'fault', depth: 0, key: fault.field, path: fault.field, fault };
  }

  private *members(nodes: readonly SchemaNode[], values: Row, at: Position): Generator<PlacedItem> {
    for (const node of nodes) {
      const key = node.keys[this.names];
      // an alternative that was not selected has no key
      if (Object.hasOwn(values, key)) yield* this.node(node, values[key], key, at);
    }
  }

  private *node(node: SchemaNode, value: unknown, key: string, at: Position): Generator<PlacedItem> {
    const { depth, around, slot } = at;
    const placed = { depth, key, path: pathOf(node.path, around) };
    if (node.node === 'field') {
      yield { ...placed, kind: 'field', node, value, fault: this.take(placed.path), place: this.place(node, slot) };
    } else if (node.node === 'list') {
      yield* this.list(node, value as unknown[], key, at);
    } else {
      yield { ...placed, kind: 'group', node, value: value as Row | null };
      if (value !== null) yield* this.members(node.children, value as Row, { depth: depth + 1, around, slot });
    }
  }

  private *list(node: ListNode, values: unknown[], key: string, at: Position): Generator<PlacedItem> {
    const { depth, around, slot } = at;
    const path = pathOf(node.path, around);
    yield { kind: 'table', depth, key, path, node, items: values.length, fault: this.take(path) };
    const { batch } = this.record;
    const first = node.size >= 0 ? slot * node.size : batch.listOffsets(node.frame, slot + 1)[slot]!;
    for (let index = 0; index < values.length; index++) {
      const inside = { depth, around: [...around, { list: node, index }], slot: first + index };
      yield* this.node(node.element, values[index], `${key}(${index + 1})`, inside);
    }
  }

  private take(path: string): Fault | null {
    const fault = this.faults.get(path) ?? null;
    this.faults.delete(path);
    return fault;
  }

  private place(node: FieldNode, slot: number): Place {
    const { batch, start, end } = this.record;
    const { frame, offset, length } = instruction(batch.plan, node.instruction);
    const from = this.position(frame, slot) + offset;
    return { offset: from - start, length: Math.max(0, Math.min(length, end - from)) };
  }

  /** Byte offset in the data of an item of a frame. */
  private position(frame: number, slot: number): number {
    const step = this.frames.get(frame)!;
    if (step.op === Op.ROOT) return this.record.start;
    if (step.op === Op.SELECT) return this.position(step.frame, slot);
    const { slab } = this.record.batch;
    const positions = slab.layout.table[frame * FRAME_WIDTH + FrameWord.POSITIONS]!;
    return new Uint32Array(slab.bytes.buffer, positions + slot * 4, 1)[0]!;
  }
}

/** A path with subscripts, as faults have it: `ACCOUNT.TXN(3).AMOUNT`. */
function pathOf(path: string, around: readonly Subscript[]): string {
  const names = path.split('.');
  for (const { list, index } of around) names[list.path.split('.').length - 1] += `(${index + 1})`;
  return names.join('.');
}
