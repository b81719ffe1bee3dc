/**
 * A lookup index: hashes of all keys in order, and where each record lies. A key's records are read from the source again,
 * and their keys compared, so that no hash can deceive.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type FileHandle, open } from 'node:fs/promises';
import { types } from 'node:util';
import { fileURLToPath } from 'node:url';
import { DecodeLoop } from '../batch/decode.js';
import { badData, countFaults, listFaults, remember } from '../batch/faults.js';
import { type Row, type RowBuilder, rowBuilder } from '../batch/rows.js';
import { throwIfAborted } from '../connectors/abort.js';
import type { SourceInput } from '../connectors/source.js';
import type { Records } from '../engine/engine.js';
import { KeyClass } from '../engine/keyed.js';
import { OverpunchError } from '../errors.js';
import { Framing, FramingWord } from '../framing/framing.js';
import { compile } from '../plan/compile.js';
import type { Plan } from '../plan/plan.js';
import { type Input, RecordInput } from './input.js';
import { KeyMaker, badCount, keyItems, keyLoop, keyPlan } from './keys.js';
import { type KeyValue, putKeyValue } from './values.js';

export interface IndexOptions {
  /** Two records with one key are an error. Default false. */
  readonly unique?: boolean;
}

/** A key: the value of its field as rows have it (decimals also as numbers), or one for each field, in their order. */
export type LookupKey = KeyValue | readonly KeyValue[];

/** A record as it lies in the source. */
export interface FoundRecord {
  /** 1-based. */
  readonly number: number;
  /** Of the record's bytes in the source, behind its descriptor. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const HASH = 8;
const FIRST_ROOM = 1 << 12;

/** Made by `Reader.index`; to be closed. Records whose key is absent or bad are not in it. */
export class RecordIndex {
  /** Records with an absent key, and with a bad one. */
  readonly absentKeys: number;
  readonly badKeys: number;
  private readonly compare: DecodeLoop;
  private readonly rows: DecodeLoop;
  private readonly build: RowBuilder;

  private constructor(
    private readonly input: Input,
    private readonly maker: KeyMaker,
    plan: Plan,
    private readonly bytes: RandomBytes,
    private readonly places: Places,
    counts: { readonly absent: number; readonly bad: number },
  ) {
    const { engine, layout, options } = input;
    this.absentKeys = counts.absent;
    this.badKeys = counts.bad;
    const one = { own: false, batchRecords: 1, typicalLength: 1 };
    const all = compile(layout, { ...options, text: 'latin1' });
    this.compare = new DecodeLoop(engine, plan, one);
    this.rows = new DecodeLoop(engine, all, one);
    this.build = rowBuilder(all.schema, options);
  }

  /** @throws OverpunchError OVP_IO_SEEK for a stream, OVP_OPTION_INDEX, OVP_DATA_DUPLICATE with `unique` */
  static async make(input: Input, by: readonly string[], { unique = false }: IndexOptions): Promise<RecordIndex> {
    if (by.length === 0) throw new OverpunchError('OVP_OPTION_INDEX', 'index needs a field');
    const items = keyItems(input.layout, by, 'OVP_OPTION_INDEX', 'index');
    const { plan, fields } = keyPlan(input, items, null);
    const maker = new KeyMaker(
      input.engine.keyed,
      plan,
      fields.map((field) => ({ field })),
    );
    const bytes = await RandomBytes.open(input.source);
    try {
      const { places, ...counts } = await findPlaces(input, plan, maker);
      const index = new RecordIndex(input, maker, plan, bytes, places, counts);
      if (unique) await index.refuseDuplicates();
      return index;
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  /** Records in it. */
  get size(): number {
    return this.places.count;
  }

  /** Bytes of memory that it takes. */
  get byteLength(): number {
    return this.places.byteLength;
  }

  /** The first record with this key; null where there is none. */
  async get(key: LookupKey): Promise<Row | null> {
    for await (const { row } of this.found(key)) return row();
    return null;
  }

  /** All records with this key, in order of the source. */
  async getAll(key: LookupKey): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const { row } of this.found(key)) rows.push(row());
    return rows;
  }

  /** All records with this key undecoded, in order of the source: number, offset in the source, bytes without descriptor. */
  async getRecords(key: LookupKey): Promise<FoundRecord[]> {
    const records: FoundRecord[] = [];
    for await (const { at, bytes } of this.found(key))
      records.push({ number: this.places.number(at), offset: this.places.offset(at), bytes });
    return records;
  }

  async has(key: LookupKey): Promise<boolean> {
    for await (const _ of this.found(key)) return true;
    return false;
  }

  /** Closes the file; lookups under way fail. */
  async close(): Promise<void> {
    await this.bytes.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
    await this.close();
  }

