/**
 * Source text to program text: columns, comments, directives, continued lines, positions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { codePage } from '../../src/codepage/codepage.js';
import { Diagnostics } from '../../src/copybook/diagnostics.js';
import { type SourceOptions, readSource, sourceText } from '../../src/copybook/source.js';
import { errorOf } from './error-of.js';

function read(lines: string[], options: SourceOptions = {}) {
  const diagnostics = new Diagnostics();
  const source = readSource(lines.join('\n'), options, diagnostics);
  diagnostics.throwIfFailed();
  return source;
}

describe('fixed format', () => {
  test('takes columns 8 to 72 and nothing else', () => {
    const source = read([`${'000100 01  A.'.padEnd(72)}IDENT001`, 'CHG-12     05  B PIC X.']);
    expect(source.format).toBe('fixed');
    expect(source.text).toBe('01  A.\n05  B PIC X.\n');
  });

  test.each(['*', '/', 'D', 'd', '$'])('leaves out lines with %s in column 7', (indicator) => {
    expect(read([`      ${indicator} 05 NO PIC X.`, '       01 A PIC X.']).text).toBe('01 A PIC X.\n');
  });

  test.each(['EJECT', 'SKIP1', 'SKIP2.', 'SKIP3', "TITLE 'A PAGE'", '>>PAGE', '$SET SOURCEFORMAT"FIXED"', 'CBL NOSEQ'])(
    'leaves out %s',
    (directive) => {
      expect(read([`       ${directive}`, '       01 A PIC X.']).text).toBe('01 A PIC X.\n');
    },
  );

  test('cuts comments behind *>, but not inside literals', () => {
    expect(read([`       01 A PIC X(4) VALUE '*> B'. *> C 'D`]).text).toBe(`01 A PIC X(4) VALUE '*> B'.\n`);
  });

  test('a line that begins with * is a comment, unless a picture is due', () => {
    expect(
      read(['       01 A.', '          * words', '          05 B PIC', '             **9.', '          05 C PIC X.'])
        .text,
    ).toBe('01 A.\n05 B PIC\n**9.\n05 C PIC X.\n');
  });

  test('expands tabs to stops of 8 columns', () => {
    const source = read(['000100\t01\tA.', '\t\t05\tB\tPIC X.']);
    expect(source.text).toBe('01      A.\n05      B       PIC X.\n');
    expect(source.position(source.text.indexOf('PIC'), 3)).toMatchObject({ line: 2, column: 33, length: 3 });
  });

  test('takes CRLF, CR, a byte order mark, ctrl-Z and no-break spaces', () => {
    expect(read(['\uFEFF       01 A.\r\n           05\u00A0B PIC X.\r           05 C PIC X.\r\n\u001A']).text).toBe(
      '01 A.\n05 B PIC X.\n05 C PIC X.\n',
    );
  });

  test('says that column 7 holds something else', () => {
    const error = errorOf(() => read(['      05 A PIC X.'], { format: 'fixed' }));
    expect(error.code).toBe('OVP_SYNTAX_INDICATOR');
    expect(error.source).toMatchObject({ line: 1, column: 7 });
  });

  test('an asterisk in column 1 before an entry is ambiguous', () => {
    const lines = ['       01 A.', '*          05 OLD PIC X.', '           05 B PIC X.'];
    expect(errorOf(() => read(lines)).code).toBe('OVP_SYNTAX_FORMAT');
    expect(read(lines, { format: 'fixed' }).text).toContain('OLD');
    expect(read(lines, { format: 'free' }).text).not.toContain('OLD');
  });

  test('code in columns 1 to 6 of a fixed copybook is an error, never passed over', () => {
    const lines = [
      '000100 01  A.',
      '000200     05  B PIC X.',
      '05 C.',
      '000300     10 D PIC X.',
      '000400     10 E PIC X.',
    ];
    expect(errorOf(() => read(lines))).toMatchObject({ code: 'OVP_SYNTAX_FORMAT', source: { line: 3 } });
  });
});

describe('continued lines', () => {
  test('a literal runs to column 72 and goes on behind the repeated quote', () => {
    const first = `           05 A PIC X(60) VALUE 'AB  `;
    const source = read([first, `      * between`, `      -      'CD'.`]);
    expect(source.text).toBe(`05 A PIC X(60) VALUE 'AB${' '.repeat(72 - first.trimEnd().length)}CD'.\n`);
  });

  test('a quote in column 72 and two in front are one quote of the value', () => {
    const first = `${`           05 A PIC X(60) VALUE 'AB`.padEnd(71, 'x')}'`;
    const source = read([first, `      -    ''CD'.`]);
    expect(source.text.endsWith(`x''CD'.\n`)).toBe(true);
  });

  test('words are joined without a blank', () => {
    expect(read(['       01  LONG-', '      -        NAME PIC X.']).text).toBe('01  LONG-NAME PIC X.\n');
  });

  test('the position of joined text is in its own line', () => {
    const source = read(['       01  LONG-', '      -        NAME PIC X.']);
    expect(source.position(source.text.indexOf('NAME'), 4)).toMatchObject({ line: 2, column: 16, length: 4 });
  });

  test('a literal must repeat its quote', () => {
    const error = errorOf(() => read([`       01 A PIC X VALUE 'AB`, `      -    CD'.`]));
    expect(error).toMatchObject({ code: 'OVP_SYNTAX_CONTINUATION', source: { line: 2, column: 12 } });
  });

  test('there must be a line to continue', () => {
    expect(errorOf(() => read([`      -    05 A PIC X.`])).code).toBe('OVP_SYNTAX_CONTINUATION');
  });
});

describe('detection', () => {
  const fixed: [string, string[]][] = [
    ['text from column 8', ['       01 A.', '           05 B PIC X.']],
    ['sequence numbers', ['000100 01 A.', '000200     05 B PIC X.']],
    ['sequence numbers aligned to the right', ['    10 01 A.', '    20     05 B PIC X.']],
    ['change tags', ['CR1234 01 A.', 'CR1234     05 B PIC X.', '           05 C PIC X.']],
    ['sequence numbers without level numbers', ['000100 01 A', '000200     PIC X.']],
    ['identification that ends in a period', [`${'       01 A.'.padEnd(72)}ABC.`]],
    ['comments in column 7 only', ['      * A COMMENT', '       01 A.']],
    ['debugging lines', ['       01 A.', '      D    05 B PIC X.']],
  ];
  test.each(fixed)('fixed: %s', (_what, lines) => expect(read(lines).format).toBe('fixed'));

  const free: [string, string[]][] = [
    ['levels in column 1', ['01 A.', '  05 B PIC X.']],
    ['a hyphen in column 7', ['05 ACC-NAME PIC X.', '05 ACC-CODE PIC X.']],
    ['levels in column 6', ['     01 A.', '       05 B PIC X.']],
    ['levels in column 7', ['      01 A.', '        05 B PIC X.']],
    ['tabs', ['01\tA.', '\t05\tB\tPIC X.']],
    ['clauses in front', ['01 A.', '       05 B', 'PIC X.']],
    ['the period beyond column 72', ['       01 A.', `           05 B PIC X(10)${' '.repeat(40)}VALUE SPACES.`]],
    [
      'code beyond column 80',
      ['       01 A.', `           05 B PIC X(10)${' '.repeat(50)}OCCURS 3 TIMES`, '           .'],
    ],
    ['a directive', ['       >>SOURCE FORMAT IS FREE', '       01 A.']],
    ['a Micro Focus directive', ['      $SET SOURCEFORMAT"FREE"', '       01 A.']],
    ['comments in column 1', ['* words', '01 A.', ' 05 B PIC X.']],
  ];
  test.each(free)('free: %s', (_what, lines) => expect(read(lines).format).toBe('free'));

  test('an explicit format wins', () => {
    expect(read(['       01 A PIC X.'], { format: 'free' }).format).toBe('free');
    expect(read(['000100 01 A PIC X.'], { format: 'fixed' }).format).toBe('fixed');
  });
});

test('code in column 7, as other tools take it, is read with a warning where the format was detected', () => {
  const lines = ['012345' + '01  A.', '000001   05 B PIC X.'];
  const diagnostics = new Diagnostics();
  expect(readSource(lines.join('\n'), {}, diagnostics).text).toBe('01  A.\n05 B PIC X.\n');
  expect(diagnostics.warnings).toEqual(['copybook:1: code starts in column 8; this line has it in column 7']);
  const numbered = `${'      01  A.'.padEnd(72)}12345`;
  expect(read([numbered, `${'         05 B PIC X.'.padEnd(72)}AB123`]).text).toBe('01  A.\n05 B PIC X.\n');
  expect(errorOf(() => read(lines, { format: 'fixed' })).code).toBe('OVP_SYNTAX_INDICATOR');
});

describe('bytes', () => {
  test('are UTF-8, or else Latin-1', () => {
    expect(sourceText(new TextEncoder().encode('01 Ä.'))).toBe('01 Ä.');
    expect(sourceText(Uint8Array.from([0x30, 0x31, 0x20, 0xc4, 0x2e]))).toBe('01 Ä.');
  });

  test('EBCDIC is recognised, in records of 80 bytes or in lines', () => {
    const [first, second] = ['000100 01  A.', '000200     05  B PIC X(3).'];
    const bytes = (text: string): number[] => [...(codePage('037').encode(text) as Uint8Array)];
    const cards = [first!.padEnd(80), second!.padEnd(80)];
    expect(sourceText(Uint8Array.from(bytes(cards.join(''))))).toBe(cards.join('\n'));
    for (const end of [[0x15], [0x25], [0x0d, 0x25]]) {
      expect(sourceText(Uint8Array.from([...bytes(first!), ...end, ...bytes(second!)]))).toBe(`${first}\n${second}`);
    }
  });
});
