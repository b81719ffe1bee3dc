/**
 * The benchmarks' workloads are what they say: lengths, columns, segments; and every value of them can be read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { workloads } from '../../bench/workloads/all.js';
import type { Workload } from '../../bench/workloads/workload.js';
import { Copybook, open } from '../../src/index.js';

const named = (name: string): Workload => workloads.find((workload) => workload.name === name)!;

/** Lengths of the records of a file with descriptors, and how many there are of each. */
function lengths(bytes: Uint8Array): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = 0; at < bytes.length; ) {
    const length = (bytes[at]! << 8) | bytes[at + 1]!;
    expect(bytes[at + 2]! | bytes[at + 3]!).toBe(0);
    found.set(length, (found.get(length) ?? 0) + 1);
    at += length;
  }
  return found;
}

describe('the fixed workload', () => {
  it('has 167 columns in 1,341 bytes', () => {
    const { layout } = Copybook.parse(named('fixed').copybook);
    expect(layout.length).toBe(1341);
    const { bytes, records } = named('fixed').block(10_000);
    expect(bytes.length).toBe(1341 * records);
  });
});

describe.each([
  ['narrow', 68],
  ['wide', 16068],
])('the %s workload', (name, firm) => {
  it(`has segments of ${firm} and 64 bytes, descriptors counted`, () => {
    const { bytes, records } = named(name).block(firm * 50);
    const found = lengths(bytes);
    expect([...found.keys()].sort((a, b) => b - a)).toEqual([firm, 64]);
    expect(found.get(firm)! + found.get(64)!).toBe(records);
  });
});

describe.each(workloads.map(({ name }) => name))('%s', (name) => {
  const workload = named(name);
  const { bytes, records } = workload.block(100_000);

  it('is the same each time', () => {
    expect(Buffer.compare(workload.block(100_000).bytes, bytes)).toBe(0);
  });

  it('is read without a bad value, and every column has values', async () => {
    const copybook = Copybook.parse(workload.copybook);
    const reader = open(bytes, { copybook, recfm: workload.recfm, record: workload.record });
    const empty: string[] = [];
    let count = 0;
    for await (const batch of reader.batches()) {
      count += batch.length;
      for (const { field, validity } of batch.columns) if (validity.every((byte) => byte === 0)) empty.push(field.path);
    }
    expect(count).toBe(records);
    expect(reader.summary.badValues).toBe(0);
    expect(empty).toEqual([]);
  });
});
