/**
 * Text that is not one byte a character, and new lines, from copybook to objects and JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { OverpunchError } from '../../src/errors.js';
import type { DecodeOptions } from '../../src/options.js';
import { compile } from '../../src/plan/compile.js';
import { explain } from '../../src/plan/explain.js';
import { open } from '../../src/read.js';

const copybook = Copybook.parse(`
       01  CUSTOMER.
           05  CUST-NAME     PIC X(12).
           05  CUST-KANJI    PIC G(3).
           05  CUST-TOWN     PIC N(2) USAGE DISPLAY-1.
           05  CUST-MAIL     PIC X(8).
           05  CUST-ID       PIC 9(3).
`);
const record = Buffer.from(
  '0E45624566 0F C1 4040404040 448144824040 45624040 61C3A9E282AC2020 F0F0F7'.replace(/\s/g, ''),
  'hex',
);
const options: DecodeOptions = { codePage: '939', fieldCodePages: { 'CUST-MAIL': 'utf-8' } };

function refused(action: () => unknown): OverpunchError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(OverpunchError);
    return error as OverpunchError;
  }
  throw new Error('nothing was thrown');
}

describe('mixed, double-byte and UTF-8 text', () => {
  const expected = { custName: '日本A', custKanji: 'あい', custTown: '日', custMail: 'aé€', custId: 7 };

  test('as objects', () => {
    expect(copybook.decode(record, options)).toEqual(expected);
  });

  test('as JSON lines', async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of open(Buffer.concat([record, record]), { copybook, ...options }).toJsonLines())
      chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([expected, expected]);
  });

  test('what is bad is reported with its reason', async () => {
    const broken = Buffer.from(record);
    broken[3] = 0x0e;
    broken[12] = 0xfe;
    broken[23] = 0x80;
    const reader = open(broken, { copybook, ...options });
    for await (const row of reader) expect(row).toMatchObject({ custName: null, custKanji: null, custId: 7 });
    expect(reader.summary.faults.map(({ field, reason }) => [field, reason])).toEqual([
      ['CUSTOMER.CUST-NAME', 'a shift is without its partner, or a byte or pair has no character in the code page'],
      ['CUSTOMER.CUST-KANJI', 'a pair of bytes has no character in the code page'],
      ['CUSTOMER.CUST-MAIL', 'the bytes are not valid UTF-8'],
    ]);
  });

  test('conditions compare with the shifts around', async () => {
    const rows: unknown[] = [];
    const where = "CUST-NAME = '日本A' AND CUST-MAIL = 'aé€'";
    for await (const row of open(record, { copybook, ...options, where })) rows.push(row);
    expect(rows).toEqual([expected]);
  });

  test('the page is in the plan once', () => {
    const plan = compile(copybook.layout, options);
    expect(explain(plan)).toMatch(
      /TEXT_MIXED {4}frame 0 \[0, 12\) UTF8 .*CUST-NAME\n.*TEXT_DBCS .*CUST-KANJI\n.*TEXT_DBCS .*\n.*TEXT_UTF8 /,
    );
    expect(plan.pool.length).toBeLessThan(40000);
  });

  test('pairs need a mixed page, UTF-16 whole characters', () => {
    const error = refused(() => compile(copybook.layout, {}));
    expect(error.code).toBe('OVP_OPTION_CODE_PAGE');
    expect(error.message).toContain('CUSTOMER.CUST-KANJI: code page 037 has no double-byte characters');
    const odd = Copybook.parse('       01  R.\n           05  A PIC X(3).\n           05  B PIC X(4).\n');
    expect(refused(() => compile(odd.layout, { codePage: 'utf-16' })).message).toContain("3 bytes can't be UTF-16");
    const message = Buffer.from('C1C2C30041D83D', 'hex');
    expect(odd.decode(message, { fieldCodePages: { B: 'utf-16' } })).toEqual({ a: 'ABC', b: null });
    expect(odd.decode(Buffer.from('C1C2C3D83DDE00', 'hex'), { fieldCodePages: { B: 'utf-16' } })).toEqual({
      a: 'ABC',
      b: '😀',
    });
  });

  test('PIC U is UTF-8 by itself', () => {
    const unicode = Copybook.parse('       01  R.\n           05  A PIC X(1).\n           05  B PIC U(2).\n');
    const { length } = unicode.layout;
    const bytes = Buffer.alloc(length, 0x20);
    bytes.set([0xc1, ...Buffer.from('é€')]);
    expect(unicode.decode(bytes)).toEqual({ a: 'A', b: 'é€' });
  });
});

describe('new lines', () => {
  const lines = Copybook.parse('       01  R.\n           05  A PIC X(5).\n');
  const message = Buffer.from('C115C225C3', 'hex');
  test.each([
    [undefined, 'A\x85B\nC'],
    ['nel', 'A\x85B\nC'],
    ['swap', 'A\nB\x85C'],
    ['both', 'A\nB\nC'],
  ] as const)('%s', (newlines, text) => {
    expect(lines.decode(message, newlines ? { newlines } : {})).toEqual({ a: text });
    expect(lines.decode(message, { ...(newlines && { newlines }), codePage: '930' })).toEqual({ a: text });
  });
});
