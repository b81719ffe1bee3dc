/**
 * Conditions from their text to the records that they select, on both engines: every kind of item against constants,
 * figurative constants, patterns and other items, with absent, bad and missing values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { codePage } from '../../src/codepage/codepage.js';
import { Copybook, type OpenOptions, OverpunchError, open } from '../../src/index.js';
import { compileFilter } from '../../src/plan/compile.js';
import { engines } from '../engine/engines.js';

const TEXT = `01 R.
  05 ID PIC 9(3).
  05 NAME PIC X(8).
     88 IS-ADA VALUE 'ADA'. 88 A-TO-M VALUE 'A' THRU 'M'. 88 UNNAMED VALUE SPACES LOW-VALUES. 88 ALL-X VALUE ALL 'XY'.
  05 OTHER PIC X(5).
  05 BALANCE PIC S9(5)V99 COMP-3.
     88 IN-DEBT VALUE -99999.99 THRU -0.01. 88 EVEN VALUE ZERO.
  05 LIMIT-1 PIC 9(4).
     88 NO-LIMIT VALUE 9999. 88 NOT-GIVEN VALUE SPACES.
  05 COUNT-1 PIC S9(4) COMP.
     88 FEW VALUES 1 2 3, 7 THRU 9.
  05 EDITED-1 PIC ZZ9.9-.
  05 RATE COMP-2.`;
const { encode } = codePage('037');
const bytes = (text: string): Buffer => Buffer.from(encode(text) as Uint8Array);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

interface Fields {
  readonly name?: string | Buffer;
  readonly other?: string | Buffer;
  /** Packed, in hexadecimal. */
  readonly balance?: string;
  readonly limit?: string | Buffer;
  readonly count?: number;
  readonly edited?: string;
  readonly rate?: string;
}

function record(id: number, fields: Fields): Buffer {
  const text = (value: string | Buffer, length: number): Buffer =>
    typeof value === 'string' ? bytes(value.padEnd(length)) : value;
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.count ?? 0);
  return Buffer.concat([
    bytes(String(id).padStart(3, '0')),
    text(fields.name ?? 'X', 8),
    text(fields.other ?? 'Y', 5),
    hex(fields.balance ?? '0000000C'),
    text(fields.limit ?? '0100', 4),
    count,
    text(fields.edited ?? '  0.0', 6),
    hex(fields.rate ?? '0000000000000000'),
  ]);
}

const RECORDS = [
  record(1, {
    name: 'ADA',
    other: 'ADA',
    balance: '0012345C',
    limit: '0123',
    count: 1,
    edited: ' 12.3',
    rate: '4110000000000000',
  }),
  record(2, {
    name: 'BOB',
    other: 'ADA',
    balance: '0012345D',
    limit: '9999',
    count: 7,
    edited: ' 12.3-',
    rate: 'C110000000000000',
  }),
  record(3, { name: '', other: 'ÉÀ_%', balance: '0000000D', limit: '', count: 10 }),
  record(4, { name: Buffer.alloc(8), other: Buffer.alloc(5, 0xff), balance: '40404040', limit: 'ABCD', count: -3 }),
  record(5, { name: 'XYXYXYXY', other: 'XYXYX', balance: '001234FF', limit: '0000', count: 123, edited: '' }),
  record(6, { name: hex('c1c4c10040000000'), other: 'A_B', balance: '9999999C', limit: Buffer.alloc(4), count: 3 }),
  record(7, { name: 'ADAM', other: 'A%B', balance: '0010000C', limit: '0100', count: 100 }).subarray(0, 12),
];

async function ids(where: string, options: Omit<OpenOptions, 'copybook'>): Promise<number[]> {
  const source = Buffer.concat(RECORDS.map((one) => Buffer.concat([Buffer.from([0, one.length + 4, 0, 0]), one])));
  const found: number[] = [];
  const copybook = Copybook.parse(TEXT, { format: 'free' });
  const reader = open(source, { copybook, recfm: 'V', where, select: ['ID'], ...options });
  for await (const { id } of reader) found.push(id as number);
  expect(reader.summary.badValues).toBe(0);
  return found;
}

