/**
 * Fails where an import in src/ runs against the flow: copybook text -> layout -> plan -> engine -> batch -> connectors.
 * A file imports from its own stage and from those before it. A script, because Biome's import rules match the text of an
 * import and not the file that it means, so they would need every forbidden pair and would miss a new folder.
 *   node scripts/check-flow.mjs [FOLDER]     (default: src)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders and top files of src/, in the order of the flow; those on one line may import each other. */
const STAGES = [
  // these run in browsers: nothing of the rest goes with them
  ['client/'],
  ['browser/'],
  ['errors.ts', 'options.ts', 'peer.ts'],
  ['codepage/'],
  ['copybook/'],
  ['layout/'],
  ['query/'],
  ['plan/'],
  ['framing/'],
  ['engine/'],
  ['batch/'],
  ['arrow/'],
  ['schemas/'],
  ['connectors/'],
  ['keyed/'],
  ['copybook.ts', 'read.ts', 'write.ts'],
  ['sinks/'],
  ['datasets/'],
  ['sql/'],
  ['index.ts'],
  ['server/'],
  ['cli/'],
];
/** The page is a program for browsers: it has the client of the library, and the library nothing of it. */
const ALONE = STAGES.findIndex((stage) => stage.includes('browser/'));
const IMPORT = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(['"])(\.{1,2}\/[^'"]+)\1/g;

const src = resolve(process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url)));
const stageOf = (file) => {
  const [first, ...rest] = relative(src, file).split(sep);
  const name = rest.length > 0 ? `${first}/` : first.replace(/\.js$/, '.ts');
  return STAGES.findIndex((stage) => stage.includes(name));
};

const wrong = [];
for (const name of readdirSync(src, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
  const file = join(src, name);
  const from = stageOf(file);
  if (from < 0) wrong.push(`${name}: has no place in the flow; give it one in scripts/check-flow.mjs`);
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      for (const [, , specifier] of line.matchAll(IMPORT)) {
        const target = resolve(dirname(file), specifier);
        const outside = relative(src, target).startsWith('..');
        if (specifier.endsWith('/package.json')) continue;
        if (outside) wrong.push(`${name}:${index + 1}: '${specifier}' lies outside src/`);
        else if (from !== ALONE && stageOf(target) === ALONE)
          wrong.push(`${name}:${index + 1}: '${specifier}' is the page's`);
        else if (stageOf(target) > from) wrong.push(`${name}:${index + 1}: '${specifier}' is behind it in the flow`);
      }
    });
}
for (const line of wrong) console.error(line);
if (wrong.length > 0) {
  console.error(`the flow is: ${STAGES.map((stage) => stage.join(', ')).join(' < ')}`);
  process.exit(1);
}
