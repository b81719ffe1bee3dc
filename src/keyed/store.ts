/**
 * Records kept in memory: where they lie already (bytes that the caller holds), or copied one behind another into pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Part } from '../batch/decode.js';
import type { Records } from '../engine/engine.js';
import type { Keyed, Shape, Stored } from '../engine/keyed.js';

/** Bytes of the first piece that is allocated, and of the largest. */
const FIRST_PIECE = 1 << 20;
const MOST_PIECE = 1 << 28;
/** The largest piece for bytes that are expected: what an ArrayBuffer can have in every Node.js, and a cache line less. */
const MOST_EXPECTED = 2 ** 32 - 128;
/** Records that places are first made for. */
const FIRST_RECORDS = 1 << 12;

export class RecordStore implements Stored {
  readonly pieces: Uint8Array[] = [];
  firsts = new Uint32Array(16);
  count = 0;
  stride = 0;
  starts: Uint32Array | null = null;
  ends: Uint32Array | null = null;
  /** Bytes of memory that the records and their places take; what the caller holds anyway does not count. */
  byteLength = 0;
  /** The longest record so far, with what belongs to it. */
  longest = 0;
  /** Pieces to be filled again, and what is filled of the last. */
  private readonly spare: Uint8Array[] = [];
  private filled = 0;
  private nextPiece = FIRST_PIECE;

  /**
   * @param before bytes in front of each record that are kept with it
   * @param fixed all records have one length and follow one another
   * @param isInMemory they need not be copied
   */
  constructor(
    private readonly keyed: Keyed,
    private readonly before: number,
    private readonly fixed: boolean,
    private readonly isInMemory: boolean,
  ) {}

  /** Makes room for so many bytes in one piece: where a record lies is found faster then. Answers it, if one is needed. */
  expect(bytes: number): Uint8Array[] {
    if (this.isInMemory || !this.fixed || bytes <= FIRST_PIECE) return [];
    const piece = this.keyed.allocate(Math.min(bytes, MOST_EXPECTED));
    this.spare.push(piece);
    return [piece];
  }

  /** Keeps these records of a part. */
  add(records: Records, part: Part): void {
    if (this.fixed) this.addFixed(records);
    else this.addPlaced(records, part.recordNumbers !== null);
  }

  /** Forgets the records; their memory is used again. */
  clear(): void {
    if (!this.isInMemory) this.spare.push(...this.pieces);
    this.pieces.length = 0;
    this.count = 0;
    this.filled = 0;
    this.byteLength = 0;
  }

  private addFixed({ data, first, count, stride }: Records): void {
    const length = count * stride;
    const bytes = data.subarray(first, first + length);
    this.stride = stride;
    this.longest = stride;
    if (this.isInMemory) {
      const last = this.pieces.at(-1);
      if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset)
        this.pieces[this.pieces.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + length);
      else this.addPiece(bytes);
    } else {
      for (let done = 0; done < length; ) {
        const room = this.room(stride);
        const some = Math.min(length - done, room - (room % stride));
        this.pieces.at(-1)!.set(bytes.subarray(done, done + some), this.filled);
        this.filled += some;
        this.count += some / stride;
        done += some;
      }
      this.byteLength += length;
      return;
    }
    this.count += count;
  }

  private addPlaced(records: Records, isPicked: boolean): void {
    const { data, first, count, stride } = records;
    this.makePlaces(this.count + count);
    const [starts, ends] = [this.starts!, this.ends!];
    const at = this.count;
    let from = 0xffffffff;
    let to = 0;
    for (let i = 0; i < count; i++) {
      const start = records.starts ? records.starts[first + i]! : first + i * stride;
      const end = records.ends ? records.ends[first + i]! : start + stride;
      starts[at + i] = start;
      ends[at + i] = end;
      if (start < from) from = start;
      if (end > to) to = end;
      if (end - start + this.before > this.longest) this.longest = end - start + this.before;
    }
    this.byteLength += 8 * count;
    if (this.isInMemory) {
      const last = this.pieces.at(-1);
      if (!last || last.buffer !== data.buffer || last.byteOffset !== data.byteOffset || last.length !== data.length)
        this.addPiece(data);
      this.count += count;
    } else if (isPicked) {
      this.copyPicked(records);
    } else {
      // with whatever lies between them
      from -= this.before;
      this.room(to - from);
      this.pieces.at(-1)!.set(data.subarray(from, to), this.filled);
      const moved = this.filled - from;
      for (let i = at; i < at + count; i++) {
        starts[i]! += moved;
        ends[i]! += moved;
      }
      this.filled += to - from;
      this.count += count;
      this.byteLength += to - from;
    }
  }

  /** Copies records between which others were left out. Their places in `data` are in starts and ends already. */
  private copyPicked({ data, count }: Records): void {
    const [starts, ends] = [this.starts!, this.ends!];
    const shape: Shape = { before: this.before, after: NONE, keys: null, keyWidth: 0, lengths: false };
    const all = this.count;
    const own = { starts: starts.slice(all, all + count), ends: ends.slice(all, all + count) };
    const stored: Stored = { pieces: [data], firsts: new Uint32Array(1), count, stride: 0, ...own };
    for (let done = 0; done < count; ) {
      this.room(own.ends[done]! - own.starts[done]! + this.before);
      const out = this.pieces.at(-1)!.subarray(this.filled);
      const { records, bytes } = this.keyed.gather(stored, shape, null, done, count, out);
      let at = this.filled;
      for (let i = done; i < done + records; i++) {
        const length = own.ends[i]! - own.starts[i]!;
        starts[all + i] = at + this.before;
        ends[all + i] = at += this.before + length;
      }
      this.filled += bytes;
      this.byteLength += bytes;
      this.count += records;
      done += records;
    }
  }

  /** Room that is left in the last piece, which is a new one where `wanted` bytes would not fit. */
  private room(wanted: number): number {
    const last = this.pieces.at(-1);
    if (last && last.length - this.filled >= wanted) return last.length - this.filled;
    const spare = this.spare.findIndex((piece) => piece.length >= wanted);
    const piece = spare >= 0 ? this.spare.splice(spare, 1)[0]! : this.keyed.allocate(Math.max(this.nextPiece, wanted));
    this.nextPiece = Math.min(MOST_PIECE, 2 * this.nextPiece);
    this.addPiece(piece);
    this.filled = 0;
    return piece.length;
  }

  private addPiece(piece: Uint8Array): void {
    if (this.pieces.length === this.firsts.length) this.firsts = grown(this.firsts, 2 * this.firsts.length);
    this.firsts[this.pieces.length] = this.count;
    this.pieces.push(piece);
  }

  private makePlaces(count: number): void {
    if (this.starts && this.starts.length >= count) return;
    const room = Math.max(FIRST_RECORDS, count, 2 * (this.starts?.length ?? 0));
    this.starts = grown(this.starts, room);
    this.ends = grown(this.ends, room);
  }
}

const NONE = new Uint8Array(0);

function grown(words: Uint32Array | null, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  if (words) larger.set(words);
  return larger;
}