const CASES: readonly (readonly [where: string, ids: readonly number[]])[] = [
  // text: pads and x'00' at the end count on neither side; all x'00' is nothing
  ["NAME = 'ADA'", [1, 6]],
  ["NAME <> 'ADA'", [2, 3, 5, 7]],
  ["NAME < 'B'", [1, 3, 6, 7]],
  ["NAME >= 'XYXYXYXY '", [5]],
  ["NOT NAME = 'ADA'", [2, 3, 5, 7]],
  ['NAME = SPACES', [3]],
  ['NAME = LOW-VALUES', [4]],
  ['NAME > LOW-VALUES', [1, 2, 3, 5, 6, 7]],
  ['OTHER = HIGH-VALUES', [4]],
  ["NAME = ALL 'XY'", [5]],
  ["NAME = X'C1C4C1'", [1]],
  ["NAME = X'0000000000000000'", [4]],
  ["OTHER = X'FFFFFFFFFF'", [4]],
  ["'BOB' = NAME", [2]],
  ["NAME IN ('BOB', 'ADA')", [1, 2, 6]],
  ["NAME NOT IN ('BOB', 'ADA')", [3, 5, 7]],
  ["NAME BETWEEN 'ADA' AND 'BOB'", [1, 2, 6, 7]],
  ["NAME NOT BETWEEN 'ADA' AND 'BOB'", [3, 5]],
  // nothing there
  ['NAME IS NULL', [4]],
  ['NAME IS NOT NULL', [1, 2, 3, 5, 6, 7]],
  ['BALANCE IS NULL', [4, 5, 7]],
  ['LIMIT-1 IS NULL', [3, 4, 6, 7]],
  ['EDITED-1 IS NULL AND OTHER IS NOT NULL', [5, 7]],
  ['RATE IS NULL', [7]],
  // patterns
  ["NAME LIKE 'AD%'", [1, 6, 7]],
  ["NAME LIKE 'ADA'", [1, 6]],
  ["NAME LIKE '%'", [1, 2, 3, 5, 6, 7]],
  ["NAME LIKE '_O_'", [2]],
  ["NAME LIKE '%XY%XY'", [5]],
  ["NAME LIKE '%YX%YX'", []],
  ["NAME NOT LIKE '%A%'", [2, 3, 5]],
  ["NAME LIKE 'ADA_'", [7]],
  ["NAME LIKE 'ADA   '", [1, 6]],
  ["OTHER LIKE 'A!_B' ESCAPE '!'", [6]],
  ["OTHER LIKE '%!%' ESCAPE '!'", [3]],
  ["OTHER LIKE 'É_!_!%' ESCAPE '!'", [3]],
  ["OTHER LIKE '____'", [3]],
  // numbers: by value, at any scale; bad ones are unknown
  ['BALANCE = 123.45', [1]],
  ['BALANCE = 123.450', [1]],
  ['BALANCE = 123.454', []],
  ['BALANCE <= 123.454', [1, 2, 3]],
  ['BALANCE > -123.454', [1, 2, 3, 6]],
  ['BALANCE >= -123.45', [1, 2, 3, 6]],
  ['BALANCE = 0', [3]],
  ['BALANCE = ZEROS', [3]],
  ['BALANCE > 1000000000000000000000000000000000000000', []],
  ['BALANCE < 1000000000000000000000000000000000000000', [1, 2, 3, 6]],
  ['NOT BALANCE < 0', [1, 3, 6]],
  ['LIMIT-1 = 123', [1]],
  ["LIMIT-1 = '0123'", [1]],
  ["LIMIT-1 = ALL '9'", [2]],
  ['LIMIT-1 = SPACES', [3]],
  ['LIMIT-1 = LOW-VALUES', [6]],
  ["LIMIT-1 = X'C1C2C3C4'", [4]],
  ['COUNT-1 BETWEEN -3 AND 3', [1, 4, 6]],
  ['COUNT-1 > 40000', []],
  ['COUNT-1 > -40000', [1, 2, 3, 4, 5, 6]],
  ['COUNT-1 <> 99999999999', [1, 2, 3, 4, 5, 6]],
  ['EDITED-1 = 12.3', [1]],
  ['EDITED-1 < 0', [2]],
  ["EDITED-1 = ' 12.3'", [1]],
  ['EDITED-1 = SPACES', [5]],
  ['RATE = 1', [1]],
  ['RATE < 0.5', [2, 3, 4, 5, 6]],
  // condition names
  ['IS-ADA', [1, 6]],
  ['NOT IS-ADA', [2, 3, 5, 7]],
  ['A-TO-M', [1, 2, 6, 7]],
  ['UNNAMED', [3, 4]],
  ['ALL-X', [5]],
  ['IN-DEBT', [2]],
  ['EVEN', [3]],
  ['NO-LIMIT', [2]],
  ['NOT-GIVEN', [3]],
  ['FEW', [1, 2, 6]],
  ['FEW OF COUNT-1 AND NOT IN-DEBT', [1, 6]],
  // item against item
  ['NAME = OTHER', [1]],
  ['NAME <> OTHER', [2, 3, 5, 6, 7]],
  ['NAME > OTHER', [2, 5, 6, 7]],
  ['OTHER < NAME', [2, 5, 6, 7]],
  ['BALANCE > LIMIT-1', [1]],
  ['BALANCE = COUNT-1', []],
  ['LIMIT-1 >= COUNT-1', [1, 2]],
  ['EDITED-1 < BALANCE', [1, 6]],
  ['COUNT-1 IN (EDITED-1, LIMIT-1, 7)', [2]],
  ['COUNT-1 BETWEEN EDITED-1 AND LIMIT-1', [2]],
  ['RATE = RATE', [1, 2, 3, 4, 5, 6]],
];

