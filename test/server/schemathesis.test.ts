/**
 * Schemathesis asks the service whatever its own document lets it, and what it does not: no 5xx, and every answer is one that the
 * document has. Where OVERPUNCH_TEST_PYTHON names a Python that has it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask, auditor, datasets, folder, guarded, serve } from './served.js';

const python = process.env.OVERPUNCH_TEST_PYTHON;
const has = python !== undefined && spawnSync(python, ['-c', 'import schemathesis']).status === 0;
if (!has) console.error('skipped: schemathesis (OVERPUNCH_TEST_PYTHON names no Python that has it)');
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
  'allow_header_conformance',
].join(',');
const RUN = "import sys; from schemathesis.cli import schemathesis; sys.argv[0] = 'st'; schemathesis()";
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

mkdirSync(join(folder, 'exports'));
const targets = { exports: { folder: 'exports', roles: ['clerk'] } };

const run = (args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const all = ['-c', RUN, 'run', ...args, '--checks', CHECKS, '--max-examples', '20', '--seed', '1'];
    const options = { cwd: folder, maxBuffer: 1 << 26 };
    execFile(python!, [...all, '--phases', 'examples,coverage,fuzzing'], options, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });

it.skipIf(!has).each([
  ['open to all', { datasets }, undefined],
  ['with a key, and fields that are guarded', { ...guarded, uploads: {}, targets }, auditor.key],
])('finds nothing: %s', { timeout: 300_000 }, async (_, catalog, key) => {
  const service = await serve(catalog);
  const { paths } = (await ask(service, '/openapi.json', key ? { key } : {})).json;
  const operations = Object.values(paths as Record<string, object>).flatMap((path) =>
    Object.keys(path).filter((method) => METHODS.includes(method)),
  );
  const output = await run([`${service.address}/openapi.json`, ...(key ? ['-H', `X-API-Key: ${key}`] : [])]);
  expect(output, output.slice(-4000)).toMatch(/(\d+) generated, \1 passed/);
  expect(output).toContain(`Tested: ${operations.length}`);
  expect((await ask(service, '/healthz')).status).toBe(200);
});
