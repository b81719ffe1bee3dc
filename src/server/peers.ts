/**
 * The packages that a service needs, loaded when one is made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { loadPeers } from '../peer.js';

export const VERSIONS = {
  fastify: '5',
  '@fastify/compress': '8',
  '@fastify/cors': '11',
  '@fastify/helmet': '13',
  '@fastify/multipart': '10',
  '@fastify/rate-limit': '11',
  '@fastify/swagger': '9',
  '@fastify/swagger-ui': '6',
  '@fastify/under-pressure': '9',
  jose: '6',
  'prom-client': '15',
};

/** @throws OverpunchError OVP_IO_PEER, which names all of them */
export const serverPeers = () =>
  loadPeers('The service', VERSIONS, async () => {
    const [fastify, compress, cors, helmet, multipart, rateLimit, swagger, swaggerUi, underPressure, jose, prometheus] =
      await Promise.all([
        import('fastify'),
        import('@fastify/compress'),
        import('@fastify/cors'),
        import('@fastify/helmet'),
        import('@fastify/multipart'),
        import('@fastify/rate-limit'),
        import('@fastify/swagger'),
        import('@fastify/swagger-ui'),
        import('@fastify/under-pressure'),
        import('jose'),
        import('prom-client'),
      ]);
    return {
      fastify: fastify.fastify,
      LogController: fastify.LogController,
      compress: compress.default,
      cors: cors.default,
      helmet: helmet.default,
      multipart: multipart.default,
      rateLimit: rateLimit.default,
      swagger: swagger.default,
      swaggerUi: swaggerUi.default,
      underPressure: underPressure.default,
      jose,
      prometheus: prometheus.default,
    };
  });

export type Peers = Awaited<ReturnType<typeof serverPeers>>;
