/**
 * START HERE: the whole way from bytes to rows, on one page.
 *
 *     source -> blocks of records -> where -> engine (by the plan) -> batches -> objects, JSON lines, CSV
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ArrowFormat, IpcWriter, joined } from './arrow/ipc.js';
import type { Batch } from './batch/batch.js';
import { type RowCursor, cursorOf, releaseViews } from './batch/cursor.js';
import { DecodeLoop, type DecodedBatch, typicalLength } from './batch/decode.js';
import { rememberFaults } from './batch/faults.js';
import { MessageRows } from './batch/message-rows.js';
import { eachOf } from './batch/each.js';
import { type Lane, type PlacedPart, type Worked, onThreads, checkThreads } from './batch/threads.js';
import { type Row, type RowBuilder, sharedRowBuilder } from './batch/rows.js';
import type { Encoder } from './connectors/connector.js';
import { csv } from './connectors/csv.js';
import { jsonLines } from './connectors/json.js';
import { throwIfAborted } from './connectors/abort.js';
import { ChunkPool } from './connectors/chunks.js';
import type { Decoded, Sink } from './connectors/sink.js';
import type { SourceInput } from './connectors/source.js';
import { Tally } from './connectors/tally.js';
import { type Step, TextLoop, partOf, writtenPart } from './connectors/text.js';
import { Copybook } from './copybook.js';
import type { Engine } from './engine/engine.js';
import { loadEngine } from './engine/load.js';
import { OverpunchError } from './errors.js';
import type { Layout } from './layout/item.js';
import { type Input, RecordInput } from './keyed/input.js';
import { copiedRecords } from './keyed/copy.js';
import { GroupBy } from './keyed/group.js';
import { type IndexOptions, RecordIndex } from './keyed/lookup.js';
import { type SortField, type SortOptions, type SortSummary, SortedRecords } from './keyed/sort.js';
import type { Fault, ReadOptions } from './options.js';
import { compileOnce } from './plan/compiled.js';
import type { Plan } from './plan/plan.js';
import type { Schema } from './plan/schema.js';

/** Options of {@link open}: how to read, and the copybook or its path. */
export interface OpenOptions extends ReadOptions {
  readonly copybook: Copybook | string;
}

/** What a read came to; complete when its iteration has ended. */
export interface ReadSummary {
  /** Records decoded (after `skip`, `where` and `limit`). */
  readonly records: number;
  /** Bytes of the source that were read so far. */
  readonly bytes: number;
  /** Values (and counters) that were bad. */
  readonly badValues: number;
  /** Records that ended before their layout did, or had bytes behind it. */
  readonly shortRecords: number;
  readonly longRecords: number;
  /** Details of the first `maxFaults` bad values. */
  readonly faults: readonly Fault[];
  readonly engine: 'native' | 'ts';
  /** What sorting came to; null where nothing is sorted. */
  readonly sorted: SortSummary | null;
}

/**
 * Opens mainframe data for reading. Nothing is read before the first iteration, and it can be iterated once.
 *
 * @param source a path, bytes, a Node or Web stream, or any async iterable of bytes
 * @throws OverpunchError OVP_SYNTAX_*, OVP_LAYOUT_*, OVP_OPTION_* (when iterated)
 */
export function open(source: SourceInput, options: OpenOptions): Reader {
  return new Reader(source, options);
}

/** How chunks of text are handed out. */
export interface ChunkOptions {
  /**
   * Their memory is used again, which is faster: a chunk is valid until the next is asked for or, with a pool, until it is
   * given back to that. Not for `pipeline` to a stream, which keeps chunks for a while. Default: each is the caller's to keep.
   */
  readonly reuse?: boolean | ChunkPool;
}

/** Objects that are made at a time: so few that those not asked for yet are hardly older than those that are. */
const ROWS = 64;

/** A batch's rows, some at a time, with their faults. */
function* rowsOf({ batch, faults }: Decoded, build: RowBuilder): Generator<Row[]> {
  for (let from = 0, next = 0; from < batch.length; from += ROWS) {
    const rows = build.slice(batch, from, Math.min(batch.length, from + ROWS));
    next = rememberFaults(rows, from, faults, next);
    yield rows;
  }
}

interface Prepared {
  readonly layout: Layout;
  readonly plan: Plan;
  readonly engine: Engine;
  /** Faults are listed even when `maxFaults` are known: each row will be asked for its own. */
  readonly allFaults: boolean;
  readonly threads: number;
}

export class Reader implements AsyncIterable<Row> {
  private readonly tally: Tally;
  /** What is read, as it was given. */
  readonly input: SourceInput;
  /** How it is read. */
  readonly options: OpenOptions;
  private records: RecordInput | null = null;
  private engine: Engine | null = null;
  private used = false;