describe.each(engines())('conditions, engine $name', (engine) => {
  test.each(CASES)('%s', async (where, wanted) => {
    expect(await ids(where, { engine: engine.name })).toEqual(wanted);
  });

  test('the options that change what bytes mean hold for conditions too', async () => {
    const keep = { engine: engine.name, absent: 'keep' } as const;
    expect(await ids('NAME IS NULL', keep)).toEqual([]);
    expect(await ids("NAME < 'A'", keep)).toEqual([3, 4]);
    const text = { engine: engine.name, edited: 'text' } as const;
    expect(await ids("EDITED-1 LIKE '%12.3_'", text)).toEqual([2]);
    expect(await ids("EDITED-1 = ' 12.3-'", text)).toEqual([2]);
    expect(await ids('EDITED-1 = 12.3', text)).toEqual([1]);
  });

  test('alternatives are chosen by what text says, also where columns hold it for sorting', async () => {
    const copybook = Copybook.parse('01 R. 05 K PIC X(2). 05 V PIC X(2). 05 W REDEFINES V PIC 99.', { format: 'free' });
    const record = { W: "K LIKE 'Z%'" };
    const data = bytes('ZB07AB99ZA12ZC05');
    const sorted = open(data, { copybook, record, recfm: 'F', engine: engine.name }).sort([
      { by: 'W', order: 'asc' },
      { by: 'K', order: 'desc' },
    ]);
    const keys: unknown[] = [];
    for await (const { k } of sorted) keys.push(k);
    expect(keys.filter((key) => key !== 'AB')).toEqual(['ZC', 'ZB', 'ZA']);
    expect(keys).toHaveLength(4);
  });

  describe('national, double-byte and mixed text', () => {
    const copybook = Copybook.parse(
      `01 R. 05 ID PIC 9. 05 N PIC N(3) NATIONAL. 88 N-KANA VALUE N'あ' THRU N'ん'. 05 G PIC G(3) DISPLAY-1.
       05 M PIC X(8). 05 P PIC X(6).`,
      { format: 'free' },
    );
    const page = codePage('939');
    const fixed = (content: Buffer, length: number, pad: string): Buffer =>
      Buffer.concat([content, Buffer.from(pad.repeat(length), 'hex')]).subarray(0, length);
    const one = (id: number, n: string, g: string, m: string | Buffer, p: string): Buffer => {
      const pairs = g === '' ? Buffer.alloc(0) : Buffer.from(page.encode(g) as Uint8Array).subarray(1, -1);
      return Buffer.concat([
        Buffer.from([0xf0 + id]),
        fixed(Buffer.from(n, 'utf16le').swap16(), 6, '0020'),
        fixed(pairs, 6, '40'),
        fixed(typeof m === 'string' ? Buffer.from(page.encode(m) as Uint8Array) : m, 8, '40'),
        fixed(Buffer.from(page.encode(p) as Uint8Array), 6, '40'),
      ]);
    };
    const source = Buffer.concat([
      one(1, 'AB', '山', 'A山', 'A'),
      // A, a pair, a double-byte space
      one(2, 'あ', '山川', Buffer.concat([hex('c1'), Buffer.from(page.encode('山　') as Uint8Array)]), 'B'),
      one(3, 'é', '', 'A', 'A'),
      one(4, 'ABC', '川', Buffer.from('0e45', 'hex'), '9'), // half a pair
      one(5, '', '　', '', ''),
    ]);
    const found = async (where: string): Promise<number[]> => {
      const list: number[] = [];
      const options = { copybook, where, codePage: '939', select: ['ID'], recfm: 'F', engine: engine.name } as const;
      for await (const { id } of open(source, options)) list.push(id as number);
      return list;
    };
    test.each([
      ["N = 'AB'", [1]],
      ["N < 'AC'", [1, 4, 5]],
      ["N > 'ab'", [2, 3]],
      ['N = SPACES', [5]],
      ["N = X'00410042'", [1]],
      ["N LIKE 'A_'", [1]],
      ["N LIKE 'é%'", [3]],
      ['N-KANA', [2]],
      ["G = '山'", [1]],
      ["G LIKE '%川'", [2, 4]],
      ['G = SPACES', [3, 5]],
      ["M = 'A山'", [1, 2]],
      ["M LIKE 'A_'", [1, 2]],
      ["M = 'A'", [3]],
      // byte by byte, as COBOL orders: shift-out lies before the space
      ["M >= 'A' AND M <= 'Z'", [3]],
      ["M < 'A'", [1, 2, 5]],
      ["M <> 'A'", [1, 2, 5]],
      ['M IS NULL', [4]],
      // in the order of the code page: digits behind letters
      ["P > 'B'", [4]],
      ['P = M', [3, 5]],
      ['N > P', [1, 2, 3, 4]],
    ])('%s', async (where, wanted) => {
      expect(await found(where)).toEqual(wanted);
    });
  });
});

