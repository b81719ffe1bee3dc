/**
 * From a byte source to blocks of records: pieces of bounded size, filled from the source, in which the engine finds
 * where records begin and end. While one piece of a file is worked on the next is being read; what is incomplete at a piece's end
 * is copied before what comes next.
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
  /** Offset in the source of `records.data[0]`; below 0 where the source begins further on in the buffer. */
  readonly base: number;
  /** 1-based number of the first record. */
  readonly firstRecord: number;
  /** Keeps the records' bytes (not their places) beyond the next block too, until the function that this answers is called. */
  hold(): () => void;
}

export interface BlockOptions {
  /**
   * Blocks lie in memory that nobody can take away: bytes of an ArrayBuffer, which could be transferred, are copied. For work
   * on other threads.
   */
  readonly own?: boolean;
  /** Records of one length in a file may be unread (see Records), and without memory: only threads read them. */
  readonly unread?: boolean;
}

/** Bytes read at a time: small enough to stay in the second-level cache, large enough to hide the call. */
const BUFFER = 1 << 20;
/** The same of a file whose records go to several threads: enough for each while the next is being read. */
const OWN_BUFFER = 1 << 22;
/** Bytes before what is read, for what is left of the piece before. A longer rest gets a piece of its own size. */
const HEADROOM = 1 << 16;
/** Records found at a time. */
const RECORDS = 1 << 14;
/** The longest record that the buffer grows for. */
const MAX_RECORD = 1 << 29;
/** Bytes of one piece of a source in memory; engines count in 30 bits. */
const MAX_PIECE = 1 << 29;

/** Yields blocks until the source ends. What is wrong with the framing is thrown after the good records before it. */
export async function* readBlocks(
  source: ByteSource,
  framing: FramingCode,
  engine: Engine,
  { own = false, unread = false }: BlockOptions = {},
): AsyncGenerator<Block> {
  if (framing[FramingWord.FORMAT] !== Framing.FIXED) {
    yield* scanned(new Window(source, own), framing, engine);
    return;
  }
  const lrecl = framing[FramingWord.LRECL]!;
  const size = source.size ?? 0;
  // what is wrong with a file's length is told best by those who read it
  const isLent = unread && source.lend !== undefined && size > OWN_BUFFER && size % lrecl === 0;
  const count = isLent && lrecl <= OWN_BUFFER ? size / lrecl : 0;
  if (count > 0) {
    yield* lent(source, lrecl, count);
    source.seek!(size); // it may have grown
  }
  yield* fixed(new Window(source, own, count * lrecl), framing, count + 1);
}

/** The first `count` records of a file, unread. */
async function* lent(source: ByteSource, lrecl: number, count: number): AsyncGenerator<Block> {
  const most = Math.max(1, Math.floor(BUFFER / lrecl));
  for (let done = 0; done < count; done += most) {
    const { release, descriptor, failure } = source.lend!();
    release(); // whoever reads holds it
    const base = done * lrecl;
    const unread = { descriptor, base, failure };
    const some = Math.min(most, count - done);
    const records = { data: NO_BYTES, starts: null, ends: null, first: 0, count: some, stride: lrecl, unread };
    yield { records, base, firstRecord: done + 1, hold: () => source.lend!().release };
  }
}

