/**
 * Builds and runs every fuzzer of native/fuzz/ under the address and undefined-behaviour sanitizers (clang, libFuzzer):
 *   node scripts/fuzz.mjs [SECONDS each, default 60]
 * What they find useful is kept in build/fuzz/ for the next run; a failing input is written there too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const seconds = Number(process.argv[2] ?? 60);
if (!(seconds >= 1)) fail('node scripts/fuzz.mjs [SECONDS]');
const names = readdirSync(join(root, 'native/fuzz'))
  .filter((name) => name.endsWith('_fuzz.c'))
  .map((name) => name.replace(/\.c$/, ''));
if (names.length === 0) fail('native/fuzz/ has no fuzzers');

const built = join(root, 'build/cmake-fuzz');
run('cmake', ['--preset', 'fuzz']);
run('cmake', ['--build', built, '--parallel', String(availableParallelism()), '--target', ...names]);
for (const name of names) {
  const corpus = join(root, 'build/fuzz', name);
  mkdirSync(corpus, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, '-timeout=20', '-rss_limit_mb=2048'];
  const said = run(join(built, name), [corpus, ...limits, `-artifact_prefix=${corpus}-`]);
  console.log(`${name}: ${said.trim().split('\n').pop()}`);
}

/** Runs a command and returns what it said (libFuzzer says a lot); shows its end if it fails. */
function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.error) fail(`${command}: ${done.error.message}`);
  const said = `${done.stdout}${done.stderr}`;
  if (done.status !== 0) {
    console.error(said.split('\n').slice(-60).join('\n'));
    fail(`${command} ended with ${done.status ?? done.signal}`);
  }
  return said;
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
