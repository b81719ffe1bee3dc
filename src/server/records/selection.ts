/**
 * Records by their place among those that a condition leaves, in an order: what a person scrolls through. Where they lie is found
 * by one pass over the file and kept, for the selections that were asked for last, until the file changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { throwIfAborted } from '../../connectors/abort.js';
import { Matches } from '../../keyed/matches.js';
import { recordOrder } from '../../keyed/order.js';
import type { SortField } from '../../keyed/sort.js';
import { type RecordBytes, type ServedDataset, packed } from './dataset.js';
import type { FileState } from './file.js';
import { type Found, findRecords, strideOf } from './places.js';
import { ServiceError } from '../problem.js';

export interface SelectionQuery {
  readonly where?: string | undefined;
  readonly order: readonly SortField[] | null;
}

export interface Selected {
  /** Records of the whole selection. */
  readonly total: number;
  /** Bytes at the end of a file of records of one length that are no whole record; null where nobody knows. */
  readonly incomplete: number | null;
  readonly found: RecordBytes;
}

/** Selections that are kept for a data set, and bytes that they take. */
const MOST_KEPT = 8;
const MOST_BYTES = 1 << 27;
/** Records read at a time where each lies elsewhere. */
const AT_ONCE = 32;

type Places = Matches | Uint32Array;

interface Kept {
  readonly key: string;
  readonly stop: AbortController;
  readonly made: Promise<Places>;
  waiting: number;
  /** Of what was made; 0 while it is made. */
  bytes: number;
}

export class Selections {
  private kept: Kept[] = [];

  /**
   * At most `limit` records of a selection from the one at `from` on (0-based).
   * @param memory most bytes of a file that is put in order, and of its keys
   */
  async records(
    dataset: ServedDataset,
    state: FileState,
    query: SelectionQuery,
    { from, limit, memory }: { readonly from: number; readonly limit: number; readonly memory: number },
    signal: AbortSignal,
  ): Promise<Selected> {
    const stride = strideOf(dataset.input(new Uint8Array(0), {}));
    const incomplete = stride === null ? null : state.size % stride;
    if (query.where === undefined && !query.order) {
      const total = stride === null ? (await dataset.placesOf(state)).count : Math.floor(state.size / stride);
      const count = Math.max(0, Math.min(limit, total - from));
      const found = count === 0 ? packed(NONE) : await dataset.records(state, from + 1, count, undefined, signal);
      return { total, incomplete, found };
    }
    if (query.order && state.size > memory)
      throw new ServiceError(400, 'OVP_SERVER_TOO_LARGE', 'The file is too large to be put in order', 'order');
    const places = await this.places(dataset, state, query, memory, signal);
    if (places instanceof Uint32Array) {
      const numbers = [...places.subarray(Math.min(from, places.length), from + limit)];
      return { total: places.length, incomplete, found: await numbered(dataset, state, numbers, stride, signal) };
    }
    const { total } = places;
    const numbers = from < total ? places.numbers(from, limit) : [];
    if (numbers) return { total, incomplete, found: await numbered(dataset, state, numbers, stride, signal) };
    const { record, skip } = places.before(from);
    const start = stride === null ? 0 : (record - 1) * stride;
    const before = stride === null ? 0 : record - 1;
    const input = dataset.input(state.from(start), {
      where: query.where!,
      skip: record - 1 - before,
      limit: skip + limit,
      signal,
    });
    const all = await findRecords(input, start, before);
    const found = {
      numbers: all.numbers.slice(skip),
      records: all.records.slice(skip),
      offsets: all.offsets.slice(skip),
    };
    return { total, incomplete, found: packed(found) };
  }

  /** Keeps nothing any more; what is under way ends as it began. */
  close(): void {
    this.kept = [];
  }

  /** Made once for all who ask at a time, and no longer than somebody waits. */
  private async places(
    dataset: ServedDataset,
    state: FileState,
    query: SelectionQuery,
    memory: number,
    signal: AbortSignal,
  ): Promise<Places> {
    const key = JSON.stringify([state.identity, query.where ?? null, query.order]);
    const kept = this.kept.find((one) => one.key === key) ?? begin(key, dataset, state, query, memory);
    // the one that was asked for last is the last to go
    this.kept = [...this.kept.filter((one) => one !== kept), kept];
    kept.waiting++;
    let leave = (): void => {};
    try {
      const gone = new Promise<void>((resolve) => {
        leave = resolve;
        signal.addEventListener('abort', leave, { once: true });
      });
      const places = await Promise.race([kept.made, gone]);
      if (!places) throwIfAborted(signal, 'the records');
      this.evict();
      return places as Places;
    } catch (error) {
      if (kept.bytes === 0 && (kept.waiting === 1 || !signal.aborted)) this.drop(kept);
      throw error;
    } finally {
      kept.waiting--;
      signal.removeEventListener('abort', leave);
    }
  }

  private drop(kept: Kept): void {
    this.kept = this.kept.filter((one) => one !== kept);
    kept.stop.abort();
  }

  private evict(): void {
    const idle = this.kept.filter(({ waiting }) => waiting === 0);
    let bytes = this.kept.reduce((sum, one) => sum + one.bytes, 0);
    for (let over = this.kept.length; idle.length > 0 && (over > MOST_KEPT || bytes > MOST_BYTES); over--) {
      const oldest = idle.shift()!;
      bytes -= oldest.bytes;
      this.drop(oldest);
    }
  }
}

const NONE: Found = { numbers: [], records: [], offsets: [] };

function begin(
  key: string,
  dataset: ServedDataset,
  state: FileState,
  { where, order }: SelectionQuery,
  memory: number,
): Kept {
  const stop = new AbortController();
  const input = dataset.input(state.from(0), { ...(where !== undefined && { where }), signal: stop.signal });
  state.hold();
  const made = (order ? inTurn(() => recordOrder(input, order, memory)) : Matches.of(input)).finally(() =>
    state.release(),
  );
  const kept: Kept = { key, stop, made, waiting: 0, bytes: 0 };
  made.then(
    (places) => {
      kept.bytes = places.byteLength;
    },
    () => {},
  );
  return kept;
}

let turn: Promise<unknown> = Promise.resolve();

/** One order after another: each takes memory for the keys of all records while it is made. */
function inTurn<T>(make: () => Promise<T>): Promise<T> {
  const made = turn.then(make);
  turn = made.catch(() => {});
  return made;
}

/** Records of these numbers, in this order. */
async function numbered(
  dataset: ServedDataset,
  state: FileState,
  numbers: readonly number[],
  stride: number | null,
  signal: AbortSignal,
): Promise<RecordBytes> {
  const places = stride === null && numbers.length > 0 ? await dataset.placesOf(state) : null;
  const at = (number: number): { offset: number; length: number } =>
    places ? places.at(number) : { offset: (number - 1) * stride!, length: stride! };
  const found: Found = { numbers: [...numbers], records: [], offsets: numbers.map((number) => at(number).offset) };
  for (let i = 0; i < numbers.length; i += AT_ONCE) {
    const some = numbers.slice(i, i + AT_ONCE).map(at);
    found.records.push(...(await Promise.all(some.map(({ offset, length }) => state.read(offset, length)))));
    throwIfAborted(signal, 'the records');
  }
  return packed(found);
}
