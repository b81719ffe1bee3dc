/**
 * Record formats as data: what an engine's `scan` needs to know, what it answers, and the messages for what it finds
 * wrong. RDW and BDW as in IBM, z/OS DFSMS Using Data Sets, "Variable-Length Record Formats".
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** How records are told apart: eight words (FramingWord). */
export type FramingCode = Int32Array;

/** FIXED needs no scan: `read.ts` counts by LRECL. */
export const Framing = { FIXED: 0, RDW: 1, BDW_RDW: 2, LINES: 3 } as const;

export const FramingWord = {
  /** One of Framing. */
  FORMAT: 0,
  /** FIXED: bytes of a record. */
  LRECL: 1,
  /** 1: little-endian descriptors. */
  RDW_LITTLE: 2,
  RDW_ADJUST: 3,
  BDW_LITTLE: 4,
  BDW_ADJUST: 5,
  /** LINES: 1 for ASCII (LF, CRLF), 0 for EBCDIC (x'15', x'25', x'0D25'). */
  ASCII: 6,
} as const;

/** Words of a scan's state. The caller sets FINAL, and zeroes the rest before the first scan. */
export const ScanWord = {
  /** In: 1 when `to` is the end of the source. */
  FINAL: 0,
  /** Out: where the next scan must begin (bytes before it are done with). */
  NEXT: 1,
  /** Out: one of Scan. */
  STATUS: 2,
  /** FAULT: one of ScanFault, the byte offset in data of the descriptor or record, and the number found there. */
  FAULT: 3,
  FAULT_AT: 4,
  FAULT_VALUE: 5,
  /** Carried from scan to scan: bytes left in the current block (BDW_RDW). */
  BLOCK_LEFT: 6,
  /** Carried: 1 after a CR that ended a line at the end of a chunk. */
  PENDING_CR: 7,
} as const;
export const SCAN_STATE = 8;

export const Scan = {
  /** All of the data is used up, but for a record that is not complete yet. */
  MORE: 0,
  /** The arrays are full. */
  FULL: 1,
  /** The bytes at FAULT_AT are not what the format says. Records before it are good. */
  FAULT: 2,
} as const;

export const ScanFault = {
  /** The source ends inside a record (or its descriptor): FAULT_VALUE bytes are there. */
  TRUNCATED: 1,
  /** An RDW whose length, after adjustment, is less than 4. FAULT_VALUE: the length found. */
  RDW_TOO_SMALL: 2,
  /** Bytes 3-4 of a big-endian RDW are not zero: a segment of a spanned record (1 to 3 in byte 3), or no RDW at all. */
  RDW_NOT_ZERO: 3,
  /** A BDW whose length, after adjustment, is less than 8. */
  BDW_TOO_SMALL: 4,
  /** A record reaches beyond its block: FAULT_VALUE is its RDW's length. */
  RECORD_BEYOND_BLOCK: 5,
  /** A block ends inside an RDW. FAULT_VALUE bytes are left. */
  BLOCK_REST: 6,
} as const;
