/**
 * Tuples: rows of a slab as PostgreSQL's COPY BINARY wants them (manual, "COPY", "Binary Format": a count of columns, then
 * for each its length in bytes, -1 for NULL, and the bytes that the type's receive function reads). What a tuple is made
 * of is a flat list of columns, TUPLE_WORDS words each, that name their places in the slab; both engines write the same
 * bytes by it. The words here are generated into `native/core/opcodes.h`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Words of a column. A word that its kind does not name is 0. */
export const TupleWord = {
  /** One of TupleKind. */
  KIND: 0,
  /** A Type: what the slab's column holds. */
  TYPE: 1,
  /** One of TupleTarget: what PostgreSQL is given; the element's for an ARRAY. */
  TARGET: 2,
  /** Digits behind the point of an integer in the slab; 0 but for NUMERIC. */
  SCALE: 3,
  /** NUMERIC: most digits; TEXT: most characters. 0: no limit. What is beyond it is refused. */
  MOST: 4,
  /** Bits of TupleFlag. */
  FLAGS: 5,
  /** Places of the column: values (UTF8: offsets), bitmap of those that are there (-1: all are), bytes of text. */
  VALUES: 6,
  VALIDITY: 7,
  DATA: 8,
  DATA_LENGTH: 9,
  /** ARRAY: items of a fixed table, -1: by the list offsets at LIST. */
  SIZE: 10,
  LIST: 11,
  /** ARRAY, or with MAP: slots that the column has room for. */
  CAPACITY: 12,
  /** ARRAY: items of the table inside a fixed table, which is a second dimension; 0: there is none. SIZE is a multiple. */
  INNER: 13,
  /** ARRAY: place of a bitmap of rows that have the table; the others have NULL. -1: all have. */
  SELECT: 14,
  /** ARRAY: the element type's OID. */
  OID: 15,
  /** VALUE: place, beside the slab, of the column's slot for each row (a word each). -1: the row's own number. */
  MAP: 16,
} as const;
export const TUPLE_WORDS = 17;

/**
 * VALUE: a column that has a value a row. ARRAY: one of a table, as an array. EXTRA: a column that is not in the slab but in
 * memory beside it, as places of which its words are: INT64 or UTF8, without a bitmap.
 */
export const TupleKind = { VALUE: 1, ARRAY: 2, EXTRA: 3 } as const;

/** JSON is jsonb, of UTF8: JSON text in which U+0000 is an escape, perhaps with a line's end behind it; `null` is NULL. */
export const TupleTarget = { INT2: 1, INT4: 2, INT8: 3, NUMERIC: 4, FLOAT4: 5, FLOAT8: 6, TEXT: 7, JSON: 8 } as const;

export const TupleFlag = {
  /** PostgreSQL stores no U+0000: it becomes U+FFFD, or is left out. Without either its row is refused. */
  REPLACE: 1,
  STRIP: 2,
  /** A row without a value is refused. */
  NOT_NULL: 4,
} as const;

/** Words of what a call wrote. */
export const TupleWritten = {
  /** One of TupleStatus. */
  STATUS: 0,
  /** Rows written, and their bytes. */
  ROWS: 1,
  BYTES: 2,
  /** REFUSED: the column that the next row was refused for, a TupleRefusal, and the item of an ARRAY (from 0). */
  COLUMN: 3,
  REASON: 4,
  ITEM: 5,
} as const;
export const TUPLE_WRITTEN_WORDS = 6;

/** ALL: every row. NO_ROOM: the next row does not fit into the output's rest. REFUSED: the next row can't be stored. */
export const TupleStatus = { ALL: 0, NO_ROOM: 1, REFUSED: 2 } as const;

/** NUL: text has U+0000. RANGE: the number has more digits than its type. LONG: too many characters. MISSING: no value. */
export const TupleRefusal = { NUL: 1, RANGE: 2, LONG: 3, MISSING: 4 } as const;

/** Rows first..last-1 of a slab, and the memory of EXTRA columns. */
export interface TupleRows {
  readonly slab: Uint8Array;
  readonly extra: Uint8Array;
  readonly first: number;
  readonly last: number;
}

/**
 * Writes tuples to out[from..], whole rows only, and what became of it to `written`. Slab and extra lie at multiples of 4.
 * @throws RangeError where a column lies outside its memory, or does not fit its target
 */
export type WriteTuples = (
  program: Int32Array,
  rows: TupleRows,
  out: Uint8Array,
  from: number,
  written: Int32Array,
) => void;
