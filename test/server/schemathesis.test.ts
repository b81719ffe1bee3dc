/**
 * Schemathesis asks the service whatever its own document lets it: no 5xx, and every answer is one that the document has. Where
 * OVERPUNCH_TEST_PYTHON names a Python that has it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ask, folder, serve } from './served.js';

const python = process.env.OVERPUNCH_TEST_PYTHON;
const has = python !== undefined && spawnSync(python, ['-c', 'import schemathesis']).status === 0;
if (!has) console.error('skipped: schemathesis (OVERPUNCH_TEST_PYTHON names no Python that has it)');
const CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';
const RUN = "import sys; from schemathesis.cli import schemathesis; sys.argv[0] = 'st'; schemathesis()";

it.skipIf(!has)('finds nothing', { timeout: 300_000 }, async () => {
  const service = await serve();
  const output = await new Promise<string>((resolve) => {
    const args = [
      '-c',
      RUN,
      'run',
      `${service.address}/openapi.json`,
      '--checks',
      CHECKS,
      '--max-examples',
      '30',
      '--seed',
      '1',
    ];
    execFile(
      python!,
      [...args, '--phases', 'coverage,fuzzing'],
      { cwd: folder, maxBuffer: 1 << 26 },
      (_, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  expect(output).toContain('Tested: 20');
  expect(output, output.slice(-4000)).toMatch(/(\d+) generated, \1 passed/);
  expect((await ask(service, '/healthz')).status).toBe(200);
});
