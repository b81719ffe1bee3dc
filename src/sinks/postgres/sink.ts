/**
 * The PostgreSQL sink: rows become binary tuples, ranges of them are staged by several connections, and when all are there
 * one call moves them into the tables. What `control.ts` says of the functions is what makes it happen exactly once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Decoded, Sink, SinkTarget } from '../../connectors/sink.js';
import { type TupleColumn, TupleEncoder, type TupleTable } from '../../connectors/tuples.js';
import type { Engine } from '../../engine/engine.js';
import { loadEngine } from '../../engine/load.js';
import { TupleStatus } from '../../engine/tuple.js';
import { OverpunchError } from '../../errors.js';
import { fields } from '../../plan/schema.js';
import { createStatements } from '../../schemas/ddl.js';
import { type Table, tablesOf } from '../../schemas/table.js';
import { readColumns, tuplesOf } from './columns.js';
import { connect, databaseError } from './connection.js';
import { install } from './install.js';
import type { LoadResult, PostgresOptions } from './options.js';
import { Range, type Staging, Worker } from './range.js';
import { Faults, refusedRow, rejectOf } from './rejects.js';

const CHUNK = 1 << 20;
const DEFAULT_RANGE = 1 << 24;
/** Rejects after which a range ends too: they go to the server as one value. */
const MOST_REJECTS = 10_000;

/** A table with what fills it. */
interface Filled {
  readonly table: Table;
  readonly name: string;
  readonly tuples: TupleTable;
  readonly encoder: TupleEncoder;
}

/** Rows into PostgreSQL: `open('ACCT.DAT', {...}).into(postgres({ url }))`; `load` does the same for files, once each. */
export function postgres(options: PostgresOptions): Sink<LoadResult> {
  return new PostgresSink(options);
}

class PostgresSink implements Sink<LoadResult> {
  readonly faults = 'all';
  private readonly engine: Engine;
  private client: Client | null = null;
  private tables: readonly Filled[] = [];
  private created: readonly string[] = [];
  private staging: Staging | null = null;
  private isResumed = false;
  private done: { first: number; last: number; bytes: number }[] = [];
  private readonly idle: Worker[] = [];
  private readonly workers: Worker[] = [];
  private readonly busy = new Set<Promise<void>>();
  private readonly spare: Uint8Array[] = [];
  private failure: unknown = null;
  private range: Range | null = null;
  /** Chunk of each table that is being filled, and how far. */
  private filling: { chunk: Uint8Array | null; at: number }[] = [];
  private lastRecord = 0;
  private endByte = 0;
  private readonly totals = { rows: 0, rejected: 0, badValues: 0 };

  constructor(private readonly options: PostgresOptions) {
    this.engine = loadEngine(options.engine);
    if (options.mode === 'upsert' && !options.key?.length)
      throw new OverpunchError('OVP_OPTION_KEY', 'An upsert needs a key');
  }

  async open(target: SinkTarget): Promise<void> {
    const { options } = this;
    this.client = await connect(options);
    const tables = tablesOf(target.schema, target.layout, {
      ...(options.table !== undefined && { table: options.table }),
      names: options.names ?? target.options.names ?? 'snake',
      occurs: options.occurs ?? 'array',
      ...(options.key && { key: options.key }),
      nameLimit: { max: 63, unit: 'bytes' },
    });
    await this.client.query('BEGIN');
    try {
      if (!options.dryRun) await install(this.client);
      await this.findTables(tables, target);
      await this.client.query(options.dryRun ? 'ROLLBACK' : 'COMMIT');
    } catch (cause) {
      await this.client.query('ROLLBACK').catch(() => {});
      throw databaseError(cause, 'the tables could not be made');
    }
    if (!options.dryRun) await this.begin();
  }

  async write(rows: Decoded): Promise<void> {
    if (this.failure) throw this.failure;
    const { batch, base, records } = rows;
    if (batch.length === 0) return;
    for (const { encoder } of this.tables) encoder.begin(batch);
    const number = (row: number): number => (batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row);
    const startOf = (row: number): number =>
      base + (records.starts ? records.starts[records.first + row]! : records.first + row * records.stride);
    const endOf = (row: number): number =>
      base + (records.ends ? records.ends[records.first + row]! : records.first + (row + 1) * records.stride);
    const faults = new Faults(rows.faults);
    for (let row = 0; row < batch.length; ) {
      const next = this.doneAt(number(row));
      if (next?.first !== undefined && next.first <= number(row)) {
        // a range that is there already
        await this.cut(next.first - 1, startOf(row));
        while (row < batch.length && number(row) <= next.last) row++;
        this.lastRecord = next.last;
        this.endByte = row > 0 ? endOf(row - 1) : this.endByte;
        continue;
      }
      let last = row + 1;
      while (last < batch.length && (!next || number(last) < next.first)) {
        if (!next && !batch.recordNumbers) last = batch.length;
        else last++;
      }
      this.range ??= new Range(
        this.lastRecord + 1,
        this.endByte === 0 ? startOf(row) : this.endByte,
        this.tables.length,
      );
      this.fill(rows, row, last, faults);
      this.lastRecord = number(last - 1);
      this.endByte = endOf(last - 1);
      row = last;
      if (this.range.bytes >= (this.options.rangeBytes ?? DEFAULT_RANGE) || this.range.rejects.length >= MOST_REJECTS)
        await this.cut(this.lastRecord, this.endByte);
    }
  }

