/**
 * Offsets, lengths and meaning of items, and everything that can't be laid out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { type Item, walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';
import type { Dialect, LayoutOptions } from '../../src/options.js';
import { errorOf } from '../copybook/error-of.js';

const layout = (text: string, options: LayoutOptions = {}) =>
  layoutOf(parseCopybook(text, { format: 'free' }), options);
const within = (text: string, dialect: Dialect = 'ibm') => layout(`01 R.\n${text}`, { dialect });
const one = (text: string, dialect: Dialect = 'ibm'): Item =>
  within(`05 A ${text}.`, dialect).records[0]!.item.children[0]!;
const places = (text: string, dialect: Dialect = 'ibm') =>
  [...walk(within(text, dialect).records[0]!.item)].slice(1).map(({ name, offset, length }) => [name, offset, length]);

describe('elementary items', () => {
  test.each([
    ['PIC X(5)', 'text', 'DISPLAY', 5],
    ['PIC A(5)', 'text', 'DISPLAY', 5],
    ['PIC 9(5)', 'zoned', 'DISPLAY', 5],
    ['PIC S9(5)V99', 'zoned', 'DISPLAY', 7],
    ['PIC S9(5) SIGN TRAILING', 'zoned', 'DISPLAY', 5],
    ['PIC S9(5) SIGN LEADING SEPARATE', 'zoned', 'DISPLAY', 6],
    ['PIC 9(5) BLANK WHEN ZERO', 'edited', 'DISPLAY', 5],
    ['PIC ZZ9.99CR', 'edited', 'DISPLAY', 8],
    ['PIC XXBXX', 'edited', 'DISPLAY', 5],
    ['PIC +9(4)E+99', 'edited', 'DISPLAY', 9],
    ['PIC N(5)', 'national', 'NATIONAL', 10],
    ['PIC N(5) USAGE NATIONAL', 'national', 'NATIONAL', 10],
    ['PIC 9(4) NATIONAL', 'zoned', 'NATIONAL', 8],
    ['PIC S9(4) NATIONAL SIGN LEADING SEPARATE', 'zoned', 'NATIONAL', 10],
    ['PIC ZZ9.9 NATIONAL', 'edited', 'NATIONAL', 10],
    ['PIC +9.9E+99 NATIONAL', 'national', 'NATIONAL', 16],
    ['PIC U(5)', 'text', 'UTF-8', 20],
    ['PIC U BYTE-LENGTH IS 7', 'text', 'UTF-8', 7],
    ['FLOAT-SHORT', 'float', 'COMP-1', 4],
    ['FLOAT-LONG', 'float', 'COMP-2', 8],
    ['FLOAT-BINARY-32', 'float', 'FLOAT-BINARY-32', 4],
    ['FLOAT-BINARY-64', 'float', 'FLOAT-BINARY-64', 8],
    ['FLOAT-BINARY-128', 'float', 'FLOAT-BINARY-128', 16],
    ['FLOAT-DECIMAL-16', 'float', 'FLOAT-DECIMAL-16', 8],
    ['FLOAT-DECIMAL-34', 'float', 'FLOAT-DECIMAL-34', 16],
    ['FLOAT-EXTENDED', 'float', 'FLOAT-EXTENDED', 16],
    ['OBJECT REFERENCE FACTORY OF ACCOUNT ONLY', 'pointer', 'OBJECT REFERENCE', 4],
    ['PROGRAM-POINTER', 'pointer', 'PROCEDURE-POINTER', 8],
    ['SIGNED-SHORT', 'binary', 'COMP-5', 2],
    ['UNSIGNED-INT', 'binary', 'COMP-5', 4],
    ['BINARY-LONG-LONG', 'binary', 'COMP-5', 8],
    ['PIC X BASED', 'text', 'DISPLAY', 1],
    ['PIC G(5)', 'dbcs', 'DISPLAY-1', 10],
    ['PIC N(5) DISPLAY-1', 'dbcs', 'DISPLAY-1', 10],
    ['PIC U(5)', 'text', 'UTF-8', 20],
    ['PIC S9(5) COMP-3', 'packed', 'PACKED-DECIMAL', 3],
    ['PIC S9(4) COMP-3', 'packed', 'PACKED-DECIMAL', 3],
    ['PIC 9(5) COMP-6', 'packed', 'COMP-6', 3],
    ['PIC 9(4) COMP-6', 'packed', 'COMP-6', 2],
    ['COMP-1', 'float', 'COMP-1', 4],
    ['COMP-2', 'float', 'COMP-2', 8],
    ['INDEX', 'pointer', 'INDEX', 4],
    ['POINTER', 'pointer', 'POINTER', 4],
    ['POINTER-32', 'pointer', 'POINTER-32', 4],
    ['FUNCTION-POINTER', 'pointer', 'FUNCTION-POINTER', 4],
    ['PROCEDURE-POINTER', 'pointer', 'PROCEDURE-POINTER', 8],
    ['OBJECT REFERENCE', 'pointer', 'OBJECT REFERENCE', 4],
    ['BINARY-CHAR', 'binary', 'COMP-5', 1],
    ['BINARY-SHORT', 'binary', 'COMP-5', 2],
    ['BINARY-LONG', 'binary', 'COMP-5', 4],
    ['BINARY-DOUBLE', 'binary', 'COMP-5', 8],
    ['PIC 9(4) COMP-5', 'binary', 'COMP-5', 2],
    ['PIC X(3) COMP-X', 'binary', 'COMP-X', 3],
    ['PIC 9(7) COMP-X', 'binary', 'COMP-X', 3],
    ['PIC 9(9) COMP-N', 'binary', 'COMP-5', 4],
  ])('%s', (text, kind, usage, length) => expect(one(text)).toMatchObject({ kind, usage, length, stride: length }));

  test.each([
    ['PIC S9(5)V99 COMP-3', 7, 2, true],
    ['PIC 99PPP', 2, -3, false],
    ['PIC SVPP99 COMP', 2, 4, true],
    ['PIC ZZ9.99-', 5, 2, true],
    ['BINARY-LONG', 9, 0, true],
    ['BINARY-LONG UNSIGNED', 9, 0, false],
    ['PIC X(9)', 0, 0, false],
    ['PIC N(9)', 0, 0, false],
    ['PIC 9(4)V9 NATIONAL', 5, 1, false],
    ['COMP-2', 0, 0, true],
  ])('%s: digits, scale, sign', (text, digits, scale, signed) =>
    expect(one(text)).toMatchObject({ digits, scale, signed }),
  );

  test('COMP-N is in the order of the machine, but GnuCOBOL stores it as COMP-X', () => {
    expect(one('PIC 9(9) COMP-N', 'gnucobol')).toMatchObject({ usage: 'COMP-X', length: 4 });
    expect(one('PIC 9(9) COMP-N', 'microfocus')).toMatchObject({ usage: 'COMP-5', length: 4 });
  });

  test('binary sizes by dialect, 1 to 18 digits', () => {
    const sizes = (dialect: Dialect, sign = 'S'): string =>
      Array.from({ length: 18 }, (_, i) => one(`PIC ${sign}9(${i + 1}) COMP`, dialect).length).join('');
    expect(sizes('ibm')).toBe('222244444888888888');
    expect(sizes('gnucobol')).toBe('112244444888888888');
    expect(sizes('microfocus')).toBe('112233444556667788');
    expect(sizes('microfocus', '')).toBe('112233344555667788');
  });

  test('Micro Focus: the fewest bytes that hold the digits', () => {
    for (const signed of [true, false]) {
      for (let digits = 1; digits <= 18; digits++) {
        const { length } = one(`PIC ${signed ? 'S' : ''}9(${digits}) COMP`, 'microfocus');
        const most = 10n ** BigInt(digits) - 1n;
        const capacity = (bytes: number): bigint => (1n << BigInt(8 * bytes - (signed ? 1 : 0))) - 1n;
        expect(capacity(length) >= most).toBe(true);
        expect(length === 1 || capacity(length - 1) < most).toBe(true);
      }
    }
  });

  test('addresses take 8 bytes under gnucobol', () => {
    expect(
      ['POINTER', 'FUNCTION-POINTER', 'PROCEDURE-POINTER', 'INDEX'].map((usage) => one(usage, 'gnucobol').length),
    ).toEqual([8, 8, 8, 4]);
  });

  test('flags and clauses', () => {
    expect(one('PIC X(5) JUST VALUE "ab"')).toMatchObject({ justified: true, value: { kind: 'text', value: 'ab' } });
    expect(one('PIC 9(5) BLANK ZERO')).toMatchObject({ blankWhenZero: true, edited: { numeric: true } });
    expect(one('PIC S9 LEADING SEPARATE').sign).toEqual({ leading: true, separate: true });
    expect(one('PIC x(5)')).toMatchObject({ picture: 'X(5)', filler: false, name: 'A', path: 'R.A', level: 5 });
    expect(one(`PIC X(3) VALUE ALL X'C1F0'`).value).toEqual({ kind: 'hex', value: 'C1F0C1' });
  });
});

describe('groups', () => {
  test('hand down USAGE and SIGN', () => {
    const { item } = within(
      '05 G COMP-3. 10 A PIC 9(3). 10 B PIC S9(4) COMP-3. 05 H SIGN LEADING SEPARATE. 10 C PIC S9. 10 D PIC 9. 10 E PIC S9 TRAILING.',
    ).records[0]!;
    expect(
      [...walk(item)].filter(({ kind }) => kind !== 'group').map(({ name, kind, length }) => [name, kind, length]),
    ).toEqual([
      ['A', 'packed', 2],
      ['B', 'packed', 3],
      ['C', 'zoned', 2],
      ['D', 'zoned', 1],
      ['E', 'zoned', 1],
    ]);
    expect(item.children[0]).toMatchObject({ kind: 'group', picture: null, usage: 'PACKED-DECIMAL' });
  });

  test('a separate sign of the group adds nothing to edited, packed and unsigned items', () => {
    expect(places('05 G SIGN LEADING SEPARATE. 10 A PIC -9. 10 B PIC S9(3) COMP-3. 10 C PIC X.')).toEqual([
      ['G', 0, 5],
      ['A', 0, 2],
      ['B', 2, 2],
      ['C', 4, 1],
    ]);
  });

  test('a usage without picture may come from the group', () => {
    expect(places('05 G COMP-2. 10 A. 10 B.')).toEqual([
      ['G', 0, 16],
      ['A', 0, 8],
      ['B', 8, 8],
    ]);
  });

  test('an own USAGE that differs counts, with a warning', () => {
    const { records, warnings } = within('05 G COMP-3. 10 A PIC 9(4) COMP.');
    expect(records[0]!.length).toBe(2);
    expect(warnings[0]).toContain('R.G.A is USAGE BINARY, its group PACKED-DECIMAL');
  });

  test('paths and parents', () => {
    const { item } = within('05 G. 10 A PIC X. 10 FILLER PIC X. 05 PIC X.').records[0]!;
    expect([...walk(item)].map(({ path }) => path)).toEqual(['R', 'R.G', 'R.G.A', 'R.G.FILLER', 'R.FILLER']);
    expect(item.parent).toBeNull();
    expect(item.children[0]!.children[0]!.parent).toBe(item.children[0]);
    expect([...walk(item)].map(({ filler }) => filler)).toEqual([false, false, false, true, true]);
  });
});

describe('records', () => {
  test('every 01 and 77 starts at 0; the layout has the longest and shortest', () => {
    const all = layout('01 A PIC X(3). 01 B. 05 C PIC X(9). 77 D PIC 9(5).');
    expect(all.records.map(({ name, length, item }) => [name, length, item.offset])).toEqual([
      ['A', 3, 0],
      ['B', 9, 0],
      ['D', 5, 0],
    ]);
    expect(all).toMatchObject({ length: 9, minLength: 3, dialect: 'ibm' });
  });

  test('without an 01: one unnamed record whose paths start with the items', () => {
    const { records } = layout('05 A PIC X. 05 B. 10 C PIC X.');
    expect(records).toMatchObject([{ name: '', length: 2, item: { level: 0, name: '', kind: 'group', path: '' } }]);
    expect([...walk(records[0]!.item)].map(({ path }) => path)).toEqual(['', 'A', 'B', 'B.C']);
  });

  test('OCCURS at level 01', () => {
    const { records, warnings } = layout('01 R OCCURS 3. 05 A PIC X(5).');
    expect(records[0]).toMatchObject({ length: 15, minLength: 15, item: { length: 5, stride: 5 } });
    expect(warnings).toHaveLength(1);
  });

  test('88 levels and values', () => {
    const [item] = within(`05 A PIC X(4). 88 B VALUE 'x' THRU 'z' SPACES ALL X'C1' FALSE 'n'.`).records[0]!.item
      .children;
    expect(item!.conditions).toEqual([
      {
        name: 'B',
        values: [
          { from: { kind: 'text', value: 'x' }, to: { kind: 'text', value: 'z' } },
          { from: { kind: 'figurative', value: 'SPACE' }, to: null },
          { from: { kind: 'hex', value: 'C1C1C1C1' }, to: null },
        ],
        falseValue: { kind: 'text', value: 'n' },
      },
    ]);
  });

  test('warnings say file and line', () => {
    expect(within('05 A PIC 9.\n88 B VALUE "x".\n88 C VALUE 5 THRU 3.').warnings).toEqual([
      'copybook:3: B compares the number A with text',
      'copybook:4: C: the range 5 THRU 3 holds nothing',
    ]);
  });
});

describe('66 levels', () => {
  const text = '05 G. 10 A PIC X(3). 10 B PIC 9(4). 05 H. 10 A PIC X(2). 05 T PIC X OCCURS 3.';
  test('name an item, or a run of them', () => {
    const { renames } = within(`${text} 66 R1 RENAMES G. 66 R2 RENAMES B THRU A OF H.`).records[0]!;
    expect(renames.map(({ name, offset, length, from, to }) => [name, offset, length, from.name, to.path])).toEqual([
      ['R1', 0, 7, 'G', 'R.G'],
      ['R2', 3, 6, 'B', 'R.H.A'],
    ]);
  });

  test.each([
    ['66 X RENAMES A.', 'could be any of'],
    ['66 X RENAMES ROUND.', 'not in this record'],
    ['66 X RENAMES B THRU A OF G.', 'does not come after'],
    ['66 X RENAMES T.', 'is a table'],
    ['05 N PIC 9. 05 V PIC X OCCURS 0 TO 2 DEPENDING ON N. 05 Z PIC X. 66 X RENAMES N THRU Z.', 'depends on N'],
  ])('%s', (renames, words) => {
    const error = errorOf(() => within(`${text} ${renames}`));
    expect(error.code).toBe('OVP_LAYOUT_RENAMES');
    expect(error.message).toContain(words);
  });
});

describe('what can not be laid out', () => {
  test.each([
    ['05 A.', 'neither a PICTURE nor items'],
    ['05 A COMP-3.', 'neither a PICTURE nor items'],
    ['05 A PIC 9(4) COMP-1.', 'goes without a PICTURE'],
    ['05 A PIC 9(4) INDEX.', 'goes without a PICTURE'],
    ['05 A PIC X(4) COMP.', "can't be USAGE BINARY"],
    ['05 A PIC X(4) COMP-3.', "can't be USAGE PACKED-DECIMAL"],
    ['05 A PIC ZZ9 COMP-3.', "can't be USAGE PACKED-DECIMAL"],
    ['05 A PIC S9(4) COMP-6.', 'without S'],
    ['05 A PIC S9(19) COMP.', 'at most 18'],
    ['05 A PIC X(9) COMP-X.', 'at most 8 bytes'],
    ['05 A PIC X(4) NATIONAL.', "can't be USAGE NATIONAL"],
    ['05 A PIC S9(4) NATIONAL.', 'needs SIGN LEADING SEPARATE'],
    ['05 A PIC X(4) COMP-5.', "can't be USAGE COMP-5"],
    ['05 A PIC X(4) DISPLAY-1.', 'G or N'],
    ['05 A PIC N(4) DISPLAY.', 'without N'],
    ['05 A PIC X UTF-8.', 'a picture of U'],
    ['05 G COMP-3. 10 A PIC X.', "can't be USAGE PACKED-DECIMAL"],
    ['05 A PIC 9 JUST.', 'JUSTIFIED is only for text'],
    ['05 A PIC XBX JUST.', 'JUSTIFIED is only for text'],
    ['05 A PIC X BLANK WHEN ZERO.', 'BLANK WHEN ZERO is only for numbers'],
    ['05 A PIC S9 BLANK WHEN ZERO.', 'exclude each other'],
    ['05 A PIC **9 BLANK WHEN ZERO.', 'exclude each other'],
    ['05 A PIC 9 COMP-3 BLANK WHEN ZERO.', 'BLANK WHEN ZERO is only for numbers'],
    ['05 A PIC S9 COMP-3 SIGN LEADING.', 'SIGN is only for'],
    ['05 G JUST. 10 A PIC X.', 'not for groups'],
    ['05 G BLANK WHEN ZERO. 10 A PIC 9.', 'not for groups'],
  ])('%s', (text, words) => {
    const error = errorOf(() => within(text));
    expect(error.code).toBe('OVP_LAYOUT_ITEM');
    expect(error.message).toContain(words);
    expect(error.source!.line).toBe(2);
  });

  test('a SIGN that does nothing is only a warning', () => {
    expect(within('05 A PIC 9(3) SIGN LEADING SEPARATE.')).toMatchObject({
      length: 3,
      warnings: [expect.stringContaining('SIGN does nothing')],
    });
  });

  test('lengths have a limit', () => {
    expect(within('05 A PIC X(268435455).').length).toBe(0x0fffffff);
    expect(errorOf(() => within('05 A PIC X(268435455). 05 B PIC X.')).code).toBe('OVP_LAYOUT_LENGTH');
    expect(
      errorOf(() => within('05 A OCCURS 99999999. 10 B OCCURS 99999999. 15 C OCCURS 99999999. 20 D PIC X.')).code,
    ).toBe('OVP_LAYOUT_LENGTH');
  });

  test('one run finds all errors', () => {
    const error = errorOf(() => within('05 A.\n05 B PIC X COMP.\n05 C PIC 9 REDEFINES D.'));
    expect([error, ...error.others].map(({ code, source }) => [code, source!.line])).toEqual([
      ['OVP_LAYOUT_ITEM', 2],
      ['OVP_LAYOUT_ITEM', 3],
      ['OVP_LAYOUT_REDEFINES', 4],
    ]);
  });
});