  private async *found(key: LookupKey): AsyncGenerator<{ at: number; bytes: Uint8Array; row(): Row }> {
    const wanted = this.keyOf(key);
    if (!wanted) return;
    const hash = new Uint8Array(HASH);
    this.input.engine.keyed.hash(wanted, wanted.length, 1, hash, 0);
    for (let at = this.places.first(hash); at < this.places.count && this.places.hasHash(at, hash); at++) {
      const record = await this.read(at);
      if (Buffer.compare(this.keyAt(record), wanted) === 0)
        yield { at, bytes: record.data, row: () => this.rowOf(record, at) };
    }
  }

  /** The bytes of a key, null where no record can have it. */
  private keyOf(key: LookupKey): Uint8Array | null {
    const { parts, width } = this.maker;
    const values = Array.isArray(key) ? (key as readonly KeyValue[]) : [key as KeyValue];
    if (values.length !== parts.length) {
      throw new OverpunchError(
        'OVP_OPTION_KEY',
        `A key of this index has ${parts.length} values, not ${values.length}`,
      );
    }
    const bytes = new Uint8Array(width);
    const isPossible = parts.map((part, i) => putKeyValue(part, values[i]!, bytes));
    return isPossible.every(Boolean) ? bytes : null;
  }

  private async read(at: number): Promise<Records> {
    const data = await this.bytes.read(this.places.offset(at), this.places.length(at));
    return { data, starts: null, ends: null, first: 0, count: 1, stride: data.length };
  }

  private keyAt(records: Records): Uint8Array {
    const key = new Uint8Array(this.maker.width);
    for (const { batch } of this.compare.batches({ records, firstRecord: 1, recordNumbers: null }))
      this.maker.make(batch, key, 0);
    return key;
  }

  private rowOf(records: Records, at: number): Row {
    const part = { records, firstRecord: this.places.number(at), recordNumbers: null };
    const { onBadData = 'report' } = this.input.options;
    for (const { batch } of this.rows.batches(part)) {
      const row = this.build.row(batch, 0);
      if (countFaults(batch) === 0 || onBadData === 'null') return row;
      const list = listFaults(batch, { records, base: this.places.offset(at) });
      if (onBadData === 'throw') throw badData(list[0]!);
      remember(row, list);
      return row;
    }
    throw new OverpunchError('OVP_ENGINE_STATUS', 'The engine returned no row for a record');
  }

  private async refuseDuplicates(): Promise<void> {
    const { places } = this;
    for (let from = 0, to = 0; from < places.count; from = to) {
      for (to = from + 1; to < places.count && places.hasSameHash(from, to); to++);
      const seen = new Map<string, number>();
      for (let at = from; to - from > 1 && at < to; at++) {
        const key = Buffer.from(this.keyAt(await this.read(at))).toString('latin1');
        const before = seen.get(key);
        if (before !== undefined) {
          throw new OverpunchError('OVP_DATA_DUPLICATE', `The key of record ${places.number(before)} comes again`, {
            data: { record: places.number(at), offset: places.offset(at) },
            hint: 'Without unique, getAll finds all records of a key.',
          });
        }
        seen.set(key, at);
      }
    }
  }
}

/** Hashes in order, and where the record of each lies. */
class Places {
  private readonly hashes: DataView;

  constructor(
    readonly count: number,
    private readonly sorted: Uint8Array,
    private readonly order: Uint32Array,
    private readonly numbers: Float64Array,
    /** Without them: records of `stride` bytes. */
    private readonly offsets: Float64Array | null,
    private readonly lengths: Uint32Array | null,
    private readonly stride: number,
  ) {
    this.hashes = new DataView(sorted.buffer, sorted.byteOffset);
  }

  get byteLength(): number {
    const { sorted, order, numbers, offsets, lengths } = this;
    return [sorted, order, numbers, offsets, lengths].reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
  }

  number(at: number): number {
    return this.numbers[this.order[at]!]!;
  }

  offset(at: number): number {
    return this.offsets ? this.offsets[this.order[at]!]! : (this.number(at) - 1) * this.stride;
  }

  length(at: number): number {
    return this.lengths ? this.lengths[this.order[at]!]! : this.stride;
  }

