/**
 * `overpunch catalog`, and a service on what it made: an upload that was answered is there, whatever happens to the service then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Command, command, isBuilt } from './command.js';
import { ACCOUNT, datasets, folder, list, write } from './served.js';

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'catalog', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

/** A service on this catalog, and where it is. */
async function serve(db: string): Promise<{ served: Command; address: string }> {
  const served = new Command([db, '--port', '0']);
  return { served, address: await served.address() };
}

describe.skipIf(!isBuilt || process.platform === 'win32')('the command', () => {
  it('makes, fills, changes and prints a catalog', async () => {
    const db = join(folder, 'command.db');
    expect(run('list').status).toBe(1);
    expect(run('export', db)).toMatchObject({ status: 4, stderr: expect.stringContaining('overpunch catalog init') });
    expect(run('init', 'catalog.json')).toMatchObject({ status: 2, stderr: expect.stringContaining('no address') });
    expect(run('init', db).status).toBe(0);
    expect(run('init', db).status).toBe(0);
    write('whole.json', JSON.stringify({ datasets, uploads: { roles: ['editor'] } }));
    // roles that nobody can have
    expect(run('import', db, join(folder, 'whole.json'))).toMatchObject({ status: 2 });
    const made = run('keys', 'add', db, 'nightly', '--roles', 'editor,clerk', '--expires', '2031-01-31');
    expect([made.status, made.stdout]).toEqual([0, expect.stringMatching(/^ovp_[A-Za-z0-9_-]{43}\n$/)]);
    expect(run('import', db, join(folder, 'whole.json'))).toMatchObject({ status: 0 });
    write('more.json', JSON.stringify({ ...datasets.fixed, roles: ['clerk'] }));
    expect(run('add', db, 'more', join(folder, 'more.json')).status).toBe(0);
    expect(run('add', db, 'a/b', join(folder, 'more.json')).status).toBe(2);
    expect(run('remove', db, 'varied').status).toBe(0);
    expect(run('remove', db, 'varied').status).toBe(2);
    const json = JSON.parse(run('export', db).stdout);
    expect(Object.keys(json.datasets)).toEqual(['fixed', 'more']);
    expect(json.keys).toEqual([
      { name: 'nightly', sha256: expect.any(String), roles: ['clerk', 'editor'], expires: '2031-01-31T00:00:00.000Z' },
    ]);
    // a service sees what the commands do
    const { served, address } = await serve(db);
    const ask = async (path: string): Promise<number> =>
      (await fetch(address + path, { headers: { 'x-api-key': made.stdout.trim() } })).status;
    expect(await ask('/v1/datasets/more')).toBe(200);
    expect(run('remove', db, 'more').status).toBe(0);
    expect(await ask('/v1/datasets/more')).toBe(404);
    expect(run('keys', 'revoke', db, 'nightly').status).toBe(0);
    expect(await ask('/v1/datasets')).toBe(401);
    expect(run('keys', 'revoke', db, 'nightly').status).toBe(2);
    const listed = run('keys', 'list', db).stdout;
    expect(JSON.parse(listed)).toMatchObject([{ name: 'nightly', revoked: expect.any(String) }]);
    expect(listed + served.said).not.toContain(made.stdout.trim());
    served.kill('SIGTERM');
    await served.ended;
  });

  it('keeps every upload that was answered, through kill -9', async () => {
    const home = join(folder, 'killed');
    mkdirSync(home);
    const db = join(home, 'catalog.db');
    write('open.json', JSON.stringify({ datasets: {}, uploads: {} }));
    run('init', db);
    run('import', db, join(folder, 'open.json'));
    const bytes = Buffer.concat(list.slice(0, 500).map((one) => one.bytes));
    const upload = async (address: string, name: string): Promise<number> => {
      const body = new FormData();
      body.append('options', JSON.stringify({ name }));
      body.append('copybook', new Blob([ACCOUNT]), 'c');
      body.append('data', new Blob([bytes as unknown as string]), 'd');
      return (await fetch(`${address}/v1/datasets`, { method: 'POST', body })).status;
    };
    const answered: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { served, address } = await serve(db);
      // several at once: the first that is answered has it killed in the middle of the others
      const all = Array.from({ length: 6 }, async (_, i) => {
        const name = `up-${round}-${i}`;
        const status = await upload(address, name).catch(() => 0);
        if (status === 201) answered.push(name);
        served.kill('SIGKILL');
      });
      await Promise.all([...all, served.ended]);
    }
    expect(answered.length).toBeGreaterThanOrEqual(3);
    const { served, address } = await serve(db);
    for (const name of answered) {
      const answer = await fetch(`${address}/v1/datasets/${name}`);
      expect(((await answer.json()) as { records: number }).records).toBe(500);
    }
    // whatever else is listed is whole, too
    const all = (await (await fetch(`${address}/v1/datasets`)).json()) as { datasets: { name: string }[] };
    for (const { name } of all.datasets)
      expect((await fetch(`${address}/v1/datasets/${name}/records?skip=499`)).status).toBe(200);
    const files = readdirSync(join(home, 'uploads')).filter((name) => name.endsWith('.dat'));
    expect(files.length).toBeGreaterThanOrEqual(all.datasets.length);
    for (const name of files) expect(readFileSync(join(home, 'uploads', name)).equals(bytes)).toBe(true);
    served.kill('SIGTERM');
    await served.ended;
    rmSync(home, { recursive: true });
  });
});
