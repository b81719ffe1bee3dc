/**
 * A client of the service, for Node and browsers: the routes as methods, pages and streams as iterations.
 *
 *     const client = new OverpunchClient('https://mainframe.example', { token: () => session.token() });
 *     for await (const account of client.stream<Account>('accounts', { where: 'BALANCE < 0' })) console.log(account.customer.name);
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { rowsOf } from './lines.js';
import { OPERATIONS } from './operations.js';
import { type Asked, type CallOptions, type ClientOptions, Transport, type Value } from './transport.js';
import type {
  AggregateQuery,
  Dataset,
  DatasetHead,
  DecodeQuery,
  Groups,
  Job,
  JobEvent,
  KeyQuery,
  LoadRequest,
  Page,
  PlacedRecord,
  RecordQuery,
  RecordsQuery,
  Row,
  SchemaQuery,
  Selection,
  SelectionQuery,
  Statistics,
  StatisticsQuery,
  StreamQuery,
  Target,
  Upload,
} from './types.js';
import { type WatchOptions, watchJob } from './watch.js';

const ACCEPT = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;

export interface LoadOptions extends CallOptions {
  /** The same request with the same key has the same job. Default: a new one, so that a request that is repeated starts one job. */
  readonly idempotencyKey?: string;
}

/** Every method throws a {@link ProblemError} where the service refuses, and what `fetch` throws where there is no answer. */
export class OverpunchClient {
  private readonly transport: Transport;

  /** @param address of the service, with its prefix where it has one */
  constructor(address: string | URL, options: ClientOptions = {}) {
    this.transport = new Transport(address, options);
  }

  async datasets(options?: CallOptions): Promise<readonly DatasetHead[]> {
    return (await this.json<{ datasets: DatasetHead[] }>('listDatasets', { signal: options?.signal })).datasets;
  }

  dataset(name: string, options?: CallOptions): Promise<Dataset> {
    return this.json('describeDataset', { params: { name }, signal: options?.signal });
  }

  /** JSON as an object; `ddl` and `types` as text. */
  async schema(name: string, query: SchemaQuery = {}, options?: CallOptions): Promise<unknown> {
    const response = await this.transport.send(OPERATIONS.schemaOfDataset, {
      params: { name },
      query: { ...query },
      signal: options?.signal,
    });
    return query.format === 'ddl' || query.format === 'types' ? response.text() : response.json();
  }

  /** One page. */
  records<T = Row>(name: string, query: RecordsQuery = {}, options?: CallOptions): Promise<Page<T>> {
    const headers = { accept: 'application/json' };
    return this.json('listRecords', { params: { name }, query: { ...query }, headers, signal: options?.signal });
  }

