/**
 * The service as a Fastify plugin, apart from listening: a service of one's own can mount it under a prefix.
 *
 *     const app = fastify();
 *     await app.register(await restService(catalog), { prefix: '/mainframe' });
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { packageRoot } from '../engine/native.js';
import { didYouMean } from '../errors.js';
import type { EngineChoice } from '../options.js';
import type { Catalog } from './catalog/catalog.js';
import { Drain } from './process/drain.js';
import { Exchange } from './process/exchange.js';
import { MemoryJobStore } from './jobs/job.js';
import { Jobs } from './jobs/jobs.js';
import { Live } from './catalog/live.js';
import { Load } from './process/load.js';
import { openApiDocument } from './openapi.js';
import { Operations, type SharedMetrics } from './process/operations.js';
import { refuseCrossSite } from './access/origin.js';
import { type Peers, serverPeers } from './peers.js';
import { PROBLEM_TYPE, ServiceError, problemOf } from './problem.js';
import { aggregateRoutes } from './routes/aggregate.js';
import { datasetRoutes } from './routes/datasets.js';
import { decodeRoutes } from './routes/decode.js';
import { fieldRoutes } from './routes/fields.js';
import { jobRoutes } from './routes/jobs.js';
import { pageRoutes } from './routes/page.js';
import { recordRoutes } from './routes/records.js';
import { selectionRoutes } from './routes/selection.js';
import { statisticsRoutes } from './routes/statistics.js';
import { uploadRoutes } from './routes/uploads.js';
import { LIMITS, type Limits, type Service } from './service.js';
import { Audit, type AuditRow } from './store/audit.js';
import { Telemetry } from './process/telemetry.js';
import { StoredJobs } from './store/jobs.js';
import { Uploads } from './uploads/uploads.js';

export interface ServiceOptions {
  readonly limits?: Partial<Limits>;
  readonly engine?: EngineChoice;
  /** Origins that browsers may call from; none by default. */
  readonly cors?: readonly string[];
}

/** What a service that listens has to do with its routes. */
interface Surroundings {
  readonly drain?: Drain;
  readonly metrics?: SharedMetrics;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Nobody needs to be known for it. */
    isPublic?: boolean;
  }
}

const PUBLIC = ['/healthz', '/readyz', '/openapi.json', '/docs'];

/**
 * Makes the plugin. Everything that a catalog can have wrong is found here.
 * @throws OverpunchError OVP_IO_PEER, and those of the catalog's copybooks and files
 */
