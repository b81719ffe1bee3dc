/**
 * Jobs of a catalog in a database, which several services are at: any of them answers for a job, and can ask for its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OverpunchClient } from '../../src/client/index.js';
import type { JobEvent } from '../../src/client/types.js';
import { openCatalog } from '../../src/server/catalog/opencatalog.js';
import { type RunningService, startService } from '../../src/server/start.js';
import { storeAddress } from '../../src/server/store/address.js';
import { Store } from '../../src/server/store/store.js';
import { importCatalog } from '../../src/server/store/transfer.js';
import { LENGTH } from '../keyed/accounts.js';
import { datasets, folder, write } from './served.js';

const at = join(folder, 'jobs.db');
const huge = { data: 'huge.dat', copybook: 'account.cpy' };
const services: RunningService[] = [];
let clients: OverpunchClient[];

async function serve(): Promise<OverpunchClient> {
  const service = await startService(await openCatalog(at, folder), { port: 0, log: null });
  services.push(service);
  return new OverpunchClient(service.address);
}
beforeAll(async () => {
  mkdirSync(join(folder, 'exports'));
  write('huge.dat', '');
  truncateSync(join(folder, 'huge.dat'), LENGTH * 100_000_000);
  const store = await Store.open(await storeAddress(at, folder), true);
  const targets = { exports: { folder: 'exports' } };
  await importCatalog(store, { datasets: { ...datasets, huge }, targets }, folder, 'test');
  await store.close();
  clients = [await serve(), await serve()];
});
afterAll(async () => {
  for (const service of services) await service.close(2000);
});

it('are one for one key, wherever it is asked', async () => {
  const request = { target: 'exports', table: 'one', limit: 5 };
  const jobs = await Promise.all(
    [0, 1, 0, 1].map((i) => clients[i]!.startLoad('fixed', request, { idempotencyKey: 'k' })),
  );
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  for (const client of clients) {
    let last: JobEvent | null = null;
    for await (const event of client.watch(jobs[0]!.id)) last = event;
    expect(last).toMatchObject({ state: 'done', result: { records: 5, file: 'one.jsonl' } });
    expect((await client.jobs())[0]!.id).toBe(jobs[0]!.id);
  }
});

it('are listened to at one service, and ended at it, while another does them', async () => {
  const [here, there] = clients as [OverpunchClient, OverpunchClient];
  const job = await here.startLoad('huge', { target: 'exports', table: 'two', where: 'VISITS = 77' });
  const states: string[] = [];
  let numbers: number[] = [];
  for await (const event of there.watch(job.id)) {
    numbers = [...numbers, event.event];
    if (event.type === 'state') states.push(event.state);
    else if (event.progress.bytes > 0) await there.cancel(job.id);
  }
  expect(states).toEqual(['waiting', 'running', 'cancelled']);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect((await here.job(job.id)).state).toBe('cancelled');
});

it('are known of when their service has ended', async () => {
  const job = await clients[0]!.startLoad('huge', { target: 'exports', table: 'three', where: 'VISITS = 77' });
  await expect.poll(async () => (await clients[1]!.job(job.id)).progress?.bytes ?? 0).toBeGreaterThan(0);
  await services[0]!.close(5000);
  expect((await clients[1]!.job(job.id)).state).toBe('interrupted');
});
