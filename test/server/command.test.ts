/**
 * `overpunch serve`: it says where it listens, stops when it is told to, and leaves nothing behind. What it can't load it says how to install.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPeers } from '../../src/peer.js';
import { Command, command, isBuilt } from './command.js';

const temporary = mkdtempSync(join(tmpdir(), 'overpunch-serve-test-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe.skipIf(!isBuilt || process.platform === 'win32')('the command', () => {
  it.each([[[]], [['--processes', '2']]])('serves the demo until SIGTERM %j', async (more) => {
    const served = new Command(['demo', '--port', '0', ...more], { TMPDIR: temporary });
    const address = await served.address();
    const answer = await fetch(`${address}/v1/datasets/accounts/records?limit=1&select=BALANCE`);
    expect(((await answer.json()) as { records: unknown }).records).toEqual([{ balance: '174.16' }]);
    expect(readdirSync(temporary)).toHaveLength(1);
    served.kill('SIGTERM');
    expect(await served.ended).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('makes keys whose hash alone is kept', () => {
    const { stdout, status } = spawnSync(process.execPath, [command, 'serve', '--new-key', 'night', '--roles', 'a,b'], {
      encoding: 'utf8',
    });
    const { key, entry } = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(entry).toEqual({ name: 'night', sha256: createHash('sha256').update(key).digest('hex'), roles: ['a', 'b'] });
  });

  it('says what is wrong with a catalog', () => {
    const { stderr, status } = spawnSync(process.execPath, [command, 'serve', 'nowhere.json'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([4, expect.stringContaining('The catalog nowhere.json could not be read')]);
  });
});

it('names all packages that it needs, in one command', async () => {
  const missing = loadPeers('The service', { fastify: '5', jose: '6' }, () =>
    Promise.reject(new Error('no such package')),
  );
  await expect(missing).rejects.toMatchObject({
    code: 'OVP_IO_PEER',
    hint: 'Install them: npm install fastify@5 jose@6',
  });
});
