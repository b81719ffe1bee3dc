/**
 * What the service answers, as far as the page looks at it. `/openapi.json` has all of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export interface DatasetHead {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  /** It goes when the service ends. */
  readonly temporary?: boolean;
}

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

export interface DatasetDetail extends DatasetHead {
  readonly records: number | null;
  readonly bytes: number;
  readonly modified: string;
  readonly masked: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
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
  };
  readonly [key: string]: unknown;
}

export type Row = Readonly<Record<string, unknown>>;

export interface Fault {
  readonly record: number;
  readonly field: string;
  readonly reason: string;
  readonly hex: string;
}

export interface SelectionQuery {
  readonly dataset: string;
  readonly where: string | undefined;
  /** `BALANCE:desc` */
  readonly order: string | undefined;
  readonly select: readonly string[] | undefined;
}

export interface Selection {
  readonly records: readonly Row[];
  readonly numbers: readonly number[];
  readonly total: number;
  readonly incomplete: number | null;
  readonly badValues: number;
  readonly faults: readonly Fault[];
}

export interface PlacedItem {
  readonly kind: 'group' | 'table' | 'field';
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly level: number | null;
  readonly picture: string | null;
  readonly usage: string | null;
  readonly offset: number | null;
  readonly length: number | null;
  readonly items?: number;
  readonly state: 'value' | 'null' | 'bad' | 'masked';
  readonly value: string | number | null;
  readonly reason: string | null;
}

export interface PlacedRecord {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly bytes: string | null;
  readonly text: string | null;
  readonly items: readonly PlacedItem[];
  readonly complete: boolean;
}

export interface FieldStatistics {
  readonly field: string;
  readonly kind: 'text' | 'integer' | 'decimal' | 'float';
  readonly count: number;
  readonly null: number;
  readonly bad: number;
  readonly min: string | null;
  readonly max: string | null;
  readonly mean: string | null;
  readonly distinct: number | null;
  readonly histogram: readonly { readonly from: string; readonly to: string; readonly count: number }[] | null;
  readonly frequent: readonly { readonly value: string; readonly count: number }[] | null;
}

export interface Statistics {
  readonly fields: readonly FieldStatistics[];
  readonly records: number;
  readonly complete: boolean;
}
