/**
 * Rows as documents: what `rows.ts` makes, with numbers as BSON has them. A field's type is decided by its picture, never by
 * its value: Int32, Int64 (a bigint, which the driver writes as that), Decimal128 with the full scale, Double. Decimal128 has 34
 * digits; pictures with more are text, which loses nothing. No key of ours is one that BSON or the driver has a use for: in COBOL's names all
 * letters are capitals, in the others nothing begins with an underscore.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Decimal128, Document, Double } from 'mongodb';
import type { Batch } from '../batch/batch.js';
import {
  type Builder,
  ClosureTarget,
  CodeTarget,
  type Entry,
  type Reader,
  type Target,
  mayGenerate,
} from '../batch/builders.js';
import { elementReader } from '../batch/readers.js';
import { bigintDecimal, decimalNumber } from '../batch/values.js';
import { Binder, floatsView, longsView, wordsView } from '../batch/views.js';
import { type OwnLeaf, Walk } from '../batch/walk.js';
import { writeDigits } from '../engine/digits.js';
import { OverpunchError } from '../errors.js';
import type { Names, ValueOptions } from '../options.js';
import { keysOf } from '../plan/names.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode, Schema, SchemaNode } from '../plan/schema.js';

/** The classes of the driver that stand for BSON's numbers. */
export interface BsonNumbers {
  readonly Decimal128: new (bytes: Uint8Array) => Decimal128;
  readonly Double: new (value: number) => Double;
}

/** Digits of a Decimal128. */
const DECIMAL128_DIGITS = 34;
const DECIMAL128_BIAS = 6176;

/** Makes documents of batches of one schema. */
export class Documents {
  private readonly binder: Binder;
  private readonly builder: Builder;

  /** `key`: the fields that `_id` is made of: the value of one, an object of several. Without any there is no `_id`. */
  constructor(
    schema: Schema,
    options: ValueOptions,
    bson: BsonNumbers,
    key: readonly FieldNode[],
    generate: boolean = mayGenerate(),
  ) {
    this.binder = new Binder(schema);
    const build = <T>(target: Target<T>): Builder => {
      const walk = new Walk(options, writeDigits, target, (field, space) => leafOf(field, space, options, bson));
      const entry = (node: SchemaNode): Entry<T> => ({
        key: walk.key(node),
        value: walk.value(node, 0),
        select: walk.selection(node.select, 0),
      });
      const names = partNames(key, options.names ?? 'camel');
      const parts = key.map((field, k) => ({ key: names[k]!, value: walk.value(field, 0), select: -1 }));
      const id = parts.length === 1 ? parts[0]!.value : target.object(parts);
      const own = parts.length === 0 ? [] : [{ key: '_id', value: id, select: -1 }];
      return walk.finish(target.object([...own, ...schema.children.map(entry)]), this.binder);
    };
    this.builder = generate ? build(new CodeTarget()) : build(new ClosureTarget());
  }

  /** Rows from..to-1; nothing in them is memory of the batch. */
  of(batch: Batch, from: number, to: number): Document[] {
    this.binder.bind(batch);
    const list: Document[] = [];
    this.builder.fill(from, to, list);
    return list;
  }

  release(): void {
    this.binder.release();
  }
}

/** Names of the key's parts: the fields' own; with their groups' before them where two would be one. */
function partNames(key: readonly FieldNode[], names: Names): string[] {
  const own = key.map(({ keys }) => keys[names]);
  const qualified = key.map(({ path }) => keysOf(path.replaceAll('.', '-'))[names]);
  const chosen = own.map((name, k) => (own.indexOf(name) === own.lastIndexOf(name) ? name : qualified[k]!));
  const twice = chosen.find((name, k) => chosen.indexOf(name) !== k);
  if (twice !== undefined) throw new OverpunchError('OVP_OPTION_KEY', `key: two of its fields are called ${twice}`);
  return chosen;
}

/** What reads a value of a view that makes it. */
const made: Reader = { code: (view, i) => `${view}(${i})`, read: (view: (i: number) => unknown, i) => view(i) };

/** Null for text, which is as in rows, and for decimals of too many digits, which are text there. */
function leafOf(
  field: FieldNode,
  space: number,
  { decimals = 'string' }: ValueOptions,
  { Decimal128, Double }: BsonNumbers,
): OwnLeaf | null {
  const { kind, type, scale } = field;
  if (kind === 'text') return null;
  if (kind === 'float') {
    return {
      view: (slab) => {
        const values = floatsView(slab, field, space);
        return (i: number) => new Double(values[i]!);
      },
      reader: made,
    };
  }
  if (kind === 'decimal' && decimals === 'number') {
    return {
      view: (slab) => {
        const words = wordsView(slab, field, space);
        return (i: number) => new Double(decimalNumber(words, i, scale));
      },
      reader: made,
    };
  }
  if (type === Type.INT32) return { view: (slab) => wordsView(slab, field, space), reader: elementReader };
  if (type === Type.INT64) return { view: (slab) => longsView(slab, field, space), reader: elementReader };
  if (Math.max(field.digits, field.storageDigits) <= DECIMAL128_DIGITS) {
    return {
      view: (slab) => {
        const words = wordsView(slab, field, space);
        return (i: number) => new Decimal128(decimalBytes(words, 4 * i, scale));
      },
      reader: made,
    };
  }
  if (kind === 'decimal') return null;
  return {
    view: (slab) => {
      const longs = longsView(slab, field, space);
      return (i: number) => String(bigintDecimal(longs, i));
    },
    reader: made,
  };
}

/**
 * IEEE 754-2008 decimal128, binary integer coded, lowest byte first: sign, 14 bits of exponent, 113 of an integer. What has 34
 * digits fits into these.
 */
function decimalBytes(words: Int32Array, at: number, scale: number): Uint8Array {
  const isNegative = words[at + 3]! < 0;
  const bytes = new Uint8Array(16);
  let carry = 1;
  for (let k = 0; k < 4; k++) {
    let word = words[at + k]!;
    if (isNegative) {
      word = (~word + carry) | 0;
      if (word !== 0) carry = 0;
    }
    if (k === 3) word |= (isNegative ? 0x80000000 : 0) | ((DECIMAL128_BIAS - scale) << 17);
    bytes[4 * k] = word;
    bytes[4 * k + 1] = word >> 8;
    bytes[4 * k + 2] = word >> 16;
    bytes[4 * k + 3] = word >> 24;
  }
  return bytes;
}
