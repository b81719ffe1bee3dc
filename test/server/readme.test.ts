/**
 * The README's curl lines as they are pasted, and its example of the client, against the demo.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DemoCatalog, demoCatalog } from '../../src/server/catalog/demo.js';
import { type RunningService, startService } from '../../src/server/start.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = readme.slice(readme.indexOf('\n## Serve'), readme.indexOf('\n## What is supported'));
const LINES = section.split('\n').filter((line) => line.startsWith('curl '));
const hasCurl = process.platform !== 'win32' && spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) console.error('skipped: curl lines (there is no curl)');

let demo: DemoCatalog;
let service: RunningService;
beforeAll(async () => {
  demo = await demoCatalog();
  service = await startService(demo.catalog, { port: 0, log: null });
});
afterAll(async () => {
  await service.close(1000);
  await demo.remove();
});

it('has some', () => expect(LINES.length).toBeGreaterThan(5));

it.skipIf(!hasCurl).each(LINES)('%s', async (line) => {
  const command = line
    .replaceAll('http://localhost:8080', service.address)
    .replace(/\bcurl /g, 'curl -fsS --noproxy "*" ');
  const { code, text } = await new Promise<{ code: number; text: string }>((resolve) => {
    execFile('sh', ['-c', command], { cwd: demo.catalog.folder }, (error, stdout) =>
      resolve({ code: error ? 1 : 0, text: stdout }),
    );
  });
  expect(code).toBe(0);
  expect(text).toMatch(/^(\{"(records|groups|branchCode)":|\d{10},)/);
  expect(text.length).toBeGreaterThan(12);
});

const built = new URL('../../dist/client/index.js', import.meta.url);
const isBuilt = existsSync(built);
if (!isBuilt) console.error('skipped: the example of the client (dist/ is not built)');

it.skipIf(!isBuilt)('has a program that goes as it is pasted', async () => {
  const [, program] = /```js\n([^`]+)```/.exec(section)!;
  const text = program!.replaceAll('http://localhost:8080', service.address).replace('overpunch/client', built.href);
  const run = execFile(process.execPath, ['--input-type=module', '-e', text]);
  let [said, wrong] = ['', ''];
  run.stdout!.on('data', (chunk) => (said += chunk));
  run.stderr!.on('data', (chunk) => (wrong += chunk));
  await new Promise((resolve) => run.on('close', resolve));
  expect(wrong).toBe('');
  expect(said).toMatch(/^\d+ [A-Z]{2}\n(\d{10} -\d+\.\d\d\n)+$/);
});
