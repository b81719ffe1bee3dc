/**
 * Batches made by hand: a description of a record and its values become a plan (just enough of one to lay out a slab), a
 * slab filled as an engine would fill it, and what must come out of it. What an engine leaves undefined is garbage here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Batch } from '../../src/batch/batch.js';
import {
  ColumnWord,
  COLUMN_WIDTH,
  FRAME_WIDTH,
  FrameWord,
  Head,
  allocateSlab,
  layoutSlab,
  slotsOf,
} from '../../src/engine/slab.js';
import { Op, PLAN_VERSION, Type, type TypeCode, W, WIDTH } from '../../src/plan/opcodes.js';
import { PLAN_HEADER, PLAN_MAGIC, type Plan, PlanWord } from '../../src/plan/plan.js';
import type { Keys, Schema, SchemaNode } from '../../src/plan/schema.js';

interface Common {
  readonly name: string;
  /** Has a selection of its own: values of it may be undefined. */
  readonly optional?: boolean;
}
export interface FieldSpec extends Common {
  readonly type: 'int32' | 'int64' | 'decimal128' | 'float32' | 'float64' | 'utf8' | 'latin1';
  readonly digits?: number;
  readonly scale?: number;
  readonly storageDigits?: number;
}
export interface GroupSpec extends Common {
  readonly children: readonly Spec[];
}
/** A table of fields (`type`) or of groups (`children`): `size` items, or up to `max`. */
export type ListSpec = (FieldSpec | GroupSpec) & ({ readonly size: number } | { readonly max: number });
export type Spec = FieldSpec | GroupSpec | ListSpec;

/** Integers are bigints (unscaled), null is absent or bad, undefined is not selected. */
export type Value = bigint | number | string | null | undefined | Value[] | { [name: string]: Value };
export type Record = { [name: string]: Value };

const TYPES: { readonly [type in FieldSpec['type']]: TypeCode } = {
  int32: Type.INT32,
  int64: Type.INT64,
  decimal128: Type.DECIMAL128,
  float32: Type.FLOAT32,
  float64: Type.FLOAT64,
  utf8: Type.UTF8,
  latin1: Type.UTF8,
};

export const isList = (spec: Spec): spec is ListSpec => 'size' in spec || 'max' in spec;
export const isGroup = (spec: Spec): spec is GroupSpec => 'children' in spec;
/** What one item of a table is. */
export function elementOf(spec: ListSpec): FieldSpec | GroupSpec {
  const entries = Object.entries(spec).filter(([key]) => key !== 'size' && key !== 'max' && key !== 'optional');
  return Object.fromEntries(entries) as unknown as FieldSpec | GroupSpec;
}
export const mostItems = (spec: ListSpec): number => ('size' in spec ? spec.size : spec.max);

/** `acct_id` in the three namings; anything else stays as it is. */
export function keysOf(name: string): Keys {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return { cobol: name, camel: name, snake: name };
  return {
    cobol: name.toUpperCase().replaceAll('_', '-'),
    camel: name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    snake: name,
  };
}

/** What is written once the slab is there. */
type Fill = (bytes: Uint8Array, table: Int32Array) => void;

export interface BatchOptions {
  /** Slots that each space has room for beyond those used. */
  readonly spare?: number;
  readonly firstRecord?: number;
}

export function batchOf(specs: readonly Spec[], records: readonly Record[], options: BatchOptions = {}): Batch {
  return builder(specs, options)(records)[0]!;
}

/** Makes batches of one plan, each in a slab of its own. */
export function builder(specs: readonly Spec[], { spare = 0, firstRecord = 1 }: BatchOptions = {}) {
  return (...blocks: (readonly Record[])[]): Batch[] => {
    let plan: Plan | undefined;
    return blocks.map((records) => {
      const built = build(specs, records, plan?.schema);
      plan ??= built.plan;
      // One plan for all: only the lengths of text fields in its code differ, which matter to the layout alone.
      const layout = layoutSlab(
        built.plan,
        built.slots.map((n) => n + spare),
      );
      const slab = allocateSlab({ ...layout, plan });
      slab.bytes.fill(0xaa);
      slab.head.fill(0);
      slab.head[Head.RECORDS] = records.length;
      built.slots.forEach((n, space) => {
        slab.head[slotsOf(space)] = n;
      });
      for (const fill of built.fills) fill(slab.bytes, layout.table);
      return new Batch(plan, slab, firstRecord);
    });
  };
}