  async close(): Promise<LoadResult> {
    const { client, options } = this;
    await this.cut(this.lastRecord, this.endByte);
    await Promise.all(this.busy);
    if (this.failure) throw this.failure;
    await options.file?.check();
    const result = { table: this.tables[0]!.name, isResumed: this.isResumed, created: this.created };
    if (options.dryRun) {
      await this.release();
      return { ...result, ...this.totals, load: null, inserted: 0, updated: 0, superseded: 0 };
    }
    const { load, epoch } = this.staging!;
    try {
      const { rows } = await client!.query('SELECT * FROM overpunch.finish($1, $2, $3)', [
        load,
        epoch,
        this.lastRecord,
      ]);
      const [row] = rows as Record<string, string>[];
      const count = (name: string): number => Number(row![name]);
      await this.release();
      return {
        ...result,
        load,
        rows: count('rows'),
        inserted: count('inserted'),
        updated: count('updated'),
        superseded: count('superseded'),
        rejected: count('rejected'),
        badValues: count('bad_values'),
      };
    } catch (cause) {
      throw databaseError(cause, `the rows could not be moved into ${this.tables[0]!.name}`);
    }
  }

  async abort(): Promise<void> {
    for (const worker of this.workers) worker.destroy();
    await Promise.allSettled(this.busy);
    // a file's load is gone on with later; of anything else there is no going on
    const { file, keeps = () => true } = this.options;
    if (this.client && this.staging && !(file && keeps()))
      await this.client.query('SELECT overpunch.discard($1)', [this.staging.load]).catch(() => {});
    await this.release();
  }

  private async release(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
    await this.client?.end().catch(() => {});
    this.client = null;
  }

  /** Finds the tables, or makes them. */
  private async findTables(tables: readonly Table[], { schema: tree, options: shown }: SinkTarget): Promise<void> {
    const { options, client } = this;
    const schema = options.schema ?? 'public';
    const nameOf = (table: Table): string => `${quote(schema)}.${quote(table.name)}`;
    const columns = await Promise.all(tables.map((table) => readColumns(client!, nameOf(table))));
    const missing = tables.filter((_, n) => columns[n] === null);
    if (missing.length > 0) {
      const statements = createStatements(missing, { dialect: 'postgres', schema, ifNotExists: true });
      this.created = statements;
      for (const statement of statements) await client!.query(statement);
      for (const [n, table] of tables.entries()) columns[n] ??= await readColumns(client!, nameOf(table));
    }
    this.tables = tables.map((table, n): Filled => {
      const tuples = tuplesOf(table, columns[n]!, options.nul ?? 'reject', options.mode === 'upsert');
      return { table, name: nameOf(table), tuples, encoder: new TupleEncoder(this.engine, tree, tuples, shown) };
    });
    this.filling = tables.map(() => ({ chunk: null, at: 0 }));
  }

  private async begin(): Promise<void> {
    const { options, client, tables } = this;
    const { file, mode = 'append' } = options;
    const columns = tables.map(({ table }) => table.columns.map(({ name }) => name));
    const parents = tables.map(({ table: { parent } }) => {
      if (!parent) return null;
      const of = tables.findIndex(({ table }) => table === parent.table);
      return { of, columns: parent.columns.map((c, n) => ({ c, k: parent.table.key[n] })) };
    });
    const key = tables[0]!.table.key;
    const meaning = JSON.stringify([
      file?.meaning,
      mode,
      key,
      columns,
      options.nul ?? 'reject',
      tables.map(({ tuples }) => tuples.columns.map(typeText)),
    ]);
    const values = [
      tables.map(({ name }) => name),
      JSON.stringify(columns),
      mode === 'upsert' ? key : [],
      JSON.stringify(parents),
      mode,
      file ? `sha256:${file.sha256}` : `stream:${process.pid}-${Date.now()}-${Math.random()}`,
      createHash('sha256').update(meaning).digest('hex'),
      file?.name ?? 'a stream',
      file?.bytes ?? null,
      options.again ?? false,
    ];
    try {
      const { rows } = await client!.query(
        'SELECT id::text, epoch, is_resumed FROM overpunch.begin_load($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
        values,
      );
      const { id, epoch, is_resumed } = rows[0] as { id: string; epoch: number; is_resumed: boolean };
      const copies = tables.map(({ table }, n) => {
        const own = table.columns.map(({ name }) => name);
        const names = (mode === 'upsert' ? ['overpunch_record', ...own] : own).map(quote).join(', ');
        return `COPY overpunch.stage_${id}_${n} (${names}) FROM STDIN (FORMAT binary)`;
      });
      this.staging = { load: id, epoch, copies };
      this.isResumed = is_resumed;
      const done = await client!.query('SELECT first, last, end_byte FROM overpunch.ranges($1)', [id]);
      this.done = (done.rows as Record<string, string>[]).map((row) => ({
        first: Number(row.first),
        last: Number(row.last),
        bytes: Number(row.end_byte),
      }));
    } catch (cause) {
      throw databaseError(cause, `the load into ${tables[0]!.name} could not begin`);
    }
    for (let n = 0; n < (options.workers ?? 2); n++) {
      const worker = await Worker.open(options, this.staging);
      this.workers.push(worker);
      this.idle.push(worker);
    }
  }

