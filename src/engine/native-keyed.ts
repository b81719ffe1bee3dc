/**
 * Keys in the C core: what of the addon works on them, and the tables that it fills.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import {
  type GroupRows,
  GroupWord,
  type Grouper,
  type Keyed,
  type Runs,
  type Shape,
  type SortRoom,
  type Stored,
  type Written,
} from './keyed.js';

/** What the addon exports for keys; see native/addon/keyed.cc, sort.cc, group.cc and memory.cc. */
export interface KeyedAddon {
  keys(
    parts: Int32Array,
    slab: Uint8Array,
    count: number,
    keys: Uint8Array,
    at: number,
    width: number,
    varying: Uint8Array,
  ): void;
  hash(keys: Uint8Array, width: number, count: number, hashes: Uint8Array, at: number): void;
  gather(
    pieces: readonly Uint8Array[],
    firsts: Uint32Array,
    count: number,
    stride: number,
    starts: Uint32Array,
    ends: Uint32Array,
    before: number,
    after: Uint8Array,
    keys: Uint8Array,
    keyWidth: number,
    lengths: number,
    order: Uint32Array,
    from: number,
    to: number,
    out: Uint8Array,
    written: Uint32Array,
    threads: number,
  ): number;
  merge(
    data: Uint8Array,
    from: Uint32Array,
    to: Uint32Array,
    final: Uint8Array,
    keyWidth: number,
    length: number,
    keep: number,
    scratch: Uint32Array,
    out: Uint8Array,
    written: Uint32Array,
  ): number;
  /** Answers the start's distance from its cache line's. */
  largePages(bytes: Uint8Array): number;
  populate(memory: readonly Uint8Array[]): void;
  sort(
    keys: Uint8Array,
    stride: number,
    width: number,
    count: number,
    varying: Uint8Array,
    order: Uint32Array,
    scratch: Uint8Array,
    threads: number,
  ): Promise<void>;
  sortScratch(count: number): number;
  groupAdd(
    program: Int32Array,
    table: Uint8Array,
    rows: Uint8Array,
    state: Uint32Array,
    varying: Uint8Array,
    slab: Uint8Array,
    keys: Uint8Array,
    extremes: Uint8Array,
    from: number,
    count: number,
  ): number;
  groupIndex(program: Int32Array, table: Uint8Array, rows: Uint8Array, state: Uint32Array, varying: Uint8Array): void;
  groupResults(
    program: Int32Array,
    rows: Uint8Array,
    width: number,
    count: number,
    order: Uint32Array,
    from: number,
    to: number,
    slab: Uint8Array,
  ): number;
}

const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Uint32Array(0);
const NO_ROOM: SortRoom = [];
/** From this size on large pages are asked for. */
const LARGE = 1 << 22;
/** Bytes of a cache line, at which large memory begins. */
const LINE = 64;
/** A group table's first size, and the size from which it doubles rather than quadruples (log2 of its entries). */
const FIRST_BITS = 10;
const DOUBLING_BITS = 20;
const ENTRY = 4;
/**
 * Rows that there is room for first, and how many times more than there are then: up to so many bytes much more, for memory
 * that is not used costs nothing, and rows that move are copied.
 */
const FIRST_ROWS = 640;
const MORE_ROWS = 4;
const MUCH_MORE_ROWS = 16;
const MUCH = 2 ** 28;
/** Most bytes of rows: what an ArrayBuffer can have in every Node.js. */
const MAX_ROWS = 2 ** 32 - 1 - LINE;

export class NativeKeyed implements Keyed {
  readonly #addon: KeyedAddon;
  readonly #written = new Uint32Array(2);

  constructor(addon: KeyedAddon) {
    this.#addon = addon;
  }

  keys(
    parts: Int32Array,
    slab: Uint8Array,
    count: number,
    keys: Uint8Array,
    at: number,
    width: number,
    varying: Uint8Array | null,
  ): void {
    this.#addon.keys(parts, slab, count, keys, at, width, varying ?? NO_BYTES);
  }

  hash(keys: Uint8Array, width: number, count: number, hashes: Uint8Array, at: number): void {
    this.#addon.hash(keys, width, count, hashes, at);
  }

  async sort(
    keys: Uint8Array,
    stride: number,
    width: number,
    count: number,
    varying: Uint8Array,
    threads = 1,
    room: SortRoom = NO_ROOM,
  ): Promise<Uint32Array> {
    const isEnough = room.length > 0 && room[1]!.length >= 4 * count;
    const [scratch, places] = isEnough ? room : this.sortRoom(count);
    const order = new Uint32Array(places!.buffer, places!.byteOffset, count);
    await this.#addon.sort(keys, stride, width, count, varying, order, scratch!, threads);
    return order;
  }

