/**
 * COBOL's words in data descriptions: usages and figurative constants with their spellings, and the words that clauses
 * begin with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FigurativeConstant, UsageWord } from './ast.js';

const spelled = <T extends string>(table: Readonly<Record<T, string>>): ReadonlyMap<string, T> =>
  new Map(
    (Object.entries(table) as [T, string][]).flatMap(([meaning, words]) =>
      words.split(' ').map((word): [string, T] => [word, meaning]),
    ),
  );

/** OBJECT REFERENCE is two words and is read apart. */
export const USAGES = spelled<Exclude<UsageWord, 'OBJECT REFERENCE'>>({
  DISPLAY: 'DISPLAY',
  'DISPLAY-1': 'DISPLAY-1',
  NATIONAL: 'NATIONAL',
  'UTF-8': 'UTF-8',
  BINARY: 'BINARY COMP COMPUTATIONAL COMP-4 COMPUTATIONAL-4',
  'COMP-1': 'COMP-1 COMPUTATIONAL-1 FLOAT-SHORT',
  'COMP-2': 'COMP-2 COMPUTATIONAL-2 FLOAT-LONG',
  'PACKED-DECIMAL': 'PACKED-DECIMAL COMP-3 COMPUTATIONAL-3',
  'COMP-5': 'COMP-5 COMPUTATIONAL-5',
  'COMP-6': 'COMP-6 COMPUTATIONAL-6',
  'COMP-X': 'COMP-X COMPUTATIONAL-X',
  'COMP-N': 'COMP-N COMPUTATIONAL-N',
  'BINARY-CHAR': 'BINARY-CHAR',
  'BINARY-SHORT': 'BINARY-SHORT SIGNED-SHORT UNSIGNED-SHORT',
  'BINARY-LONG': 'BINARY-LONG BINARY-INT SIGNED-INT UNSIGNED-INT',
  'BINARY-DOUBLE': 'BINARY-DOUBLE BINARY-LONG-LONG BINARY-C-LONG SIGNED-LONG UNSIGNED-LONG',
  'FLOAT-BINARY-32': 'FLOAT-BINARY-32',
  'FLOAT-BINARY-64': 'FLOAT-BINARY-64',
  'FLOAT-BINARY-128': 'FLOAT-BINARY-128',
  'FLOAT-DECIMAL-16': 'FLOAT-DECIMAL-16',
  'FLOAT-DECIMAL-34': 'FLOAT-DECIMAL-34',
  'FLOAT-EXTENDED': 'FLOAT-EXTENDED',
  INDEX: 'INDEX',
  POINTER: 'POINTER',
  'POINTER-32': 'POINTER-32',
  'FUNCTION-POINTER': 'FUNCTION-POINTER',
  'PROCEDURE-POINTER': 'PROCEDURE-POINTER PROGRAM-POINTER',
});

export const FIGURATIVES = spelled<FigurativeConstant>({
  SPACE: 'SPACE SPACES',
  ZERO: 'ZERO ZEROS ZEROES',
  'HIGH-VALUE': 'HIGH-VALUE HIGH-VALUES',
  'LOW-VALUE': 'LOW-VALUE LOW-VALUES',
  QUOTE: 'QUOTE QUOTES',
  NULL: 'NULL NULLS',
});

/** Words that begin a clause or a phrase of one; none of them can be a data name. */
export const CLAUSE_WORDS: ReadonlySet<string> = new Set([
  ...USAGES.keys(),
  ...'OBJECT PIC PICTURE USAGE GROUP-USAGE SIGN LEADING TRAILING SEPARATE OCCURS DEPENDING ASCENDING DESCENDING'.split(
    ' ',
  ),
  ...'INDEXED REDEFINES SYNC SYNCHRONIZED SYNCHRONISED JUST JUSTIFIED BLANK VALUE VALUES GLOBAL EXTERNAL'.split(' '),
  ...'VOLATILE RENAMES IS TYPEDEF BYTE-LENGTH BASED'.split(' '),
]);

/** Clauses of COBOL that change what an item is and that are not known here: refused by name, with the reason. */
export const UNSUPPORTED: ReadonlyMap<string, { readonly clause: string; readonly why: string }> = new Map(
  (
    [
      [
        'DYNAMIC',
        'DYNAMIC LENGTH',
        'Such an item is elsewhere in memory and never in a record; describe the bytes of the file.',
      ],
      ['ANY', 'ANY LENGTH', 'Its length is known only in a running program; give it a picture with its length.'],
      ['LIKE', 'LIKE', 'Write the picture and usage of the item that it is like.'],
      ['COMP-3U', 'COMP-3U', 'Other tools call packed numbers without a sign so; write COMP-6.'],
      [
        'COMP-9',
        'COMP-9',
        'Other tools call binary numbers with the low byte first so; write COMP-5, with comp5Endian: little.',
      ],
      ['BIT', 'USAGE BIT', 'Describe the bytes that hold the bits, as PIC X.'],
      ['SQL', 'SQL TYPE', 'Describe what the precompiler makes of it, as its listing shows it.'],
      ['HANDLE', 'USAGE HANDLE', 'It is an address in memory; describe the bytes of the file.'],
    ] as const
  ).map(([word, clause, why]) => [word, { clause, why }]),
);