  /** The first range that is done and ends at this record or behind it. */
  private doneAt(record: number): { first: number; last: number } | undefined {
    while (this.done.length > 0 && this.done[0]!.last < record) {
      this.lastRecord = Math.max(this.lastRecord, this.done[0]!.last);
      this.done.shift();
    }
    return this.done[0];
  }

  /** Ends the range, whose last record this is, and hands it to a worker. */
  private async cut(last: number, endByte: number): Promise<void> {
    const { range } = this;
    if (!range) return;
    this.range = null;
    range.last = last;
    range.endByte = endByte;
    this.filling.forEach((open, n) => this.flush(range, n, open));
    this.totals.rows += range.rows[0]!;
    this.totals.rejected += range.rejected;
    this.totals.badValues += range.badValues;
    if (this.options.dryRun) return this.keep(range);
    while (this.idle.length === 0) await Promise.race(this.busy);
    if (this.failure) throw this.failure;
    const worker = this.idle.pop()!;
    const work: Promise<void> = worker
      .stage(range)
      .then(
        () => this.keep(range),
        (error: unknown) => {
          this.failure ??= error;
        },
      )
      .finally(() => {
        this.busy.delete(work);
        this.idle.push(worker);
      });
    this.busy.add(work);
  }

  /** Memory of what was sent is used again. */
  private keep(range: Range): void {
    for (const chunk of range.chunks.flat()) if (this.spare.length < 32) this.spare.push(new Uint8Array(chunk.buffer));
  }

  private flush(range: Range, n: number, open: { chunk: Uint8Array | null; at: number }): void {
    if (open.chunk && open.at > 0) range.chunks[n]!.push(open.chunk.subarray(0, open.at));
    open.chunk = null;
    open.at = 0;
  }

  /** Writes records first..last-1 of the batch, in all tables, into the range. */
  private fill(rows: Decoded, first: number, last: number, faults: Faults): void {
    const range = this.range!;
    const left = new Set<number>();
    for (const [n, { encoder }] of this.tables.entries()) {
      const stop = encoder.firstOf(last);
      for (let row = encoder.firstOf(first); row < stop; ) {
        if (left.size > 0 && left.has(encoder.recordOf(row))) {
          row++;
          continue;
        }
        const end = this.runOf(n, row, stop, left);
        row = end > row ? this.fillRows(rows, n, row, end, left) : row + 1;
      }
    }
    for (const fault of faults.between(first, last)) {
      range.badValues++;
      range.rejects.push(rejectOf(fault, false));
    }
  }

  /** Where the rows from `row` on end that are to be written. */
  private runOf(n: number, row: number, stop: number, left: ReadonlySet<number>): number {
    const { encoder, tuples } = this.tables[n]!;
    if (tuples.selects.length === 0 && left.size === 0) return stop;
    let end = row;
    while (end < stop && encoder.isRow(end) && !left.has(encoder.recordOf(end))) end++;
    return end;
  }

  private fillRows(rows: Decoded, n: number, first: number, end: number, left: Set<number>): number {
    const { encoder, tuples } = this.tables[n]!;
    const range = this.range!;
    const open = this.filling[n]!;
    for (let size = CHUNK, row = first; row < end; ) {
      open.chunk ??= size === CHUNK ? (this.spare.pop() ?? new Uint8Array(CHUNK)) : new Uint8Array(size);
      const step = encoder.step(row, end, open.chunk, open.at);
      open.at += step.bytes;
      range.bytes += step.bytes;
      range.rows[n]! += step.rows;
      row += step.rows;
      if (step.status === TupleStatus.NO_ROOM) {
        if (open.at === 0) size *= 2; // one row is longer than that
        if (size > 1 << 29) throw new OverpunchError('OVP_DATA_TEXT', 'A row has more than 512 MB');
        this.flush(range, n, open);
      } else if (step.status === TupleStatus.REFUSED) {
        range.rejected++;
        range.rejects.push(refusedRow(rows, encoder, tuples, row, step));
        if (n === 0) left.add(encoder.recordOf(row));
        return row + 1;
      }
    }
    return end;
  }
}

function typeText(column: TupleColumn): unknown {
  const { kind } = column;
  if (kind === 'field' || kind === 'array') return [kind, column.field.path, column.target, column.most, column.flags];
  return kind === 'json' ? [kind, column.node.path, [...fields(column.node)].map(({ path }) => path)] : [kind];
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
