/**
 * What engines refuse: plans with a wrong word, slabs of another layout, records outside the data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { type SlabLayout, allocateSlab, layoutSlab } from '../../src/engine/slab.js';
import { OverpunchError } from '../../src/errors.js';
import { Flag, Op, Type, W, WIDTH } from '../../src/plan/opcodes.js';
import { PLAN_HEADER, type Plan, PlanWord } from '../../src/plan/plan.js';
import { engines } from './engines.js';
import { ROOT, type Words, concat, plan, textPool } from './plans.js';

/** A plan with everything in it, valid. */
function good(): { list: Words[]; pool: Uint8Array } {
  const zoned = (FRAME: number, TARGET: number): Words => ({
    OP: Op.ZONED,
    FRAME,
    LENGTH: 2,
    DIGITS: 2,
    TYPE: Type.INT32,
    TARGET,
  });
  const pool = new Uint8Array(1280 + 16 + 3);
  pool.set(textPool());
  return {
    pool,
    list: [
      ROOT, // 0: frame 0
      zoned(0, -1), // 1
      { OP: Op.TABLE, OFFSET: 2, TARGET: 1, DIGITS: 3, TYPE: 1, COUNTER: 1, POOL: 3, POOL_LENGTH: 2 }, // 2: frame 1
      zoned(1, -1), // 3
      { OP: Op.TABLE, FRAME: 1, OFFSET: 2, LENGTH: 4, TARGET: 2, DIGITS: 5, TYPE: 2, COUNTER: 3 }, // 4: frame 2
      { OP: Op.AFTER, FRAME: 2, TARGET: 3 }, // 5
      { OP: Op.AFTER, FRAME: 1, TARGET: 4 }, // 6
      { OP: Op.COMPARE_NUMBER, COUNTER: 1, POOL: 1280, POOL_LENGTH: 16 }, // 7
      { OP: Op.COMPARE_TEXT, FRAME: 4, LENGTH: 3, POOL: 1280, POOL_LENGTH: 3 }, // 8
      { OP: Op.AND }, // 9
      { OP: Op.SELECT, FRAME: 0, TARGET: 5, POOL: 7 }, // 10: frame 5
      { OP: Op.EXTENT, FRAME: 4, OFFSET: 9 }, // 11
      zoned(2, 0), // 12
      { OP: Op.TEXT, FRAME: 5, LENGTH: 4, DIGITS: 3, TYPE: Type.UTF8, TARGET: 1, POOL_LENGTH: 1024 }, // 13
      { OP: Op.NATIONAL, FRAME: 3, LENGTH: 4, TYPE: Type.UTF8, TARGET: 2 }, // 14
      { OP: Op.PACKED, FRAME: 4, LENGTH: 10, DIGITS: 18, TYPE: Type.INT64, TARGET: 3 }, // 15
      { OP: Op.BINARY, FRAME: 4, LENGTH: 4, FLAGS: Flag.SIGNED, TYPE: Type.INT32, TARGET: 4 }, // 16
      { OP: Op.FLOAT, FRAME: 4, LENGTH: 4, TYPE: Type.FLOAT64, TARGET: 5 }, // 17
      { OP: Op.EDITED, FRAME: 4, LENGTH: 1, TYPE: Type.INT32, TARGET: 6, POOL: 1296, POOL_LENGTH: 3 }, // 18
    ],
  };
}

function wellFormed(): Plan {
  const { list, pool } = good();
  return plan(list, pool);
}

function changed(index: number, words: Partial<Record<keyof typeof W, number>>): Plan {
  const which = wellFormed();
  for (const [name, value] of Object.entries(words))
    which.code[PLAN_HEADER + index * WIDTH + W[name as keyof typeof W]] = value;
  return which;
}

