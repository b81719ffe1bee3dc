/**
 * Loads, and the jobs that they are: started, looked at, listened to, ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Job, isEnded } from '../jobs/job.js';
import { cancelSchema, eventsSchema, jobSchema, jobsSchema, loadSchema, targetsSchema } from '../jobs/job-schemas.js';
import { loadWork } from '../jobs/load-job.js';
import { type LoadBody, planLoad, targetsFor } from '../jobs/load-request.js';
import { ServiceError } from '../problem.js';
import { type Service, datasetOf } from '../service.js';

/** Bytes of a request for a load. */
const BODY = 1 << 16;

export function jobRoutes(app: FastifyInstance, service: Service): void {
  const { jobs, targets } = service;

  app.get('/v1/targets', { schema: targetsSchema }, async (request) => ({
    targets: targetsFor(targets, request.overpunch.caller.roles).map((target) => ({
      name: target.name,
      kind: target.kind,
      modes: target.modes,
      tables: 'tables' in target ? target.tables : null,
    })),
  }));

  app.post('/v1/datasets/:name/loads', { schema: loadSchema, bodyLimit: BODY }, async (request, reply) => {
    const { dataset, view } = datasetOf(service, request);
    const { caller } = request.overpunch;
    const body = request.body as LoadBody;
    const plan = await planLoad(body, dataset, view, targets, caller.roles);
    const key = request.headers['idempotency-key'] as string | undefined;
    const job = await jobs.start(
      {
        kind: 'load',
        owner: caller.name,
        dataset: dataset.name,
        target: plan.target.name,
        request: { ...body },
        leftOut: plan.leftOut,
        idempotency: key === undefined ? null : { key, hash: hashOf([dataset.name, body]) },
      },
      loadWork(plan, { folder: service.folder, isServed: () => service.datasets.get(dataset.name) === dataset }),
    );
    return reply.code(202).header('location', `${app.prefix}/v1/jobs/${job.id}`).send(shown(job));
  });

  app.get('/v1/jobs', { schema: jobsSchema }, async (request) => {
    const { limit } = request.query as { limit: number };
    return { jobs: (await jobs.list(request.overpunch.caller.name, limit)).map(shown) };
  });

  app.get('/v1/jobs/:id', { schema: jobSchema }, async (request, reply) =>
    reply.header('cache-control', 'no-store').send(shown(await jobOf(service, request))),
  );

  app.delete('/v1/jobs/:id', { schema: cancelSchema }, async (request, reply) => {
    const job = await jobOf(service, request);
    if (isEnded(job)) return shown(job);
    return reply.code(202).send(shown(await jobs.cancel(job)));
  });

  app.get(
    '/v1/jobs/:id/events',
    // compressed they would wait for each other
    { schema: eventsSchema, config: { compress: false, isListener: true } as object },
    async (request, reply) => {
      const job = await jobOf(service, request);
      const seen = `${request.headers['last-event-id'] ?? ''}`;
      const after = /^\d{1,15}$/.test(seen) ? Number(seen) : 0;
      reply.header('cache-control', 'no-store');
      if (isEnded(job) && after >= job.event) return reply.code(204).send();
      // proxies that gather what they pass on must not
      reply.type('text/event-stream').header('x-accel-buffering', 'no');
      if (request.method === 'HEAD') return reply.send();
      return reply.send(jobs.listen(job, after));
    },
  );
}

/** The job that the address names. Another's is told of as one that is not there. */
async function jobOf({ jobs }: Service, request: FastifyRequest): Promise<Job> {
  const { id } = request.params as { id: string };
  const job = await jobs.get(id);
  if (job && job.owner === request.overpunch.caller.name) {
    request.overpunch.dataset = job.dataset;
    return job;
  }
  throw new ServiceError(404, 'OVP_SERVER_UNKNOWN_JOB', 'There is no job of this number', 'id');
}

function shown(job: Job): object {
  const { idempotency: _, event: _e, progressEvent: _p, changes: _c, ...rest } = job;
  return rest;
}

/** Of the values, whatever the order of their names. */
function hashOf(value: unknown): string {
  const sorted = (_: string, one: unknown): unknown =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one;
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('base64url');
}
