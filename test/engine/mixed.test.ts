/**
 * TEXT_MIXED and TEXT_DBCS: shifts, trimming, half characters, every pair of every page. TEXT_UTF8.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { type CodePage, codePage } from '../../src/codepage/codepage.js';
import { pairIndex } from '../../src/codepage/dbcs.js';
import { layoutSlab } from '../../src/engine/slab.js';
import type { OverpunchError } from '../../src/errors.js';
import { DOUBLE_TABLE, DOUBLE_TABLES, DOUBLE_WARDS, Flag, Op, Type } from '../../src/plan/opcodes.js';
import { engines } from './engines.js';
import { ROOT, type Words, decode, decodeField, hex, plan } from './plans.js';

const { ABSENT, TRIM_LEFT, TRIM_RIGHT, QUIET } = Flag;
const PAGE = codePage('939');

const field = (OP: number, LENGTH: number, FLAGS: number, page: CodePage = PAGE): Words => ({
  OP,
  LENGTH,
  FLAGS,
  DIGITS: page.growth,
  TYPE: Type.UTF8,
  POOL_LENGTH: page.pool.length,
});
const mixed = (LENGTH: number, FLAGS: number): Words => field(Op.TEXT_MIXED, LENGTH, FLAGS);
const dbcs = (LENGTH: number, FLAGS: number): Words => field(Op.TEXT_DBCS, LENGTH, FLAGS);
const utf8 = (LENGTH: number, FLAGS: number): Words => ({
  OP: Op.TEXT_UTF8,
  LENGTH,
  FLAGS,
  DIGITS: 1,
  TYPE: Type.UTF8,
});

describe.each(engines())('TEXT_MIXED, engine $name', (engine) => {
  test('reads single bytes, and pairs between shifts', () => {
    const rows = [
      'C1 0E 4481 4482 0F C2',
      'C1C2C3C4C5C6C7C8',
      '0E 4481 4482 4483 0F',
      '0E0F C1 0E0F C2 40 40',
      '0E4481 4482 4483 40',
    ];
    const result = decodeField(
      engine,
      mixed(8, TRIM_RIGHT),
      rows.map((row) => row.replace(/\s/g, '')),
      PAGE.pool,
    );
    expect(result.values(0)).toEqual(['AあいB', 'ABCDEFGH', 'あいう', 'AB', null]);
    expect(result.bad(0)).toEqual([4]);
  });

  test('takes a shift without its partner, a lone byte and an unknown pair for bad', () => {
    const rows = ['C10FC240', '0E448140', '0E0E4481', '0E41400F', '0E44810E', 'C10E0FFF', '4040C10F', '0E44810F'];
    const result = decodeField(engine, mixed(4, TRIM_RIGHT), rows, PAGE.pool);
    expect(result.values(0)).toEqual([null, null, null, null, null, 'A\x9f', null, 'あ']);
    expect(result.bad(0)).toEqual([0, 1, 2, 3, 4, 6]);
  });

  test('needs no shift-in at the end of the field', () => {
    const rows = ['C10E44814482', '0E4481448240', 'C1C2C3C4C50E'];
    const result = decodeField(engine, mixed(6, TRIM_RIGHT), rows, PAGE.pool);
    expect(result.values(0)).toEqual(['Aあい', null, 'ABCDE']);
  });

  test('trims spaces of either width', () => {
    const rows = [
      '40 0E 4040 4481 4040 0F 40 00',
      '40 40 C1 0E 4040 4040 0F 40 ',
      '00 0E 4040 4040 4040 0F',
      '40404040404000 40 40',
    ];
    const values = (flags: number): unknown =>
      decodeField(
        engine,
        mixed(11, flags),
        rows.map((row) => row.replace(/\s/g, '').padEnd(22, '40')),
        PAGE.pool,
      ).values(0);
    expect(values(TRIM_RIGHT)).toEqual([' \u3000あ', '  A', '', '']);
    expect(values(TRIM_LEFT)).toEqual(['あ\u3000 \0', 'A\u3000\u3000  ', '', '']);
    expect(values(TRIM_LEFT | TRIM_RIGHT)).toEqual(['あ', 'A', '', '']);
    expect(values(0)).toEqual([' \u3000あ\u3000 \0', '  A\u3000\u3000  ', '\0\u3000\u3000\u3000  ', '      \0    ']);
  });

  test('takes only x00 or xFF for absent where told to, and is quiet', () => {
    const rows = ['000000', 'FFFFFF', '404040', '0E4481', '0E4140'];
    const result = decodeField(engine, mixed(3, ABSENT | TRIM_RIGHT | QUIET), rows, PAGE.pool);
    expect(result.values(0)).toEqual([null, null, '', 'あ', null]);
    expect([result.absent(0), result.badCount(0)]).toEqual([2, 0]);
  });

  test('leaves out half a character where the record ends inside', () => {
    const rows = ['C10E448144820F', 'C10E44814482', 'C10E448144', 'C10E4481', 'C10E44', 'C10E', 'C1', '', '0F'];
    const result = decodeField(engine, mixed(7, TRIM_RIGHT), rows, PAGE.pool);
    expect(result.values(0)).toEqual(['Aあい', 'Aあい', 'Aあ', 'Aあ', 'A', 'A', 'A', null, null]);
    expect([result.absent(0), result.bad(0)]).toEqual([1, [8]]);
  });

  test('reads many of them, with and without shifts', () => {
    const texts = Array.from({ length: 700 }, (_, i) => (i % 300 < 256 ? `row ${i}` : `行${i}番か`));
    const bytes = texts.map((text) =>
      Buffer.from(PAGE.encode(text) as Uint8Array)
        .toString('hex')
        .padEnd(40, '40'),
    );
    expect(decodeField(engine, mixed(20, TRIM_RIGHT), bytes, PAGE.pool).values(0)).toEqual(texts);
  });

  test.each(['930', '933', '935', '937', '939', '1364', '1371', '1388', '1390', '1399'])(
    'reads every pair of %s',
    (name) => {
      const page = codePage(name);
      const data = new Uint8Array(256 * 256 * 4);
      for (let pair = 0; pair < 65536; pair++) data.set([0x0e, pair >> 8, pair & 0xff, 0x0f], 4 * pair);
      const both = [
        { ...field(Op.TEXT_MIXED, 4, 0, page), TARGET: 0 },
        { ...field(Op.TEXT_DBCS, 2, 0, page), OFFSET: 1, TARGET: 1 },
      ];
      const result = decode(engine, plan([ROOT, ...both], page.pool), { data, stride: 4 }, [65536]);
      const isPair = (byte: number): boolean => byte >= 0x40 && byte <= 0xfe;
      const wanted = Array.from({ length: 65536 }, (_, pair) => {
        const [lead, trail] = [pair >> 8, pair & 0xff];
        return (isPair(lead) && isPair(trail) && page.pairs![pairIndex(lead, trail)]) || null;
      });
      const alone = result.values(1);
      const between = result.values(0);
      const differs = (value: unknown, pair: number): boolean => value !== wanted[pair];
      // a first byte of shift-out or shift-in is none of a pair
      expect(
        between
          .map((value, pair) => (differs(value, pair) ? pair : -1))
          .filter((pair) => pair >= 0 && pair >> 8 !== 0x0f),
      ).toEqual([]);
      expect(
        alone
          .map((value, pair) => (differs(value, pair) ? pair : -1))
          .filter((pair) => pair >= 0 && pair >> 8 !== 0x0e),
      ).toEqual([]);
    },
  );
});

describe.each(engines())('TEXT_DBCS, engine $name', (engine) => {
  test('reads pairs', () => {
    const rows = ['448144824483', '448140404040', '404044814040', '448100000000', '448141404040', '400044814482'];
    const values = (flags: number): unknown => decodeField(engine, dbcs(6, flags), rows, PAGE.pool).values(0);
    expect(values(TRIM_RIGHT)).toEqual(['あいう', 'あ', '\u3000あ', 'あ', null, null]);
    expect(values(TRIM_LEFT | TRIM_RIGHT)).toEqual(['あいう', 'あ', 'あ', 'あ', null, null]);
    expect(values(0)).toEqual(['あいう', 'あ\u3000\u3000', '\u3000あ\u3000', null, null, null]);
  });

  test('reads a field that begins with shift-out as mixed text', () => {
    const rows = ['0E448144820F', '0E44810F4040', '0E4481404081', '0F4481448244'];
    const result = decodeField(engine, dbcs(6, TRIM_RIGHT), rows, PAGE.pool);
    expect(result.values(0)).toEqual(['あい', 'あ', null, null]);
  });

  test('leaves out half a character where the record ends inside', () => {
    const rows = ['44814482', '448144', '4481', '44', '', '0E4481', '0E44', '000000', '0000'];
    const result = decodeField(engine, dbcs(4, TRIM_RIGHT | ABSENT), rows, PAGE.pool);
    expect(result.values(0)).toEqual(['あい', 'あ', 'あ', '', null, 'あ', '', null, null]);
    expect([result.absent(0), result.bad(0)]).toEqual([3, []]);
  });
});

describe.each(engines())('TEXT_UTF8, engine $name', (engine) => {
  test('copies what is valid, trimmed', () => {
    const rows = ['Aé€😀  ', ' ab\0\0       ', 'twelve bytes', '\uFEFFx', ''].map((text) =>
      Buffer.from(text).toString('hex').padEnd(24, '20'),
    );
    const values = (flags: number): unknown => decodeField(engine, utf8(12, flags), rows).values(0);
    expect(values(TRIM_RIGHT)).toEqual(['Aé€😀', ' ab', 'twelve bytes', '\uFEFFx', '']);
    expect(values(TRIM_LEFT | TRIM_RIGHT)).toEqual(['Aé€😀', 'ab', 'twelve bytes', '\uFEFFx', '']);
    expect(values(TRIM_LEFT)).toEqual(['Aé€😀  ', 'ab\0\0       ', 'twelve bytes', `\uFEFFx${' '.repeat(8)}`, '']);
  });

  test('takes what is not UTF-8 for bad', () => {
    const bad = [
      '80',
      'C0AF',
      'C1BF',
      'E08080',
      'EDA080',
      'F08080AF',
      'F4908080',
      'F5808080',
      'FE',
      'E28241',
      'C3',
      'E282',
      'F09F98',
      'C3C3A9',
    ];
    const good = ['C280', 'DFBF', 'E0A080', 'ED9FBF', 'EE8080', 'F0908080', 'F48FBFBF'];
    for (const [list, state] of [
      [bad, true],
      [good, false],
    ] as const) {
      for (const bytes of list) {
        const length = bytes.length / 2;
        expect([bytes, decodeField(engine, utf8(length, 0), [bytes]).values(0)[0] === null]).toEqual([bytes, state]);
        const behind = `${'61'.repeat(9)}${bytes}`;
        const result = decodeField(engine, utf8(length + 9, TRIM_RIGHT), [behind, behind]);
        expect([bytes, result.bad(0)]).toEqual([bytes, state ? [0, 1] : []]);
      }
    }
  });

  test('agrees with the platform on every pair of bytes, and on every character', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const read = (bytes: Uint8Array): string | null => {
      try {
        return strict.decode(bytes);
      } catch {
        return null;
      }
    };
    const two = new Uint8Array(131072);
    for (let i = 0; i < 65536; i++) two.set([i >> 8, i & 0xff], 2 * i);
    const pairs = decode(engine, plan([ROOT, { ...utf8(2, 0), TARGET: 0 }]), { data: two, stride: 2 }, [65536]).values(
      0,
    );
    expect(pairs.filter((value, i) => value !== read(two.subarray(2 * i, 2 * i + 2)))).toEqual([]);
    const codes = Array.from({ length: 0x110000 / 0x101 }, (_, i) => i * 0x101).filter((c) => c < 0xd800 || c > 0xdfff);
    const rows = codes.map((code) => Buffer.from(String.fromCodePoint(code)).toString('hex').padStart(8, '41'));
    const values = decodeField(engine, utf8(4, 0), rows).values(0);
    expect(values.filter((value, i) => value !== read(hex(rows[i]!)))).toEqual([]);
  });

  test('leaves out half a character where the record ends inside', () => {
    const rows = ['41E282AC', '41E282', '41E2', '41', '', '41E241', '20E2', '00', 'FFFF'];
    const result = decodeField(engine, utf8(4, TRIM_RIGHT | ABSENT), rows);
    expect(result.values(0)).toEqual(['A€', 'A', 'A', 'A', null, null, ' ', null, null]);
    expect([result.absent(0), result.bad(0)]).toEqual([3, [5]]);
  });
});

/** Plans may come from elsewhere: nothing in a pool may lead a kernel outside of it, or out of the column. */
describe.each(engines())('pools of pairs, engine $name', (engine) => {
  const page = codePage('1399');
  const refuses = (words: Partial<Words>, change: (pool: Uint8Array) => void = () => {}): boolean => {
    const pool = page.pool.slice();
    change(pool);
    const made = plan([ROOT, { ...field(Op.TEXT_MIXED, 4, 0, page), TARGET: 0, ...words }], pool);
    try {
      engine.prepare(layoutSlab(made, [1]));
      return false;
    } catch (error) {
      expect((error as OverpunchError).code).toMatch(/^OVP_(PLAN|ENGINE)_/);
      return true;
    }
  };
  const lead = page.pool.subarray(DOUBLE_WARDS, DOUBLE_TABLES).findIndex((table) => table > 0);
  const first = DOUBLE_TABLES + (page.pool[DOUBLE_WARDS + lead]! - 1) * DOUBLE_TABLE;

  test('are taken as they are', () => {
    expect(refuses({})).toBe(false);
    expect(refuses({ OP: Op.TEXT_DBCS })).toBe(false);
    expect(refuses({ DIGITS: 4 })).toBe(false);
  });

  test('are refused where they reach outside', () => {
    const last = Math.max(...page.pool.subarray(DOUBLE_WARDS, DOUBLE_TABLES));
    expect(refuses({}, (pool) => (pool[DOUBLE_WARDS + 0xff] = last + 1))).toBe(true);
    expect(refuses({}, (pool) => (pool[DOUBLE_WARDS + 0xff] = last))).toBe(false);
    expect(refuses({ POOL_LENGTH: page.pool.length - 2 })).toBe(true);
    expect(refuses({ POOL_LENGTH: DOUBLE_TABLES - 1 })).toBe(true);
    expect(refuses({ POOL: 4 })).toBe(true);
    // an extra that is not there: the place of its length holds part of a table
    const alone = (pool: Uint8Array, extra: number): void => {
      pool.fill(0, DOUBLE_WARDS, DOUBLE_TABLES);
      pool[DOUBLE_WARDS + lead] = 1;
      pool.fill(0, DOUBLE_TABLES, DOUBLE_TABLES + DOUBLE_TABLE);
      pool.set([extra & 0xff, 0xd8 | (extra >> 8)], DOUBLE_TABLES + 2);
      pool[DOUBLE_TABLES + 8] = 4;
    };
    const one = { POOL_LENGTH: DOUBLE_TABLES + DOUBLE_TABLE };
    expect(refuses(one, (pool) => alone(pool, 1))).toBe(false);
    expect(refuses(one, (pool) => alone(pool, 63))).toBe(true);
    expect(refuses(one, (pool) => alone(pool, 64))).toBe(true);
    expect(refuses(one, (pool) => alone(pool, 0x7ff))).toBe(true);
  });

  test('are refused where a character is too long', () => {
    expect(refuses({ DIGITS: 2 })).toBe(true); // half-width kana take 3
    expect(refuses({ DIGITS: 1 })).toBe(true);
    expect(refuses({ DIGITS: 5 })).toBe(true);
    expect(refuses({}, (pool) => (pool[DOUBLE_TABLES] = 8))).toBe(true);
    expect(refuses({}, (pool) => (pool[DOUBLE_TABLES] = 7))).toBe(true);
    expect(refuses({ DIGITS: 4 }, (pool) => (pool[DOUBLE_TABLES] = 7))).toBe(false);
    expect(refuses({}, (pool) => (pool[DOUBLE_TABLES] = 0))).toBe(true);
    expect(refuses({}, (pool) => (pool[first + 1] = 0xdf))).toBe(true);
    expect(refuses({}, (pool) => (pool[4 * 0xc1] = 4))).toBe(true);
  });

  test('go with their instruction', () => {
    expect(refuses({ FLAGS: Flag.LATIN1 })).toBe(true);
    expect(refuses({ OP: Op.TEXT_DBCS, LENGTH: 3 })).toBe(true);
    expect(refuses({ TYPE: Type.INT32 })).toBe(true);
    const utf = { OP: Op.TEXT_UTF8, DIGITS: 1, POOL_LENGTH: 0 };
    expect(refuses(utf)).toBe(false);
    expect(refuses({ ...utf, DIGITS: 2 })).toBe(true);
    expect(refuses({ ...utf, FLAGS: Flag.LATIN1 })).toBe(true);
  });

  test('are no numbers', () => {
    const counted = plan(
      [
        ROOT,
        field(Op.TEXT_MIXED, 4, 0, page),
        { OP: Op.TABLE, FRAME: 0, OFFSET: 4, LENGTH: 1, DIGITS: 2, TARGET: 1, TYPE: 1, COUNTER: 1 },
      ],
      page.pool,
    );
    expect(() => engine.prepare(layoutSlab(counted, [1, 2]))).toThrow();
  });
});