const BAD: readonly (readonly [string, number, Partial<Record<keyof typeof W, number>>])[] = [
  ['an unknown operation', 12, { OP: 31 }],
  ['an operation beyond all', 12, { OP: 42 }],
  ['operation 0', 12, { OP: 0 }],
  ['a second root', 5, { OP: Op.ROOT }],
  ['a root in another space', 0, { TYPE: 1 }],
  ['a frame that does not exist', 12, { FRAME: 6 }],
  ['a negative frame', 12, { FRAME: -1 }],
  ['a frame that comes later', 4, { FRAME: 3 }],
  ['a frame out of order', 5, { TARGET: 4 }],
  ['a negative offset', 12, { OFFSET: -1 }],
  ['an offset beyond all records', 12, { OFFSET: 0x0fffffff }],
  ['a field of no bytes', 13, { LENGTH: 0 }],
  ['a field of too many bytes', 13, { LENGTH: 0x7fffffff }],
  ['a column that does not exist', 12, { TARGET: 7 }],
  ['a column twice', 12, { TARGET: 1 }],
  ['a column missing', 12, { TARGET: -1 }],
  ['a target below -1', 12, { TARGET: -2 }],
  ['no digits', 12, { DIGITS: 0 }],
  ['39 digits', 12, { DIGITS: 39, LENGTH: 39, TYPE: Type.DECIMAL128 }],
  ['digits that do not go with the length', 12, { LENGTH: 3 }],
  ['digits that do not go with the packed length', 15, { DIGITS: 17 }],
  ['a type too narrow', 15, { TYPE: Type.INT32 }],
  ['a type too narrow for P', 12, { UP: 8 }],
  ['a type that is none', 12, { TYPE: 7 }],
  ['type 0', 12, { TYPE: 0 }],
  ['a number as text', 12, { TYPE: Type.UTF8 }],
  ['a number as float', 12, { TYPE: Type.FLOAT64 }],
  ['text as number', 13, { TYPE: Type.INT32 }],
  ['more than 38 digits with P', 15, { UP: 21, TYPE: Type.DECIMAL128 }],
  ['negative P', 12, { UP: -1 }],
  ['9 bytes of binary', 16, { LENGTH: 9, TYPE: Type.DECIMAL128 }],
  ['unsigned binary of 4 bytes as INT32', 16, { FLAGS: 0 }],
  ['a float of 5 bytes', 17, { LENGTH: 5 }],
  ['a hexadecimal float as FLOAT32', 17, { TYPE: Type.FLOAT32 }],
  ['half a national character', 14, { LENGTH: 3 }],
  ['text of 0 bytes a character', 13, { DIGITS: 0 }],
  ['text of 5 bytes a character', 13, { DIGITS: 5 }],
  ['characters longer than DIGITS', 13, { DIGITS: 1 }],
  ['a text pool too short', 13, { POOL_LENGTH: 1023 }],
  ['a pool behind the pool', 13, { POOL: 1000 }],
  ['a negative pool', 13, { POOL: -1 }],
  ['a pool length that overflows', 13, { POOL_LENGTH: 0x7fffffff }],
  ['an edited pool of another length', 18, { POOL_LENGTH: 2, POOL: 1280 }],
  ['an edited class that is none', 18, { POOL: 4 * 0x41 + 1 }],
  ['a counter that is no field', 4, { COUNTER: 2 }],
  ['a counter that comes later', 4, { COUNTER: 12 }],
  ['a counter that is text', 7, { COUNTER: 13 }],
  ['a counter in the items that it counts', 2, { COUNTER: 3 }],
  ['a negative number of items', 4, { DIGITS: -1 }],
  ['items beyond all records', 4, { DIGITS: 0x0fffffff }],
  ['elements of no bytes', 4, { LENGTH: 0, POOL: 4 }],
  ['a last frame outside of the element', 2, { POOL: 4 }],
  ['a last frame that does not exist', 2, { POOL: 6 }],
  ['a last frame before the table', 2, { POOL: 0 }],
  ['a space out of order', 4, { TYPE: 3 }],
  ['a space used twice', 4, { TYPE: 1 }],
  ['a table in a virtual one that has a space', 2, { TYPE: -1 }],
  ['an AFTER of a frame that is no table', 5, { FRAME: 0 }],
  ['a second AFTER of a table', 6, { FRAME: 2 }],
  ['an AFTER of a padded table', 4, { FLAGS: Flag.PADDED }],
  ['a predicate that begins nowhere', 10, { POOL: 10 }],
  ['a predicate that begins before the plan', 10, { POOL: -1 }],
  ['a predicate with something else in it', 10, { POOL: 6 }],
  ['a predicate with too little on its stack', 10, { POOL: 8 }],
  ['a predicate that leaves two values', 9, { OP: Op.NOT }],
  ['a predicate that nothing selects by', 10, { OP: Op.EXTENT, TARGET: 0 }],
  ['no comparison', 7, { DIGITS: 6 }],
  ['a constant of the wrong length', 7, { POOL_LENGTH: 15 }],
  ['a comparison of a float that is none', 7, { OP: Op.COMPARE_FLOAT, POOL_LENGTH: 8 }],
  ['a pad that is no byte', 8, { UP: 256 }],
  ['a comparison inside a table', 8, { FRAME: 2 }],
  ['unknown flags', 12, { FLAGS: 32768 }],
];

