/**
 * What the service is asked and what it answers, as its OpenAPI document has it (`test/client/` holds the two together). The service and its
 * page take from here what all of them say; it imports nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** A row of which nothing is known; `overpunch types` makes an interface of a copybook. */
// biome-ignore lint/suspicious/noExplicitAny: what a field holds is the copybook's to say
export type Row = Record<string, any>;

/** What is wrong, as RFC 9457 has it told. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** The request, as the log has it. */
  readonly instance: string;
  /** The parameter at fault. */
  readonly parameter?: string;
  /** In a copybook: 1-based. */
  readonly line?: number;
  /** In a condition or a copybook: 1-based. */
  readonly column?: number;
  readonly record?: number;
  readonly offset?: number;
}

/** A data set as the list has it. */
export interface DatasetHead {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  /** Fields that records are looked up by. */
  readonly key: readonly string[];
  /** Uploaded, and gone when nobody uses it any more. */
  readonly temporary?: boolean;
}

/** A data set by itself. */
export interface Dataset extends DatasetHead {
  /** Records in the file; null where that is not known. */
  readonly records: number | null;
  readonly bytes: number;
  readonly modified: string;
  /** Paths of fields that come masked. */
  readonly masked: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** As `overpunch inspect --json` has it. */
  readonly layout: Readonly<Record<string, unknown>>;
}

/** A value that could not be read: it is null in its row. */
export interface Fault {
  readonly record: number;
  readonly offset: number;
  readonly field: string;
  readonly reason: string;
  readonly hex: string;
}

export interface Page<T = Row> {
  readonly records: readonly T[];
  /** Numbers of the records in the file, from 1; not where they are ordered. */
  readonly numbers?: readonly number[];
  /** The cursor of the next page; null at the end. */
  readonly next: string | null;
  readonly badValues: number;
  readonly faults: readonly Fault[];
}

export interface Groups<T = Row> {
  readonly groups: readonly T[];
  readonly hasMore: boolean;
  readonly records: number;
  readonly badValues: number;
}

/** Names: a list, or with commas between them. */
export type Names = string | readonly string[];

/** What records a stream has. */
export interface StreamQuery {
  readonly select?: Names;
  /** `BALANCE > 1000 AND STATUS = 'A'` */
  readonly where?: string;
  /** `BALANCE:desc,NAME` */
  readonly order?: Names;
  readonly skip?: number;
  readonly limit?: number;
}

export interface RecordsQuery extends StreamQuery {
  /** `next` of the page before; not with `skip`. */
  readonly cursor?: string;
}

/** Records by their place among those that a condition leaves, in an order. */
export interface SelectionQuery {
  readonly select?: Names;
  readonly where?: string;
  readonly order?: Names;
  /** The place of the first, from 0. */
  readonly from?: number;
  readonly limit?: number;
}

export interface Selection<T = Row> {
  readonly records: readonly T[];
  readonly numbers: readonly number[];
  /** Records of the whole selection. */
  readonly total: number;
  /** Bytes at the file's end that are no whole record; null where lengths vary. */
  readonly incomplete: number | null;
  readonly badValues: number;
  readonly faults: readonly Fault[];
}

/** A group, table or field of a record, where it lies. */
export interface PlacedItem {
  readonly kind: 'group' | 'table' | 'field';
  readonly path: string;
  readonly name: string;
  /** Groups around it. */
  readonly depth: number;
  readonly level: number | null;
  readonly picture: string | null;
  readonly usage: string | null;
  /** From the start of the record; null for groups and tables. */
  readonly offset: number | null;
  readonly length: number | null;
  /** Of a table. */
  readonly items?: number;
  readonly state: 'value' | 'null' | 'bad' | 'masked';
  readonly value: string | number | null;
  /** Why it is bad. */
  readonly reason: string | null;
}

export interface PlacedRecord {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  /** Hexadecimal; null where fields are guarded. */
  readonly bytes: string | null;
  /** A character a byte. */
  readonly text: string | null;
  readonly items: readonly PlacedItem[];
  readonly complete: boolean;
}

export interface StatisticsQuery {
  readonly fields?: Names;
  readonly where?: string;
  /** Records to look at, at most. */
  readonly limit?: number;
}

/** How often a text came. */
export interface Frequency {
  readonly value: string;
  readonly count: number;
}

