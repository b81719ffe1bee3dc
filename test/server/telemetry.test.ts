/**
 * Spans and metrics of requests, as OpenTelemetry's conventions have them, seen by an SDK that is just large enough; and the trace
 * of a request in the log, with an SDK or without the package.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { get } from 'node:http';
import {
  type Attributes,
  type Context,
  type Meter,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  context,
  metrics,
  propagation,
  trace,
} from '@opentelemetry/api';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Telemetry } from '../../src/server/process/telemetry.js';
import { ask, clerk, guarded, list, serve, write } from './served.js';

interface Seen {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  readonly own: SpanContext;
  readonly attributes: Attributes;
  status: SpanStatusCode;
  ended: number;
}
interface Measured {
  readonly value: number;
  readonly attributes: Attributes;
}

const spans: Seen[] = [];
const measured: Measured[] = [];
const hex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');

const startSpan: Tracer['startSpan'] = (name, options = {}, parentContext = context.active()) => {
  const parent = trace.getSpanContext(parentContext);
  const seen: Seen = {
    name,
    kind: options.kind ?? SpanKind.INTERNAL,
    parent,
    own: { traceId: parent?.traceId ?? hex(32), spanId: hex(16), traceFlags: 1 },
    attributes: { ...options.attributes },
    status: SpanStatusCode.UNSET,
    ended: 0,
  };
  spans.push(seen);
  const span = {
    spanContext: () => seen.own,
    isRecording: () => seen.ended === 0,
    setAttribute: (key: string, value: string) => Object.assign(seen.attributes, { [key]: value }) && span,
    setAttributes: (more: Attributes) => Object.assign(seen.attributes, more) && span,
    setStatus: ({ code }: { code: SpanStatusCode }) => Object.assign(seen, { status: code }) && span,
    end: () => {
      seen.ended++;
    },
  } as unknown as Span;
  return span;
};
const storage = new AsyncLocalStorage<Context>();
trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as Tracer });
metrics.setGlobalMeterProvider({
  getMeter: () =>
    ({
      createHistogram: (name: string, { unit }: { unit: string }) => ({
        record: (value: number, attributes: Attributes) =>
          measured.push({ value, attributes: { ...attributes, name, unit } }),
      }),
    }) as unknown as Meter,
});
context.setGlobalContextManager({
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (inside, action, self, ...args) => storage.run(inside, () => action.apply(self, args)),
  bind: (_, target) => target,
  enable() {
    return this;
  },
  disable() {
    return this;
  },
});
propagation.setGlobalPropagator({
  inject: () => {},
  extract: (inside, carrier, { get: read }) => {
    const [, traceId, spanId] = /^00-(\w{32})-(\w{16})-01$/.exec(`${read(carrier, 'traceparent')}`) ?? [];
    return traceId && spanId
      ? trace.setSpanContext(inside, { traceId, spanId, traceFlags: 1, isRemote: true })
      : inside;
  },
  fields: () => ['traceparent'],
});
afterAll(() => {
  for (const api of [trace, metrics, context, propagation]) api.disable();
});
beforeEach(() => {
  spans.length = 0;
  measured.length = 0;
});

const PARENT = { id: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const traceparent = `00-${PARENT.id}-${PARENT.span}-01`;
const log: string[] = [];
const bytes = Buffer.concat(list.map((one) => one.bytes));
write('long.dat', Buffer.concat(Array.from({ length: 20 }, () => bytes)));
const long = { data: 'long.dat', copybook: 'account.cpy' };
const catalog = { ...guarded, datasets: { ...guarded.datasets, long } };
const start = () => serve(catalog, { log: { write: (line: string) => log.push(line) } });
const audits = (): { trace?: string }[] => log.map((line) => JSON.parse(line)).flatMap(({ audit }) => audit ?? []);
const served = (): Seen[] => spans.filter(({ kind }) => kind === SpanKind.SERVER);

it('has a span of a request, in the trace that the caller is in', async () => {
  const service = await start();
  log.length = 0;
  const path = '/v1/datasets/clients/records?limit=3&where=NAME%3D%27SECRETNAME%27';
  await ask(service, path, { key: clerk.key, headers: { traceparent } });
  await expect.poll(() => served()[0]?.ended).toBe(1);
  expect(served()).toEqual([
    {
      name: 'GET /v1/datasets/:name/records',
      kind: SpanKind.SERVER,
      parent: expect.objectContaining({ traceId: PARENT.id, spanId: PARENT.span }),
      own: expect.objectContaining({ traceId: PARENT.id }),
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/datasets/:name/records',
        'http.response.status_code': 200,
        'url.path': '/v1/datasets/clients/records',
        'url.scheme': 'http',
        'client.address': '127.0.0.1',
        'network.protocol.version': '1.1',
        'overpunch.request': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'overpunch.dataset': 'clients',
        'overpunch.records': 0,
        'overpunch.bad_values': 0,
      },
      status: SpanStatusCode.UNSET,
      ended: 1,
    },
  ]);
  expect(audits()).toMatchObject([{ trace: PARENT.id }]);
  expect(measured).toEqual([
    {
      value: expect.any(Number),
      attributes: {
        name: 'http.server.request.duration',
        unit: 's',
        'http.request.method': 'GET',
        'http.route': '/v1/datasets/:name/records',
        'http.response.status_code': 200,
        'url.scheme': 'http',
      },
    },
  ]);
});

it('has what takes long as spans below it', async () => {
  const service = await start();
  for (const path of ['by/17', 'records?order=BRANCH&limit=3', 'aggregate?group=BRANCH', 'aggregate?sum=CUST-NAME'])
    await ask(service, `/v1/datasets/fixed/${path}`, { key: clerk.key });
  await expect.poll(() => served().filter(({ ended }) => ended === 1).length).toBe(4);
  const below = served().map(({ own }) =>
    spans.filter(({ parent }) => parent?.spanId === own.spanId).map(({ name, status }) => [name, status]),
  );
  const fine = SpanStatusCode.UNSET;
  expect(below).toEqual([[['find', fine]], [['sort', fine]], [['group', fine]], [['group', SpanStatusCode.ERROR]]]);
  expect(spans.every(({ ended }) => ended === 1)).toBe(true);
});

it('says neither keys nor conditions, nor invents methods', async () => {
  const service = await start();
  await ask(service, '/v1/datasets/clients/by/17?select=NAME', { key: clerk.key });
  await ask(service, '/v1/datasets/fixed/by/17/4', { key: clerk.key });
  await ask(service, '/nothing/here?secret=1', { key: clerk.key });
  await expect.poll(() => served().filter(({ ended }) => ended === 1).length).toBe(3);
  expect(served().map(({ name, attributes }) => [name, attributes['url.path']])).toEqual([
    ['GET /v1/datasets/:name/by/*', '/v1/datasets/clients/by/*'],
    ['GET /v1/datasets/:name/by/*', '/v1/datasets/fixed/by/*'],
    ['GET', '/nothing/here'],
  ]);
});

it('has answers that fail or are cut as errors', async () => {
  const service = await start();
  await new Promise<void>((resolve) => {
    const headers = { accept: 'application/x-ndjson', 'x-api-key': clerk.key };
    get(`${service.address}/v1/datasets/long/records`, { headers }, (response) => {
      response.destroy();
      resolve();
    });
  });
  await expect.poll(() => served()[0]?.ended).toBe(1);
  expect(served()[0]).toMatchObject({ status: SpanStatusCode.ERROR, attributes: { 'error.type': 'aborted' } });
  expect(measured[0]?.attributes).toMatchObject({ 'error.type': 'aborted' });
});

it('a parent that is none is not taken over', async () => {
  const service = await start();
  log.length = 0;
  for (const one of ['00-xyz', `00-${'0'.repeat(32)}-${PARENT.span}-01`, `${traceparent}\u0041`])
    await ask(service, '/v1/datasets', { key: clerk.key, headers: { traceparent: one } });
  await expect.poll(() => audits().length).toBe(3);
  expect(audits().filter(({ trace: id }) => id === PARENT.id)).toEqual([]);
});

it('without the package there are none, and the log has the trace all the same', async () => {
  const gone = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  const telemetry = await Telemetry.of('1', () => Promise.reject(gone));
  const begin = (given: string) =>
    telemetry.begin({ headers: { traceparent: given } } as unknown as Parameters<typeof telemetry.begin>[0]);
  expect(begin(traceparent)).toEqual({ id: PARENT.id, span: null, context: null });
  expect(begin(`cc-${PARENT.id}-${PARENT.span}-01-later`).id).toBe(PARENT.id);
  for (const bad of [`ff-${PARENT.id}-${PARENT.span}-01`, `${traceparent}\r\n`, traceparent.toUpperCase(), ''])
    expect(begin(bad).id).toBeNull();
  await expect(Telemetry.of('1', () => Promise.reject(new Error('it is broken')))).rejects.toMatchObject({
    code: 'OVP_IO_PEER',
  });
});
