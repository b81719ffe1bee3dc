/**
 * The syntax tree of a copybook: what the text says, clause by clause, before any rule about storage is applied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { SourcePosition } from '../errors.js';
import type { Format } from './format.js';
import type { Picture } from './picture.js';

/** USAGE with its synonyms resolved (COMP and COMP-4 are BINARY, COMP-3 is PACKED-DECIMAL, FLOAT-SHORT is COMP-1). */
export type UsageWord =
  | 'DISPLAY'
  | 'DISPLAY-1'
  | 'NATIONAL'
  | 'UTF-8'
  | 'BINARY'
  | 'COMP-1'
  | 'COMP-2'
  | 'PACKED-DECIMAL'
  | 'COMP-5'
  | 'COMP-6'
  | 'COMP-X'
  | 'COMP-N'
  | 'BINARY-CHAR'
  | 'BINARY-SHORT'
  | 'BINARY-LONG'
  | 'BINARY-DOUBLE'
  | 'FLOAT-BINARY-32'
  | 'FLOAT-BINARY-64'
  | 'FLOAT-BINARY-128'
  | 'FLOAT-DECIMAL-16'
  | 'FLOAT-DECIMAL-34'
  | 'FLOAT-EXTENDED'
  | 'INDEX'
  | 'POINTER'
  | 'POINTER-32'
  | 'FUNCTION-POINTER'
  | 'PROCEDURE-POINTER'
  | 'OBJECT REFERENCE';

export type FigurativeConstant = 'SPACE' | 'ZERO' | 'HIGH-VALUE' | 'LOW-VALUE' | 'QUOTE' | 'NULL';

export type Literal =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: string }
  /** Hexadecimal digits of the bytes, upper case. */
  | { readonly kind: 'hex'; readonly value: string }
  | { readonly kind: 'figurative'; readonly value: FigurativeConstant }
  | { readonly kind: 'all'; readonly value: string }
  /** ALL X'..': hexadecimal digits to be repeated. */
  | { readonly kind: 'all-hex'; readonly value: string };

/** A name with its qualifiers, innermost first: `COUNT OF HEADER` is COUNT, [HEADER]. */
export interface Reference {
  readonly name: string;
  readonly qualifiers: readonly string[];
  readonly source: SourcePosition;
}

export interface PictureClause {
  readonly picture: Picture;
  readonly source: SourcePosition;
}

export interface UsageClause {
  readonly usage: UsageWord;
  /** BINARY-CHAR and its like only. */
  readonly unsigned: boolean;
  readonly source: SourcePosition;
}

export interface SignClause {
  readonly leading: boolean;
  readonly separate: boolean;
  readonly source: SourcePosition;
}

export interface OccursClause {
  readonly min: number;
  /** Infinity: UNBOUNDED. */
  readonly max: number;
  readonly dependingOn: Reference | null;
  readonly keys: readonly { readonly ascending: boolean; readonly names: readonly Reference[] }[];
  readonly indexes: readonly string[];
  readonly source: SourcePosition;
}

/** An 88 level. */
export interface ConditionEntry {
  readonly name: string;
  readonly values: readonly { readonly from: Literal; readonly to: Literal | null }[];
  readonly falseValue: Literal | null;
  readonly source: SourcePosition;
}

/** A 66 level. */
export interface RenamesEntry {
  readonly name: string;
  readonly from: Reference;
  readonly to: Reference | null;
  readonly source: SourcePosition;
}

/** An FD or SD: what it says of the file that its records are in. */
export interface FileEntry {
  readonly name: string;
  readonly kind: 'FD' | 'SD';
  /** RECORDING MODE. */
  readonly recordingMode: 'F' | 'V' | 'U' | 'S' | null;
  /** RECORD CONTAINS, RECORD IS VARYING: bytes of a record. */
  readonly record: { readonly min: number; readonly max: number; readonly varying: boolean } | null;
  /** BLOCK CONTAINS; 0 records: the system decides. */
  readonly block: { readonly min: number; readonly max: number; readonly unit: 'records' | 'bytes' } | null;
  readonly source: SourcePosition;
}

/** A data item, levels 01 to 49 and 77; level 0 is the unnamed group around a copybook that starts deeper than 01. */
export interface DataEntry {
  readonly level: number;
  /** Upper case; null for FILLER and for items without a name. */
  readonly name: string | null;
  readonly redefines: Reference | null;
  readonly picture: PictureClause | null;
  readonly usage: UsageClause | null;
  readonly sign: SignClause | null;
  readonly occurs: OccursClause | null;
  /** Where the clause stands, for those that are either there or not. */
  readonly synchronized: SourcePosition | null;
  readonly justified: SourcePosition | null;
  readonly blankWhenZero: SourcePosition | null;
  readonly value: Literal | null;
  /** TYPEDEF: no data, but a description that TYPE refers to. */
  readonly typedef: SourcePosition | null;
  /** TYPE, or SAME AS. */
  readonly type: Reference | null;
  readonly conditions: readonly ConditionEntry[];
  readonly children: readonly DataEntry[];
  /** The name, or the level number of an item without one. */
  readonly source: SourcePosition;
}

/** One 01 or 77 level with its 66 levels. */
export interface RecordEntry {
  readonly item: DataEntry;
  /** The FD or SD that it stands under. */
  readonly file: FileEntry | null;
  readonly renames: readonly RenamesEntry[];
}

export interface CopybookTree {
  readonly file: string;
  readonly format: Format;
  readonly records: readonly RecordEntry[];
  readonly warnings: readonly string[];
}
