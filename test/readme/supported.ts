/**
 * What README's table "What is supported" claims, claim by claim in the README's own words, each with what shows it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { fileURLToPath } from 'node:url';
import { Copybook, type CopybookOptions, type MessageOptions, open } from '../../src/index.js';
import { codePages, sourceForms } from './claims.js';
import { conditions } from './conditions.js';
import { sqlClaims } from './sql.js';
import { databases } from './databases.js';
import { outputs } from './outputs.js';
import { schemas } from './schemas.js';
import { service } from './service.js';

/** A claim: words of the README's row, and something that yields what is expected where it holds. */
export type Claim = readonly [words: string, shows: () => unknown, expected: unknown];

type Options = CopybookOptions & MessageOptions;

/** What a record of these items (free format, without the 01 level) decodes to. */
const values = (items: string, hex: string, options: Options = {}): unknown =>
  Copybook.parse(`01 R.\n${items}`, { format: 'free', ...options }).decode(Buffer.from(hex, 'hex'), options);
/** The value of one item. */
const one = (clauses: string, hex: string, options: Options = {}): unknown =>
  (values(`05 A ${clauses}.`, hex, options) as { a: unknown }).a;
/** Offset and length of every item below the first record's 01 level. */
const places = (text: string, options: CopybookOptions = {}): unknown =>
  Copybook.parse(text, { format: 'free', ...options }).layout.records[0]!.item.children.map(
    ({ name, offset, length }) => [name, offset, length],
  );
const names = (text: string, options: CopybookOptions = {}): string[] =>
  Copybook.parse(text, { format: 'free', ...options }).layout.records.map(({ name }) => name);
/** The rows of a file whose records have one item of two characters. */
async function rows(recfm: string, hex: string, options: object = {}): Promise<unknown> {
  const copybook = Copybook.parse('01 R.\n05 A PIC X(2).', { format: 'free' });
  const found: unknown[] = [];
  const reader = open(Buffer.from(hex, 'hex'), { copybook, recfm: recfm as 'F', ...options });
  for await (const row of reader) found.push(row.a);
  return found;
}
const FOLDER = fileURLToPath(new URL('../fixtures/wrong', import.meta.url));
const TEXTS: Readonly<Record<string, string>> = {
  PART: '05 :T:-ID PIC X(2). COPY MORE.',
  MORE: '05 OLD-N PIC 9.',
  'MORE OF LIB': '05 FROM-LIB PIC X.',
};
const copied = (items: string): unknown =>
  places(`01 R.\n${items}`, {
    resolveCopy: (name, library) => TEXTS[library === null ? name : `${name} OF ${library}`] ?? null,
  });
const PROGRAM = `IDENTIFICATION DIVISION. PROGRAM-ID. P. ENVIRONMENT DIVISION. CONFIGURATION SECTION.
SPECIAL-NAMES. DECIMAL-POINT IS COMMA CURRENCY SIGN IS 'F'.
DATA DIVISION. FILE SECTION. FD IN-FILE RECORD CONTAINS 4 CHARACTERS BLOCK CONTAINS 0 RECORDS RECORDING MODE IS V.
01 IN-RECORD. 05 A PIC F9,9.
WORKING-STORAGE SECTION. 01 WORK-A PIC X. 01 WORK-B PIC X. PROCEDURE DIVISION. STOP RUN.`;
const fileOf = (text: string): unknown => Copybook.parse(text, { format: 'free' }).layout.file;
const digits = (length: number): string => '123456789'.repeat(5).slice(0, length);
const zoned = (text: string): string => [...text].map((digit) => `f${digit}`).join('');

