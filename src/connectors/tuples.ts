/**
 * Batches as tuples of PostgreSQL's COPY BINARY: lays the columns of a table over a slab as the words of a tuple program, and
 * makes what is not in a slab (record numbers, JSON). An engine writes the bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import type { Engine, TextWriter } from '../engine/engine.js';
import { WRITTEN_WORDS, WrittenWord } from '../engine/program.js';
import { COLUMN_WIDTH, ColumnWord, FRAME_WIDTH, FrameWord, type Slab, type SlabLayout } from '../engine/slab.js';
import { TUPLE_WORDS, TUPLE_WRITTEN_WORDS, TupleKind, TupleTarget, TupleWord, TupleWritten } from '../engine/tuple.js';
import type { ValueOptions } from '../options.js';
import { Type } from '../plan/opcodes.js';
import { frameCount } from '../plan/plan.js';
import type { FieldNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import type { Encoder } from './connector.js';
import { jsonValues } from './json.js';

type Target = (typeof TupleTarget)[keyof typeof TupleTarget];

/** What the columns of a table are made of. */
export type TupleColumn =
  /** The number of the record in its source. */
  | { readonly kind: 'record' }
  /** The number of the item in its table, from 1: of the row itself, or of one around it. */
  | { readonly kind: 'ordinal'; readonly space: number }
  /**
   * A field of the row or of one around it (`space` says which). `most`: digits of a numeric (as the field has them, its scale
   * included), characters of text; 0: any.
   */
  | {
      readonly kind: 'field';
      readonly field: FieldNode;
      readonly space: number;
      readonly target: Target;
      readonly most: number;
      readonly flags: number;
    }
  /** A table of a field, or a table in a table of one, both fixed; `select`: the innermost SELECT frame around it, or -1. */
  | {
      readonly kind: 'array';
      readonly list: ListNode;
      readonly field: FieldNode;
      readonly target: Target;
      readonly most: number;
      readonly flags: number;
      readonly oid: number;
      readonly select: number;
    }
  /** Anything of a record, as jsonb. */
  | { readonly kind: 'json'; readonly node: SchemaNode; readonly flags: number; readonly select: number };

/** A table whose rows are records, or items of the last of `lists` (from the record inwards). */
export interface TupleTable {
  readonly lists: readonly ListNode[];
  /** SELECT frames that must hold, each for the slot of its space that the row is in. */
  readonly selects: readonly { readonly frame: number; readonly space: number }[];
  readonly columns: readonly TupleColumn[];
}

