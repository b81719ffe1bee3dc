/**
 * The interface that both engines have: decode a block of records by a plan into a slab, and find records in bytes.
 * What the bytes mean, and what is written for null and bad values, is the same in both to the bit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FramingCode } from '../framing/framing.js';
import type { Keyed } from './keyed.js';
import type { Program } from './program.js';
import type { Digits } from './digits.js';
import type { MessageProgram, MessageReader } from './message.js';
import type { Slab, SlabLayout } from './slab.js';
import type { Threads } from './threads.js';
import type { WriteTuples } from './tuple.js';

/** Records to decode: by stride (`starts` null) or by their starts and ends in `data`. */
export interface Records {
  readonly data: Uint8Array;
  /** Byte offset of each record in `data`, and of the byte behind it. Entries `first` to `first + count` are read. */
  readonly starts: Uint32Array | null;
  readonly ends: Uint32Array | null;
  /** With starts: the first entry to take. Without: the byte offset of the first record. */
  readonly first: number;
  readonly count: number;
  /** Without starts: bytes from one record to the next, and of each record. */
  readonly stride: number;
  /** By stride only: their bytes are not there yet. A call that is begun on threads reads them first; once they have memory. */
  readonly unread?: Unread;
}

/** A file that threads read by themselves. */
export interface Unread {
  readonly descriptor: number;
  /** Offset in it of data[0]. */
  readonly base: number;
  /** What a failed read means. `cause`: what the call threw. */
  failure(cause: unknown): Error;
}

export interface Decoder {
  readonly layout: SlabLayout;
  /**
   * Decodes records into the slab, from the slab's start. Stops before a block (BLOCK records) whose table items would
   * not fit: the header's STATUS is then FULL. Slots behind those written are undefined.
   * @throws RangeError where a record lies outside `data`, or the slab is not of this decoder's layout.
   */
  decode(slab: Slab, records: Records): void;
  /**
   * The same on any of these threads, where the engine has some. Until the call has ended the decoder can't be used, and slab
   * and records must be neither changed nor transferred. Records that are unread are read first.
   */
  begin?(threads: Threads, slab: Slab, records: Records): void;
}

/** Writes text by one program. What came of a call is in `written`: WRITTEN_WORDS words, see WrittenWord. */
export interface TextWriter {
  readonly layout: SlabLayout;
  /**
   * Writes records to out[from..], by way of the slab where it must. Stops where Written says.
   * @throws RangeError as Decoder.decode
   */
  write(written: Int32Array, out: Uint8Array, from: number, slab: Slab, records: Records): void;
  /** The same on any of these threads; see Decoder.begin. */
  begin(threads: Threads, written: Int32Array, out: Uint8Array, from: number, slab: Slab, records: Records): void;
  /** Writes rows first..last-1 of a slab that was decoded. */
  rows(written: Int32Array, out: Uint8Array, from: number, slab: Slab, first: number, last: number): void;
}

/** What a scan found; see framing.ts for the meaning of the words. */
export interface Engine {
  readonly name: 'native' | 'ts';
  /** Why this engine and not the other, for people. */
  readonly reason: string;
  /** What sort, group and index need. */
  readonly keyed: Keyed;
  /** Checks the plan and the slab's layout once. @throws OverpunchError OVP_PLAN_INVALID */
  prepare(layout: SlabLayout): Decoder;
  /** Checks a program against the layout's plan once. Without it, the formats' encoders write. @throws OverpunchError OVP_PLAN_INVALID */
  writer?(layout: SlabLayout, program: Program): TextWriter;
  /** Threads beside this one, which are started when there is something for them to do. To be ended. */
  threads?(count: number): Threads;
  /** Checks a message's program. `capacity`: how many are read together at most. @throws OverpunchError OVP_PLAN_INVALID */
  message(program: MessageProgram, capacity: number): MessageReader;
  readonly digits: Digits;
  /** Rows for PostgreSQL. */
  readonly tuples: WriteTuples;
  /**
   * Finds records in data[from, to): writes their starts and ends, as many as the arrays hold, and the outcome into
   * `state` (words of ScanWord, which also carry what must be known about the bytes before). Returns their number.
   */
  scan(
    framing: FramingCode,
    data: Uint8Array,
    from: number,
    to: number,
    starts: Uint32Array,
    ends: Uint32Array,
    state: Int32Array,
  ): number;
}