export const SUPPORTED: Readonly<Record<string, readonly Claim[]>> = {
  'Copybook source': sourceForms,
  'Library text': [
    ['COPY', () => copied('COPY MORE.'), [['OLD-N', 0, 1]]],
    ['[OF library]', () => copied('COPY MORE OF LIB.'), [['FROM-LIB', 0, 1]]],
    [
      '[REPLACING',
      () => copied('COPY PART REPLACING ==:T:== BY ==NEW==.'),
      [
        ['NEW-ID', 0, 2],
        ['OLD-N', 2, 1],
      ],
    ],
    ['LEADING', () => copied('COPY MORE REPLACING LEADING ==OLD== BY ==NEW==.'), [['NEW-N', 0, 1]]],
    ['TRAILING]', () => copied('COPY MORE REPLACING TRAILING ==-N== BY ==-X==.'), [['OLD-X', 0, 1]]],
    [
      'nested',
      () => copied('COPY PART REPLACING ==:T:== BY ==A==.'),
      [
        ['A-ID', 0, 2],
        ['OLD-N', 2, 1],
      ],
    ],
    [
      'from a search path (`--copy-path`)',
      () => places('01 R.\nCOPY PART-OF-IT.', { copyPaths: [FOLDER] }),
      [['PART-OF-IT', 0, 1]],
    ],
    ['a function (`resolveCopy`)', () => copied('COPY MORE.'), [['OLD-N', 0, 1]]],
    ['REPLACE', () => copied('REPLACE ==X-A== BY ==Y-B==. 05 X-A PIC X. REPLACE OFF.'), [['Y-B', 0, 1]]],
    ['EXEC SQL INCLUDE', () => copied('EXEC SQL INCLUDE MORE END-EXEC.'), [['OLD-N', 0, 1]]],
    ['++INCLUDE', () => copied('++INCLUDE MORE'), [['OLD-N', 0, 1]]],
    ['-INC', () => copied('-INC MORE'), [['OLD-N', 0, 1]]],
    [
      'placeholders by `--replace`',
      () => places('01 R. 05 :T:-ID PIC X.', { replace: { ':T:': 'CUST' } }),
      [['CUST-ID', 0, 1]],
    ],
  ],
  'Whole programs': [
    ['records of an FD', () => names(PROGRAM, { from: 'IN-FILE' }), ['IN-RECORD']],
    ['an 01 level', () => names(PROGRAM, { from: 'WORK-B' }), ['WORK-B']],
    ['a section (`--from`)', () => names(PROGRAM, { from: 'WORKING-STORAGE' }), ['WORK-A', 'WORK-B']],
    ['of the only file by default', () => names(PROGRAM), ['IN-RECORD']],
    [
      'RECORD, BLOCK',
      () => fileOf(PROGRAM),
      {
        name: 'IN-FILE',
        recordingMode: 'V',
        record: { min: 4, max: 4, varying: false },
        block: { min: 0, max: 0, unit: 'records' },
      },
    ],
    ['RECORDING MODE as hints', () => (fileOf(PROGRAM) as { recordingMode: string }).recordingMode, 'V'],
    [
      'DECIMAL-POINT IS COMMA',
      () => Copybook.parse(PROGRAM, { format: 'free' }).decode(Buffer.from('c6f16bf5', 'hex')),
      { a: '1.5' },
    ],
    ['CURRENCY SIGN', () => places(PROGRAM), [['A', 0, 4]]],
  ],
  Levels: [
    [
      '01-49',
      () => places('01 R. 02 A. 49 B PIC X. 02 C PIC X.'),
      [
        ['A', 0, 1],
        ['C', 1, 1],
      ],
    ],
    [
      '66 RENAMES (decoded where `select` or a condition names them)',
      () => values('05 A PIC X. 05 B PIC X. 66 C RENAMES A THRU B.', 'c1c2', { select: ['C'] }),
      { c: 'AB' },
    ],
    ['77', () => names('77 N PIC 9.'), ['N']],
    ['78', () => places('78 N VALUE 3. 01 R. 05 A PIC X(N).'), [['A', 0, 3]]],
    ['CONSTANT', () => places('01 N CONSTANT AS 3. 01 R. 05 A PIC X(N).'), [['A', 0, 3]]],
    [
      '88 (also as conditions)',
      () =>
        values("05 T PIC X. 88 IS-B VALUE 'B'. 05 A PIC 9. 05 B REDEFINES A PIC X.", 'c2c3', { record: { B: 'IS-B' } }),
      { t: 'B', b: 'C' },
    ],
    ['FILLER', () => values('05 FILLER PIC X. 05 B PIC X.', 'c1c2', { filler: true }), { filler1: 'A', b: 'B' }],
  ],
  Pictures: [
    ['X', () => one('PIC X(2)', 'c1c2'), 'AB'],
    ['A', () => one('PIC A(2)', 'c1c2'), 'AB'],
    ['9', () => one('PIC 9(38)', zoned(digits(38))), BigInt(digits(38))],
    ['S', () => one('PIC S9(2)', 'f1d2'), -12],
    ['V', () => one('PIC 9V9', 'f1f2'), '1.2'],
    ['P', () => [one('PIC 9P(3)', 'f5'), one('PIC VP(3)9', 'f5')], [5000, '0.0005']],
    ['N', () => one('PIC N(2)', '00410042'), 'AB'],
    ['G', () => one('PIC G(2)', '42c142c2', { codePage: '939' }), '\uff21\uff22'],
    ['U', () => one('PIC U', '41202020'), 'A'],
    ['E', () => one('PIC +9.9E+99', '4ef14bf5c54ef0f2'), '+1.5E+02'],
    ['Z', () => one('PIC ZZ9', '40f1f2'), 12],
    ['*', () => one('PIC **9', '5cf1f2'), 12],
    ['+', () => one('PIC +99', '60f1f2'), -12],
    ['-', () => one('PIC --9', '4060f2'), -2],
    ['CR', () => one('PIC 99CR', 'f1f2c3d9'), -12],
    ['DB', () => one('PIC 99DB', 'f1f2c4c2'), -12],
    ['$', () => one('PIC $99', '5bf1f2'), 12],
    ['. ,', () => one('PIC 9,999.9', 'f16bf0f0f04bf5'), '1000.5'],
    ['B 0 /', () => one('PIC 9B90/', 'f140f2f061'), 12],
  ],
  Usages: [
    ['DISPLAY', () => one('PIC 9(2) DISPLAY', 'f1f2'), 12],
    [
      'COMP/COMP-4/BINARY',
      () => ['COMP', 'COMP-4', 'BINARY'].map((usage) => one(`PIC S9(4) ${usage}`, 'fffe')),
      [-2, -2, -2],
    ],
    ['COMP-1', () => one('COMP-1', '434d2000'), 1234],
    ['COMP-2', () => one('COMP-2', '434d200000000000'), 1234],
    [
      'COMP-3/PACKED-DECIMAL',
      () => ['COMP-3', 'PACKED-DECIMAL'].map((usage) => one(`PIC S9(3) ${usage}`, '123d')),
      [-123, -123],
    ],
    ['COMP-5', () => one('PIC 9(4) COMP-5', 'ea60'), 60000],
    ['COMP-6', () => one('PIC 9(4) COMP-6', '1234'), 1234],
    ['COMP-X', () => one('PIC X(3) COMP-X', '010000'), 65536],
    ['COMP-N', () => one('PIC 9(4) COMP-N', '04d2'), 1234],
    [
      'BINARY-CHAR/SHORT/LONG/DOUBLE [UNSIGNED]',
      () => [
        one('BINARY-CHAR', 'ff'),
        one('BINARY-SHORT UNSIGNED', 'ffff'),
        one('BINARY-LONG', 'fffffffe'),
        one('BINARY-DOUBLE', 'fffffffffffffffe'),
      ],
      [-1, 65535, -2, -2n],
    ],
    [
      'FLOAT-SHORT/LONG/BINARY-32/BINARY-64',
      () => [
        one('FLOAT-SHORT', '41100000'),
        one('FLOAT-LONG', '4110000000000000'),
        one('FLOAT-BINARY-32', '3f800000'),
        one('FLOAT-BINARY-64', '3ff0000000000000'),
      ],
      [1, 1, 1, 1],
    ],
    [
      'INDEX, POINTER[-32], FUNCTION-POINTER, PROCEDURE-POINTER, OBJECT REFERENCE',
      () => [
        one('INDEX', '00000001'),
        one('POINTER', '00000002'),
        one('POINTER-32', '00000003'),
        one('FUNCTION-POINTER', '00000004'),
        one('PROCEDURE-POINTER', '0000000000000005'),
        one('OBJECT REFERENCE', '00000006'),
      ],
      [1, 2, 3, 4, 5n, 6],
    ],
    [
      'NATIONAL (text, numbers and edited numbers)',
      () => [
        one('PIC N(2) NATIONAL', '00410042'),
        one('PIC S9(2) NATIONAL SIGN LEADING SEPARATE', '002d00310032'),
        one('PIC Z9.9 NATIONAL', '00200031002e0035'),
      ],
      ['AB', -12, '1.5'],
    ],
    ['DISPLAY-1', () => one('PIC G(1) DISPLAY-1', '42c1', { codePage: '939' }), '\uff21'],
    ['UTF-8', () => one('PIC U(1) UTF-8', 'e282ac20'), '\u20ac'],
    ['of a group too', () => values('05 G COMP-3. 10 A PIC S9. 10 B PIC S9.', '1c2d'), { g: { a: 1, b: -2 } }],
    [
      'without a value yet: FLOAT-EXTENDED, FLOAT-BINARY-128, FLOAT-DECIMAL-16/34',
      () => places('01 R. 05 A FLOAT-EXTENDED. 05 B FLOAT-BINARY-128. 05 C FLOAT-DECIMAL-16. 05 D FLOAT-DECIMAL-34.'),
      [
        ['A', 0, 16],
        ['B', 16, 16],
        ['C', 32, 8],
        ['D', 40, 16],
      ],
    ],
  ],
  Clauses: [
    [
      'SIGN LEADING/TRAILING',
      () => [one('PIC S99 SIGN LEADING', 'd1f2'), one('PIC S99 SIGN TRAILING', 'f1d2')],
      [-12, -12],
    ],
    ['[SEPARATE]', () => one('PIC S99 SIGN LEADING SEPARATE', '60f1f2'), -12],
    ['OCCURS', () => one('PIC 9 OCCURS 3', 'f1f2f3'), [1, 2, 3]],
    [
      'OCCURS DEPENDING ON',
      () => values('05 N PIC 9. 05 T PIC X OCCURS 1 TO 5 DEPENDING ON N.', 'f2c1c2'),
      { n: 2, t: ['A', 'B'] },
    ],
    [
      'nested',
      () =>
        values(
          '05 N PIC 9. 05 T OCCURS 1 TO 5 DEPENDING ON N. 10 M PIC 9. 10 U PIC X OCCURS 0 TO 3 DEPENDING ON M.',
          'f2f1c1f2c2c3',
        ),
      {
        n: 2,
        t: [
          { m: 1, u: ['A'] },
          { m: 2, u: ['B', 'C'] },
        ],
      },
    ],
    [
      'fields behind it',
      () => values('05 N PIC 9. 05 T PIC X OCCURS 0 TO 5 DEPENDING ON N. 05 Z PIC X.', 'f1c1e9'),
      { n: 1, t: ['A'], z: 'Z' },
    ],
    [
      'compact or padded',
      () => values('05 N PIC 9. 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N. 05 Z PIC X.', 'f1c14040e9', { odo: 'padded' }),
      { n: 1, t: ['A'], z: 'Z' },
    ],
    [
      'UNBOUNDED',
      () => values('05 N PIC 9. 05 T PIC X OCCURS 0 TO UNBOUNDED DEPENDING ON N.', 'f2c1c2'),
      { n: 2, t: ['A', 'B'] },
    ],
    [
      'REDEFINES with and without a condition',
      () => [
        values('05 A PIC 9. 05 B REDEFINES A PIC X.', 'f1'),
        values('05 A PIC 9. 05 B REDEFINES A PIC X. 05 T PIC X.', 'f1c2', { record: { B: "T = 'B'" } }),
      ],
      [
        { a: 1, b: '1' },
        { b: '1', t: 'B' },
      ],
    ],
    [
      'SYNCHRONIZED',
      () => places('01 R. 05 A PIC X. 05 B PIC 9(9) COMP SYNC.'),
      [
        ['A', 0, 1],
        ['B', 4, 4],
      ],
    ],
    ['JUSTIFIED', () => one('PIC X(3) JUST RIGHT', '4040c1', { trim: 'both' }), 'A'],
    ['BLANK WHEN ZERO', () => one('PIC 99 BLANK WHEN ZERO', '4040'), 0],
    [
      'VALUE',
      () => Copybook.parse("01 R PIC X(2) VALUE ALL 'AB'.", { format: 'free' }).layout.records[0]!.item.value,
      { kind: 'all', value: 'AB' },
    ],
    ['TYPEDEF', () => names('01 T TYPEDEF. 05 A PIC X. 01 R TYPE T.'), ['R']],
    ['TYPE', () => places('01 T TYPEDEF PIC X(4). 01 R. 05 A TYPE T.'), [['A', 0, 4]]],
    [
      'SAME AS',
      () => places('01 R. 05 A PIC X(4). 05 B SAME AS A.'),
      [
        ['A', 0, 4],
        ['B', 4, 4],
      ],
    ],
    ['GLOBAL, EXTERNAL, VOLATILE', () => places('01 R GLOBAL EXTERNAL. 05 A PIC X VOLATILE.'), [['A', 0, 1]]],
  ],
  'Conditions (`--where`, `--record`)': conditions,
  'Record formats': [
    ['F', () => rows('F', 'c1c2c3c4'), ['AB', 'CD']],
    ['FB', () => rows('FB', 'c1c2c3c4'), ['AB', 'CD']],
    ['V (RDW)', () => rows('V', '00060000c1c2'), ['AB']],
    ['VB (BDW+RDW)', () => rows('VB', '000a000000060000c1c2'), ['AB']],
    ['lines', () => rows('lines', '41420a43440a', { encoding: 'ascii' }), ['AB', 'CD']],
    ['either byte order', () => rows('V', '06000000c1c2', { rdwEndian: 'little' }), ['AB']],
    ['adjustments', () => rows('V', '00020000c1c2', { rdwAdjust: 4 }), ['AB']],
  ],
  'Code pages': codePages,
  Floats: [
    ['IBM hexadecimal', () => one('COMP-1', '41100000'), 1],
    [
      'IEEE 754 in either byte order',
      () => [one('COMP-1', '3f800000', { floats: 'ieee' }), one('COMP-1', '0000803f', { floats: 'ieee-little' })],
      [1, 1],
    ],
  ],
  Dialects: [
    [
      'IBM Enterprise COBOL (default)',
      () => places('01 R. 05 A PIC 9 COMP. 05 B PIC X.'),
      [
        ['A', 0, 2],
        ['B', 2, 1],
      ],
    ],
    [
      'GnuCOBOL',
      () => places('01 R. 05 A PIC 9 COMP. 05 B POINTER.', { dialect: 'gnucobol' }),
      [
        ['A', 0, 1],
        ['B', 1, 8],
      ],
    ],
    [
      'Micro Focus',
      () => places('01 R. 05 A PIC 9(5) COMP. 05 B PIC X.', { dialect: 'microfocus' }),
      [
        ['A', 0, 3],
        ['B', 3, 1],
      ],
    ],
    ['`trunc`', () => [one('PIC 9 COMP', '000c'), one('PIC 9 COMP', '000c', { trunc: 'std' })], [12, null]],
    [
      '`sync`',
      () => places('01 R. 05 A PIC X. 05 B PIC 9 COMP SYNC.', { sync: 'ignore' }),
      [
        ['A', 0, 1],
        ['B', 1, 2],
      ],
    ],
    ['`pointerSize`', () => places('01 R. 05 A POINTER.', { pointerSize: 8 }), [['A', 0, 8]]],
  ],
  '[SQL](docs/sql.md) (needs @duckdb/node-api)': sqlClaims,
  Output: outputs,
  'Databases (`load`)': databases,
  'Schemas (`ddl`, `schema`, `types`)': schemas,
  'REST service (`serve`)': service,
};