export async function restService(
  catalog: Catalog,
  options: ServiceOptions = {},
  { drain = new Drain(), metrics }: Surroundings = {},
): Promise<FastifyPluginAsync> {
  const peers = await serverPeers();
  const live = await Live.of(catalog, peers, options.engine);
  const datasets = live.registry;
  const { version } = JSON.parse(readFileSync(join(packageRoot()!, 'package.json'), 'utf8')) as {
    version: string;
  };
  const limits = { ...LIMITS, ...options.limits };
  const uploads =
    catalog.uploads &&
    (await Uploads.open(catalog, catalog.uploads, live, limits).catch(async (error: unknown) => {
      await live.close();
      throw error;
    }));
  const load = new Load(limits);
  const telemetry = await Telemetry.of(version);
  const { folder, targets } = catalog;
  return async (app) => {
    live.complain = (error, what) => app.log.error({ err: error }, what);
    const kept = live.store && new Audit(live.store, catalog.auditDays ?? 90, live.complain);
    const jobs = new Jobs(live.store ? new StoredJobs(live.store) : new MemoryJobStore(), limits, app.log);
    const service: Service = { folder, targets, jobs, datasets, uploads, limits, load, telemetry, version };
    const operations = new Operations(peers, datasets, drain, load);
    if (uploads) operations.watch(uploads);
    app.decorateRequest('overpunch', null as never);
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('x-request-id', request.id);
      const exchange = new Exchange(request, reply);
      const trace = telemetry.begin(request);
      exchange.trace = trace;
      request.overpunch = exchange;
      exchange.whenOver(() => {
        operations.count(request, reply);
        telemetry.end(trace, request, reply, reply.raw.writableFinished);
        const access = accessOf(request, reply);
        request.log.info({ audit: access }, 'access');
        if (kept) kept.add(rowOf(access));
      });
      telemetry.inside(trace, done);
    });
    app.addHook('onRoute', (route) => {
      const path = route.url.slice(app.prefix.length);
      if ([route.method].flat().every((method) => method === 'GET' || method === 'HEAD')) route.decompress = false;
      if (PUBLIC.includes(path) || path.startsWith('/docs/')) route.config = { ...route.config, isPublic: true };
    });
    await guards(app, peers, service, options);
    const identify = async ({ headers, params, overpunch }: FastifyRequest): Promise<void> => {
      await live.look((params as { name?: string } | undefined)?.name);
      if (overpunch.route.config.isPublic) {
        // what may be known of is for who asks, but nobody is refused
        overpunch.caller = await live.callerOf(headers).catch(() => overpunch.caller);
      } else overpunch.caller = await live.callerOf(headers);
    };
    const isForAll = !live.store && live.isOpen;
    app.addHook('onRequest', (request, _, done) => {
      refuseCrossSite(request, options.cors ?? []);
      if (isForAll) done();
      else identify(request).then(() => done(), done);
    });
    app.addHook('preValidation', (request, _, done) => {
      refuseUnknown(request);
      done();
    });
    app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply));
    app.setNotFoundHandler((request, reply) =>
      answerProblem(
        new ServiceError(404, 'OVP_SERVER_UNKNOWN_ROUTE', 'There is nothing at this address'),
        request,
        reply,
      ),
    );
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    const allowed = new Map<string, Set<string>>();
    app.addHook('onRoute', ({ url, method }) => {
      if (!url.startsWith(`${app.prefix}/v1/`)) return;
      const methods = allowed.get(url) ?? new Set<string>();
      for (const one of [method].flat()) methods.add(one);
      allowed.set(url, methods);
    });
    datasetRoutes(app, service);
    recordRoutes(app, service);
    aggregateRoutes(app, service);
    jobRoutes(app, service);
    selectionRoutes(app, service);
    fieldRoutes(app, service);
    statisticsRoutes(app, service);
    await app.register(async (inner) => decodeRoutes(inner, service));
    await app.register(async (inner) => uploadRoutes(inner, service, peers));
    for (const [url, methods] of [...allowed]) otherMethods(app, url.slice(app.prefix.length), [...methods]);
    operations.routes(app, metrics);
    pageRoutes(app);
    app.get('/openapi.json', { schema: { hide: true } as object }, async (request) =>
      openApiDocument(service, app.swagger() as unknown as Record<string, unknown>, request.overpunch.caller),
    );
    // before requests under way are waited for: those that listen to jobs end with them
    drain.whenBegun(() => jobs.close());
    app.addHook('onClose', async () => {
      await uploads?.close();
      await kept?.close();
      await live.close();
    });
  };
}

/** Who asked for what, and what came of it: a line of the log. */
function accessOf(request: FastifyRequest, reply: FastifyReply) {
  const { caller, dataset, records, badValues, trace, route } = request.overpunch;
  return {
    caller: caller.name,
    dataset,
    // the address without its query, which may have data in it
    route: route.url ?? null,
    method: request.method,
    status: reply.statusCode,
    // false where the caller went, or the answer was cut off
    whole: reply.raw.writableFinished,
    badValues,
    records,
    milliseconds: Math.round(reply.elapsedTime),
    address: request.ip,
    trace: trace?.id ?? undefined,
  };
}

/** The same as a catalog's database keeps it. */
function rowOf({ whole, badValues, trace: _, ...same }: ReturnType<typeof accessOf>): AuditRow {
  return { at: new Date().toISOString(), ...same, bad_values: badValues, whole: whole ? 1 : 0 };
}

/** What lies around every route. */
async function guards(
  app: FastifyInstance,
  peers: Peers,
  { limits, load, version }: Service,
  { cors }: ServiceOptions,
): Promise<void> {
  // TLS is its business who stands before the service, so is saying that there is no other way
  const headers = await headersOf(peers, {
    hsts: false,
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  });
  app.addHook('onRequest', (_, reply, done) => {
    reply.headers(headers);
    done();
  });
  if (cors && cors.length > 0)
    await app.register(peers.cors, { origin: [...cors], methods: ['GET', 'HEAD', 'POST', 'DELETE'] });
  if (limits.requestsPerMinute > 0)
    await app.register(peers.rateLimit, {
      max: limits.requestsPerMinute,
      timeWindow: 60_000,
      // said with each answer, they would take as long as all that is counted
      addHeadersOnExceeding: {
        'x-ratelimit-limit': false,
        'x-ratelimit-remaining': false,
        'x-ratelimit-reset': false,
      },
    });
  await load.watch(app, peers);
  await app.register(peers.compress, {
    global: true,
    threshold: 2048,
    encodings: ['gzip', 'deflate'],
    zlibOptions: { level: 1 },
    customTypes: /json|ndjson|text\/|vnd\.apache\.arrow/,
  });
  await app.register(peers.swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Overpunch', version, description: 'Mainframe data sets as their copybooks describe them.' },
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{}, { key: [] }, { token: [] }],
    },
  });
  await app.register(peers.swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { url: `${app.prefix}/openapi.json` },
  });
}