  /** The first place whose hash is not below this one. */
  first(hash: Uint8Array): number {
    const view = new DataView(hash.buffer, hash.byteOffset);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const h = this.hashes.getUint32(HASH * middle);
      if (h < high || (h === high && this.hashes.getUint32(HASH * middle + 4) < low)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  hasHash(at: number, hash: Uint8Array): boolean {
    return Buffer.compare(this.sorted.subarray(HASH * at, HASH * at + HASH), hash) === 0;
  }

  hasSameHash(a: number, b: number): boolean {
    return this.hasHash(a, this.sorted.subarray(HASH * b, HASH * b + HASH));
  }
}

async function findPlaces(
  input: Input,
  plan: Plan,
  maker: KeyMaker,
): Promise<{ places: Places; absent: number; bad: number }> {
  const { keyed } = input.engine;
  const records = new RecordInput(input);
  const isFixed = records.framing[FramingWord.FORMAT] === Framing.FIXED;
  const loop = keyLoop(input, plan);
  const { width, parts } = maker;
  let keys = new Uint8Array(0);
  let room = FIRST_ROOM;
  let hashes = new Uint8Array(HASH * room);
  let numbers = new Float64Array(room);
  let offsets = isFixed ? null : new Float64Array(room);
  let lengths = isFixed ? null : new Uint32Array(room);
  let count = 0;
  let absent = 0;
  let bad = 0;
  for await (const { part, base } of records.parts()) {
    for (const { batch, records: some } of loop.batches(part)) {
      if (keys.length < batch.length * width) keys = new Uint8Array(batch.length * width);
      if (count + batch.length > room) {
        room = Math.max(2 * room, count + batch.length);
        hashes = grown(hashes, HASH * room);
        numbers = grown(numbers, room);
        offsets = offsets && grown(offsets, room);
        lengths = lengths && grown(lengths, room);
      }
      maker.make(batch, keys, 0);
      keyed.hash(keys, width, batch.length, hashes, HASH * count);
      const isWhole =
        badCount(
          batch,
          parts.map(({ field }) => field),
        ) === 0;
      const first = count;
      for (let row = 0; row < batch.length; row++) {
        const classes = parts.map(({ at }) => keys[row * width + at]!);
        if (!isWhole && classes.includes(KeyClass.BAD)) bad++;
        else if (classes.includes(KeyClass.ABSENT)) absent++;
        else {
          if (count !== first + row) hashes.copyWithin(HASH * count, HASH * (first + row), HASH * (first + row + 1));
          numbers[count] = batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row;
          if (offsets && lengths) {
            const start = some.starts![some.first + row]!;
            offsets[count] = base + start;
            lengths[count] = some.ends![some.first + row]! - start;
          }
          count++;
        }
      }
    }
    throwIfAborted(input.options.signal, 'the source of an index');
  }
  const varying = new Uint8Array(2 * HASH).fill(0xff, HASH);
  const order = await keyed.sort(hashes, HASH, HASH, count, varying);
  const sorted = new Uint8Array(HASH * count);
  const stored = { pieces: [hashes], firsts: new Uint32Array(1), count, stride: HASH, starts: null, ends: null };
  const shape = { before: 0, after: new Uint8Array(0), keys: null, keyWidth: 0, lengths: false };
  if (count > 0) keyed.gather(stored, shape, order, 0, count, sorted);
  const stride = isFixed ? records.framing[FramingWord.LRECL]! : 0;
  const places = new Places(
    count,
    sorted,
    order,
    numbers.slice(0, count),
    offsets ? offsets.slice(0, count) : null,
    lengths ? lengths.slice(0, count) : null,
    stride,
  );
  return { places, absent, bad };
}

function grown<T extends Uint8Array | Float64Array | Uint32Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}

/** Bytes at any offset of a file or of memory. */
class RandomBytes {
  private constructor(
    private readonly memory: Uint8Array | null,
    private handle: FileHandle | null,
    private readonly name: string,
  ) {}

  static async open(source: SourceInput): Promise<RandomBytes> {
    if (ArrayBuffer.isView(source))
      return new RandomBytes(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), null, 'bytes');
    if (types.isAnyArrayBuffer(source)) return new RandomBytes(new Uint8Array(source), null, 'bytes');
    if (typeof source !== 'string' && !(source instanceof URL)) throw cannotSeek('A stream');
    const path = typeof source === 'string' ? source : fileURLToPath(source);
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      throw new OverpunchError('OVP_IO_OPEN', `${path} can't be opened: ${(cause as Error).message}`, { cause });
    }
    if ((await handle.stat()).isFile()) return new RandomBytes(null, handle, path);
    await handle.close();
    throw cannotSeek(path);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.memory) return this.memory.subarray(offset, offset + length);
    if (!this.handle) throw new OverpunchError('OVP_IO_CLOSED', `The index of ${this.name} was closed`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.handle.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) {
        throw new OverpunchError('OVP_IO_READ', `${this.name} is shorter than when its index was made`, {
          data: { record: 0, offset: offset + done },
        });
      }
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = null;
    await handle?.close();
  }
}

function cannotSeek(what: string): OverpunchError {
  return new OverpunchError('OVP_IO_SEEK', `${what} can't be read at any place, which an index needs`, {
    hint: 'Open a file by its path, or bytes.',
  });
}
