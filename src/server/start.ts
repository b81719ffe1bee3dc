/**
 * A service that listens: on loopback unless it is told otherwise, and wider only where it knows who asks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OverpunchError } from '../errors.js';
import { type ServiceOptions, answerProblem, restService } from './app.js';
import type { Catalog } from './catalog/catalog.js';
import { Drain } from './process/drain.js';
import { standardError } from './process/log.js';
import type { SharedMetrics } from './process/operations.js';
import { afterAnswers } from './process/exchange.js';
import { serverPeers } from './peers.js';
import { PROBLEM_TYPE, ServiceError, problemOf } from './problem.js';

export interface StartOptions extends ServiceOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 8080; 0: one that is free. */
  readonly port?: number;
  /** Listens wider than loopback though everybody is let in. */
  readonly insecure?: boolean;
  /** Seconds that a request may take to come in, body and all. Default 300. */
  readonly requestTimeout?: number;
  /** Seconds after which a connection is ended on which nothing moves: whoever takes nothing for so long has gone. Default 60. */
  readonly idleTimeout?: number;
  /** Where log lines go, as JSON; null: nowhere. Default standard error. */
  readonly log?: { write(line: string): unknown } | null;
}

export interface RunningService {
  readonly app: FastifyInstance;
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  /** Takes no more requests, and waits for those under way, at most so many milliseconds (default 30,000). */
  close(patience?: number): Promise<void>;
}

/** What a service does as one of several processes. */
export interface OneOfMany {
  /** Metrics of all of them. */
  readonly metrics?: SharedMetrics;
  /** Called before it listens. */
  prepare?(app: FastifyInstance): Promise<void>;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
/** Names that a browser on this machine calls it by; others are of pages that had theirs pointed here. */
const OWN_NAMES = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?$/i;
const HEADER_BYTES = 16_384;

/** @throws OverpunchError OVP_SERVER_OPEN, OVP_IO_LISTEN, and those of {@link restService} */
export async function startService(
  catalog: Catalog,
  options: StartOptions = {},
  { metrics, prepare }: OneOfMany = {},
): Promise<RunningService> {
  const {
    host = '127.0.0.1',
    port = 8080,
    insecure = false,
    requestTimeout = 300,
    idleTimeout = 60,
    log = standardError,
  } = options;
  const isOpen = catalog.keys.length === 0 && catalog.jwt === null;
  if (isOpen && !insecure && !LOOPBACK.test(host)) {
    throw new OverpunchError(
      'OVP_SERVER_OPEN',
      `Listening on ${host} would let everybody in: the catalog has neither keys nor jwt`,
      {
        hint: 'Add keys to it (overpunch serve --new-key NAME), or say --insecure.',
      },
    );
  }
  const { fastify, LogController } = await serverPeers();
  const app = fastify({
    logger:
      log === null
        ? false
        : { stream: log as { write(line: string): void }, serializers: { req: () => undefined as never } },
    logController: new LogController({ disableRequestLogging: true }),
    // options, even without any, make a child cost three times as much
    childLoggerFactory: (logger, bindings) => logger.child(bindings),
    requestTimeout: requestTimeout * 1000,
    connectionTimeout: idleTimeout * 1000,
    bodyLimit: 1 << 20,
    routerOptions: { maxParamLength: 1024 },
    genReqId: () => randomUUID(),
    http: {
      maxHeaderSize: HEADER_BYTES,
      requireHostHeader: false,
      headersTimeout: Math.min(10_000, requestTimeout * 1000),
      connectionsCheckingInterval: Math.min(5000, requestTimeout * 500),
    },
    clientErrorHandler: refuse,
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply),
  });
  const drain = new Drain();
  drain.watch(app);
  app.addHook('onRequest', (request, _, done) => {
    checkHost(request);
    if (isOpen && !insecure && !OWN_NAMES.test(request.headers.host ?? ''))
      throw new ServiceError(421, 'OVP_SERVER_HOST', 'This service answers to localhost only');
    done();
  });
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply));
  try {
    await app.register(await restService(catalog, options, { drain, ...(metrics && { metrics }) }));
    await prepare?.(app);
    // of two addresses of one name, the second would not be waited for at the end
    const address = await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
    return { app, address, close: (patience = 30_000) => drain.end(app, patience) };
  } catch (cause) {
    await app.close().catch(() => {});
    if (cause instanceof OverpunchError) throw cause;
    throw new OverpunchError('OVP_IO_LISTEN', `Can't listen on ${host}:${port}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Whom a request is for is said once: whoever stands before the service goes by what it says, too (RFC 9112, section 3.2).
 * @throws ServiceError 400
 */
function checkHost({ raw }: FastifyRequest): void {
  const { rawHeaders, headers, url = '', httpVersionMajor, httpVersionMinor } = raw;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === 4 && /^host$/i.test(rawHeaders[i]!)) hosts++;
  const isOld = httpVersionMajor === 1 && httpVersionMinor === 0;
  const isSame = url.startsWith('/') || url === '*' || authorityOf(url) === headers.host;
  if (httpVersionMajor < 1 || hosts > 1 || (hosts === 0 && !isOld) || !isSame)
    throw new ServiceError(400, 'OVP_SERVER_HOST', 'A request has one Host, which is that of its address');
}

function authorityOf(url: string): string | null {
  try {
    return new URL(url).host;
  } catch {
    return null;
  }
}

const CLIENT_ERRORS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** What is no request at all, or never becomes one. */
function refuse({ code }: Error & { code?: string }, socket: Socket): void {
  const cut = (): void => {
    socket.destroy();
  };
  if (code === 'ECONNRESET' || !socket.writable) cut();
  // requests of the same packet are on their way to their routes yet
  else setImmediate(() => afterAnswers(socket, () => (socket.writable ? refuseNow(socket, code) : cut()), cut));
}

function refuseNow(socket: Socket, code?: string): void {
  const problem = problemOf({ statusCode: CLIENT_ERRORS[code ?? ''] ?? 400 }, randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
