/**
 * The COBOL programs that GnuCOBOL is measured with, written from a workload's fields: one that makes text lines of all fields, and
 * one that sorts the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Field, lengthOf } from '../data.js';

const line = (text: string, margin = 11): string => `${' '.repeat(margin)}${text}`;

/** Runs of fields whose bytes are characters: they are translated together. */
function displayRuns(fields: readonly Field[]): Field[][] {
  const runs: Field[][] = [[]];
  for (const field of fields) {
    if (field.kind === 'text' || field.kind === 'zoned') runs.at(-1)!.push(field);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** Every character as its digits in hexadecimal, in the order of code page 037, and what they are in Latin-1. */
function tables(toUnicode: ArrayLike<number>): [string, string] {
  const [from, to] = ['', ''].map(() => [] as string[]);
  for (let byte = 0x40; byte < 0x100; byte++) {
    const code = toUnicode[byte]!;
    if (code > 0xff) continue;
    from!.push(byte.toString(16).padStart(2, '0'));
    to!.push(code.toString(16).padStart(2, '0'));
  }
  return [from!.join(''), to!.join('')];
}

/** A field as it is shown: text as it is, numbers with a sign and a point. */
function shown({ kind, length, digits, scale }: Field): string {
  if (kind === 'text') return `PIC X(${length})`;
  return `PIC -(${digits - scale})9${scale > 0 ? `.9(${scale})` : ''}`;
}

/** Constants longer than a line, as VALUE clauses of pieces. */
function constant(name: string, hex: string): string[] {
  const pieces = hex.match(/.{1,40}/g)!;
  return [
    line(`01  ${name}.`, 7),
    ...pieces.map((piece) => line(`05  FILLER PIC X(${piece.length / 2}) VALUE X"${piece}".`)),
  ];
}

/** Reads the file, writes a line a record, and displays how many there were and a sum. */
export function linesProgram(fields: readonly Field[], summed: string, toUnicode: ArrayLike<number>): string {
  const [from, to] = tables(toUnicode);
  const runs = displayRuns(fields);
  const { digits, scale } = fields.find(({ name }) => name === summed)!;
  const record: string[] = [];
  for (const field of fields) {
    const run = runs.findIndex((one) => one[0] === field);
    if (run >= 0) record.push(line(`05  CHARACTERS-${run + 1}.`));
    const isInRun = runs.some((one) => one.includes(field));
    record.push(line(`${isInRun ? '10' : '05'}  ${field.name} ${field.clause}.`, isInRun ? 15 : 11));
  }
  return [
    line('IDENTIFICATION DIVISION.', 7),
    line('PROGRAM-ID. LINES.', 7),
    line('ENVIRONMENT DIVISION.', 7),
    line('INPUT-OUTPUT SECTION.', 7),
    line('FILE-CONTROL.', 7),
    line('SELECT DATA-FILE ASSIGN TO "DATAFILE" ORGANIZATION SEQUENTIAL.'),
    line('SELECT LINE-FILE ASSIGN TO "LINEFILE" ORGANIZATION LINE SEQUENTIAL.'),
    line('DATA DIVISION.', 7),
    line('FILE SECTION.', 7),
    line('FD  DATA-FILE.', 7),
    line('01  DATA-RECORD.', 7),
    ...record,
    line('FD  LINE-FILE.', 7),
    line('01  LINE-RECORD.', 7),
    ...fields.flatMap((field) => [line(`05  L-${field.name} ${shown(field)}.`), line('05  FILLER PIC X.')]),
    line('WORKING-STORAGE SECTION.', 7),
    ...constant('EBCDIC-CHARACTERS', from),
    ...constant('LATIN-CHARACTERS', to),
    line('01  RECORD-COUNT PIC 9(10) COMP-5 VALUE 0.', 7),
    line(`01  TOTAL PIC S9(${Math.min(31, digits + 12) - scale})V9(${scale}) COMP-3 VALUE 0.`, 7),
    line(`01  SHOWN-TOTAL PIC -(${Math.min(31, digits + 12) - scale})9.9(${scale}).`, 7),
    line('01  AT-END PIC X VALUE "N".', 7),
    line('PROCEDURE DIVISION.', 7),
    line('OPEN INPUT DATA-FILE OUTPUT LINE-FILE'),
    line('MOVE SPACES TO LINE-RECORD'),
    line('PERFORM UNTIL AT-END = "Y"'),
    line('READ DATA-FILE AT END MOVE "Y" TO AT-END NOT AT END', 13),
    ...runs.flatMap((_, k) => [
      line(`INSPECT CHARACTERS-${k + 1} CONVERTING`, 15),
      line('EBCDIC-CHARACTERS TO LATIN-CHARACTERS', 17),
    ]),
    ...fields.map(({ name }) => line(`MOVE ${name} TO L-${name}`, 15)),
    line('ADD 1 TO RECORD-COUNT', 15),
    line(`ADD ${summed} TO TOTAL`, 15),
    line('WRITE LINE-RECORD', 15),
    line('END-READ', 13),
    line('END-PERFORM'),
    line('CLOSE DATA-FILE LINE-FILE'),
    line('MOVE TOTAL TO SHOWN-TOTAL'),
    line('DISPLAY RECORD-COUNT " " SHOWN-TOTAL'),
    line('STOP RUN.'),
    '',
  ].join('\n');
}

/** Sorts the file by one field's bytes. */
export function sortProgram(fields: readonly Field[], key: string): string {
  const at = fields.findIndex(({ name }) => name === key);
  const before = lengthOf(fields.slice(0, at));
  const { length } = fields[at]!;
  const all = lengthOf(fields);
  return [
    line('IDENTIFICATION DIVISION.', 7),
    line('PROGRAM-ID. SORTED.', 7),
    line('ENVIRONMENT DIVISION.', 7),
    line('INPUT-OUTPUT SECTION.', 7),
    line('FILE-CONTROL.', 7),
    line('SELECT DATA-FILE ASSIGN TO "DATAFILE" ORGANIZATION SEQUENTIAL.'),
    line('SELECT LINE-FILE ASSIGN TO "LINEFILE" ORGANIZATION SEQUENTIAL.'),
    line('SELECT SORT-FILE ASSIGN TO "SORTFILE".'),
    line('DATA DIVISION.', 7),
    line('FILE SECTION.', 7),
    line('FD  DATA-FILE.', 7),
    line(`01  DATA-RECORD PIC X(${all}).`, 7),
    line('FD  LINE-FILE.', 7),
    line(`01  LINE-RECORD PIC X(${all}).`, 7),
    line('SD  SORT-FILE.', 7),
    line('01  SORT-RECORD.', 7),
    line(`05  FILLER PIC X(${before}).`),
    line(`05  SORT-KEY PIC X(${length}).`),
    line(`05  FILLER PIC X(${all - before - length}).`),
    line('PROCEDURE DIVISION.', 7),
    line('SORT SORT-FILE ON ASCENDING KEY SORT-KEY'),
    line('USING DATA-FILE GIVING LINE-FILE', 15),
    line('STOP RUN.'),
    '',
  ].join('\n');
}
