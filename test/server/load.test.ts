/**
 * Too much at once is refused, and those that look after the service are answered; what a caller began to read is in the log; the
 * end of a service cuts nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Agent, type IncomingMessage, get } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { RunningService, StartOptions } from '../../src/server/start.js';
import { agentOf, askOnce } from './caller.js';
import { ask, list, serve, write } from './served.js';

const data = Buffer.concat(list.map(({ bytes }) => bytes));
write('long.dat', Buffer.concat(Array.from({ length: 20 }, () => data)));
const LONG = '/v1/datasets/long/records';
const lines = { accept: 'application/x-ndjson' };
const start = (options: StartOptions): Promise<RunningService> =>
  serve({ datasets: { long: { data: 'long.dat', copybook: 'account.cpy' } } }, options);
/** An answer of which nothing is taken. */
const held = (service: RunningService, agent?: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(`${service.address}${LONG}`, { headers: lines, ...(agent && { agent }) }, resolve).on('error', reject);
  });
const metric = async (service: RunningService, name: string): Promise<string | undefined> =>
  `${(await ask(service, '/metrics')).body}`
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1];
const refused = { status: 503, code: 'OVP_SERVER_BUSY' };
/** What is written is sent as it is. */
const raw = ({ address }: RunningService, text: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let got = '';
    socket.on('data', (chunk) => (got += chunk)).on('close', () => resolve(got));
  });

it('requests at once', async () => {
  const service = await start({ limits: { requestsAtOnce: 1 } });
  const response = await held(service);
  const answer = await ask(service, '/v1/datasets');
  expect([answer.json, answer.headers.get('retry-after')]).toEqual([expect.objectContaining(refused), '2']);
  for (const path of ['/healthz', '/readyz']) expect((await ask(service, path)).status).toBe(200);
  expect(await metric(service, 'overpunch_http_requests_shed_total{reason="requests"}')).toBe('1');
  response.destroy();
  await expect.poll(async () => (await ask(service, '/v1/datasets')).status).toBe(200);
});

it('streams at once, of which pages are none', async () => {
  const service = await start({ limits: { streamsAtOnce: 1 } });
  const response = await held(service);
  expect((await ask(service, LONG, { headers: lines })).json).toMatchObject(refused);
  const body = data.subarray(0, 52);
  const sent = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body };
  expect((await ask(service, '/v1/datasets/long/decode', sent)).json).toMatchObject(refused);
  expect((await ask(service, LONG)).status).toBe(200);
  expect(await metric(service, 'overpunch_http_streams_under_way')).toBe('1');
  expect(await metric(service, 'overpunch_http_requests_shed_total{reason="streams"}')).toBe('2');
  response.destroy();
  await expect.poll(() => metric(service, 'overpunch_http_streams_under_way')).toBe('0');
  expect((await ask(service, `${LONG}?limit=1`, { headers: lines })).status).toBe(200);
  // what is wrong with a request takes no stream away
  for (let i = 0; i < 3; i++)
    expect((await ask(service, `${LONG}?where=BALANCE%3D%27`, { headers: lines })).status).toBe(400);
  expect(await metric(service, 'overpunch_http_streams_under_way')).toBe('0');
});

it('memory', async () => {
  const service = await start({ limits: { memoryBytes: 1 } });
  await expect.poll(async () => (await ask(service, '/v1/datasets')).json, { timeout: 10_000 }).toMatchObject(refused);
  expect((await ask(service, '/healthz')).status).toBe(200);
  expect(Number(await metric(service, 'overpunch_http_requests_shed_total{reason="rssBytes"}'))).toBeGreaterThan(0);
});

it('requests of a connection that ends in the middle of several are over', async () => {
  const service = await start({});
  const { hostname, port } = new URL(service.address);
  const one = `GET ${LONG} HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n\r\n`;
  const socket = connect(Number(port), hostname, () => socket.write(one.repeat(3)));
  await new Promise((resolve) => socket.once('data', resolve));
  expect(Number(await metric(service, 'overpunch_http_requests_under_way'))).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(() => metric(service, 'overpunch_http_requests_under_way')).toBe('0');
});

it('an answer that the caller leaves is in the log, as one that is not whole', async () => {
  const log: string[] = [];
  const service = await start({ log: { write: (line: string) => log.push(line) } });
  const response = await held(service);
  await new Promise((resolve) => response.once('data', resolve));
  response.destroy();
  const audits = (): { records: number }[] =>
    log.map((line) => JSON.parse(line)).flatMap(({ audit }) => (audit?.dataset ? [audit] : []));
  await expect.poll(audits).toMatchObject([{ status: 200, whole: false, dataset: 'long' }]);
  expect(audits()[0]!.records).toBeGreaterThan(0);
  await ask(service, LONG);
  await expect.poll(audits).toMatchObject([{}, { whole: true, records: 100 }]);
});

it('streams are not sent where half of one would look whole', async () => {
  const service = await start({});
  const text = await raw(service, `GET ${LONG} HTTP/1.0\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n`);
  expect(text).toMatch(/^HTTP\/1\.1 505 [\s\S]*OVP_SERVER_HTTP_VERSION/);
  expect(await raw(service, `GET ${LONG} HTTP/1.0\r\nHost: localhost\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
});

it('callers that come back while it ends are answered, and told to go', async () => {
  const service = await start({});
  const [agent, other] = [agentOf(1), agentOf(1)];
  // one connection is kept, another is busy
  expect((await askOnce(service.address, { path: LONG }, agent)).kind).toBe('answered');
  const response = await held(service, other);
  const closed = service.close();
  const connection = await new Promise<string>((resolve, reject) => {
    get(`${service.address}${LONG}`, { agent }, (late) => {
      late.resume().on('end', () => resolve(`${late.statusCode} ${late.headers.connection}`));
    }).on('error', reject);
  });
  expect(connection).toBe('200 close');
  await expect(ask(service, '/healthz')).rejects.toThrow();
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect([response.complete, bytes > data.length]).toEqual([true, true]);
  await closed;
});

it('of requests that came one upon the other, all that were read are answered while it ends', async () => {
  const service = await start({});
  const { hostname, port } = new URL(service.address);
  const one = `GET ${LONG}?limit=20000 HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n\r\n`;
  const socket = connect(Number(port), hostname, () => socket.write(one.repeat(4)));
  let text = '';
  const ended = new Promise((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('data', (chunk) => resolve((text += chunk))));
  await service.close();
  await ended;
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(4);
  expect(text.match(/\r\n0\r\n\r\n/g)).toHaveLength(4);
});
