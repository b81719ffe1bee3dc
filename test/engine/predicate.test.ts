/**
 * Predicates: comparisons of text, numbers and floats, and their three-valued logic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Cmp, Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { ROOT, type Words, concat, decode, hex, plan } from './plans.js';

const { EQ, NE, LT, LE, GT, GE } = Cmp;
const ALL_CMP = [EQ, NE, LT, LE, GT, GE];

/** A constant of 128 bits. */
function integer(value: bigint): Uint8Array {
  const bits = BigInt.asUintN(128, value);
  return Uint8Array.from({ length: 16 }, (_, i) => Number((bits >> BigInt(8 * i)) & 255n));
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

describe.each(engines())('predicates, engine $name', (engine) => {
  /** Rows that a predicate selects; its steps begin at instruction 1 + operands. */
  function select(
    operands: readonly Words[],
    steps: readonly Words[],
    rows: readonly string[],
    pool: Uint8Array,
  ): number[] {
    const column: Words = { OP: Op.BINARY, FRAME: 1, LENGTH: 1, TYPE: Type.INT32, TARGET: 0 };
    const which = plan(
      [ROOT, ...operands, ...steps, { OP: Op.SELECT, TARGET: 1, POOL: 1 + operands.length }, column],
      pool,
    );
    return decode(engine, which, rows.map(hex)).selected(1);
  }

  test('compares text without pads and x00 at its end', () => {
    const rows = ['C1C24040', 'C1C20000', 'C1C24000', 'C1C2C340', 'C1404040', '40C1C240', '00C1C240', 'C1C2', 'C1', ''];
    const wanted: Record<number, number[]> = {
      [EQ]: [0, 1, 2, 7],
      [NE]: [3, 4, 5, 6, 8],
      [LT]: [4, 5, 6, 8],
      [LE]: [0, 1, 2, 4, 5, 6, 7, 8],
      [GT]: [3],
      [GE]: [0, 1, 2, 3, 7],
    };
    for (const DIGITS of ALL_CMP) {
      const step = { OP: Op.COMPARE_TEXT, LENGTH: 4, DIGITS, UP: 0x40, POOL_LENGTH: 4 };
      expect(select([], [step], rows, hex('C1C24000'))).toEqual(wanted[DIGITS]);
    }
  });

  test('compares text with nothing, and takes blanks for unknown where told to', () => {
    const rows = ['4040', '0000', 'FFFF', 'C140', '00', ''];
    const step = (FLAGS: number): Words => ({
      OP: Op.COMPARE_TEXT,
      LENGTH: 2,
      DIGITS: EQ,
      UP: 0x40,
      FLAGS,
      POOL_LENGTH: 0,
    });
    expect(select([], [step(0)], rows, new Uint8Array(0))).toEqual([0, 1, 4]);
    expect(select([], [step(Flag.ABSENT)], rows, new Uint8Array(0))).toEqual([0]);
    expect(select([], [step(Flag.ABSENT), { OP: Op.NOT }], rows, new Uint8Array(0))).toEqual([3]);
  });

  test('the shorter of two texts is padded with spaces, which not every character follows', () => {
    const step = { OP: Op.COMPARE_TEXT, LENGTH: 2, DIGITS: LT, UP: 0x40, POOL_LENGTH: 1 };
    expect(select([], [step], ['c101', 'c140', 'c1c1'], hex('c1'))).toEqual([0]);
    const longer = { OP: Op.COMPARE_TEXT, LENGTH: 1, DIGITS: GT, UP: 0x40, POOL_LENGTH: 2 };
    expect(select([], [longer], ['c1', 'c0', 'c2'], hex('c101'))).toEqual([0, 2]);
  });

  test('orders bytes as unsigned', () => {
    const step = { OP: Op.COMPARE_TEXT, LENGTH: 1, DIGITS: GT, UP: 0x40, POOL_LENGTH: 1 };
    expect(select([], [step], ['80', '7F', 'FF', '81'], hex('80'))).toEqual([2, 3]);
  });

  test('compares numbers of every width with every constant', () => {
    const values = [0n, 1n, -1n, 7n, 12345n, -12345n, 99999n, -99999n];
    const constants = [
      0n,
      12345n,
      -12345n,
      12346n,
      10n ** 20n,
      -(10n ** 20n),
      2n ** 100n + 1n,
      -(2n ** 127n),
      2n ** 127n - 1n,
    ];
    const holds: Record<number, (a: bigint, b: bigint) => boolean> = {
      [EQ]: (a, b) => a === b,
      [NE]: (a, b) => a !== b,
      [LT]: (a, b) => a < b,
      [LE]: (a, b) => a <= b,
      [GT]: (a, b) => a > b,
      [GE]: (a, b) => a >= b,
    };
    for (const [digits, TYPE, UP] of [
      [5, Type.INT32, 0],
      [13, Type.INT64, 0],
      [21, Type.DECIMAL128, 0],
      [31, Type.DECIMAL128, 7],
      [5, Type.DECIMAL128, 20],
      [5, Type.INT64, 8],
    ] as const) {
      const rows = values.map(
        (value) => `${String(value < 0n ? -value : value).padStart(digits, '0')}${value < 0n ? 'D' : 'C'}`,
      );
      const operand: Words = { OP: Op.PACKED, LENGTH: (digits >> 1) + 1, DIGITS: digits, FLAGS: Flag.SIGNED, TYPE, UP };
      for (const constant of constants
        .flatMap((c) => [c, c * 10n ** BigInt(UP)])
        .filter((c) => BigInt.asIntN(128, c) === c)) {
        for (const DIGITS of ALL_CMP) {
          const step = { OP: Op.COMPARE_NUMBER, DIGITS, COUNTER: 1, POOL_LENGTH: 16 };
          const wanted = values.flatMap((value, i) => (holds[DIGITS]!(value * 10n ** BigInt(UP), constant) ? [i] : []));
          expect(select([operand], [step], rows, integer(constant))).toEqual(wanted);
        }
      }
    }
  });

  test('compares 64-bit integers', () => {
    const rows = [
      '8000000000000000',
      '7FFFFFFFFFFFFFFF',
      'FFFFFFFFFFFFFFFF',
      '0000000000000000',
      '00038D7EA4C68000',
      '00038D7EA4C67FFF',
    ];
    for (const signed of [true, false]) {
      const values = rows.map((row) => (signed ? BigInt.asIntN : BigInt.asUintN)(64, BigInt(`0x${row}`)));
      const operand: Words = {
        OP: Op.BINARY,
        LENGTH: 8,
        FLAGS: signed ? Flag.SIGNED : 0,
        TYPE: signed ? Type.INT64 : Type.DECIMAL128,
      };
      for (const constant of [...values, 10n ** 15n - 1n, -(2n ** 63n) - 1n, 2n ** 64n]) {
        const step = (DIGITS: number): Words => ({ OP: Op.COMPARE_NUMBER, DIGITS, COUNTER: 1, POOL_LENGTH: 16 });
        expect(select([operand], [step(LT)], rows, integer(constant))).toEqual(
          values.flatMap((v, i) => (v < constant ? [i] : [])),
        );
        expect(select([operand], [step(EQ)], rows, integer(constant))).toEqual(
          values.flatMap((v, i) => (v === constant ? [i] : [])),
        );
      }
    }
  });

  test('compares floats; a NaN is only unequal', () => {
    const rows = ['3FF0000000000000', 'BFF0000000000000', '8000000000000000', '7FF8000000000000', '7FF0000000000000'];
    const operand: Words = { OP: Op.FLOAT, LENGTH: 8, FLAGS: Flag.IEEE, TYPE: Type.FLOAT64 };
    const chosen = (DIGITS: number, constant: number): number[] =>
      select([operand], [{ OP: Op.COMPARE_FLOAT, DIGITS, COUNTER: 1, POOL_LENGTH: 8 }], rows, float(constant));
    expect(chosen(EQ, 0)).toEqual([2]);
    expect(chosen(NE, 1)).toEqual([1, 2, 3, 4]);
    expect(chosen(LE, 1)).toEqual([0, 1, 2]);
    expect(chosen(GT, -1)).toEqual([0, 2, 4]);
    expect(chosen(EQ, Number.NaN)).toEqual([]);
    expect(chosen(NE, Number.NaN)).toEqual([0, 1, 2, 3, 4]);
    const hexadecimal = { ...operand, FLAGS: 0 };
    const step = { OP: Op.COMPARE_FLOAT, DIGITS: LT, COUNTER: 1, POOL_LENGTH: 8 };
    expect(select([hexadecimal], [step], ['C276A00000000000', '4264000000000000'], float(-118))).toEqual([0]);
    const short: Words = { OP: Op.FLOAT, LENGTH: 4, FLAGS: Flag.IEEE, TYPE: Type.FLOAT32 };
    expect(select([short], [{ ...step, DIGITS: EQ }], ['3DCCCCCD', '3F800000'], float(Math.fround(0.1)))).toEqual([0]);
  });

  test('follows the tables of three-valued logic', () => {
    // byte 1: left operand, byte 2: right one; F1 is 1, F0 is 0, C1 no number: true, false, unknown for "= 1"
    const truths = ['F1', '7A', 'F0'];
    const rows = truths.flatMap((a) => truths.map((b) => a + b));
    const zoned = (OFFSET: number): Words => ({
      OP: Op.ZONED,
      OFFSET,
      LENGTH: 1,
      DIGITS: 1,
      TYPE: Type.INT32,
      FLAGS: Flag.ABSENT,
    });
    const isOne = (COUNTER: number): Words => ({ OP: Op.COMPARE_NUMBER, DIGITS: EQ, COUNTER, POOL_LENGTH: 16 });
    const run = (...ops: number[]): number[] =>
      select([zoned(0), zoned(1)], [isOne(1), isOne(2), ...ops.map((OP) => ({ OP }))], rows, integer(1n));
    const indexes = (test: (a: number, b: number) => number): number[] =>
      rows.flatMap((_, i) => (test(2 - Math.floor(i / 3), 2 - (i % 3)) === 2 ? [i] : []));
    expect(run(Op.AND)).toEqual(indexes((a, b) => Math.min(a, b)));
    expect(run(Op.OR)).toEqual(indexes((a, b) => Math.max(a, b)));
    expect(run(Op.AND, Op.NOT)).toEqual(indexes((a, b) => 2 - Math.min(a, b)));
    expect(run(Op.OR, Op.NOT)).toEqual(indexes((a, b) => 2 - Math.max(a, b)));
    expect(run(Op.NOT, Op.AND)).toEqual(indexes((a, b) => Math.min(a, 2 - b)));
    expect(run(Op.IS_TRUE, Op.OR)).toEqual(indexes((a, b) => Math.max(a, b === 2 ? 2 : 0)));
    expect(run(Op.AND, Op.IS_TRUE, Op.NOT)).toEqual(indexes((a, b) => (Math.min(a, b) === 2 ? 0 : 2)));
  });

  test('makes absent, bad, cut and missing operands unknown', () => {
    const operand: Words = { OP: Op.ZONED, OFFSET: 1, LENGTH: 2, DIGITS: 2, TYPE: Type.INT32, FLAGS: Flag.ABSENT };
    const step = { OP: Op.COMPARE_NUMBER, DIGITS: EQ, COUNTER: 1, POOL_LENGTH: 16 };
    const rows = ['40F1F2', '404040', '40C1C1', '40F1', '40', '', '40F1F3'];
    expect(select([operand], [step], rows, integer(12n))).toEqual([0]);
    expect(select([operand], [step, { OP: Op.NOT }], rows, integer(12n))).toEqual([6]);
    expect(select([operand], [step, { OP: Op.IS_TRUE }, { OP: Op.NOT }], rows, integer(12n))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  test('runs over many rows and deep stacks', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => (i & 0xff).toString(16).padStart(2, '0'));
    const depth = 32;
    const steps: Words[] = Array.from({ length: depth }, (_, j) => ({
      OP: Op.COMPARE_TEXT,
      LENGTH: 1,
      DIGITS: EQ,
      UP: 0x40,
      POOL: j,
      POOL_LENGTH: 1,
    }));
    for (let j = 1; j < depth; j++) steps.push({ OP: Op.OR });
    const pool = concat(Uint8Array.from({ length: depth }, (_, j) => 3 * j + 1));
    const wanted = rows.flatMap((_, i) => ((i & 0xff) % 3 === 1 && (i & 0xff) < 96 ? [i] : []));
    // x'40' is the pad: nothing is equal to nothing, and so is x'00'
    expect(select([], steps, rows, pool)).toEqual(
      rows.flatMap((_, i) => (wanted.includes(i) || (i & 0xff) === 0 ? [i] : [])),
    );
  });
});
