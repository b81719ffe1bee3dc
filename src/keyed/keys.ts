/**
 * Keys of records: which fields they are made of, in which order each counts, and the making of them out of decoded
 * columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import { DecodeLoop, typicalLength } from '../batch/decode.js';
import type { Keyed } from '../engine/keyed.js';
import { KEY_WORDS, KeyFlag, KeyWord, MAX_KEY } from '../engine/keyed.js';
import { COLUMN_WIDTH, ColumnWord, FRAME_WIDTH, type SlabLayout, badOf, textCapacity } from '../engine/slab.js';
import { type ErrorCode, OverpunchError } from '../errors.js';
import type { Item, Layout } from '../layout/item.js';
import type { ReadOptions } from '../options.js';
import { compile } from '../plan/compile.js';
import { Lookup, splitName } from '../plan/names.js';
import { TYPE_WIDTH, Type } from '../plan/opcodes.js';
import { type Plan, frameCount, instruction } from '../plan/plan.js';
import { type FieldNode, fields } from '../plan/schema.js';
import type { Input } from './input.js';

/** Records in a batch: their keys and columns stay in the second-level cache. */
const BATCH_RECORDS = 1 << 12;

/** The items of these names. @throws OverpunchError where one is no elementary item outside of tables */
export function keyItems(layout: Layout, names: readonly string[], code: ErrorCode, what: string): Item[] {
  const lookup = new Lookup(layout);
  return names.map((name) => {
    const { item, condition } = lookup.find(splitName(name), code, what);
    if (condition) throw new OverpunchError(code, `${what}: ${name} is a condition of ${item.path}, not a field`);
    if (item.kind === 'group') {
      throw new OverpunchError(code, `${what}: ${item.path} is a group`, {
        hint: `Name fields in it: ${item.children.map((child) => child.name).join(', ')}.`,
      });
    }
    for (let at: Item | null = item; at; at = at.parent) {
      if (!at.occurs) continue;
      throw new OverpunchError(code, `${what}: ${item.path} is in the table ${at.path}`, {
        hint: 'A record has many of its values; a key has one.',
      });
    }
    return item;
  });
}

/** The plan that decodes these items, and the field of each. `collate`: as in CompileOptions. */
export function keyPlan(
  { layout, options }: Pick<Input, 'layout' | 'options'>,
  items: readonly Item[],
  collate: string | null,
): { plan: Plan; fields: FieldNode[] } {
  const decode: ReadOptions = { ...options, select: items.map(({ path }) => path), filler: false };
  const plan = compile(layout, { ...decode, text: 'latin1', ...(collate !== null && { collate }) });
  const byPath = new Map([...fields(plan.schema)].map((field) => [field.path, field]));
  return { plan, fields: items.map(({ path }) => byPath.get(path)!) };
}

/** A field's part of a key: what it is made of, and where it lies. */
export interface KeyPart {
  readonly field: FieldNode;
  readonly descending: boolean;
  readonly pad: number;
  /** Offset of the class byte, and bytes of the value behind it. */
  readonly at: number;
  readonly width: number;
}

export interface PartChoice {
  readonly field: FieldNode;
  readonly descending?: boolean;
  /** Default: a space of what the column holds. */
  readonly pad?: number;
}

/** @throws OverpunchError OVP_OPTION_KEY where the key would be too long */
export function layKey(plan: Plan, choices: readonly PartChoice[]): { parts: KeyPart[]; width: number } {
  let at = 0;
  const parts = choices.map(({ field, descending = false, pad = 0x20 }) => {
    const part = { field, descending, pad, at, width: valueWidth(plan, field) };
    at += 1 + part.width;
    return part;
  });
  if (at > MAX_KEY) {
    throw new OverpunchError(
      'OVP_OPTION_KEY',
      `A key of these fields takes ${at} bytes; at most ${MAX_KEY} are possible`,
    );
  }
  return { parts, width: at };
}

