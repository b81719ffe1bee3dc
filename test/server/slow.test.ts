/**
 * Many callers that take their streams slowly, or not at all: the service's memory stays as it is, all get the right bytes in the
 * end, and who takes nothing is let go of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Command, isBuilt } from './command.js';
import { ask, folder, list, serve } from './served.js';

const canRun = isBuilt && process.platform === 'linux';

const CLIENTS = 200;
const RECORDS = 5 * list.length;
const PATH = '/v1/datasets/many/records';
const headers = { accept: 'application/x-ndjson' };
const data = Buffer.concat(list.map(({ bytes }) => bytes));
writeFileSync(join(folder, 'many.dat'), Buffer.concat(Array.from({ length: 5 }, () => data)));
const catalog = { datasets: { many: { data: 'many.dat', copybook: 'account.cpy' } } };
writeFileSync(join(folder, 'many.json'), JSON.stringify(catalog));

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

it.skipIf(!canRun)(
  '200 slow callers are served in flat memory, and get the right bytes',
  async () => {
    const expected = (await ask(await serve(catalog), PATH, { headers })).body;
    const served = new Command([join(folder, 'many.json'), '--port', '0']);
    const agent = new Agent({ maxSockets: CLIENTS });
    try {
      const address = await served.address();
      const memory = (): number =>
        1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${served.child.pid}/status`, 'utf8'))![1]);
      // 200 at once can be more than the event loop has time for: who is told so comes again, as any caller does
      const open = async (): Promise<IncomingMessage> => {
        const answer = await new Promise<IncomingMessage>((resolve, reject) =>
          get(`${address}${PATH}`, { headers, agent }, resolve).on('error', reject),
        );
        if (answer.statusCode !== 503) return answer;
        answer.resume();
        await pause(1000 * Number(answer.headers['retry-after']));
        return open();
      };
      // what the service needs for one caller is there
      for await (const _ of await open()) {
      }
      const before = memory();
      const answers = await Promise.all(Array.from({ length: CLIENTS }, open));
      expect(answers.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
      const places = answers.map(() => 0);
      let right = 0;
      const take = (i: number, chunk: Buffer | null): void => {
        if (!chunk) return;
        if (expected.compare(chunk, 0, chunk.length, places[i], places[i]! + chunk.length) === 0) right += chunk.length;
        places[i]! += chunk.length;
      };
      let most = 0;
      for (let round = 0; round < 20; round++) {
        await pause(100);
        answers.forEach((answer, i) => take(i, answer.read(4096) ?? answer.read()));
        most = Math.max(most, memory());
      }
      // without back-pressure it would be all that they are to get
      const all = CLIENTS * expected.length;
      expect(all).toBeGreaterThan(1.2e9);
      expect(places.every((place) => place < expected.length / 2)).toBe(true);
      expect(most - before).toBeLessThan(all / 3);
      await Promise.all(
        answers.map(async (answer, i) => {
          for await (const chunk of answer) take(i, chunk as Buffer);
        }),
      );
      expect(places.every((place) => place === expected.length)).toBe(true);
      expect(right).toBe(all);
      expect(memory() - before).toBeLessThan(all / 3);
    } finally {
      agent.destroy();
      served.kill('SIGKILL');
    }
  },
  120_000,
);

it('who takes nothing is let go of', async () => {
  const service = await serve(catalog, { idleTimeout: 1 });
  const { hostname, port, host } = new URL(service.address);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${headers.accept}\r\n\r\n`);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('readable', resolve));
  const connections = (): Promise<number> =>
    new Promise((resolve) => service.app.server.getConnections((_, count) => resolve(count)));
  expect(await connections()).toBe(1);
  await expect.poll(connections, { timeout: 20_000 }).toBe(0);
  // and it was not all
  let bytes = 0;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('data', (chunk) => (bytes += chunk.length));
  await closed;
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(RECORDS * 100);
});
