/**
 * A batch: the rows that one decode call produced, as views of its slab in Arrow's memory layout. Nothing is copied
 * here; `rows.ts` makes objects of it, `arrow.ts` apache-arrow vectors, the connectors text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { RecordBatch } from 'apache-arrow';
import {
  COLUMN_WIDTH,
  ColumnWord,
  FRAME_WIDTH,
  FrameWord,
  Head,
  type Slab,
  absentOf,
  badOf,
  slotsOf,
} from '../engine/slab.js';
import { type Digits, writeDigits } from '../engine/digits.js';
import type { Names, ValueOptions } from '../options.js';
import { TYPE_WIDTH, Type } from '../plan/opcodes.js';
import { type Plan, frameCount } from '../plan/plan.js';
import type { FieldNode, GroupNode, Schema, SchemaNode } from '../plan/schema.js';

import { type RowCursor, cursorOf } from './cursor.js';
import { type Row, sharedRowBuilder } from './rows.js';

/** Values of one column: INT64 and DECIMAL128 as little-endian words of 64 bits (one, two), UTF8 as its bytes. */
export type Values = Int32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array | Uint8Array;

/** One field of all rows (of all items, for a field of a table), as Arrow lays it out. */
export interface Column {
  readonly field: FieldNode;
  /** Slots: rows, or items of the table that the field is in. */
  readonly length: number;
  readonly values: Values;
  /** UTF8 only: start of each value in `values`, and the end of the last. */
  readonly offsets: Int32Array | null;
  /** One bit a slot, lowest bit first: 1 where there is a value. */
  readonly validity: Uint8Array;
  /** One bit a slot: 1 where the bytes were bad. */
  readonly bad: Uint8Array;
  readonly absentCount: number;
  readonly badCount: number;
}

/** Fields of a schema with the space that each one's column is in. */
const spacesOf = new WeakMap<Schema, ReadonlyMap<FieldNode, number>>();

export class Batch {
  readonly plan: Plan;
  readonly slab: Slab;
  /** Rows. */
  readonly length: number;
  /** 1-based numbers of the rows' records in the source: `firstRecord + row`, or `recordNumbers[row]` after `where`. */
  readonly firstRecord: number;
  readonly recordNumbers: Float64Array | null;

  private readonly digits: Digits | undefined;

  /** `digits`: those of the engine that filled the slab. */
  constructor(plan: Plan, slab: Slab, firstRecord = 1, recordNumbers: Float64Array | null = null, digits?: Digits) {
    this.digits = digits;
    this.plan = plan;
    this.slab = slab;
    this.length = slab.head[Head.RECORDS]!;
    this.firstRecord = firstRecord;
    this.recordNumbers = recordNumbers;
  }

  get schema(): Schema {
    return this.plan.schema;
  }

  /** Slots of a space: rows for 0, items for a table's. */
  slots(space: number): number {
    return this.slab.head[slotsOf(space)]!;
  }

  /** Arrow's list offsets of a counted table's frame: one more than slots of its parent's space. */
  listOffsets(frame: number, parentSlots: number): Int32Array {
    return new Int32Array(this.slab.bytes.buffer, this.framePlace(frame, FrameWord.LIST_OFFSETS), parentSlots + 1);
  }

  /** Bitmap of a SELECT frame: which slots of its space are selected. */
  selection(frame: number, slots: number): Uint8Array {
    return this.bitmap(this.framePlace(frame, FrameWord.VALIDITY), slots);
  }

  /** Bitmap of a counted table's frame: which slots of its parent's space have a bad counter. */
  counterFaults(frame: number, parentSlots: number): Uint8Array {
    return this.bitmap(this.framePlace(frame, FrameWord.FAULTS), parentSlots);
  }

  /** Every field's column, in order of the copybook. */
  get columns(): Column[] {
    return [...spaces(this.schema)].map(([field, space]) => this.column(field, this.slots(space)));
  }

