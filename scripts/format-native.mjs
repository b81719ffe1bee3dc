/**
 * clang-format over native/: writes, or with --check fails where a file differs. Says so and does nothing where
 * clang-format is not installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(join(root, 'native'), { recursive: true })
  .filter((name) => /\.(c|cc|h)$/.test(name))
  .map((name) => join('native', name))
  .sort();
const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];

if (!existsSync(join(root, '.clang-format'))) {
  console.error('there is no .clang-format: native/ is not checked');
} else {
  const run = spawnSync('clang-format', ['--style=file', ...mode, ...files], { cwd: root, stdio: 'inherit' });
  if (run.error) console.error('clang-format is not installed: native/ is not checked');
  else process.exit(run.status);
}
