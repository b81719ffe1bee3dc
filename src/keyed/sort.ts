/**
 * Sorting: records and keys are gathered in memory up to a budget, sorted, and written in order; what does not fit goes to
 * a temporary file as sorted runs, which are merged.
 *
 *     source -> records + keys -> sort -> framed bytes
 *                    |               |
 *                    +-> runs -> merge
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { totalmem, tmpdir } from 'node:os';
import { badData, listFaults } from '../batch/faults.js';
import { throwIfAborted } from '../connectors/abort.js';
import { checkThreads } from '../batch/threads.js';
import { codePage } from '../codepage/codepage.js';
import type { Shape, SortRoom, Written } from '../engine/keyed.js';
import { OverpunchError } from '../errors.js';
import { Framing, FramingWord } from '../framing/framing.js';
import { Flag, Type } from '../plan/opcodes.js';
import { type Plan, instruction } from '../plan/plan.js';
import { Framer } from './frames.js';
import { type Input, RecordInput } from './input.js';
import { KeyMaker, type PartChoice, badCount, keyItems, keyLoop, keyPlan } from './keys.js';
import { RunMerger, type Run } from './merge.js';
import { SpillFile } from './spill.js';
import { RecordStore } from './store.js';

/** A field to sort by: its name, or the name and the order of its values. */
export type SortField = string | { readonly by: string; readonly order?: 'asc' | 'desc' };

export interface SortOptions {
  /**
   * The order of text: `bytes` (default), as DFSORT's format CH; `unicode`, by code points; or the name of a single-byte
   * code page, as whose bytes the characters compare. A shorter text is filled up with spaces.
   */
  readonly collate?: string;
  /** Bytes of memory for records and keys; what does not fit goes to a temporary file. Default: a quarter of the machine's. */
  readonly memory?: number;
  /** The folder of the temporary file; default the system's. */
  readonly tempDirectory?: string;
}

/** What a sort came to so far. */
export interface SortSummary {
  readonly records: number;
  /** Bytes of the source that were read. */
  readonly bytes: number;
  /** Values of keys that were bad: they come before absent ones. */
  readonly badKeys: number;
  /** Sorted runs that went to the temporary file, and the bytes that it took. */
  readonly runs: number;
  readonly spilledBytes: number;
}

/** What the core needs for each record while it sorts: two entries, a bit, and a place in the order. */
export const SORT_BYTES = 21;
const LEAST_MEMORY = 1 << 16;
/** Bytes written to the temporary file at a time. */
const SPILL_CHUNK = 1 << 22;
const MOST_RECORDS = 2 ** 32 - 2;
const NO_BYTES = new Uint8Array(0);

/** The records of an input in order, as the bytes of a file. It can be iterated once. */
export class SortedRecords implements AsyncIterable<Uint8Array> {
  readonly counts = { records: 0, bytes: 0, badKeys: 0, runs: 0, spilledBytes: 0 };
  /** Bytes of the source in all, where that is known. */
  size: number | null = null;

  constructor(
    private readonly open: () => Promise<Input>,
    private readonly by: readonly SortField[],
    private readonly options: SortOptions,
  ) {
    if (by.length === 0) throw new OverpunchError('OVP_OPTION_SORT', 'sort needs a field to sort by');
  }

  get summary(): SortSummary {
    return { ...this.counts };
  }

  /** Chunks of which each is valid until the next. */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    return this.chunks(true);
  }

  async *chunks(reuse: boolean): AsyncGenerator<Uint8Array> {
    const input = await this.open();
    const sorter = new Sorter(input, this.by, this.options, this.counts);
    try {
      const records = new RecordInput(input);
      yield* sorter.sorted(records, reuse, (size) => {
        this.size = size;
      });
    } finally {
      await sorter.close();
    }
  }
}

class Sorter {
  private readonly plan: Plan;
  private readonly maker: KeyMaker;
  private readonly memory: number;
  private readonly folder: string;
  private readonly threads: number;
  private keys: Uint8Array = NO_BYTES;
  /** To sort in; given early where another thread can have it ready. */
  private room: SortRoom = [];
  private spill: SpillFile | null = null;
  private runs: Run[] = [];

