/**
 * Whole programs: whose records are taken, what SPECIAL-NAMES and FD say, and what is passed over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { codePage } from '../../src/codepage/codepage.js';
import { Copybook } from '../../src/copybook.js';
import { parseCopybook } from '../../src/copybook/parse.js';
import { layoutOf } from '../../src/layout/layout.js';
import { errorOf } from './error-of.js';

const HEAD = 'IDENTIFICATION DIVISION.\nPROGRAM-ID. P.\nAUTHOR. NO ONE COPY THIS.\n';
const TAIL = 'PROCEDURE DIVISION.\n    COPY NOWHERE.\n    MOVE 1 TO A. 05 NOT DATA.\n';
const FILES = `FILE SECTION.
FD ACCT-FILE RECORDING MODE IS V RECORD IS VARYING IN SIZE FROM 4 TO 8 CHARACTERS DEPENDING ON N BLOCK CONTAINS 10 RECORDS.
01 ACCT-REC PIC X(8). 01 ACCT-SHORT PIC X(4).
`;
const WORKING = 'WORKING-STORAGE SECTION.\n77 N PIC 9(4) COMP.\n01 WORK PIC X(5).\n';
const program = (data: string) => `${HEAD}DATA DIVISION.\n${data}${TAIL}`;
const layout = (text: string, from?: string) => layoutOf(parseCopybook(text, { from, format: 'free' }));
const names = (text: string, from?: string) => layout(text, from).records.map(({ name }) => name);

test('the records of the only FD', () => {
  const { records, file, warnings } = layout(program(FILES + WORKING));
  expect(records.map(({ name, length }) => [name, length])).toEqual([
    ['ACCT-REC', 8],
    ['ACCT-SHORT', 4],
  ]);
  expect(file).toEqual({
    name: 'ACCT-FILE',
    recordingMode: 'V',
    record: { min: 4, max: 8, varying: true },
    block: { min: 10, max: 10, unit: 'records' },
  });
  expect(warnings).toEqual([]);
});

test.each([
  [
    'FD F RECORD CONTAINS 80 CHARACTERS BLOCK CONTAINS 0 RECORDS RECORDING F.',
    'F',
    { min: 80, max: 80, varying: false },
    { min: 0, max: 0, unit: 'records' },
  ],
  [
    'FD F LABEL RECORDS ARE STANDARD BLOCK 800 TO 8000 CHARACTERS RECORD 20 TO 80 DATA RECORD IS R.',
    null,
    { min: 20, max: 80, varying: true },
    { min: 800, max: 8000, unit: 'bytes' },
  ],
  ['FD F RECORD VARYING RECORDING MODE U.', 'U', { min: 0, max: 0, varying: true }, null],
  ['FD F IS EXTERNAL.', null, null, null],
])('%s', (entry, recordingMode, record, block) => {
  expect(layout(`${entry} 01 R PIC X(80).`).file).toEqual({ name: 'F', recordingMode, record, block });
});

test('an FD that contradicts its records gives a warning', () => {
  const { warnings } = layout('FD F RECORD CONTAINS 80.\n01 R PIC X(79).');
  expect(warnings[0]).toContain('at most 80 bytes, but R has 79');
});

describe('from', () => {
  const two = `${FILES}FD OTHER. 01 OTHER-REC PIC X.\nSD SORTED. 01 SORT-REC PIC 9.\n`;
  test.each([
    ['ACCT-FILE', ['ACCT-REC', 'ACCT-SHORT']],
    ['acct-short', ['ACCT-SHORT']],
    ['OTHER', ['OTHER-REC']],
    ['SORTED', ['SORT-REC']],
    ['WORK', ['WORK']],
    ['N', ['N']],
    ['FILE', ['ACCT-REC', 'ACCT-SHORT', 'OTHER-REC', 'SORT-REC']],
    ['WORKING-STORAGE SECTION', ['N', 'WORK']],
  ])('%s', (from, expected) => expect(names(program(two + WORKING), from)).toEqual(expected));

  test('several FDs need it, and the error lists them; sort files do not count', () => {
    const error = errorOf(() => names(program(two + WORKING)));
    expect(error.code).toBe('OVP_OPTION_FROM');
    expect(error.message).toContain('2 files: ACCT-FILE (ACCT-REC, ACCT-SHORT), OTHER (OTHER-REC)');
    expect(error.hint).toContain('--from ACCT-FILE');
  });

  test('without files: the only 01 of WORKING-STORAGE, or an error that lists them', () => {
    expect(names(program(WORKING))).toEqual(['WORK']);
    const error = errorOf(() => names(program(`${WORKING}01 MORE PIC X.\n`)));
    expect(error.code).toBe('OVP_OPTION_FROM');
    expect(error.message).toContain('2 records: WORK, MORE');
    expect(names(program('LINKAGE SECTION.\n01 L PIC X.\n'))).toEqual(['L']);
  });

  test('a name that is not there', () => {
    const error = errorOf(() => names(program(FILES + WORKING), 'ACT-FILE'));
    expect(error.code).toBe('OVP_OPTION_FROM');
    expect(error.hint).toContain('ACCT-FILE');
  });

  test('chooses in copybooks as well', () => expect(names('01 A PIC X. 01 B PIC X.', 'B')).toEqual(['B']));

  test('what is wrong elsewhere does not count', () => {
    expect(names(program(`${FILES}${WORKING}01 BAD PICK X.\n01 GOOD PIC X.\n`))).toEqual(['ACCT-REC', 'ACCT-SHORT']);
    expect(names(program(`${WORKING}01 BAD PICK X.\nCOPY NOWHERE.\n01 GOOD PIC X.\n`), 'GOOD')).toEqual(['GOOD']);
    expect(errorOf(() => names(program(`${WORKING}01 BAD PICK X.\n`), 'BAD')).code).toBe('OVP_SYNTAX_CLAUSE');
  });
});

test('REPLACE before a section holds for it', () => {
  expect(names(program(`REPLACE ==ACCT-REC== BY ==OTHER==.\n${FILES}`))).toEqual(['OTHER', 'ACCT-SHORT']);
});

test('a program without data, and a second program', () => {
  expect(errorOf(() => names(HEAD + TAIL)).code).toBe('OVP_SYNTAX_PROGRAM');
  expect(layout(program(FILES) + program(WORKING)).warnings[0]).toContain('another program begins here');
});

describe('SPECIAL-NAMES', () => {
  const special = (clauses: string, entry: string) =>
    layout(
      `${HEAD}ENVIRONMENT DIVISION.\nCONFIGURATION SECTION.\nSPECIAL-NAMES.\n${clauses}.\nINPUT-OUTPUT SECTION.\nFILE-CONTROL. SELECT F ASSIGN F.\nDATA DIVISION.\nWORKING-STORAGE SECTION.\n01 A ${entry}.\n${TAIL}`,
    ).records[0]!.item;

  test('DECIMAL-POINT IS COMMA', () => {
    const item = special('DECIMAL-POINT IS COMMA', 'PIC ZZ.ZZ9,99 VALUE 1,5');
    expect(item).toMatchObject({ digits: 7, scale: 2, length: 9, value: { kind: 'number', value: '1.5' } });
    expect(item.edited!.positions.map(({ role, symbol }) => role + symbol)).toEqual([
      'Z',
      'Z',
      'insert.',
      'Z',
      'Z',
      '9',
      'point,',
      '9',
      '9',
    ]);
  });

  test.each(
    [
      [`CURRENCY SIGN IS 'F'`, 'OVP_SYNTAX_CURRENCY'],
      [`CURRENCY 'EUR'`, 'OVP_SYNTAX_CURRENCY'],
      [`CURRENCY SIGN 'Q' WITH PICTURE SYMBOL '9'`, 'OVP_SYNTAX_CURRENCY'],
    ].slice(1),
  )('%s', (clause, code) => expect(errorOf(() => special(clause, 'PIC X')).code).toBe(code));

  test('CURRENCY SIGN', () => {
    expect(special(`CURRENCY SIGN IS 'F'`, 'PIC FF9').edited!.positions).toMatchObject([
      { role: '$', symbol: 'F' },
      { role: '$', digit: true },
      { role: '9' },
    ]);
    const fixed = special(`CURRENCY SIGN 'EUR' WITH PICTURE SYMBOL 'U'`, 'PIC UZ9');
    expect(fixed).toMatchObject({ length: 5, digits: 2, edited: { numeric: true } });
    expect(fixed.edited!.positions.map(({ symbol }) => symbol).join('')).toBe('EUR');
    // a floating sign of several characters moves the digits: it is text
    expect(special(`CURRENCY SIGN 'EUR' WITH PICTURE SYMBOL 'U'`, 'PIC UUU9')).toMatchObject({
      length: 6,
      edited: { numeric: false },
    });
  });
});

test('the options say it for copybooks', () => {
  const { item } = layoutOf(parseCopybook('01 A PIC UZ9,9.', { decimalPoint: 'comma', currency: 'EUR=U' })).records[0]!;
  expect(item).toMatchObject({ length: 7, scale: 1 });
  expect(errorOf(() => parseCopybook('01 A PIC X.', { currency: 'EUR' })).code).toBe('OVP_OPTION_VALUE');
});

test('values with a decimal comma and another currency', () => {
  const text = '01 R. 05 A PIC Z.ZZ9,99. 05 B PIC UZZ9,9. 05 C PIC --.--9,9.';
  const copybook = Copybook.parse(text, { decimalPoint: 'comma', currency: 'EUR=U', format: 'free' });
  const decode = (record: string) => copybook.decode(codePage('037').encode(record) as Uint8Array);
  expect(decode('1.234,56EUR  7,5   -42,0')).toEqual({ a: '1234.56', b: '7.5', c: '-42.0' });
  expect(decode('    0,50EUR127,5-1.442,0')).toEqual({ a: '0.50', b: '127.5', c: '-1442.0' });
});

test('a program of 30,000 lines is read only as far as its data', () => {
  const lines = Array.from({ length: 200 }, (_, i) => `           05  FIELD-${i}  PIC X(10).`);
  const statements = Array.from(
    { length: 30_000 },
    (_, i) => `           MOVE FIELD-${i % 200} TO OTHER-${i}. 'unclosed`,
  );
  const text = `       IDENTIFICATION DIVISION.\n       DATA DIVISION.\n       FILE SECTION.\n       FD  F.\n       01  R.\n${lines.join('\n')}\n       PROCEDURE DIVISION.\n${statements.join('\n')}`;
  expect(layoutOf(parseCopybook(text)).length).toBe(2000);
});
