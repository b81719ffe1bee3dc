/**
 * Counts, sums and the like, by group.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../problem.js';
import { aggregateSchema } from '../schemas.js';
import { type Service, answerSignal, datasetOf, isKnown, namesOf } from '../service.js';

interface AggregateQuery {
  readonly group?: string;
  readonly where?: string;
  readonly count?: string;
  readonly sum?: string;
  readonly min?: string;
  readonly max?: string;
  readonly avg?: string;
  readonly limit?: number;
}

const GROUPS = 1000;
const MOST_GROUPS = 100_000;
/** Columns that one request may ask for. */
const MOST_COLUMNS = 64;
const NEWLINE = 10;

export function aggregateRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/datasets/:name/aggregate', { schema: aggregateSchema }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const query = request.query as AggregateQuery;
    const { where, limit = GROUPS } = query;
    if (limit > MOST_GROUPS)
      throw new ServiceError(400, 'OVP_SERVER_PARAMETER', `There are ${MOST_GROUPS} groups at most`, 'limit');
    if (where !== undefined) view.check(where);
    const fieldsOf = (text: string | undefined, parameter: string): string[] =>
      (namesOf(text, parameter) ?? []).map((name) => view.operand(name, 'OVP_OPTION_GROUP', parameter));
    const keys = fieldsOf(query.group, 'group');
    const kinds = (['sum', 'min', 'max', 'avg'] as const).map((kind) => ({
      kind,
      fields: fieldsOf(query[kind], kind),
    }));
    const counted = query.count === undefined || query.count === '' ? [] : fieldsOf(query.count, 'count');
    const columns = keys.length + counted.length + kinds.reduce((sum, { fields }) => sum + fields.length, 0);
    if (columns > MOST_COLUMNS)
      throw new ServiceError(400, 'OVP_SERVER_PARAMETER', `A request has ${MOST_COLUMNS} columns at most`, 'group');
    return dataset.file.use(async (state) => {
      if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
      const { signal, done } = answerSignal(reply, service.limits.answerTime);
      try {
        const groups = dataset.reader(state, { ...(where !== undefined && { where }), signal }).groupBy(keys);
        if (query.count === '' || (columns === keys.length && query.count === undefined)) groups.count();
        for (const field of counted) groups.count(field);
        for (const { kind, fields } of kinds) for (const field of fields) groups[kind](field);
        const lines: Buffer[] = [];
        await service.telemetry.phase(request, 'group', async () => {
          for await (const chunk of groups.toJsonLines()) lines.push(Buffer.from(chunk));
        });
        const { text, hasMore } = firstLines(Buffer.concat(lines), limit);
        const { records, badValues } = groups.summary;
        Object.assign(request.overpunch, { records, badValues });
        const rest = JSON.stringify({ hasMore, records, badValues });
        return reply
          .type('application/json')
          .send(Buffer.concat([Buffer.from('{"groups":['), text, Buffer.from(`],${rest.slice(1)}`)]));
      } finally {
        done();
      }
    });
  });
}

/** The first lines with commas between them. */
function firstLines(text: Buffer, count: number): { text: Buffer; hasMore: boolean } {
  let end = -1;
  for (let i = 0; i < count; i++) {
    const next = text.indexOf(NEWLINE, end + 1);
    if (next < 0) break;
    if (end >= 0) text[end] = 44;
    end = next;
  }
  return { text: text.subarray(0, Math.max(0, end)), hasMore: end + 1 < text.length };
}