  constructor(
    private readonly input: Input,
    by: readonly SortField[],
    options: SortOptions,
    private readonly counts: { -readonly [K in keyof SortSummary]: SortSummary[K] },
  ) {
    const { plan, maker } = sortKeys(input, by, options.collate);
    this.plan = plan;
    this.maker = maker;
    this.memory = memoryOf(options.memory);
    this.folder = options.tempDirectory ?? tmpdir();
    this.threads = checkThreads(input.options.threads ?? 1);
  }

  async *sorted(
    records: RecordInput,
    reuse: boolean,
    tellSize: (size: number | null) => void,
  ): AsyncGenerator<Uint8Array> {
    const { input, maker, counts } = this;
    const { engine, options } = input;
    const framer = new Framer(records.framing);
    const isFixed = records.framing[FramingWord.FORMAT] === Framing.FIXED && options.where === undefined;
    const perRecord = maker.width + SORT_BYTES;
    // a run is never short of what was asked for by more than an eighth
    const share = Math.floor(this.memory / 8 / (perRecord + input.layout.length));
    const loop = keyLoop(input, this.plan, Math.max(1, share));
    const keyFields = maker.parts.map(({ field }) => field);
    let store: RecordStore | null = null;
    for await (const { part, base } of records.parts()) {
      if (!store) {
        tellSize(records.size);
        store = new RecordStore(engine.keyed, framer.before, isFixed, records.isInMemory);
        if (isFixed && records.size) {
          const { stride } = part.records;
          const expected = Math.min(Math.ceil(records.size / stride), options.limit ?? Number.POSITIVE_INFINITY);
          const most = Math.min(expected, Math.ceil(this.memory / (perRecord + stride)));
          this.makeRoom(expected, true);
          const pieces = store.expect(most * stride);
          if (this.threads > 1) {
            this.room = engine.keyed.sortRoom(most);
            engine.keyed.populate([...pieces, this.keys, ...this.room]);
          }
        }
      }
      framer.see(part, base);
      for (const { batch, records: some } of loop.batches(part)) {
        if (store.count > 0 && store.byteLength + (store.count + batch.length) * perRecord > this.memory)
          await this.flush(store, framer);
        if (store.count + batch.length > MOST_RECORDS) await this.flush(store, framer);
        this.makeRoom(store.count + batch.length, false);
        maker.make(batch, this.keys, store.count * maker.width);
        store.add(some, part);
        counts.records += batch.length;
        const bad = badCount(batch, keyFields);
        counts.badKeys += bad;
        if (bad > 0 && options.onBadData === 'throw') throw badData(listFaults(batch, { records: some, base })[0]!);
      }
      counts.bytes = base + endOf(part.records);
      throwIfAborted(options.signal, 'the source of a sort');
    }
    counts.bytes = records.bytes;
    if (!store) return;
    if (!this.spill) {
      yield* framer.chunks(engine.keyed, await this.inOrder(store, framer, false), reuse, this.threads);
      return;
    }
    if (store.count > 0) await this.flush(store, framer);
    store.clear();
    this.keys = NO_BYTES;
    this.room = [];
    const length = isFixed ? store.longest + framer.after.length : 0;
    const merger = new RunMerger(engine.keyed, this.spill, maker.width, length, this.memory);
    this.runs = await merger.reduce(this.runs, store.longest + framer.after.length);
    counts.spilledBytes = this.spill.size;
    yield* framer.chunks(engine.keyed, merger.start(this.runs, store.longest + framer.after.length), reuse);
  }

  async close(): Promise<void> {
    await this.spill?.close();
  }

  /** Sorts what is in memory; the function writes it, for the temporary file with keys. */
  private async inOrder(store: RecordStore, framer: Framer, toSpill: boolean): Promise<(out: Uint8Array) => number> {
    const { maker, input } = this;
    const { keyed } = input.engine;
    const { count } = store;
    const order = await keyed.sort(this.keys, maker.width, maker.width, count, maker.varying, this.threads, this.room);
    throwIfAborted(input.options.signal, 'the source of a sort');
    const shape: Shape = {
      before: framer.before,
      after: framer.after,
      keys: toSpill ? this.keys : null,
      keyWidth: maker.width,
      lengths: toSpill && store.starts !== null,
    };
    let done = 0;
    return (out) => {
      if (done === count) return -1;
      throwIfAborted(input.options.signal, 'the source of a sort');
      const { records, bytes }: Written = keyed.gather(store, shape, order, done, count, out, this.threads);
      done += records;
      return records > 0 && bytes === 0 ? -1 : bytes;
    };
  }

