/**
 * A data set that is served: its copybook, its file as it is now, and records found in it by number, condition or key. What was
 * found out of a file (places, index) is kept until the file changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Copybook } from '../../copybook.js';
import { ElementWriter } from '../../connectors/elements.js';
import type { Records } from '../../engine/engine.js';
import { loadEngine } from '../../engine/load.js';
import { OverpunchError } from '../../errors.js';
import { framingCode, framingError } from '../../framing/codes.js';
import { ScanFault } from '../../framing/framing.js';
import type { Input } from '../../keyed/input.js';
import type { EngineChoice, ReadOptions } from '../../options.js';
import { type OpenOptions, Reader } from '../../read.js';
import type { HiddenField } from '../../schemas/protection.js';
import type { Caller } from '../access/access.js';
import type { Catalog, CatalogEntry } from '../catalog/catalog.js';
import { copybookOf } from '../catalog/copytext.js';
import { DatasetFile, type FileState } from './file.js';
import { KeyIndex } from './keyindex.js';
import { DESCRIBED, type Found, RecordPlaces, described, findRecords, strideOf } from './places.js';
import { Selections } from './selection.js';
import { View } from '../access/view.js';

/** Records of variable length up to this number are found by reading from the start. */
const NEAR = 4096;
/** Bytes read at a time for them. */
const NEAR_BYTES = 1 << 16;

/** Records to be decoded, as bytes with descriptors, or of one length. */
export interface RecordBytes {
  /** Numbers of the records in the file, 1-based. */
  readonly numbers: readonly number[];
  readonly offsets: readonly number[];
  readonly bytes: Uint8Array;
  readonly framing: Pick<ReadOptions, 'recfm' | 'lrecl' | 'rdwEndian' | 'rdwAdjust'>;
}

/** Writers of pages that are kept, by what they select. */
const KEPT_WRITERS = 16;

export class ServedDataset {
  /** Records by their place in a selection. */
  readonly selections = new Selections();
  private readonly views = new Map<string, View>();
  /** The same by the roles of a caller, which stay the same array as long as he has them. */
  private readonly viewOf = new WeakMap<readonly string[], View>();
  private readonly writers = new Map<string, ElementWriter>();
  private places: Kept<RecordPlaces> | null = null;
  private index: KeyIndex | null = null;
  private isClosed = false;
  private readonly options: ReadOptions;
  /** When it was asked for last, in milliseconds. */
  usedAt = Date.now();
  /** Bytes of each record where all have one length. */
  private readonly stride: number | null;

  private constructor(
    readonly entry: CatalogEntry,
    readonly copybook: Copybook,
    readonly file: DatasetFile,
    engine: EngineChoice | undefined,
  ) {
    this.options = { ...entry.options, ...(engine && { engine }) };
    this.stride = strideOf(this.input(new Uint8Array(0), {}));
  }

  /** @throws OverpunchError of the copybook, or OVP_OPTION_CATALOG where names of the catalog mean nothing in it */
  static async open(
    { folder }: Pick<Catalog, 'folder'>,
    entry: CatalogEntry,
    engine?: EngineChoice,
  ): Promise<ServedDataset> {
    const copybook = await copybookOf(folder, entry);
    const file = new DatasetFile(folder, entry.data, entry.name);
    const dataset = new ServedDataset(entry, copybook, file, engine);
    // all of it is looked at now, rather than at the first request
    const view = dataset.view([]);
    for (const name of entry.key)
      new View(copybook.layout, dataset.options, [], []).operand(
        name,
        'OVP_OPTION_CATALOG' as `OVP_OPTION_${string}`,
        `${entry.name}: key`,
      );
    view.select(null, true);
    return dataset;
  }

  get name(): string {
    return this.entry.name;
  }

  /** May he use it at all? */
  isFor({ name, roles }: Caller): boolean {
    const owner = this.entry.upload?.owner ?? null;
    if (owner !== null && owner !== name) return false;
    return this.entry.roles === null || this.entry.roles.some((role) => roles.includes(role));
  }

  /** What somebody with these roles sees. */
  view(roles: readonly string[]): View {
    let view = this.viewOf.get(roles);
    if (!view) this.viewOf.set(roles, (view = this.viewFor(roles)));
    return view;
  }

  private viewFor(roles: readonly string[]): View {
    const isClosed = ({ except }: HiddenField): boolean => !except.some((role) => roles.includes(role));
    const hide = this.entry.hide.filter(isClosed).map(({ field }) => field);
    const mask = this.entry.mask.filter(isClosed).map(({ field, show }) => ({ field, show }));
    const key = JSON.stringify([hide, mask]);
    let view = this.views.get(key);
    if (!view) this.views.set(key, (view = new View(this.copybook.layout, this.options, hide, mask)));
    return view;
  }