  /**
   * The column of the field with this path (`ACCOUNT.BALANCE`) or, where it is the only one, this name in any of the
   * namings (`BALANCE`, `acctId`, `acct_id`); undefined where there is none.
   */
  get(name: string): Column | undefined {
    const all = [...spaces(this.schema)];
    const named = ({ keys, path }: FieldNode): boolean =>
      path === name || keys.cobol === name || keys.camel === name || keys.snake === name;
    const matches = all.filter(([field]) => named(field));
    const [found] = matches.length > 1 ? matches.filter(([field]) => field.path === name) : matches;
    return found && this.column(found[0], this.slots(found[1]));
  }

  /**
   * A cursor over the rows: it makes no objects, and reads only what is asked for. Made of memory of this batch, it is good
   * for as long as that is.
   */
  cursor<T extends object = Row>(options: ValueOptions = {}): RowCursor<T> {
    return cursorOf<T>(this, options, undefined, this.digits);
  }

  /** The rows as views of a cursor: each time the same object, which reads the row at hand. */
  [Symbol.iterator](): IterableIterator<Row> {
    return this.cursor()[Symbol.iterator]();
  }

  /**
   * Rows `from` to `to - 1` as plain objects, which may be kept: nothing in them is memory of this batch. Keys are camel case,
   * decimals strings and integers of more than 15 digits bigints, unless `options` say otherwise. Text may be UTF-8 or Latin-1.
   * @throws RangeError where there are no such rows
   */
  toObjects(options: ValueOptions = {}, from = 0, to = this.length): Row[] {
    return sharedRowBuilder(this.schema, options, this.digits ?? writeDigits).slice(this, from, to);
  }

  /** As an apache-arrow record batch: views of this memory, nothing copied. Needs the package apache-arrow. */
  async toArrow(options: { readonly names?: Names } = {}): Promise<RecordBatch> {
    const { toArrow } = await import('./arrow.js');
    return toArrow(this, options);
  }

  /** The column of a field, `length` being the slots of the space it is in (`slots(0)` outside tables). */
  column(field: FieldNode, length: number): Column {
    const { plan, slab } = this;
    const at = frameCount(plan) * FRAME_WIDTH + field.column * COLUMN_WIDTH;
    const table = slab.layout.table;
    const { buffer } = slab.bytes;
    const place = table[at + ColumnWord.VALUES]!;
    const offsets = field.type === Type.UTF8 ? new Int32Array(buffer, place, length + 1) : null;
    return {
      field,
      length,
      values: offsets
        ? new Uint8Array(buffer, table[at + ColumnWord.DATA]!, offsets[length]!)
        : valuesOf(field, buffer, place, length),
      offsets,
      validity: this.bitmap(table[at + ColumnWord.VALIDITY]!, length),
      bad: this.bitmap(table[at + ColumnWord.BAD]!, length),
      absentCount: slab.head[absentOf(plan, field.column)]!,
      badCount: slab.head[badOf(plan, field.column)]!,
    };
  }

  private framePlace(frame: number, word: number): number {
    return this.slab.layout.table[frame * FRAME_WIDTH + word]!;
  }

  private bitmap(place: number, slots: number): Uint8Array {
    return new Uint8Array(this.slab.bytes.buffer, place, (slots + 7) >> 3);
  }
}

function spaces(schema: Schema): ReadonlyMap<FieldNode, number> {
  let found = spacesOf.get(schema);
  if (!found) spacesOf.set(schema, (found = new Map(fieldsIn(schema, 0))));
  return found;
}

function* fieldsIn(node: Schema | SchemaNode, space: number): Generator<[FieldNode, number]> {
  if (!('node' in node) || node.node === 'group') {
    for (const child of (node as Schema | GroupNode).children) yield* fieldsIn(child, space);
  } else if (node.node === 'list') {
    yield* fieldsIn(node.element, node.space);
  } else {
    yield [node, space];
  }
}

function valuesOf(field: FieldNode, buffer: ArrayBufferLike, place: number, length: number): Values {
  switch (field.type) {
    case Type.INT32:
      return new Int32Array(buffer, place, length);
    case Type.INT64:
      return new BigInt64Array(buffer, place, length);
    case Type.DECIMAL128:
      return new BigUint64Array(buffer, place, (length * TYPE_WIDTH[Type.DECIMAL128]!) / 8);
    case Type.FLOAT32:
      return new Float32Array(buffer, place, length);
    default:
      return new Float64Array(buffer, place, length);
  }
}
