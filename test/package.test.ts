/**
 * The package as its users get it: what it depends on, what it exports, which files it holds; and the rules that keep
 * the repository in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platformTag } from '../src/engine/native.js';
import { WITHOUT_ENGINE } from '../vitest.config.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));
const isBuilt = existsSync(join(root, 'dist/index.js'));

describe('package.json', () => {
  it('has two dependencies, and everything else is optional', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['bindings', 'commander']);
    expect(manifest.optionalDependencies).toBeUndefined();
    for (const name of Object.keys(manifest.peerDependencies)) {
      expect(manifest.peerDependenciesMeta[name], name).toEqual({ optional: true });
    }
  });

  it('pins what it installs', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-r\.\d+)?$/);
    }
  });

  it('exports the library, the service, its client and its own manifest, types first', () => {
    expect(manifest.exports).toEqual({
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './server': { types: './dist/server/index.d.ts', default: './dist/server/index.js' },
      './client': { types: './dist/client/index.d.ts', default: './dist/client/index.js' },
      './package.json': './package.json',
    });
    expect(Object.keys(manifest.exports['.'])[0]).toBe('types');
    expect(manifest.type).toBe('module');
  });

  it('installs by its own script, which keeps npm from running node-gyp', () => {
    expect(manifest.scripts.install).toBe('node scripts/install.mjs');
  });
});

describe('package-lock.json', () => {
  it('names no host that packages come from', () => {
    const lock = JSON.parse(read('package-lock.json'));
    expect(Object.keys(lock.packages).length).toBeGreaterThan(1);
    for (const [path, entry] of Object.entries<Record<string, unknown>>(lock.packages)) {
      expect(entry, path).not.toHaveProperty('resolved');
    }
  });

  it('belongs to package.json', () => {
    const lock = JSON.parse(read('package-lock.json')).packages[''];
    expect(lock.dependencies).toEqual(manifest.dependencies);
    expect(lock.devDependencies).toEqual(manifest.devDependencies);
    expect(lock.peerDependencies).toEqual(manifest.peerDependencies);
  });
});

describe('the packed files', () => {
  let files: string[] = [];

  beforeAll(() => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const [packed] = JSON.parse(
      execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: root,
        encoding: 'utf8',
        shell: process.platform === 'win32',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    files = packed.files.map((file: { path: string }) => file.path);
  }, 60_000);

  it('are what the library needs, and what its addon is built from', () => {
    for (const file of ['LICENSE', 'binding.gyp', 'bin/overpunch.js', 'scripts/install.mjs', 'scripts/addon.mjs']) {
      expect(files).toContain(file);
    }
    for (const source of nativeSources()) expect(files).toContain(`native/${source}`);
    expect(files).toContain('native/include/overpunch.h');
    expect(files).toContain('native/core/opcodes.h');
    if (isBuilt) {
      expect(files).toContain('dist/index.js');
      expect(files).toContain('dist/browser/index.html');
      expect(files).toContain('dist/browser/licenses.md');
    }
  });

  it('hold no sources, tests or tools of the repository', () => {
    const strange = files.filter((file) =>
      /^(src|test|bench|demo\/(?!accounts\.cpy$)|build|dist-dev|native\/(test|fuzz)|\.)/.test(file),
    );
    expect(strange).toEqual([]);
  });

  it('hold every script that an installed script imports', () => {
    for (const file of files.filter((name) => name.startsWith('scripts/'))) {
      for (const [, name] of read(file).matchAll(/from '\.\/([^']+)'/g)) expect(files).toContain(`scripts/${name}`);
    }
  });
});

describe.skipIf(!isBuilt)('the built package', () => {
  it('is imported by its name', () => {
    const script = "import('overpunch').then((m) => console.log(Object.keys(m).join()))";
    const names = execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' }).trim().split(',');
    expect(names).toContain('OverpunchError');
  });

  it('has a command that answers --version', () => {
    const run = spawnSync(process.execPath, [join(root, manifest.bin.overpunch), '--version'], { encoding: 'utf8' });
    expect(run.stdout.trim()).toBe(manifest.version);
    expect(run.status).toBe(0);
  });
});

describe('native/sources.txt', () => {
  it('names every C and C++ source, and none that is not there', () => {
    const listed = nativeSources().sort();
    const present = ['core', 'addon', 'demo'].flatMap((folder) =>
      readdirSync(join(root, 'native', folder))
        .filter((name) => /\.(c|cc)$/.test(name))
        .map((name) => `${folder}/${name}`),
    );
    for (const source of listed) expect(existsSync(join(root, 'native', source)), source).toBe(true);
    for (const source of present) expect(listed).toContain(source);
  });
});

describe('the folder of prebuilt binaries', () => {
  it('is the same for the library and for its install script', async () => {
    const addon = await import(pathToFileURL(join(root, 'scripts/addon.mjs')).href);
    expect(addon.platformTag()).toBe(platformTag());
    expect(platformTag()).toMatch(/^[a-z0-9]+-[a-z0-9]+$/);
  });
});

describe('the direction of imports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-flow-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the check on a source tree of the given files. */
  function check(name: string, sources: Record<string, string>): { status: number | null; stderr: string } {
    for (const [path, text] of Object.entries(sources)) {
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return flow(join(folder, name));
  }

  it('holds in src/', () => {
    expect(flow(join(root, 'src'))).toEqual({ status: 0, stderr: '' });
  });

  it('allows imports along the flow', () => {
    const sources = {
      'plan/compile.ts': "import { a } from '../layout/item.js';\nimport { b } from './opcodes.js';",
      'read.ts': "import { c } from './connectors/json.js';",
      'index.ts': "export { read } from './read.js';",
      'cli/commands/head.ts': "import { read } from '../../read.js';\nimport fs from 'node:fs';",
    };
    expect(check('along', sources).status).toBe(0);
  });

  it.each([
    ['a value', "import { decode } from '../engine/load.js';"],
    ['a type', "import type { Engine } from '../engine/engine.js';"],
    ['several lines', "import {\n  type Engine,\n  type Decoder,\n} from '../engine/engine.js';"],
    ['a re-export', "export * from '../engine/engine.js';"],
    ['an import() call', "const engine = await import('../engine/engine.js');"],
    ['an import for its effect', "import '../engine/engine.js';"],
  ])('forbids %s from behind', (what, source) => {
    const { status, stderr } = check(what, { 'plan/compile.ts': source });
    expect(status).toBe(1);
    expect(stderr).toContain('plan/compile.ts:');
    expect(stderr).toContain('is behind it in the flow');
  });

  it('forbids imports from outside src/, and folders that have no place', () => {
    const outside = check('outside', { 'plan/compile.ts': "import x from '../../scripts/build.mjs';" });
    expect(outside.status).toBe(1);
    expect(outside.stderr).toContain('lies outside src/');
    const nowhere = check('nowhere', { 'helpers/strings.ts': 'export const a = 1;' });
    expect(nowhere.status).toBe(1);
    expect(nowhere.stderr).toContain('has no place in the flow');
  });
});

describe('vitest.config.ts', () => {
  it('names tests that are there', () => {
    const missing = WITHOUT_ENGINE.flatMap(alternatives).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
});

/** `a/{b,c}/**` as `a/b` and `a/c`. */
function alternatives(pattern: string): string[] {
  const [all, before = '', list = '', behind = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(pattern) ?? [];
  if (all === undefined) return [pattern.replace(/\/\*\*$/, '')];
  return list.split(',').flatMap((one) => alternatives(before + one + behind));
}

function flow(folder: string): { status: number | null; stderr: string } {
  const run = spawnSync(process.execPath, [join(root, 'scripts/check-flow.mjs'), folder], { encoding: 'utf8' });
  return { status: run.status, stderr: run.stderr };
}

function nativeSources(): string[] {
  return read('native/sources.txt')
    .split('\n')
    .map((line) => line.split('#')[0]!.trim())
    .filter(Boolean);
}
