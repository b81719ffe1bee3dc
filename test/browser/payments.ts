/**
 * Ten million payments in a file of 480 MB that takes no room on the disk: zeros but for the first, some in the middle and the last.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ebcdic } from '../keyed/accounts.js';

export const COUNT = 10_000_000;
const LENGTH = 48;
/** Where payments are, from number to number; elsewhere all fields are absent. */
const PARTS = [
  [1, 2000],
  [5_000_001, 5_000_400],
  [COUNT - 1999, COUNT],
] as const;
export const WRITTEN = 4400;
/** The payment whose amount can't be read. */
export const BAD = 1234;

const CITIES = ['Lyon', 'Bern', 'Paris', 'Boston', 'Madrid'];

export const cityOf = (number: number): string => CITIES[number % CITIES.length]!;
export const amountOf = (number: number): string => `${number % 7 === 0 ? '-' : ''}${number}.00`;

const COPYBOOK = `       01  PAYMENT.
           05  PAYMENT-NO   PIC 9(10).
           05  CITY         PIC X(12).
           05  AMOUNT       PIC S9(11)V99 COMP-3.
           05  BRANCH       PIC S9(9) COMP.
           05  REMARK       PIC X(15).
`;

/** Writes them, and a small file of trips whose records are of varying length; answers the data sets of a catalog. */
export function writePayments(folder: string): Record<string, object> {
  writeFileSync(join(folder, 'payment.cpy'), COPYBOOK);
  const file = openSync(join(folder, 'payments.dat'), 'w');
  ftruncateSync(file, COUNT * LENGTH);
  for (const [from, to] of PARTS) {
    const bytes = Buffer.concat(Array.from({ length: to - from + 1 }, (_, i) => payment(from + i)));
    writeSync(file, bytes, 0, bytes.length, (from - 1) * LENGTH);
  }
  closeSync(file);
  return {
    payments: {
      title: 'Payments',
      description: 'All of a year',
      data: 'payments.dat',
      copybook: 'payment.cpy',
      recfm: 'FB',
      lrecl: LENGTH,
    },
  };
}

function payment(number: number): Buffer {
  const cents = `${number}00`.padStart(13, '0');
  const amount = Buffer.from(`${cents}${number % 7 === 0 ? 'D' : 'C'}`, 'hex');
  if (number === BAD) amount[2] = 0xab;
  const branch = Buffer.alloc(4);
  branch.writeInt32BE(number % 1000);
  const text = `${String(number).padStart(10, '0')}${cityOf(number).padEnd(12)}`;
  return Buffer.concat([ebcdic(text), amount, branch, ebcdic('PAID'.padEnd(15))]);
}

/** A copybook and data as somebody has them on his disk. */
export const TRIPS = {
  copybook: `       01  TRIP.
           05  TRIP-ID   PIC X(4).
           05  LEGS      PIC 9.
           05  LEG OCCURS 0 TO 3 DEPENDING ON LEGS.
               10  TOWN  PIC X(4).
               10  FARE  PIC S9(3)V99 COMP-3.
`,
  data: (): Buffer => {
    const leg = Buffer.concat([ebcdic('BERN'), Buffer.from('12345C', 'hex')]);
    const records = [0, 1, 2, 3].map((legs) => Buffer.concat([ebcdic(`T00${legs}${legs}`), ...Array(legs).fill(leg)]));
    return Buffer.concat(records.flatMap((bytes) => [Buffer.of(0, bytes.length + 4, 0, 0), bytes]));
  },
};
