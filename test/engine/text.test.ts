/**
 * TEXT and NATIONAL: trimming, absence, characters of several bytes and of none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField, textPool } from './plans.js';

const { ABSENT, ASCII, LATIN1, TRIM_LEFT, TRIM_RIGHT, QUIET } = Flag;

const text = (LENGTH: number, FLAGS: number): Words => ({
  OP: Op.TEXT,
  LENGTH,
  FLAGS,
  DIGITS: 3,
  TYPE: Type.UTF8,
  POOL_LENGTH: FLAGS & LATIN1 ? 1280 : 1024,
});
const national = (LENGTH: number, FLAGS: number): Words => ({ OP: Op.NATIONAL, LENGTH, FLAGS, TYPE: Type.UTF8 });
const latin1 = (value: string): string => Buffer.from(value, 'latin1').toString('hex');
const utf16 = (value: string): string => Buffer.from(value, 'utf16le').swap16().toString('hex');

describe.each(engines())('TEXT, engine $name', (engine) => {
  test('trims pads and x00 at the ends it is told to', () => {
    const rows = ['20 20 41 42 20 00', '00 20 20 20 20 20', '41 20 42 20 43 20', '41 42 43 44 45 46'];
    const values = (flags: number): unknown => decodeField(engine, text(6, flags | ASCII), rows, textPool()).values(0);
    expect(values(TRIM_RIGHT)).toEqual(['  AB', '', 'A B C', 'ABCDEF']);
    expect(values(TRIM_LEFT)).toEqual(['AB \0', '', 'A B C ', 'ABCDEF']);
    expect(values(TRIM_LEFT | TRIM_RIGHT)).toEqual(['AB', '', 'A B C', 'ABCDEF']);
    expect(values(0)).toEqual(['  AB \0', '\0     ', 'A B C ', 'ABCDEF']);
    const ebcdic = decodeField(engine, text(3, TRIM_RIGHT), ['414040', '412020', '404040'], textPool());
    expect(ebcdic.values(0)).toEqual(['A', 'A  ', '']);
  });

  test('takes only x00 or xFF for absent where told to', () => {
    const rows = ['000000', 'FFFFFF', '202020', '0000FF', '004100'];
    const told = decodeField(engine, text(3, ASCII | ABSENT | TRIM_RIGHT), rows, textPool());
    expect(told.values(0)).toEqual([null, null, '', null, '\0A']);
    expect([told.absent(0), told.bad(0)]).toEqual([2, [3]]);
    const kept = decodeField(engine, text(3, ASCII | TRIM_RIGHT), rows, textPool());
    expect(kept.values(0)).toEqual(['', null, '', null, '\0A']);
    expect([kept.absent(0), kept.bad(0)]).toEqual([0, [1, 3]]);
  });

  test('writes characters of several bytes', () => {
    const rows = [latin1('Zérich'), latin1('ÀÉÎÕÜß'), 'F0F0F0F0F0F0', latin1('plain.'), '41F141414141'];
    const result = decodeField(engine, text(6, ASCII | TRIM_RIGHT), rows, textPool());
    expect(result.values(0)).toEqual(['Zérich', 'ÀÉÎÕÜß', '€€€€€€', 'plain.', null]);
    expect(result.bad(0)).toEqual([4]);
  });

  test('writes Latin-1 where told to', () => {
    const field = { ...text(3, ASCII | LATIN1 | TRIM_RIGHT), DIGITS: 1 };
    const pool = textPool();
    pool[1024 + 0xf0] = 0x80;
    const { slab } = decodeField(engine, field, [latin1('Zé '), 'F1F1F1', latin1('éÀx'), 'F04120'], pool);
    const { table } = slab.layout;
    const offsets = [...new Int32Array(slab.bytes.buffer, table[8]!, 5)];
    expect(offsets).toEqual([0, 2, 2, 5, 7]);
    expect(Buffer.from(slab.bytes.subarray(table[11]!, table[11]! + 7)).toString('latin1')).toBe('ZééÀx\u0080A');
  });

  test('gives what is there where the record ends inside', () => {
    const rows = ['414243', '4142', '41', '', '00', 'FF', '2020'];
    const result = decodeField(engine, text(3, ASCII | ABSENT | TRIM_RIGHT), rows, textPool());
    expect(result.values(0)).toEqual(['ABC', 'AB', 'A', null, null, null, '']);
    expect([result.absent(0), result.bad(0)]).toEqual([3, []]);
  });

  test('is quiet where told to', () => {
    const result = decodeField(engine, text(2, ASCII | QUIET), ['F1F1', '4142'], textPool());
    expect(result.values(0)).toEqual([null, 'AB']);
    expect([result.badCount(0), result.bad(0)]).toEqual([0, []]);
  });

  test('reads long texts and many of them', () => {
    const rows = Array.from({ length: 700 }, (_, i) => latin1('x'.repeat(i % 41).padEnd(40, i % 3 === 0 ? 'é' : ' ')));
    const result = decodeField(engine, text(40, ASCII | TRIM_RIGHT), rows, textPool());
    expect(result.values(0)).toEqual(rows.map((row) => Buffer.from(row, 'hex').toString('latin1').trimEnd()));
  });
});

describe.each(engines())('NATIONAL, engine $name', (engine) => {
  test('turns UTF-16 into UTF-8', () => {
    const rows = ['Aé€', 'ABC', '\u{1F600}z', '\uFEFFab', '\u07ff\u0800\uffff'].map(utf16);
    expect(decodeField(engine, national(6, 0), rows).values(0)).toEqual([
      'Aé€',
      'ABC',
      '\u{1F600}z',
      '\uFEFFab',
      '\u07ff\u0800\uffff',
    ]);
  });

  test('takes a lone surrogate for bad', () => {
    const result = decodeField(engine, national(4, 0), [
      'D83D0041',
      'DE00D83D',
      '0041D83D',
      'D83DDE00',
      'D83DD83D',
      'DC000041',
    ]);
    expect(result.values(0)).toEqual([null, null, null, '\u{1F600}', null, null]);
    expect(result.bad(0)).toEqual([0, 1, 2, 4, 5]);
  });

  test('trims U+0020 and U+0000', () => {
    const rows = ['0020004100200000', '0000002000000020', '2000410000412000', '0041004200430044'];
    const values = (flags: number): unknown => decodeField(engine, national(8, flags), rows).values(0);
    expect(values(TRIM_RIGHT)).toEqual([' A', '', '\u2000\u4100A\u2000', 'ABCD']);
    expect(values(TRIM_LEFT)).toEqual(['A \0', '', '\u2000\u4100A\u2000', 'ABCD']);
  });

  test('takes only x00 or xFF for absent where told to', () => {
    const rows = ['00000000', 'FFFFFFFF', '00200020', '0000FFFF'];
    const told = decodeField(engine, national(4, ABSENT | TRIM_RIGHT), rows);
    expect(told.values(0)).toEqual([null, null, '', '\0\uffff']);
    expect(told.absent(0)).toBe(2);
    const kept = decodeField(engine, national(4, TRIM_RIGHT), rows);
    expect(kept.values(0)).toEqual(['', '\uffff\uffff', '', '\0\uffff']);
  });

  test('gives the whole characters that are there where the record ends inside', () => {
    const rows = ['004100420043', '0041004200', '0041', '00', ''];
    const result = decodeField(engine, national(6, 0), rows);
    expect(result.values(0)).toEqual(['ABC', 'AB', 'A', '', null]);
    expect(result.absent(0)).toBe(1);
  });
});
