/**
 * What engines do with keys: they make them of decoded columns, sort and merge records by them, and add up groups. A key is
 * a row of bytes that compare as the values do (memcmp), so that nothing behind it needs to know what the values were.
 * The words here are generated into `native/core/opcodes.h`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * A key's parts, KEY_WORDS words each. In the key a part is a byte of KeyClass and WIDTH bytes: integers and floats with
 * the high byte first and the sign turned so that they compare unsigned (NaN behind everything), text filled up with PAD;
 * all zeros where there is no value.
 */
export const KeyWord = {
  /** A Type. */
  TYPE: 0,
  /** Places of the column in the slab, as its table has them. */
  VALUES: 1,
  VALIDITY: 2,
  BAD: 3,
  DATA: 4,
  DATA_LENGTH: 5,
  /** Offset of the part in the key: the parts lie one behind another. */
  AT: 6,
  /** Bytes of the value: those of the type (DECIMAL128 also 8, where its values fit), for text the longest. */
  WIDTH: 7,
  /** Bits of KeyFlag. */
  FLAGS: 8,
  /** Text: the byte that shorter text is filled up with. */
  PAD: 9,
} as const;
export const KEY_WORDS = 10;

export const KeyFlag = {
  /** All bytes of the part are inverted. */
  DESCENDING: 1,
  /** Bad values are taken for absent ones. */
  BAD_AS_ABSENT: 2,
} as const;

/** The order of what is no value: bad before absent before every value. */
export const KeyClass = { BAD: 0, ABSENT: 1, VALUE: 2 } as const;

/** Longest key in bytes. */
export const MAX_KEY = 4096;

/**
 * A program of a group-by: GROUP_HEADER words, then AGGREGATE_WORDS words for each aggregate. A group is a row of ROW_WIDTH
 * bytes: hash (8 bytes, the engine's own affair), number of its records (8), key, and from STATE on what each aggregate keeps.
 */
export const GroupWord = {
  KEY_WIDTH: 0,
  /** A multiple of 8. */
  ROW_WIDTH: 1,
  AGGREGATES: 2,
  /** Bytes from one row of `extremes` to the next (0: there are none). */
  EXTREMES: 3,
} as const;
export const GROUP_HEADER = 4;

export const AggregateWord = {
  /** One of Aggregate. */
  KIND: 0,
  /** The column: its Type and its places in the slab. */
  TYPE: 1,
  VALUES: 2,
  VALIDITY: 3,
  /** Offset in the row, a multiple of 8. */
  STATE: 4,
  /** MIN, MAX: the part (class and value, as in a key) in a row of `extremes`, and its length. */
  AT: 5,
  WIDTH: 6,
} as const;
export const AGGREGATE_WORDS = 8;

export const Aggregate = {
  /** Values: 8 bytes. */
  COUNT: 1,
  /** Records without a value (8 bytes), and the sum, 24 bytes two's complement: no number of records makes it overflow. */
  SUM: 2,
  /** Records without a value (8 bytes), and the sum as a double, in order of the records. */
  SUM_FLOAT: 3,
  /** The least or greatest part, WIDTH bytes (in the row a multiple of 8); its class is 0 where there was no value. */
  MIN: 4,
  MAX: 5,
} as const;

/** Row offsets that every group has. */
export const GroupRow = { HASH: 0, RECORDS: 8, KEY: 16 } as const;

/** What columns of a result are made of: RESULT_WORDS words each, which say what of a group's row becomes which column of a slab. */
export const ResultWord = {
  /** One of Result. */
  KIND: 0,
  /** The column: its Type and its places in the slab. */
  TYPE: 1,
  VALUES: 2,
  VALIDITY: 3,
  DATA: 4,
  DATA_LENGTH: 5,
  /** Offset in the row: of a part's class, or of what an aggregate keeps. */
  AT: 6,
  /** PART: bytes of the value, as KeyWord has it. */
  WIDTH: 7,
  /** PART, text: 1 where its bytes are Latin-1, 0 for UTF-8. */
  LATIN1: 8,
  /** SUM, AVERAGE: most digits. */
  DIGITS: 9,
  /** AVERAGE: digits that the sum is moved up by, and down; one of them is 0. */
  UP: 10,
  DOWN: 11,
} as const;
export const RESULT_WORDS = 12;

export const Result = {
  /** A part of a key (an ascending one), or what MIN and MAX keep; text without spaces at its end. */
  PART: 0,
  COUNT: 1,
  /** What SUM keeps; AVERAGE is rounded to the nearest, halves away from zero. */
  SUM: 2,
  AVERAGE: 3,
  /** What SUM_FLOAT keeps. */
  SUM_FLOAT: 4,
  AVERAGE_FLOAT: 5,
} as const;

