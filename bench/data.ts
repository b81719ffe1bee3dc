/**
 * The benchmarks' data: records of given fields, filled from a seed, and the copybooks that describe them. T200 is a
 * record of 200 bytes and 18 fields, T300 is T200 and 10 fields more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** A field, as the generator, the copybook and the hand-written reference decoder need to know it. */
export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'zoned' | 'packed' | 'binary' | 'float';
  readonly clause: string;
  readonly length: number;
  readonly digits: number;
  readonly scale: number;
  readonly signed: boolean;
  /** TEXT: one value in so many has a character that is not in ASCII (0: none). */
  readonly accented: number;
}

const plain = { digits: 0, scale: 0, signed: false, accented: 0 };

export function text(name: string, length: number, accented = 100): Field {
  return { ...plain, name, kind: 'text', clause: `PIC X(${length})`, length, accented };
}

export function zoned(name: string, digits: number, scale = 0, signed = false): Field {
  return {
    ...plain,
    name,
    kind: 'zoned',
    clause: picture(digits, scale, signed),
    length: digits,
    digits,
    scale,
    signed,
  };
}

export function packed(name: string, digits: number, scale = 0, signed = true): Field {
  const clause = `${picture(digits, scale, signed)} COMP-3`;
  return { ...plain, name, kind: 'packed', clause, length: (digits >> 1) + 1, digits, scale, signed };
}

/** As many digits as its bytes hold. */
export function binary(name: string, length: 2 | 4 | 8, signed = true): Field {
  return comp(name, { 2: 4, 4: 9, 8: 18 }[length], 0, signed);
}

export function comp(name: string, digits: number, scale = 0, signed = false): Field {
  const clause = `${picture(digits, scale, signed)} COMP`;
  const length = digits <= 4 ? 2 : digits <= 9 ? 4 : 8;
  return { ...plain, name, kind: 'binary', clause, length, digits, scale, signed };
}

export function float(name: string, length: 4 | 8): Field {
  return { ...plain, name, kind: 'float', clause: length === 4 ? 'COMP-1' : 'COMP-2', length };
}

function picture(digits: number, scale: number, signed: boolean): string {
  return `PIC ${signed ? 'S' : ''}9(${digits - scale})${scale > 0 ? `V9(${scale})` : ''}`;
}

export const T200: readonly Field[] = [
  text('CUSTOMER-NAME', 30),
  text('STREET', 30),
  text('CITY', 20),
  text('PRODUCT', 20),
  text('REGION', 10),
  text('OPERATOR', 10),
  zoned('ACCOUNT', 9),
  zoned('DELTA', 9, 0, true),
  zoned('OPENED', 8),
  zoned('SCORE', 4, 0, true),
  packed('BALANCE', 9, 2),
  packed('LIMIT-AMOUNT', 9, 2),
  packed('FEE', 9, 2),
  packed('TURNOVER', 17, 2),
  packed('EXPOSURE', 31, 2),
  binary('BRANCH', 2),
  binary('VISITS', 4),
  binary('SEQUENCE-NO', 4),
];

export const T300: readonly Field[] = [
  ...T200,
  text('CONTACT', 30),
  text('DEPARTMENT', 20),
  text('STATUS-CODE', 6),
  zoned('CHANGED', 8),
  zoned('CHANGED-AT', 6),
  packed('DISCOUNT', 7, 2),
  packed('BUDGET', 11, 2),
  packed('ASSETS', 15, 2),
  binary('RETRIES', 4),
  binary('TICKET', 8),
];

/** The key of a field in objects: `LIMIT-AMOUNT` is `limitAmount`. */
export const keyOf = (name: string): string =>
  name.toLowerCase().replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

export const lengthOf = (fields: readonly Field[]): number => fields.reduce((sum, field) => sum + field.length, 0);

/** Copybook of the fields, in the order of the record. */
export function copybookOf(fields: readonly Field[]): string {
  const lines = fields.map(({ name, clause }) => `           05  ${name.padEnd(24)} ${clause}.`);
  return ['       01  BENCH-RECORD.', ...lines, ''].join('\n');
}

