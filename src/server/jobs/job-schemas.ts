/**
 * What requests for loads and jobs may have and answers are, as `schemas.ts` has it for the others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { JOB_STATES } from './job.js';
import { FORMATS, NULS, OCCURS } from './load-request.js';
import { json, name, params, problem, problems, query, where } from '../schemas.js';
import { MODES } from '../catalog/targets.js';

const text = { type: 'string' };
const integer = { type: 'integer', minimum: 0 };
const moment = { type: ['string', 'null'], format: 'date-time' };
const id = {
  type: 'string',
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
  description: 'Number of the job',
};
const names = (description: string): object => ({
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: 200 },
  minItems: 1,
  maxItems: 1000,
  description,
});
const job = json('The job', { $ref: '#/components/schemas/Job' });
const started = {
  ...job,
  headers: { location: { description: 'The address of the job', schema: { type: 'string' } } },
};

export const targetsSchema = {
  operationId: 'listTargets',
  summary: 'Where records may be loaded to',
  querystring: query({}),
  response: {
    '200': json('The targets', {
      type: 'object',
      properties: { targets: { type: 'array', items: { $ref: '#/components/schemas/Target' } } },
      required: ['targets'],
    }),
    ...problems,
  },
};

export const loadSchema = {
  operationId: 'startLoad',
  summary: 'Starts a load of the records into a target of the catalog',
  params: params({ name }),
  querystring: query({}),
  headers: {
    type: 'object',
    properties: {
      'idempotency-key': {
        type: 'string',
        pattern: '^[!-~]{1,255}$',
        description: 'A text of your own: the same request with the same text has the same job',
      },
    },
  },
  body: {
    type: 'object',
    properties: {
      target: { type: 'string', minLength: 1, maxLength: 64, description: 'Name of the target' },
      table: {
        type: 'string',
        pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,62}$',
        description:
          "The table, collection or file (without its end); default the record's name, of files the data set's",
      },
      format: { type: 'string', enum: FORMATS, description: 'Of files; default jsonl' },
      select: names('Only these items'),
      where,
      skip: { type: 'integer', minimum: 0, maximum: 1e14, description: 'Records left out at the start' },
      limit: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Records at most' },
      mode: {
        type: 'string',
        enum: MODES,
        description: 'Rows are added, replace those with the same key, or replace all others',
      },
      key: names(
        'Items that tell one record from another; for upsert and stores, where it is not the key of the data set',
      ),
      occurs: { type: 'string', enum: OCCURS, description: 'Tables of the copybook as columns or as tables' },
      nul: { type: 'string', enum: NULS, description: 'What becomes of U+0000, which PostgreSQL can not store' },
      again: { type: 'boolean', description: 'Loads a file that was loaded before' },
      dryRun: { type: 'boolean', description: 'Everything is read and nothing changed' },
    },
    required: ['target'],
    additionalProperties: false,
    examples: [{ target: 'warehouse', table: 'account', mode: 'upsert', key: ['ACCT-ID'] }],
  },
  response: { '202': started, ...problems, '413': problem, '415': problem, '422': problem },
};

export const jobsSchema = {
  operationId: 'listJobs',
  summary: 'Your jobs, the newest first',
  querystring: query({
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100, description: 'Jobs at most' },
  }),
  response: {
    '200': json('The jobs', {
      type: 'object',
      properties: { jobs: { type: 'array', items: { $ref: '#/components/schemas/Job' } } },
      required: ['jobs'],
    }),
    ...problems,
  },
};

export const jobSchema = {
  operationId: 'readJob',
  summary: 'A job as it is now',
  params: params({ id }),
  querystring: query({}),
  response: { '200': job, ...problems },
};

export const cancelSchema = {
  operationId: 'cancelJob',
  summary: 'Asks a job to end: 202 while it has not, 200 where it had',
  params: params({ id }),
  querystring: query({}),
  response: { '200': job, '202': job, ...problems },
};

export const eventsSchema = {
  operationId: 'watchJob',
  summary: 'What happens to a job, as server-sent events, until it has ended',
  params: params({ id }),
  querystring: query({}),
  headers: {
    type: 'object',
    properties: { 'last-event-id': { type: 'string', description: 'Number of the last event that was seen' } },
  },
  response: {
    '200': {
      description: 'Events `state` and `progress`, with JSON',
      content: { 'text/event-stream': { schema: text } },
    },
    '204': { description: 'There is nothing more to come' },
    ...problems,
  },
};

const progress = {
  type: ['object', 'null'],
  properties: {
    step: { type: 'string', enum: ['fingerprint', 'records', 'finish'] },
    records: integer,
    bytes: integer,
    size: integer,
    share: { type: 'number', minimum: 0, maximum: 1 },
    megabytesPerSecond: { type: 'number', minimum: 0 },
    secondsLeft: { type: ['integer', 'null'] },
    badValues: integer,
  },
  required: ['step', 'records', 'bytes', 'size', 'share', 'megabytesPerSecond', 'secondsLeft', 'badValues'],
  additionalProperties: false,
};

const result = {
  type: ['object', 'null'],
  properties: {
    records: integer,
    badValues: integer,
    table: text,
    load: { type: ['string', 'null'], description: 'Its number in overpunch.load of the target' },
    isResumed: { type: 'boolean' },
    inserted: integer,
    updated: integer,
    superseded: integer,
    rejected: integer,
    statements: { type: 'array', items: text },
    file: text,
    bytes: integer,
  },
  required: ['records', 'badValues'],
  additionalProperties: false,
};

/** Components of the document. */
export const JOB_COMPONENTS = {
  Target: {
    type: 'object',
    properties: {
      name: text,
      kind: { type: 'string', enum: ['postgres', 'mongodb', 'redis', 'folder'] },
      modes: { type: 'array', items: { type: 'string', enum: MODES } },
      tables: { type: ['array', 'null'], items: text, description: 'Those that may be loaded; null: any' },
    },
    required: ['name', 'kind', 'modes', 'tables'],
    additionalProperties: false,
  },
  Job: {
    type: 'object',
    properties: {
      id,
      kind: { type: 'string', enum: ['load'] },
      owner: text,
      dataset: text,
      target: text,
      request: { type: 'object' },
      leftOut: { type: 'array', items: text, description: 'Masked fields, which are not loaded' },
      state: { type: 'string', enum: JOB_STATES },
      created: { type: 'string', format: 'date-time' },
      started: moment,
      ended: moment,
      progress,
      result,
      problem: { anyOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'null' }] },
    },
    required: [
      'id',
      'kind',
      'owner',
      'dataset',
      'target',
      'request',
      'leftOut',
      'state',
      'created',
      'started',
      'ended',
      'progress',
      'result',
      'problem',
    ],
    additionalProperties: false,
  },
};