/** Groups: rows one behind another, of `width` bytes each. */
export interface GroupRows {
  readonly rows: Uint8Array;
  readonly count: number;
  readonly width: number;
  /** Bits in which their keys differ; see Keyed.keys. */
  readonly varying: Uint8Array;
}

/** Records in memory: by `stride` from the start of their piece, or by starts and ends in it. */
export interface Stored {
  readonly pieces: readonly Uint8Array[];
  /** Number of the first record of each piece, ascending from 0. */
  readonly firsts: Uint32Array;
  readonly count: number;
  readonly stride: number;
  readonly starts: Uint32Array | null;
  readonly ends: Uint32Array | null;
}

/** What `gather` writes of each record: [length (4 bytes, low byte first)] [key] before record after. */
export interface Shape {
  /** Bytes in front of a record that belong to it: 4 for an RDW. */
  readonly before: number;
  /** What is put behind each. */
  readonly after: Uint8Array;
  /** Keys of all records one behind another, or null. */
  readonly keys: Uint8Array | null;
  readonly keyWidth: number;
  /** Whether the length (of `before`, record and `after`) is written. */
  readonly lengths: boolean;
}

/** What gather and merge came to. */
export interface Written {
  /** Records, and their bytes. */
  records: number;
  bytes: number;
}

/** Sorted runs to be merged: `data[from[r], to[r])` is what is at hand of run r, as `gather` wrote it. */
export interface Runs {
  readonly data: Uint8Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** 1 where nothing follows what is at hand. */
  readonly final: Uint8Array;
  readonly keyWidth: number;
  /** Bytes of each record, or 0 where it has its length before it. */
  readonly length: number;
  /** Whether lengths and keys are written too, for another merge. */
  readonly keep: boolean;
}

/** Where `merge` stopped other than at a run that needs more. */
export const Merge = { FULL: -1, DONE: -2 } as const;

/** Adds up groups of one program. */
export interface Grouper {
  /** Adds `count` records: their keys, the slab of their columns, and the parts of MIN and MAX, row by row. */
  add(keys: Uint8Array, slab: Uint8Array, extremes: Uint8Array, count: number): void;
  /** The groups in order of their first records. */
  finish(): GroupRows;
}

/** What an engine needs beside the keys that it sorts. */
export type SortRoom = readonly Uint8Array<ArrayBuffer>[];

export interface Keyed {
  /**
   * Writes the keys of the slab's first `count` rows to `keys` from byte `at` on. `varying`: AND of all keys' bytes so far,
   * then OR of them; twice a key's length. Null: that is of no interest.
   */
  keys(
    parts: Int32Array,
    slab: Uint8Array,
    count: number,
    keys: Uint8Array,
    at: number,
    width: number,
    varying: Uint8Array | null,
  ): void;
  /**
   * Numbers of the keys, `stride` bytes from one to the next, in ascending order, equal ones in order of their numbers.
   * @param threads so many may work on it
   * @param room of `sortRoom`; the answer lies in it
   */
  sort(
    keys: Uint8Array,
    stride: number,
    width: number,
    count: number,
    varying: Uint8Array,
    threads?: number,
    room?: SortRoom,
  ): Promise<Uint32Array>;
  /** Memory to sort so many keys in, for as many sorts as one likes. */
  sortRoom(count: number): SortRoom;
  /** A 64-bit hash of each key, in the engine's own way. */
  hash(keys: Uint8Array, width: number, count: number, hashes: Uint8Array, at: number): void;
  /**
   * Writes records `order[from]`, ... (without order: from, from + 1, ...) before `to` to `out`, as many as fit.
   * @param threads so many may work on it, which is waited for
   */
  gather(
    stored: Stored,
    shape: Shape,
    order: Uint32Array | null,
    from: number,
    to: number,
    out: Uint8Array,
    threads?: number,
  ): Written;
  /**
   * Writes records of the runs in order of their keys, of equal ones that of the first run first, and moves `from`. Answers
   * the run that must be given more before it can go on (its data is used up and not final), or a Merge.
   */
  merge(runs: Runs, out: Uint8Array, written: Written): number;
  group(program: Int32Array): Grouper;
  /**
   * Fills columns of a slab, whose bitmaps and offsets are zeros, with groups `order[from]`, ... before `to`, by RESULT_WORDS words a column.
   * Answers -1, or the column in which a value has more digits than it may have.
   */
  results(
    program: Int32Array,
    groups: GroupRows,
    order: Uint32Array,
    from: number,
    to: number,
    slab: Uint8Array,
  ): number;
  /** Memory that large tables had better use, where the system has such: zeros. */
  allocate(bytes: number): Uint8Array<ArrayBuffer>;
  /**
   * Memory that will soon be filled, first to last: where the system can, a thread of its own has it given meanwhile. No byte
   * changes.
   */
  populate(memory: readonly Uint8Array[]): void;
}