async function* fixed(window: Window, framing: FramingCode, firstRecord: number): AsyncGenerator<Block> {
  const lrecl = framing[FramingWord.LRECL]!;
  for (;;) {
    await window.fill(lrecl);
    const count = Math.floor(window.length / lrecl);
    if (count > 0) {
      const records = { data: window.data, starts: null, ends: null, first: window.from, count, stride: lrecl };
      yield { records, base: window.base, firstRecord, hold: () => window.hold() };
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
      const records = { data, starts, ends, first: 0, count, stride: 0 };
      yield { records, base: window.base, firstRecord, hold: () => window.hold() };
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
  const head = window.base <= 0 ? window.data.subarray(-window.base, window.to) : undefined;
  return framingError(
    framing,
    fault,
    { record, offset: window.base + at },
    value,
    window.data.subarray(at, window.to),
    head,
  );
}

/** Memory for a stretch of the source, and how many there are that it must not change under. */
interface Piece {
  readonly bytes: Uint8Array;
  holders: number;
}

/** A piece with what was read: bytes HEADROOM to `to`. */
interface Filled {
  readonly piece: Piece;
  readonly to: number;
  readonly isLast: boolean;
}

const NO_BYTES = new Uint8Array(0);
const NOTHING: Piece = { bytes: NO_BYTES, holders: 1 };

/** The part of the source that is in memory and not done with: data[from, to). */
class Window {
  from = 0;
  to = 0;
  /** Offset in the source of data[0]. */
  base: number;
  /** True when the source has nothing behind `to`. */
  isLast = false;
  private piece: Piece = NOTHING;
  private readonly free: Piece[] = [];
  private ahead: Promise<Filled> | null = null;
  private readonly whole: Uint8Array | null;
  /** Files only: a read of a pipe may never end, and from a stream no more is taken than is needed. */
  private readonly readsAhead: boolean;
  private readonly pieceLength: number;

  /** `base`: where in the source it begins. */
  constructor(
    private readonly source: ByteSource,
    own: boolean,
    base = 0,
  ) {
    this.base = base;
    this.whole = own && source.bytes?.buffer instanceof ArrayBuffer ? null : source.bytes;
    this.readsAhead = source.bytes === null && source.size !== null;
    this.pieceLength = source.piece ?? (own && this.readsAhead ? OWN_BUFFER : BUFFER);
  }

  get data(): Uint8Array {
    return this.piece.bytes;
  }

  get length(): number {
    return this.to - this.from;
  }

  take(bytes: number): void {
    this.from += bytes;
  }

  /** Keeps the present data from being written over until the answer is called. */
  hold(): () => void {
    const { piece } = this;
    piece.holders++;
    let isHeld = true;
    return () => {
      if (isHeld) this.release(piece);
      isHeld = false;
    };
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
      this.lookAt(this.whole, wanted);
      return;
    }
    while (!this.isLast && this.length < Math.max(wanted, 1)) {
      // a long record's pieces are doubled, so that its bytes are copied a few times only
      const filled = await (this.ahead ?? this.read(Math.max(this.pieceLength, this.length, wanted - this.length)));
      this.ahead = null;
      this.append(filled);
    }
    if (this.isLast || wanted > this.pieceLength || !this.readsAhead) return;
    this.ahead = this.read(this.pieceLength);
    this.ahead.catch(() => {}); // whoever waits for it hears of it
  }

  private lookAt(whole: Uint8Array, wanted: number): void {
    this.base += this.from;
    const end = Math.min(this.base + Math.max(MAX_PIECE, wanted), whole.length);
    this.piece = { bytes: whole.subarray(this.base, end), holders: 1 };
    this.from = 0;
    this.to = this.data.length;
    this.isLast = end === whole.length;
  }

  /** Reads `length` bytes, less only at the end: readers give what they have at hand. */
  private async read(length: number): Promise<Filled> {
    const piece = this.memory(length);
    const end = HEADROOM + length;
    let to = HEADROOM;
    while (to < end) {
      const read = await this.source.readInto(piece.bytes.subarray(to, end));
      if (read === 0) return { piece, to, isLast: true };
      to += read;
    }
    return { piece, to, isLast: false };
  }

  private memory(length: number): Piece {
    const piece = length === this.pieceLength ? this.free.pop() : undefined;
    if (!piece) return { bytes: new Uint8Array(HEADROOM + length), holders: 1 };
    piece.holders = 1;
    return piece;
  }

  private release(piece: Piece): void {
    if (--piece.holders === 0 && piece.bytes.length === HEADROOM + this.pieceLength) this.free.push(piece);
  }

  /** Goes on to what was read, with the rest of what was there before it. */
  private append({ piece, to, isLast }: Filled): void {
    const rest = this.data.subarray(this.from, this.to);
    const offset = this.base + this.from;
    let [next, from, end] = [piece, HEADROOM - rest.length, to];
    if (from < 0) {
      next = { bytes: new Uint8Array(rest.length + to - HEADROOM), holders: 1 };
      next.bytes.set(piece.bytes.subarray(HEADROOM, to), rest.length);
      this.release(piece);
      [from, end] = [0, next.bytes.length];
    }
    next.bytes.set(rest, from);
    if (this.piece !== NOTHING) this.release(this.piece);
    this.piece = next;
    this.from = from;
    this.to = end;
    this.base = offset - from;
    this.isLast = isLast;
  }
}
