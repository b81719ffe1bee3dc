/**
 * What requests may have and answers are, as JSON Schema: requests are checked by it, and the OpenAPI document is made of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

export const problem = {
  description: 'What is wrong, as RFC 9457 has it',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
export const json = (description: string, schema: object): object => ({
  description,
  content: { 'application/json': { schema } },
});
const binary = { type: 'string', format: 'binary' };
export const problems = Object.fromEntries(
  ['400', '401', '403', '404', '406', '409', '410', '414', '429', '431', '500', '503'].map((status) => [
    status,
    problem,
  ]),
);
export const known = { '304': { description: 'Nothing has changed' } };

export const names = (description: string): object => ({ type: 'string', minLength: 1, maxLength: 4000, description });
export const select = names('Only these items, with commas between: `BALANCE,CUSTOMER.NAME`');
export const where = {
  type: 'string',
  minLength: 1,
  maxLength: 4000,
  description: "Only records for which this holds: `BALANCE > 1000 AND STATUS = 'A'`",
};
export const limit = {
  type: 'integer',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Records at most; a page has 100 without it',
};
export const name = { type: 'string', minLength: 1, maxLength: 64, description: 'Name of the data set' };
export const number = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,14}$',
  description: 'Number of the record in the file, from 1',
};

export const params = (properties: object): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
export const query = (properties: object): object => ({ type: 'object', properties, additionalProperties: false });

const page = { $ref: '#/components/schemas/Page' };

export const datasetsSchema = {
  operationId: 'listDatasets',
  summary: 'The data sets',
  querystring: query({}),
  response: {
    '200': json('The data sets', {
      type: 'object',
      properties: { datasets: { type: 'array', items: { $ref: '#/components/schemas/Dataset' } } },
      required: ['datasets'],
    }),
    ...problems,
  },
};

export const datasetSchema = {
  operationId: 'describeDataset',
  summary: 'A data set: its items with offsets, how many records, how it is read',
  params: params({ name }),
  querystring: query({}),
  response: { '200': json('The data set', { $ref: '#/components/schemas/Dataset' }), ...known, ...problems },
};

export const SCHEMA_FORMATS = ['json', 'avro', 'openapi', 'ddl', 'types'] as const;
export const DIALECT_NAMES = ['postgres', 'duckdb', 'sqlite', 'mysql', 'db2'] as const;

export const schemaSchema = {
  operationId: 'schemaOfDataset',
  summary: 'The schema of the records',
  params: params({ name }),
  querystring: query({
    format: {
      type: 'string',
      enum: SCHEMA_FORMATS,
      default: 'json',
      description: 'JSON Schema, Avro, OpenAPI component, CREATE TABLE, TypeScript',
    },
    dialect: { type: 'string', enum: DIALECT_NAMES, default: 'postgres', description: 'The database of ddl' },
  }),
  response: {
    '200': {
      description: 'The schema',
      content: {
        'application/schema+json': { schema: { type: 'object' } },
        'application/json': { schema: { type: 'object' } },
        'text/plain': { schema: { type: 'string' } },
      },
    },
    ...known,
    ...problems,
  },
};

export const recordsSchema = {
  operationId: 'listRecords',
  summary: 'Records: a page as JSON; all of them as JSON lines, CSV, Arrow or Parquet',
  params: params({ name }),
  querystring: query({
    select,
    where,
    order: names('Fields to order by: `BALANCE:desc,NAME`'),
    skip: { type: 'integer', minimum: 0, maximum: 1e14, description: 'Records left out at the start' },
    limit,
    cursor: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      description: 'Where the page begins: `next` of the page before',
    },
  }),
  response: {
    '200': {
      description: 'Records',
      content: {
        'application/json': { schema: page },
        'application/x-ndjson': { schema: { type: 'string' } },
        'text/csv': { schema: { type: 'string' } },
        'application/vnd.apache.arrow.stream': { schema: binary },
        'application/vnd.apache.parquet': { schema: binary },
      },
    },
    ...known,
    ...problems,
  },
};

export const recordSchema = {
  operationId: 'readRecord',
  summary: 'One record by its number',
  params: params({ name, number }),
  querystring: query({ select }),
  response: { '200': json('The record', { $ref: '#/components/schemas/Record' }), ...known, ...problems },
};

export const bytesSchema = {
  operationId: 'readRecordBytes',
  summary: 'The bytes of a record, without descriptor',
  params: params({ name, number }),
  querystring: query({}),
  headers: { type: 'object', properties: { range: { type: 'string', description: 'One range: `bytes=0-9`' } } },
  response: {
    '200': { description: 'All bytes', content: { 'application/octet-stream': { schema: binary } } },
    '206': { description: 'Some of them', content: { 'application/octet-stream': { schema: binary } } },
    '416': problem,
    ...known,
    ...problems,
  },
};

export const byKeySchema = {
  operationId: 'findRecords',
  summary: 'Records by the key of the data set; the values of several fields have slashes between',
  params: params({ name, '*': { type: 'string', minLength: 1, maxLength: 1000, description: 'The key' } }),
  querystring: query({ select, limit }),
  response: { '200': json('Records with this key', page), ...known, ...problems },
};

export const aggregateSchema = {
  operationId: 'aggregate',
  summary: 'Counts, sums, least, greatest and average values, by group',
  params: params({ name }),
  querystring: query({
    group: names('Fields to group by; without them there is one row, for all records'),
    where,
    count: { type: 'string', maxLength: 4000, description: 'Empty: records; or fields, of which values are counted' },
    sum: names('Fields to add up'),
    min: names('Fields'),
    max: names('Fields'),
    avg: names('Fields'),
    limit: { ...limit, description: 'Groups at most; 1000 without it' },
  }),
  response: {
    '200': json('Groups in order of their keys', { $ref: '#/components/schemas/Groups' }),
    ...known,
    ...problems,
    '422': problem,
  },
};

export const decodeSchema = {
  operationId: 'decode',
  summary: 'Records that are sent, as JSON lines',
  params: params({ name }),
  querystring: query({
    recfm: {
      type: 'string',
      enum: ['F', 'FB', 'V', 'VB', 'lines'],
      description: 'Record format, where it is not that of the data set',
    },
    lrecl: { type: 'integer', minimum: 1, maximum: 1e6, description: 'Length of a record of F and FB' },
    select,
    where,
  }),
  consumes: ['application/octet-stream'],
  body: { content: { 'application/octet-stream': { schema: binary } } },
  response: {
    '200': { description: 'JSON lines', content: { 'application/x-ndjson': { schema: { type: 'string' } } } },
    '408': problem,
    '413': problem,
    '415': problem,
    '422': problem,
    ...problems,
  },
};

export const uploadSchema = {
  operationId: 'uploadDataset',
  summary: 'Brings a data set: options, a copybook and a file, in this order',
  description:
    'With a name it is kept, where the catalog can keep it (`temporary` says so); else it goes when nobody has used it for an hour.',
  querystring: query({}),
  consumes: ['multipart/form-data'],
  body: {
    type: 'object',
    properties: {
      options: {
        type: 'object',
        description: 'As a data set of a catalog has them, and its name',
        properties: { name, title: { type: 'string' }, description: { type: 'string' }, recfm: { type: 'string' } },
        examples: [{ name: 'accounts', recfm: 'VB', key: ['ACCOUNT-NUMBER'] }],
      },
      copybook: { ...binary, description: 'At most 1 MiB' },
      data: binary,
    },
    required: ['copybook', 'data'],
  },
  response: {
    '201': {
      ...json('The data set', { $ref: '#/components/schemas/Dataset' }),
      headers: { location: { schema: { type: 'string' }, description: 'Its address' } },
    },
    ...problems,
    ...Object.fromEntries(['408', '413', '415', '422', '507'].map((status) => [status, problem])),
  },
};

export const removeSchema = {
  operationId: 'removeDataset',
  summary: 'Takes a data set away that was uploaded',
  params: params({ name }),
  querystring: query({}),
  response: { '204': { description: 'It is gone' }, ...problems },
};

/** Components of the document that are the same for all data sets. */
export const COMPONENTS = {
  Problem: {
    type: 'object',
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', examples: ['OVP_OPTION_CONDITION'] },
      instance: { type: 'string' },
      parameter: { type: 'string' },
      line: { type: 'integer', description: 'In a copybook' },
      column: { type: 'integer', description: 'In a condition or a copybook' },
      record: { type: 'integer' },
      offset: { type: 'integer' },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  },
  Dataset: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      title: { type: ['string', 'null'] },
      description: { type: ['string', 'null'] },
      records: { type: ['integer', 'null'], description: 'Records in the file; null where that is not known' },
      bytes: { type: 'integer' },
      modified: { type: 'string', format: 'date-time' },
      key: { type: 'array', items: { type: 'string' } },
      masked: { type: 'array', items: { type: 'string' } },
      temporary: { type: 'boolean', description: 'Of an uploaded one: whether it goes when it is not used' },
      options: { type: 'object' },
      layout: { type: 'object' },
    },
    required: ['name', 'title', 'description', 'key'],
  },
  Fault: {
    type: 'object',
    properties: {
      record: { type: 'integer' },
      offset: { type: 'integer' },
      field: { type: 'string' },
      reason: { type: 'string' },
      hex: { type: 'string' },
    },
    required: ['record', 'offset', 'field', 'reason', 'hex'],
  },
  Page: {
    type: 'object',
    properties: {
      records: { type: 'array', items: { $ref: '#/components/schemas/Record' } },
      numbers: {
        type: 'array',
        items: { type: 'integer' },
        description: 'Numbers of the records in the file; not where they are ordered',
      },
      next: { type: ['string', 'null'], description: 'The cursor of the next page; null at the end' },
      badValues: { type: 'integer', description: 'Values that could not be read: they are null' },
      faults: { type: 'array', items: { $ref: '#/components/schemas/Fault' }, description: 'The first 100 of them' },
    },
    required: ['records', 'next', 'badValues', 'faults'],
    additionalProperties: false,
  },
  Groups: {
    type: 'object',
    properties: {
      groups: { type: 'array', items: { type: 'object' } },
      hasMore: { type: 'boolean' },
      records: { type: 'integer' },
      badValues: { type: 'integer' },
    },
    required: ['groups', 'hasMore', 'records', 'badValues'],
  },
};
