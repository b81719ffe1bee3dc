/**
 * The page to look at records, and the files that it is made of. They hold nothing of anybody's data, so nobody need be known to get them:
 * the page asks the same routes as everybody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../problem.js';

interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Scripts and styles are files of the service; the page speaks with it and nobody else, and stands in no other page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Names of files other than the page have a hash of what is in them. */
const FOREVER = 'public, max-age=31536000, immutable';

/** Where the build puts them, as seen from src/ and from dist/. */
const FOLDER = fileURLToPath(new URL('../../../dist/browser/', import.meta.url));

export function pageRoutes(app: FastifyInstance): void {
  const hidden = { schema: { hide: true } as object, config: { isPublic: true } };
  const index = existsSync(join(FOLDER, 'index.html')) ? fileOf(join(FOLDER, 'index.html')) : null;
  const assets = new Map<string, PageFile>();
  if (index)
    for (const name of readdirSync(join(FOLDER, 'assets'))) assets.set(name, fileOf(join(FOLDER, 'assets', name)));

  app.get('/', hidden, async (request, reply) => {
    if (!index) throw new ServiceError(404, 'OVP_SERVER_UNKNOWN_ROUTE', 'The page was not built: npm run build');
    const [path = '', query] = request.url.split('?');
    // what it names is relative to it
    if (!path.endsWith('/')) return reply.redirect(`${app.prefix}/${query === undefined ? '' : `?${query}`}`, 308);
    return answer(request, reply.header('content-security-policy', POLICY), index, 'no-cache');
  });

  app.get('/assets/:file', hidden, async (request, reply) => {
    const file = assets.get((request.params as { file: string }).file);
    if (!file) throw new ServiceError(404, 'OVP_SERVER_UNKNOWN_ROUTE', 'There is nothing at this address');
    return answer(request, reply, file, FOREVER);
  });
}

function answer(request: FastifyRequest, reply: FastifyReply, { bytes, type, etag }: PageFile, cached: string) {
  reply.header('etag', etag).header('cache-control', cached);
  const given = request.headers['if-none-match'];
  if (given?.split(',').some((one) => one.trim() === etag || one.trim() === '*')) return reply.code(304).send();
  return reply.type(type).send(bytes);
}

function fileOf(path: string): PageFile {
  const bytes = readFileSync(path);
  // weak: compressed or not, it is the same
  const etag = `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  return { bytes, type: TYPES[extname(path)] ?? 'application/octet-stream', etag };
}
