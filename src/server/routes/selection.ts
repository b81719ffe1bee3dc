/**
 * Records by their place in a selection, which is how a person scrolls: any part of millions, filtered and in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance } from 'fastify';
import { selectionSchema } from '../looking-schemas.js';
import { jsonRows, pageText } from '../records/rows.js';
import { type Service, datasetOf, isKnown, namesOf, withSignal } from '../service.js';
import { checkLimit, orderOf } from './records.js';

interface SelectionRequest {
  readonly select?: string;
  readonly where?: string;
  readonly order?: string;
  readonly from?: number;
  readonly limit?: number;
}

const PAGE = 100;
/** Bad values that are told of: a screen full of them. */
const FAULTS = 2000;

export function selectionRoutes(app: FastifyInstance, service: Service): void {
  app.get('/v1/datasets/:name/selection', { schema: selectionSchema }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const { select: names, where, order: by, from = 0, limit = PAGE } = request.query as SelectionRequest;
    checkLimit(limit, service);
    if (where !== undefined) view.check(where);
    const order = orderOf(by, view);
    const select = view.select(namesOf(names, 'select'), true);
    return dataset.file.use(async (state) => {
      if (isKnown(request, reply, state.identity, view, service.version)) return reply.send();
      const window = { from, limit, memory: service.limits.sortBytes };
      const { total, incomplete, found } = await service.telemetry.phase(request, 'find', () =>
        withSignal(reply, service, (signal) =>
          dataset.selections.records(dataset, state, { where, order }, window, signal),
        ),
      );
      const rows = await jsonRows(dataset, view, found, select, FAULTS);
      const { numbers } = found;
      Object.assign(request.overpunch, { records: numbers.length, badValues: rows.badValues });
      return reply.type('application/json').send(pageText(rows, { numbers, total, incomplete }));
    });
  });
}
