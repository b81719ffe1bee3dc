/**
 * The demo's sample: the same bytes from C and TypeScript, in valid blocks, decoded without a bad value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadNativeFill } from '../../demo/native-sample.js';
import { RECORD, SAMPLE_BLOCK, SampleWord, fillSample, sampleState } from '../../src/server/catalog/sample.js';
import { Copybook, type Row, open } from '../../src/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const hasAddon = existsSync(join(root, 'build/Release/overpunch.node'));

function sample(length: number, seed?: number): { bytes: Uint8Array; accounts: number } {
  const buffer = new Uint8Array(length);
  const state = sampleState(seed);
  const bytes = buffer.subarray(0, fillSample(buffer, state));
  return { bytes, accounts: state[SampleWord.ACCOUNTS]! };
}

describe('the sample', () => {
  test('goes on where it stopped, and differs by seed', () => {
    const { bytes } = sample(10 * SAMPLE_BLOCK);
    const state = sampleState();
    const pieces = [2, 1, 3].map((blocks) => {
      const piece = new Uint8Array(blocks * SAMPLE_BLOCK);
      return piece.subarray(0, fillSample(piece, state));
    });
    const joined = Buffer.concat(pieces);
    expect(joined.equals(bytes.subarray(0, joined.length))).toBe(true);
    expect(Buffer.from(bytes).equals(sample(10 * SAMPLE_BLOCK, 7).bytes)).toBe(false);
  });

  test('leaves a buffer alone that has no room for a block', () => {
    const buffer = new Uint8Array(SAMPLE_BLOCK - 1).fill(1);
    expect(fillSample(buffer, sampleState())).toBe(0);
    expect(buffer.every((byte) => byte === 1)).toBe(true);
  });

  test('is valid VB data, every value of which is good', async () => {
    const { bytes, accounts } = sample(1 << 20);
    const copybook = await Copybook.load(join(root, 'demo/accounts.cpy'));
    const reader = open(bytes, { copybook, recfm: 'VB', record: RECORD });
    const rows: Row[] = [];
    for await (const row of reader) rows.push(row);
    expect(reader.summary).toMatchObject({
      records: accounts,
      badValues: 0,
      shortRecords: 0,
      longRecords: 0,
      faults: [],
    });
    expect(reader.summary.bytes).toBe(bytes.length);
    expect(accounts).toBeGreaterThan(1500);

    const counts = new Set<number>();
    let accented = 0;
    rows.forEach((row, k) => {
      expect(row.accountNumber).toBe(1000000000 + 7 * k);
      const transactions = row.transactions as Row[];
      expect(transactions).toHaveLength(row.transactionCount as number);
      counts.add(transactions.length);
      const { person, company } = row as { person?: Row; company?: Row };
      expect(row.customerType).toBe(person ? 'P' : 'B');
      expect(company === undefined).toBe(person !== undefined);
      if (/[éüñöáíç]/.test(`${person?.firstName ?? ''}${person?.lastName ?? ''}`)) accented++;
      expect(row.balance).toMatch(/^-?\d+\.\d\d$/);
      expect(row.accruedInterest).toMatch(/^-?\d+\.\d{6}$/);
      expect(row.riskScore).toBeGreaterThanOrEqual(1 / 16);
      expect(row.riskScore).toBeLessThan(1);
      expect(String(row.lastStatement)).toMatch(/^2024\d{4}$/);
    });
    expect([...counts].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(accented).toBeGreaterThan(50);
    expect(rows.some((row) => String(row.balance).startsWith('-'))).toBe(true);
  });
});

describe.skipIf(!hasAddon)('the sample in C', () => {
  test('is the same to the byte', () => {
    const fill = loadNativeFill(root);
    const state = sampleState();
    const expected = sampleState();
    for (const length of [1 << 20, 3 * SAMPLE_BLOCK + 11]) {
      const [mine, its] = [new Uint8Array(length), new Uint8Array(length)];
      expect(fill(its, state)).toBe(fillSample(mine, expected));
      expect(Buffer.compare(its, mine)).toBe(0);
      expect(state).toEqual(expected);
    }
  });

  test('refuses what it can not work on', () => {
    const fill = loadNativeFill(root);
    expect(() => fill(new Uint8Array(100), new Uint32Array(1))).toThrow(RangeError);
    expect(() => fill(new Uint8Array(100), new Uint32Array(2))).toThrow(/must not be 0/);
    expect(() => fill('x' as never, sampleState())).toThrow(TypeError);
    expect(() => fill(new Uint8Array(100), [1, 0] as never)).toThrow(TypeError);
    const shared = new ArrayBuffer(SAMPLE_BLOCK * 2);
    expect(() => fill(new Uint8Array(shared), new Uint32Array(shared, 0, 2).fill(1))).toThrow(/share memory/);
  });
});
