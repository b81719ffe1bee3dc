/**
 * The routes of the service, by the names that its document has for them: requests are made of this table and of nothing else, and
 * a test holds it against the document of a service that runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type {
  AggregateQuery,
  DecodeQuery,
  KeyQuery,
  LoadRequest,
  RecordQuery,
  RecordsQuery,
  SchemaQuery,
  SelectionQuery,
  StatisticsQuery,
} from './types.js';

export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` where a parameter goes. */
  readonly path: string;
  readonly query: readonly string[];
  readonly headers?: readonly string[];
  /** Names in a body of JSON. */
  readonly body?: readonly string[];
}

/** A list that has names of T only. */
const of =
  <T>() =>
  <const K extends readonly (keyof T)[]>(...names: K): K =>
    names;
const dataset = '/v1/datasets/{name}';

export const OPERATIONS = {
  listDatasets: { method: 'GET', path: '/v1/datasets', query: [] },
  uploadDataset: { method: 'POST', path: '/v1/datasets', query: [] },
  describeDataset: { method: 'GET', path: dataset, query: [] },
  removeDataset: { method: 'DELETE', path: dataset, query: [] },
  schemaOfDataset: { method: 'GET', path: `${dataset}/schema`, query: of<SchemaQuery>()('format', 'dialect') },
  listRecords: {
    method: 'GET',
    path: `${dataset}/records`,
    query: of<RecordsQuery>()('select', 'where', 'order', 'skip', 'limit', 'cursor'),
  },
  listSelection: {
    method: 'GET',
    path: `${dataset}/selection`,
    query: of<SelectionQuery>()('select', 'where', 'order', 'from', 'limit'),
  },
  readRecord: { method: 'GET', path: `${dataset}/records/{number}`, query: of<RecordQuery>()('select') },
  readRecordBytes: { method: 'GET', path: `${dataset}/records/{number}/bytes`, query: [], headers: ['range'] },
  readRecordFields: {
    method: 'GET',
    path: `${dataset}/records/{number}/fields`,
    query: of<RecordQuery>()('select'),
  },
  findRecords: { method: 'GET', path: `${dataset}/by/{*}`, query: of<KeyQuery>()('select', 'limit') },
  aggregate: {
    method: 'GET',
    path: `${dataset}/aggregate`,
    query: of<AggregateQuery>()('group', 'where', 'count', 'sum', 'min', 'max', 'avg', 'limit'),
  },
  statistics: {
    method: 'GET',
    path: `${dataset}/statistics`,
    query: of<StatisticsQuery>()('fields', 'where', 'limit'),
  },
  decode: {
    method: 'POST',
    path: `${dataset}/decode`,
    query: of<DecodeQuery>()('recfm', 'lrecl', 'select', 'where'),
  },
  listTargets: { method: 'GET', path: '/v1/targets', query: [] },
  startLoad: {
    method: 'POST',
    path: `${dataset}/loads`,
    query: [],
    headers: ['idempotency-key'],
    body: of<LoadRequest>()(
      'target',
      'table',
      'format',
      'select',
      'where',
      'skip',
      'limit',
      'mode',
      'key',
      'occurs',
      'nul',
      'again',
      'dryRun',
    ),
  },
  listJobs: { method: 'GET', path: '/v1/jobs', query: ['limit'] },
  readJob: { method: 'GET', path: '/v1/jobs/{id}', query: [] },
  cancelJob: { method: 'DELETE', path: '/v1/jobs/{id}', query: [] },
  watchJob: { method: 'GET', path: '/v1/jobs/{id}/events', query: [], headers: ['last-event-id'] },
} as const satisfies Record<string, Operation>;
