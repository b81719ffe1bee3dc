/**
 * Records by their place in a selection, which is how a person scrolls: any part of millions, filtered and in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance } from 'fastify';
import { selectionSchema } from '../looking-schemas.js';
import { jsonRows } from '../rows.js';
import { type Service, answerSignal, datasetOf, isKnown, namesOf } from '../service.js';
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
      const { signal, done } = answerSignal(reply, service.limits.answerTime);
      try {
        const window = { from, limit, memory: service.limits.sortBytes };
        const selected = await dataset.selections.records(dataset, state, { where, order }, window, signal);
        const { total, incomplete, found } = selected;
        const { text, badValues, faults } = await jsonRows(dataset, view, found, {
          ...(select && { select }),
          maxFaults: FAULTS,
          signal,
        });
        Object.assign(request.overpunch, { records: found.numbers.length, badValues });
        const rest = JSON.stringify({ numbers: found.numbers, total, incomplete, badValues, faults });
        return reply
          .type('application/json')
          .send(Buffer.concat([Buffer.from('{"records":['), text, Buffer.from(`],${rest.slice(1)}`)]));
      } finally {
        done();
      }
    });
  });
}
