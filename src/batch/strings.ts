/**
 * Strings of a column, many at a time: a run of values is turned into one string, and each value is cut out of it. That
 * is five times faster than a decode a value. Runs are short, because a value of 13 characters or more that is kept
 * keeps the whole run in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Slab } from '../engine/slab.js';
import type { FieldNode } from '../plan/schema.js';
import type { Batch } from './batch.js';
import { DIGITS_RUN, type Digits, MAX_DIGITS, writeDecimal } from '../engine/digits.js';
import { dataPlace, validityView, wordsView } from './views.js';

/** Bytes of text that are turned into one string. */
const RUN_BYTES = 16384;
/** Batches up to so many rows are packed, but no column with more than this. */
const PACK_ROWS = 4;
const PACK_BYTES = 1024;
const PACK_NUMBERS = 16;

const NO_BYTES = Buffer.alloc(0);
const NO_WORDS = new Int32Array(1);
const scratch = Buffer.alloc(DIGITS_RUN * MAX_DIGITS);

/** The strings of one column of the batch at hand. */
export abstract class Strings {
  readonly field: FieldNode;
  readonly space: number;
  /** Slots of the batch, and those of the current run. */
  protected count = 0;
  private from = 0;
  private to = 0;
  /** Of the current run: slot `i` is text[ends[i - first] - base, ends[i - first + 1] - base). */
  text = '';
  ends: Int32Array = NO_WORDS;
  first = 0;
  base = 0;

  constructor(field: FieldNode, space: number) {
    this.field = field;
    this.space = space;
  }

  /** The string of slot `i`; '' where there is no value. */
  get(i: number): string {
    if (i < this.from || i >= this.to) this.load(i);
    const k = i - this.first;
    return this.text.substring(this.ends[k]! - this.base, this.ends[k + 1]! - this.base);
  }

  /** Makes the run that slot `i` is in the current one; the slot behind it. */
  endOf(i: number): number {
    if (i < this.from || i >= this.to) this.load(i);
    return this.to;
  }

  abstract bindSlab(slab: Slab): void;

  /** Lets go of the slab. */
  release(): void {
    this.count = this.from = this.to = 0;
    this.text = '';
    this.ends = NO_WORDS;
  }

  /**
   * Puts all values, if they are few, into `out` from byte `at` on, one Latin-1 byte a character. Returns their end, or -1
   * if they are too many or something else; {@link packed} then is given the string.
   */
  abstract pack(out: Uint8Array, at: number): number;
  abstract packed(text: string): void;

  bindBatch(batch: Batch): void {
    this.count = batch.slots(this.space);
    this.from = this.to = 0;
  }

  /** Makes the run that begins at slot `i`. */
  protected abstract load(i: number): void;

  protected setRun(from: number, to: number, text: string, ends: Int32Array, first: number, base: number): void {
    this.from = from;
    this.to = to;
    this.text = text;
    this.ends = ends;
    this.first = first;
    this.base = base;
  }
}

export class TextStrings extends Strings {
  private bytes: Buffer = NO_BYTES;
  private place = 0;
  private offsets: Int32Array = NO_WORDS;
  private packedAt = 0;

  bindSlab(slab: Slab): void {
    this.bytes = Buffer.from(slab.bytes.buffer as ArrayBuffer);
    this.place = dataPlace(slab, this.field);
    this.offsets = wordsView(slab, this.field, this.space);
  }

  override release(): void {
    super.release();
    this.bytes = NO_BYTES;
    this.offsets = NO_WORDS;
  }

  protected load(i: number): void {
    const { offsets, bytes, place } = this;
    const start = offsets[i]!;
    const to = this.runEnd(i, start + RUN_BYTES);
    const end = offsets[to]!;
    if (this.field.latin1) {
      this.setRun(i, to, bytes.toString('latin1', place + start, place + end), offsets, 0, start);
      return;
    }
    const text = bytes.toString('utf8', place + start, place + end);
    if (text.length === end - start) this.setRun(i, to, text, offsets, 0, start);
    else this.setRun(i, to, text, this.characterEnds(i, to), i, 0);
  }

  pack(out: Uint8Array, at: number): number {
    const { offsets, bytes, place } = this;
    const start = place + offsets[0]!;
    const end = place + offsets[this.count]!;
    if (end - start > PACK_BYTES || at + PACK_BYTES > out.length) return -1;
    const packedAt = at;
    let seen = 0;
    for (let p = start; p < end; p++) {
      const byte = bytes[p]!;
      seen |= byte;
      out[at++] = byte;
    }
    if (seen >= 0x80 && !this.field.latin1) return -1;
    this.packedAt = packedAt;
    return at;
  }

  packed(text: string): void {
    this.setRun(0, this.count, text, this.offsets, 0, this.offsets[0]! - this.packedAt);
  }

  /** The last slot whose value, and all from `i` on, end before byte `limit`; at least one. */
  private runEnd(i: number, limit: number): number {
    const { offsets } = this;
    let low = i + 1;
    let high = this.count;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsets[middle]! <= limit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the values of slots from..to begin and end in UTF-16, their UTF-8 not being all ASCII. */
  private characterEnds(from: number, to: number): Int32Array {
    const { offsets, bytes, place } = this;
    const ends = new Int32Array(to - from + 1);
    let units = 0;
    let at = offsets[from]!;
    for (let i = from; i < to; i++) {
      for (const end = offsets[i + 1]!; at < end; at++) {
        const byte = bytes[place + at]!;
        // Bytes 10xxxxxx continue a character; those of four bytes (11110xxx) are two units.
        if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
      }
      ends[i - from + 1] = units;
    }
    return ends;
  }
}

export class DecimalStrings extends Strings {
  private words: Int32Array = NO_WORDS;
  private validity: Uint8Array = NO_BYTES;
  private readonly own = new Int32Array(DIGITS_RUN + 1);
  private readonly digits: Digits;

  constructor(field: FieldNode, space: number, digits: Digits) {
    super(field, space);
    this.digits = digits;
  }

  bindSlab(slab: Slab): void {
    this.words = wordsView(slab, this.field, this.space);
    this.validity = validityView(slab, this.field, this.space);
  }

  override release(): void {
    super.release();
    this.words = NO_WORDS;
    this.validity = NO_BYTES;
  }

  pack(out: Uint8Array, at: number): number {
    const { count } = this;
    if (count > PACK_NUMBERS || at + count * MAX_DIGITS > out.length) return -1;
    const { words, validity, own } = this;
    own[0] = at;
    for (let k = 0; k < count; k++) {
      if ((validity[k >> 3]! & (1 << (k & 7))) !== 0) at = writeDecimal(out, at, words, 4 * k, this.field.scale);
      own[k + 1] = at;
    }
    return at;
  }

  packed(text: string): void {
    this.setRun(0, this.count, text, this.own, 0, 0);
  }

  protected load(i: number): void {
    const count = Math.min(this.count - i, DIGITS_RUN);
    const text = this.digits(this.words, this.validity, i, count, this.field.scale, this.own);
    this.setRun(i, i + count, text, this.own, i, 0);
  }
}

/** Makes one string for all columns of a batch of few rows: a message has a dozen columns, and one value in each. */
export function packSmall(all: readonly Strings[], batch: Batch): void {
  if (batch.length > PACK_ROWS || all.length < 2) return;
  const packed: Strings[] = [];
  let at = 0;
  for (const strings of all) {
    const end = strings.pack(scratch, at);
    if (end < 0) continue;
    at = end;
    packed.push(strings);
  }
  const text = scratch.toString('latin1', 0, at);
  for (const strings of packed) strings.packed(text);
}