/** What begins and what ends COPY BINARY's data: its signature, no flags, no extension; a count of -1. */
export const COPY_HEADER = Uint8Array.of(80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
export const COPY_TRAILER = Uint8Array.of(255, 255);

/** What came of a step; see TupleWritten. */
export interface TupleStep {
  readonly status: number;
  readonly rows: number;
  readonly bytes: number;
  readonly column: number;
  readonly reason: number;
  readonly item: number;
}

/** A column whose values are made for each batch: its bytes, to be laid beside the slab. */
interface Made {
  readonly column: number;
  readonly values: Uint8Array;
  /** Of text. */
  readonly text: Uint8Array | null;
  readonly word: number;
}

export class TupleEncoder {
  private readonly written = new Int32Array(TUPLE_WRITTEN_WORDS);
  private readonly lines = new Map<number, JsonColumn>();
  private readonly columns: readonly TupleColumn[];
  private readonly space: number;
  private layout: SlabLayout | null = null;
  private program: Int32Array = new Int32Array(0);
  private extra: Uint8Array = new Uint8Array(0);
  private batch: Batch | null = null;
  private places: Places | null = null;

  constructor(
    private readonly engine: Engine,
    schema: Schema,
    private readonly table: TupleTable,
    options: ValueOptions = {},
  ) {
    this.columns = table.columns;
    this.space = table.lists.at(-1)?.space ?? 0;
    this.columns.forEach((column, i) => {
      if (column.kind === 'json') this.lines.set(i, new JsonColumn(engine, jsonValues(schema, column, options)));
    });
  }

  /** Turns to a batch. */
  begin(batch: Batch): void {
    const { slab } = batch;
    this.batch = batch;
    this.places = new Places(batch, this.table.lists);
    if (this.layout !== slab.layout) {
      this.layout = slab.layout;
      this.program = programOf(this.columns, slab.layout);
    }
    this.lay([...this.made(batch, this.places)]);
  }

  /** The first row of record `record` of the batch; of one behind its last: how many rows there are. */
  firstOf(record: number): number {
    return this.places!.firstOf(record);
  }

  /** The record that a row belongs to. */
  recordOf(row: number): number {
    return this.places!.slotIn(0, row);
  }

  /** The slot that a row's column (its item, of an array) has its value in. */
  slotOf(column: number, row: number, item: number): number {
    const one = this.columns[column]!;
    if (one.kind === 'field') return this.places!.slotIn(one.space, row);
    if (one.kind !== 'array') return row;
    const { list } = one;
    if (list.size < 0) return this.batch!.listOffsets(list.frame, this.batch!.length)[row]! + item;
    return row * (list.element.node === 'list' ? list.size * list.element.size : list.size) + item;
  }

  /** Whether a slot is a row: what is not selected is none. */
  isRow(row: number): boolean {
    return this.table.selects.every(({ frame, space }) => {
      const place = this.batch!.slab.layout.table[frame * FRAME_WIDTH + FrameWord.VALIDITY]!;
      const slot = this.places!.slotIn(space, row);
      return (this.batch!.slab.bytes[place + (slot >> 3)]! & (1 << (slot & 7))) !== 0;
    });
  }

  /** Writes rows of the batch to out[from..]. */
  step(first: number, last: number, out: Uint8Array, from: number): TupleStep {
    const { written, extra } = this;
    this.engine.tuples(this.program, { slab: this.batch!.slab.bytes, extra, first, last }, out, from, written);
    return {
      status: written[TupleWritten.STATUS]!,
      rows: written[TupleWritten.ROWS]!,
      bytes: written[TupleWritten.BYTES]!,
      column: written[TupleWritten.COLUMN]!,
      reason: written[TupleWritten.REASON]!,
      item: written[TupleWritten.ITEM]!,
    };
  }

  /** What is not in the slab. */
  private *made(batch: Batch, places: Places): Generator<Made> {
    const rows = places.firstOf(batch.length);
    for (const [i, column] of this.columns.entries()) {
      const one = { column: i, text: null, word: TupleWord.VALUES };
      if (column.kind === 'record') yield { ...one, values: bytesOf(recordNumbers(batch, places, rows)) };
      else if (column.kind === 'ordinal') yield { ...one, values: bytesOf(ordinals(places, column.space, rows)) };
      else if (column.kind === 'json') {
        const text = this.lines.get(i)!.of(batch);
        yield { ...one, values: bytesOf(lineOffsets(text, rows)), text };
      } else if (column.kind === 'field' && column.space !== this.space) {
        const slots = Uint32Array.from({ length: rows }, (_, row) => places.slotIn(column.space, row));
        yield { ...one, values: bytesOf(slots), word: TupleWord.MAP };
      }
    }
  }

  /** Lays these one behind another, and says where in the program. */
  private lay(made: readonly Made[]): void {
    const { program } = this;
    let size = 0;
    const place = (bytes: number): number => {
      const at = size;
      size += (bytes + 7) & ~7;
      return at;
    };
    const laid = made.map((one) => ({ ...one, at: place(one.values.length), textAt: place(one.text?.length ?? 0) }));
    if (this.extra.length < size) this.extra = new Uint8Array(Math.ceil(size * 1.25));
    for (const { column, values, text, word, at, textAt } of laid) {
      this.extra.set(values, at);
      program[column * TUPLE_WORDS + word] = at;
      if (!text) continue;
      this.extra.set(text, textAt);
      program[column * TUPLE_WORDS + TupleWord.DATA] = textAt;
      program[column * TUPLE_WORDS + TupleWord.DATA_LENGTH] = text.length;
    }
  }
}

/** Which slots of the spaces around it a row of a table belongs to. */
class Places {
  /** For each list the slots of the space around it: the first item of each, and one more. */
  private readonly starts: readonly (Int32Array | number)[];

  constructor(
    batch: Batch,
    private readonly lists: readonly ListNode[],
  ) {
    this.starts = lists.map(({ frame, size }, level) =>
      size >= 0 ? size : batch.listOffsets(frame, batch.slots(level === 0 ? 0 : lists[level - 1]!.space)),
    );
  }

  firstOf(record: number): number {
    return this.starts.reduce<number>(
      (slot, start) => (typeof start === 'number' ? slot * start : start[slot]!),
      record,
    );
  }

  slotIn(space: number, row: number): number {
    let slot = row;
    for (let level = this.lists.length - 1; level >= 0; level--) {
      if (this.lists[level]!.space === space) return slot;
      slot = this.outer(level, slot);
    }
    return slot;
  }

  /** The number of a row's item of this space among those of its table, from 0. */
  itemOf(space: number, row: number): number {
    const level = this.lists.findIndex((list) => list.space === space);
    const slot = this.slotIn(space, row);
    const start = this.starts[level]!;
    return typeof start === 'number' ? slot % start : slot - start[this.outer(level, slot)]!;
  }

  private outer(level: number, slot: number): number {
    const start = this.starts[level]!;
    if (typeof start === 'number') return Math.floor(slot / start);
    let low = 0;
    for (let high = start.length - 2; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (start[middle]! <= slot) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** As words of 32 bits, the low one first. */
function recordNumbers({ firstRecord, recordNumbers: numbers }: Batch, places: Places, rows: number): Uint32Array {
  const words = new Uint32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const record = places.slotIn(0, row);
    const number = numbers ? numbers[record]! : firstRecord + record;
    words[2 * row] = number % 4294967296;
    words[2 * row + 1] = Math.floor(number / 4294967296);
  }
  return words;
}

const ordinals = (places: Places, space: number, rows: number): Int32Array =>
  Int32Array.from({ length: rows }, (_, row) => places.itemOf(space, row) + 1);

/** Offsets of lines of text, each with its end. */
function lineOffsets(text: Uint8Array, rows: number): Int32Array {
  const offsets = new Int32Array(rows + 1);
  for (let i = 1, at = 0; i <= rows; i++) {
    at = text.indexOf(10, at) + 1;
    offsets[i] = at;
  }
  return offsets;
}

/** A column of JSON: its text a batch, a line a row. */
class JsonColumn {
  private writer: TextWriter | null = null;
  private text: Uint8Array = new Uint8Array(1 << 16);
  private readonly written = new Int32Array(WRITTEN_WORDS);

  constructor(
    private readonly engine: Engine,
    private readonly encoder: Encoder,
  ) {}

  /** Valid until the next call. */
  of(batch: Batch): Uint8Array {
    return this.engine.writer ? this.byEngine(batch, batch.slab) : this.byEncoder(batch);
  }

  private byEncoder(batch: Batch): Uint8Array {
    let at = 0;
    this.encoder.encode(batch, (bytes) => {
      this.makeRoom(at, bytes.length);
      this.text.set(bytes, at);
      at += bytes.length;
    });
    return this.text.subarray(0, at);
  }

  private byEngine(batch: Batch, slab: Slab): Uint8Array {
    if (this.writer?.layout !== slab.layout) this.writer = this.engine.writer!(slab.layout, this.encoder.program());
    const { written } = this;
    let at = 0;
    for (let row = 0; row < batch.length; row += written[WrittenWord.RECORDS]!) {
      this.writer.rows(written, this.text, at, slab, row, batch.length);
      at += written[WrittenWord.BYTES]!;
      if (row + written[WrittenWord.RECORDS]! < batch.length) this.makeRoom(at, this.text.length);
    }
    return this.text.subarray(0, at);
  }

  private makeRoom(at: number, more: number): void {
    if (at + more <= this.text.length) return;
    const larger = new Uint8Array(Math.ceil((at + more) * 1.25));
    larger.set(this.text.subarray(0, at));
    this.text = larger;
  }
}

/** Words of the columns, but for the places of what is made for each batch. */
function programOf(columns: readonly TupleColumn[], layout: SlabLayout): Int32Array {
  const program = new Int32Array(columns.length * TUPLE_WORDS);
  columns.forEach((column, i) => {
    const w = program.subarray(i * TUPLE_WORDS, (i + 1) * TUPLE_WORDS);
    w[TupleWord.VALIDITY] = w[TupleWord.SELECT] = w[TupleWord.MAP] = -1;
    w[TupleWord.KIND] = TupleKind.EXTRA;
    switch (column.kind) {
      case 'record':
        w[TupleWord.TYPE] = Type.INT64;
        w[TupleWord.TARGET] = TupleTarget.INT8;
        break;
      case 'ordinal':
        w[TupleWord.TYPE] = Type.INT32;
        w[TupleWord.TARGET] = TupleTarget.INT4;
        break;
      case 'json':
        w[TupleWord.TYPE] = Type.UTF8;
        w[TupleWord.TARGET] = TupleTarget.JSON;
        w[TupleWord.FLAGS] = column.flags;
        break;
      case 'field':
        w[TupleWord.KIND] = TupleKind.VALUE;
        w[TupleWord.CAPACITY] = layout.capacities[column.space]!;
        placeField(w, column, layout);
        break;
      default:
        placeArray(w, column, layout);
    }
  });
  return program;
}

function placeArray(w: Int32Array, column: TupleColumn & { kind: 'array' }, layout: SlabLayout): void {
  const { list, oid, select } = column;
  const inner = list.element.node === 'list' ? list.element : null;
  const frame = (index: number, word: number): number => layout.table[index * FRAME_WIDTH + word]!;
  w[TupleWord.KIND] = TupleKind.ARRAY;
  w[TupleWord.OID] = oid;
  w[TupleWord.SIZE] = inner ? list.size * inner.size : list.size;
  w[TupleWord.INNER] = inner ? inner.size : 0;
  w[TupleWord.CAPACITY] = layout.capacities[(inner ?? list).space]!;
  if (list.size < 0) w[TupleWord.LIST] = frame(list.frame, FrameWord.LIST_OFFSETS);
  if (select >= 0) w[TupleWord.SELECT] = frame(select, FrameWord.VALIDITY);
  placeField(w, column, layout);
}

function placeField(
  w: Int32Array,
  { field, target, most, flags }: TupleColumn & { kind: 'field' | 'array' },
  { plan, table }: SlabLayout,
): void {
  const at = frameCount(plan) * FRAME_WIDTH + field.column * COLUMN_WIDTH;
  w[TupleWord.TYPE] = field.type;
  w[TupleWord.TARGET] = target;
  w[TupleWord.MOST] = most;
  w[TupleWord.FLAGS] = flags;
  w[TupleWord.SCALE] = field.scale;
  w[TupleWord.VALUES] = table[at + ColumnWord.VALUES]!;
  w[TupleWord.VALIDITY] = table[at + ColumnWord.VALIDITY]!;
  if (field.type !== Type.UTF8) return;
  w[TupleWord.DATA] = table[at + ColumnWord.DATA]!;
  w[TupleWord.DATA_LENGTH] = table[at + ColumnWord.DATA_LENGTH]!;
}
