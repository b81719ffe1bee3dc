/**
 * Frames: tables fixed and counted, nested and of varying elements, what lies behind them, selections, and the ends of
 * records and slabs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Head } from '../../src/engine/slab.js';
import { Cmp, Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { ROOT, type Words, decode, hex, plan } from './plans.js';

/** A one-digit EBCDIC number: as a column, or as an operand without TARGET. */
const digit = (FRAME: number, OFFSET: number, TARGET = -1, FLAGS = 0): Words => ({
  OP: Op.ZONED,
  FRAME,
  OFFSET,
  LENGTH: 1,
  DIGITS: 1,
  TARGET,
  FLAGS,
  TYPE: Type.INT32,
});
const digits = (text: string): Uint8Array =>
  hex([...text].map((d) => (d === ' ' ? '40' : d === '?' ? '7A' : `F${d}`)).join(''));
const equals = (FRAME: number, OFFSET: number, POOL: number, DIGITS: number = Cmp.EQ): Words => ({
  OP: Op.COMPARE_TEXT,
  FRAME,
  OFFSET,
  LENGTH: 1,
  DIGITS,
  UP: 0x40,
  POOL,
  POOL_LENGTH: 1,
});
const pool = digits('0123456789');

describe.each(engines())('frames, engine $name', (engine) => {
  test('reads a fixed table', () => {
    const which = plan([
      ROOT,
      { OP: Op.TABLE, OFFSET: 1, LENGTH: 2, TARGET: 1, DIGITS: 3, UP: 3, TYPE: 1 },
      digit(0, 0, 0),
      digit(1, 0, 1),
      digit(1, 1, 2),
    ]);
    const result = decode(engine, which, { data: digits('91234568765432'), stride: 7 }, [2, 6]);
    expect(result.values(0)).toEqual([9, 8]);
    expect(result.values(1)).toEqual([1, 3, 5, 7, 5, 3]);
    expect(result.values(2)).toEqual([2, 4, 6, 6, 4, 2]);
    expect(result.positions(1)).toEqual([1, 3, 5, 8, 10, 12]);
    expect([result.records, result.slots(0), result.slots(1)]).toEqual([2, 2, 6]);
  });

  // COUNT 9, items of 2, then one digit behind them
  const counted = (TABLE: Partial<Words> = {}): Words[] => [
    ROOT,
    digit(0, 0),
    { OP: Op.TABLE, OFFSET: 1, LENGTH: 2, TARGET: 1, DIGITS: 3, TYPE: 1, COUNTER: 1, ...TABLE },
    { OP: Op.AFTER, FRAME: 1, TARGET: 2 },
  ];

  test('reads a counted table and what lies behind it', () => {
    const which = plan([...counted(), digit(1, 1, 0), digit(2, 0, 1)]);
    const result = decode(engine, which, ['2 1 27', '05', '3 4 5 68'].map(digits), [3, 5]);
    expect(result.values(0)).toEqual([1, 2, 4, 5, 6]);
    expect(result.values(1)).toEqual([7, 5, 8]);
    expect(result.listOffsets(1)).toEqual([0, 2, 2, 5]);
    expect(result.positions(1)).toEqual([1, 3, 9, 11, 13]);
    expect(result.positions(2)).toEqual([5, 7, 15]);
    expect([result.faults(1), result.faultCount(1)]).toEqual([[], 0]);
  });

  test('counts bad counters and clamps their tables', () => {
    const which = plan([...counted(), digit(1, 1, 0), digit(2, 0, 1)]);
    const rows = ['9 1 2 34', '5 1 2 34', '?6', ' 7', '1 89', ''].map(digits);
    const result = decode(engine, which, rows, [6, 7]);
    expect(result.listOffsets(1)).toEqual([0, 3, 6, 6, 6, 7, 7]);
    expect(result.values(1)).toEqual([4, 4, 6, 7, 9, null]);
    expect([result.faults(1), result.faultCount(1)]).toEqual([[0, 1, 2, 3], 4]);
    const quiet = decode(
      engine,
      plan([...counted({ FLAGS: Flag.QUIET }), digit(1, 1, 0), digit(2, 0, 1)]),
      rows,
      [6, 7],
    );
    expect([quiet.faults(1), quiet.faultCount(1)]).toEqual([[], 0]);
    expect(quiet.values(1)).toEqual([4, 4, 6, 7, 9, null]);
  });

  test('takes a negative counter and one cut by the record for faults', () => {
    const counter: Words = { OP: Op.BINARY, LENGTH: 2, FLAGS: Flag.SIGNED, TYPE: Type.INT32 };
    const which = plan([
      ROOT,
      counter,
      { OP: Op.TABLE, OFFSET: 2, LENGTH: 1, TARGET: 1, DIGITS: 3, TYPE: 1, COUNTER: 1 },
      digit(1, 0, 0),
    ]);
    const result = decode(engine, which, ['FFFF F1', '0001 F2', '00', '7FFF F1F2F3', '8000'].map(hex), [5, 20]);
    expect(result.listOffsets(1)).toEqual([0, 0, 1, 1, 4, 4]);
    expect(result.faults(1)).toEqual([0, 2, 3, 4]);
  });

  test('reads wide counters', () => {
    for (const [counter, rows] of [
      [
        { OP: Op.BINARY, LENGTH: 8, FLAGS: 0, TYPE: Type.DECIMAL128 },
        ['0000000000000002', 'FFFFFFFFFFFFFFFF', '0000000100000000'],
      ],
      [
        { OP: Op.PACKED, LENGTH: 10, DIGITS: 19, FLAGS: Flag.SIGNED, TYPE: Type.DECIMAL128 },
        [`${'0'.repeat(18)}2C`, `${'9'.repeat(19)}C`, `${'0'.repeat(18)}1D`],
      ],
    ] as const) {
      const which = plan([
        ROOT,
        counter,
        { OP: Op.TABLE, OFFSET: counter.LENGTH, LENGTH: 1, TARGET: 1, DIGITS: 4, TYPE: 1, COUNTER: 1 },
        digit(1, 0, 0),
      ]);
      const result = decode(engine, which, rows.map(hex), [3, 20]);
      expect(result.listOffsets(1)).toEqual(counter.OP === Op.BINARY ? [0, 2, 6, 10] : [0, 2, 6, 6]);
      expect(result.faults(1)).toEqual([1, 2]);
    }
  });

  test('measures a virtual table only for what lies behind it', () => {
    const which = plan([...counted({ TYPE: -1 }), digit(2, 0, 0)]);
    const result = decode(
      engine,
      which,
      ['2xxxx7', '05', '3xxxxxx8', '9xxxxxx9'].map((row) => digits(row.replaceAll('x', '1'))),
      [4],
    );
    expect(result.values(0)).toEqual([7, 5, 8, 9]);
    expect([result.faults(1), result.faultCount(1)]).toEqual([[3], 1]);
  });

  test('keeps padded tables apart', () => {
    const which = plan([
      ROOT,
      digit(0, 0),
      { OP: Op.TABLE, OFFSET: 1, LENGTH: 1, TARGET: 1, DIGITS: 3, TYPE: 1, COUNTER: 1, FLAGS: Flag.PADDED },
      digit(1, 0, 0),
      digit(0, 4, 1),
    ]);
    const result = decode(engine, which, ['21207', '03338'].map(digits), [2, 6]);
    expect([result.values(0), result.values(1)]).toEqual([
      [1, 2],
      [7, 8],
    ]);
  });

  /**
   * N, N times (M, M times one digit, one digit behind them), one digit behind all: COBOL's nested ODO. The inner counter
   * is in the element itself.
   */
  const nested = (outer: number, inner: number): Words[] => [
    ROOT,
    digit(0, 0),
    { OP: Op.TABLE, OFFSET: 1, LENGTH: 0, TARGET: 1, DIGITS: 3, TYPE: outer, COUNTER: 1, POOL: 3, POOL_LENGTH: 1 },
    digit(1, 0),
    { OP: Op.TABLE, FRAME: 1, OFFSET: 1, LENGTH: 1, TARGET: 2, DIGITS: 4, TYPE: inner, COUNTER: 3 },
    { OP: Op.AFTER, FRAME: 2, TARGET: 3 },
    { OP: Op.AFTER, FRAME: 1, TARGET: 4 },
  ];
  const nestedRows = ['2 3123 8 1 4 9 7', '0 6', '3 0 1 0 2 2 56 3 5'].map((row) => digits(row.replaceAll(' ', '')));

  test('reads tables of varying elements', () => {
    const which = plan([...nested(1, 2), digit(1, 0, 0), digit(2, 0, 1), digit(3, 0, 2), digit(4, 0, 3)]);
    const result = decode(engine, which, nestedRows, [3, 5, 10]);
    expect(result.listOffsets(1)).toEqual([0, 2, 2, 5]);
    expect(result.values(0)).toEqual([3, 1, 0, 0, 2]);
    expect(result.listOffsets(2)).toEqual([0, 3, 4, 4, 4, 6]);
    expect(result.values(1)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(result.values(2)).toEqual([8, 9, 1, 2, 3]);
    expect(result.values(3)).toEqual([7, 6, 5]);
  });

  test('measures nested virtual tables', () => {
    const result = decode(engine, plan([...nested(-1, -1), digit(4, 0, 0)]), nestedRows, [3]);
    expect(result.values(0)).toEqual([7, 6, 5]);
  });

  test('reads the inner counter from the record', () => {
    // M, N, N times (M digits, one digit), one digit behind
    const which = plan([
      ROOT,
      digit(0, 1),
      { OP: Op.TABLE, OFFSET: 2, LENGTH: 0, TARGET: 1, DIGITS: 3, TYPE: 1, COUNTER: 1, POOL: 3, POOL_LENGTH: 1 },
      digit(0, 0),
      { OP: Op.TABLE, FRAME: 1, OFFSET: 0, LENGTH: 1, TARGET: 2, DIGITS: 4, TYPE: 2, COUNTER: 3 },
      { OP: Op.AFTER, FRAME: 2, TARGET: 3 },
      { OP: Op.AFTER, FRAME: 1, TARGET: 4 },
      digit(2, 0, 0),
      digit(3, 0, 1),
      digit(4, 0, 2),
    ]);
    const result = decode(
      engine,
      which,
      ['22 12 8 34 9 7', '03 1 2 3 4', '30 6'].map((row) => digits(row.replaceAll(' ', ''))),
      [3, 6, 12],
    );
    expect(result.values(0)).toEqual([1, 2, 3, 4]);
    expect(result.values(1)).toEqual([8, 9, 1, 2, 3]);
    expect(result.values(2)).toEqual([7, 4, 6]);
    expect(result.listOffsets(2)).toEqual([0, 2, 4, 4, 4, 4]);
  });

  test('reads three levels of varying elements, the counters chained behind each other', () => {
    // element of A: count B, B (count C, C digits, tail digit), tail digit
    const which = plan([
      ROOT,
      digit(0, 0),
      { OP: Op.TABLE, OFFSET: 1, TARGET: 1, DIGITS: 2, TYPE: 1, COUNTER: 1, POOL: 5, POOL_LENGTH: 1 },
      digit(1, 0),
      { OP: Op.TABLE, FRAME: 1, OFFSET: 1, TARGET: 2, DIGITS: 2, TYPE: 2, COUNTER: 3, POOL: 4, POOL_LENGTH: 1 },
      digit(2, 0),
      { OP: Op.TABLE, FRAME: 2, OFFSET: 1, LENGTH: 1, TARGET: 3, DIGITS: 3, TYPE: 3, COUNTER: 5 },
      { OP: Op.AFTER, FRAME: 3, TARGET: 4 },
      { OP: Op.AFTER, FRAME: 2, TARGET: 5 },
      { OP: Op.AFTER, FRAME: 1, TARGET: 6 },
      digit(3, 0, 0),
      digit(4, 0, 1),
      digit(5, 0, 2),
      digit(6, 0, 3),
    ]);
    // 2 elements: [2: (1: 5, 6) (0: 7)] 8; [1: (3: 1 2 3, 4)] 9; end 0
    const rows = ['2 2 15 6 0 7 8 1 3 123 4 9 0', '1 0 3 1', '0 2'].map((row) => digits(row.replaceAll(' ', '')));
    const result = decode(engine, which, rows, [3, 4, 8, 16]);
    expect(result.values(0)).toEqual([5, 1, 2, 3]);
    expect(result.values(1)).toEqual([6, 7, 4]);
    expect(result.values(2)).toEqual([8, 9, 3]);
    expect(result.values(3)).toEqual([0, 1, 2]);
  });

  test('makes rows of a selection null elsewhere', () => {
    const which = plan(
      [ROOT, equals(0, 0, 1), { OP: Op.SELECT, TARGET: 1, POOL: 1 }, digit(1, 1, 0), digit(0, 1, 1)],
      pool,
    );
    const result = decode(engine, which, ['15', '2?', '1?', '17', '1', ''].map(digits));
    expect(result.selected(1)).toEqual([0, 2, 3, 4]);
    expect(result.values(0)).toEqual([5, null, null, 7, null, null]);
    expect([result.bad(0), result.badCount(0), result.absent(0)]).toEqual([[2], 1, 1]);
    expect(result.values(1)).toEqual([5, null, null, 7, null, null]);
    expect([result.bad(1), result.absent(1)]).toEqual([[1, 2], 2]);
  });

  test('reads text of selected rows only', () => {
    const table = new Uint8Array(1024);
    for (let byte = 0; byte < 256; byte++) table.set([1, 0x30 + (byte & 15)], 4 * byte);
    const field: Words = {
      OP: Op.TEXT,
      FRAME: 1,
      OFFSET: 1,
      LENGTH: 2,
      DIGITS: 1,
      TYPE: Type.UTF8,
      TARGET: 0,
      POOL_LENGTH: 1024,
    };
    const both = new Uint8Array(1034);
    both.set(table);
    both.set(pool, 1024);
    const which = plan([ROOT, equals(0, 0, 1025), { OP: Op.SELECT, TARGET: 1, POOL: 1 }, field], both);
    expect(decode(engine, which, ['112', '234', '156', '178'].map(digits)).values(0)).toEqual(['12', null, '56', '78']);
    expect(decode(engine, which, ['112', '234', '15', '1', '167'].map(digits)).values(0)).toEqual([
      '12',
      null,
      '5',
      null,
      '67',
    ]);
  });

  test('keeps slots of a fixed table under a selection, items of a counted one only for selected rows', () => {
    const which = plan(
      [
        ROOT,
        equals(0, 0, 1),
        { OP: Op.SELECT, TARGET: 1, POOL: 1 },
        { OP: Op.TABLE, FRAME: 1, OFFSET: 2, LENGTH: 1, TARGET: 2, DIGITS: 2, UP: 2, TYPE: 1 },
        digit(0, 1),
        { OP: Op.TABLE, FRAME: 1, OFFSET: 2, LENGTH: 1, TARGET: 3, DIGITS: 2, TYPE: 2, COUNTER: 4 },
        { OP: Op.AFTER, FRAME: 3, TARGET: 4 },
        digit(2, 0, 0),
        digit(3, 0, 1),
        digit(4, 0, 2),
      ],
      pool,
    );
    const result = decode(
      engine,
      which,
      ['2256?', '12567', '21?6?', '11 89'].map((row) => digits(row.replace(' ', ''))),
      [4, 8, 8],
    );
    expect(result.selected(1)).toEqual([1, 3]);
    expect(result.slots(1)).toBe(8);
    expect(result.values(0)).toEqual([null, null, 5, 6, null, null, 8, 9]);
    expect([result.bad(0), result.badCount(0), result.absent(0)]).toEqual([[], 0, 0]);
    expect(result.listOffsets(3)).toEqual([0, 0, 2, 2, 3]);
    expect(result.values(1)).toEqual([5, 6, 8]);
    expect(result.values(2)).toEqual([null, 7, null, 9]);
    expect(result.positions(2).filter((_, i) => i % 4 > 1)).toEqual([7, 8, 17, 18]);
  });

  test('selects items of a table, and rows of a selection', () => {
    const which = plan(
      [
        ROOT,
        { OP: Op.TABLE, LENGTH: 1, TARGET: 1, DIGITS: 4, UP: 4, TYPE: 1 },
        equals(1, 0, 5, Cmp.LT),
        { OP: Op.SELECT, FRAME: 1, TARGET: 2, POOL: 2 },
        equals(1, 0, 2, Cmp.GT),
        equals(0, 0, 1, Cmp.EQ),
        { OP: Op.OR },
        { OP: Op.SELECT, FRAME: 2, TARGET: 3, POOL: 4 },
        digit(2, 0, 0),
        digit(3, 0, 1),
      ],
      pool,
    );
    const result = decode(engine, which, ['1829', '3724'].map(digits), [2, 8]);
    expect(result.selected(2)).toEqual([0, 2, 4, 6, 7]);
    expect(result.values(0)).toEqual([1, null, 2, null, 3, null, 2, 4]);
    // the second row's items above 2; the first row's all, for its first byte is 1
    expect(result.selected(3)).toEqual([0, 2, 4, 7]);
    expect(result.values(1)).toEqual([1, null, 2, null, 3, null, null, 4]);
  });

  test('counts records shorter and longer than their extent', () => {
    const which = plan([...counted(), { OP: Op.EXTENT, FRAME: 2, OFFSET: 1 }, digit(2, 0, 0)]);
    const result = decode(engine, which, ['1  7', '1 5', '27', '1  7  ', '0', '01', '01 '].map(digits), [7, 10]);
    expect([result.head(Head.SHORT), result.head(Head.LONG)]).toEqual([3, 2]);
  });

  test('counts extents of selected rows only', () => {
    const which = plan(
      [
        ROOT,
        equals(0, 0, 1),
        { OP: Op.SELECT, TARGET: 1, POOL: 1 },
        { OP: Op.EXTENT, FRAME: 1, OFFSET: 2 },
        digit(0, 0, 0),
      ],
      pool,
    );
    const result = decode(engine, which, ['1', '2', '12', '123', '223', '1234'].map(digits));
    expect([result.head(Head.SHORT), result.head(Head.LONG)]).toEqual([1, 2]);
  });

  test('stops before a block that does not fit', () => {
    const which = plan([...counted(), digit(1, 1, 0), digit(2, 0, 1)]);
    const rows = Array.from({ length: 300 }, (_, i) => digits(i < 256 ? '1 15' : '2 1 25'));
    const all = decode(engine, which, rows, [300, 344]);
    expect([all.head(Head.STATUS), all.records, all.slots(1)]).toEqual([0, 300, 344]);
    const some = decode(engine, which, rows, [300, 343]);
    expect([some.head(Head.STATUS), some.records, some.slots(1)]).toEqual([1, 256, 256]);
    expect([some.head(Head.FULL_FRAME), some.head(Head.FULL_SLOTS)]).toEqual([1, 344]);
    expect(some.values(0)).toEqual(new Array(256).fill(1));
    const none = decode(engine, which, rows, [300, 255]);
    expect([none.records, none.head(Head.FULL_SLOTS), none.listOffsets(1)]).toEqual([0, 256, [0]]);
    const records = decode(engine, which, rows, [299, 344]);
    expect([
      records.head(Head.STATUS),
      records.records,
      records.head(Head.FULL_FRAME),
      records.head(Head.FULL_SLOTS),
    ]).toEqual([1, 256, 0, 300]);
  });

  test('counts no fault of a block that is not decoded', () => {
    const which = plan([...counted(), digit(1, 1, 0)]);
    const rows = Array.from({ length: 257 }, (_, i) => digits(i === 3 ? '?' : i === 256 ? '9 1 2 3' : '0'));
    const result = decode(engine, which, rows, [257, 2]);
    expect([result.records, result.faultCount(1), result.faults(1)]).toEqual([256, 1, [3]]);
  });

  test('appends to bitmaps at any bit', () => {
    const which = plan([
      ROOT,
      digit(0, 0),
      { OP: Op.TABLE, OFFSET: 1, LENGTH: 1, TARGET: 1, DIGITS: 9, TYPE: 1, COUNTER: 1 },
      digit(1, 0, 0),
      digit(0, 0, 1),
    ]);
    const rows = Array.from({ length: 1000 }, (_, i) => digits(`${i % 8}${'123?5 7'.slice(0, i % 8)}`));
    const result = decode(engine, which, rows, [1000, 3500]);
    const wanted = rows.flatMap((_, i) => [1, 2, 3, null, 5, null, 7].slice(0, i % 8));
    expect(result.values(0)).toEqual(wanted);
    expect(result.bad(0)).toEqual(wanted.flatMap((value, i) => (value === null ? [i] : [])));
    expect(result.values(1)).toEqual(rows.map((_, i) => i % 8));
  });

  test('reads no record', () => {
    const which = plan([...counted(), digit(1, 1, 0), digit(2, 0, 1)]);
    const result = decode(engine, which, [], [0, 0]);
    expect([result.records, result.slots(1), result.listOffsets(1), result.values(0)]).toEqual([0, 0, [0], []]);
  });
});
