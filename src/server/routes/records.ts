/**
 * Records of a data set: pages as JSON, all of them as a stream, one by its number or by its key, and the bytes of one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SortField } from '../../keyed/sort.js';
import type { ReadOptions } from '../../options.js';
import { Reader } from '../../read.js';
import { ARROW_TYPE, CSV_TYPE, JSON_TYPE, LINES_TYPE, PARQUET_TYPE, accepted } from '../records/accept.js';
import { answerBytes } from '../records/answers.js';
import { cursorFor, positionOf } from '../records/cursor.js';
import type { RecordBytes, ServedDataset } from '../records/dataset.js';
import { type FileState, MOST_NOW } from '../records/file.js';
import { ParquetFiles } from '../records/parquet.js';
import { ServiceError } from '../problem.js';
import {
  type JsonRows,
  type PageEnd,
  goodPage,
  jsonRows,
  maskedLines,
  pageText,
  plainRows,
  recordText,
} from '../records/rows.js';
import { byKeySchema, bytesSchema, recordSchema, recordsSchema } from '../schemas.js';
import { type Service, datasetOf, isKnown, namesOf, numberOf, withSignal } from '../service.js';
import { type Chunks, chunkPool, streamOf } from '../records/stream.js';
import type { View } from '../access/view.js';

interface RecordsQuery {
  readonly select?: string;
  readonly where?: string;
  readonly order?: string;
  readonly skip?: number;
  readonly limit?: number;
  readonly cursor?: string;
}

const PAGE = 100;
/** Records of a stream of text that are decoded together, where they must be: more would be memory for each stream. */
const TEXT_RECORDS = 1024;
/** Records of a page are read to it, and written out of it before another page is read. */
const pageBytes = Buffer.allocUnsafeSlow(MOST_NOW);
const TYPES = [JSON_TYPE, LINES_TYPE, CSV_TYPE, ARROW_TYPE, PARQUET_TYPE] as const;

export function recordRoutes(app: FastifyInstance, service: Service): void {
  const files = new ParquetFiles(service.limits);
  app.get('/v1/datasets/:name/records', { schema: recordsSchema }, (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const query = request.query as RecordsQuery;
    const type = accepted(request.headers.accept, TYPES);
    if (query.where !== undefined) view.check(query.where);
    const order = orderOf(query.order, view);
    const select = view.select(namesOf(query.select, 'select'), type === JSON_TYPE || type === LINES_TYPE);
    const asked: Asked = { dataset, view, query, order, select };
    const state = dataset.file.now();
    // most pages are made without waiting for anything
    if (state && type === JSON_TYPE && isPlain(asked)) {
      let isOver = true;
      try {
        isOver = pageNow(service, asked, state, request, reply);
      } finally {
        if (isOver) state.release();
      }
      if (isOver) return undefined;
    }
    return answer(service, files, asked, type, state, request, reply);
  });

  app.get('/v1/datasets/:name/records/:number', { schema: recordSchema }, (request, reply) =>
    one(service, request, reply, async ({ dataset, view }, found, select) => {
      return reply.type(JSON_TYPE).send(recordText(await jsonRows(dataset, view, found, select)));
    }),
  );

  app.get(
    '/v1/datasets/:name/records/:number/bytes',
    { schema: bytesSchema, config: { compress: false } as object },
    (request, reply) =>
      one(service, request, reply, async ({ dataset, view }, found) => {
        if (!view.isOpen)
          throw new ServiceError(
            403,
            'OVP_SERVER_GUARDED',
            `Bytes of ${dataset.name} are not shown: fields of it are guarded`,
          );
        const bytes = Buffer.from(found.framing.recfm === 'V' ? found.bytes.subarray(4) : found.bytes);
        return ranged(request, reply, bytes);
      }),
  );

  app.get('/v1/datasets/:name/by/*', { schema: byKeySchema }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const key = (request.params as { '*': string })['*'].split('/');
    const { select: names, limit = PAGE } = request.query as RecordsQuery;
    checkLimit(limit, service);
    const select = view.select(namesOf(names, 'select'), true);
    for (const name of dataset.entry.key) view.operand(name, 'OVP_OPTION_KEY', 'key');
    return dataset.file.use(async (state) => {
      if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
      const found = await service.telemetry.phase(request, 'find', () => dataset.byKey(state, key, limit));
      if (found.numbers.length === 0)
        throw new ServiceError(404, 'OVP_SERVER_UNKNOWN_KEY', 'There is no record with this key', 'key');
      const rows = await jsonRows(dataset, view, found, select);
      return sendRows(rows, found, { numbers: found.numbers, next: null }, request, reply);
    });
  });
}

