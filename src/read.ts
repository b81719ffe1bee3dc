/**
 * START HERE: the whole way from bytes to rows, on one page.
 *
 *     source -> blocks of records -> where -> engine (by the plan) -> batches -> objects, JSON lines, CSV
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Batch } from './batch/batch.js';
import { DecodeLoop, typicalLength } from './batch/decode.js';
import { type Origin, type RowFault, badData, countFaults, listFaults, rememberFaults, withoutRow } from './batch/faults.js';
import { type Row, type RowBuilder, rowBuilder } from './batch/rows.js';
import { Selection } from './batch/selection.js';
import { readBlocks } from './connectors/blocks.js';
import type { Encoder } from './connectors/connector.js';
import { csv } from './connectors/csv.js';
import { jsonLines } from './connectors/json.js';
import { type ByteSource, type SourceInput, openSource } from './connectors/source.js';
import { Copybook } from './copybook.js';
import type { Engine, Records } from './engine/engine.js';
import { loadEngine } from './engine/load.js';
import { Head } from './engine/slab.js';
import { OverpunchError } from './errors.js';
import { framingCode } from './framing/codes.js';
import type { Fault, ReadOptions } from './options.js';
import { compile, compileFilter } from './plan/compile.js';
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

export class Reader implements AsyncIterable<Row> {
  private readonly counts = { records: 0, bytes: 0, badValues: 0, shortRecords: 0, longRecords: 0 };
  private readonly faults: Fault[] = [];
  private readonly input: SourceInput;
  private readonly options: OpenOptions;
  private source: ByteSource | null = null;
  private engine: Engine | null = null;
  private used = false;

  constructor(source: SourceInput, options: OpenOptions) {
    this.input = source;
    this.options = options;
  }

  /** What was read so far. */
  get summary(): ReadSummary {
    return { ...this.counts, faults: this.faults, engine: this.engine?.name ?? 'ts' };
  }

  /** Bytes of the source in all, where that is known (once reading has begun). */
  get size(): number | null {
    return this.source?.size ?? null;
  }

  /** Records as objects. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    for await (const { rows } of this.rowChunks()) yield* rows;
  }

  /** Records in Arrow's columnar layout. Each batch has memory of its own, which is the caller's to keep or transfer. */
  async *batches(): AsyncGenerator<Batch> {
    for await (const { batch } of this.decode('utf8', true)) yield batch;
  }

  /** Records as JSON lines, in chunks of bytes: `pipeline(reader.toJsonLines(), createWriteStream('out.jsonl'))`. */
  toJsonLines(): AsyncGenerator<Uint8Array> {
    return this.encode((schema) => jsonLines(schema, this.options));
  }

  /** Records as CSV with a header line, in chunks of bytes. */
  toCsv(): AsyncGenerator<Uint8Array> {
    return this.encode((schema) => csv(schema, this.options));
  }

  /** Ends the read early and closes the source. */
  async close(): Promise<void> {
    await this.source?.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
    await this.close();
  }

  private async *rowChunks(): AsyncGenerator<{ rows: Iterable<Row> }> {
    let build: RowBuilder | null = null;
    for await (const { batch, faults } of this.decode('latin1', false)) {
      build ??= rowBuilder(batch.schema, this.options);
      const rows = build.rows(batch);
      yield { rows: faults.length > 0 ? rememberFaults(rows, faults) : rows };
    }
  }

  private async *encode(make: (schema: Schema) => Encoder): AsyncGenerator<Uint8Array> {
    const { copybook, plan } = await this.prepare('utf8');
    const encoder = make(plan.schema);
    if (encoder.header) yield encoder.header;
    const chunks: Uint8Array[] = [];
    for await (const { batch } of this.decode('utf8', false, { copybook, plan })) {
      // what the encoder writes is valid until it writes again; what is yielded must stay
      encoder.encode(batch, (bytes) => chunks.push(bytes.slice()));
      yield* chunks.splice(0);
    }
  }

  private async prepare(text: 'utf8' | 'latin1'): Promise<{ copybook: Copybook; plan: Plan }> {
    const { copybook: given } = this.options;
    const copybook = typeof given === 'string' ? await Copybook.load(given) : given;
    return { copybook, plan: compile(copybook.layout, { ...this.options, text }) };
  }

  /** The way itself. With `own`, every batch gets a slab of its own; otherwise a batch is valid until the next. */
  private async *decode(
    text: 'utf8' | 'latin1',
    own: boolean,
    prepared?: { copybook: Copybook; plan: Plan },
  ): AsyncGenerator<{ batch: Batch; faults: readonly RowFault[] }> {
    if (this.used) throw new OverpunchError('OVP_IO_USED', 'This reader was iterated already; open the source again');
    this.used = true;
    const { options } = this;
    const { copybook, plan } = prepared ?? (await this.prepare(text));
    const engine = (this.engine = loadEngine(options.engine));
    const { layout } = copybook;
    const framing = framingCode(options, layout.minLength === layout.length ? layout.length : null);
    const loop = new DecodeLoop(engine, plan, {
      own,
      batchRecords: options.batchRecords,
      typicalLength: typicalLength(plan, layout.minLength),
    });
    const selection = new Selection(
      engine,
      options.where === undefined ? null : compileFilter(layout, options.where, options),
      options.skip ?? 0,
      options.limit ?? Number.POSITIVE_INFINITY,
    );
    const source = (this.source = await openSource(this.input, options));
    try {
      for await (const block of readBlocks(source, framing, engine)) {
        for (const part of selection.parts(block.records, block.firstRecord)) {
          for (const { batch, records } of loop.batches(part)) {
            yield { batch, faults: this.account(batch, { records, base: block.base }) };
          }
        }
        this.counts.bytes = block.base + endOf(block.records);
        if (selection.isDone) return;
      }
    } finally {
      await source.close();
    }
  }

  /** Counts a batch's rows and faults, and treats its bad values by the policy. */
  private account(batch: Batch, origin: Origin): readonly RowFault[] {
    const { counts, options } = this;
    counts.records += batch.length;
    counts.shortRecords += batch.slab.head[Head.SHORT]!;
    counts.longRecords += batch.slab.head[Head.LONG]!;
    const count = countFaults(batch);
    if (count === 0) return [];
    counts.badValues += count;
    const { onBadData = 'report', onFault, maxFaults = 1000 } = options;
    if (onBadData === 'null' || (!onFault && onBadData === 'report' && this.faults.length >= maxFaults)) return [];
    const faults = listFaults(batch, origin);
    if (onBadData === 'throw') throw badData(faults[0]!);
    for (const fault of faults) {
      const shown = withoutRow(fault);
      if (this.faults.length < maxFaults) this.faults.push(shown);
      onFault?.(shown);
    }
    return faults;
  }
}

function endOf({ ends, first, count, stride }: Records): number {
  return ends ? ends[first + count - 1]! : first + count * stride;
}
