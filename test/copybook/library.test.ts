/**
 * COPY, REPLACING, REPLACE and their like: which text is taken, what is changed in it, and where errors in it are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { codePage } from '../../src/codepage/codepage.js';
import { walk } from '../../src/layout/item.js';
import { errorOf } from './error-of.js';

type Texts = Readonly<Record<string, string>>;

const from = (texts: Texts) => (name: string, library: string | null) =>
  texts[library === null ? name : `${library}/${name}`] ?? null;
const copybook = (text: string, texts: Texts = {}) =>
  Copybook.parse(text, { format: 'auto', resolveCopy: from(texts) });
const shown = ({ layout }: Copybook) =>
  layout.records.flatMap(({ item }) =>
    [...walk(item)].map(({ level, name, picture }) => `${level} ${name}${picture ? ` ${picture}` : ''}`),
  );
const items = (text: string, texts: Texts = {}) => shown(copybook(text, texts));
const fails = (text: string, texts: Texts = {}) => errorOf(() => copybook(text, texts));

describe('COPY', () => {
  test('brings in a text, and texts in it', () => {
    const texts = { A: '05 X PIC X. COPY B. 05 Z PIC X.', B: '       05 Y PIC 9.' };
    expect(items('01 R. COPY A.\n05 LAST PIC X.', texts)).toEqual(['1 R', '5 X X', '5 Y 9', '5 Z X', '5 LAST X']);
  });

  test.each([
    ['COPY A.', 'A'],
    ['copy "a-b.cpy".', 'a-b.cpy'],
    ["COPY 'A' SUPPRESS.", 'A'],
    ['COPY A OF L.', 'L/A'],
    ["COPY A IN 'L' SUPPRESS PRINTING.", 'L/A'],
    ['COPY sub/A.cpy.', 'sub/A.cpy'],
    ['EXEC SQL INCLUDE A END-EXEC.', 'A'],
    ['EXEC SQL INCLUDE A END-EXEC', 'A'],
    ['++INCLUDE A', 'A'],
    ['-INC A', 'A'],
  ])('%s', (statement, name) => {
    expect(items(`01 R.\n${statement}\n05 B PIC X.`, { [name]: '05 A PIC 9.' })).toEqual(['1 R', '5 A 9', '5 B X']);
  });

  test('-INC and ++INCLUDE in front of column 7 of fixed format', () => {
    const text = '000100 01  R.\n-INC A\n++INCLUDE A\n000200     05 B PIC X.';
    expect(items(text, { A: '000100     05 FILLER PIC 9.' })).toEqual(['1 R', '5 FILLER 9', '5 FILLER 9', '5 B X']);
  });

  test('each text has a format of its own', () => {
    const texts = { A: '000100     05  A PIC X.                                                    IDENT' };
    expect(items('01 R.\n05 B PIC X.\nCOPY A.', texts)).toEqual(['1 R', '5 B X', '5 A X']);
  });

  test('DB2 declare sections are passed over, and the communication area is left out with a warning', () => {
    const text =
      'EXEC SQL INCLUDE SQLCA END-EXEC. EXEC SQL BEGIN DECLARE SECTION END-EXEC. 01 A PIC X. EXEC SQL END DECLARE SECTION END-EXEC.';
    expect(shown(copybook(text))).toEqual(['1 A X']);
    expect(copybook(text).layout.warnings[0]).toContain('SQLCA');
  });

  test('may be inside an entry', () => {
    expect(items('01 R. 05 A COPY P. 05 B PIC X.', { P: 'PIC 9(3).' })).toEqual(['1 R', '5 A 9(3)', '5 B X']);
  });

  test('in a literal or a comment is none', () => {
    expect(items(`01 R. *> COPY A.\n05 A PIC X(9) VALUE 'COPY X. '.`)).toEqual(['1 R', '5 A X(9)']);
  });
});

describe('REPLACING', () => {
  const one = (replacing: string, text: string) => items(`01 R. COPY A REPLACING ${replacing}.`, { A: text }).slice(1);

  test.each([
    [
      '==:TAG:== BY ==CUST==',
      '05 :TAG:-ID PIC 9. 05 X-:TAG: PIC X. 05 A-:tag:-B PIC X.',
      ['5 CUST-ID 9', '5 X-CUST X', '5 A-CUST-B X'],
    ],
    ['==(N)== BY ==(12)==', '05 A PIC X(N).', ['5 A X(12)']],
    ['N BY 12', '05 A PIC X(N).', ['5 A X(12)']],
    ['A BY B, C BY D', '05 A PIC X. 05 C PIC X. 05 A-C PIC X.', ['5 B X', '5 D X', '5 A-C X']],
    ['LEADING ==OLD== BY ==NEW==', '05 OLD-A PIC X. 05 A-OLD PIC X.', ['5 NEW-A X', '5 A-OLD X']],
    ['TRAILING ==-OLD== BY ====', '05 A-OLD PIC X. 05 OLD-A PIC X.', ['5 A X', '5 OLD-A X']],
    ['==PIC   X== BY ==PIC 9(4)==', '05 A PIC\n X.', ['5 A 9(4)']],
    ['==05 A PIC X.== BY ====', '05 A PIC X. 05 B PIC X.', ['5 B X']],
    ['==A== BY ==B== ==B== BY ==C==', '05 A PIC X. 05 B PIC X.', ['5 B X', '5 C X']],
  ])('%s', (replacing, text, expected) => expect(one(replacing, text)).toEqual(expected));

  test('of an outer text holds for inner ones, behind their own; names of texts too', () => {
    const texts = {
      A: '05 :T:-A PIC X. COPY B REPLACING ==:T:== BY ==IN==. COPY :T:X.',
      B: '05 :T:-B PIC X. 05 :U:-B PIC X.',
      OUTX: '05 :T:-C PIC X.',
    };
    expect(items('01 R. COPY A REPLACING ==:T:== BY ==OUT== ==:U:== BY ==U==.', texts)).toEqual([
      '1 R',
      '5 OUT-A X',
      '5 IN-B X',
      '5 U-B X',
      '5 OUT-C X',
    ]);
  });

  test('what is not found is told', () => {
    const { warnings } = copybook('01 R. COPY A REPLACING ==:TAG:== BY ==X==.', { A: '05 A PIC X.' }).layout;
    expect(warnings).toEqual(['copybook:1: REPLACING ==:TAG:==: it is not in A']);
  });
});

describe('REPLACE', () => {
  test('holds from where it stands to the next one, in texts of COPY too', () => {
    const text = '01 R. 05 X1 PIC X. REPLACE ==X1== BY ==Y1==. COPY A. 05 X1-A PIC X. REPLACE OFF. COPY B.';
    expect(items(text, { A: '05 X1 PIC X.', B: '05 X1 PIC 9.' }).slice(1)).toEqual([
      '5 X1 X',
      '5 Y1 X',
      '5 X1-A X',
      '5 X1 9',
    ]);
  });

  test('ALSO adds, LAST OFF takes away', () => {
    const text =
      '01 R. REPLACE ==A== BY ==B==. REPLACE ALSO ==C== BY ==D==. 05 A PIC X. 05 C PIC X. REPLACE LAST OFF. 05 C PIC 9.';
    expect(items(text).slice(1)).toEqual(['5 B X', '5 D X', '5 C 9']);
  });
});

describe('errors', () => {
  test('have the file and line of their own text', () => {
    const error = fails('01 R.\n   COPY A.', { A: '05 OK PIC X.\n\n05 BAD PICK X.' });
    expect(error).toMatchObject({
      code: 'OVP_SYNTAX_CLAUSE',
      source: { file: 'A', line: 3, column: 8, text: '05 BAD PICK X.' },
    });
  });

  test('in replaced text have the place of what was replaced', () => {
    const error = fails('01 R. COPY A REPLACING ==:P:== BY ==9VV9==.', { A: '05 OK PIC :P:.' });
    expect(error).toMatchObject({ code: 'OVP_SYNTAX_PICTURE', source: { file: 'A', line: 1 } });
  });

  test.each([
    ['01 R. COPY A.', { A: 'COPY B.', B: 'COPY A.' }, 'brings a text into itself: copybook > A > B > A'],
    ['01 R. COPY NONE.', {}, 'COPY NONE: there is no such text'],
    ['01 R. COPY.', {}, 'needs the name of a text'],
    ['01 R. COPY A 05 B PIC X.', { A: '05 X PIC X.' }, 'a period is missing behind COPY A'],
    ['01 R. COPY A REPLACING ==X== ==Y==.', { A: '05 X PIC X.' }, 'needs pairs'],
    ['01 R. COPY A REPLACING ==X BY Y.', { A: '05 X PIC X.' }, 'no closing =='],
    ['01 R. COPY A REPLACING ==== BY ==Y==.', { A: '05 X PIC X.' }, 'a word at least'],
    ['01 R. COPY A REPLACING LEADING ==X Y== BY ==Z==.', { A: '05 X PIC X.' }, 'one word'],
    ['01 R. COPY "../A".', { '../A': '05 X PIC X.' }, 'leaves the folders'],
    ['01 R. COPY "/etc/passwd".', {}, 'leaves the folders'],
    ['01 R. COPY "C:\\A".', {}, 'leaves the folders'],
    ['01 R. COPY A OF "..".', {}, 'leaves the folders'],
    ['01 R. COPY :TAG:.', {}, 'placeholder'],
    ['REPLACE ==A==.\n01 R PIC X.', {}, 'needs pairs'],
    ['REPLACE.\n01 R PIC X.', {}, 'REPLACE needs pairs'],
    ['01 R. EXEC SQL INCLUDE A.', { A: '05 X PIC X.' }, 'END-EXEC is missing'],
  ] as [string, Texts, string][])('%s', (text, texts, words) => {
    const error = fails(text, texts);
    expect(error.code).toBe('OVP_SYNTAX_COPY');
    expect([error, ...error.others].map(({ message }) => message).join('\n')).toContain(words);
  });

  test('texts that bring in ever more texts end', () => {
    const texts = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`T${i}`, `COPY T${i + 1}. COPY T${i + 1}.`]),
    );
    expect(fails('COPY T0.', { ...texts, T40: '05 A PIC X.' }).code).toBe('OVP_SYNTAX_COPY');
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`T${i}`, `COPY T${i + 1}. COPY T${i + 1}.`]));
    expect(fails('COPY T0.', { ...wide, T20: '05 A PIC X.' }).code).toBe('OVP_SYNTAX_COPY');
  });
});

describe('folders', () => {
  const root = mkdtempSync(join(tmpdir(), 'overpunch-copy-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const file = (path: string, content: string | Uint8Array): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    return join(root, path);
  };
  const load = async (path: string, options = {}) => shown(await Copybook.load(path, options));
  const main = file('books/main.cpy', '       01 R.\n           COPY PART.\n');
  file('books/Part.Cpy', '           05 A PIC X.');
  file('other/part.inc', '           05 B PIC X.');
  file('other/lib/PART.cbl', '           05 C PIC X.');
  file('secret.cpy', '           05 S PIC X.');

  test("the copybook's own folder, any case, by extension", async () => {
    expect(await load(main)).toEqual(['1 R', '5 A X']);
  });

  test('a search path comes before it', async () => {
    expect(await load(main, { copyPaths: [join(root, 'other')] })).toEqual(['1 R', '5 B X']);
    expect(await load(main, { copyPaths: [join(root, 'other')], copyExtensions: ['.cpy'] })).toEqual(['1 R', '5 A X']);
  });

  test('a library is a folder', async () => {
    const path = file('books/of.cpy', '       01 R.\n           COPY PART OF LIB.\n');
    expect(await load(path, { copyPaths: [join(root, 'other')] })).toEqual(['1 R', '5 C X']);
    expect(await load(path)).toEqual(['1 R', '5 A X']);
  });

  test('a text of the same name as the one that asks for it', async () => {
    const path = file('books/same.cpy', '       01 R.\n           COPY SAME.\n');
    file('books/same.inc', '           05 D PIC X.');
    expect(await load(path)).toEqual(['1 R', '5 D X']);
    const alone = file('books/alone.cpy', '       01 R.\n           COPY ALONE.\n');
    await expect(load(alone)).rejects.toThrow('brings a text into itself');
  });

  test('nothing outside of the search path', async () => {
    for (const name of ['../secret.cpy', join(root, 'secret.cpy'), '..\\secret.cpy', './../secret.cpy']) {
      const path = file('books/out.cpy', `       01 R.\n           COPY\n           '${name.slice(0, 50)}'.\n`);
      await expect(load(path)).rejects.toMatchObject({ code: 'OVP_SYNTAX_COPY' });
    }
  });

  test('a text in EBCDIC, in records of 80 bytes', async () => {
    const card = codePage('037').encode('000100     05 E PIC X(4).'.padEnd(80)) as Uint8Array;
    file('books/cards', card);
    const path = file('books/uses.cpy', '       01 R.\n           COPY CARDS.\n');
    expect(await load(path)).toEqual(['1 R', '5 E X(4)']);
  });

  test('what is missing names the folders; a folder that is not there is an error', async () => {
    const path = file('books/none.cpy', '       01 R.\n           COPY ABSENT.\n');
    await expect(load(path)).rejects.toThrow(`Looked in ${join(root, 'books')}`);
    await expect(load(path, { copyPaths: [join(root, 'nowhere')] })).rejects.toMatchObject({ code: 'OVP_IO_COPYBOOK' });
  });
});

describe('the option replace', () => {
  const text = '       01  :TAG:-REC.\n           05  :TAG:-ID PIC X(LEN-X).\n           05  NAME-X PIC X.\n';
  const parse = (replace: Record<string, string>) => Copybook.parse(text, { replace }).layout;

  test('stands for words and placeholders, and errors are where they were', () => {
    const layout = parse({ ':TAG:': 'CUST', 'LEN-X': '7', NAME: 'OTHER' });
    expect([...layout.records[0]!.item.children].map(({ name, length }) => [name, length])).toEqual([
      ['CUST-ID', 7],
      ['NAME-X', 1],
    ]);
    expect(layout.warnings).toEqual(['replace: NAME is nowhere in the text']);
    expect(errorOf(() => parse({ ':TAG:': 'CUST' })).source).toMatchObject({ line: 2, column: 30 });
  });

  test('needs something to replace', () => expect(errorOf(() => parse({ ' ': 'X' })).code).toBe('OVP_OPTION_VALUE'));
});