describe('conditions that make no sense', () => {
  const copybook = Copybook.parse(
    `01 R. 05 NAME PIC X(8). 88 IS-ADA VALUE 'ADA'. 05 BALANCE PIC S9(5)V99 COMP-3. 05 RATE COMP-1. 05 N PIC 9.
     05 G. 10 T PIC X OCCURS 0 TO 3 DEPENDING ON N. 05 BIG PIC 9(31). 05 SMALL PIC V9(20). 05 D PIC G(2) DISPLAY-1.
     05 K. 10 K1 PIC X.`,
    { format: 'free' },
  );
  test.each([
    ["NMAE = 'X'", 1, 'Did you mean NAME'],
    ["BALANCE = 'ABC'", 11, 'is a number'],
    ['BALANCE = SPACES', 11, 'IS NULL'],
    ["BALANCE LIKE '1%'", 1, 'LIKE is for text'],
    ["NAME LIKE 'A!B' ESCAPE '!'", 1, "escape character '!'"],
    ['NAME = BALANCE', 8, 'R.NAME is text, R.BALANCE is a number'],
    ['RATE > BALANCE', 8, 'R.RATE is a float'],
    ['BIG > SMALL', 7, 'more than 38 digits'],
    ['K IS NULL', 1, 'a group, which is never null'],
    ["G = 'X'", 1, 'its table T depends on N'],
    ["T = 'X'", 1, 'a table or an item of one'],
    ["IS-ADA = 'X'", 1, 'stands alone'],
    ['NAME', 1, 'not a condition name'],
    ["NAME = '山'", 8, "'山' is not in code page 037"],
    ["NAME = '😀'", 8, "'😀' is not in code page 037"],
  ])('%s', (where, column, words) => {
    let error: unknown;
    try {
      compileFilter(copybook.layout, where);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(OverpunchError);
    const { code, message, source } = error as OverpunchError;
    expect(code).toBe('OVP_OPTION_CONDITION');
    expect(message).toContain(words);
    expect([source?.file, source?.column]).toEqual(['--where', column]);
  });

  test('single bytes in a double-byte item, text that is too long', () => {
    const where = (condition: string, options: { codePage?: string } = {}): (() => unknown) => {
      const long = Copybook.parse('01 R. 05 D PIC G(2) DISPLAY-1. 05 L PIC X(30000). 05 N PIC N(9) NATIONAL.', {
        format: 'free',
      });
      return () => compileFilter(long.layout, condition, options);
    };
    expect(where("D = 'A'", { codePage: '939' })).toThrow('full-width');
    expect(where("L LIKE 'A%'", { codePage: '939' })).toThrow('too long');
    expect(where("L = 'A'")).not.toThrow();
    expect(where("L LIKE 'A%'")).not.toThrow();
    expect(where("N = '\ud800'")).toThrow('half a character');
  });
});
