/**
 * The process that is measured: the service as it ships, or the route by hand. It tells its address, and what time and memory it took
 * since it was asked last:
 *   fork('service.js', [KIND, FOLDER])
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { join } from 'node:path';
import { readCatalog } from '../../src/server/catalog/catalog.js';
import { startService } from '../../src/server/start.js';
import { plainApp } from './plain.js';

export const KINDS = ['service', 'by hand, with hooks', 'by hand, bare'] as const;
export type Kind = (typeof KINDS)[number];

export interface Started {
  /** Where a page is, up to the number of records to skip. */
  readonly page: string;
  readonly address: string;
}

export interface Usage {
  /** Seconds of processor time. */
  readonly cpu: number;
  /** Bytes of memory now. */
  readonly rss: number;
}

const [kind, folder = ''] = process.argv.slice(2);
if (!process.send) throw new Error('nobody to tell');
let started: Started;
if (kind === 'service') {
  const { address } = await startService(await readCatalog(folder), {
    port: 0,
    limits: { requestsPerMinute: Number.MAX_SAFE_INTEGER },
  });
  started = { address, page: `${address}/v1/datasets/bench/records?limit=100&skip=` };
} else {
  const app = await plainApp(join(folder, 'bench.dat'), kind === 'by hand, with hooks');
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  started = { address, page: `${address}/records?limit=100&skip=` };
}
let before = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(before);
  before = process.cpuUsage();
  process.send!({ cpu: (user + system) / 1e6, rss: process.memoryUsage.rss() } satisfies Usage);
});
process.on('disconnect', () => process.exit());
process.send(started);
