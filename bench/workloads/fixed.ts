/**
 * Records of one length without segments: 167 fields in 1,341 bytes, numbers of every usage and size. The shape of Cobrix's first
 * performance test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Field, comp, copybookOf, float, lengthOf, packed, records, text, zoned } from '../data.js';
import type { Workload } from './workload.js';

const INTEGERS = [1, 2, 3, 4, 5, 8, 9, 10, 11, 15, 17, 18, 20, 31];
/** Digits, and those behind the point. */
const DECIMALS = [
  [3, 1],
  [4, 2],
  [5, 2],
  [8, 4],
  [9, 4],
  [10, 5],
  [17, 2],
  [18, 2],
  [19, 2],
  [28, 10],
] as const;
/** What accounts are made of. */
const MONEY = [
  [7, 0],
  [11, 2],
  [15, 2],
  [5, 0],
  [15, 0],
  [13, 2],
  [13, 3],
  [7, 2],
] as const;
const TEXTS = [...Array.from({ length: 18 }, () => 10), 18, 20];

type Make = (name: string, digits: number, scale: number, signed: boolean) => Field;

/** Integers and decimals of one usage, without and with a sign. */
function family(name: string, make: Make, most: number): Field[] {
  const fields: Field[] = [];
  for (const signed of [false, true]) {
    const sign = signed ? 'S' : 'U';
    for (const digits of INTEGERS) {
      if (digits <= most) fields.push(make(`${name}-${sign}-${digits}`, digits, 0, signed));
    }
    for (const [digits, scale] of DECIMALS) {
      if (digits <= most) fields.push(make(`${name}-${sign}-${digits}-${scale}`, digits, scale, signed));
    }
  }
  return fields;
}

export const FIXED: readonly Field[] = [
  comp('RECORD-NO', 9),
  ...family('ZONED', zoned, 31),
  ...family('BINARY', comp, 18),
  ...family('PACKED', packed, 31),
  float('SHORT-FLOAT', 4),
  float('LONG-FLOAT', 8),
  ...MONEY.map(([digits, scale], k) => packed(`MONEY-${k + 1}`, digits, scale)),
  ...TEXTS.map((length, k) => text(`REMARK-${k + 1}`, length)),
];

export const fixed: Workload = {
  name: 'fixed',
  title: 'fixed: 167 columns, 1,341 bytes',
  published: 6.3,
  copybook: copybookOf(FIXED),
  recfm: 'F',
  record: {},
  segments: null,
  checked: { path: 'MONEY-2', spark: 'sum(cast(MONEY_2 * 100 as decimal(38,0)))' },
  block(bytes) {
    const length = lengthOf(FIXED);
    const count = Math.max(1, Math.trunc(bytes / length));
    return { bytes: records(FIXED, count, 11), records: count };
  },
};
