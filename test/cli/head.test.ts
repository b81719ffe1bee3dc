/**
 * `overpunch head` from outside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ADA, BAD, BOB, COPYBOOK, Folder, LENGTH, ebcdic, hex, rdw, run } from './run.js';

const folder = new Folder();
const copybook = folder.file('account.cpy', COPYBOOK);
const good = folder.file('good.bin', Buffer.concat([ADA, BOB]));
afterAll(() => folder.remove());

const TABLES = `       01  R.
           05  N PIC 9.
           05  KIND PIC X.
           05  T OCCURS 0 TO 3 DEPENDING ON N.
               10  QTY PIC 9(2).
               10  TAG PIC X OCCURS 2.
           05  TAIL.
               10  TEXT-A PIC X(2).
               10  NUMBER-A REDEFINES TEXT-A PIC 9(2).
`;

describe('head', () => {
  it('shows fields in line, records apart', async () => {
    expect(await run(['head', good, '-c', copybook])).toEqual({
      code: 0,
      stdout: `record 1  byte 0, 14 bytes
  ACCT-ID    1
  ACCT-NAME  ADA
  BALANCE    123.45

record 2  byte 14, 14 bytes
  ACCT-ID    2
  ACCT-NAME  BOB
  BALANCE    -0.50
`,
      stderr: '',
    });
  });

  it('shows ten records, or as many as asked for', async () => {
    const input = Buffer.concat(Array<Uint8Array>(30).fill(ADA));
    const records = async (...more: string[]): Promise<string[]> =>
      (await run(['head', '-', '-c', copybook, ...more], { input })).stdout.match(/^record \d+/gm) ?? [];
    expect(await records()).toHaveLength(10);
    expect(await records('-n', '2', '--skip', '20')).toEqual(['record 21', 'record 22']);
    expect(await records('--limit', '30')).toHaveLength(30);
  });

  it('marks bad values with the reason and their bytes', async () => {
    const data = folder.file('bad.bin', Buffer.concat([ADA, BAD, BOB]));
    const { code, stdout, stderr } = await run(['head', data, '-c', copybook]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/\n {2}ACCT-NAME {2}EVE\n {2}BALANCE {4}bad: .+; x'00123456'\n\nrecord 3/);
    expect(stderr).toBe('overpunch: 1 bad value\n');
  });

  it('writes bad values to a file', async () => {
    const errors = folder.file('errors.jsonl');
    const data = folder.file('bad2.bin', Buffer.concat([ADA, BAD, hex('F0')]));
    const args = ['head', data, '-c', copybook, '--errors', errors];
    expect((await run([...args, '-n', '2'])).code).toBe(3);
    expect((await run(args)).code).toBe(4);
    expect(JSON.parse(readFileSync(errors, 'utf8'))).toMatchObject({
      record: 2,
      offset: LENGTH + 10,
      field: 'ACCOUNT.BALANCE',
    });
  });

  it('shows tables by subscript, and leaves out what was not selected', async () => {
    const data = folder.file('tables.v', Buffer.concat([rdw(ebcdic('2X11AB22C 99')), rdw(ebcdic('0Y77'))]));
    const args = ['head', data, '-c', folder.file('tables.cpy', TABLES), '--recfm', 'V'];
    const { code, stdout } = await run([...args, '--record', "TEXT-A=KIND = 'X'", '--record', "NUMBER-A=KIND = 'Y'"]);
    expect(code).toBe(0);
    expect(stdout).toBe(`record 1  byte 4, 12 bytes
  N         2
  KIND      X
  T(1)
    QTY     11
    TAG(1)  A
    TAG(2)  B
  T(2)
    QTY     22
    TAG(1)  C
    TAG(2)  ""
  TAIL
    TEXT-A  99

record 2  byte 20, 4 bytes
  N           0
  KIND        Y
  T           no items
  TAIL
    NUMBER-A  77
`);
  });

  it('shows places and bytes with --hex, behind variable tables too', async () => {
    const data = folder.file('hex.v', Buffer.concat([rdw(ebcdic('1X11AB99')), rdw(ebcdic('2X11AB22CD88'))]));
    const { stdout } = await run(['head', data, '-c', folder.file('tables2.cpy', TABLES), '--recfm', 'V', '--hex']);
    const second = stdout.slice(stdout.indexOf('record 2'));
    const rows = [...second.matchAll(/^ +(\S+) +(\S+) +\+(\d+) {2}([0-9A-F]+)$/gm)].map((row) =>
      row.slice(1).join(' '),
    );
    expect(rows).toEqual([
      'N 2 0 F2',
      'KIND X 1 E7',
      'QTY 11 2 F1F1',
      'TAG(1) A 4 C1',
      'TAG(2) B 5 C2',
      'QTY 22 6 F2F2',
      'TAG(1) C 8 C3',
      'TAG(2) D 9 C4',
      'TEXT-A 88 10 F8F8',
      'NUMBER-A 88 10 F8F8',
    ]);
  });

  it('writes nothing that a terminal would obey', async () => {
    const data = folder.file('escape.bin', Buffer.from('\x1b[2Jab'));
    const text = '       01  R.\n           05  A PIC X(6).\n';
    const { stdout } = await run(['head', data, '-c', folder.file('escape.cpy', text), '--encoding', 'ascii']);
    expect(stdout).toContain('  A  \\x1b[2Jab\n');
  });

  it('shows the good records before one that is cut', async () => {
    const data = folder.file('cut.bin', Buffer.concat([ADA, hex('F0')]));
    const { code, stdout, stderr } = await run(['head', data, '-c', copybook]);
    expect(code).toBe(4);
    expect(stdout).toContain('ADA');
    expect(stderr).toContain('(record 2, byte 14)');
  });

  it('takes names and records by option', async () => {
    const { stdout } = await run(['head', good, '-c', copybook, '--names', 'camel', '--where', 'BALANCE < 0']);
    expect(stdout).toBe('record 2  byte 14, 14 bytes\n  acctId    2\n  acctName  BOB\n  balance   -0.50\n');
  });
});
