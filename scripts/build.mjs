/**
 * Builds what is missing or older than its sources, and says nothing where there is nothing to do:
 *   node scripts/build.mjs [--ts | --native] [--dev] [--require-native] [--force]
 * dist/ from src/ (tsc), dist/browser/ from src/browser/ (vite), the native addon (node-gyp), the DuckDB extension and, with --dev, dist-dev/ from src/, bench/, demo/ and
 * test/oracle/. Without a compiler the build goes on and the library runs on its TypeScript engine and without SQL, unless
 * --require-native is given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { binary, buildAddon, isStale, newest, root } from './addon.mjs';
import { buildExtension, extension, isExtensionStale } from './duckdb-extension.mjs';

const PAGE = join('src', 'browser');
const { values: flags } = parseArgs({
  options: {
    ts: { type: 'boolean', default: false },
    native: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    'require-native': { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
  },
});

if (!flags.native) {
  compile('tsconfig.build.json', 'src', 'dist', '');
  await page();
  if (flags.dev)
    for (const folder of ['src', 'bench', 'demo', 'test/oracle'])
      compile('tsconfig.dev.json', folder, 'dist-dev', folder);
}
if (!flags.ts) {
  addon();
  await duckdb();
}

function addon() {
  if (!flags.force && !isStale()) return;
  if (!flags['require-native'] && process.env.OVERPUNCH_ENGINE === 'ts') return;
  const started = Date.now();
  const reason = buildAddon();
  if (!reason) say(`built ${relative(root, binary)} in ${seconds(started)}`);
  else if (flags['require-native']) fail(`the native addon could not be built: ${reason}`);
  else say(`no native addon, the TypeScript engine is used: ${reason}`);
}

/** No addon is a slower engine; no extension is no SQL and no Parquet. */
async function duckdb() {
  if (!flags.force && !isExtensionStale()) return;
  const started = Date.now();
  const reason = await buildExtension();
  if (!reason) say(`built ${relative(root, extension)} in ${seconds(started)}`);
  else if (flags['require-native'] && process.platform !== 'win32')
    fail(`the DuckDB extension could not be built: ${reason}`);
  else say(`no DuckDB extension, so no SQL and no Parquet: ${reason}`);
}

/** The page of the service. It is a program of its own: browsers run it, and nothing of it is imported. */
async function page() {
  const [from, to] = [join(root, PAGE), join(root, 'dist/browser')];
  const built = statSync(join(to, 'index.html'), { throwIfNoEntry: false });
  if (built && built.mtimeMs >= Math.max(newest(from), newest(join(root, 'src', 'client'))) && !flags.force) return;
  let vite;
  try {
    vite = await import('vite');
  } catch {
    const text = 'dist/browser/ is not up to date, and vite is not installed (npm ci)';
    if (process.env.npm_lifecycle_event === 'prepare') return say(text);
    fail(text);
  }
  const started = Date.now();
  try {
    await vite.build({
      root: from,
      configFile: false,
      base: './',
      logLevel: 'error',
      build: {
        outDir: to,
        emptyOutDir: true,
        // everything is a file: the page's content security policy allows nothing else
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: 'es2023',
        license: { fileName: 'licenses.md' },
      },
    });
  } catch (error) {
    fail(`dist/browser/: ${error.message}`);
  }
  say(`built dist/browser/ in ${seconds(started)}`);
}

/** Compiles where an output is missing or older than its source; an output whose source is gone is removed. */
function compile(project, from, to, below) {
  const outputs = join(root, to, below);
  const isPage = (file) =>
    join(from, file).startsWith(join(PAGE, '/')) || (to === 'dist' && file.startsWith('browser'));
  const sources = files(join(root, from), '.ts').filter((file) => !file.endsWith('.d.ts') && !isPage(file));
  if (sources.length === 0) return;
  for (const file of files(outputs, '.js')) {
    if (isPage(file) || existsSync(join(root, from, file.replace(/\.js$/, '.ts')))) continue;
    for (const end of ['.js', '.js.map', '.d.ts']) rmSync(join(outputs, file.replace(/\.js$/, end)), { force: true });
  }
  const configured = Math.max(newest(join(root, 'tsconfig.json')), newest(join(root, project)));
  const isFresh = sources.every((file) => {
    const output = statSync(join(outputs, file.replace(/\.ts$/, '.js')), { throwIfNoEntry: false });
    return output && output.mtimeMs >= Math.max(configured, statSync(join(root, from, file)).mtimeMs);
  });
  if (isFresh && !flags.force) return;

  let tsc;
  try {
    tsc = createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc');
  } catch {
    const text = `${to}/ is not up to date, and typescript is not installed (npm ci)`;
    if (process.env.npm_lifecycle_event === 'prepare') return say(text); // `npm ci --omit=dev` is no failure
    fail(text);
  }
  const started = Date.now();
  const run = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) fail(`tsc -p ${project}:\n${run.stdout.split('\n').slice(0, 20).join('\n')}`);
  say(`built ${to}/ in ${seconds(started)}`);
}

function files(folder, end) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(end));
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function say(text) {
  console.error(`overpunch: ${text}`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