  /** How the data set is read, and this of a request. */
  reading(request: ReadOptions): OpenOptions {
    const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
    return { maxFaults: 100, ...this.options, ...given, copybook: this.copybook };
  }

  /** Records of the whole file as it is in `state`, which must be held until they are read. */
  reader(state: FileState, request: ReadOptions): Reader {
    return new Reader(state.from(0), this.reading(request));
  }

  /** The same, to be read by its path. */
  pathReader(state: FileState, request: ReadOptions): Reader {
    return new Reader(state.openPath, this.reading(request));
  }

  /** Bytes that so many records have at most. */
  bytesOf({ size }: FileState, records: number): number {
    return Math.min(size, records * (this.stride ?? size));
  }

  /** Records that were found. */
  readerOf({ bytes, numbers, framing }: RecordBytes, request: ReadOptions): Reader {
    // memory for so many, not for a whole file's batches
    const batchRecords = Math.max(1, numbers.length);
    return new Reader(bytes, this.reading({ ...request, ...framing, batchRecords }));
  }

  /** What writes pages of these items (all without). */
  elements(select: readonly string[] | undefined, maxFaults?: number): ElementWriter {
    const key = `${maxFaults ?? ''} ${select ? select.join() : ''}`;
    let writer = this.writers.get(key);
    if (writer) this.writers.delete(key);
    else {
      const options = this.reading({ ...(select && { select }), ...(maxFaults !== undefined && { maxFaults }) });
      writer = new ElementWriter(this.copybook.layout, options, loadEngine(options.engine));
      const [oldest] = this.writers.keys();
      if (this.writers.size >= KEPT_WRITERS) this.writers.delete(oldest!);
    }
    this.writers.set(key, writer);
    return writer;
  }

  /** Records in the file, where that is known without reading it. */
  count({ identity, size }: FileState): number | null {
    if (this.stride !== null) return Math.floor(size / this.stride);
    return this.places?.identity === identity ? this.places.now : null;
  }

  /**
   * At most `limit` records from this number on, without waiting, where they lie at places that can be reckoned and can be read
   * at once; null where not.
   * @param memory for their bytes, where it is not to be their own
   */
  recordsNow(state: FileState, from: number, limit: number, memory?: Buffer): RecordBytes | null {
    const { stride } = this;
    if (stride === null) return null;
    const start = Math.min(state.size, (from - 1) * stride);
    const bytes = state.readNow(...stretch(state, start, stride, limit), memory);
    return bytes && reckoned(bytes, start, stride);
  }

  /** Whether nothing follows the record of this number, where all have one length. */
  isLast({ size }: FileState, number: number): boolean {
    return number * this.stride! >= size;
  }

  /** At most `limit` records from this number on, of those for which the condition holds. */
  async records(
    state: FileState,
    from: number,
    limit: number,
    where?: string,
    signal?: AbortSignal,
  ): Promise<RecordBytes> {
    const source = { limit, ...(where !== undefined && { where }), ...(signal && { signal }) };
    const { stride } = this;
    if (stride !== null) {
      const start = Math.min(state.size, (from - 1) * stride);
      if (where === undefined)
        return reckoned(await state.read(...stretch(state, start, stride, limit)), start, stride);
      return packed(await findRecords(this.input(state.from(start), source), start, from - 1));
    }
    if (where !== undefined || from + limit <= NEAR)
      return packed(
        await findRecords(
          this.input(state.from(0, where === undefined ? NEAR_BYTES : undefined), { ...source, skip: from - 1 }),
        ),
      );
    return this.looked(state, await this.placesOf(state), from, limit);
  }

  /** Records with this key, in order of the file, at most `limit` of them. @throws OverpunchError OVP_OPTION_KEY */
  async byKey(state: FileState, key: readonly string[], limit: number): Promise<RecordBytes> {
    const index = this.indexOf(state);
    const records = await index.use(async (made) => {
      await this.refuseChanged(state);
      return (await made.getRecords(key)).slice(0, limit);
    });
    return packed({
      numbers: records.map(({ number }) => number),
      offsets: records.map(({ offset }) => offset),
      records: records.map(({ bytes }) => bytes),
    });
  }

  /** Records of a reader that is in order already, as bytes; their numbers are those in that order. */
  async collected(sorted: Reader, skip: number, limit: number, signal: AbortSignal): Promise<RecordBytes> {
    return packed(await findRecords(this.input(sorted.input, { skip, limit, signal })));
  }

  /** The first records of those. */
  first(found: RecordBytes, count: number): RecordBytes {
    if (found.numbers.length <= count) return found;
    const { numbers, offsets, bytes, framing } = found;
    let end = framing.recfm === 'F' ? count * framing.lrecl! : 0;
    if (framing.recfm !== 'F') for (let i = 0; i < count; i++) end += (bytes[end]! << 8) | bytes[end + 1]!;
    return {
      numbers: numbers.slice(0, count),
      offsets: offsets.slice(0, count),
      bytes: bytes.subarray(0, end),
      framing,
    };
  }