  /** Scratch, and places in the order. */
  sortRoom(count: number): SortRoom {
    return [this.allocate(this.#addon.sortScratch(count)), this.allocate(4 * count)];
  }

  gather(
    stored: Stored,
    shape: Shape,
    order: Uint32Array | null,
    from: number,
    to: number,
    out: Uint8Array,
    threads = 1,
  ): Written {
    const { pieces, firsts, count, stride, starts, ends } = stored;
    const { before, after, keys, keyWidth, lengths } = shape;
    const records = this.#addon.gather(
      pieces,
      firsts,
      count,
      stride,
      starts ?? NO_WORDS,
      ends ?? NO_WORDS,
      before,
      after,
      keys ?? NO_BYTES,
      keys ? keyWidth : 0,
      lengths ? 1 : 0,
      order ?? NO_WORDS,
      from,
      to,
      out,
      this.#written,
      threads,
    );
    return { records, bytes: this.#written[0]! };
  }

  merge({ data, from, to, final, keyWidth, length, keep }: Runs, out: Uint8Array, written: Written): number {
    const scratch = new Uint32Array(4 * from.length);
    const count = this.#written;
    const stopped = this.#addon.merge(data, from, to, final, keyWidth, length, keep ? 1 : 0, scratch, out, count);
    written.records = count[0]!;
    written.bytes = count[1]!;
    return stopped;
  }

  group(program: Int32Array): Grouper {
    return new NativeGrouper(this.#addon, program, (bytes) => this.allocate(bytes));
  }

  results(
    program: Int32Array,
    { rows, width, count }: GroupRows,
    order: Uint32Array,
    from: number,
    to: number,
    slab: Uint8Array,
  ): number {
    return this.#addon.groupResults(program, rows, width, count, order, from, to, slab);
  }

  allocate(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes < LARGE) return new Uint8Array(bytes);
    const memory = new Uint8Array(bytes + LINE);
    const start = LINE - this.#addon.largePages(memory);
    return memory.subarray(start, start + bytes);
  }

  populate(memory: readonly Uint8Array[]): void {
    this.#addon.populate(memory);
  }
}

class NativeGrouper implements Grouper {
  private readonly rowWidth: number;
  /** See native/addon/group.cc. */
  private readonly state = Uint32Array.of(FIRST_BITS, 0);
  private readonly varying: Uint8Array;
  private table: Uint8Array;
  private rows: Uint8Array;

  constructor(
    private readonly addon: KeyedAddon,
    private readonly program: Int32Array,
    private readonly allocate: (bytes: number) => Uint8Array,
  ) {
    this.rowWidth = program[GroupWord.ROW_WIDTH]!;
    const width = program[GroupWord.KEY_WIDTH]!;
    this.varying = new Uint8Array(2 * width).fill(0xff, 0, width);
    this.table = this.newTable();
    this.rows = this.newRows(0);
  }

  add(keys: Uint8Array, slab: Uint8Array, extremes: Uint8Array, count: number): void {
    const { addon, program, state, varying } = this;
    for (let done = 0; ; ) {
      done = addon.groupAdd(program, this.table, this.rows, state, varying, slab, keys, extremes, done, count);
      if (done === count) return;
      this.grow();
    }
  }

  finish(): GroupRows {
    const count = this.state[1]!;
    const { rowWidth: width, varying } = this;
    return { rows: this.rows.subarray(0, count * width), count, width, varying };
  }

  /** A larger table, or more rows: whichever ran out. Rows are given much at a time, as memory that is not used costs nothing. */
  private grow(): void {
    const { state, rowWidth } = this;
    const used = state[1]!;
    if ((used + 1) * rowWidth > this.rows.length) {
      const rows = this.newRows(used);
      rows.set(this.rows.subarray(0, used * rowWidth));
      this.rows = rows;
      return;
    }
    state[0]! += state[0]! < DOUBLING_BITS ? 2 : 1;
    this.table = this.newTable();
    this.addon.groupIndex(this.program, this.table, this.rows, state, this.varying);
  }

  private newTable(): Uint8Array {
    return this.allocate(2 ** this.state[0]! * ENTRY);
  }

  private newRows(used: number): Uint8Array {
    const least = (used + 1) * this.rowWidth;
    if (least > MAX_ROWS) {
      throw new OverpunchError('OVP_DATA_GROUPS', `There are more than ${used} groups, which memory is not given for`, {
        hint: 'Sort by the keys, and add up what follows one another; or group by fewer fields.',
      });
    }
    const now = used * this.rowWidth;
    const wanted = Math.max(FIRST_ROWS * this.rowWidth, MORE_ROWS * now, Math.min(MUCH_MORE_ROWS * now, MUCH));
    return this.allocate(Math.min(MAX_ROWS, Math.max(least, wanted)));
  }
}