describe.each(engines())('checks, engine $name', (engine) => {
  const layoutOf = (which: Plan): SlabLayout => layoutSlab(which, [10, 10, 10]);

  /** A layout of a good plan for a plan that `layoutSlab` could not lay out itself. */
  function refused(which: Plan): unknown {
    try {
      engine.prepare({ ...layoutOf(wellFormed()), plan: which });
    } catch (error) {
      return error;
    }
    return null;
  }

  test('takes a good plan', () => {
    expect(refused(wellFormed())).toBeNull();
  });

  test.each(BAD)('refuses %s', (_, index, words) => {
    const error = refused(changed(index, words));
    expect(error).toBeInstanceOf(OverpunchError);
    expect((error as OverpunchError).code).toBe('OVP_PLAN_INVALID');
    expect((error as OverpunchError).message).toMatch(/instruction \d+|header/);
  });

  test('names the instruction and the word', () => {
    expect((refused(changed(12, { DIGITS: 39 })) as Error).message).toMatch(/instruction 12 \(ZONED\), word DIGITS/);
  });

  test.each([
    ['MAGIC', 1],
    ['VERSION', 99],
    ['INSTRUCTIONS', 18],
    ['INSTRUCTIONS', 0x7fffffff],
    ['INSTRUCTIONS', -1],
    ['FRAMES', 5],
    ['FRAMES', 7],
    ['SPACES', 2],
    ['SPACES', 4],
    ['COLUMNS', 6],
    ['COLUMNS', 8],
    ['LENGTH', -1],
    ['POOL', 5],
  ] as const)('refuses a header whose %s is %i', (word, value) => {
    const which = wellFormed();
    which.code[PlanWord[word]] = value;
    expect((refused(which) as OverpunchError).code).toBe('OVP_PLAN_INVALID');
  });

  test('refuses plans that are cut', () => {
    const { code, pool, schema } = wellFormed();
    for (const length of [0, 5, PLAN_HEADER, code.length - 1]) {
      expect((refused({ code: code.slice(0, length), pool, schema }) as OverpunchError).code).toBe('OVP_PLAN_INVALID');
    }
  });

  test('refuses predicates that are too deep', () => {
    const compare: Words = { OP: Op.COMPARE_TEXT, LENGTH: 1, POOL_LENGTH: 1 };
    const deep = (depth: number): Plan =>
      plan(
        [
          ROOT,
          ...new Array<Words>(depth).fill(compare),
          ...new Array<Words>(depth - 1).fill({ OP: Op.AND }),
          { OP: Op.SELECT, TARGET: 1, POOL: 1 },
          { OP: Op.BINARY, FRAME: 1, LENGTH: 1, TYPE: Type.INT32, TARGET: 0 },
        ],
        new Uint8Array(1),
      );
    expect(() => engine.prepare(layoutSlab(deep(32), [1]))).not.toThrow();
    expect(() => engine.prepare(layoutSlab(deep(33), [1]))).toThrow(OverpunchError);
  });

  test('refuses tests of operands that they can not have', () => {
    const text: Words = { OP: Op.TEXT, LENGTH: 4, DIGITS: 3, TYPE: Type.UTF8, TARGET: -1, POOL_LENGTH: 1280 };
    const number: Words = { OP: Op.PACKED, LENGTH: 2, DIGITS: 3, TYPE: Type.INT32, TARGET: -1 };
    const float: Words = { OP: Op.FLOAT, LENGTH: 8, TYPE: Type.FLOAT64, TARGET: -1 };
    const long: Words = { OP: Op.NATIONAL, LENGTH: 65536, TYPE: Type.UTF8, TARGET: -1 };
    const pool = concat(textPool(), Uint8Array.of(2, 0, 0, 0, 0x41, 0x42, 0xc1, 0xc2));
    const test = (step: Words): Plan =>
      plan(
        [
          ROOT,
          text,
          number,
          float,
          long,
          { ...text, FLAGS: Flag.LATIN1, DIGITS: 1 },
          step,
          { OP: Op.SELECT, TARGET: 1, POOL: 6 },
          { OP: Op.BINARY, FRAME: 1, LENGTH: 1, TYPE: Type.INT32, TARGET: 0 },
        ],
        pool,
      );
    const string = { OP: Op.COMPARE_STRING, COUNTER: 1, POOL: 1280, POOL_LENGTH: 8, UP: 0x40 };
    const like = { OP: Op.LIKE, COUNTER: 1, POOL: 1284, POOL_LENGTH: 2 };
    const fields = { OP: Op.COMPARE_FIELDS, COUNTER: 1, POOL: 1 };
    const isNull = { OP: Op.IS_NULL, COUNTER: 2 };
    for (const step of [
      string,
      like,
      fields,
      isNull,
      { ...fields, COUNTER: 2, POOL: 2 },
      { ...fields, COUNTER: 3, POOL: 3 },
    ])
      expect(() => engine.prepare(layoutSlab(test(step), [1]))).not.toThrow();
    const bad: Words[] = [
      { ...string, COUNTER: 2 },
      { ...string, COUNTER: 4 },
      { ...string, COUNTER: 5 },
      { ...string, COUNTER: 6 },
      { ...string, COUNTER: 0 },
      { ...string, COUNTER: -1 },
      { ...string, POOL_LENGTH: 3 },
      { ...string, POOL_LENGTH: 5 },
      { ...string, POOL: 1284, POOL_LENGTH: 4 },
      { ...string, POOL: 1281 },
      { ...string, DIGITS: 6 },
      { ...string, UP: 256 },
      { ...like, COUNTER: 3 },
      { ...like, POOL_LENGTH: 5 },
      { ...like, POOL: -1 },
      { ...fields, POOL: 2 },
      { ...fields, COUNTER: 2, POOL: 3 },
      { ...fields, COUNTER: 3, POOL: 2 },
      { ...fields, POOL: 4 },
      { ...fields, POOL: 6 },
      { ...fields, POOL: -1 },
      { ...fields, DIGITS: -1 },
      { ...isNull, COUNTER: 7 },
      { ...isNull, COUNTER: 4 },
    ];
    for (const step of bad) {
      const which = test(step);
      expect(() => engine.prepare({ ...layoutSlab(test(like), [1]), plan: which }), JSON.stringify(step)).toThrow(
        OverpunchError,
      );
    }
  });

  test('refuses a layout that does not fit its plan', () => {
    const layout = layoutOf(wellFormed());
    const error = (broken: SlabLayout): unknown => {
      try {
        engine.prepare(broken);
      } catch (thrown) {
        return (thrown as OverpunchError).code;
      }
      return null;
    };
    expect(error({ ...layout, byteLength: layout.byteLength - 4096 })).toBe('OVP_PLAN_INVALID');
    expect(error({ ...layout, table: layout.table.slice(1) })).toBe('OVP_PLAN_INVALID');
    const beyond = layout.table.slice();
    beyond[48] = layout.byteLength; // the first column's values
    expect(error({ ...layout, table: beyond })).toBe('OVP_PLAN_INVALID');
    const unaligned = layout.table.slice();
    unaligned[49]! += 4;
    expect(error({ ...layout, table: unaligned })).toBe('OVP_PLAN_INVALID');
  });

  test('refuses records outside the data', () => {
    const which = plan([ROOT, { OP: Op.BINARY, LENGTH: 1, TYPE: Type.INT32, TARGET: 0 }]);
    const layout = layoutSlab(which, [10]);
    const decoder = engine.prepare(layout);
    const slab = allocateSlab(layout);
    const data = new Uint8Array(10);
    const strided = (first: number, count: number, stride: number): void =>
      decoder.decode(slab, { data, starts: null, ends: null, first, count, stride });
    expect(() => strided(0, 10, 1)).not.toThrow();
    expect(() => strided(1, 10, 1)).toThrow(RangeError);
    expect(() => strided(0, 3, 4)).toThrow(RangeError);
    expect(() => strided(11, 1, 0)).toThrow(RangeError);
    const listed = (starts: number[], ends: number[], first = 0, count = starts.length): void =>
      decoder.decode(slab, {
        data,
        starts: Uint32Array.from(starts),
        ends: Uint32Array.from(ends),
        first,
        count,
        stride: 0,
      });
    expect(() => listed([0, 5], [5, 10])).not.toThrow();
    expect(() => listed([0, 5], [5, 11])).toThrow(RangeError);
    expect(() => listed([0, 6], [5, 5])).toThrow(RangeError);
    expect(() => listed([0, 5], [5, 10], 1, 2)).toThrow(RangeError);
  });

  test('refuses a slab of another layout', () => {
    const which = plan([ROOT, { OP: Op.BINARY, LENGTH: 1, TYPE: Type.INT32, TARGET: 0 }]);
    const decoder = engine.prepare(layoutSlab(which, [1000]));
    const slab = allocateSlab(layoutSlab(which, [10]));
    const records = { data: new Uint8Array(10), starts: null, ends: null, first: 0, count: 10, stride: 1 };
    expect(() => decoder.decode(slab, records)).toThrow(RangeError);
  });

  test('reads data of a Buffer and of a view inside a larger one', () => {
    const which = plan([ROOT, { OP: Op.BINARY, LENGTH: 2, TYPE: Type.INT32, TARGET: 0 }]);
    const layout = layoutSlab(which, [10]);
    const decoder = engine.prepare(layout);
    const slab = allocateSlab(layout);
    for (const data of [Buffer.from('0001020304', 'hex').subarray(1), new Uint8Array([9, 1, 2, 3, 4]).subarray(1)]) {
      decoder.decode(slab, { data, starts: null, ends: null, first: 0, count: 2, stride: 2 });
      const values = new Int32Array(slab.bytes.buffer, layout.table[8]!, 2);
      expect([...values]).toEqual([0x0102, 0x0304]);
    }
  });
});
