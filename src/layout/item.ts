/**
 * The layout: every data item of a copybook with its offset, length and meaning. Built by `layout.ts` from the syntax
 * tree, read by the plan compiler, printed by `inspect`. Plain data; nothing here knows about bytes of a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { UsageWord } from '../copybook/ast.js';
import type { EditedPosition } from '../copybook/edited.js';
import type { SourcePosition } from '../errors.js';

export type { EditedPosition };

/** USAGE by how values are stored: COMP-N and BINARY-CHAR to BINARY-DOUBLE are COMP-5. NATIONAL is also of numbers. */
export type Usage = Exclude<UsageWord, 'COMP-N' | 'BINARY-CHAR' | 'BINARY-SHORT' | 'BINARY-LONG' | 'BINARY-DOUBLE'>;

/** What a decoder does with an item. */
export type Kind =
  | 'group'
  | 'text'
  | 'national'
  | 'dbcs'
  | 'zoned'
  | 'packed'
  | 'binary'
  | 'float'
  | 'edited'
  | 'pointer';

export interface Occurs {
  readonly min: number;
  readonly max: number;
  /** The counter; null for a fixed table. */
  readonly dependingOn: Item | null;
  /** The counter's name as written, also where it is not in this record (then `dependingOn` is null). */
  readonly dependingOnName: string | null;
}

/** An 88 level. */
export interface Condition {
  readonly name: string;
  /** Pairs for THRU; a single value has `to: null`. Text as is, numbers as written, figurative constants by name. */
  readonly values: readonly { readonly from: Literal; readonly to: Literal | null }[];
  readonly falseValue: Literal | null;
}

export type Literal =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'hex'; readonly value: string }
  | { readonly kind: 'figurative'; readonly value: 'SPACE' | 'ZERO' | 'HIGH-VALUE' | 'LOW-VALUE' | 'QUOTE' | 'NULL' }
  | { readonly kind: 'all'; readonly value: string };

export interface Item {
  readonly level: number;
  /** COBOL's name in upper case; `FILLER` where there is none. */
  readonly name: string;
  readonly filler: boolean;
  /** Names from the 01 down, joined by points: `ACCOUNT.ACCT-MONEY.BALANCE`. */
  readonly path: string;
  readonly parent: Item | null;
  /** In source order; empty for elementary items. */
  readonly children: readonly Item[];
  readonly kind: Kind;
  /** As written, upper case; null for groups and usages without one. */
  readonly picture: string | null;
  readonly usage: Usage;
  /** 0-based, of the first occurrence, with every table at its maximum. */
  readonly offset: number;
  /** Bytes of one occurrence, with inner tables at their maximum. */
  readonly length: number;
  /** From one occurrence to the next; `length` has the slack bytes of SYNC at an element's end in it. */
  readonly stride: number;
  /** Digits held in storage (P not counted); 0 for text. */
  readonly digits: number;
  /** Digits behind the point: `S9(7)V99` 2, `VPP99` 4, `99PPP` -3. */
  readonly scale: number;
  readonly signed: boolean;
  readonly sign: { readonly leading: boolean; readonly separate: boolean };
  readonly occurs: Occurs | null;
  readonly redefines: Item | null;
  readonly justified: boolean;
  readonly blankWhenZero: boolean;
  readonly synchronized: boolean;
  /** Edited pictures only: one entry a byte. Alphanumeric-edited pictures have `numeric: false`. */
  readonly edited: { readonly numeric: boolean; readonly positions: readonly EditedPosition[] } | null;
  readonly conditions: readonly Condition[];
  /** The VALUE clause, if any. */
  readonly value: Literal | null;
  readonly source: SourcePosition;
}

/** 66 level: another name for a run of storage. */
export interface Rename {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly from: Item;
  readonly to: Item;
  /** The same as an item of level 66, whose parent is the record. It is in no `children`. */
  readonly item: Item;
}

/** One 01 (or 77) level; a copybook that starts deeper has one record whose `item` is an unnamed group of level 0. */
export interface RecordLayout {
  readonly name: string;
  readonly item: Item;
  /** Bytes with every table at its maximum. */
  readonly length: number;
  /** Bytes with every DEPENDING ON table at its minimum. */
  readonly minLength: number;
  readonly renames: readonly Rename[];
}

/** What a program's FD says of the file. */
export interface FileLayout {
  readonly name: string;
  readonly recordingMode: 'F' | 'V' | 'U' | 'S' | null;
  /** RECORD CONTAINS, RECORD IS VARYING: bytes of a record. */
  readonly record: { readonly min: number; readonly max: number; readonly varying: boolean } | null;
  /** BLOCK CONTAINS. */
  readonly block: { readonly min: number; readonly max: number; readonly unit: 'records' | 'bytes' } | null;
}

export interface Layout {
  readonly records: readonly RecordLayout[];
  /** Longest and shortest record. */
  readonly length: number;
  readonly minLength: number;
  /** Things that are legal but probably not meant. */
  readonly warnings: readonly string[];
  readonly dialect: 'ibm' | 'gnucobol' | 'microfocus';
  /** The FD that all records are of, if the text has one. */
  readonly file?: FileLayout;
}

/** Every item below and including `item`, in source order. */
export function* walk<T extends { readonly children: readonly T[] } = Item>(item: T): Generator<T> {
  const open = [item];
  for (let one = open.pop(); one; one = open.pop()) {
    yield one;
    for (let i = one.children.length - 1; i >= 0; i--) open.push(one.children[i]!);
  }
}
