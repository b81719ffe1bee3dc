/**
 * The same tests on every engine. Projects: `native` runs all tests on the addon; `ts` runs those that read on the
 * TypeScript engine; `portable` and `avx2` run the engines' own, which take both engines by themselves, with the kernels
 * held down to that instruction set.
 * With OVERPUNCH_ENGINE set, or without an addon, there is one project with all tests on that engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

interface Project {
  name: string;
  include: string[];
  exclude?: string[];
  env: Record<string, string>;
}

const ALL = ['test/**/*.test.ts'];
/** Tests that never come near an engine, or of what is the same for both (schemas, the page): once is enough. */
export const WITHOUT_ENGINE = [
  'test/{browser,client,codepage,copybook,layout,query,plan,schemas}/**',
  'test/package.test.ts',
  'test/server/{catalogcommand,forgery,job-events,jobs-hostile,jobs-shared,lines,load,processes}.test.ts',
  'test/server/{rows,schemathesis,shelf,slow,store,targets,telemetry}.test.ts',
  'test/server/{access,catalog,command,hostile,sockets,uploads}.test.ts',
  'test/{cli/usage,sinks/postgres/kills}.test.ts',
];
const ENGINE = ['test/engine/**/*.test.ts', 'test/parity/**/*.test.ts'];

const hasAddon = existsSync(fileURLToPath(new URL('build/Release/overpunch.node', import.meta.url)));
const chosen = process.env.OVERPUNCH_ENGINE || (hasAddon ? '' : 'ts');
if (chosen === 'ts') {
  console.error(`${hasAddon ? 'OVERPUNCH_ENGINE=ts' : 'no native addon'}: all tests run on the TypeScript engine\n`);
}

const projects: Project[] = chosen
  ? [{ name: chosen, include: ALL, env: { OVERPUNCH_ENGINE: chosen } }]
  : [
      { name: 'native', include: ALL, env: { OVERPUNCH_ENGINE: 'native' } },
      { name: 'ts', include: ALL, exclude: [...WITHOUT_ENGINE, ...ENGINE], env: { OVERPUNCH_ENGINE: 'ts' } },
      { name: 'portable', include: ENGINE, env: { OVERPUNCH_ENGINE: 'native', OVERPUNCH_LEVEL: 'portable' } },
      { name: 'avx2', include: ENGINE, env: { OVERPUNCH_ENGINE: 'native', OVERPUNCH_LEVEL: 'avx2' } },
    ];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    projects: projects.map((test) => ({ extends: true as const, test })),
  },
});
