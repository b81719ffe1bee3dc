/**
 * What stands around the records of a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, it } from 'vitest';
import { pageText } from '../../src/server/records/rows.js';

const EDGES = [1, 2 ** 31, 2 ** 32, 2 ** 53].flatMap((edge) => [edge - 1, edge, edge + 1]);
const TENS = Array.from({ length: 15 }, (_, digits) => 10 ** digits).flatMap((ten) => [ten - 1, ten, ten + 1]);

it.each([
  ['no record', [], []],
  ['numbers of all lengths', ['{"a":1}'], [...EDGES, ...TENS].filter((number) => number <= Number.MAX_SAFE_INTEGER)],
])('%s', (_, records, numbers) => {
  const chunks = records.map((record) => Buffer.from(`,${record}\n`));
  const faults = [{ record: 1, offset: 0, field: 'Å', reason: 'digit', hex: 'FF' }] as const;
  const page = pageText({ chunks, badValues: 1, faults }, { numbers, next: 'abc', total: 7, incomplete: null });
  expect(JSON.parse(page.toString())).toEqual({
    records: records.map((record) => JSON.parse(record)),
    numbers,
    next: 'abc',
    total: 7,
    incomplete: null,
    badValues: 1,
    faults,
  });
});
