/**
 * The README's table "What is supported" says what `supported.ts` shows, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SUPPORTED } from './supported.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const section = readme.slice(readme.indexOf('## What is supported'), readme.indexOf('## Speed'));
const table = [...section.matchAll(/^\| ([^|]+) \| (.+) \|$/gm)].map(([, name, cell]) => [name!, cell!] as const);
/** Said of what is not there. */
const NOT_YET = 'Not yet';
/** Words that join claims, and claim nothing. */
const JOINING = /\b(?:and|or|from|also|edited)\b|[,;:()]/g;

test('rows are the same, in the same order', () => {
  expect(table.map(([name]) => name).filter((name) => name !== NOT_YET)).toEqual(Object.keys(SUPPORTED));
});

describe.each(Object.entries(SUPPORTED))('%s', (name, claims) => {
  const cell = table.find(([row]) => row === name)?.[1] ?? '';

  test.each(claims)('%s', async (_, shows, expected) => expect(await shows()).toEqual(expected));

  test('the README claims all of it, and no more', () => {
    let rest = cell;
    // longer ones first: FB holds an F
    for (const [words] of [...claims].sort(([a], [b]) => b.length - a.length)) {
      expect(rest).toContain(words);
      rest = rest.replace(words, ' ');
    }
    expect(rest.replace(JOINING, ' ').trim()).toBe('');
  });
});
