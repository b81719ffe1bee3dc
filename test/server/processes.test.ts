/**
 * Several processes at one address: they are ended, killed and renewed in turn while callers ask, and no answer that began is not
 * finished; what can't start says why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { agentOf, askOnce, load } from './caller.js';
import { Command, isBuilt } from './command.js';
import { datasets, folder, list, write } from './served.js';

const data = Buffer.concat(list.map(({ bytes }) => bytes));
write('long.dat', Buffer.concat(Array.from({ length: 12 }, () => data)));
const path = join(folder, 'catalog.json');
const json = { datasets: { ...datasets, long: { data: 'long.dat', copybook: 'account.cpy' } } };
const lines = 'application/x-ndjson';
const QUESTIONS = [
  { path: '/v1/datasets/fixed/records?limit=200&skip=4000' },
  { path: '/v1/datasets/fixed/records', accept: lines },
  { path: '/v1/datasets/fixed/decode', body: data.subarray(0, 5000 * list[0]!.bytes.length) },
  { path: '/v1/datasets/fixed/by/17' },
  { path: '/v1/datasets/varied/records', accept: 'text/csv' },
  // some are under way for as long as it takes to end a process
  { path: '/v1/datasets/long/records', accept: lines, pace: 12 << 20 },
];

const serve = (...args: string[]): Command => {
  writeFileSync(path, JSON.stringify(json));
  return new Command([path, '--port', '0', '--rate-limit', '0', ...args]);
};

describe.skipIf(!isBuilt || process.platform !== 'linux')('several processes', () => {
  it('are ended and renewed under load, and no answer is cut', { timeout: 120_000 }, async () => {
    const command = serve('--processes', '3');
    const address = await command.address();
    const first = await command.serving(3);
    let isEnough = false;
    const asking = load(address, QUESTIONS, 9, () => isEnough);
    for (let round = 0; round < 6; round++) {
      await sleep(300);
      const serving = await command.serving(3);
      if (round % 3 === 2) command.kill('SIGHUP');
      else process.kill(serving[round % 3]!, 'SIGTERM');
      await command.another(serving);
    }
    await command.serving(3);
    isEnough = true;
    const { answered, cut, wrong } = await asking;
    expect(wrong).toEqual([]);
    expect(cut).toBe(0);
    expect(answered).toBeGreaterThan(100);
    // all of those that began are gone
    expect((await command.serving(3)).filter((pid) => first.includes(pid))).toEqual([]);
    expect(command.said).not.toContain('takes its place');
    command.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  it('are replaced when they are killed; answers that were cut look cut', { timeout: 120_000 }, async () => {
    const command = serve('--processes', '2');
    const address = await command.address();
    let isEnough = false;
    const asking = load(address, QUESTIONS, 6, () => isEnough);
    for (const pid of await command.serving(2)) {
      await sleep(700);
      process.kill(pid, 'SIGKILL');
      await command.hears(new RegExp(`process ${pid} was ended by SIGKILL; another takes its place`));
      await command.serving(2);
    }
    isEnough = true;
    const { cut, wrong } = await asking;
    // new connections that a process had taken and not answered yet go with it
    expect(wrong.filter((one) => !one.includes('ECONNRESET'))).toEqual([]);
    expect(cut).toBeGreaterThan(0);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('\noverpunch_process_deaths_total 2\n');
    command.kill('SIGINT');
    expect(await command.ended).toBe(0);
  });

  it('say what is wrong with a catalog that is read again, and go on', { timeout: 120_000 }, async () => {
    const command = serve('--processes', '2');
    const address = await command.address();
    const before = await command.serving(2);
    writeFileSync(path, '{"datasets":');
    command.kill('SIGHUP');
    await command.hears(/is not JSON[\s\S]+nothing was changed/);
    // what only a process finds, when it opens the data set
    write('broken.cpy', '       01  A PIC Q.\n');
    writeFileSync(path, JSON.stringify({ datasets: { broken: { data: 'fixed.dat', copybook: 'broken.cpy' } } }));
    command.kill('SIGHUP');
    await command.hears(/broken\.cpy:1[\s\S]+before it served[\s\S]+nothing was changed/);
    expect(command.processes()).toEqual(before);
    expect((await fetch(`${address}/v1/datasets/fixed`)).status).toBe(200);
    writeFileSync(path, JSON.stringify({ datasets: { renamed: datasets.fixed } }));
    command.kill('SIGHUP');
    await command.hears(/have taken the catalog over/);
    await command.serving(2);
    expect((await fetch(`${address}/v1/datasets/renamed`)).status).toBe(200);
    expect((await fetch(`${address}/v1/datasets/fixed`)).status).toBe(404);
    command.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  it('that can not start say why once, and with which code', { timeout: 60_000 }, async () => {
    const command = serve('--processes', '3');
    write('broken.cpy', '       01  A PIC Q.\n');
    writeFileSync(path, JSON.stringify({ datasets: { broken: { data: 'fixed.dat', copybook: 'broken.cpy' } } }));
    expect(await command.ended).toBe(2);
    expect(command.said.match(/broken\.cpy:1/g)).toHaveLength(1);
    expect(command.said).toMatch(/ended with exit code 2 before it served/);
  });

  it('do not take uploads and jobs that only one of them would know of', async () => {
    const command = serve('--processes', '2');
    mkdirSync(join(folder, 'out'), { recursive: true });
    writeFileSync(path, JSON.stringify({ ...json, uploads: {}, targets: { out: { folder: 'out' } } }));
    expect([await command.ended, command.said]).toEqual([2, expect.stringContaining('is for one process')]);
  });

  it('finish a stream before they end, and at once at the second signal', { timeout: 120_000 }, async () => {
    for (const [signals, kind, code] of [
      [1, 'answered', 0],
      [2, 'cut', 130],
    ] as const) {
      const command = serve('--processes', '2');
      const address = await command.address();
      const agent = agentOf(1);
      const answer = askOnce(address, { path: '/v1/datasets/long/records', accept: lines, pace: 8 << 20 }, agent);
      await sleep(500);
      for (let i = 0; i < signals; i++) {
        command.kill('SIGTERM');
        await sleep(100);
      }
      expect((await answer).kind).toBe(kind);
      expect(await command.ended).toBe(code);
      agent.destroy();
    }
  });

  it('end when the one that looks after them is killed', { timeout: 120_000 }, async () => {
    const command = serve('--processes', '2');
    await command.address();
    const left = await command.serving(2);
    command.kill('SIGKILL');
    await command.ended;
    const alive = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(() => left.filter(alive), { timeout: 20_000 }).toEqual([]);
  });
});
