/**
 * The demo's comparison finds what differs, and counts it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Comparison, compareBatches } from '../../demo/compare.js';
import { RECORD, SAMPLE_BLOCK, fillSample, sampleState } from '../../src/server/catalog/sample.js';
import { type Batch, Copybook, open } from '../../src/index.js';

/** Descriptors of block and record. */
const FIRST = 8;

async function firstBatch(bytes: Uint8Array): Promise<Batch> {
  const copybook = await Copybook.load(fileURLToPath(new URL('../../demo/accounts.cpy', import.meta.url)));
  const { value } = await open(bytes, { copybook, recfm: 'VB', record: RECORD }).batches().next();
  return value as Batch;
}

async function compare(change: (bytes: Uint8Array) => void): Promise<Comparison> {
  const buffer = new Uint8Array(2 * SAMPLE_BLOCK);
  const bytes = buffer.subarray(0, fillSample(buffer, sampleState()));
  const changed = bytes.slice();
  change(changed);
  const result = { values: 0, different: 0, first: null };
  compareBatches(await firstBatch(bytes), await firstBatch(changed), result);
  return result;
}

test('equal batches agree in every value', async () => {
  const result = await compare(() => {});
  expect(result).toMatchObject({ different: 0, first: null });
  expect(result.values).toBeGreaterThan(100 * 25);
});

test('a different number is counted and named', async () => {
  const result = await compare((bytes) => {
    bytes[FIRST + 6]! += 1; // ACCOUNT-NUMBER, 1... becomes 2...
  });
  expect(result.different).toBe(1);
  expect(result.first).toContain('ACCOUNT.ACCOUNT-NUMBER, item 0');
});

test('a different text is counted once, not all that lie behind it', async () => {
  const result = await compare((bytes) => {
    bytes.fill(0xc1, FIRST + 110, FIRST + 130); // CITY, all 20 bytes
  });
  expect(result.different).toBe(1);
  expect(result.first).toContain('CITY, item 0');
});

test('a value that became bad is counted', async () => {
  const result = await compare((bytes) => {
    bytes[FIRST + 151] = 0xaa; // BALANCE
  });
  expect(result.different).toBe(1);
  expect(result.first).toContain('BALANCE, item 0');
});

test('another alternative is counted', async () => {
  const result = await compare((bytes) => {
    bytes[FIRST + 17] = bytes[FIRST + 17] === 0xd7 ? 0xc2 : 0xd7; // P and B
  });
  expect(result.different).toBeGreaterThan(2);
});