function build(specs: readonly Spec[], records: readonly Record[], known: Schema | undefined) {
  const code: number[][] = [];
  const slots: number[] = [records.length];
  const fills: Fill[] = [];
  let frames = 0;
  let spaces = 1;
  let columns = 0;

  const emit = (op: number, words: Partial<{ [word in keyof typeof W]: number }>): number => {
    const row = new Array<number>(WIDTH).fill(0);
    row[W.OP] = op;
    for (const [word, value] of Object.entries(words)) row[W[word as keyof typeof W]] = value;
    return code.push(row) - 1;
  };
  const frame = (op: number, parent: number, space: number, counter: number): number => {
    emit(op, { FRAME: parent, TARGET: frames, TYPE: space, COUNTER: counter });
    return frames++;
  };
  /** Places in the table are known once all frames are counted. */
  const columnAt = (table: Int32Array, column: number, word: number): number =>
    table[frames * FRAME_WIDTH + column * COLUMN_WIDTH + word]!;

  function nodes(children: readonly Spec[], parent: number, space: number, values: readonly Value[]): SchemaNode[] {
    return children.map((child) => {
      const own = values.map((value) =>
        value === undefined || value === null ? undefined : (value as Record)[child.name],
      );
      return node(child, parent, space, own, '');
    });
  }

  function node(spec: Spec, parent: number, space: number, values: readonly Value[], path: string): SchemaNode {
    const keys = keysOf(spec.name);
    const own = { keys, path: `${path}${keys.cobol}`, select: -1 };
    let inner = parent;
    if (spec.optional) {
      inner = own.select = frame(Op.SELECT, parent, 0, 0);
      const select = own.select;
      fills.push((bytes, table) => {
        setBits(
          bytes,
          table[select * FRAME_WIDTH + FrameWord.VALIDITY]!,
          values.map((value) => value !== undefined),
        );
      });
    }
    if (isList(spec)) {
      const size = 'size' in spec ? spec.size : -1;
      const itemSpace = spaces++;
      const list = frame(Op.TABLE, inner, itemSpace, size >= 0 ? -1 : 0);
      const items: Value[] = [];
      const ends = [0];
      for (const value of values) {
        const given = (value ?? []) as Value[];
        if (given.length > mostItems(spec)) throw new RangeError(`${spec.name}: too many items`);
        items.push(...given);
        if (size >= 0) for (let k = given.length; k < size; k++) items.push(undefined);
        ends.push(items.length);
      }
      slots[itemSpace] = items.length;
      if (size < 0) {
        fills.push((bytes, table) => {
          new Int32Array(bytes.buffer, table[list * FRAME_WIDTH + FrameWord.LIST_OFFSETS]!, ends.length).set(ends);
        });
      }
      return {
        ...own,
        node: 'list',
        frame: list,
        space: itemSpace,
        size,
        max: mostItems(spec),
        element: node(elementOf(spec), list, itemSpace, items, path),
      };
    }
    if (isGroup(spec)) return { ...own, node: 'group', children: nodes(spec.children, inner, space, values) };

    const column = columns++;
    const type = TYPES[spec.type];
    const encoded = values.map((value) =>
      typeof value === 'string' ? textBytes(value, spec.type === 'latin1') : new Uint8Array(0),
    );
    const instruction = emit(type === Type.UTF8 ? Op.TEXT : Op.BINARY, {
      FRAME: inner,
      LENGTH: Math.max(1, ...encoded.map((bytes) => bytes.length)),
      TARGET: column,
      DIGITS: 1,
      TYPE: type,
    });
    fills.push((bytes, table) => {
      const isThere = values.map((value) => value !== undefined && value !== null);
      setBits(bytes, columnAt(table, column, ColumnWord.VALIDITY), isThere);
      setBits(
        bytes,
        columnAt(table, column, ColumnWord.BAD),
        isThere.map(() => false),
      );
      const place = columnAt(table, column, ColumnWord.VALUES);
      if (type === Type.UTF8) {
        const data = columnAt(table, column, ColumnWord.DATA);
        const offsets = new Int32Array(bytes.buffer, place, values.length + 1);
        offsets[0] = 0;
        encoded.forEach((text, i) => {
          bytes.set(text, data + offsets[i]!);
          offsets[i + 1] = offsets[i]! + text.length;
        });
      } else {
        setNumbers(bytes, place, type, values);
      }
    });
    const { digits = 0, scale = 0, storageDigits = digits } = spec;
    const kind =
      type === Type.UTF8 ? 'text' : spec.type.startsWith('float') ? 'float' : scale > 0 ? 'decimal' : 'integer';
    return {
      ...own,
      node: 'field',
      column,
      instruction,
      type,
      kind,
      digits,
      scale,
      storageDigits,
      latin1: spec.type === 'latin1',
    };
  }

  frame(Op.ROOT, -1, 0, 0);
  const children = nodes(specs, 0, 0, records);
  const words = new Int32Array(PLAN_HEADER + code.length * WIDTH);
  words[PlanWord.MAGIC] = PLAN_MAGIC;
  words[PlanWord.VERSION] = PLAN_VERSION;
  words[PlanWord.INSTRUCTIONS] = code.length;
  words[PlanWord.FRAMES] = frames;
  words[PlanWord.SPACES] = spaces;
  words[PlanWord.COLUMNS] = columns;
  words.set(code.flat(), PLAN_HEADER);
  return {
    plan: { code: words, pool: new Uint8Array(0), schema: known ?? { children, tables: {} } } satisfies Plan,
    slots,
    fills,
  };
}

const textBytes = (text: string, latin1: boolean): Uint8Array => Buffer.from(text, latin1 ? 'latin1' : 'utf8');

/** Bits beyond the last slot stay garbage. */
function setBits(bytes: Uint8Array, place: number, bits: readonly boolean[]): void {
  bits.forEach((isSet, i) => {
    const at = place + (i >> 3);
    bytes[at] = isSet ? bytes[at]! | (1 << (i & 7)) : bytes[at]! & ~(1 << (i & 7));
  });
}

function setNumbers(bytes: Uint8Array, place: number, type: TypeCode, values: readonly Value[]): void {
  const view = new DataView(bytes.buffer, place);
  values.forEach((value, i) => {
    const n = (value ?? (type === Type.FLOAT32 || type === Type.FLOAT64 ? 0 : 0n)) as bigint;
    if (type === Type.INT32) view.setInt32(4 * i, Number(n), true);
    else if (type === Type.INT64) view.setBigInt64(8 * i, n, true);
    else if (type === Type.FLOAT32) view.setFloat32(4 * i, Number(n), true);
    else if (type === Type.FLOAT64) view.setFloat64(8 * i, Number(n), true);
    else {
      view.setBigInt64(16 * i, BigInt.asIntN(64, n), true);
      view.setBigInt64(16 * i + 8, n >> 64n, true);
    }
  });
}
