/**
 * Pages of other origins: a browser sends what they ask it to, from a machine that may reach services which no one else can. What
 * changes something is not done for them (cross-site request forgery), unless their origin is one that may call the service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../problem.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @param allowed origins that may call the service @throws ServiceError 403 */
export function refuseCrossSite({ method, headers }: FastifyRequest, allowed: readonly string[]): void {
  if (SAFE.has(method)) return;
  const { origin, host } = headers;
  if (origin !== undefined && allowed.includes(origin)) return;
  const site = headers['sec-fetch-site'];
  // every browser sends the origin with what is no GET, those of today the site too; what is no browser sends neither
  const isOwn = site === undefined ? origin === undefined || hostOf(origin) === host : site === 'same-origin';
  if (isOwn || site === 'none') return;
  throw new ServiceError(
    403,
    'OVP_SERVER_CROSS_SITE',
    'Pages of other origins can not do this',
    undefined,
    'The service can be told of origins that may: --cors.',
  );
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null; // `null`, as pages out of files and sandboxes have it
  }
}
