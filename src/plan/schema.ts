/**
 * What comes out: the tree of keys, structs, lists and columns that a plan produces. Connectors walk it; engines do not
 * know it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Item } from '../layout/item.js';
import type { TypeCode } from './opcodes.js';

/** Keys of one node in each naming; unique among its siblings. */
export interface Keys {
  readonly cobol: string;
  readonly camel: string;
  readonly snake: string;
}

export interface FieldNode {
  readonly node: 'field';
  readonly keys: Keys;
  /** Path of the item: `ACCOUNT.ACCT-MONEY.BALANCE`. */
  readonly path: string;
  /** Index of the plan's column, and of its instruction. */
  readonly column: number;
  readonly instruction: number;
  readonly type: TypeCode;
  /** `text` or a number; how the number is presented is decided by digits and scale, never by the value. */
  readonly kind: 'text' | 'integer' | 'decimal' | 'float';
  /** Precision: digits that the picture allows, P included (10 for a 32-bit binary whose picture says 9(9): see `storageDigits`). */
  readonly digits: number;
  /** Digits behind the point, >= 0. */
  readonly scale: number;
  /** Digits that the storage can hold: as `digits`, but for binary by its bytes (5, 10, 19, 20). Decimal128's precision. */
  readonly storageDigits: number;
  /** Column bytes are Latin-1 rather than UTF-8 (plans compiled with `text: 'latin1'`). */
  readonly latin1: boolean;
  /** As GroupNode.select, for a field that is itself an alternative. */
  readonly select: number;
}

export interface GroupNode {
  readonly node: 'group';
  readonly keys: Keys;
  readonly path: string;
  /** The SELECT frame whose validity says whether the group is there; -1: always. Unselected groups are left out of rows. */
  readonly select: number;
  readonly children: readonly SchemaNode[];
}

export interface ListNode {
  readonly node: 'list';
  readonly keys: Keys;
  readonly path: string;
  /** The TABLE frame and the space of its items. */
  readonly frame: number;
  readonly space: number;
  /** Items of a fixed table; -1: by the frame's list offsets. */
  readonly size: number;
  /** Most items. */
  readonly max: number;
  /** A field, or a group for a table of groups. Its keys are the list's. */
  readonly element: SchemaNode;
  /** As GroupNode.select, for a table that is itself an alternative. */
  readonly select: number;
}

export type SchemaNode = FieldNode | GroupNode | ListNode;

/** The record: its children are the top-level keys. */
export interface Schema {
  readonly children: readonly SchemaNode[];
  /** Paths of the tables, by the number of their frame; those that are only measured are nowhere in the tree. */
  readonly tables: Readonly<Record<number, string>>;
}

/** Every field of a schema in order. */
export function* fields(node: Schema | SchemaNode): Generator<FieldNode> {
  if ('node' in node && node.node === 'field') yield node;
  else if ('node' in node && node.node === 'list') yield* fields(node.element);
  else for (const child of (node as Schema | GroupNode).children) yield* fields(child);
}

/** Beside the tree, which stays plain data: what the compiler knows of each node's item. */
const items = new WeakMap<SchemaNode, Item>();

/** The item of the copybook that a node stands for; undefined where the schema was not made by `compile` (a copy, say). */
export const itemOf = (node: SchemaNode): Item | undefined => items.get(node);

/** Remembers a node's item. */
export function ofItem<N extends SchemaNode>(node: N, item: Item): N {
  items.set(node, item);
  return node;
}
