/**
 * One field as a column of a table: its type, which holds whatever the field's bytes can say, and what is said of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { conditionText, remarks, usageWord } from '../layout/describe.js';
import type { Item } from '../layout/item.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode, ListNode, SchemaNode } from '../plan/schema.js';
import { itemOf } from '../plan/schema.js';
import type { NamedValue, NamedValues } from './values.js';

/** What a column holds, whatever a database calls it. Integers, decimals and floats are as the plan's columns have them. */
export type ColumnType =
  | { readonly type: 'int32' }
  | { readonly type: 'int64' }
  /** Exact, `precision` digits (38 at most), `scale` of them behind the point (0 for integers beyond 64 bits). */
  | { readonly type: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly type: 'float32' }
  | { readonly type: 'float64' }
  /** At most so many characters (code points). */
  | { readonly type: 'text'; readonly maxLength: number }
  /** At most so many elements, which can be null. */
  | { readonly type: 'array'; readonly element: ColumnType; readonly maxItems: number }
  /** A table or a group as JSON, as `decode` writes it. */
  | { readonly type: 'json' };

/** Where a column's values come from. */
export type ColumnSource =
  /** The field's column, by the slot of the table's row. `nodes`: groups from the row down to the field, which is the last. */
  | { readonly from: 'field'; readonly field: FieldNode; readonly nodes: readonly SchemaNode[] }
  /** The field's column, by the slots of the row's items of `list`, which is one of `nodes`. */
  | {
      readonly from: 'list';
      readonly field: FieldNode;
      readonly list: ListNode;
      readonly nodes: readonly SchemaNode[];
    }
  /** All of a node. */
  | { readonly from: 'json'; readonly node: SchemaNode; readonly nodes: readonly SchemaNode[] }
  /** A column of the parent table's key, of the same name or not. */
  | { readonly from: 'parent'; readonly column: TableColumn }
  /** The item's number in its table, from 1 as COBOL's subscripts. */
  | { readonly from: 'ordinal' }
  /** The record's number in the source, from 1. */
  | { readonly from: 'record' };

export interface TableColumn {
  /** Not quoted; different from all others of its table, whatever their case. */
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Path of the item: `ACCOUNT.ACCT-MONEY.BALANCE`; null for numbers of records and items. */
  readonly path: string | null;
  /** Path, picture and usage: `ACCOUNT.ACCT-MONEY.BALANCE PIC S9(7)V99 COMP-3`. */
  readonly comment: string;
  /** 88 levels, for people. */
  readonly conditionText: readonly string[];
  readonly conditions: readonly NamedValues[];
  /** All values that 88 levels name; null where there are none, or not all of them can be said. */
  readonly named: readonly NamedValue[] | null;
  readonly source: ColumnSource;
}

/** The type that holds all that the field's bytes can say: of binary numbers more than the picture does. */
export function typeOf(field: FieldNode): ColumnType {
  switch (field.type) {
    case Type.INT32:
      return { type: 'int32' };
    case Type.INT64:
      return { type: 'int64' };
    case Type.FLOAT32:
      return { type: 'float32' };
    case Type.FLOAT64:
      return { type: 'float64' };
    case Type.DECIMAL128:
      return { type: 'decimal', precision: precisionOf(field), scale: field.scale };
    default:
      return { type: 'text', maxLength: textLength(itemOf(field)) };
  }
}

/** Digits of a DECIMAL128 column. */
export const precisionOf = ({ storageDigits, scale }: FieldNode): number =>
  Math.min(38, Math.max(storageDigits, scale));

/** The most characters that a text field can hold: one a byte (pairs of bytes may be two characters), or one for two bytes of UTF-16. */
export function textLength(item: Item | undefined): number {
  if (!item) return 0x7fffffff;
  const isWide = item.kind === 'national' || (item.kind === 'edited' && item.usage === 'NATIONAL');
  return Math.max(1, isWide ? item.length / 2 : item.length);
}

/** `PIC S9(7)V99 COMP-3, sign leading`, empty for a group without remarks. */
export function clausesText(item: Item): string {
  const usage = usageWord(item);
  const words = [item.picture && `PIC ${item.picture}`, usage !== 'DISPLAY' && usage].filter(Boolean);
  const rest = remarks(item);
  return [...(words.length > 0 ? [words.join(' ')] : []), ...(rest ? [rest] : [])].join(', ');
}

/** A node's path and clauses. */
export function commentOf(node: SchemaNode): string {
  const item = itemOf(node);
  return [node.path, item && clausesText(item)].filter(Boolean).join(' ');
}

/** 88 levels as a copybook has them: `ACTIVE 'A'`. */
export const conditionTexts = (item: Item | undefined): string[] =>
  (item?.conditions ?? []).map((condition) => `${condition.name} ${conditionText(condition)}`);
