/**
 * Puts the command and what its service needs into a folder of its own, without what builds them:
 *   npm run build && npm pack && node deploy/pack.mjs overpunch-0.1.0.tgz /opt/overpunch
 * The packages that the library does without are taken at the versions that the tests run with. The addon is the one that was
 * built here: what runs it later has no compiler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSIONS } from '../dist/server/peers.js';

const [tarball, target] = process.argv.slice(2).map((path) => resolve(path));
if (!tarball || !target) {
  console.error('usage: node deploy/pack.mjs TARBALL FOLDER');
  process.exit(1);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const peers = Object.keys(VERSIONS).map((name) => [name, devDependencies[name]]);

mkdirSync(target, { recursive: true });
const manifest = { private: true, dependencies: { overpunch: `file:${tarball}`, ...Object.fromEntries(peers) } };
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
execFileSync('npm', ['install', ...flags], { cwd: target, stdio: 'inherit' });

const addon = join('build', 'Release', 'overpunch.node');
if (existsSync(join(root, addon))) {
  const to = join(target, 'node_modules', 'overpunch', addon);
  mkdirSync(join(to, '..'), { recursive: true });
  copyFileSync(join(root, addon), to);
} else console.error('deploy/pack: there is no addon; the TypeScript engine will serve');
