/**
 * Group-by: any number of counts, sums, least and greatest values and averages in one pass over the records.
 *
 *     source -> keys + columns -> groups (one row each) -> sorted by key -> batches
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import { badData, countFaults, listFaults, withoutRow } from '../batch/faults.js';
import { type Row, rowBuilder } from '../batch/rows.js';
import { throwIfAborted } from '../connectors/abort.js';
import type { Encoder } from '../connectors/connector.js';
import { csv } from '../connectors/csv.js';
import { jsonLines } from '../connectors/json.js';
import { BatchText } from '../connectors/text.js';
import type { Records } from '../engine/engine.js';
import { OverpunchError } from '../errors.js';
import type { Fault, ReadOptions } from '../options.js';
import type { Schema } from '../plan/schema.js';
import { type AggregateKind, type Wanted, makeProgram } from './aggregate.js';
import { groupBatches, resultPlan } from './group-result.js';
import { type Input, RecordInput } from './input.js';
import { KeyMaker, keyItems, keyLoop, keyPlan } from './keys.js';

export interface AggregateOptions {
  /** The column's name as COBOL would have it; default `SUM-BALANCE`, `COUNT` ... Keys are made of it as of any name. */
  readonly as?: string;
}

export interface AverageOptions extends AggregateOptions {
  /** Digits behind the point, rounded half away from zero (COBOL's ROUNDED). Default: six more than the field has. */
  readonly scale?: number;
}

/** What a group-by came to so far. */
export interface GroupSummary {
  readonly records: number;
  /** Bytes of the source that were read. */
  readonly bytes: number;
  readonly groups: number;
  /** Values of keys and of what is added up that were bad: they count as null. */
  readonly badValues: number;
  /** Details of the first `maxFaults` of them. */
  readonly faults: readonly Fault[];
}

/**
 * Groups of records, in order of their keys. Nothing is read before the first iteration, and it can be iterated once. Null
 * keys (absent or bad) are a group of their own, the first; null values count nowhere, as in SQL, and a sum, average,
 * least or greatest value of no values is null. Without keys there is one row, for all records.
 */
export class GroupBy implements AsyncIterable<Row> {
  private readonly wanted: Wanted[] = [];
  private readonly counts = { records: 0, bytes: 0, groups: 0, badValues: 0 };
  private readonly faults: Fault[] = [];
  private records: RecordInput | null = null;
  private used = false;

  /** Made by `Reader.groupBy`. */
  constructor(
    private readonly openInput: () => Promise<Input>,
    private readonly options: ReadOptions,
    private readonly keys: readonly string[],
  ) {}

  /** Records of the group; with a name, those in which that field has a value. */
  count(field?: string, { as }: AggregateOptions = {}): this {
    return this.want('count', field ?? null, as);
  }

  /** Exact for all but floats. @throws OverpunchError OVP_DATA_OVERFLOW (when iterated) beyond 38 digits */
  sum(field: string, { as }: AggregateOptions = {}): this {
    return this.want('sum', field, as);
  }

  /** A decimal, exact but for its last digit; a float for floats. */
  avg(field: string, { as, scale }: AverageOptions = {}): this {
    return this.want('avg', field, as, scale);
  }

  /** The least value; text by code points. */
  min(field: string, { as }: AggregateOptions = {}): this {
    return this.want('min', field, as);
  }

  max(field: string, { as }: AggregateOptions = {}): this {
    return this.want('max', field, as);
  }

  get summary(): GroupSummary {
    return { ...this.counts, faults: this.faults };
  }

  /** Bytes of the source in all, where that is known (once reading has begun). */
  get size(): number | null {
    return this.records?.size ?? null;
  }

  /** Groups as objects. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    let build: ReturnType<typeof rowBuilder> | null = null;
    for await (const batch of this.batches()) {
      build ??= rowBuilder(batch.schema, this.options);
      yield* build.rows(batch);
    }
  }

  /** Groups in Arrow's columnar layout, each batch with memory of its own. */
  async *batches(): AsyncGenerator<Batch> {
    this.begin();
    yield* this.run(await this.openInput());
  }

  /** Groups as JSON lines, in chunks of bytes. */
  toJsonLines(): AsyncGenerator<Uint8Array> {
    return this.encode((schema) => jsonLines(schema, this.options));
  }

  /** Groups as CSV with a header line, in chunks of bytes. */
  toCsv(): AsyncGenerator<Uint8Array> {
    return this.encode((schema) => csv(schema, this.options));
  }