  /** No request will be for it; those under way end as they began. */
  close(): void {
    this.isClosed = true;
    this.selections.close();
    this.file.close();
    this.index?.retire();
  }

  /** Records of a source of the data set, with this of a request. */
  input(source: Input['source'], request: ReadOptions): Input {
    const options = this.reading(request);
    return { source, layout: this.copybook.layout, options, engine: loadEngine(options.engine) };
  }

  private async looked(state: FileState, places: RecordPlaces, from: number, limit: number): Promise<RecordBytes> {
    const found: Found = { numbers: [], records: [], offsets: [] };
    const last = Math.min(places.count, from + limit - 1);
    if (from > last) return packed(found);
    const [first, end] = [places.at(from), places.at(last)];
    const bytes = await state.read(first.offset, end.offset + end.length - first.offset);
    for (let number = from; number <= last; number++) {
      const { offset, length } = places.at(number);
      found.numbers.push(number);
      found.offsets.push(offset);
      found.records.push(bytes.subarray(offset - first.offset, offset - first.offset + length));
    }
    return packed(found);
  }

  /** Where the records lie, found by one pass over the file. */
  placesOf(state: FileState): Promise<RecordPlaces> {
    if (this.places?.identity !== state.identity) {
      const made = RecordPlaces.of(this.input(state.from(0), {}));
      const kept: Kept<RecordPlaces> = (this.places = { identity: state.identity, made, now: null });
      made.then(
        ({ count }) => {
          kept.now = count;
        },
        () => {
          if (this.places === kept) this.places = null;
        },
      );
    }
    return this.places.made;
  }

  private indexOf(state: FileState): KeyIndex {
    const { key } = this.entry;
    if (key.length === 0) {
      throw new OverpunchError('OVP_SERVER_NO_KEY', `The data set ${this.name} has no key`, {
        hint: 'A key is given to it in the catalog.',
      });
    }
    if (this.index?.identity === state.identity) return this.index;
    const made = new Reader(state.path, this.reading({})).index(key);
    const index = new KeyIndex(state.identity, made);
    made.then(
      () => this.isClosed && index.retire(),
      () => {
        if (this.index === index) this.index = null;
      },
    );
    this.index?.retire();
    this.index = index;
    return index;
  }

  /** The index is made by the path: another file may have been there by then. */
  private async refuseChanged(state: FileState): Promise<void> {
    if (this.isClosed) return;
    const now = await this.file.hold();
    now.release();
    if (now.identity === state.identity) return;
    throw new OverpunchError('OVP_SERVER_CHANGED', 'The file of the data set was changed while it was read', {
      hint: 'Ask again.',
    });
  }
}

/** Place and length of so many records. What is left of one at the end is read too, so that it is said what is wrong. */
const stretch = (
  { size }: FileState,
  start: number,
  stride: number,
  count: number,
): [offset: number, length: number] => [start, Math.min(size - start, stride * count)];

/** Records of one length, read from `start`. */
function reckoned(bytes: Uint8Array, start: number, stride: number): RecordBytes {
  const count = Math.ceil(bytes.length / stride);
  const first = start / stride;
  const numbers = new Array<number>(count);
  const offsets = new Array<number>(count);
  for (let i = 0; i < count; i++) {
    numbers[i] = first + i + 1;
    offsets[i] = start + i * stride;
  }
  return { numbers, offsets, bytes, framing: { recfm: 'F', lrecl: stride } };
}

/** As an engine takes them. @throws OverpunchError OVP_FRAME_TRUNCATED where the last one is not whole */
export function recordsOf({ bytes, numbers, offsets, framing }: RecordBytes): Records {
  const count = numbers.length;
  if (framing.recfm === 'F') {
    const stride = framing.lrecl!;
    const whole = Math.floor(bytes.length / stride);
    if (whole < count) {
      const place = { record: numbers[whole]!, offset: offsets[whole]! };
      const rest = bytes.subarray(whole * stride);
      throw framingError(framingCode(framing, null), ScanFault.TRUNCATED, place, rest.length, rest);
    }
    return { data: bytes, starts: null, ends: null, first: 0, count, stride };
  }
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    starts[i] = at + 4;
    at += (bytes[at]! << 8) | bytes[at + 1]!;
    ends[i] = at;
  }
  return { data: bytes, starts, ends, first: 0, count, stride: 0 };
}

/** What was made of one state of the file. */
interface Kept<T> {
  readonly identity: string;
  readonly made: Promise<T>;
  now: number | null;
}

/** Records that were found, with descriptors before them. */
export function packed({ numbers, offsets, records }: Found): RecordBytes {
  return { numbers, offsets, bytes: described(records), framing: DESCRIBED };
}
