/**
 * The native addon as a file: where it is, whether it is older than its sources, and how to build it with node-gyp.
 * For install.mjs and build.mjs; it ships in the package, so it needs nothing but Node.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const binary = join(root, 'build', 'Release', 'overpunch.node');
const log = join(root, 'build', 'addon.log');

/** The folder under prebuilds/ for this platform. Same rule as in src/engine/native.ts. */
export function platformTag() {
  const platform = process.platform === 'linux' && existsSync('/etc/alpine-release') ? 'linuxmusl' : process.platform;
  return `${platform}-${process.arch}`;
}

/** The binary that the package brought for this platform, or undefined. */
export function prebuilt() {
  const file = join(root, 'prebuilds', platformTag(), 'overpunch.node');
  return existsSync(file) ? file : undefined;
}

/** Newest change below a folder (or of a file), in milliseconds. */
export function newest(path, matches = () => true) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return matches(path) ? stat.mtimeMs : 0;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name), matches)));
}

/** Whether there is no addon, or one that is older than what it is made from. */
export function isStale() {
  if (!existsSync(binary)) return true;
  const sources = ['native/addon', 'native/core', 'native/demo', 'native/include', 'native/sources.txt', 'binding.gyp'];
  return Math.max(...sources.map((path) => newest(join(root, path)))) > statSync(binary).mtimeMs;
}

/** Builds the addon. Answers undefined, or in a line why it could not be built. */
export function buildAddon() {
  const require = createRequire(join(root, 'package.json'));
  const gyp = resolve(require, 'node-gyp/bin/node-gyp.js') ?? process.env.npm_config_node_gyp;
  if (!gyp || !existsSync(gyp)) return 'node-gyp is not installed';
  if (!resolve(require, 'node-addon-api')) return 'node-addon-api is not installed (npm install node-addon-api)';
  const tool = missingTool();
  if (tool) return tool;

  rmSync(binary, { force: true }); // never leave one behind that does not fit its sources
  const args = [gyp, 'configure', 'build', '--release', '--jobs=max', ...headers()];
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 900_000, maxBuffer: 1 << 28 });
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}`;
  if (run.status === 0 && existsSync(binary)) {
    for (const line of output.split('\n')) if (/\bwarning:/.test(line)) console.error(line);
    return undefined;
  }
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, output);
  return `${reasonIn(output) ?? run.error?.message ?? `node-gyp ended with ${run.status ?? run.signal}`} (all of it: build/addon.log)`;
}

function resolve(require, id) {
  try {
    return require.resolve(id);
  } catch {
    return undefined;
  }
}

/** node-gyp starts work before it notices that there is no compiler; a look first gives a clear answer at once. */
function missingTool() {
  if (process.platform === 'win32') return undefined;
  const onPath = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
  for (const [name, chosen] of [
    ['cc', process.env.CC],
    ['c++', process.env.CXX],
    ['make', process.env.MAKE],
  ]) {
    const alternatives = { cc: ['cc', 'gcc', 'clang'], 'c++': ['c++', 'g++', 'clang++'], make: ['make', 'gmake'] }[
      name
    ];
    if (!chosen && !alternatives.some(onPath)) return `there is no ${name} on this machine`;
  }
  if (!['python3', 'python'].some(onPath) && !process.env.PYTHON) return 'there is no python3, which node-gyp needs';
  return undefined;
}

/**
 * Node's own distributions, and Debian's, bring the headers along; using them saves node-gyp a download. The major
 * version decides: the addon uses only Node-API.
 */
function headers() {
  if (process.platform === 'win32' || process.env.npm_config_nodedir) return [];
  const prefix = dirname(dirname(process.execPath));
  const version = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(version) || !existsSync(join(prefix, 'include', 'node', 'node_api.h'))) return [];
  const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(version, 'utf8'))?.[1];
  return major === process.versions.node.split('.')[0] ? [`--nodedir=${prefix}`] : [];
}

/** The line of a failed build that says most. */
function reasonIn(output) {
  const lines = output.split('\n');
  const line =
    lines.find((text) => /\b(fatal )?error:/.test(text)) ??
    lines.find((text) => /gyp ERR! stack Error: (?!`)/.test(text)) ??
    lines.find((text) => /(not found|No such file)/.test(text));
  return line
    ?.replace(/^gyp ERR! stack Error: /, '')
    .trim()
    .slice(0, 200);
}
