/**
 * Entries and clauses: every spelling, any order, and what is said when something is wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import type { DataEntry } from '../../src/copybook/ast.js';
import { parseCopybook } from '../../src/copybook/parse.js';
import { errorOf } from './error-of.js';

const parse = (text: string) => parseCopybook(text, { format: 'free' });
/** The items of a record `01 R.` with these entries in it. */
const within = (text: string): readonly DataEntry[] => parse(`01 R.\n${text}`).records[0]!.item.children;
const one = (text: string): DataEntry => within(`05 A ${text}.`)[0]!;
const fails = (text: string) => errorOf(() => parse(text));
const failsWithin = (text: string) => errorOf(() => within(text));

describe('structure', () => {
  test('levels nest', () => {
    const [record] = parse('01 R. 05 A. 10 B PIC X. 10 C PIC X. 05 D PIC X.').records;
    expect(record!.item).toMatchObject({
      name: 'R',
      level: 1,
      children: [
        { name: 'A', children: [{ name: 'B' }, { name: 'C' }] },
        { name: 'D', children: [] },
      ],
    });
  });

  test('several records, 77 levels, one-digit levels', () => {
    const { records } = parse('1 A. 5 B PIC X. 77 C PIC 9. 01 D PIC X.');
    expect(records.map(({ item }) => [item.level, item.name])).toEqual([
      [1, 'A'],
      [77, 'C'],
      [1, 'D'],
    ]);
  });

  test('without an 01 an unnamed group of level 0 holds the items', () => {
    const { records } = parse('05 A PIC X. 05 B. 10 C PIC X. 01 D PIC X.');
    expect(records).toHaveLength(2);
    expect(records[0]!.item).toMatchObject({ level: 0, name: '', children: [{ name: 'A' }, { name: 'B' }] });
  });

  test('FILLER and items without a name have no name', () => {
    expect(within('05 FILLER PIC X. 05 PIC X. 05 COMP-1. 05 filler. 10 Z PIC X.').map(({ name }) => name)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test('levels that differ among siblings are accepted with a warning', () => {
    const tree = parse('01 R. 05 A. 10 B PIC X. 07 C PIC X. 04 D PIC X.');
    expect(tree.records[0]!.item.children).toMatchObject([
      { name: 'A', children: [{ name: 'B' }, { name: 'C' }] },
      { name: 'D' },
    ]);
    expect(tree.warnings).toHaveLength(2);
    expect(tree.warnings[0]).toContain('C has level 07');
  });

  test('an item with a PICTURE has nothing below it', () => {
    const error = failsWithin('05 A PIC X.\n10 B PIC X.');
    expect(error).toMatchObject({ code: 'OVP_SYNTAX_GROUP', source: { line: 3, column: 4 } });
    expect(error.hint).toContain('level 05');
  });

  test('headers and DCLGEN statements are passed over', () => {
    const text = `DATA DIVISION. FILE SECTION.\nFD F RECORDING MODE F LABEL RECORDS ARE STANDARD.\n
      EXEC SQL DECLARE T TABLE ( ID DECIMAL(9, 2) NOT NULL ) END-EXEC.\n01 R PIC X.`;
    expect(parse(text).records).toMatchObject([{ item: { name: 'R' } }]);
  });

  test.each([
    ['77 A PIC X. 05 B PIC X.', 'OVP_SYNTAX_LEVEL', "can't follow a level 77"],
    ['01 A PIC X. 66 B RENAMES A. 05 C PIC X.', 'OVP_SYNTAX_LEVEL', "can't follow a level 66"],
    ['88 A VALUE 1.', 'OVP_SYNTAX_LEVEL', 'no item before it'],
    ['66 A RENAMES B.', 'OVP_SYNTAX_LEVEL', 'no record before it'],
    ['50 A PIC X.', 'OVP_SYNTAX_LEVEL', '50 is no level number'],
    ['79 A VALUE 5.', 'OVP_SYNTAX_LEVEL', '78 for constants'],
    ['00 A PIC X.', 'OVP_SYNTAX_LEVEL', 'no level number'],
    ['005 A PIC X.', 'OVP_SYNTAX_LEVEL', 'no level number'],
    ['', 'OVP_SYNTAX_EMPTY', 'no data item'],
    ['COPY OTHER.', 'OVP_SYNTAX_COPY', 'resolveCopy'],
    ['01 R. COPY OTHER.', 'OVP_SYNTAX_COPY', 'no such text'],
    ['01 R. EXEC SQL INCLUDE X END-EXEC.', 'OVP_SYNTAX_COPY', 'no such text'],
    ['REPLACE ==A== BY ==B==.', 'OVP_SYNTAX_EMPTY', 'no data item'],
    ['IDENTIFICATION DIVISION. PROGRAM-ID. P.', 'OVP_SYNTAX_PROGRAM', 'describes no data'],
    ['01 :TAG:-REC. 05 A PIC X.', 'OVP_SYNTAX_PLACEHOLDER', ':TAG:'],
    ['hello', 'OVP_SYNTAX_UNEXPECTED', 'level number'],
    ['01 A- PIC X.', 'OVP_SYNTAX_NAME', 'hyphen'],
    ['EXEC SQL DECLARE T', 'OVP_SYNTAX_UNEXPECTED', 'END-EXEC'],
  ])('%s', (text, code, words) => {
    const error = fails(text);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

describe('USAGE', () => {
  test.each([
    ['DISPLAY', 'DISPLAY'],
    ['COMP', 'BINARY'],
    ['COMPUTATIONAL', 'BINARY'],
    ['BINARY', 'BINARY'],
    ['COMP-4', 'BINARY'],
    ['COMPUTATIONAL-4', 'BINARY'],
    ['COMP-1', 'COMP-1'],
    ['COMPUTATIONAL-1', 'COMP-1'],
    ['FLOAT-SHORT', 'COMP-1'],
    ['COMP-2', 'COMP-2'],
    ['COMPUTATIONAL-2', 'COMP-2'],
    ['FLOAT-LONG', 'COMP-2'],
    ['COMP-3', 'PACKED-DECIMAL'],
    ['COMPUTATIONAL-3', 'PACKED-DECIMAL'],
    ['PACKED-DECIMAL', 'PACKED-DECIMAL'],
    ['COMP-5', 'COMP-5'],
    ['COMPUTATIONAL-5', 'COMP-5'],
    ['COMP-6', 'COMP-6'],
    ['COMPUTATIONAL-6', 'COMP-6'],
    ['COMP-X', 'COMP-X'],
    ['COMPUTATIONAL-X', 'COMP-X'],
    ['COMP-N', 'COMP-N'],
    ['INDEX', 'INDEX'],
    ['POINTER', 'POINTER'],
    ['POINTER-32', 'POINTER-32'],
    ['FUNCTION-POINTER', 'FUNCTION-POINTER'],
    ['PROCEDURE-POINTER', 'PROCEDURE-POINTER'],
    ['OBJECT REFERENCE', 'OBJECT REFERENCE'],
    ['OBJECT REFERENCE SOME-CLASS', 'OBJECT REFERENCE'],
    ['NATIONAL', 'NATIONAL'],
    ['DISPLAY-1', 'DISPLAY-1'],
    ['UTF-8', 'UTF-8'],
    ['BINARY-CHAR', 'BINARY-CHAR'],
    ['BINARY-SHORT SIGNED', 'BINARY-SHORT'],
  ])('%s', (word, usage) => {
    for (const text of [word, `USAGE ${word}`, `USAGE IS ${word}`, word.toLowerCase()])
      expect(one(text).usage).toMatchObject({ usage });
  });

  test('UNSIGNED', () => {
    expect(one('BINARY-LONG UNSIGNED').usage).toMatchObject({ usage: 'BINARY-LONG', unsigned: true });
    expect(one('BINARY-DOUBLE SIGNED').usage).toMatchObject({ unsigned: false });
  });

  test('GROUP-USAGE NATIONAL counts as usage', () => {
    expect(one('GROUP-USAGE IS NATIONAL').usage).toMatchObject({ usage: 'NATIONAL' });
  });
});

describe('clauses', () => {
  test.each([
    ['PIC S9 SIGN IS LEADING SEPARATE CHARACTER', true, true],
    ['PIC S9 SIGN LEADING', true, false],
    ['PIC S9 SIGN IS TRAILING', false, false],
    ['LEADING SEPARATE PIC S9', true, true],
    ['TRAILING SEPARATE PIC S9', false, true],
  ])('%s', (text, leading, separate) => expect(one(text).sign).toMatchObject({ leading, separate }));

  test.each([
    ['OCCURS 3', 3, 3, null],
    ['OCCURS 3 TIMES', 3, 3, null],
    ['OCCURS 1 TO 5 TIMES DEPENDING ON N', 1, 5, { name: 'N', qualifiers: [] }],
    ['OCCURS 0 TO 5 DEPENDING N OF G IN R', 0, 5, { name: 'N', qualifiers: ['G', 'R'] }],
    ['OCCURS 5 DEPENDING ON N', 0, 5, { name: 'N', qualifiers: [] }],
  ])('%s', (text, min, max, dependingOn) => {
    const { occurs } = one(`${text} PIC X`);
    expect(occurs).toMatchObject({ min, max });
    if (dependingOn) expect(occurs!.dependingOn).toMatchObject(dependingOn);
    else expect(occurs!.dependingOn).toBeNull();
  });

  test('keys and indexes, also behind other clauses', () => {
    const { occurs } = one('OCCURS 5 TIMES ASCENDING KEY IS K1 K2 DESCENDING K3 PIC X INDEXED BY I, J');
    expect(occurs!.keys).toMatchObject([
      { ascending: true, names: [{ name: 'K1' }, { name: 'K2' }] },
      { ascending: false, names: [{ name: 'K3' }] },
    ]);
    expect(occurs!.indexes).toEqual(['I', 'J']);
  });

  test('the rest of them, in any order', () => {
    const item = within(`05 A PIC X(4).
      05 B VALUE IS 'x' GLOBAL JUSTIFIED RIGHT SYNCHRONIZED LEFT BLANK WHEN ZEROES VOLATILE PICTURE IS X(4) IS EXTERNAL
         DATE FORMAT IS YYXX USAGE IS DISPLAY REDEFINES A.`)[1]!;
    expect(item).toMatchObject({
      name: 'B',
      value: { kind: 'text', value: 'x' },
      redefines: { name: 'A' },
      usage: { usage: 'DISPLAY' },
    });
    expect(item.picture!.picture.text).toBe('X(4)');
    for (const clause of [item.justified, item.synchronized, item.blankWhenZero]) expect(clause).not.toBeNull();
  });

  test.each(['SYNC', 'SYNC RIGHT', 'SYNCHRONISED'])('%s', (text) =>
    expect(one(`PIC X ${text}`).synchronized).not.toBeNull(),
  );
  test.each(['BLANK ZERO', 'BLANK ZEROS', 'BLANK WHEN ZERO'])('%s', (text) =>
    expect(one(`PIC 9 ${text}`).blankWhenZero).not.toBeNull(),
  );

  test.each([
    [`'it''s'`, 'text', `it's`],
    ['-12.50', 'number', '-12.50'],
    ['999.9999', 'number', '999.9999'],
    [`X'c1f0'`, 'hex', 'C1F0'],
    ['SPACES', 'figurative', 'SPACE'],
    ['ZEROES', 'figurative', 'ZERO'],
    ['HIGH-VALUES', 'figurative', 'HIGH-VALUE'],
    ['LOW-VALUE', 'figurative', 'LOW-VALUE'],
    ['QUOTES', 'figurative', 'QUOTE'],
    ['NULL', 'figurative', 'NULL'],
    [`ALL '*-'`, 'all', '*-'],
    ['ALL SPACES', 'figurative', 'SPACE'],
    [`ALL X'00'`, 'all-hex', '00'],
    [`N'ab'`, 'text', 'ab'],
  ])('VALUE %s', (text, kind, value) => expect(one(`PIC X VALUE ${text}`).value).toEqual({ kind, value }));
});

describe('88 levels', () => {
  const conditions = (text: string) => within(`05 A PIC X.\n${text}`)[0]!.conditions;

  test('lists, ranges, figurative constants, FALSE', () => {
    expect(conditions(`88 B VALUES ARE 'A' 'C' THRU 'F', SPACES ALL 'x' WHEN SET TO FALSE IS 'N'.`)).toMatchObject([
      {
        name: 'B',
        values: [
          { from: { value: 'A' }, to: null },
          { from: { value: 'C' }, to: { value: 'F' } },
          { from: { kind: 'figurative' }, to: null },
          { from: { kind: 'all' }, to: null },
        ],
        falseValue: { value: 'N' },
      },
    ]);
  });

  test('numbers on lines of their own are values, not levels', () => {
    expect(
      conditions('88 B VALUES 01\n 05\n 10 THROUGH\n 20\n 30.')[0]!.values.map(({ from, to }) => [
        from.value,
        to?.value,
      ]),
    ).toEqual([
      ['01', undefined],
      ['05', undefined],
      ['10', '20'],
      ['30', undefined],
    ]);
  });

  test('they belong to the item before them, groups too', () => {
    const [group] = within(`05 G.\n 88 E VALUE SPACES.\n 10 H PIC X.\n 88 F VALUE 'f'.`);
    expect(group!.conditions).toMatchObject([{ name: 'E' }]);
    expect(group!.children[0]!.conditions).toMatchObject([{ name: 'F' }]);
  });
});

test('66 levels', () => {
  const { renames } = parse('01 R. 05 A PIC X. 05 B PIC X. 66 C RENAMES A. 66 D RENAMES A OF R THROUGH B.').records[0]!;
  expect(renames).toMatchObject([
    { name: 'C', from: { name: 'A' }, to: null },
    { name: 'D', from: { name: 'A', qualifiers: ['R'] }, to: { name: 'B' } },
  ]);
});

describe('errors', () => {
  test.each([
    ['05 A PICTRUE X.', 'OVP_SYNTAX_CLAUSE', 6, 'PICTURE'],
    ['05 A PIC X OCURS 3.', 'OVP_SYNTAX_CLAUSE', 12, 'OCCURS'],
    ['05 A USAGE CMP-3 PIC 9.', 'OVP_SYNTAX_UNEXPECTED', 12, 'COMP-3'],
    ['05 A PIC 9 COMP3.', 'OVP_SYNTAX_CLAUSE', 12, 'COMP-3'],
    ['05 A PIC X REDEFINE B.', 'OVP_SYNTAX_CLAUSE', 12, 'REDEFINES'],
    ['05 A PIC S9 SIGN LEDING.', 'OVP_SYNTAX_UNEXPECTED', 18, 'LEADING'],
    ['05 A PIC X VALUE SPACS.', 'OVP_SYNTAX_UNEXPECTED', 18, 'SPACE'],
  ])('%s: did you mean', (text, code, column, meant) => {
    const error = failsWithin(text);
    expect(error).toMatchObject({ code, source: { line: 2, column } });
    expect(error.hint).toContain('Did you mean');
    expect(error.hint).toContain(meant);
  });

  test.each([
    ['05 A PIC X (3).', 'OVP_SYNTAX_PICTURE', 'no blanks'],
    ['05 A PIC.', 'OVP_SYNTAX_UNEXPECTED', 'picture is missing'],
    ['05 A PIC X PIC X.', 'OVP_SYNTAX_CLAUSE', 'second PICTURE'],
    ['05 A COMP COMP-3 PIC 9.', 'OVP_SYNTAX_CLAUSE', 'second USAGE'],
    ['05 A PIC X OCCURS.', 'OVP_SYNTAX_UNEXPECTED', 'how many times'],
    ['05 A PIC X OCCURS 0.', 'OVP_SYNTAX_OCCURS', 'at least one'],
    ['05 A PIC X OCCURS 5 TO 3 DEPENDING ON B.', 'OVP_SYNTAX_OCCURS', 'lesser'],
    ['05 A PIC X OCCURS 1 TO 3.', 'OVP_SYNTAX_OCCURS', 'DEPENDING ON'],
    ['05 A PIC X OCCURS 1 TO UNBOUNDED.', 'OVP_SYNTAX_OCCURS', 'UNBOUNDED needs DEPENDING ON'],
    ['05 A PIC X OCCURS DYNAMIC CAPACITY IN B.', 'OVP_SYNTAX_OCCURS', 'grows in memory'],
    ['05 A PIC X BYTE-LENGTH 5.', 'OVP_SYNTAX_CLAUSE', 'goes with PICTURE U'],
    ['05 A PIC X OCCURS 999999999999.', 'OVP_SYNTAX_OCCURS', 'more than'],
    ['05 A PIC X DEPENDING ON B.', 'OVP_SYNTAX_OCCURS', 'needs an OCCURS'],
    ['05 A PIC X BLANK WHEN SPACE.', 'OVP_SYNTAX_UNEXPECTED', 'ZERO'],
    [`05 A PIC X VALUE X'1'.`, 'OVP_SYNTAX_LITERAL', 'hexadecimal'],
    [`05 A PIC X VALUE 'A' 'B'.`, 'OVP_SYNTAX_UNEXPECTED', 'one value'],
    ['05 A PIC X VALUE ALL 5.', 'OVP_SYNTAX_LITERAL', 'ALL'],
    ['05 A PIC X TYPEDEF.', 'OVP_SYNTAX_TYPE', 'only for level 01'],
    ['05 A PIC X DYNAMIC LENGTH.', 'OVP_SYNTAX_CLAUSE', 'never in a record'],
    ['05 A USAGE IS SQL TYPE IS CLOB(3).', 'OVP_SYNTAX_CLAUSE', 'SQL TYPE is not supported'],
    ['05 A PIC X. 88 B.', 'OVP_SYNTAX_UNEXPECTED', 'VALUE'],
    ['05 A PIC X. 88 VALUE 1.', 'OVP_SYNTAX_NAME', 'needs a name'],
    ['05 A PIC X. 66 B RENAME A.', 'OVP_SYNTAX_UNEXPECTED', 'RENAMES'],
    ['05 A PIC 9(3). VALUE 5.', 'OVP_SYNTAX_UNEXPECTED', 'level number'],
  ])('%s', (text, code, words) => {
    const error = failsWithin(text);
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  test('a missing period is told by the line before which it is missing', () => {
    const error = failsWithin('05 A PIC X(3)\n05 B PIC X.\n88 C VALUE 1\n05 D OCCURS 3\n05 E PIC X.');
    expect([error, ...error.others].map(({ message, source }) => [message.split('\n')[0], source!.line])).toEqual([
      ['copybook:2:10: a period is missing before line 3', 2],
      ['copybook:4:12: a period is missing before line 5', 4],
      ['copybook:5:13: a period is missing before line 6', 5],
    ]);
  });

  test('a missing period within a line; at the end it is a warning', () => {
    expect(failsWithin('05 A PIC X 05 B PIC X.').message).toContain('before level 05');
    const { warnings, records } = parseCopybook('01 R.\n05 A PIC X', { format: 'free' });
    expect(records[0]!.item.children).toHaveLength(1);
    expect(warnings).toEqual([
      'copybook:2: the period at the end of the last entry is missing: is the copybook complete?',
    ]);
  });

  test('code cut off at column 72 gets a hint', () => {
    for (let pad = 36; pad < 52; pad++) {
      const text = `000100 01 A.\n000200     05 B${' '.repeat(pad)}PIC S9(4) COMP-3.\n000300     05 C PIC X.`;
      if (text.split('\n')[1]!.length <= 72) parseCopybook(text);
      else expect(errorOf(() => parseCopybook(text)).hint).toContain('column 72');
    }
  });

  test('one run finds all errors and parses the rest', () => {
    const error = failsWithin('05 A PIK X.\n05 B PIC X.\n05 C PIC 9VV9.\n05 D VALUE.');
    expect([error, ...error.others].map(({ source }) => source!.line)).toEqual([2, 4, 5]);
  });

  test('the message shows file, line, column and a caret', () => {
    const error = errorOf(() => parseCopybook('       01 R.\n           05 A PICK X.\n', { file: 'books/r.cpy' }));
    expect(error.message).toBe(
      'books/r.cpy:2:17: PICK is no clause of a data item\n' +
        '               05 A PICK X.\n' +
        '                    ^^^^\n' +
        '  Did you mean PIC?\n' +
        '  See IBM Enterprise COBOL 6.4 Language Reference, "DATA DIVISION--data description entry".',
    );
  });
});

test('a stray period is only a warning', () => {
  expect(parse('01 A PIC X..\n').warnings).toEqual(['copybook:1: a period too many']);
});

test('whatever the text, it ends in a tree or an OverpunchError', () => {
  const words =
    `01 05 10 66 77 88 A B FILLER PIC X(3) S9(4)V99 COMP-3 OCCURS 3 TO DEPENDING ON REDEFINES VALUE 'x' "y THRU RENAMES . . . , ( ) *> X' :T: -5 \n \n EXEC COPY USAGE IS SIGN ALL`.split(
      ' ',
    );
  let seed = 1;
  const next = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  let trees = 0;
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({ length: 1 + next(25) }, () => words[next(words.length)]).join(next(8) === 0 ? '\n' : ' ');
    try {
      trees += parseCopybook(text).records.length > 0 ? 1 : 0;
    } catch (error) {
      expect((error as { code?: string }).code).toMatch(/^OVP_SYNTAX_/);
    }
  }
  expect(trees).toBeGreaterThan(0);
});
