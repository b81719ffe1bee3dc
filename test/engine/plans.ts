/**
 * Plans by hand, for tests of engines: instructions with words by name, and slabs as plain values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine } from '../../src/engine/engine.js';
import {
  COLUMN_WIDTH,
  ColumnWord,
  FRAME_WIDTH,
  FrameWord,
  Head,
  type Slab,
  absentOf,
  allocateSlab,
  badOf,
  faultsOf,
  layoutSlab,
  slotsOf,
} from '../../src/engine/slab.js';
import { Op, PLAN_VERSION, Type, W, WIDTH } from '../../src/plan/opcodes.js';
import { PLAN_HEADER, PLAN_MAGIC, type Plan, PlanWord, frameCount, instructions } from '../../src/plan/plan.js';

export type Words = { readonly OP: number } & Partial<Record<keyof typeof W, number>>;

/** Words that an instruction does not name are 0; COUNTER of a TABLE and TARGET of a field are -1. */
export function plan(list: readonly Words[], pool: Uint8Array = new Uint8Array(0), length = 32760): Plan {
  const code = new Int32Array(PLAN_HEADER + list.length * WIDTH);
  const spaces = new Set<number>();
  let frames = 0;
  let columns = 0;
  list.forEach((words, i) => {
    const at = PLAN_HEADER + i * WIDTH;
    if (words.OP === Op.ROOT) code[at + W.FRAME] = -1;
    if (words.OP === Op.TABLE) code[at + W.COUNTER] = -1;
    if (words.OP >= Op.TEXT) code[at + W.TARGET] = -1;
    for (const [name, value] of Object.entries(words)) code[at + W[name as keyof typeof W]] = value;
    if (words.OP <= Op.SELECT) frames++;
    if (words.OP === Op.ROOT || (words.OP === Op.TABLE && code[at + W.TYPE]! >= 0)) spaces.add(code[at + W.TYPE]!);
    if (words.OP >= Op.TEXT && code[at + W.TARGET]! >= 0) columns++;
  });
  code[PlanWord.MAGIC] = PLAN_MAGIC;
  code[PlanWord.VERSION] = PLAN_VERSION;
  code[PlanWord.INSTRUCTIONS] = list.length;
  code[PlanWord.FRAMES] = frames;
  code[PlanWord.SPACES] = spaces.size;
  code[PlanWord.COLUMNS] = columns;
  code[PlanWord.LENGTH] = length;
  code[PlanWord.POOL] = pool.length;
  return { code, pool, schema: { children: [], tables: {} } };
}

export const ROOT: Words = { OP: Op.ROOT };

/** Bytes from hexadecimal, spaces allowed. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A text pool: Latin-1 for bytes below x'F0'; x'F0' is the euro sign, the rest has no character. */
export function textPool(): Uint8Array {
  const pool = new Uint8Array(1024 + 256);
  for (let byte = 0; byte < 0xf0; byte++) {
    const utf8 = new TextEncoder().encode(String.fromCharCode(byte));
    pool[4 * byte] = utf8.length;
    pool.set(utf8, 4 * byte + 1);
    pool[1024 + byte] = byte;
  }
  pool.set([3, 0xe2, 0x82, 0xac], 4 * 0xf0);
  return pool;
}

/** What a decode call left behind, as plain values. */
export class Result {
  constructor(readonly slab: Slab) {}

  private get plan(): Plan {
    return this.slab.layout.plan;
  }

  head(word: number): number {
    return this.slab.head[word]!;
  }

  get records(): number {
    return this.head(Head.RECORDS);
  }

  slots(space: number): number {
    return this.head(slotsOf(space));
  }

  absent(column: number): number {
    return this.head(absentOf(this.plan, column));
  }

  badCount(column: number): number {
    return this.head(badOf(this.plan, column));
  }

  faultCount(frame: number): number {
    return this.head(faultsOf(this.plan, frame));
  }

  /** Values of a column: numbers, bigints (INT64, DECIMAL128), strings, and null. Checks that null slots are zero. */
  values(column: number): (number | bigint | string | null)[] {
    const field = [...instructions(this.plan)].find((i) => i.op >= Op.TEXT && i.target === column)!;
    const slots = this.slots(this.spaceOf(field.frame));
    const at = frameCount(this.plan) * FRAME_WIDTH + column * COLUMN_WIDTH;
    const { table } = this.slab.layout;
    const view = new DataView(this.slab.bytes.buffer);
    const place = table[at + ColumnWord.VALUES]!;
    return Array.from({ length: slots }, (_, i) => {
      const isThere = this.bit(table[at + ColumnWord.VALIDITY]!, i);
      const value = this.value(view, field.type, place, table[at + ColumnWord.DATA]!, i);
      if (isThere) return value;
      if (value !== 0 && value !== 0n && value !== '')
        throw new Error(`null slot ${i} of column ${column} holds ${value}`);
      return null;
    });
  }

