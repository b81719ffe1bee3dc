/**
 * Claims of the README about copybook source and code pages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../../src/codepage/codepage.js';
import { Copybook } from '../../src/index.js';
import type { Claim } from './supported.js';

const text = (source: string | Uint8Array, format?: 'fixed' | 'free' | 'variable'): unknown =>
  Copybook.parse(source, format && { format }).layout.records.flatMap(({ item }) =>
    [item, ...item.children].map(({ name }) => name),
  );
const ebcdic = (source: string): Uint8Array => codePage('037').encode(source.replaceAll('\n', '\x85')) as Uint8Array;
const card = (line: string): string => line.padEnd(80);
const FIXED =
  '000100 01  R.                                                           PAYROLL1\n000200     05  A PIC X.\n';

export const sourceForms: readonly Claim[] = [
  ['fixed', () => text(FIXED, 'fixed'), ['R', 'A']],
  ['free', () => text('01 R.\n05 A PIC X.', 'free'), ['R', 'A']],
  ['variable format', () => text(`       01 R.${' '.repeat(70)}05 A PIC X.`, 'variable'), ['R', 'A']],
  [
    'detected',
    () => [text(FIXED), text('01 R.\n05 A PIC X.')],
    [
      ['R', 'A'],
      ['R', 'A'],
    ],
  ],
  ['by directive', () => text('       >>SOURCE FORMAT IS FREE\n01 R. 05 A PIC X.'), ['R', 'A']],
  ['UTF-8', () => text(Buffer.from('01 R. 05 GRÖSSE PIC X.')), ['R', 'GRÖSSE']],
  ['Latin-1', () => text(Buffer.from('01 R. 05 GRÖSSE PIC X.', 'latin1')), ['R', 'GRÖSSE']],
  [
    'EBCDIC (lines or records of 80 bytes)',
    () => [text(ebcdic(FIXED)), text(ebcdic(card('       01  R.') + card('           05  A PIC X.')))],
    [
      ['R', 'A'],
      ['R', 'A'],
    ],
  ],
  ['sequence and identification areas', () => text(FIXED), ['R', 'A']],
  ['comments', () => text('      * A COMMENT\n       01  R. *> ANOTHER\n           05  A PIC X.'), ['R', 'A']],
  ['continuation', () => text('       01  R.\n           05  LONG-\n      -    NAME PIC X.'), ['R', 'LONG-NAME']],
  ['several 01 levels', () => text('01 R. 05 A PIC X. 01 S. 05 B PIC X.'), ['R', 'A', 'S', 'B']],
  ['none at all', () => text('05 A PIC X. 05 B PIC X.'), ['', 'A', 'B']],
];

const read = (clauses: string, hex: string, options: object): unknown =>
  Copybook.parse(`01 R.\n05 A ${clauses}.`, { format: 'free' }).decode(Buffer.from(hex, 'hex'), options).a;
const SINGLE = 'f1c1';
const MIXED = ['930', '933', '935', '937', '939', '1364', '1371', '1388', '1390', '1399'];

export const codePages: readonly Claim[] = [
  [
    'the EBCDIC pages of ICU and glibc, single-byte',
    () =>
      ['037', '273', '500', '870', '880', '1026', '1047', '1140'].map((codePage) =>
        read('PIC X(2)', SINGLE, { codePage }),
      ),
    Array.from({ length: 8 }, () => '1A'),
  ],
  [
    `mixed (${MIXED.join(' ')})`,
    () => MIXED.map((codePage) => read('PIC X(5)', 'c10e42c10f', { codePage })),
    MIXED.map(() => 'A\uff21'),
  ],
  ['Latin-1', () => read('PIC X', 'e4', { codePage: 'latin-1' }), 'ä'],
  ['Windows-1252', () => read('PIC X', '80', { codePage: 'windows-1252' }), '€'],
  ['ASCII', () => read('PIC X', '41', { codePage: 'ascii' }), 'A'],
  ['UTF-8', () => read('PIC X(3)', 'e282ac', { codePage: 'utf-8' }), '€'],
  ['UTF-16', () => read('PIC X(2)', '20ac', { codePage: 'utf-16' }), '€'],
  ['per file', () => read('PIC X', '9f', { codePage: '1140' }), '€'],
  ['per field', () => read('PIC X', '9f', { fieldCodePages: { A: '1140' } }), '€'],
  [
    "what x'15' and x'25' are by `newlines`",
    () => ['nel', 'swap', 'both'].map((newlines) => read('PIC X(3)', '1525f1', { newlines })),
    ['\x85\n1', '\n\x851', '\n\n1'],
  ],
];
