/**
 * What happens to jobs, by a plain HTTP client: events in order, a line that is lost and taken up again, slow and many listeners.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, truncateSync } from 'node:fs';
import { Agent, type IncomingMessage, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { type Job, MemoryJobStore } from '../../src/server/jobs/job.js';
import { JobEvents } from '../../src/server/jobs/job-events.js';
import { Jobs } from '../../src/server/jobs/jobs.js';
import { LIMITS } from '../../src/server/service.js';
import type { RunningService } from '../../src/server/start.js';
import { LENGTH } from '../keyed/accounts.js';
import { ask, datasets, folder, serve, write } from './served.js';

mkdirSync(join(folder, 'exports'));
write('huge.dat', '');
truncateSync(join(folder, 'huge.dat'), LENGTH * 100_000_000);
const huge = { data: 'huge.dat', copybook: 'account.cpy' };
const catalog = { datasets: { ...datasets, huge }, targets: { exports: { folder: 'exports', modes: ['truncate'] } } };

let service: RunningService;
beforeAll(async () => {
  service = await serve(catalog);
});

async function start(name: string, more: object = {}): Promise<string> {
  const { json } = await ask(service, `/v1/datasets/${name}/loads`, {
    method: 'POST',
    body: JSON.stringify({ target: 'exports', ...more }),
    headers: { 'content-type': 'application/json' },
  });
  return json.id;
}
const cancel = (id: string) => ask(service, `/v1/jobs/${id}`, { method: 'DELETE' });

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const listen = (id: string, headers: Record<string, string> = {}, to = service): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(`${to.address}/v1/jobs/${id}/events`, { agent, headers }, resolve).on('error', reject);
  });

interface Event {
  readonly id: number;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is what it is
  readonly data: any;
}

/** Events as they come. */
async function* events(response: IncomingMessage): AsyncGenerator<Event> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (field('id') !== '') yield { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) };
    }
  }
}
async function all(response: IncomingMessage): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of events(response)) found.push(event);
  return found;
}

it('come in order, until the job has ended', async () => {
  const id = await start('huge', { where: 'VISITS = 77' });
  const response = await listen(id);
  expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  expect(response.headers['content-encoding']).toBeUndefined();
  const found: Event[] = [];
  for await (const event of events(response)) {
    found.push(event);
    if (event.event === 'progress' && event.data.bytes > 0) await cancel(id);
  }
  const numbers = found.map((event) => event.id);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(found.filter(({ event }) => event === 'state').map(({ data }) => data.state)).toEqual([
    'waiting',
    'running',
    'cancelled',
  ]);
  expect(found.at(-1)!.data).toMatchObject({ id, state: 'cancelled', result: null, problem: null });
  expect(found.find(({ event }) => event === 'progress')!.data).toMatchObject({
    step: 'records',
    records: 0,
    badValues: 0,
  });
});

it('are taken up where the line was lost', async () => {
  const id = await start('huge', { where: 'VISITS = 77' });
  const first = await listen(id);
  let seen = 0;
  for await (const event of events(first)) {
    seen = event.id;
    if (event.event === 'progress') break;
  }
  first.destroy();
  await cancel(id);
  const rest = await all(await listen(id, { 'last-event-id': String(seen) }));
  expect(rest.every((event) => event.id > seen)).toBe(true);
  expect(rest.filter(({ event }) => event === 'state').map(({ data }) => data.state)).toEqual(['cancelled']);
  const last = rest.at(-1)!.id;
  // a browser asks no more after this
  expect((await listen(id, { 'last-event-id': String(last) })).statusCode).toBe(204);
  // whoever had seen nothing, or says what is no number, gets all that is kept
  for (const headers of [{}, { 'last-event-id': 'x1' }, { 'last-event-id': '-1' }] as Record<string, string>[]) {
    const states = (await all(await listen(id, headers))).filter(({ event }) => event === 'state');
    expect(states.map(({ data }) => data.state)).toEqual(['waiting', 'running', 'cancelled']);
  }
});

