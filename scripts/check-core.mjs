/**
 * The C core alone, without Node: every file of native/core compiles by itself with $CC, -std=c11 -Wall -Wextra -Werror,
 * and every symbol that it exports begins with ov_.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = process.env.CC || 'cc';
const sources = readFileSync(join(root, 'native/sources.txt'), 'utf8')
  .split('\n')
  .map((line) => line.split('#')[0].trim())
  .filter((line) => line.startsWith('core/') && line.endsWith('.c'));
if (sources.length === 0) fail('native/sources.txt names no core/*.c');

const folder = mkdtempSync(join(tmpdir(), 'overpunch-core-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const source of sources) {
  const object = join(folder, `${source.replaceAll('/', '-')}.o`);
  const flags = [
    '-std=c11',
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Inative/include',
    '-c',
    `native/${source}`,
    '-o',
    object,
  ];
  const run = spawnSync(compiler, flags, { cwd: root, encoding: 'utf8' });
  if (run.error) fail(`${compiler}: ${run.error.message}`);
  if (run.status !== 0) fail(`${compiler} ${flags.join(' ')}\n${run.stderr}`);

  const symbols = spawnSync('nm', ['-g', object], { encoding: 'utf8' });
  if (symbols.error) continue; // no nm (Windows): the other platforms check it
  for (const line of symbols.stdout.split('\n')) {
    const [, kind, name] = /^[0-9a-f]+ ([A-Z]) _?(\S+)$/.exec(line) ?? [];
    if (kind && !name.startsWith('ov_')) fail(`native/${source} exports ${name}; external symbols begin with ov_`);
  }
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
