/**
 * The one instruction table. A plan is a list of fixed-width instructions (WIDTH words each) and a pool of bytes; the C
 * core and the TypeScript engine run the same list. `scripts/gen-opcodes.mjs` writes `native/core/opcodes.h` from
 * this file, and the build fails when the two differ. What each word means is said here and nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Format of the words below; raised with every change to them. */
export const PLAN_VERSION = 3;
/** Words of an instruction. */
export const WIDTH = 12;
/** Records an engine takes at a time: frames are built and fields decoded block by block. */
export const BLOCK = 256;
/** Items a kernel takes at a time; one bitmap of 256 bits. */
export const TILE = 256;
/** Deepest stack of a predicate. */
export const PREDICATE_DEPTH = 32;
/** Limits a plan must keep, so that every sum of offsets fits 32 bits. */
export const MAX_FRAMES = 4096;
export const MAX_COLUMNS = 65536;
export const MAX_RECORD_LENGTH = 0x0fffffff;
/** Longest field with WIDE. */
export const MAX_WIDE = 4096;

/**
 * Operations, in the order in which a plan holds them: a frame before everything that reads it, an operand before the
 * table or predicate that uses it, a predicate before the selection it ends in.
 */
export const Op = {
  /** Frame 0: the records of the block. */
  ROOT: 1,
  /** A table's items as a frame of a new space. FRAME is the parent, OFFSET the first item from the parent's position. */
  TABLE: 2,
  /** What lies behind a variable table: the parent's space, positions at the table's end. FRAME is the TABLE's frame. */
  AFTER: 3,
  /** The items of FRAME for which the predicate before it is true: the same space and positions, fewer rows. */
  SELECT: 4,
  /** Compares the records' ends with FRAME's position + OFFSET and counts records that are shorter or longer. */
  EXTENT: 5,

  /** Predicates work on a stack of truth values (0 false, 1 unknown, 2 true), one per item of FRAME. */
  /**
   * The LENGTH bytes at FRAME+OFFSET against the pool's bytes, in the order of the bytes; DIGITS is a Cmp, UP the pad
   * byte (the code page's space). Trailing pad bytes and x'00' count on neither side; with EXACT, x'00' does. With
   * ABSENT, only x'00' or x'FF' is unknown.
   */
  COMPARE_TEXT: 16,
  /** The number that operand COUNTER reads against the pool's 16 bytes (little-endian two's complement, operand's scale). */
  COMPARE_NUMBER: 17,
  /** The float that operand COUNTER reads against the pool's 8 bytes (IEEE double, little-endian). */
  COMPARE_FLOAT: 18,
  /**
   * The text that operand COUNTER reads against a constant, by its characters: the pool has 4 bytes (little-endian) with
   * the length of the constant in UTF-8, that, and the constant as the field would hold it. Where the characters differ, the
   * order is that of the bytes as they are stored; UP pads the shorter one (NATIONAL: U+0020).
   */
  COMPARE_STRING: 19,
  /**
   * What operand COUNTER reads against what operand POOL reads: two numbers of one scale, two floats, or two texts. Two
   * TEXTs of one code page compare as in COMPARE_TEXT, with UP for the pad; other texts by their characters' UTF-8.
   */
  COMPARE_FIELDS: 20,
  /**
   * The text that operand COUNTER reads against the pool's pattern: UTF-8 in which LIKE_ONE is any character and LIKE_MANY
   * any text.
   */
  LIKE: 21,
  /** True where operand COUNTER (any field) has no value, else false: never unknown. */
  IS_NULL: 22,
  AND: 23,
  OR: 24,
  NOT: 25,
  /** Unknown becomes false. */
  IS_TRUE: 26,

  /** Fields. TARGET >= 0 writes that column; -1 is an operand of tables and predicates only. */
  TEXT: 32,
  /** UTF-16, big-endian. */
  NATIONAL: 33,
  ZONED: 34,
  PACKED: 35,
  BINARY: 36,
  FLOAT: 37,
  EDITED: 38,
  /** Single bytes, and between shift-out x'0E' and shift-in x'0F' pairs. */
  TEXT_MIXED: 39,
  /** Pairs without shifts; a field that begins with shift-out is read as TEXT_MIXED. */
  TEXT_DBCS: 40,
  TEXT_UTF8: 41,
} as const;

/** Words of an instruction. A word that an operation does not name is 0. */
export const W = {
  OP: 0,
  /** The frame it reads (for AFTER: the TABLE's; for ROOT: -1). */
  FRAME: 1,
  /** Bytes from the frame's position. */
  OFFSET: 2,
  /** Bytes of the field; TABLE: bytes of one element where every element has the same length, else 0. */
  LENGTH: 3,
  /** Fields: the column or -1. ROOT, TABLE, AFTER, SELECT: the frame they make (frames are numbered in order). */
  TARGET: 4,
  /** Digits in storage. TEXT: most bytes that one character takes in the column; TEXT_*: that one byte becomes. TABLE: most items. COMPARE_*: a Cmp. */
  DIGITS: 5,
  /** Power of ten: UP digits are appended to what is stored (P scaling to the left of the point). TABLE: fewest items. */
  UP: 6,
  /** Bits of Flag. */
  FLAGS: 7,
  /** Fields: a Type. ROOT, TABLE: the space made; for a virtual table (used only to measure) -1. */
  TYPE: 8,
  /** TABLE, predicates: index of the operand's instruction; -1 for a table of MAX items. */
  COUNTER: 9,
  /**
   * Fields, COMPARE_*: where their bytes are in the pool. TABLE with LENGTH 0: the last frame inside an element. SELECT:
   * index of the first instruction of its predicate (the last is the one before it). COMPARE_FIELDS: index of the second
   * operand's instruction.
   */
  POOL: 10,
  /** Bytes in the pool. TABLE with LENGTH 0: bytes from that last frame's position to the element's end. */
  POOL_LENGTH: 11,
} as const;