  /** Ends the reading early and closes the source. */
  async close(): Promise<void> {
    await this.records?.close();
  }

  private async *encode(make: (schema: Schema) => Encoder): AsyncGenerator<Uint8Array> {
    this.begin();
    const input = await this.openInput();
    const { engine } = input;
    let encoder: Encoder | null = null;
    let text: BatchText | null = null;
    const chunks: Uint8Array[] = [];
    for await (const batch of this.run(input)) {
      if (!encoder) {
        encoder = make(batch.schema);
        if (encoder.header) yield encoder.header;
        if (engine.writer) text = new BatchText(engine.writer.bind(engine), encoder.program());
      }
      if (text) text.rows(batch);
      else encoder.encode(batch, (bytes) => chunks.push(bytes.slice()));
      yield* text ? text.flush() : chunks.splice(0);
    }
  }

  /** Groups are read once. */
  private begin(): void {
    if (this.used) throw new OverpunchError('OVP_IO_USED', 'These groups were iterated already; open the source again');
    this.used = true;
  }

  private want(kind: AggregateKind, field: string | null, as: string | undefined, scale?: number): this {
    if (this.used) throw new OverpunchError('OVP_IO_USED', 'These groups were iterated already; open the source again');
    this.wanted.push({ kind, field, as, scale });
    return this;
  }

  private async *run(input: Input): AsyncGenerator<Batch> {
    const { counts } = this;
    const { keyed } = input.engine;
    const names = [...this.keys, ...this.wanted.flatMap(({ field }) => (field === null ? [] : [field]))];
    const items = keyItems(input.layout, names, 'OVP_OPTION_GROUP', 'group');
    const { plan, fields } = keyPlan(input, items, null);
    const keyFields = fields.slice(0, this.keys.length);
    const keys = new KeyMaker(
      keyed,
      plan,
      keyFields.map((field) => ({ field })),
      { badAsAbsent: true },
    );
    const program = makeProgram(plan, keys.width, this.wanted, fields.slice(this.keys.length));
    const extremes = new KeyMaker(
      keyed,
      plan,
      program.extremes.map((field) => ({ field })),
      { badAsAbsent: true },
    );
    const result = resultPlan(keys.parts, program.columns);

    const records = (this.records = new RecordInput(input));
    const loop = keyLoop(input, plan);
    let grouper: ReturnType<typeof keyed.group> | null = null;
    let keyBytes = new Uint8Array(0);
    let extremeBytes = new Uint8Array(0);
    for await (const { part, base } of records.parts()) {
      for (const { batch, records: some } of loop.batches(part)) {
        grouper ??= keyed.group(program.words(batch.slab.layout));
        if (keyBytes.length < batch.length * keys.width) keyBytes = new Uint8Array(batch.length * keys.width);
        if (extremeBytes.length < batch.length * extremes.width)
          extremeBytes = new Uint8Array(batch.length * extremes.width);
        keys.make(batch, keyBytes, 0);
        if (extremes.width > 0) extremes.make(batch, extremeBytes, 0);
        if (countFaults(batch) > 0) this.tell(batch, some, base);
        grouper.add(keyBytes, batch.slab.bytes, extremeBytes, batch.length);
        counts.records += batch.length;
      }
      counts.bytes = records.bytes;
      throwIfAborted(input.options.signal, 'the source of a group-by');
    }
    counts.bytes = records.bytes;
    const { rowWidth: width } = program;
    const none = { rows: new Uint8Array(width), count: 0, width, varying: new Uint8Array(2 * keys.width) };
    let groups = grouper?.finish() ?? none;
    // the total of nothing
    if (groups.count === 0 && this.keys.length === 0) groups = { ...none, count: 1 };
    counts.groups = groups.count;
    yield* groupBatches(keyed, groups, keys.width, result);
  }

  /** Bad values, by the reader's policy. */
  private tell(batch: Batch, records: Records, base: number): void {
    const { onBadData = 'report', onFault, maxFaults = 1000 } = this.options;
    this.counts.badValues += countFaults(batch);
    if (onBadData === 'null' || (onBadData === 'report' && !onFault && this.faults.length >= maxFaults)) return;
    for (const fault of listFaults(batch, { records, base })) {
      if (onBadData === 'throw') throw badData(fault);
      const shown = withoutRow(fault);
      if (this.faults.length < maxFaults) this.faults.push(shown);
      onFault?.(shown);
    }
  }
}