it('tell what a job came to', async () => {
  const found = await all(await listen(await start('fixed', { limit: 10 })));
  expect(found.at(-1)!.data).toMatchObject({ state: 'done', result: { records: 10, file: 'fixed.jsonl' } });
});

it('go to 1000 listeners, and to no more', async () => {
  const id = await start('huge', { where: 'VISITS = 77' });
  const lines = await Promise.all(Array.from({ length: 1000 }, () => listen(id)));
  expect(new Set(lines.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  const refused = await ask(service, `/v1/jobs/${id}/events`);
  expect([refused.status, refused.json.code]).toEqual([503, 'OVP_SERVER_BUSY']);
  expect(refused.headers.get('retry-after')).toBe('2');
  lines.pop()!.destroy();
  await expect
    .poll(async () => {
      const one = await listen(id);
      one.destroy();
      return one.statusCode;
    })
    .toBe(200);
  await cancel(id);
  const states = await Promise.all(lines.map(async (line) => (await all(line)).at(-1)!.data.state));
  expect(new Set(states)).toEqual(new Set(['cancelled']));
  expect(states).toHaveLength(999);
});

it('end with the service', async () => {
  const ending = await serve(catalog);
  const { json } = await ask(ending, '/v1/datasets/huge/loads', {
    method: 'POST',
    body: JSON.stringify({ target: 'exports', table: 'ending', where: 'VISITS = 77' }),
    headers: { 'content-type': 'application/json' },
  });
  const found = all(await listen(json.id, {}, ending));
  await sleep(50);
  await ending.close(10_000);
  expect((await found).at(-1)!.data.state).toBe('interrupted');
});

it('do not gather for a listener who takes none', async () => {
  const store = new MemoryJobStore();
  const hub = new JobEvents(store, 1, () => true);
  const at = new Date(0).toISOString();
  const problem = null;
  let job: Job = {
    ...{ id: 'a', kind: 'load', owner: 'o', dataset: 'd', target: 't', request: {}, leftOut: [], idempotency: null },
    ...{ state: 'running', created: at, started: at, ended: null, progress: null, result: null, problem },
    ...{ event: 1, progressEvent: 0, changes: [{ event: 1, state: 'running', at }] },
  };
  const stream = hub.listen(job, 0);
  const progress = { step: 'records', records: 0, size: 1e9, share: 0, megabytesPerSecond: 1 } as const;
  for (let event = 2; event < 10_000; event++) {
    job = {
      ...job,
      event,
      progressEvent: event,
      progress: { ...progress, bytes: event, secondsLeft: 1, badValues: 0 },
    };
    hub.tell(job);
  }
  expect(stream.readableLength).toBeLessThan(20_000);
  const changes = [...job.changes, { event: 10_000, state: 'done' as const, at }];
  hub.tell({ ...job, state: 'done', event: 10_000, changes, result: { records: 1, badValues: 0 } });
  const text = `${Buffer.concat(await stream.toArray())}`;
  // the last progress and the end are there for whoever takes them at last
  expect(text).toMatch(/id: 9999\nevent: progress\n.*\n\nid: 10000\nevent: state\ndata: .*"done"/);
  hub.close();
});

it('keeps what a job came to, though the store fails for a while', async () => {
  class Failing extends MemoryJobStore {
    failures = 0;
    override async put(job: Job): Promise<void> {
      if (job.state === 'running' || (job.state === 'done' && ++this.failures < 3)) throw new Error('no store');
      return super.put(job);
    }
  }
  const store = new Failing();
  const wrong: object[] = [];
  const jobs = new Jobs(store, LIMITS, { info: () => {}, error: (what) => wrong.push(what) });
  const what = {
    kind: 'load',
    owner: 'o',
    dataset: 'd',
    target: 't',
    request: {},
    leftOut: [],
    idempotency: null,
  } as const;
  const { id } = await jobs.start(what, async () => ({ records: 1, badValues: 0 }));
  await expect.poll(async () => (await store.get(id))!.state).toBe('done');
  expect(wrong).toHaveLength(3);
  await jobs.close();
});
