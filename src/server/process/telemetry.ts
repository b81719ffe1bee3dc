/**
 * Traces and metrics by OpenTelemetry's API, for the SDK that the process was started with. Without one there are none; the trace that a request belongs to is known all the same, for the log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Context, Histogram, Span } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OverpunchError } from '../../errors.js';

type Api = typeof import('@opentelemetry/api');

/** A request's place in a trace. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly id: string | null;
  readonly span: Span | null;
  readonly context: Context | null;
}

const NAME = 'overpunch';
/** Seconds, as the conventions for HTTP have them. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'];
/** Trace Context, version 00 or a later one, which begins alike. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

export class Telemetry {
  private readonly durations: Histogram | null;

  private constructor(
    private readonly api: Api | null,
    private readonly isTracing: boolean,
    private readonly version: string,
  ) {
    // without an SDK there is nobody to tell
    const meter = api?.metrics.getMeter(NAME, version);
    const isMeasuring = api && meter !== api.createNoopMeter();
    this.durations = isMeasuring
      ? meter!.createHistogram('http.server.request.duration', {
          description: 'Duration of HTTP server requests.',
          unit: 's',
          advice: { explicitBucketBoundaries: BOUNDARIES },
        })
      : null;
  }

  /** @throws OverpunchError OVP_IO_PEER where the package is there and can't be loaded */
  static async of(version: string, load: () => Promise<Api> = () => import('@opentelemetry/api')): Promise<Telemetry> {
    const api = await load().catch((cause: Error & { code?: string }) => {
      // nobody has to have it
      if (cause.code === 'ERR_MODULE_NOT_FOUND') return null;
      throw new OverpunchError('OVP_IO_PEER', `The package @opentelemetry/api can't be loaded: ${cause}`, {
        hint: 'Install it anew, or take it away.',
        cause,
      });
    });
    // without an SDK there is nothing to trace for
    const provider = api?.trace.getTracerProvider() as { getDelegateTracer?(name: string): unknown } | undefined;
    const isTracing = provider !== undefined && provider.getDelegateTracer?.(NAME) !== undefined;
    return new Telemetry(api, isTracing, version);
  }

  /** Begins the span of a request. */
  begin(request: FastifyRequest): Trace {
    const { api } = this;
    const { headers, method, raw } = request;
    const given = headers.traceparent === undefined ? null : (TRACEPARENT.exec(`${headers.traceparent}`)?.[1] ?? null);
    if (!api || !this.isTracing) return { id: given, span: null, context: null };
    const parent = api.propagation.extract(api.ROOT_CONTEXT, headers);
    const { url: route } = request.routeOptions;
    const name = METHODS.includes(method) ? method : 'HTTP';
    const span = api.trace.getTracer(NAME, this.version).startSpan(
      route === undefined ? name : `${name} ${route}`,
      {
        kind: api.SpanKind.SERVER,
        attributes: {
          'http.request.method': name === 'HTTP' ? '_OTHER' : method,
          ...(route !== undefined && { 'http.route': route }),
          'url.path': pathOf(request.url, route),
          'url.scheme': request.protocol,
          'client.address': request.ip,
          'network.protocol.version': raw.httpVersion,
          'overpunch.request': request.id,
        },
      },
      parent,
    );
    const { traceId } = span.spanContext();
    return {
      id: api.isValidTraceId(traceId) ? traceId : given,
      span,
      context: api.trace.setSpan(parent, span),
    };
  }

  /** Runs what follows as a part of it. */
  inside({ context }: Trace, action: () => void): void {
    if (this.api && context) this.api.context.with(context, action);
    else action();
  }

  /** Ends it. An answer that did not go out whole is an error, whatever its status says. */
  end({ span, context }: Trace, request: FastifyRequest, reply: FastifyReply, isWhole: boolean): void {
    const { api, durations } = this;
    if (!api || !(span || durations)) return;
    const { statusCode: status } = reply;
    const error = status >= 500 ? `${status}` : isWhole ? null : 'aborted';
    const what = {
      'http.response.status_code': status,
      ...(error !== null && { 'error.type': error }),
    };
    const { dataset, records, badValues, route } = request.overpunch;
    span?.setAttributes({
      ...what,
      ...(dataset !== null && { 'overpunch.dataset': dataset }),
      'overpunch.records': records,
      'overpunch.bad_values': badValues,
    });
    if (error !== null) span?.setStatus({ code: api.SpanStatusCode.ERROR });
    span?.end();
    durations?.record(
      reply.elapsedTime / 1000,
      {
        ...what,
        'http.request.method': METHODS.includes(request.method) ? request.method : '_OTHER',
        'url.scheme': request.protocol,
        ...(route.url !== undefined && { 'http.route': route.url }),
      },
      context ?? api.ROOT_CONTEXT,
    );
  }

  /** Does a part of a request's work, as a span of its own. */
  async phase<T>(request: FastifyRequest, name: string, action: () => Promise<T>): Promise<T> {
    const { api } = this;
    const { trace } = request.overpunch;
    if (!api || !trace?.context || !trace.span?.isRecording()) return action();
    const span = api.trace.getTracer(NAME, this.version).startSpan(name, {}, trace.context);
    try {
      return await action();
    } catch (error) {
      span.setAttribute('error.type', error instanceof OverpunchError ? error.code : 'internal');
      span.setStatus({ code: api.SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }
}

/** The address without what is asked for: a query and a key have data in them. */
function pathOf(url: string, route: string | undefined): string {
  const [path = ''] = url.split('?', 1);
  const at = route?.endsWith('/*') ? path.split('/', route.split('/').length - 1).join('/').length : -1;
  return at < 0 ? path : `${path.slice(0, at)}/*`;
}