/** Values from `from` to `to`, both among them; of floats the last bin alone has `to`. */
export interface Bin {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

export interface FieldStatistics {
  readonly field: string;
  readonly kind: 'text' | 'integer' | 'decimal' | 'float';
  /** Values that could be read; of a field in a table those of all items. */
  readonly count: number;
  readonly null: number;
  readonly bad: number;
  /** Text: by the characters' code units. Null where there are no values. */
  readonly min: string | null;
  readonly max: string | null;
  /** Numbers: rounded half to even, with four digits more than the field has. */
  readonly mean: string | null;
  /** Different values; null for floats. */
  readonly distinct: number | null;
  /** Numbers, in order. */
  readonly histogram: readonly Bin[] | null;
  /** Text: the most frequent values first; equally frequent ones in order. */
  readonly frequent: readonly Frequency[] | null;
}

export interface Statistics {
  readonly fields: readonly FieldStatistics[];
  /** Records that were looked at. */
  readonly records: number;
  /** No record was left out. */
  readonly complete: boolean;
}

export interface RecordQuery {
  readonly select?: Names;
}

export interface KeyQuery extends RecordQuery {
  readonly limit?: number;
}

export interface SchemaQuery {
  readonly format?: 'json' | 'avro' | 'openapi' | 'ddl' | 'types';
  /** Of `ddl`. */
  readonly dialect?: 'postgres' | 'duckdb' | 'sqlite' | 'mysql' | 'db2';
}

export interface AggregateQuery {
  readonly group?: Names;
  readonly where?: string;
  /** `true`: records; or fields, of which values are counted. */
  readonly count?: true | Names;
  readonly sum?: Names;
  readonly min?: Names;
  readonly max?: Names;
  readonly avg?: Names;
  readonly limit?: number;
}

export interface DecodeQuery {
  readonly recfm?: 'F' | 'FB' | 'V' | 'VB' | 'lines';
  readonly lrecl?: number;
  readonly select?: Names;
  readonly where?: string;
}

/** What is uploaded: text or bytes of a copybook, and a file that it describes. */
export interface Upload {
  readonly copybook: string | Blob | Uint8Array;
  readonly data: Blob | Uint8Array;
  /** `name`, and what a data set of a catalog has: `recfm`, `key`, `codePage`, ... */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface Target {
  readonly name: string;
  readonly kind: 'postgres' | 'mongodb' | 'redis' | 'folder';
  readonly modes: readonly ('append' | 'upsert' | 'truncate')[];
  /** Those that may be loaded; null: any. */
  readonly tables: readonly string[] | null;
}

export interface LoadRequest {
  readonly target: string;
  readonly table?: string;
  /** Of files. */
  readonly format?: 'jsonl' | 'csv' | 'arrow' | 'parquet';
  readonly select?: readonly string[];
  readonly where?: string;
  readonly skip?: number;
  readonly limit?: number;
  readonly mode?: 'append' | 'upsert' | 'truncate';
  readonly key?: readonly string[];
  readonly occurs?: 'array' | 'json' | 'tables';
  readonly nul?: 'reject' | 'replace' | 'strip';
  readonly again?: boolean;
  readonly dryRun?: boolean;
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** How far a job is. */
export interface JobProgress {
  /** `fingerprint`: the file is read for what tells it from others; `records`; `finish`: what was staged is moved into place. */
  readonly step: 'fingerprint' | 'records' | 'finish';
  readonly records: number;
  /** Bytes of the file that this step has read, of `size`. */
  readonly bytes: number;
  readonly size: number;
  /** Of this step, 0 to 1. */
  readonly share: number;
  readonly megabytesPerSecond: number;
  /** Of this step, as it goes now; null while nobody can tell. */
  readonly secondsLeft: number | null;
  readonly badValues: number;
}

/** What a load came to. */
export interface JobResult {
  readonly records: number;
  readonly badValues: number;
  /** Of tables: its name, the number of the load in overpunch.load (null for a dry run), and what became of the rows. */
  readonly table?: string;
  readonly load?: string | null;
  readonly isResumed?: boolean;
  readonly inserted?: number;
  readonly updated?: number;
  readonly superseded?: number;
  readonly rejected?: number;
  /** Statements that a dry run would make tables by. */
  readonly statements?: readonly string[];
  /** Of folders. */
  readonly file?: string;
  readonly bytes?: number;
}

export interface Job {
  readonly id: string;
  readonly kind: 'load';
  /** Who started it: the caller's name. */
  readonly owner: string;
  readonly dataset: string;
  readonly target: string;
  readonly request: LoadRequest;
  /** Masked fields, which are not loaded. */
  readonly leftOut: readonly string[];
  readonly state: JobState;
  readonly created: string;
  readonly started: string | null;
  readonly ended: string | null;
  readonly progress: JobProgress | null;
  readonly result: JobResult | null;
  readonly problem: Problem | null;
}

/** What happens to a job; `event` is its number, by which one goes on listening. */
export type JobEvent =
  | {
      readonly type: 'state';
      readonly event: number;
      readonly id: string;
      readonly state: JobState;
      readonly at: string;
      /** Of the last state. */
      readonly result?: JobResult | null;
      readonly problem?: Problem | null;
    }
  | { readonly type: 'progress'; readonly event: number; readonly progress: JobProgress };
