/**
 * Copybooks with one mistake each: the error's code, its line, and that it says what to do in words. Beside each
 * `test/fixtures/wrong/*.cpy` stands a JSON file with what is expected.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { OverpunchError } from '../../src/errors.js';

const folder = fileURLToPath(new URL('../fixtures/wrong/', import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.cpy'))
  .map((name) => name.slice(0, -4));

interface Expected {
  /** 1-based; null where the text as a whole is wrong. */
  readonly line: number | null;
  readonly code: string;
  readonly word: string;
}

test('there are 60 at least', () => expect(names.length).toBeGreaterThanOrEqual(60));

test.each(names)('%s', async (name) => {
  const path = `${folder}${name}.cpy`;
  const { line, code, word } = JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Expected;
  const error: unknown = await Copybook.load(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OverpunchError)) throw new Error(`${name}: expected an OverpunchError, got ${String(error)}`);
  expect(error).toMatchObject({ code });
  expect(error.message).toContain(word);
  expect(error.source?.line ?? null).toBe(line);
  expect(error.others).toEqual([]); // one mistake, one error
  expect(error.hint).toMatch(/^[A-Z].{8,}[.?]$/);
  if (error.source) {
    expect(error.source.file).toBe(path);
    expect(error.rule).toMatch(/^[A-Z].*, "/);
  }
});