  /**
   * All records, page by page: each page is asked for when the one before is used up. The file must stay as it is (410 otherwise);
   * a stream is faster.
   * @param query `limit` is that of a page
   */
  async *pages<T = Row>(
    name: string,
    query: RecordsQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<T, void, undefined> {
    const { skip, cursor, ...same } = query;
    let page = await this.records<T>(name, query, options);
    for (;;) {
      yield* page.records;
      if (page.next === null) return;
      page = await this.records<T>(name, { ...same, cursor: page.next }, options);
    }
  }

  /** All records, as fast as they are taken. A stream that is cut off throws. */
  async *stream<T = Row>(
    name: string,
    query: StreamQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<T, void, undefined> {
    yield* rowsOf<T>(await this.bytes(name, 'jsonl', query, options), options?.signal);
  }

  /** The same as bytes: JSON lines, CSV, Arrow's IPC stream, or a Parquet file. */
  async bytes(
    name: string,
    format: keyof typeof ACCEPT,
    query: StreamQuery = {},
    options?: CallOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const headers = { accept: ACCEPT[format] };
    const asked = { params: { name }, query: { ...query }, headers, signal: options?.signal };
    return bodyOf(await this.transport.send(OPERATIONS.listRecords, asked));
  }

  /** Records by their place among those that a condition leaves, in an order: for a grid of which a part is seen. */
  selection<T = Row>(name: string, query: SelectionQuery = {}, options?: CallOptions): Promise<Selection<T>> {
    return this.json('listSelection', { params: { name }, query: { ...query }, signal: options?.signal });
  }

  /** @param number from 1 */
  record<T = Row>(name: string, number: number, query: RecordQuery = {}, options?: CallOptions): Promise<T> {
    return this.json('readRecord', {
      params: { name, number: String(number) },
      query: { ...query },
      signal: options?.signal,
    });
  }

  /** A record's bytes, without its descriptor; some of them with `range`, whose ends both count: [0, 9] are ten. */
  async recordBytes(
    name: string,
    number: number,
    { range, signal }: CallOptions & { readonly range?: readonly [number, number] } = {},
  ): Promise<Uint8Array> {
    const response = await this.transport.send(OPERATIONS.readRecordBytes, {
      params: { name, number: String(number) },
      headers: { range: range && `bytes=${range[0]}-${range[1]}` },
      signal,
    });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** What lies where in a record. */
  recordFields(name: string, number: number, query: RecordQuery = {}, options?: CallOptions): Promise<PlacedRecord> {
    const params = { name, number: String(number) };
    return this.json('readRecordFields', { params, query: { ...query }, signal: options?.signal });
  }

  /** Records by the key of the data set. @param key a value for each of its fields, of which none has a slash in it */
  byKey<T = Row>(
    name: string,
    key: string | number | readonly (string | number)[],
    query: KeyQuery = {},
    options?: CallOptions,
  ): Promise<Page<T>> {
    const values = (Array.isArray(key) ? key : [key]) as readonly (string | number)[];
    if (values.some((value) => String(value).includes('/'))) throw new TypeError('A key has no slashes in it');
    return this.json('findRecords', {
      params: { name, '*': values.join('/') },
      query: { ...query },
      signal: options?.signal,
    });
  }

  aggregate<T = Row>(name: string, query: AggregateQuery = {}, options?: CallOptions): Promise<Groups<T>> {
    const { count, ...rest } = query;
    const asked = { ...rest, ...(count !== undefined && { count: count === true ? '' : count }) };
    return this.json('aggregate', { params: { name }, query: asked as Record<string, Value>, signal: options?.signal });
  }

  /** What the values of fields are like, in the first records. */
  statistics(name: string, query: StatisticsQuery = {}, options?: CallOptions): Promise<Statistics> {
    return this.json('statistics', { params: { name }, query: { ...query }, signal: options?.signal });
  }

  /** Bytes in, rows out: read as the data set's are, while they go. */
  async *decode<T = Row>(
    name: string,
    bytes: Uint8Array | Blob | ReadableStream<Uint8Array>,
    query: DecodeQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<T, void, undefined> {
    const headers = { 'content-type': 'application/octet-stream' };
    const asked: Asked = { params: { name }, query: { ...query }, headers, body: bytes, signal: options?.signal };
    yield* rowsOf<T>(bodyOf(await this.transport.send(OPERATIONS.decode, asked)), options?.signal);
  }

  /** Brings a data set, where the service takes any. */
  upload({ copybook, data, options: how }: Upload, options?: CallOptions): Promise<DatasetHead> {
    const form = new FormData();
    // in this order: what is wrong with the first is said before the last is sent
    if (how) form.append('options', JSON.stringify(how));
    form.append('copybook', blobOf(copybook), 'copybook.cpy');
    form.append('data', blobOf(data), 'data');
    return this.json('uploadDataset', { body: form, signal: options?.signal });
  }

  async deleteDataset(name: string, options?: CallOptions): Promise<void> {
    await this.transport.send(OPERATIONS.removeDataset, { params: { name }, signal: options?.signal });
  }

  /** Where you may load to. */
  async targets(options?: CallOptions): Promise<readonly Target[]> {
    return (await this.json<{ targets: Target[] }>('listTargets', { signal: options?.signal })).targets;
  }

  startLoad(name: string, request: LoadRequest, { idempotencyKey, signal }: LoadOptions = {}): Promise<Job> {
    return this.json('startLoad', {
      params: { name },
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey ?? newKey() },
      body: JSON.stringify(request),
      signal,
    });
  }

  /** Yours, the newest first. */
  async jobs(query: { readonly limit?: number } = {}, options?: CallOptions): Promise<readonly Job[]> {
    return (await this.json<{ jobs: Job[] }>('listJobs', { query: { ...query }, signal: options?.signal })).jobs;
  }

  job(id: string, options?: CallOptions): Promise<Job> {
    return this.json('readJob', { params: { id }, signal: options?.signal });
  }

  /** Asks a job to end; answers it as it is then. */
  cancel(id: string, options?: CallOptions): Promise<Job> {
    return this.json('cancelJob', { params: { id }, signal: options?.signal });
  }

  /** What happens to a job, until it has ended. A line that is lost is taken up again. */
  watch(id: string, options: WatchOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return watchJob(this.transport, id, options);
  }

  private async json<T>(operation: keyof typeof OPERATIONS, asked: Asked): Promise<T> {
    return (await (await this.transport.send(OPERATIONS[operation], asked)).json()) as T;
  }
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  return body ?? new ReadableStream({ start: (controller) => controller.close() });
}

const blobOf = (part: string | Blob | Uint8Array): Blob => (part instanceof Blob ? part : new Blob([part as never]));

/** 128 random bits: pages that came over plain HTTP have no randomUUID. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