function valueWidth(plan: Plan, field: FieldNode): number {
  if (field.type === Type.UTF8) return textCapacity(instruction(plan, field.instruction));
  if (field.type === Type.DECIMAL128) return field.storageDigits <= 18 ? 8 : 16;
  return TYPE_WIDTH[field.type]!;
}

/** Makes keys of the batches of one plan. */
export class KeyMaker {
  readonly parts: readonly KeyPart[];
  readonly width: number;
  /** See Keyed.keys; only where `toSort`. */
  readonly varying: Uint8Array;
  private readonly flags: number;
  private readonly toSort: boolean;
  private layout: SlabLayout | null = null;
  private words: Int32Array = new Int32Array(0);

  constructor(
    private readonly keyed: Keyed,
    plan: Plan,
    choices: readonly PartChoice[],
    { badAsAbsent = false, toSort = false }: { readonly badAsAbsent?: boolean; readonly toSort?: boolean } = {},
  ) {
    const { parts, width } = layKey(plan, choices);
    this.parts = parts;
    this.width = width;
    this.varying = new Uint8Array(2 * width);
    this.toSort = toSort;
    this.flags = badAsAbsent ? KeyFlag.BAD_AS_ABSENT : 0;
    this.restart();
  }

  /** Forgets what the keys so far had in common. */
  restart(): void {
    this.varying.fill(0xff, 0, this.width).fill(0, this.width);
  }

  make({ slab, length }: Batch, keys: Uint8Array, at: number): void {
    if (slab.layout !== this.layout) {
      this.layout = slab.layout;
      this.words = partWords(slab.layout, this.parts, this.flags);
    }
    this.keyed.keys(this.words, slab.bytes, length, keys, at, this.width, this.toSort ? this.varying : null);
  }
}

function partWords(layout: SlabLayout, parts: readonly KeyPart[], flags: number): Int32Array {
  const words = new Int32Array(parts.length * KEY_WORDS);
  parts.forEach(({ field, descending, pad, at, width }, i) => {
    const column = columnWords(layout, field);
    const to = i * KEY_WORDS;
    words[to + KeyWord.TYPE] = field.type;
    words[to + KeyWord.VALUES] = column[ColumnWord.VALUES]!;
    words[to + KeyWord.VALIDITY] = column[ColumnWord.VALIDITY]!;
    words[to + KeyWord.BAD] = column[ColumnWord.BAD]!;
    words[to + KeyWord.DATA] = column[ColumnWord.DATA]!;
    words[to + KeyWord.DATA_LENGTH] = column[ColumnWord.DATA_LENGTH]!;
    words[to + KeyWord.AT] = at;
    words[to + KeyWord.WIDTH] = width;
    words[to + KeyWord.FLAGS] = flags | (descending ? KeyFlag.DESCENDING : 0);
    words[to + KeyWord.PAD] = pad;
  });
  return words;
}

/** A field's row of the slab's table. */
export function columnWords({ plan, table }: SlabLayout, { column }: FieldNode): Int32Array {
  const at = frameCount(plan) * FRAME_WIDTH + column * COLUMN_WIDTH;
  return table.subarray(at, at + COLUMN_WIDTH);
}

/** Bad values of a batch's fields. */
export function badCount({ plan, slab }: Batch, list: readonly FieldNode[]): number {
  let count = 0;
  for (const { column } of new Set(list)) count += slab.head[badOf(plan, column)]!;
  return count;
}

/** Decodes what keys are made of, into memory that is used again, so many records at a time at most. */
export function keyLoop(
  { engine, layout, options }: Pick<Input, 'engine' | 'layout' | 'options'>,
  plan: Plan,
  most = Number.POSITIVE_INFINITY,
): DecodeLoop {
  const { batchRecords = BATCH_RECORDS } = options;
  const sizes = { own: false, batchRecords: Math.min(batchRecords, most) };
  return new DecodeLoop(engine, plan, { ...sizes, typicalLength: typicalLength(plan, layout.minLength) });
}