  constructor(source: SourceInput, options: OpenOptions) {
    this.input = source;
    this.options = options;
    this.tally = new Tally(options);
  }

  /** What was read so far. */
  get summary(): ReadSummary {
    const sorted = this.input instanceof SortedRecords ? this.input.summary : null;
    const { records, badValues, shortRecords, longRecords, faults } = this.tally;
    return {
      records,
      badValues,
      shortRecords,
      longRecords,
      bytes: this.records?.bytes ?? 0,
      faults,
      engine: this.engine?.name ?? 'ts',
      sorted,
    };
  }

  /** Bytes of the source in all, where that is known (once reading has begun). */
  get size(): number | null {
    return this.records?.size ?? null;
  }

  /** Records as objects. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Row> {
    return eachOf(this.rows());
  }

  /** Records as objects, some dozens at a time: a loop over arrays has less to wait for than one over single objects. */
  async *rows(): AsyncGenerator<readonly Row[]> {
    const prepared = await this.prepare('latin1');
    const { engine, plan } = prepared;
    const messages = MessageRows.of(engine, plan, this.options);
    let builder: RowBuilder | null = null;
    // where all records come by messages none is needed
    const build = (): RowBuilder => (builder ??= sharedRowBuilder(plan.schema, this.options, engine.digits));
    try {
      if (messages) yield* this.messages(prepared, messages, build);
      else for await (const decoded of this.decode(prepared, false)) yield* rowsOf(decoded, build());
    } finally {
      (builder as RowBuilder | null)?.release();
    }
  }

  /**
   * Records as rows of cursors, a cursor a batch: no objects are made, and only what is asked for is read. A cursor is good
   * until the next one is asked for, since all use the same memory; a later look at one is an error (OVP_IO_CLOSED).
   */
  async *cursors<T extends object = Row>(): AsyncGenerator<RowCursor<T>> {
    const prepared = { ...(await this.prepare('latin1')), allFaults: false };
    try {
      for await (const { batch } of this.decode(prepared, false)) {
        const cursor = cursorOf<T>(batch, this.options, undefined, prepared.engine.digits);
        try {
          yield cursor;
        } finally {
          cursor.end();
        }
      }
    } finally {
      releaseViews(prepared.plan.schema);
    }
  }

  /** Records in Arrow's columnar layout. Each batch has memory of its own, which is the caller's to keep or transfer. */
  async *batches(): AsyncGenerator<Batch> {
    const prepared = await this.prepare('utf8');
    try {
      for await (const { batch } of this.decode(prepared, true)) yield batch;
    } finally {
      releaseViews(prepared.plan.schema);
    }
  }

  /** Records as JSON lines, in chunks of bytes: `pipeline(reader.toJsonLines(), createWriteStream('out.jsonl'))`. */
  toJsonLines({ reuse = false }: ChunkOptions = {}): AsyncGenerator<Uint8Array> {
    return this.encode((schema) => jsonLines(schema, this.options), reuse);
  }

  /** Records as CSV with a header line, in chunks of bytes. */
  toCsv({ reuse = false }: ChunkOptions = {}): AsyncGenerator<Uint8Array> {
    return this.encode((schema) => csv(schema, this.options), reuse);
  }

  /**
   * Records in Arrow's IPC format, in chunks of bytes: as a stream, or as a file (Feather V2). Types are those of `batch.toArrow()`,
   * names snake case where `names` does not say otherwise; `batchRecords` is how many rows a record batch has at most.
   */
  async *toArrow({ format = 'stream' }: { readonly format?: ArrowFormat } = {}): AsyncGenerator<Uint8Array> {
    const prepared = await this.prepare('utf8');
    const { layout, plan } = prepared;
    const writer = new IpcWriter(plan.schema, layout, format, this.options.names ?? 'snake');
    try {
      yield joined(writer.begin());
      for await (const { batch } of this.decode(prepared, false)) yield joined(writer.batch(batch));
      yield joined(writer.end());
    } finally {
      releaseViews(plan.schema);
    }
  }

  /**
   * Writes the records into a sink (a file format, a database), batch by batch, and answers what the sink says of it. A sink
   * that is still writing is waited for, so memory stays flat.
   */
  async into<Result>(sink: Sink<Result>): Promise<Result> {
    const prepared = await this.prepare(sink.text ?? 'utf8');
    const { signal } = this.options;
    try {
      await sink.open({ layout: prepared.layout, schema: prepared.plan.schema, options: this.options });
      for await (const rows of this.decode({ ...prepared, allFaults: sink.faults === 'all' }, false))
        await sink.write(rows);
      signal?.throwIfAborted();
      return await sink.close();
    } catch (error) {
      await sink.abort(error);
      throw error;
    } finally {
      releaseViews(prepared.plan.schema);
    }
  }

