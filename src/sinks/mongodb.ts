/**
 * Documents into a collection of MongoDB, through the package mongodb: inserted, or, with a key, replaced or inserted by
 * it, so that a file may be loaded again and again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { AnyBulkWriteOperation, Collection, Document, MongoClient, MongoClientOptions } from 'mongodb';
import type { Decoded, Sink, SinkTarget } from '../connectors/sink.js';
import { OverpunchError } from '../errors.js';
import { loadPeer } from '../peer.js';
import { keysOf } from '../plan/names.js';
import { type Plan, instruction } from '../plan/plan.js';
import type { Schema, SchemaNode } from '../plan/schema.js';
import { Address } from './address.js';
import { Documents } from './documents.js';
import { Flights, runsOf } from './flights.js';
import { RecordKeys, keyFields, recordNumber } from './keys.js';

export interface MongoOptions {
  /** Default: the record's name, in the naming of the fields. */
  readonly collection?: string;
  /** Default: the one in the URL's path. */
  readonly database?: string;
  /**
   * Fields that identify a record, named as in `select`: `_id` is the value of the one, or an object of several. Documents
   * that have it already are replaced; of several records with one key the last wins. Without a key each load adds
   * documents, with an ObjectId each.
   */
  readonly key?: readonly string[];
  /** Deletes all documents of the collection first. */
  readonly truncate?: boolean;
  /** `true`: one write at a time, which stops at its first failure. Default false. */
  readonly ordered?: boolean;
  /** Documents in one write at most. Default 1000. */
  readonly batchSize?: number;
  /** Writes under way at a time. Default 4; with a key or `ordered` always 1, so that the order of records holds. */
  readonly concurrency?: number;
  /** Default: the URL's, or the environment variable MONGODB_PASSWORD where the URL has a user and no password. */
  readonly password?: string;
  /** For the driver (`tlsCAFile` and so on), beside what the URL says. */
  readonly client?: MongoClientOptions;
  /** Closes the connection at once, in the middle of a write too. */
  readonly signal?: AbortSignal;
}

export interface MongoResult {
  readonly records: number;
  /** Documents that are new. */
  readonly inserted: number;
  /** Records whose key was there already, in the collection or in an earlier record. */
  readonly replaced: number;
}

type Driver = typeof import('mongodb');

/** Milliseconds until a server must have been found, where the URL doesn't say. */
const PATIENCE = 10_000;
/** A BSON document has 16 MB at most; some are left for the command around it. */
const DOCUMENT_BYTES = (16 << 20) - (64 << 10);
/** Bytes of UTF-8 that a byte of text may become, generously. */
const TEXT_GROWTH = 4;

/**
 * A sink of documents, in the layout of objects (camel case by default).
 * @param url `mongodb://` or `mongodb+srv://`, with the database in its path
 * @throws OverpunchError OVP_OPTION_* here; OVP_IO_CONNECT, OVP_IO_SINK, OVP_DATA_KEY, OVP_ENCODE_SIZE while it is written to
 */
export function mongodb(url: string, options: MongoOptions = {}): Sink<MongoResult> {
  return new MongoSink(url, options);
}

class MongoSink implements Sink<MongoResult> {
  readonly text = 'latin1';
  private readonly url: string;
  private readonly options: MongoOptions;
  private readonly password: string | undefined;
  private readonly address: Address;
  private readonly flights: Flights;
  private readonly closeNow = (): void => void this.client?.close(true).catch(() => {});
  private client: MongoClient | null = null;
  private driver: Driver | null = null;
  private collection: Collection<Document> | null = null;
  private documents: Documents | null = null;
  private keys: RecordKeys | null = null;
  /** Whether documents of this schema may be too large; not known before the first batch. */
  private mayOverflow: boolean | null = null;
  private records = 0;
  private inserted = 0;