/** Random numbers from 0 to 2^32 - 1, by Marsaglia's xorshift32. */
export function random(seed: number): () => number {
  let x = seed >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>>= 0);
  };
}

/** Letters, digits and spaces in code page 037, and e acute. */
const LETTERS = Uint8Array.from([
  ...run(0xc1, 9),
  ...run(0xd1, 9),
  ...run(0xe2, 8),
  ...run(0x81, 9),
  ...run(0x91, 9),
  ...run(0xa2, 8),
  ...run(0xf0, 10),
  0x40,
]);
const SPACE = 0x40;
const E_ACUTE = 0x51;

function run(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => from + k);
}

/** Records one behind another; bytes behind a record's fields, up to `stride`, stay zero. */
export function records(fields: readonly Field[], count: number, seed: number, stride = lengthOf(fields)): Uint8Array {
  const bytes = new Uint8Array(count * stride);
  const next = random(seed);
  for (let record = 0; record < count; record++) fill(bytes, record * stride, fields, next);
  return bytes;
}

/** One record at `at`; answers where it ends. */
export function fill(bytes: Uint8Array, at: number, fields: readonly Field[], next: () => number): number {
  for (const field of fields) {
    FILL[field.kind](bytes, at, field, next);
    at += field.length;
  }
  return at;
}

/** 10^digits in 8 bytes, by the number of digits. */
const LIMITS: readonly Uint8Array[] = Array.from({ length: 19 }, (_, digits) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, 10n ** BigInt(digits));
  return bytes;
});

type Fill = (bytes: Uint8Array, at: number, field: Field, next: () => number) => void;

const FILL: Readonly<Record<Field['kind'], Fill>> = {
  /** From a third of the width to all of it, then spaces. */
  text(bytes, at, { length, accented }, next) {
    const least = Math.ceil(length / 3);
    const used = least + (next() % (length - least + 1));
    for (let k = 0; k < used; k++) bytes[at + k] = LETTERS[next() % LETTERS.length]!;
    bytes.fill(SPACE, at + used, at + length);
    if (accented > 0 && next() % accented === 0) bytes[at + (next() % used)] = E_ACUTE;
    if (bytes[at + used - 1] === SPACE) bytes[at + used - 1] = LETTERS[0]!;
  },
  zoned(bytes, at, { length, signed }, next) {
    for (let k = 0; k < length; k++) bytes[at + k] = 0xf0 + (next() % 10);
    if (signed) bytes[at + length - 1] = (bytes[at + length - 1]! & 0x0f) | (next() & 1 ? 0xd0 : 0xc0);
  },
  packed(bytes, at, { length, digits, signed }, next) {
    for (let k = 0; k < length; k++) {
      const pair = next() % 100;
      bytes[at + k] = (Math.trunc(pair / 10) << 4) | (pair % 10);
    }
    if (digits % 2 === 0) bytes[at] = bytes[at]! & 0x0f;
    bytes[at + length - 1] = (bytes[at + length - 1]! & 0xf0) | (signed ? (next() & 1 ? 0x0d : 0x0c) : 0x0f);
  },
  /** Within the picture's digits: bytes below those of 10^digits, all of them turned over for a number below zero. */
  binary(bytes, at, { length, digits, signed }, next) {
    const limit = LIMITS[digits]!;
    const turn = signed && next() & 1 ? 0xff : 0;
    let isBelow = false;
    for (let k = 0; k < length; k++) {
      const most = limit[limit.length - length + k]!;
      const byte = isBelow ? next() >>> 24 : most > 0 ? next() % most : 0;
      isBelow ||= most > 0;
      bytes[at + k] = byte ^ turn;
    }
  },
  /** IBM hexadecimal, from 16^-4 to 16^4. */
  float(bytes, at, { length }, next) {
    bytes[at] = (next() & 0x80) | (0x3d + (next() % 8));
    for (let k = 1; k < length; k++) bytes[at + k] = next() >>> 24;
    bytes[at + 1] = bytes[at + 1]! | 0x10;
  },
};