  /**
   * The same records (those that `skip`, `where` and `limit` leave) in order of these fields, equal ones in their old
   * order. Records that do not fit into memory go through a temporary file. Numbers compare by value, text by its bytes
   * unless `collate` says otherwise; bad values come before absent ones, and these before all others (`desc` turns all of it round).
   * Record numbers and offsets of what is read are those in the sorted records.
   * @param by `'NAME'` or `{ by: 'NAME', order: 'desc' }`, the most important first
   * @throws OverpunchError OVP_OPTION_SORT, OVP_OPTION_KEY, OVP_IO_SPILL (when iterated)
   */
  sort(by: readonly SortField[], options: SortOptions = {}): Reader {
    const sorted = new SortedRecords(this.take(), by, options);
    const { skip: _, limit: _limit, where: _where, ...rest } = this.options;
    return new Reader(sorted, rest);
  }

  /**
   * Groups of these records (those that `skip`, `where` and `limit` leave) by the values of these fields; without any, all of
   * them: `reader.groupBy(['BRANCH']).count().sum('BALANCE')`, iterated as a reader is.
   */
  groupBy(keys: readonly string[] = []): GroupBy {
    return new GroupBy(this.take(), this.options, keys);
  }

  /**
   * An index of these records (those that `skip`, `where` and `limit` leave) by one or more fields, for looking up records by
   * their keys: `await index.get('A-17')`. The source must be a file or bytes. To be closed.
   * @throws OverpunchError OVP_IO_SEEK, OVP_OPTION_INDEX, OVP_DATA_DUPLICATE
   */
  async index(by: string | readonly string[], options: IndexOptions = {}): Promise<RecordIndex> {
    const open = this.take();
    return RecordIndex.make(await open(), typeof by === 'string' ? [by] : by, options);
  }

  /**
   * The records themselves (those that `skip`, `where` and `limit` leave), as bytes of a file that the same options read:
   * descriptors of records are kept, blocks are made anew. Chunks of up to 8 MB, each with memory of its own or, with `reuse`
   * (which is faster), valid until the next is asked for.
   */
  async *toRecords({ reuse = false }: { readonly reuse?: boolean } = {}): AsyncGenerator<Uint8Array> {
    const { skip, limit, where } = this.options;
    const open = this.take();
    if (this.input instanceof SortedRecords && skip === undefined && limit === undefined && where === undefined)
      yield* this.input.chunks(reuse);
    else yield* copiedRecords(await open(), reuse);
  }

  /** Ends the read early and closes the source. */
  async close(): Promise<void> {
    await this.records?.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
    await this.close();
  }

  private encode(make: (schema: Schema) => Encoder, reuse: boolean | ChunkPool): AsyncGenerator<Uint8Array> {
    return reuse === true ? this.reused(make, new ChunkPool()) : this.chunks(make, reuse || null);
  }

