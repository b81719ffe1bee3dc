/**
 * One of several processes that serve at one address: it is told what to serve, and when to end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import cluster from 'node:cluster';
import type { FastifyInstance } from 'fastify';
import { OverpunchError } from '../../errors.js';
import type { Order, Report, Start } from './messages.js';
import type { ProcessMetrics, SharedMetrics } from './operations.js';
import { LIMITS } from '../service.js';
import { type StartOptions, startService } from '../start.js';

/**
 * Serves until it is told to end, or the process that looks after it is gone.
 * @throws OverpunchError those of {@link startService}, OVP_SERVER_NOT_READY
 */
export async function serveAsOneOf(options: StartOptions): Promise<void> {
  const told = listen();
  const { port, catalog, processes, mustBeReady } = await told.start;
  const limits = { ...LIMITS, ...options.limits };
  const service = await startService(
    catalog,
    // each counts for itself, and together they let through no more than one would
    // log lines of several processes come one by one, whole
    {
      log: process.stderr,
      ...options,
      port,
      limits: { ...limits, requestsPerMinute: Math.ceil(limits.requestsPerMinute / processes) },
    },
    { metrics: told.metrics, ...(mustBeReady && { prepare: beReady }) },
  );
  report({ kind: 'serving', address: service.address });
  await told.end;
  report({ kind: 'ending' });
  await service.close();
  await report({ kind: 'ended', metrics: await told.metrics.own() });
}

interface Told {
  readonly start: Promise<Start>;
  readonly end: Promise<void>;
  readonly metrics: SharedMetrics & { own(): Promise<ProcessMetrics> };
}

function listen(): Told {
  const asked = new Map<number, (text: string) => void>();
  let own: () => Promise<ProcessMetrics> = async () => [];
  let started: (start: Start) => void;
  let ended: () => void;
  const start = new Promise<Start>((resolve) => {
    started = resolve;
  });
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  process.on('message', (order: Order) => {
    switch (order.kind) {
      case 'start':
        return started(order);
      case 'end':
        return ended();
      case 'metrics':
        own().then((metrics) => report({ kind: 'metrics', id: order.id, metrics }));
        return;
      case 'gathered':
        asked.get(order.id)?.(order.text);
        asked.delete(order.id);
    }
  });
  process.on('SIGTERM', () => ended());
  // the one that looked after it is gone: it ends as if it had been told to, rather than at once
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.on('disconnect', () => ended());
  // these reach all processes of a terminal: what they mean is for the one that looks after this one to say
  process.on('SIGINT', () => {}).on('SIGHUP', () => {});
  report({ kind: 'here' });
  let last = 0;
  return {
    start,
    end,
    metrics: {
      own: () => own(),
      register: (mine) => {
        own = mine;
      },
      gather: () =>
        new Promise((resolve) => {
          const id = ++last;
          asked.set(id, resolve);
          report({ kind: 'gather', id });
        }),
    },
  };
}

function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, () => resolve());
    else resolve();
  });
}

async function beReady(app: FastifyInstance): Promise<void> {
  const { statusCode } = await app.inject({ url: '/readyz', headers: { host: 'localhost' } });
  if (statusCode !== 200)
    throw new OverpunchError('OVP_SERVER_NOT_READY', 'A data set can not be read: the log says which, and why');
}