export const Cmp = { EQ: 0, NE: 1, LT: 2, LE: 3, GT: 4, GE: 5 } as const;

/** Flags of a field; several kinds share a bit where the meaning is the same. */
export const Flag = {
  SIGNED: 1,
  /** ZONED: the sign is in or before the first byte, not the last. */
  LEADING: 2,
  /** ZONED: the sign is a byte of its own (LENGTH counts it). */
  SEPARATE: 4,
  /** Characters are ASCII: zones 3, space x'20'. Without it EBCDIC: zones F, space x'40'. */
  ASCII: 8,
  /** ZONED in ASCII: negative digits are p-y (zone 7), not }J-R. */
  ASCII_PY: 16,
  /** ZONED: leading spaces and x'00' are zeros, trailing ones are dropped. EDITED: only spaces are 0 (BLANK WHEN ZERO). */
  LENIENT: 32,
  /** BINARY, FLOAT: low byte first. */
  LITTLE: 64,
  /** FLOAT: IEEE 754; without it IBM hexadecimal. */
  IEEE: 128,
  /** PACKED: no sign nibble (COMP-6). */
  NO_SIGN: 256,
  /** Numbers of spaces, x'00' or x'FF' only, text of x'00' or x'FF' only: absent. */
  ABSENT: 512,
  /** Bad bytes are null, not bad data (an alternative that nobody selected). */
  QUIET: 1024,
  TRIM_RIGHT: 2048,
  TRIM_LEFT: 4096,
  /** TEXT: the column holds Latin-1 bytes, not UTF-8 (only where the code page lies inside Latin-1). */
  LATIN1: 8192,
  /** TABLE: items lie MAX apart whatever the count is (`odo: padded`). */
  PADDED: 16384,
  /** ZONED, EDITED: characters of 16 bits, high byte first (NATIONAL), two of LENGTH's bytes each; with ASCII. */
  WIDE: 32768,
  /** BINARY: a number of more than DIGITS digits is bad. */
  LIMITED: 65536,
  /** COMPARE_TEXT: x'00' at the end of a text counts. */
  EXACT: 131072,
} as const;

/** Bytes that UTF-8 has no use for, in the patterns of LIKE. */
export const LIKE_ONE = 0xfe;
export const LIKE_MANY = 0xff;
/** Most bytes of UTF-8 that a predicate's text operand may become: engines hold a few of them at a time. */
export const MAX_OPERAND_TEXT = 65536;

/** Types of columns, as in Arrow's columnar format: fixed-width little-endian values, or 32-bit offsets and bytes. */
export const Type = { NONE: 0, INT32: 1, INT64: 2, DECIMAL128: 3, FLOAT32: 4, FLOAT64: 5, UTF8: 6 } as const;
export type TypeCode = (typeof Type)[keyof typeof Type];

/** Bytes of one value of each Type (UTF8: of one offset). */
export const TYPE_WIDTH: readonly number[] = [0, 4, 8, 16, 4, 8, 4];

/** TEXT's pool: for each byte its character as UTF-8, 4 bytes an entry: length (0: no such character), then the bytes. */
export const TEXT_POOL = 1024;
/** ... always followed by the Latin-1 byte of each (0 where it has none): LATIN1 writes it, fast kernels look ASCII up in it. */
export const TEXT_POOL_LATIN1 = 256;

/**
 * TEXT_MIXED's and TEXT_DBCS's pool: TEXT_POOL for single bytes, then from here on for each byte the number of its table
 * as the first of a pair (0: none).
 */
export const DOUBLE_WARDS = 1024;
/**
 * ... then the tables, number 1 first: for each second byte its character, 16 bits, low byte first: 0 none, x'D800' to
 * x'DFFF' an extra, else the code point.
 */
export const DOUBLE_TABLES = 1280;
export const DOUBLE_TABLE = 512;
/**
 * Extras, numbered from x'D800', lie at the place of the first tables, 8 bytes each: the length (1 to 7) and the UTF-8 of
 * a character beyond U+FFFF, or of two characters.
 */
export const DOUBLE_EXTRA = 8;

/**
 * EDITED's pool: three bytes a position: class, symbol, and the symbol of the floating string that it stands in (0: none),
 * both in the field's code. The number is made of the digits of all digit positions, suppressed ones being 0. Until the
 * first digit is seen, positions may be suppressed; after it digit positions hold digits and insertions their symbol.
 */
export const Edit = {
  /** Must be a digit. */
  DIGIT: 0,
  /** Digit, or space while suppressed. */
  SUPPRESS: 1,
  /** Digit, or asterisk while suppressed. */
  ASTERISK: 2,
  /** In a floating string: digit, or while suppressed space or the string's symbol (for `+` also `-`). */
  FLOATING: 3,
  /** The first position of a floating string: space or its symbol (for `+` also `-`); holds no digit. */
  FLOATING_FIRST: 4,
  /** Fixed sign: `-` or space, and `+` where the symbol is `+`. */
  SIGN: 5,
  /** First byte of CR or DB: its symbol (the number is negative) or space. */
  CREDIT: 6,
  /** Second byte of CR or DB: its symbol where the first was there, else space. */
  PAIR: 7,
  /** Currency sign, decimal point, or insertion: its symbol, or while suppressed space, asterisk or the floating symbol. */
  INSERT: 8,
} as const;
