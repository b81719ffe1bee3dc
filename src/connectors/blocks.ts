/**
 * From a byte source to blocks of records: a buffer of bounded size, filled from the source, in which the engine finds
 * where records begin and end. What is incomplete at the buffer's end moves to its start with the next fill.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../engine/engine.js';
import { OverpunchError } from '../errors.js';
import { framingError } from '../framing/codes.js';
import { Framing, type FramingCode, FramingWord, SCAN_STATE, Scan, ScanFault, ScanWord } from '../framing/framing.js';
import type { ByteSource } from './source.js';

/** Records that lie in one buffer; valid until the next block is asked for. */
export interface Block {
  readonly records: Records;
  /** Offset in the source of `records.data[0]`. */
  readonly base: number;
  /** 1-based number of the first record. */
  readonly firstRecord: number;
}

/** Bytes read at a time: small enough to stay in the second-level cache, large enough to hide the call. */
const BUFFER = 1 << 20;
/** Records found at a time. */
const RECORDS = 1 << 14;
/** The longest record that the buffer grows for. */
const MAX_RECORD = 1 << 29;
/** Bytes of one piece of a source in memory; engines count in 30 bits. */
const MAX_PIECE = 1 << 29;

/** Yields blocks until the source ends. What is wrong with the framing is thrown after the good records before it. */
export async function* readBlocks(source: ByteSource, framing: FramingCode, engine: Engine): AsyncGenerator<Block> {
  const window = new Window(source);
  const find = framing[FramingWord.FORMAT] === Framing.FIXED ? fixed : scanned;
  yield* find(window, framing, engine);
}

async function* fixed(window: Window, framing: FramingCode): AsyncGenerator<Block> {
  const lrecl = framing[FramingWord.LRECL]!;
  let firstRecord = 1;
  for (;;) {
    await window.fill(lrecl);
    const count = Math.floor(window.length / lrecl);
    if (count > 0) {
      const records = { data: window.data, starts: null, ends: null, first: window.from, count, stride: lrecl };
      yield { records, base: window.base, firstRecord };
      window.take(count * lrecl);
      firstRecord += count;
    } else if (window.length > 0) {
      throw faultAt(window, framing, ScanFault.TRUNCATED, window.from, window.length, firstRecord);
    } else {
      return;
    }
  }
}

async function* scanned(window: Window, framing: FramingCode, engine: Engine): AsyncGenerator<Block> {
  const starts = new Uint32Array(RECORDS);
  const ends = new Uint32Array(RECORDS);
  const state = new Int32Array(SCAN_STATE);
  let firstRecord = 1;
  let wanted = 1;
  for (;;) {
    await window.fill(wanted);
    state[ScanWord.FINAL] = window.isLast ? 1 : 0;
    const { data, from } = window;
    const count = engine.scan(framing, data, from, window.to, starts, ends, state);
    if (count > 0) {
      yield { records: { data, starts, ends, first: 0, count, stride: 0 }, base: window.base, firstRecord };
      firstRecord += count;
    }
    if (state[ScanWord.STATUS] === Scan.FAULT) {
      const [fault, at, value] = [state[ScanWord.FAULT]!, state[ScanWord.FAULT_AT]!, state[ScanWord.FAULT_VALUE]!];
      throw faultAt(window, framing, fault, at, value, firstRecord);
    }
    window.take(state[ScanWord.NEXT]! - from);
    if (state[ScanWord.STATUS] === Scan.FULL) wanted = 0;
    else if (window.isLast) return;
    else wanted = window.length + 1; // a record that is not complete yet
  }
}

function faultAt(
  window: Window,
  framing: FramingCode,
  fault: number,
  at: number,
  value: number,
  record: number,
): OverpunchError {
  const head = window.base === 0 ? window.data.subarray(0, window.to) : undefined;
  return framingError(
    framing,
    fault,
    { record, offset: window.base + at },
    value,
    window.data.subarray(at, window.to),
    head,
  );
}

/** The part of the source that is in memory and not done with: data[from, to). */
class Window {
  data: Uint8Array;
  from = 0;
  to = 0;
  /** Offset in the source of data[0]. */
  base = 0;
  /** True when the source has nothing behind `to`. */
  isLast = false;
  private readonly whole: Uint8Array | null;

  constructor(private readonly source: ByteSource) {
    this.whole = source.bytes ?? null;
    this.data = this.whole ? this.whole.subarray(0, 0) : new Uint8Array(BUFFER);
  }

  get length(): number {
    return this.to - this.from;
  }

  take(bytes: number): void {
    this.from += bytes;
  }

  /** Makes at least `wanted` bytes ready, unless the source ends before. */
  async fill(wanted: number): Promise<void> {
    if (this.isLast || this.length >= Math.max(wanted, 1)) return;
    if (wanted > MAX_RECORD) {
      throw new OverpunchError('OVP_FRAME_LENGTH', `A record of more than ${MAX_RECORD} bytes can't be read`, {
        data: { record: 0, offset: this.base + this.from },
        hint: 'Probably the record format is not what was told: see recfm.',
      });
    }
    if (this.whole) {
      this.base += this.from;
      const end = Math.min(this.base + Math.max(MAX_PIECE, wanted), this.whole.length);
      this.data = this.whole.subarray(this.base, end);
      this.from = 0;
      this.to = this.data.length;
      this.isLast = end === this.whole.length;
      return;
    }
    this.makeRoom(wanted);
    // a full buffer each time: readers give what they have at hand
    while (this.to < this.data.length) {
      const read = await this.source.readInto(this.data.subarray(this.to));
      if (read === 0) {
        this.isLast = true;
        return;
      }
      this.to += read;
    }
  }

  /** Moves what is left to the buffer's start, in a larger buffer if it must grow. */
  private makeRoom(wanted: number): void {
    const rest = this.data.subarray(this.from, this.to);
    if (wanted > this.data.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(wanted + BUFFER)));
      larger.set(rest);
      this.data = larger;
    } else {
      this.data.set(rest);
    }
    this.base += this.from;
    this.to = rest.length;
    this.from = 0;
  }
}
