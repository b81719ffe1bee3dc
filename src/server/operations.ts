/**
 * What those who run a service look at: whether it lives, whether it can answer, how much it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Peers } from './peers.js';
import type { Registry } from './registry.js';

export class Operations {
  private readonly registry: InstanceType<Peers['prometheus']['Registry']>;
  private readonly durations: InstanceType<Peers['prometheus']['Histogram']>;
  /** By method, status and route, none of which the caller can make up. */
  private readonly durationOf = new Map<string, { observe(seconds: number): void }>();
  private readonly records: InstanceType<Peers['prometheus']['Counter']>;
  private isClosing = false;

  constructor(
    { prometheus }: Peers,
    private readonly datasets: Registry,
  ) {
    this.registry = new prometheus.Registry();
    prometheus.collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.durations = new prometheus.Histogram({
      name: 'overpunch_http_request_seconds',
      help: 'Time of requests',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
      registers,
    });
    this.records = new prometheus.Counter({
      name: 'overpunch_records_total',
      help: 'Records sent',
      labelNames: ['dataset'],
      registers,
    });
  }

  count(request: FastifyRequest, reply: FastifyReply): void {
    const { url: route = 'none' } = request.routeOptions;
    const key = `${request.method} ${reply.statusCode} ${route}`;
    let duration = this.durationOf.get(key);
    if (!duration) {
      duration = this.durations.labels({ method: request.method, route, status: reply.statusCode });
      this.durationOf.set(key, duration);
    }
    duration.observe(reply.elapsedTime / 1000);
    const { dataset, records } = request.overpunch;
    if (dataset !== null) this.records.inc({ dataset }, records);
  }

  routes(app: FastifyInstance): void {
    const hidden = { schema: { hide: true } as object };
    app.addHook('preClose', async () => {
      this.isClosing = true;
    });
    app.get('/healthz', hidden, async () => ({ status: 'ok' }));
    app.get('/readyz', hidden, async (request, reply) => {
      const failed: string[] = [];
      for (const dataset of this.datasets.all()) {
        try {
          (await dataset.file.hold()).release();
        } catch (error) {
          request.log.error({ err: error }, 'not ready');
          failed.push(dataset.name);
        }
      }
      if (!this.isClosing && failed.length === 0) return { status: 'ready' };
      return reply.code(503).send({ status: this.isClosing ? 'closing' : 'not ready' });
    });
    app.get('/metrics', hidden, async (_, reply) =>
      reply.type(this.registry.contentType).send(await this.registry.metrics()),
    );
  }
}
