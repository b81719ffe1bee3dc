/**
 * Files of this repository as JavaScript in a directory of their own, for tests that need another process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Emits a file, named from the root of the repository, and all that it imports. Returns the directory. */
export function compiled(file: string): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const outDir = mkdtempSync(join(tmpdir(), 'overpunch-'));
  const program = ts.createProgram([join(root, file)], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noCheck: true,
    skipLibCheck: true,
    rootDir: root,
    outDir,
  });
  program.emit();
  writeFileSync(join(outDir, 'package.json'), '{"type":"module"}');
  return outDir;
}
