/**
 * What those who run a service look at: whether it lives, whether it can answer, how much it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Drain } from './drain.js';
import { type Load, SHED } from './load.js';
import type { Peers } from '../peers.js';
import type { Registry } from '../catalog/registry.js';
import type { Uploads } from '../uploads/uploads.js';

/** Metrics of one process, as prom-client has them in JSON. */
export type ProcessMetrics = object[];
/** Metrics of several processes, of which this is one. */
export interface SharedMetrics {
  /** Where those of this one are to be had. */
  register(own: () => Promise<ProcessMetrics>): void;
  /** The text of /metrics. */
  gather(): Promise<string>;
}

export class Operations {
  private readonly registry: InstanceType<Peers['prometheus']['Registry']>;
  private readonly durations: InstanceType<Peers['prometheus']['Histogram']>;
  /** Those of a method, status and route, none of which the caller can make up. */
  private readonly durationOf = new Map<string, { observe(seconds: number): void }>();
  private readonly recordsOf = new Map<string, { inc(count: number): void }>();
  private readonly records: InstanceType<Peers['prometheus']['Counter']>;

  private readonly prometheus: Peers['prometheus'];

  constructor(
    { prometheus }: Peers,
    private readonly datasets: Registry,
    private readonly drain: Drain,
    load: Load,
  ) {
    this.prometheus = prometheus;
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
    new prometheus.Gauge({
      name: 'overpunch_http_requests_under_way',
      help: 'Requests that are being answered',
      registers,
      collect() {
        this.set(load.requests);
      },
    });
    new prometheus.Gauge({
      name: 'overpunch_http_streams_under_way',
      help: 'Streams that are being sent',
      registers,
      collect() {
        this.set(load.streams);
      },
    });
    new prometheus.Counter({
      name: 'overpunch_http_requests_shed_total',
      help: 'Requests refused because there was too much of what the label names',
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset();
        for (const reason of SHED) this.inc({ reason }, load.shed[reason]);
      },
    });
  }

  /** Says how much uploads take: of all processes that share their folder, each says the same. */
  watch(uploads: Pick<Uploads, 'usage'>): void {
    for (const what of ['bytes', 'files'] as const) {
      new this.prometheus.Gauge({
        name: `overpunch_upload_${what}`,
        help: `${what === 'bytes' ? 'Bytes' : 'Files'} of all uploads, those under way among them`,
        registers: [this.registry],
        aggregator: 'max',
        async collect() {
          this.set((await uploads.usage())[what]);
        },
      });
    }
  }

  count(request: FastifyRequest, reply: FastifyReply): void {
    const {
      dataset,
      records,
      route: { url: route = 'none' },
    } = request.overpunch;
    const key = `${request.method} ${reply.statusCode} ${route}`;
    let duration = this.durationOf.get(key);
    if (!duration) {
      duration = this.durations.labels({ method: request.method, route, status: reply.statusCode });
      this.durationOf.set(key, duration);
    }
    duration.observe(reply.elapsedTime / 1000);
    if (dataset === null) return;
    let counter = this.recordsOf.get(dataset);
    if (!counter) this.recordsOf.set(dataset, (counter = this.records.labels({ dataset })));
    counter.inc(records);
  }

  routes(app: FastifyInstance, shared?: SharedMetrics): void {
    shared?.register(() => this.registry.getMetricsAsJSON());
    const hidden = { schema: { hide: true } as object };
    app.addHook('preClose', () => {
      this.drain.begin();
      return this.drain.ended();
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
      const { isClosing } = this.drain;
      if (!isClosing && failed.length === 0) return { status: 'ready' };
      return reply.code(503).send({ status: isClosing ? 'closing' : 'not ready' });
    });
    app.get('/metrics', hidden, async (_, reply) => {
      const text = await (shared ? shared.gather() : this.registry.metrics());
      return reply.type(this.registry.contentType).send(text);
    });
  }
}