  constructor(url: string, options: MongoOptions) {
    this.url = url;
    this.options = options;
    const { user, password } = new Address(url);
    this.password = options.password ?? (user && password === null ? process.env.MONGODB_PASSWORD : undefined);
    this.address = new Address(url, [this.password]);
    const { key, ordered = false, concurrency = 4, batchSize = 1000 } = options;
    if (!/^mongodb(\+srv)?:\/\//i.test(url))
      throw new OverpunchError('OVP_OPTION_URL', `${this.address.shown}: no URL of MongoDB`, {
        hint: 'It begins with mongodb:// or mongodb+srv://.',
      });
    for (const [name, value] of Object.entries({ batchSize, concurrency })) {
      if (!Number.isInteger(value) || value < 1)
        throw new OverpunchError('OVP_OPTION_VALUE', `MongoDB: ${name} must be a whole number from 1 on`);
    }
    this.flights = new Flights(key || ordered ? 1 : concurrency);
  }

  async open({ schema, layout, options }: SinkTarget): Promise<void> {
    const { key, signal, truncate = false } = this.options;
    const title = layout.file?.name ?? layout.records[0]?.name;
    const { collection = keysOf(title || 'RECORD')[options.names ?? 'camel'] } = this.options;
    signal?.throwIfAborted();
    this.driver = await loadPeer('MongoDB output', 'mongodb', '7', () => import('mongodb'));
    this.documents = new Documents(schema, options, this.driver, key ? keyFields(schema, key) : []);
    if (key) this.keys = new RecordKeys(schema, key);
    signal?.addEventListener('abort', this.closeNow, { once: true });
    try {
      this.client = new this.driver.MongoClient(this.url, this.clientOptions());
      const database = this.options.database ?? /^[^/]*\/\/[^/?]*\/([^?]+)/.exec(this.url)?.[1];
      if (database === undefined)
        throw new OverpunchError('OVP_OPTION_DATABASE', `${this.address.shown}: the URL names no database`, {
          hint: 'It is the path: mongodb://host/database.',
        });
      await this.client.connect();
      this.collection = this.client.db(decodeURIComponent(database)).collection(collection);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw this.address.error('OVP_IO_CONNECT', 'No connection to MongoDB at', cause);
    }
    if (this.collection.writeConcern?.w === 0)
      throw new OverpunchError('OVP_OPTION_VALUE', 'MongoDB: with w=0 nobody would know what was written');
    if (truncate) await this.collection.deleteMany({}).catch((cause: unknown) => Promise.reject(this.failed(cause)));
  }

  async write(rows: Decoded): Promise<void> {
    const { batch } = rows;
    this.mayOverflow ??= largest(batch.schema, batch.plan) > DOCUMENT_BYTES;
    for (const { from, to } of runsOf(rows, this.options.batchSize ?? 1000)) {
      const documents = this.documents!.of(batch, from, to);
      const numbers = documents.map((_, k) => recordNumber(batch, from + k));
      if (this.mayOverflow) this.checkSizes(documents, numbers);
      const count = documents.length;
      if (this.keys) {
        // whatever order the server takes an unordered write in, the last record of a key is the one that stays
        const last = new Map(this.keys.of(batch, from, to).map((key, k) => [key, k]));
        const chosen = [...last.values()];
        const operations = chosen.map((k) => replacement(documents[k]!));
        await this.flights.begin(() => this.replace(operations, pick(numbers, chosen), count));
      } else {
        await this.flights.begin(() => this.insert(documents, numbers));
      }
    }
  }

  async close(): Promise<MongoResult> {
    await this.flights.land();
    await this.release();
    const { records, inserted } = this;
    return { records, inserted, replaced: records - inserted };
  }

  async abort(): Promise<void> {
    await this.release().catch(() => {});
  }

  private async release(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.closeNow);
    this.documents?.release();
    this.keys?.release();
    await this.client?.close(true);
  }

  private clientOptions(): MongoClientOptions {
    const { user } = this.address;
    return {
      appName: 'overpunch',
      ...(/[?&]serverSelectionTimeoutMS=/i.test(this.url) ? {} : { serverSelectionTimeoutMS: PATIENCE }),
      ...(user && this.password !== undefined ? { auth: { username: user, password: this.password } } : {}),
      ...this.options.client,
    };
  }

  private async insert(documents: Document[], numbers: readonly number[]): Promise<void> {
    const { ordered = false } = this.options;
    try {
      const { insertedCount } = await this.collection!.insertMany(documents, { ordered });
      this.inserted += insertedCount;
      this.records += documents.length;
    } catch (cause) {
      throw this.failed(cause, numbers);
    }
  }

  private async replace(
    operations: AnyBulkWriteOperation<Document>[],
    numbers: readonly number[],
    records: number,
  ): Promise<void> {
    const { ordered = false } = this.options;
    try {
      const { upsertedCount } = await this.collection!.bulkWrite(operations, { ordered });
      this.inserted += upsertedCount;
      this.records += records;
    } catch (cause) {
      throw this.failed(cause, numbers);
    }
  }

  /** What the server would not take, with the first of the records; `numbers` are those of the write's operations. */
  private failed(cause: unknown, numbers: readonly number[] = []): unknown {
    const { signal } = this.options;
    if (signal?.aborted) return signal.reason;
    const errors = (cause as { writeErrors?: { index: number } | { index: number }[] }).writeErrors ?? [];
    const [first] = Array.isArray(errors) ? errors : [errors];
    const record = first && numbers[first.index];
    const what = record === undefined ? 'A write failed at' : `Record ${record} was not written to`;
    const hint =
      this.options.key === undefined
        ? 'Documents that were written before stay; with a key the same file can be loaded again.'
        : 'Documents that were written before stay; the same file can be loaded again.';
    return this.address.error('OVP_IO_SINK', what, cause, hint);
  }

  private checkSizes(documents: readonly Document[], numbers: readonly number[]): void {
    const { calculateObjectSize } = this.driver!.BSON;
    documents.forEach((document, k) => {
      const bytes = calculateObjectSize(document);
      if (bytes > DOCUMENT_BYTES)
        throw new OverpunchError(
          'OVP_ENCODE_SIZE',
          `Record ${numbers[k]} makes a document of ${bytes} bytes; MongoDB takes 16 MB at most`,
          { hint: 'select leaves out what is not needed.' },
        );
    });
  }
}

const replacement = (document: Document): AnyBulkWriteOperation<Document> => ({
  replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true },
});

const pick = <T>(list: readonly T[], at: readonly number[]): T[] => at.map((k) => list[k]!);

/** Bytes that no document of this schema is longer than. */
function largest(schema: Schema, plan: Plan): number {
  const sizeOf = (node: SchemaNode): number => {
    if (node.node === 'group') return sum(node.children);
    if (node.node === 'list') return 5 + node.max * (12 + sizeOf(node.element));
    return node.kind === 'text' ? 5 + TEXT_GROWTH * instruction(plan, node.instruction).length : 48;
  };
  const sum = (nodes: readonly SchemaNode[]): number =>
    nodes.reduce((bytes, node) => bytes + 2 + 3 * node.keys.cobol.length + sizeOf(node), 5);
  // the key's fields are there twice
  return 2 * sum(schema.children);
}
