/**
 * ZONED and EDITED with WIDE: numbers of UTF-16.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { layoutSlab } from '../../src/engine/slab.js';
import { Edit, Flag, MAX_WIDE, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { type Words, decodeField, plan, ROOT } from './plans.js';

const { ABSENT, ASCII, LENIENT, LEADING, SEPARATE, SIGNED, WIDE } = Flag;

const utf16 = (text: string): string => Buffer.from(text, 'utf16le').swap16().toString('hex');

const zoned = (DIGITS: number, FLAGS: number, TYPE: number): Words => ({
  OP: Op.ZONED,
  DIGITS,
  LENGTH: 2 * (DIGITS + (FLAGS & SEPARATE ? 1 : 0)),
  FLAGS: FLAGS | WIDE | ASCII,
  TYPE,
});

describe.each(engines())('WIDE, engine $name', (engine) => {
  test('reads digits and separate signs', () => {
    const unsigned = ['1234', '0000', '12 4', '１２３４', '    ', '12\u01334', '\u00ff\u00ff\u00ff\u00ff'];
    const read = decodeField(
      engine,
      zoned(4, ABSENT, Type.INT32),
      [...unsigned, 'ffff'].map((text, i) => (i < 7 ? utf16(text) : 'ff'.repeat(8))),
    );
    expect(read.values(0)).toEqual([1234, 0, null, null, null, null, null, null]);
    expect(read.bad(0)).toEqual([2, 3, 5, 6]);
    const leading = decodeField(
      engine,
      zoned(3, SIGNED | SEPARATE | LEADING, Type.INT32),
      ['-123', '+123', '1234', '\uff0d123'].map(utf16),
    );
    expect(leading.values(0)).toEqual([-123, 123, null, null]);
    const long = decodeField(
      engine,
      zoned(31, SIGNED | SEPARATE, Type.DECIMAL128),
      [`${'9'.repeat(31)}-`, `${'1'.repeat(31)}+`].map(utf16),
    );
    expect(long.values(0)).toEqual([-(10n ** 31n - 1n), BigInt('1'.repeat(31))]);
  });

  test('reads edited pictures', () => {
    const pool = Uint8Array.from([
      Edit.SUPPRESS,
      0,
      0,
      Edit.SUPPRESS,
      0,
      0,
      Edit.DIGIT,
      0,
      0,
      Edit.INSERT,
      0x2e,
      0,
      Edit.DIGIT,
      0,
      0,
    ]);
    const field: Words = {
      OP: Op.EDITED,
      LENGTH: 10,
      FLAGS: WIDE | ASCII | ABSENT | LENIENT,
      TYPE: Type.INT32,
      POOL: 0,
      POOL_LENGTH: 15,
    };
    const read = decodeField(engine, field, ['  1.5', '123.4', '1 3.4', '     '].map(utf16), pool);
    expect(read.values(0)).toEqual([15, 1234, null, 0]);
  });

  test('refuses plans that are not', () => {
    const refused = (words: Partial<Words>): string => {
      try {
        engine.prepare(layoutSlab(plan([ROOT, { ...zoned(4, 0, Type.INT32), TARGET: 0, ...words }]), [1]));
        return '';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(refused({})).toBe('');
    expect(refused({ FLAGS: WIDE })).toBe('OVP_PLAN_INVALID');
    expect(refused({ LENGTH: 7 })).toBe('OVP_PLAN_INVALID');
    expect(refused({ LENGTH: 4 })).toBe('OVP_PLAN_INVALID');
    expect(refused({ OP: Op.EDITED, LENGTH: MAX_WIDE + 2 })).toBe('OVP_PLAN_INVALID');
  });
});
