/**
 * The DuckDB extension as a file: where it is, whether it is older than its sources, how to build it with $CC alone, and the
 * trailer by which DuckDB knows it. For build.mjs; run by itself it builds:
 *   node scripts/duckdb-extension.mjs [--sanitize] [-o FILE]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { newest, root } from './addon.mjs';

/** DuckDB calls the entry by the file's name, so it is always this one. */
export const extension = join(root, 'build', 'duckdb', 'overpunch.duckdb_extension');

const INPUTS = ['native/core', 'native/duckdb', 'native/include', 'native/sources.txt', 'scripts/duckdb-extension.mjs'];

export function isExtensionStale() {
  if (!existsSync(extension)) return true;
  return Math.max(...INPUTS.map((path) => newest(join(root, path)))) > statSync(extension).mtimeMs;
}

/** Builds the extension. Answers undefined, or in a line why it could not be built. */
export async function buildExtension({ sanitize = false, output = extension } = {}) {
  if (process.platform === 'win32') return 'it uses pthreads and pread, which Windows has not';
  const compiler = process.env.CC || ['cc', 'gcc', 'clang'].find(onPath);
  if (!compiler) return 'there is no C compiler on this machine';
  const folder = join(dirname(output), sanitize ? 'sanitized' : 'objects');
  mkdirSync(folder, { recursive: true });
  const flags = ['-std=c11', '-fPIC', '-fvisibility=hidden', '-pthread', '-Wall', '-Wextra', '-Inative/include'];
  const mode = sanitize
    ? ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer']
    : ['-O3'];
  const sources = [
    ...listed('native/sources.txt').filter((name) => name.startsWith('core/')),
    ...listed('native/duckdb/sources.txt'),
  ];
  const headers = newest(join(root, 'native'), (file) => file.endsWith('.h'));
  const jobs = sources.map((source) => ({
    source: join('native', source),
    object: join(folder, `${source.replaceAll('/', '-')}.o`),
  }));
  const stale = jobs.filter(({ source, object }) => {
    const made = statSync(object, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return made < Math.max(headers, statSync(join(root, source)).mtimeMs);
  });
  let failure;
  const work = async () => {
    for (let job = stale.pop(); job && !failure; job = stale.pop()) {
      failure ??= await run(compiler, [...flags, ...mode, '-c', job.source, '-o', job.object]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (failure) return failure;
  const partial = `${output}.partial`;
  const link =
    process.platform === 'darwin' ? ['-dynamiclib'] : ['-shared', ...(sanitize ? [] : ['-Wl,-z,defs', '-s'])];
  failure = await run(compiler, [...link, '-pthread', ...mode, ...jobs.map(({ object }) => object), '-o', partial]);
  if (failure) return failure;
  appendFileSync(partial, trailer());
  rmSync(output, { force: true }); // a running process keeps the file that it has open
  renameSync(partial, output);
  return undefined;
}

/**
 * What DuckDB reads at a library's end before it loads it: in front the head of a custom section, as WebAssembly wants it
 * (22 bytes), then eight fields of 32 bytes, the last one first, then 256 bytes for a signature, which this has none of.
 */
export function trailer() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const head = Buffer.concat([
    Buffer.from([0, 0x93, 0x04, 0x10]),
    Buffer.from('duckdb_signature', 'latin1'),
    Buffer.from([0x80, 0x04]),
  ]);
  const fields = ['', '', '', 'C_STRUCT', `v${version}`, 'v1.2.0', duckdbPlatform(), '4'];
  const text = Buffer.concat(
    fields.map((field) => Buffer.concat([Buffer.from(field, 'latin1'), Buffer.alloc(32)], 32)),
  );
  return Buffer.concat([head, text, Buffer.alloc(256)]);
}

/** DuckDB's name of this platform. */
export function duckdbPlatform() {
  const system = { linux: 'linux', darwin: 'osx', win32: 'windows' }[process.platform] ?? process.platform;
  const processor = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch;
  const musl = process.platform === 'linux' && existsSync('/etc/alpine-release') ? '_musl' : '';
  return `${system}_${processor}${musl}`;
}

function listed(path) {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((line) => line.split('#')[0].trim())
    .filter(Boolean);
}

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** Answers undefined, or what went wrong. Warnings are shown. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', (error) => resolve(`${command}: ${error.message}`));
    child.on('close', (code) => {
      if (code === 0 && said) console.error(said);
      resolve(
        code === 0
          ? undefined
          : (said.split('\n').find((line) => /error/.test(line)) ?? `${command} ended with ${code}`),
      );
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { sanitize: { type: 'boolean' }, output: { type: 'string', short: 'o' } } });
  const reason = await buildExtension({ ...values });
  if (reason) {
    console.error(`overpunch: the DuckDB extension could not be built: ${reason}`);
    process.exit(1);
  }
}
