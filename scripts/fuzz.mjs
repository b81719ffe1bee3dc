/**
 * Builds and runs every fuzzer of native/fuzz/ under the address and undefined-behaviour sanitizers (clang, libFuzzer):
 *   node scripts/fuzz.mjs [SECONDS each, default 60]
 * What they find useful is kept in build/fuzz/ for the next run; a failing input is written there too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const seconds = Number(process.argv[2] ?? 60);
if (!(seconds >= 1)) fail('node scripts/fuzz.mjs [SECONDS]');
const core = readFileSync(join(root, 'native/sources.txt'), 'utf8')
  .split('\n')
  .map((line) => line.split('#')[0].trim())
  .filter((line) => line.startsWith('core/'))
  .map((line) => `native/${line}`);
const fuzzers = readdirSync(join(root, 'native/fuzz')).filter((name) => name.endsWith('_fuzz.c'));
if (fuzzers.length === 0) fail('native/fuzz/ has no fuzzers');

for (const fuzzer of fuzzers) {
  const name = fuzzer.replace(/\.c$/, '');
  const corpus = join(root, 'build/fuzz', `${name}.corpus`);
  const program = join(root, 'build/fuzz', name);
  mkdirSync(corpus, { recursive: true });
  const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'];
  const build = ['-std=c11', '-g', '-O1', ...sanitizers, '-Inative/include', '-Inative/core', ...core];
  run(process.env.CC ?? 'clang', [...build, `native/fuzz/${fuzzer}`, '-o', program], 'quiet');
  const limits = [`-max_total_time=${seconds}`, '-timeout=20', '-rss_limit_mb=2048', '-print_final_stats=0'];
  run(program, [corpus, ...limits, `-artifact_prefix=${join(root, 'build/fuzz')}/`], 'last line');
}

/** Runs a command; libFuzzer talks all the time, so only its last line is shown unless it fails. */
function run(command, args, how) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.error) fail(`${command}: ${done.error.message}`);
  if (done.status !== 0) {
    console.error(`${done.stdout}${done.stderr}`.split('\n').slice(-60).join('\n'));
    fail(`${command} ended with ${done.status ?? done.signal}`);
  }
  if (how === 'last line') console.log(`${command.split('/').pop()}: ${done.stderr.trim().split('\n').pop()}`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