async function answer(
  service: Service,
  files: ParquetFiles,
  asked: Asked,
  type: (typeof TYPES)[number],
  now: FileState | null,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { dataset, view, query, order } = asked;
  const state = now ?? (await dataset.file.hold());
  let isStreaming = false;
  try {
    if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
    if (order && state.size > service.limits.sortBytes) {
      throw new ServiceError(
        400,
        'OVP_SERVER_TOO_LARGE',
        'The file is too large to be put in order for a request',
        'order',
      );
    }
    if (type === JSON_TYPE) return await page(service, asked, state, request, reply);
    if (query.cursor !== undefined)
      throw new ServiceError(400, 'OVP_SERVER_PARAMETER', 'Streams have no pages: leave cursor out', 'cursor');
    reply.type(type === CSV_TYPE ? 'text/csv; charset=utf-8; header=present' : type);
    if (request.method === 'HEAD') return reply.send();
    if (type === PARQUET_TYPE) return await parquet(service, files, asked, state, request, reply);
    const { done } = service.load.stream(request);
    isStreaming = true;
    return await stream(asked, state, type, request, reply, done);
  } finally {
    if (!isStreaming) state.release();
  }
}

interface Asked {
  readonly dataset: ServedDataset;
  readonly view: View;
  readonly query: RecordsQuery;
  readonly order: readonly SortField[] | null;
  readonly select: readonly string[] | undefined;
}

export function checkLimit(limit: number, { limits }: Service): void {
  if (limit <= limits.pageRecords) return;
  throw new ServiceError(
    400,
    'OVP_SERVER_PARAMETER',
    `A page has ${limits.pageRecords} records at most`,
    'limit',
    'Streams have all records: Accept: application/x-ndjson.',
  );
}

/** Records as they lie in the file. What is masked takes its time, in which other pages are read. */
const isPlain = ({ query, order, view }: Asked): boolean =>
  order === null && query.where === undefined && view.masked.size === 0;

interface Place {
  /** Records before the page. */
  readonly position: number;
  readonly limit: number;
  /** What the pages are of. */
  readonly what: string;
}

function placeOf(service: Service, { dataset, query }: Asked, state: FileState): Place {
  const { where, skip, limit = PAGE, cursor } = query;
  checkLimit(limit, service);
  if (cursor !== undefined && skip !== undefined)
    throw new ServiceError(400, 'OVP_SERVER_PARAMETER', 'cursor and skip exclude each other', 'skip');
  const what = JSON.stringify([dataset.name, where ?? null, query.order ?? null]);
  const position = cursor === undefined ? (skip ?? 0) : positionOf(cursor, state.identity, what);
  return { position, limit, what };
}

/** Sends a plain page where nothing has to be waited for; false where something has. */
function pageNow(
  service: Service,
  asked: Asked,
  state: FileState,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { dataset, view, select } = asked;
  if (isKnown(request, reply, state.identity, view, service.version)) {
    reply.send();
    return true;
  }
  const { position, limit, what } = placeOf(service, asked, state);
  const found = dataset.recordsNow(state, position + 1, limit, pageBytes);
  if (!found) return false;
  const last = position + found.numbers.length;
  const next = dataset.isLast(state, last) ? null : cursorFor(last, state.identity, what);
  const end = { numbers: found.numbers, next };
  if (!sendGood(asked, found, end, request, reply))
    sendRows(plainRows(dataset, view, found, select), found, end, request, reply);
  return true;
}

/** Sends a page in which no value is bad; false where one is. */
function sendGood(
  { dataset, select }: Asked,
  found: RecordBytes,
  end: PageEnd,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const page = goodPage(dataset, found, select, end, (length) => answerBytes(request, length));
  if (!page) return false;
  request.overpunch.records = found.numbers.length;
  reply.type(JSON_TYPE).send(page);
  return true;
}

async function page(
  service: Service,
  asked: Asked,
  state: FileState,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { dataset, view, query, order, select } = asked;
  const { position, limit, what } = placeOf(service, asked, state);
  const { where } = query;
  const found = await withSignal(reply, service, async (signal) => {
    if (!order) return dataset.records(state, position + 1, limit + 1, where, signal);
    const sorted = dataset.reader(state, { ...(where !== undefined && { where }), signal }).sort(order);
    return service.telemetry.phase(request, 'sort', () => dataset.collected(sorted, position, limit + 1, signal));
  });
  const some = dataset.first(found, limit);
  const last = order ? position + limit : (some.numbers.at(-1) ?? position);
  const next = found.numbers.length > limit ? cursorFor(last, state.identity, what) : null;
  const end = { numbers: order ? null : some.numbers, next };
  if (view.masked.size === 0 && sendGood(asked, some, end, request, reply)) return reply;
  return sendRows(await jsonRows(dataset, view, some, select), some, end, request, reply);
}

function sendRows(
  rows: JsonRows,
  found: RecordBytes,
  end: PageEnd,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  note(request, found, rows);
  return reply.type(JSON_TYPE).send(pageText(rows, end));
}

function note(request: FastifyRequest, { numbers }: RecordBytes, { badValues }: JsonRows): void {
  request.overpunch.records = numbers.length;
  request.overpunch.badValues = badValues;
}

