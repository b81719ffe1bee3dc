/**
 * Messages as objects: a record of a fixed layout is read into an image and a text (see engine/message.ts), and an object
 * is built of them by code made for the schema, or by closures where code generation is forbidden.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../engine/engine.js';
import { MAX_MESSAGE, MESSAGE_WIDTH, type MessageReader, MessageWord, Show, valuesPlace } from '../engine/message.js';
import type { ValueOptions } from '../options.js';
import { Flag, Op, TEXT_POOL, TEXT_POOL_LATIN1, Type } from '../plan/opcodes.js';
import { type Instruction, type Plan, instruction, instructions, isFrame } from '../plan/plan.js';
import type { FieldNode, GroupNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import { mayGenerate } from './builders.js';
import { CodeMessage, ClosureMessage, type ImageView, type MessageTarget } from './message-builders.js';
import { elementReader, numberReader } from './readers.js';
import type { Row } from './rows.js';
import { presentation } from './values.js';

/** Values of an object at most, items of tables counted one by one. */
const MAX_VALUES = 2048;
/** Characters of a code page that must be in Latin-1: with fewer, most records would be read in vain. */
const MIN_LATIN1 = 220;
/**
 * Records that are read together at most: objects not asked for yet are hardly older than those that are then, and what is
 * kept of a record keeps no more than these alive. Images have to stay in the cache.
 */
const MESSAGES = 64;
const IMAGES_BYTES = 65536;

/** Reads a record as an object; undefined where it must be decoded into a slab. */
export type ReadMessage = (bytes: Uint8Array) => Row | undefined;

/** Null where the plan's records are of no fixed layout, or more than a message can be. */
export function messageReader(
  engine: Engine,
  plan: Plan,
  options: ValueOptions,
  generate: boolean = mayGenerate(),
): ReadMessage | null {
  const program = new Program(plan, options);
  if (!program.isFixed()) return null;
  const make = <T>(target: MessageTarget<T>): ReadMessage => {
    const root = program.group(plan.schema, 0, target);
    const reader = engine.message({ plan, words: program.words() }, 1);
    const build = target.one(root, reader.image, program.values.length);
    return (bytes) => {
      checkImage(reader);
      const text = reader.read(bytes);
      return text === undefined ? undefined : build(text);
    };
  };
  return generate ? make(new CodeMessage(false)) : make(new ClosureMessage());
}

/** Reads records as objects, as many as it is made for, up to one that must be decoded into a slab (`isAside`). */
export type ReadMessages = (records: Records) => { readonly rows: Row[]; readonly isAside: boolean };

/** As {@link messageReader}, for records that lie one behind another; null also where the engine does better by a slab. */
export function messagesReader(
  engine: Engine,
  plan: Plan,
  options: ValueOptions,
  generate: boolean = mayGenerate(),
): ReadMessages | null {
  const program = new Program(plan, options);
  if (!program.isFixed()) return null;
  const make = <T>(target: MessageTarget<T>): ReadMessages | null => {
    const root = program.group(plan.schema, 0, target);
    const count = program.values.length;
    const most = Math.max(1, Math.min(MESSAGES, Math.floor(IMAGES_BYTES / (16 * count))));
    const reader = engine.message({ plan, words: program.words() }, most);
    const { readMany } = reader;
    if (!readMany) return null;
    const build = target.many(root, reader.image, reader.imageLength, count);
    return (records) => {
      checkImage(reader);
      const wanted = Math.min(records.count, most);
      const { count: taken, text } = readMany({ ...records, count: wanted });
      return { rows: build(text, taken, taken === 0 ? 0 : text.length / taken), isAside: taken < wanted };
    };
  };
  return generate ? make(new CodeMessage(true)) : make(new ClosureMessage());
}

const shared = new WeakMap<Plan, Map<string, ReadMessages | null>>();

/** The same reader whenever it is asked for (by one engine), as sharedRowBuilder answers the same builder. */
export function sharedMessagesReader(engine: Engine, plan: Plan, options: ValueOptions): ReadMessages | null {
  const { names = 'camel', decimals = 'string' } = options;
  const key = `${engine.name} ${names} ${decimals}`;
  let readers = shared.get(plan);
  if (!readers) shared.set(plan, (readers = new Map()));
  let reader = readers.get(key);
  if (reader === undefined) readers.set(key, (reader = messagesReader(engine, plan, { names, decimals })));
  return reader;
}

/** The engine writes without looking whether the images are still there. */
function checkImage({ image }: MessageReader): void {
  if (image.words.length === 0) throw new RangeError('The memory of this decoder was taken away');
}

interface Value {
  readonly instruction: number;
  readonly offset: number;
  readonly show: number;
  readonly scale: number;
  readonly place: number;
}

class Program {
  readonly plan: Plan;
  private readonly options: ValueOptions;
  private readonly tables = new Map<number, Instruction>();
  readonly values: Value[] = [];
  private end = 0;

  constructor(plan: Plan, options: ValueOptions) {
    this.plan = plan;
    this.options = options;
  }