  /** Writes what is in memory as a run. */
  private async flush(store: RecordStore, framer: Framer): Promise<void> {
    this.spill ??= await SpillFile.create(this.folder);
    const fill = await this.inOrder(store, framer, true);
    const from = this.spill.size;
    let out = new Uint8Array(SPILL_CHUNK);
    for (let bytes = fill(out); bytes >= 0; bytes = fill(out)) {
      if (bytes === 0) out = new Uint8Array(2 * out.length);
      else await this.spill.write(out.subarray(0, bytes));
    }
    this.runs.push({ from, to: this.spill.size });
    this.counts.runs++;
    this.counts.spilledBytes = this.spill.size;
    store.clear();
    this.maker.restart();
  }

  /** Room for the keys of so many records. */
  private makeRoom(count: number, isGuess: boolean): void {
    const { maker, memory } = this;
    const wanted = count * maker.width;
    if (this.keys.length >= wanted) return;
    const most = Math.max(Math.floor(memory / (maker.width + SORT_BYTES)) * maker.width, this.keys.length);
    const bytes = isGuess ? Math.min(wanted, most) : Math.max(wanted, Math.min(2 * this.keys.length, most), 1 << 16);
    const larger = this.input.engine.keyed.allocate(bytes);
    larger.set(this.keys);
    this.keys = larger;
  }
}

/** What makes the keys to sort by. @throws OverpunchError OVP_OPTION_SORT, OVP_OPTION_KEY */
export function sortKeys(
  input: Input,
  by: readonly SortField[],
  collate = 'bytes',
): { readonly plan: Plan; readonly maker: KeyMaker } {
  const list = by.map(sortField);
  const isUnicode = collate.toLowerCase() === 'unicode';
  const items = keyItems(
    input.layout,
    list.map(({ name }) => name),
    'OVP_OPTION_SORT',
    'sort',
  );
  const page = isUnicode || collate === 'bytes' ? null : codePage(collate);
  const { plan, fields } = keyPlan(input, items, isUnicode ? null : (page?.name ?? 'bytes'));
  const choices = fields.map((field, i): PartChoice => {
    if (field.type !== Type.UTF8 || isUnicode) return { field, descending: list[i]!.descending };
    const { flags } = instruction(plan, field.instruction);
    const pad = page ? page.space : flags & Flag.ASCII ? 0x20 : 0x40;
    return { field, descending: list[i]!.descending, pad };
  });
  return { plan, maker: new KeyMaker(input.engine.keyed, plan, choices, { toSort: true }) };
}

function sortField(field: SortField): { name: string; descending: boolean } {
  const { by, order = 'asc' } = typeof field === 'string' ? { by: field } : field;
  if (typeof by !== 'string' || by === '') {
    throw new OverpunchError('OVP_OPTION_SORT', `sort: ${JSON.stringify(field)} names no field`, {
      hint: "A field is given as 'NAME' or { by: 'NAME', order: 'desc' }.",
    });
  }
  if (order !== 'asc' && order !== 'desc') {
    throw new OverpunchError(
      'OVP_OPTION_SORT',
      `sort: the order of ${by} is asc or desc, not ${JSON.stringify(order)}`,
    );
  }
  return { name: by, descending: order === 'desc' };
}

function memoryOf(given: number | undefined): number {
  const memory = given ?? Math.floor(totalmem() / 4);
  if (!(Number.isFinite(memory) && memory >= LEAST_MEMORY)) {
    throw new OverpunchError(
      'OVP_OPTION_MEMORY',
      `memory must be a number of bytes from ${LEAST_MEMORY} up, not ${given}`,
    );
  }
  return memory;
}

function endOf({
  ends,
  first,
  count,
  stride,
}: {
  ends: Uint32Array | null;
  first: number;
  count: number;
  stride: number;
}): number {
  return ends ? ends[first + count - 1]! : first + count * stride;
}