  /** Slots whose bad bit is set. */
  bad(column: number): number[] {
    const field = [...instructions(this.plan)].find((i) => i.op >= Op.TEXT && i.target === column)!;
    const at = frameCount(this.plan) * FRAME_WIDTH + column * COLUMN_WIDTH;
    return this.ones(this.slab.layout.table[at + ColumnWord.BAD]!, this.slots(this.spaceOf(field.frame)));
  }

  selected(frame: number): number[] {
    return this.ones(this.place(frame, FrameWord.VALIDITY), this.slots(this.spaceOf(frame)));
  }

  faults(frame: number): number[] {
    return this.ones(this.place(frame, FrameWord.FAULTS), this.slots(this.spaceOf(this.parentOf(frame))));
  }

  listOffsets(frame: number): number[] {
    const slots = this.slots(this.spaceOf(this.parentOf(frame)));
    return [...new Int32Array(this.slab.bytes.buffer, this.place(frame, FrameWord.LIST_OFFSETS), slots + 1)];
  }

  positions(frame: number): number[] {
    return [
      ...new Uint32Array(
        this.slab.bytes.buffer,
        this.place(frame, FrameWord.POSITIONS),
        this.slots(this.spaceOf(frame)),
      ),
    ];
  }

  private value(view: DataView, type: number, place: number, data: number, i: number): number | bigint | string {
    switch (type) {
      case Type.INT32:
        return view.getInt32(place + 4 * i, true);
      case Type.INT64:
        return view.getBigInt64(place + 8 * i, true);
      case Type.DECIMAL128:
        return (view.getBigInt64(place + 16 * i + 8, true) << 64n) | view.getBigUint64(place + 16 * i, true);
      case Type.FLOAT32:
        return view.getFloat32(place + 4 * i, true);
      case Type.FLOAT64:
        return view.getFloat64(place + 8 * i, true);
      default: {
        const from = data + view.getInt32(place + 4 * i, true);
        const to = data + view.getInt32(place + 4 * i + 4, true);
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.slab.bytes.subarray(from, to));
      }
    }
  }

  private place(frame: number, word: number): number {
    return this.slab.layout.table[frame * FRAME_WIDTH + word]!;
  }

  private bit(place: number, i: number): boolean {
    return (this.slab.bytes[place + (i >> 3)]! & (1 << (i & 7))) !== 0;
  }

  /** Also checks that the bits behind the last one in its byte are 0. */
  private ones(place: number, slots: number): number[] {
    for (let i = slots; i % 8 !== 0; i++)
      if (this.bit(place, i)) throw new Error(`bit ${i} behind the last of ${slots} is set`);
    return Array.from({ length: slots }, (_, i) => i).filter((i) => this.bit(place, i));
  }

  private frameAt(frame: number): { op: number; frame: number; type: number } {
    return [...instructions(this.plan)].filter((i) => i.op <= Op.SELECT)[frame]!;
  }

  private parentOf(frame: number): number {
    const made = this.frameAt(frame);
    return made.op === Op.AFTER ? this.frameAt(made.frame).frame : made.frame;
  }

  private spaceOf(frame: number): number {
    const made = this.frameAt(frame);
    return made.op === Op.ROOT || made.op === Op.TABLE ? made.type : this.spaceOf(this.parentOf(frame));
  }
}

interface Strided {
  readonly data: Uint8Array;
  readonly stride: number;
}

const isList = (records: readonly Uint8Array[] | Strided): records is readonly Uint8Array[] => Array.isArray(records);

/** Decodes records of one length, or of their own lengths, into a fresh slab full of x'EE'. */
export function decode(
  engine: Engine,
  which: Plan,
  records: readonly Uint8Array[] | Strided,
  capacities: readonly number[] = [isList(records) ? records.length : 1024],
): Result {
  const layout = layoutSlab(which, capacities);
  const slab = allocateSlab(layout);
  slab.bytes.fill(0xee);
  const decoder = engine.prepare(layout);
  if (!isList(records)) {
    const { data, stride } = records;
    const count = Math.floor(data.length / stride);
    decoder.decode(slab, { data, starts: null, ends: null, first: 0, count, stride });
    return new Result(slab);
  }
  const data = concat(...records);
  const starts = new Uint32Array(records.length);
  const ends = new Uint32Array(records.length);
  let at = 0;
  records.forEach((record, i) => {
    starts[i] = at;
    at += record.length;
    ends[i] = at;
  });
  decoder.decode(slab, { data, starts, ends, first: 0, count: records.length, stride: 0 });
  return new Result(slab);
}

/** One field at offset 0 over records given in hexadecimal. */
export function decodeField(engine: Engine, field: Words, records: readonly string[], pool?: Uint8Array): Result {
  return decode(engine, plan([ROOT, { TARGET: 0, ...field }], pool), records.map(hex));
}
