/**
 * Records as a file has them: with their descriptors, which are kept as they are, in blocks, or as lines. What is written
 * is read by the same options again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Part } from '../batch/decode.js';
import type { Keyed } from '../engine/keyed.js';
import { Framing, type FramingCode, FramingWord } from '../framing/framing.js';

/**
 * Writes as many records as fit whole into `out` and answers their bytes: 0 where the next one does not fit, -1 where
 * there is none.
 */
export type Fill = (out: Uint8Array) => number | Promise<number>;

/** Bytes of the first chunk that is yielded, and of the largest: large memory comes cheaper, where there is much to write. */
const CHUNK = 1 << 18;
const MOST_CHUNK = 1 << 23;
/** Bytes of a chunk that is used again, and those of one for each of several threads that fill it. */
const REUSED_CHUNK = 1 << 20;
const THREAD_CHUNK = 1 << 21;
/** The largest block where none was seen: half a track of a 3390, which is what IBM's own tools take. */
const BLOCK = 27998;
const BLOCK_WORD = 4;

export class Framer {
  /** Bytes in front of each record that belong to it, and those behind. */
  readonly before: number;
  after: Uint8Array = new Uint8Array(0);
  private readonly format: number;
  private largestBlock = 0;
  private blockStart = 0;
  private blockEnd = -1;

  constructor(private readonly framing: FramingCode) {
    this.format = framing[FramingWord.FORMAT]!;
    this.before = this.format === Framing.RDW || this.format === Framing.BDW_RDW ? 4 : 0;
    if (this.format === Framing.LINES) this.after = Uint8Array.of(framing[FramingWord.ASCII] ? 0x0a : 0x15);
  }

  /** Learns from a part how the source frames its records: the end of a line, the size of blocks. */
  see({ records, recordNumbers }: Part, base: number): void {
    const { data, starts, ends, first, count } = records;
    if (!starts || !ends) return;
    if (this.format === Framing.LINES && this.blockEnd < 0) {
      this.blockEnd = 0;
      this.after = lineEnd(data, ends[first]!, this.after);
    }
    if (this.format !== Framing.BDW_RDW || recordNumbers) return;
    for (let i = first; i < first + count; i++) {
      const start = base + starts[i]! - this.before;
      if (start !== this.blockEnd) this.blockStart = start - BLOCK_WORD;
      this.blockEnd = base + ends[i]!;
      if (this.blockEnd - this.blockStart > this.largestBlock) this.largestBlock = this.blockEnd - this.blockStart;
    }
  }

  /** Chunks with memory of their own or, with `reuse`, each valid until the next. */
  async *chunks(keyed: Keyed, fill: Fill, reuse: boolean, threads = 1): AsyncGenerator<Uint8Array> {
    const isBlocked = this.format === Framing.BDW_RDW;
    let size = !reuse ? CHUNK : threads > 1 ? Math.min(threads * THREAD_CHUNK, MOST_CHUNK) : REUSED_CHUNK;
    let kept: Uint8Array | null = null;
    for (let isDone = false; !isDone; ) {
      const out: Uint8Array = kept?.length === size ? kept : keyed.allocate(size);
      if (reuse) kept = out;
      let at = 0;
      for (;;) {
        const room = isBlocked ? Math.min(out.length, at + this.blockSize) : out.length;
        const from = isBlocked ? at + BLOCK_WORD : at;
        if (from >= room) break;
        const bytes = await fill(out.subarray(from, room));
        isDone = bytes < 0;
        if (bytes <= 0 && !isDone && room < out.length && at === 0) {
          // longer than a block should be
          this.largestBlock = 2 * this.blockSize;
          continue;
        }
        if (bytes <= 0) break;
        if (isBlocked) this.describeBlock(out, at, BLOCK_WORD + bytes);
        at = from + bytes;
      }
      if (at > 0) yield out.subarray(0, at);
      if (at === 0) size *= 2;
      else if (!reuse) size = Math.max(size, Math.min(MOST_CHUNK, 2 * size));
    }
  }

  private get blockSize(): number {
    return this.largestBlock || BLOCK;
  }

  private describeBlock(out: Uint8Array, at: number, bytes: number): void {
    const length = bytes - this.framing[FramingWord.BDW_ADJUST]!;
    const view = new DataView(out.buffer, out.byteOffset + at, BLOCK_WORD);
    if (this.framing[FramingWord.BDW_LITTLE]) {
      if (length <= 0xffff) view.setUint16(0, length, true);
      else view.setUint32(0, length, true);
    } else if (length < 0x8000) view.setUint16(0, length);
    else view.setUint32(0, 0x80000000 + length);
  }
}

/** The bytes that end the line at `end`, if they are such as end lines. */
function lineEnd(data: Uint8Array, end: number, usual: Uint8Array): Uint8Array {
  const isEnd = (byte: number | undefined): boolean =>
    usual[0] === 0x0a ? byte === 0x0a : byte === 0x15 || byte === 0x25;
  if (data[end] === 0x0d && isEnd(data[end + 1])) return data.slice(end, end + 2);
  return isEnd(data[end]) ? data.slice(end, end + 1) : usual;
}
