/**
 * A record's fields as they lie in it, each with its bytes: what a person looks at who follows a value to where it comes from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance } from 'fastify';
import { codePage } from '../../codepage/codepage.js';
import { type PlacedItem, placedItems } from '../../datasets/placed.js';
import { type SourceRecord, readRecords } from '../../datasets/records.js';
import { describeItem } from '../../layout/describe.js';
import type { ReadOptions } from '../../options.js';
import { itemOf } from '../../plan/schema.js';
import type { ServedDataset } from '../records/dataset.js';
import { fieldsSchema } from '../looking-schemas.js';
import { ServiceError } from '../problem.js';
import { type Service, answerSignal, datasetOf, isKnown, namesOf, numberOf } from '../service.js';
import { maskedText } from '../../schemas/protection.js';
import type { View } from '../access/view.js';

/** Items of a record that are told of: tables of tables may have more. */
const MOST_ITEMS = 10_000;
const UNSEEN = '·';

export function fieldRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/datasets/:name/records/:number/fields', { schema: fieldsSchema }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const number = numberOf((request.params as { number: string }).number);
    const select = view.select(namesOf((request.query as { select?: string }).select, 'select'), true);
    return dataset.file.use(async (state) => {
      if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
      const { signal, done } = answerSignal(reply, service.limits.answerTime);
      try {
        const found = await dataset.records(state, number, 1, undefined, signal);
        const reader = dataset.readerOf(found, { ...(select && { select }), signal });
        for await (const record of readRecords(reader)) {
          const { items, complete } = itemsOf(record, dataset, view);
          request.overpunch.records = 1;
          request.overpunch.badValues = record.faults.length;
          const bytes = view.isOpen ? Buffer.from(record.data.subarray(record.start, record.end)) : null;
          return reply.send({
            number: found.numbers[0],
            offset: found.offsets[0],
            length: record.end - record.start,
            bytes: bytes?.toString('hex').toUpperCase() ?? null,
            text: bytes && textOf(bytes, dataset.reading({})),
            items,
            complete,
          });
        }
        throw new ServiceError(404, 'OVP_SERVER_UNKNOWN_RECORD', `There is no record ${number}`, 'number');
      } finally {
        done();
      }
    });
  });
}

function itemsOf(record: SourceRecord, dataset: ServedDataset, view: View): { items: object[]; complete: boolean } {
  const items: object[] = [];
  for (const item of placedItems(record, dataset.reading({}).names ?? 'camel')) {
    if (item.kind === 'fault') continue;
    if (items.length === MOST_ITEMS) return { items, complete: false };
    items.push(itemJson(item, view));
  }
  return { items, complete: true };
}

function itemJson(item: Exclude<PlacedItem, { kind: 'fault' }>, view: View): object {
  const { kind, path, depth, node } = item;
  const described = itemOf(node);
  const { level = null, picture = null, usage = null, name } = described ? describeItem(described) : { name: item.key };
  const subscript = /\(\d+\)$/.exec(path)?.[0] ?? '';
  const mask = kind === 'field' ? view.masked.get(node.path) : undefined;
  const isMasked = mask !== undefined;
  const isConcealed = view.concealed.has(node.path);
  const fault = kind === 'group' || isMasked ? null : item.fault;
  const value = kind !== 'field' ? null : mask ? maskedText(item.value, mask, node.kind) : item.value;
  const isThere = kind === 'field' ? value !== null : kind === 'table' || item.value !== null;
  return {
    kind,
    path,
    name: name + subscript,
    depth,
    level,
    picture,
    usage,
    offset: kind === 'field' ? item.place.offset : null,
    length: kind === 'field' ? item.place.length : null,
    ...(kind === 'table' && { items: item.items }),
    state: isMasked ? 'masked' : fault ? 'bad' : isThere ? 'value' : 'null',
    value: typeof value === 'bigint' ? String(value) : value,
    reason: fault && (isConcealed ? 'masked' : fault.reason),
  };
}

/** A character for each byte. */
function textOf(bytes: Buffer, { encoding = 'ebcdic', codePage: name, newlines }: ReadOptions): string {
  const { toUnicode } = codePage(name ?? (encoding === 'ascii' ? 'latin-1' : '037'), newlines);
  let text = '';
  for (const byte of bytes) {
    const unit = toUnicode[byte]!;
    const character = unit < 0 ? UNSEEN : String.fromCharCode(unit);
    text += /[\p{C}\p{Z}]/u.test(character) && character !== ' ' ? UNSEEN : character;
  }
  return text;
}
