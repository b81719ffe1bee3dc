/**
 * The writer program: what text is made of one record, as a flat list of fixed-width instructions and a pool of bytes. A
 * format (JSON lines, CSV) compiles a plan's schema to it; the C core checks it once against the plan and writes by it.
 * `scripts/gen-opcodes.mjs` writes the constants into `native/core/opcodes.h`. What each word means is said here.
 *
 * An engine that has no writer is fed by the formats' own encoders, which write the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Format of the words below; raised with every change to them. */
export const PROGRAM_VERSION = 1;
export const PROGRAM_MAGIC = 0x3157564f; // "OVW1"
/** Words of the header, and of an instruction. */
export const PROGRAM_HEADER = 8;
export const PROGRAM_WIDTH = 12;
/** Most lists in lists, and most brackets that are open at a time. */
export const PROGRAM_DEPTH = 200;

/** The header's words; the others are 0. */
export const ProgramWord = {
  MAGIC: 0,
  VERSION: 1,
  INSTRUCTIONS: 2,
  /** Bytes of the pool. */
  POOL: 3,
  /** A TextFormat. */
  FORMAT: 4,
} as const;

/**
 * JSON lines: every value begins with a comma or its key, which does; brackets are put over the first of those commas.
 * CSV: a comma behind every value; the line's end is put over the last of them.
 */
export const TextFormat = { JSON: 0, CSV: 1 } as const;

/** The last instruction is the record's END; LIST, SELECT and OPEN are closed in the order in which they were opened. */
export const WriteOp = {
  /** A field of text. JSON: in quotes, escaped as RFC 8259 wants it. CSV: in quotes where it must be. */
  TEXT: 1,
  /** An integer or decimal, with the point before the last SCALE digits. */
  NUMBER: 2,
  /** A float, as JavaScript writes it. */
  FLOAT: 3,
  /** What is up to END_SELECT, for the slots that the SELECT frame FRAME selects; NOTHING for others. */
  SELECT: 4,
  END_SELECT: 5,
  /** JSON: PREFIX and a brace; the closing one. */
  OPEN: 6,
  CLOSE: 7,
  /** What is up to END_LIST, for each item that the slot has of the table of frame FRAME. JSON: in brackets, behind PREFIX. */
  LIST: 8,
  END_LIST: 9,
  END: 10,
} as const;

/** Words of an instruction. A word that an operation does not name is 0. */
export const P = {
  OP: 0,
  /** TEXT, NUMBER, FLOAT: the field's instruction in the plan, whose column is read. */
  FIELD: 1,
  /** SELECT, LIST: the plan's frame. */
  FRAME: 2,
  /** Where in the pool the bytes before a value are, and how many. OPEN, LIST: those before the bracket. */
  PREFIX: 3,
  PREFIX_LENGTH: 4,
  /** Bytes instead of prefix and value where there is no value. SELECT: for slots that are not selected. */
  NOTHING: 5,
  NOTHING_LENGTH: 6,
  /** NUMBER: digits behind the point. */
  SCALE: 7,
  /** Bits of WriteFlag. */
  FLAGS: 8,
  /** LIST: items of a fixed table; -1: by the frame's list offsets. */
  SIZE: 9,
  /** LIST, in CSV: most items, and the columns of one: those that are missing are commas. */
  MOST: 10,
  COLUMNS: 11,
} as const;

export const WriteFlag = {
  /** NUMBER: in quotes. */
  QUOTED: 1,
  /** NUMBER: in quotes where a JavaScript number might not hold it. */
  QUOTED_BEYOND: 2,
  /** FLOAT: infinities and NaN by their names; without it they are no value. */
  NAMES: 4,
} as const;

/** Words of what a call wrote. */
export const WrittenWord = {
  /** A Written. */
  STATUS: 0,
  /** Records (rows) written, and their bytes. */
  RECORDS: 1,
  BYTES: 2,
  /** Records among them that end before their layout does, and behind it. */
  SHORT: 3,
  LONG: 4,
} as const;
export const WRITTEN_WORDS = 8;

/**
 * ALL: every record that was given. NO_ROOM: the next record may not fit into the output's rest. BLOCK: among the next
 * BLOCK records is bad data, or their tables do not fit the slab; nothing of them is written.
 */
export const Written = { ALL: 0, NO_ROOM: 1, BLOCK: 2 } as const;

/** A program, made by a format for one schema. Never changed once made. */
export interface Program {
  /** Header and instructions. */
  readonly code: Int32Array;
  readonly pool: Uint8Array;
}
