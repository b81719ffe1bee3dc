/**
 * Bytes and values as IBM's manuals have them, from the copybook to the value: Enterprise COBOL for z/OS 6.4 Programming
 * Guide, "Examples: numeric data and internal representation" and "Sign representation of zoned and packed-decimal
 * data"; for other machines COBOL for Linux on x86 1.2 Programming Guide, the section of the first name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import type { DecodeOptions } from '../../src/options.js';

/** The value of an item with these clauses. */
function value(clauses: string, hex: string, options: DecodeOptions = {}): unknown {
  const copybook = Copybook.parse(`01 R.\n05 A ${clauses}.\n05 Z PIC X.\n`, { format: 'free' });
  const bytes = Buffer.from(`${hex}40`.replaceAll(' ', ''), 'hex');
  expect(copybook.layout.records[0]!.length).toBe(bytes.length);
  return copybook.decode(bytes, options).a;
}

describe('numeric data and internal representation, z/OS', () => {
  test.each([
    ['PIC S9999 DISPLAY', 1234, 'F1 F2 F3 C4'],
    ['PIC S9999 DISPLAY', -1234, 'F1 F2 F3 D4'],
    ['PIC 9999 DISPLAY', 1234, 'F1 F2 F3 F4'],
    ['PIC 9999 NATIONAL', 1234, '00 31 00 32 00 33 00 34'],
    ['PIC S9999 DISPLAY SIGN LEADING', 1234, 'C1 F2 F3 F4'],
    ['PIC S9999 DISPLAY SIGN LEADING', -1234, 'D1 F2 F3 F4'],
    ['PIC S9999 DISPLAY SIGN LEADING SEPARATE', 1234, '4E F1 F2 F3 F4'],
    ['PIC S9999 DISPLAY SIGN LEADING SEPARATE', -1234, '60 F1 F2 F3 F4'],
    ['PIC S9999 DISPLAY SIGN TRAILING SEPARATE', 1234, 'F1 F2 F3 F4 4E'],
    ['PIC S9999 DISPLAY SIGN TRAILING SEPARATE', -1234, 'F1 F2 F3 F4 60'],
    ['PIC S9999 NATIONAL SIGN LEADING SEPARATE', 1234, '00 2B 00 31 00 32 00 33 00 34'],
    ['PIC S9999 NATIONAL SIGN LEADING SEPARATE', -1234, '00 2D 00 31 00 32 00 33 00 34'],
    ['PIC S9999 NATIONAL SIGN TRAILING SEPARATE', 1234, '00 31 00 32 00 33 00 34 00 2B'],
    ['PIC S9999 NATIONAL SIGN TRAILING SEPARATE', -1234, '00 31 00 32 00 33 00 34 00 2D'],
    ['PIC S9999 BINARY', 1234, '04 D2'],
    ['PIC S9999 COMP', -1234, 'FB 2E'],
    ['PIC S9999 COMP-4', -1234, 'FB 2E'],
    ['PIC S9999 COMP-5', 12345, '30 39'],
    ['PIC S9999 COMP-5', -12345, 'CF C7'],
    ['PIC 9999 BINARY', 1234, '04 D2'],
    ['PIC 9999 COMP-5', 60000, 'EA 60'],
    ['PIC S9999 PACKED-DECIMAL', 1234, '01 23 4C'],
    ['PIC S9999 COMP-3', -1234, '01 23 4D'],
    ['PIC 9999 COMP-3', 1234, '01 23 4F'],
    ['COMP-1', 1234, '43 4D 20 00'],
    ['COMP-1', -1234, 'C3 4D 20 00'],
    ['COMP-2', 1234, '43 4D 20 00 00 00 00 00'],
    ['COMP-2', -1234, 'C3 4D 20 00 00 00 00 00'],
    ['PIC +9(2).9(2)E+99 DISPLAY', '+12.34E+02', '4E F1 F2 4B F3 F4 C5 4E F0 F2'],
    ['PIC +9(2).9(2)E+99 DISPLAY', '-12.34E+02', '60 F1 F2 4B F3 F4 C5 4E F0 F2'],
    ['PIC +9(2).9(2)E+99 NATIONAL', '+12.34E+02', '00 2B 00 31 00 32 00 2E 00 33 00 34 00 45 00 2B 00 30 00 32'],
    ['PIC +9(2).9(2)E+99 NATIONAL', '-12.34E+02', '00 2D 00 31 00 32 00 2E 00 33 00 34 00 45 00 2B 00 30 00 32'],
  ])('%s %s', (clauses, wanted, hex) => expect(value(clauses, hex)).toBe(wanted));
});

describe('numeric data and internal representation, Linux on x86', () => {
  const ascii = { encoding: 'ascii', asciiSigns: 'p-y', floats: 'ieee-little', comp5Endian: 'little' } as const;
  test.each([
    ['PIC S9999 DISPLAY', 1234, '31 32 33 34'],
    ['PIC S9999 DISPLAY', -1234, '31 32 33 74'],
    ['PIC S9999 DISPLAY SIGN LEADING', -1234, '71 32 33 34'],
    ['PIC S9999 DISPLAY SIGN LEADING SEPARATE', -1234, '2D 31 32 33 34'],
    ['PIC S9999 DISPLAY SIGN TRAILING SEPARATE', 1234, '31 32 33 34 2B'],
    ['PIC S9999 COMP-5', 12345, '39 30'],
    ['PIC S9999 COMP-5', -12345, 'C7 CF'],
    ['PIC 9999 COMP-5', 60000, '60 EA'],
    ['PIC S9999 COMP-3', -1234, '01 23 4D'],
    ['PIC 9999 COMP-3', 1234, '01 23 4C'],
    ['COMP-1', 1234, '00 40 9A 44'],
    ['COMP-1', -1234, '00 40 9A C4'],
    ['COMP-2', 1234, '00 00 00 00 00 48 93 40'],
    ['COMP-2', -1234, '00 00 00 00 00 48 93 C0'],
  ])('%s %s', (clauses, wanted, hex) => expect(value(clauses, hex, ascii)).toBe(wanted));
});

describe('sign representation', () => {
  test.each([...'CAEF'].map((sign) => [sign, 12]).concat([...'DB'].map((sign) => [sign, -12])))(
    'x%s is the sign of %i',
    (sign, wanted) => {
      expect(value('PIC S9(2)', `F1${sign}2`)).toBe(wanted);
      expect(value('PIC S9(2) SIGN LEADING', `${sign}1F2`)).toBe(wanted);
      expect(value('PIC S9(3) COMP-3', `012${sign}`)).toBe(wanted);
    },
  );
});