async function parquet(
  service: Service,
  files: ParquetFiles,
  asked: Asked,
  state: FileState,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { dataset, query, order } = asked;
  const { skip = 0, limit } = query;
  const isPart = limit !== undefined && query.where === undefined && order === null;
  const bytes = isPart ? dataset.bytesOf(state, skip + limit) : state.size;
  const { stream, ...file } = await withSignal(reply, service, async (signal) => {
    const reader = order ? readerFor(asked, state, { signal }) : dataset.pathReader(state, requested(asked));
    return files.make(reader, bytes, signal);
  });
  Object.assign(request.overpunch, { records: file.records, badValues: file.badValues });
  return reply.header('content-length', file.bytes).send(stream);
}

/** What the request says of the records. */
function requested({ query, select }: Asked): ReadOptions {
  const { where, skip, limit } = query;
  return {
    ...(select && { select }),
    ...(where !== undefined && { where }),
    ...(skip !== undefined && { skip }),
    ...(limit !== undefined && { limit }),
  };
}

/** Reads what the request wants, in the order in which it wants it. */
function readerFor(asked: Asked, state: FileState, { signal, ...more }: ReadOptions): Reader {
  const { dataset, order } = asked;
  if (!order) return dataset.reader(state, { ...requested(asked), ...more });
  const { where, ...rest } = requested(asked);
  const source = dataset.reader(state, { ...(where !== undefined && { where }), ...(signal && { signal }) });
  return new Reader(source.sort(order).input, dataset.reading({ ...rest, ...more }));
}

async function stream(
  asked: Asked,
  state: FileState,
  type: (typeof TYPES)[number],
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): Promise<FastifyReply> {
  const { dataset, view, select } = asked;
  const shown = { ...(select && { select }) };
  const reader = readerFor(asked, state, type === ARROW_TYPE ? {} : { batchRecords: TEXT_RECORDS });
  const pool = chunkPool();
  const chunks: Chunks =
    type === CSV_TYPE
      ? { chunks: reader.toCsv({ reuse: pool }), pool }
      : type === ARROW_TYPE
        ? { chunks: reader.toArrow() }
        : view.masked.size > 0
          ? { chunks: asBytes(maskedLines(dataset, view, reader.rows(), shown)) }
          : { chunks: reader.toJsonLines({ reuse: pool }), pool };
  return reply.send(
    await streamOf(chunks, () => {
      const { records, badValues } = reader.summary;
      Object.assign(request.overpunch, { records, badValues });
      state.release();
      done();
    }),
  );
}

async function* asBytes(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

async function one(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: (
    where: { dataset: ServedDataset; view: View },
    found: RecordBytes,
    select: readonly string[] | undefined,
  ) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { dataset, view } = datasetOf(service, request);
  const number = numberOf((request.params as { number: string }).number);
  const select = view.select(namesOf((request.query as RecordsQuery).select, 'select'), true);
  return dataset.file.use(async (state) => {
    if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
    const found =
      dataset.recordsNow(state, number, 1) ??
      (await withSignal(reply, service, (signal) => dataset.records(state, number, 1, undefined, signal)));
    if (found.numbers.length === 0)
      throw new ServiceError(404, 'OVP_SERVER_UNKNOWN_RECORD', `There is no record ${number}`, 'number');
    request.overpunch.records = 1;
    return await answer({ dataset, view }, found, select);
  });
}

/** One range of bytes, or all of them; several ranges, and what is none, are refused. */
function ranged(request: FastifyRequest, reply: FastifyReply, bytes: Buffer): FastifyReply {
  reply.type('application/octet-stream').header('accept-ranges', 'bytes');
  const { range } = request.headers;
  if (range === undefined || request.headers['if-range'] !== undefined) return reply.send(bytes);
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range.trim()) ?? [];
  const start = from === '' ? Math.max(0, bytes.length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes.length - 1 : Math.min(bytes.length - 1, Number(to));
  if ((from === '' && Number(to) === 0) || start > end) {
    reply.header('content-range', `bytes */${bytes.length}`);
    throw new ServiceError(
      416,
      'OVP_SERVER_RANGE',
      `The record has ${bytes.length} bytes; one range of them can be asked for`,
      'range',
    );
  }
  return reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${bytes.length}`)
    .send(bytes.subarray(start, end + 1));
}

/** `BALANCE:desc,NAME` */
export function orderOf(text: string | undefined, view: View): SortField[] | null {
  const names = namesOf(text, 'order');
  return (
    names?.map((name) => {
      const [, field = name, order] = /^(.*?)(?::(asc|desc))?$/i.exec(name) ?? [];
      const by = view.operand(field, 'OVP_OPTION_SORT', 'order');
      return { by, order: order?.toLowerCase() === 'desc' ? 'desc' : 'asc' };
    }) ?? null
  );
}