  private async *reused(make: (schema: Schema) => Encoder, pool: ChunkPool): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.chunks(make, pool)) {
      yield chunk;
      pool.give(chunk);
    }
  }

  private async *chunks(make: (schema: Schema) => Encoder, pool: ChunkPool | null): AsyncGenerator<Uint8Array> {
    const prepared = await this.prepare('utf8');
    const encoder = make(prepared.plan.schema);
    if (encoder.header) yield encoder.header;
    const { engine, threads } = prepared;
    if (engine.writer) {
      const write = engine.writer.bind(engine);
      const program = encoder.program();
      const isThreaded = threads > 1;
      const text = (): TextLoop => new TextLoop(write, this.decodeLoop(prepared, false), program, isThreaded, pool);
      yield* isThreaded ? this.writtenLater(prepared, text) : this.written(prepared, text());
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const { batch } of this.decode(prepared, false)) {
      // what the encoder writes is valid until it writes again; what is yielded must stay
      encoder.encode(batch, (bytes) => chunks.push(bytes.slice()));
      yield* chunks.splice(0);
    }
  }

  /** Text by an engine that writes it. */
  private async *written(prepared: Prepared, text: TextLoop): AsyncGenerator<Uint8Array> {
    for await (const { part, base } of this.open(prepared, false))
      yield* writtenPart(text, part, base, text.step(part), this.tally);
  }

  /** The same on other threads. */
  private async *writtenLater(prepared: Prepared, text: () => TextLoop): AsyncGenerator<Uint8Array> {
    const parts = this.open(prepared, true);
    try {
      for await (const { part, base, lane, first } of this.onThreads<Step, TextLoop>(prepared, parts, text))
        yield* writtenPart(lane, part, base, first, this.tally);
    } finally {
      await this.records?.close();
    }
  }

  /**
   * Batches with their records' bytes and faults, for tools that show both; each is valid until the next.
   * @param text `latin1` where strings will be made of the columns
   */
  async *decoded(text: 'utf8' | 'latin1'): AsyncGenerator<Decoded> {
    yield* this.decode(await this.prepare(text), false);
  }

  /** Rows without columns, and by columns those that need them. On this thread alone: most of the work is making objects. */
  private async *messages(
    prepared: Prepared,
    messages: MessageRows,
    build: () => RowBuilder,
  ): AsyncGenerator<readonly Row[]> {
    const loop = this.decodeLoop(prepared, false);
    for await (const { part, base } of this.open(prepared, false)) {
      const { count } = part.records;
      for (let done = 0; done < count; ) {
        const { rows, short, long, aside } = messages.step(part.records, done);
        this.tally.records += rows.length;
        this.tally.shortRecords += short;
        this.tally.longRecords += long;
        if (rows.length > 0) yield rows;
        done += rows.length;
        for (const decoded of loop.batches(partOf(part, done, aside))) {
          for (const accepted of this.tally.accept(decoded, base, loop, true)) yield* rowsOf(accepted, build());
        }
        done += aside;
      }
    }
  }

  /** Takes the source for good: nobody else can iterate it. What it is made into opens it when it needs it. */
  private take(): () => Promise<Input> {
    if (this.used) throw new OverpunchError('OVP_IO_USED', 'This reader was iterated already; open the source again');
    this.used = true;
    return async () => {
      const { copybook } = this.options;
      const { layout } = typeof copybook === 'string' ? await Copybook.load(copybook) : copybook;
      this.engine = loadEngine(this.options.engine);
      return { source: this.input, layout, options: this.options, engine: this.engine };
    };
  }

  private async prepare(text: 'utf8' | 'latin1'): Promise<Prepared> {
    const { layout, engine } = await this.take()();
    this.engine = engine;
    return {
      layout,
      plan: compileOnce(layout, { ...this.options, text }),
      engine: this.engine,
      allFaults: text === 'latin1',
      threads: checkThreads(this.options.threads ?? 1),
    };
  }

  private decodeLoop({ layout, plan, engine }: Prepared, own: boolean): DecodeLoop {
    const { batchRecords } = this.options;
    return new DecodeLoop(engine, plan, { own, batchRecords, typicalLength: typicalLength(plan, layout.minLength) });
  }

  /** The way itself. With `own`, every batch gets a slab of its own; otherwise a batch is valid until the next. */
  private async *decode(prepared: Prepared, own: boolean): AsyncGenerator<Decoded> {
    const { allFaults, threads } = prepared;
    const loop = this.decodeLoop(prepared, own);
    const isThreaded = threads > 1 && prepared.engine.threads !== undefined;
    const parts = this.open(prepared, isThreaded);
    if (!isThreaded) {
      for await (const { part, base } of parts) {
        for (const decoded of loop.batches(part)) yield* this.tally.accept(decoded, base, loop, allFaults);
      }
      return;
    }
    const makeLoop = (): DecodeLoop => this.decodeLoop(prepared, own);
    try {
      for await (const { part, base, lane, first } of this.onThreads<DecodedBatch, DecodeLoop>(
        prepared,
        parts,
        makeLoop,
      )) {
        yield* this.tally.accept(first, base, lane, allFaults);
        for (const decoded of lane.batches(part, first.records.count))
          yield* this.tally.accept(decoded, base, lane, allFaults);
      }
    } finally {
      await this.records?.close();
    }
  }

  /** Parts that were worked on by several threads. The source is read far ahead, so it is not enough that this hears of an abort. */
  private async *onThreads<Result, L extends Lane<Result>>(
    { engine, threads }: Prepared,
    parts: AsyncGenerator<PlacedPart>,
    make: () => L & Lane<Result>,
  ): AsyncGenerator<Worked<Result, L>> {
    for await (const worked of onThreads(parts, make, engine, threads)) {
      yield worked;
      throwIfAborted(this.options.signal, 'the records');
    }
  }

  /** What is to be decoded, after `skip`, `where` and `limit`. `own`: for threads, which read a file's blocks by themselves where they can. */
  private open({ layout, engine }: Prepared, own: boolean): AsyncGenerator<PlacedPart> {
    this.records = new RecordInput({ source: this.input, layout, options: this.options, engine });
    return this.records.parts({ own, unread: own });
  }
}
