/**
 * The route that one would write by hand, with this library's TypeScript engine and JSON.stringify: the bytes of a page are read,
 * decoded to objects, and written. It has no ETag, no masks, no list of faults, no cursor: only what cannot be left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { open } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { Copybook } from '../../src/index.js';
import { serverPeers } from '../../src/server/peers.js';
import { COPYBOOK, LENGTH } from './data.js';

/** The plugins that the service has around its routes, with the same settings; without `hooks` nothing but Fastify. */
export async function plainApp(data: string, hooks: boolean): Promise<FastifyInstance> {
  const { fastify, LogController, helmet, rateLimit, underPressure, compress } = await serverPeers();
  const app = fastify({
    logger: hooks ? { stream: process.stderr } : false,
    logController: new LogController({ disableRequestLogging: true }),
  });
  if (hooks) {
    await app.register(helmet, { hsts: false });
    await app.register(rateLimit, { max: Number.MAX_SAFE_INTEGER, timeWindow: 60_000 });
    await app.register(underPressure, { maxEventLoopDelay: 2000, exposeStatusRoute: false });
    await app.register(compress, { global: true, threshold: 2048, encodings: ['gzip', 'deflate'] });
    app.addHook('onResponse', async (request, reply) => {
      request.log.info({ route: request.routeOptions.url, status: reply.statusCode }, 'access');
    });
  }
  const file = await open(data);
  const decoder = Copybook.parse(COPYBOOK).decoder({ engine: 'ts' });
  app.get('/records', async (request, reply) => {
    const { skip = '0', limit = '100' } = request.query as { skip?: string; limit?: string };
    const bytes = Buffer.allocUnsafe(Number(limit) * LENGTH);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, Number(skip) * LENGTH);
    const records = [];
    for (let at = 0; at < bytesRead; at += LENGTH) records.push(decoder.decode(bytes.subarray(at, at + LENGTH)));
    return reply.type('application/json').send(JSON.stringify({ records }));
  });
  app.addHook('onClose', () => file.close());
  return app;
}