  /** Every field always lies at the same place, and is of a kind that a message can hold. */
  isFixed(): boolean {
    for (const step of instructions(this.plan)) {
      if (!isFrame(step.op) || step.op === Op.ROOT) continue;
      if (step.op !== Op.TABLE || step.counter >= 0 || step.length === 0 || step.type < 0) return false;
      this.tables.set(step.target, step);
    }
    const count = this.countOf(this.plan.schema, 0, 0);
    this.end = valuesPlace(count);
    return count > 0 && count <= MAX_VALUES;
  }

  words(): Int32Array {
    const words = this.values.flatMap(({ instruction, offset, show, scale, place }) => {
      const words = new Array<number>(MESSAGE_WIDTH).fill(0);
      words[MessageWord.INSTRUCTION] = instruction;
      words[MessageWord.OFFSET] = offset;
      words[MessageWord.SHOW] = show;
      words[MessageWord.SCALE] = scale;
      words[MessageWord.PLACE] = place;
      return words;
    });
    return Int32Array.from(words);
  }

  group<T>(node: Schema | GroupNode, at: number, target: MessageTarget<T>): T {
    const { names = 'camel' } = this.options;
    return target.object(
      node.children.map((child) => ({
        key: child.keys[names],
        value: this.value(child, at, target),
        select: -1,
      })),
    );
  }

  private value<T>(node: SchemaNode, at: number, target: MessageTarget<T>): T {
    if (node.node === 'group') return this.group(node, at, target);
    if (node.node === 'field') return this.field(node, at, target);
    const { offset, length } = this.tables.get(node.frame)!;
    const items: T[] = [];
    for (let k = 0; k < node.size; k++) items.push(this.value(node.element, at + offset + k * length, target));
    return target.list(items);
  }

  private field<T>(field: FieldNode, at: number, target: MessageTarget<T>): T {
    const step = instruction(this.plan, field.instruction);
    const shown = presentation(field, this.options.decimals);
    const number = this.values.length;
    const add = (show: number, width: 8 | 16): number => {
      const place = Math.ceil(this.end / width) * width;
      this.values.push({ instruction: step.index, offset: at + step.offset, show, scale: field.scale, place });
      this.end = place + width;
      return place;
    };
    const leaf = (show: number, width: 8 | 16, view: ImageView, size: 4 | 8 | 16, reader = elementReader): T => {
      const place = add(show, width);
      return target.number(number, view, place / size, size, reader);
    };
    if (shown === 'text' || shown === 'decimal') {
      return target.string(number, add(shown === 'text' ? Show.TEXT : Show.DECIMAL, 8) / 4);
    }
    if (shown === 'float') return leaf(Show.DOUBLE, 8, 'doubles', 8);
    if (field.type === Type.INT32) return leaf(Show.INT32, 8, 'words', 4);
    const reader = numberReader(field, shown);
    if (field.type === Type.DECIMAL128)
      return leaf(Show.INT128, 16, shown === 'bigint' ? 'longs' : 'words', 16, reader);
    if (shown === 'number') return leaf(Show.DOUBLE, 8, 'doubles', 8);
    return leaf(Show.INT64, 8, shown === 'bigint' ? 'longs' : 'words', 8, reader);
  }

  /** Values under a node whose fields are read from `frame`, `at` bytes into the record; infinite where one cannot be. */
  private countOf(node: Schema | SchemaNode, frame: number, at: number): number {
    if ('node' in node && node.select >= 0) return Number.POSITIVE_INFINITY;
    if (!('node' in node) || node.node === 'group') {
      let count = 0;
      for (const child of (node as Schema | GroupNode).children) count += this.countOf(child, frame, at);
      return count;
    }
    if (node.node === 'field') return this.canRead(node, frame, at) ? 1 : Number.POSITIVE_INFINITY;
    return this.countOfTable(node, frame, at);
  }

  private countOfTable(node: ListNode, frame: number, at: number): number {
    const table = this.tables.get(node.frame);
    if (!table || table.frame !== frame || node.size < 0) return Number.POSITIVE_INFINITY;
    const last = at + table.offset + Math.max(0, node.size - 1) * table.length;
    return node.size * this.countOf(node.element, node.frame, last);
  }

  private canRead(field: FieldNode, frame: number, at: number): boolean {
    const step = instruction(this.plan, field.instruction);
    if (step.frame !== frame || at + step.offset + step.length > MAX_MESSAGE) return false;
    if (step.op === Op.TEXT) return this.isLatin1(step);
    return step.op === Op.ZONED || step.op === Op.PACKED || step.op === Op.BINARY || isRealOrEdited(step.op);
  }

  private isLatin1({ pool, poolLength, flags }: Instruction): boolean {
    if (poolLength < TEXT_POOL + TEXT_POOL_LATIN1) return false;
    if (flags & Flag.LATIN1) return true;
    const table = this.plan.pool.subarray(pool + TEXT_POOL, pool + TEXT_POOL + TEXT_POOL_LATIN1);
    return table.reduce((count, byte) => count + (byte > 0 ? 1 : 0), 0) >= MIN_LATIN1;
  }
}

const isRealOrEdited = (op: number): boolean => op === Op.FLOAT || op === Op.EDITED;
