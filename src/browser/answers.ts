/**
 * What the service answers, as the client has it, and where the page looks at more of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Dataset, Selection as SelectionOf } from '../client/types.js';

export type { DatasetHead, Fault, FieldStatistics, PlacedItem, PlacedRecord, Statistics } from '../client/types.js';

export interface LayoutItem {
  readonly level: number;
  readonly name: string;
  readonly path: string;
  readonly picture: string | null;
  readonly usage: string | null;
  readonly offset: number;
  readonly length: number;
  readonly occurs: { readonly min: number; readonly max: number; readonly dependingOn: string | null } | null;
  readonly redefines: string | null;
}

export interface DatasetDetail extends Omit<Dataset, 'layout'> {
  readonly layout: {
    readonly records: readonly {
      readonly name: string;
      readonly length: number;
      readonly minLength: number;
      readonly items: readonly LayoutItem[];
    }[];
  };
}

/** JSON Schema of a record, or of something in it. */
export interface RecordSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, RecordSchema>>;
  readonly items?: RecordSchema;
  readonly maxItems?: number;
  readonly const?: unknown;
  readonly 'x-cobol'?: {
    readonly path: string;
    readonly picture?: string;
    readonly usage?: string;
    readonly offset: number;
    readonly length: number;
    readonly conditions?: readonly string[];
    /** How, where the field comes masked. */
    readonly masked?: 'all' | 'last4';
  };
  readonly [key: string]: unknown;
}

export type Row = Readonly<Record<string, unknown>>;

export type Selection = SelectionOf<Row>;

export interface SelectionQuery {
  readonly dataset: string;
  readonly where: string | undefined;
  /** `BALANCE:desc` */
  readonly order: string | undefined;
  readonly select: readonly string[] | undefined;
}
