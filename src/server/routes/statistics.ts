/**
 * What the values of fields are like.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance } from 'fastify';
import { statisticsOf } from '../../datasets/statistics.js';
import { walk } from '../../layout/item.js';
import type { ServedDataset } from '../records/dataset.js';
import { statisticsSchema } from '../looking-schemas.js';
import { ServiceError } from '../problem.js';
import { type Service, answerSignal, datasetOf, isKnown, namesOf } from '../service.js';
import type { View } from '../access/view.js';

const RECORDS = 10_000;
const MOST_FIELDS = 64;
/** Values that are kept in memory for one answer. */
const MOST_VALUES = 4_000_000;
const BATCH = 1000;

export function statisticsRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/datasets/:name/statistics', { schema: statisticsSchema }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const {
      fields: names,
      where,
      limit = RECORDS,
    } = request.query as {
      fields?: string;
      where?: string;
      limit?: number;
    };
    const { statisticsRecords: mostRecords, answerTime } = service.limits;
    if (limit > mostRecords)
      throw new ServiceError(400, 'OVP_SERVER_PARAMETER', `Statistics look at ${mostRecords} records at most`, 'limit');
    if (where !== undefined) view.check(where);
    const fields = fieldsOf(dataset, view, namesOf(names, 'fields'));
    return dataset.file.use(async (state) => {
      if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
      const { signal, done } = answerSignal(reply, answerTime);
      try {
        if (fields.length === 0) return reply.send({ fields: [], records: 0, complete: false });
        const batchRecords = Math.min(BATCH, limit);
        const condition = { ...(where !== undefined && { where }) };
        const reader = dataset.reader(state, { select: fields, ...condition, batchRecords, signal });
        const statistics = await statisticsOf(reader, fields, { records: limit, values: MOST_VALUES });
        request.overpunch.records = statistics.records;
        return reply.send(statistics);
      } finally {
        done();
      }
    });
  });
}

/** Paths of fields that the caller may learn the values of. */
function fieldsOf(dataset: ServedDataset, view: View, names: readonly string[] | null): string[] {
  const every = dataset.copybook.layout.records
    .flatMap(({ item }) => [...walk(item)])
    .filter((item) => item.kind !== 'group' && item.kind !== 'pointer' && !item.filler && view.has(item));
  if (!names)
    return every
      .map(({ path }) => path)
      .filter((path) => view.canUse(path))
      .slice(0, MOST_FIELDS);
  const paths = [...new Set(names.map((name) => view.operand(name, 'OVP_OPTION_GROUP', 'fields')))];
  if (paths.length > MOST_FIELDS)
    throw new ServiceError(400, 'OVP_SERVER_PARAMETER', `A request has ${MOST_FIELDS} fields at most`, 'fields');
  const group = paths.find((path) => every.every((item) => item.path !== path));
  if (group !== undefined)
    throw new ServiceError(400, 'OVP_SERVER_PARAMETER', `${group} is no field that has values`, 'fields');
  return paths;
}
