/**
 * Pictures with the values and edited results of IBM's manual: Enterprise COBOL for z/OS 6.4 Language Reference, "PICTURE
 * clause editing" and its sections, and for scaling "Data categories and PICTURE rules", "Numeric items".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { codePage } from '../../src/codepage/codepage.js';
import { Copybook } from '../../src/copybook.js';

/** The value of an item that shows this text, or holds these digits. */
function value(picture: string, text: string, usage = ''): unknown {
  const copybook = Copybook.parse(`01 R.\n05 A PIC ${picture} ${usage}.\n05 Z PIC X.\n`, { format: 'free' });
  expect(copybook.layout.records[0]!.length).toBe(text.length + 1);
  return copybook.decode(codePage('037').encode(`${text}.`) as Uint8Array).a;
}

test.each([
  ['X(10)/XX', 'ALPHANUMER/01', 'ALPHANUMER/01'],
  ['X(5)BX(7)', 'ALPHA NUMERIC', 'ALPHA NUMERIC'],
  ['99,B999,B000', '01, 234, 000', 1234],
  ['99,999', '12,345', 12345],
])('Simple insertion editing: %s', (picture, text, wanted) => expect(value(picture, text)).toBe(wanted));

test.each([
  ['999.99', '001.23', '1.23'],
  ['999.99', '012.34', '12.34'],
  ['999.99', '123.45', '123.45'],
  ['999.99', '234.50', '234.50'],
])('Special insertion editing: %s of %s', (picture, text, wanted) => expect(value(picture, text)).toBe(wanted));

test.each([
  ['999.99+', '555.55+', '555.55'],
  ['+9999.99', '-6555.55', '-6555.55'],
  ['9999.99', '1234.56', '1234.56'],
  ['$999.99', '$123.45', '123.45'],
  ['-$999.99', '-$123.45', '-123.45'],
  ['-$999.99', ' $123.45', '123.45'],
  ['$9999.99CR', '$0123.45  ', '123.45'],
  ['$9999.99DB', '$0123.45DB', '-123.45'],
])('Fixed insertion editing: %s of %s', (picture, text, wanted) => expect(value(picture, text)).toBe(wanted));

test.each([
  ['$$$$.99', '   $.12', '0.12'],
  ['$$$9.99', '  $0.12', '0.12'],
  ['$,$$$,999.99', '  $1,234.56', '1234.56'],
  ['+,+++,999.99', ' -123,456.78', '-123456.78'],
  ['$$,$$$,$$$.99CR', '$1,234,567.00CR', '-1234567.00'],
])('Floating insertion editing: %s of %s', (picture, text, wanted) =>
  expect(value(picture, text.padStart(picture.length))).toBe(wanted),
);

test.each([
  ['****.**', '****.**', '0.00'],
  ['ZZZZ.99', '    .00', '0.00'],
  ['****.99', '****.00', '0.00'],
  ['ZZ99.99', '  00.00', '0.00'],
  ['Z,ZZZ.ZZ+', '  123.45+', '123.45'],
  ['*,***.**+', '**123.45-', '-123.45'],
  ['**,***,***.**+', '12,345,678.90+', '12345678.90'],
  ['$Z,ZZZ,ZZZ.ZZCR', '$   12,345.67  ', '12345.67'],
  ['$B*,***,***.**BBDB', '$ ***12,345.67  DB', '-12345.67'],
])('Zero suppression and replacement editing: %s of %s', (picture, text, wanted) =>
  expect(value(picture, text)).toBe(wanted),
);

test('... a number all of whose digits are suppressed is shown as spaces', () => {
  const copybook = Copybook.parse('01 R.\n05 A PIC ZZZZ.ZZ.\n05 Z PIC X.\n', { format: 'free' });
  const spaces = codePage('037').encode('       .') as Uint8Array;
  expect(copybook.decode(spaces, { absent: 'keep' }).a).toBe('0.00');
  expect(copybook.decode(spaces).a).toBeNull(); // which may be a number that was never set
});

describe('the range of numeric items', () => {
  test.each([
    ['9999', '9999', 9999],
    ['S99', '9R', -99],
    ['S999V9', '999R', '-999.9'],
    ['PPP999', '999', '0.000999'],
    ['S999PPP', '99R', -999000],
    ['S999PPP', '00A', 1000],
  ])('%s of %s', (picture, text, wanted) => expect(value(picture, text)).toBe(wanted));
});

// Language Reference, "Figurative constants": SPACE is x'4040' where double-byte characters are wanted; "DBCS literals":
// characters stand between shift-out x'0E' and shift-in x'0F' in text, without them in a DBCS item
test('double-byte text', () => {
  const copybook = Copybook.parse('01 R.\n05 A PIC G(3).\n05 B PIC X(8).\n', { format: 'free' });
  const bytes = Buffer.from('42c142c24040' + 'c10e42c142c20fc2', 'hex');
  expect(copybook.layout.records[0]!.length).toBe(bytes.length);
  expect(copybook.decode(bytes, { codePage: '939' })).toEqual({ a: '\uff21\uff22', b: 'A\uff21\uff22B' });
});

// Programming Guide, "Defining UTF-8 data items": 4 bytes a character, or what BYTE-LENGTH says, padded with x'20'
test('UTF-8 items', () => {
  const copybook = Copybook.parse('01 R.\n05 U1 PIC U(10).\n05 U2 PIC UUUU.\n05 U3 PIC U BYTE-LENGTH 10.\n', {
    format: 'free',
  });
  expect(copybook.layout.records[0]!.item.children.map(({ length }) => length)).toEqual([40, 16, 10]);
  const bytes = Buffer.concat(
    ['A\u20ac'.padEnd(38), 'AB'.padEnd(16), 'AB'.padEnd(10)].map((text) => Buffer.from(text)),
  );
  expect(copybook.decode(bytes)).toEqual({ u1: 'A\u20ac', u2: 'AB', u3: 'AB' });
});
