/**
 * What goes on at the line: callers that go in the middle, bodies that never end, a service that is to stop while it streams, and
 * memory that stays flat.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readdirSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { ask, folder, list, serve } from './served.js';

const MEGABYTES = 60;
const data = Buffer.concat(list.map(({ bytes }) => bytes));
const large = join(folder, 'large.dat');
const COPIES = Math.ceil((MEGABYTES << 20) / data.length);
writeFileSync(large, Buffer.concat(Array.from({ length: COPIES }, () => data)));
const catalog = { datasets: { large: { data: 'large.dat', copybook: 'account.cpy' } } };
const PATH = '/v1/datasets/large/records';

const openStream = ({ address }: RunningService): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(`${address}${PATH}`, { headers: { accept: 'application/x-ndjson' } }, resolve).on('error', reject);
  });
/** How often this process has a file open. */
const handles = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;

it.skipIf(process.platform !== 'linux')('frees the file when the caller goes in the middle', async () => {
  const service = await serve(catalog);
  const response = await openStream(service);
  await new Promise((resolve) => response.once('data', resolve));
  expect(handles(large)).toBe(1);
  // another file lies there now: the old one is only held by the stream
  writeFileSync(`${large}.new`, data);
  renameSync(large, `${large}.old`);
  renameSync(`${large}.new`, large);
  expect((await ask(service, '/v1/datasets/large')).json.records).toBe(list.length);
  const held = (): number => handles(`${large}.old`);
  expect(held()).toBe(1);
  response.destroy();
  await expect.poll(held, { timeout: 10_000 }).toBe(0);
  renameSync(`${large}.old`, large);
});

it('goes no faster than the caller reads, in flat memory', async () => {
  const service = await serve(catalog);
  const response = await openStream(service);
  await new Promise((resolve) => response.once('readable', resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  // 60 MB of records are more than 150 MB of text: what waits is a few chunks and the buffers of the sockets
  expect(response.readableLength).toBeLessThan(1 << 20);
  const before = process.memoryUsage().rss;
  let [bytes, most] = [0, 0];
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    most = Math.max(most, process.memoryUsage().rss);
  }
  expect(bytes).toBeGreaterThan(2 * (MEGABYTES << 20));
  expect(most - before).toBeLessThan(120 << 20);
});

it('finishes streams when it is to stop', async () => {
  const service = await serve(catalog);
  const response = await openStream(service);
  await new Promise((resolve) => response.once('readable', resolve));
  const closed = service.close();
  let lines = 0;
  for await (const chunk of response) for (const byte of chunk as Buffer) if (byte === 10) lines++;
  await closed;
  expect(response.complete).toBe(true);
  expect(lines).toBe(COPIES * list.length);
  await expect(ask(service, '/healthz')).rejects.toThrow();
});

it('ends bodies that never do', async () => {
  const service = await serve(catalog, { requestTimeout: 1 });
  const { hostname, port } = new URL(service.address);
  const text = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /v1/datasets/large/decode HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\nslow`,
      );
    });
    let got = '';
    socket
      .on('data', (chunk) => (got += chunk))
      .on('close', () => resolve(got))
      .on('error', () => {});
  });
  expect(text).toMatch(/^(HTTP\/1\.1 408|$)/);
  expect((await ask(service, '/healthz')).status).toBe(200);
});

it('ends bodies that are larger than they may be', async () => {
  const service = await serve(catalog, { limits: { bodyBytes: 1000 } });
  const headers = { 'content-type': 'application/octet-stream' };
  const whole = await ask(service, '/v1/datasets/large/decode', { method: 'POST', body: Buffer.alloc(1040), headers });
  expect([whole.status, whole.json.code]).toEqual([413, 'OVP_SERVER_TOO_LARGE']);
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 40; i++) controller.enqueue(new Uint8Array(52));
      controller.close();
    },
  });
  const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
  await expect(
    ask(service, '/v1/datasets/large/decode', init).then(({ status }) =>
      status === 413 ? Promise.reject(new Error('413')) : status,
    ),
  ).rejects.toThrow();
});

it('limits how often one address asks', async () => {
  const service = await serve(catalog, { limits: { requestsPerMinute: 3 } });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await ask(service, '/healthz')).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect((await ask(service, '/healthz')).json).toMatchObject({ status: 429 });
});
