/**
 * Builds the C core and its tests with CMake, and runs them by ctest:
 *   node scripts/test-core.mjs [--sanitize | --valgrind]
 * --sanitize builds with clang's address and undefined-behaviour sanitizers. $CC chooses another compiler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: { sanitize: { type: 'boolean', default: false }, valgrind: { type: 'boolean', default: false } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = process.env.CC ?? (flags.sanitize ? 'clang' : undefined);
const folder = join(
  root,
  'build',
  ['core', flags.sanitize && 'sanitize', flags.valgrind && 'valgrind', compiler].filter(Boolean).join('-'),
);
const configure = ['-S', root, '-B', folder, `-DCMAKE_BUILD_TYPE=${flags.sanitize ? 'Debug' : 'RelWithDebInfo'}`];
if (compiler) configure.push(`-DCMAKE_C_COMPILER=${compiler}`);
if (flags.sanitize) {
  configure.push('-DCMAKE_C_FLAGS=-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer');
}
if (flags.valgrind) configure.push('-DCMAKE_CROSSCOMPILING_EMULATOR=valgrind;-q;--error-exitcode=99;--leak-check=full');

run('cmake', configure, 'quiet');
run('cmake', ['--build', folder, '--parallel', String(availableParallelism())], 'quiet');
const test = ['--test-dir', folder, '--output-on-failure', '--no-tests=error'];
run('ctest', test, 'loud');

function run(command, args, how) {
  const quiet = how === 'quiet';
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: quiet ? 'pipe' : 'inherit' });
  if (done.error) fail(`${command}: ${done.error.message}`);
  if (quiet && done.status !== 0) console.error(`${done.stdout}${done.stderr}`);
  if (done.status !== 0) fail(`${command} ended with ${done.status ?? done.signal}`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
