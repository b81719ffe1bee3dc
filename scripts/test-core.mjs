/**
 * Builds the C core and its tests with CMake, and runs them by ctest:
 *   node scripts/test-core.mjs [--sanitize | --valgrind | --arm]
 * --sanitize: with the address and undefined-behaviour sanitizers. --arm: compiled for 64-bit ARM and run by QEMU, where
 * there are a cross compiler and QEMU (Debian: gcc-aarch64-linux-gnu, qemu-user-static). $CC chooses another compiler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    sanitize: { type: 'boolean', default: false },
    valgrind: { type: 'boolean', default: false },
    arm: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = process.env.CC ?? (flags.arm ? 'aarch64-linux-gnu-gcc' : undefined);
const emulator = 'qemu-aarch64-static';
for (const tool of flags.arm ? [compiler, emulator] : []) {
  if (!spawnSync(tool, ['--version']).error) continue;
  console.log(`The core was not tested on ARM: there is no ${tool} on this machine.`);
  process.exit(0);
}
const preset = flags.sanitize ? 'asan-ubsan' : 'release';
const variant = [preset, flags.valgrind && 'valgrind', compiler && basename(compiler)].filter(Boolean).join('-');
const folder = join(root, 'build', `cmake-${variant}`);
const configure = ['--preset', preset, '-S', root, '-B', folder];
if (compiler) configure.push(`-DCMAKE_C_COMPILER=${compiler}`);
if (flags.valgrind) configure.push('-DCMAKE_CROSSCOMPILING_EMULATOR=valgrind;-q;--error-exitcode=99;--leak-check=full');
if (flags.arm) {
  configure.push('-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64');
  configure.push(`-DCMAKE_CROSSCOMPILING_EMULATOR=${emulator};-L;/usr/aarch64-linux-gnu`);
}

run('cmake', configure, 'pipe');
run('cmake', ['--build', folder, '--parallel', String(availableParallelism())], 'pipe');
run('ctest', ['--test-dir', folder, '--output-on-failure', '--no-tests=error'], 'inherit');

/** Runs a command; what one with a pipe says is shown only if it fails, or warns. */
function run(command, args, stdio) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio });
  if (done.error) fail(`${command}: ${done.error.message}`);
  const said = `${done.stdout ?? ''}${done.stderr ?? ''}`;
  const lines = said.split('\n');
  const first = lines.findIndex((line) => /(error|warning)\b/i.test(line));
  if (first >= 0 || done.status !== 0) console.error(lines.slice(Math.max(0, first), first + 40).join('\n'));
  if (done.status !== 0) fail(`${command} ended with ${done.status ?? done.signal}`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