/** Headers that Helmet sets, which are the same for each answer: it is asked once, for it takes a fifth of the time of a small one. */
async function headersOf(
  { fastify, helmet }: Peers,
  options: FastifyHelmetOptions,
): Promise<Record<string, string | string[] | number | undefined>> {
  const app = fastify();
  app.get('/bare', (_, reply) => reply.send());
  await app.register(async (inner) => {
    await inner.register(helmet, options);
    inner.get('/', (_, reply) => reply.send());
  });
  const [bare, guarded] = [await app.inject('/bare'), await app.inject('/')];
  await app.close();
  return Object.fromEntries(Object.entries(guarded.headers).filter(([name]) => !(name in bare.headers)));
}

/** A parameter that nobody knows is an error, rather than an answer to another question; so is one in a body. */
function refuseUnknown({ query, body, overpunch }: FastifyRequest): void {
  const schema = (overpunch.route.schema ?? {}) as { querystring?: Schema; body?: Schema };
  const asked = knownOf(schema.querystring);
  if (asked) {
    refuseOthers(query, asked);
    refuseEndless(query, asked);
  }
  const sent = knownOf(schema.body);
  if (sent) refuseOthers(body, sent);
}

interface Schema {
  readonly properties?: Record<string, { readonly type?: unknown }>;
}
interface Known {
  readonly names: readonly string[];
  readonly integers: readonly string[];
}

/** By schema, of which every route has its own. */
const known = new WeakMap<Schema, Known>();

function knownOf(schema: Schema | undefined): Known | undefined {
  if (!schema?.properties) return undefined;
  let found = known.get(schema);
  if (!found) {
    const names = Object.keys(schema.properties);
    found = { names, integers: names.filter((name) => schema.properties![name]!.type === 'integer') };
    known.set(schema, found);
  }
  return found;
}

/** Infinity (1e400) has neither minimum nor maximum for what checks the rest. */
function refuseEndless(given: unknown, { integers }: Known): void {
  for (const name of integers) {
    const value = (given as Record<string, unknown>)[name];
    if (typeof value === 'string' && Math.abs(Number(value)) === Infinity)
      throw new ServiceError(400, 'OVP_SERVER_PARAMETER', 'There is no number as large as that', name);
  }
}

function refuseOthers(given: unknown, { names }: Known): void {
  if (typeof given !== 'object' || given === null) return;
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = didYouMean(name, names);
    const hint =
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${names.join(', ') || 'none here'}.`;
    throw new ServiceError(400, 'OVP_SERVER_PARAMETER', 'There is no such parameter', name.slice(0, 64), hint);
  }
}

/** Methods that an address does not have: 405, and OPTIONS says which it has. */
function otherMethods(app: FastifyInstance, url: string, methods: readonly string[]): void {
  const allow = [...new Set([...methods, 'OPTIONS'])].join(', ');
  app.route({
    method: app.supportedMethods.filter((method) => !methods.includes(method)),
    url,
    schema: { hide: true } as object,
    handler: async (request, reply) => {
      reply.header('allow', allow);
      if (request.method === 'OPTIONS') return reply.code(204).send();
      throw new ServiceError(405, 'OVP_SERVER_METHOD', `This address has ${allow}`);
    },
  });
}

export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id, request.method === 'POST' || request.overpunch?.isUploaded);
  if (problem.status >= 500) request.log.error({ err: error }, problem.code);
  // what is left of a body is not waited for
  if (problem.status === 413) reply.header('connection', 'close');
  if (problem.code === 'OVP_SERVER_BUSY') reply.header('retry-after', '2');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .removeHeader('etag')
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problem));
}
