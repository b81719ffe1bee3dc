/**
 * As `schemas.ts`, of the routes that are for people who look at records: selections, fields with their bytes, statistics.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { json, known, limit, name, names, number, params, problems, query, select, where } from './schemas.js';

export const selectionSchema = {
  operationId: 'listSelection',
  summary: 'Records by their place among those that a condition leaves, in an order',
  params: params({ name }),
  querystring: query({
    select,
    where,
    order: names('Fields to order by: `BALANCE:desc,NAME`'),
    from: { type: 'integer', minimum: 0, maximum: 1e14, description: 'The place of the first record, from 0' },
    limit,
  }),
  response: { '200': json('Records', { $ref: '#/components/schemas/Selection' }), ...known, ...problems },
};

export const fieldsSchema = {
  operationId: 'readRecordFields',
  summary: 'The groups, tables and fields of a record as they lie in it, and its bytes',
  params: params({ name, number }),
  querystring: query({ select }),
  response: { '200': json('The record', { $ref: '#/components/schemas/PlacedRecord' }), ...known, ...problems },
};

export const statisticsSchema = {
  operationId: 'statistics',
  summary: 'What the values of fields are like, in the first records',
  params: params({ name }),
  querystring: query({
    fields: names('Fields, with commas between; without it all, 64 at most'),
    where,
    limit: { ...limit, description: 'Records to look at, at most; 10,000 without it' },
  }),
  response: { '200': json('Statistics', { $ref: '#/components/schemas/Statistics' }), ...known, ...problems },
};

const count = { type: 'integer', minimum: 0 };
const textOrNull = { type: ['string', 'null'] };
const faults = { type: 'array', items: { $ref: '#/components/schemas/Fault' }, description: 'The first 2000 of them' };

export const LOOKING_COMPONENTS = {
  Selection: {
    type: 'object',
    properties: {
      records: { type: 'array', items: { $ref: '#/components/schemas/Record' } },
      numbers: { type: 'array', items: { type: 'integer' }, description: 'Numbers of the records in the file' },
      total: { ...count, description: 'Records of the whole selection' },
      incomplete: {
        type: ['integer', 'null'],
        description: "Bytes at the file's end that are no whole record; null where lengths vary",
      },
      badValues: { ...count, description: 'Values that could not be read: they are null' },
      faults,
    },
    required: ['records', 'numbers', 'total', 'incomplete', 'badValues', 'faults'],
    additionalProperties: false,
  },
  PlacedRecord: {
    type: 'object',
    properties: {
      number: { type: 'integer' },
      offset: { type: 'integer', description: 'Of its first byte in the file, descriptors of records left out' },
      length: { type: 'integer' },
      bytes: { ...textOrNull, description: 'Hexadecimal; null where fields are guarded' },
      text: {
        ...textOrNull,
        description: "A character a byte, by the data set's code page; · where there is none, or it is not seen",
      },
      items: { type: 'array', items: { $ref: '#/components/schemas/PlacedItem' } },
      complete: { type: 'boolean', description: 'False where the record has more than 10,000 items' },
    },
    required: ['number', 'offset', 'length', 'bytes', 'text', 'items', 'complete'],
  },
  PlacedItem: {
    type: 'object',
    properties: {
      kind: { enum: ['group', 'table', 'field'] },
      path: { type: 'string', examples: ['ACCOUNT.TRANSACTIONS(3).AMOUNT'] },
      name: { type: 'string' },
      depth: { ...count, description: 'Groups around it' },
      level: { type: ['integer', 'null'] },
      picture: textOrNull,
      usage: textOrNull,
      offset: { type: ['integer', 'null'], description: 'From the start of the record; null for groups and tables' },
      length: { type: ['integer', 'null'], description: 'Bytes that the record has of it' },
      items: { type: 'integer', description: 'Of a table' },
      state: { enum: ['value', 'null', 'bad', 'masked'] },
      value: { type: ['string', 'number', 'null'], description: 'As in the record' },
      reason: { ...textOrNull, description: 'Why it is bad' },
    },
    required: [
      'kind',
      'path',
      'name',
      'depth',
      'level',
      'picture',
      'usage',
      'offset',
      'length',
      'state',
      'value',
      'reason',
    ],
  },
  Statistics: {
    type: 'object',
    properties: {
      fields: { type: 'array', items: { $ref: '#/components/schemas/FieldStatistics' } },
      records: { ...count, description: 'Records that were looked at' },
      complete: { type: 'boolean', description: 'There are no more' },
    },
    required: ['fields', 'records', 'complete'],
  },
  FieldStatistics: {
    type: 'object',
    properties: {
      field: { type: 'string' },
      kind: { enum: ['text', 'integer', 'decimal', 'float'] },
      count,
      null: count,
      bad: count,
      min: textOrNull,
      max: textOrNull,
      mean: textOrNull,
      distinct: { type: ['integer', 'null'] },
      histogram: {
        type: ['array', 'null'],
        items: {
          type: 'object',
          properties: { from: { type: 'string' }, to: { type: 'string' }, count },
          required: ['from', 'to', 'count'],
        },
      },
      frequent: {
        type: ['array', 'null'],
        items: { type: 'object', properties: { value: { type: 'string' }, count }, required: ['value', 'count'] },
      },
    },
    required: ['field', 'kind', 'count', 'null', 'bad', 'min', 'max', 'mean', 'distinct', 'histogram', 'frequent'],
  },
};
