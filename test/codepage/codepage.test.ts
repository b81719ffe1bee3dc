/**
 * Code pages: names, tables against independent facts and against glibc, the engines' pool, encoding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CodePage, codePage, codePageNames } from '../../src/codepage/codepage.js';
import { OverpunchError } from '../../src/errors.js';
import { TEXT_POOL, TEXT_POOL_LATIN1 } from '../../src/plan/opcodes.js';

function thrown(action: () => unknown): OverpunchError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(OverpunchError);
    return error as OverpunchError;
  }
  throw new Error('nothing was thrown');
}

/** Those that are one byte a character; dbcs.test.ts has the others. */
const SINGLE = codePageNames().filter((name) => codePage(name).kind === 'single');

const characters = (page: CodePage): string[] =>
  Array.from(page.toUnicode, (code) => (code < 0 ? '' : String.fromCharCode(code)));

function encoded(page: CodePage, text: string): Uint8Array {
  const bytes = page.encode(text);
  if (!(bytes instanceof Uint8Array)) throw new Error(`unmappable at ${bytes.unmappable}`);
  return bytes;
}

describe('names', () => {
  it.each([
    ['037', '037'],
    ['37', '037'],
    ['cp037', '037'],
    ['Cp37', '037'],
    ['IBM037', '037'],
    ['ibm-37', '037'],
    ['IBM-037', '037'],
    ['CCSID 37', '037'],
    ['CCSID00037', '037'],
    ['csIBM037', '037'],
    ['ebcdic-cp-us', '037'],
    ['code page 500', '500'],
    ['1140', '1140'],
    ['IBM01140', '1140'],
    ['x-IBM1122', '1122'],
    ['IBM-Thai', '838'],
    ['latin-1', 'latin-1'],
    ['Latin1', 'latin-1'],
    ['ISO-8859-1', 'latin-1'],
    ['iso8859_1', 'latin-1'],
    ['819', 'latin-1'],
    ['IBM-819', 'latin-1'],
    ['iso-8859-15', 'iso-8859-15'],
    ['cp1252', 'windows-1252'],
    ['windows-1252', 'windows-1252'],
    ['ascii', 'us-ascii'],
    ['US-ASCII', 'us-ascii'],
  ])('%s is %s', (given, name) => {
    expect(codePage(given).name).toBe(name);
  });

  it('lists every page under a name that finds it, and hands out the same object', () => {
    const names = codePageNames();
    expect(names).toHaveLength(80);
    expect(names.slice(0, 4)).toEqual(['037', '038', '256', '273']);
    expect(names.slice(-6)).toEqual(['latin-1', 'iso-8859-15', 'windows-1252', 'us-ascii', 'utf-8', 'utf-16']);
    for (const name of names) {
      expect(codePage(name).name).toBe(name);
      expect(codePage(name)).toBe(codePage(name.toUpperCase()));
      expect(codePage(name).ebcdic).toBe(/^\d+$/.test(name));
    }
  });

  it.each(['1174', 'cp1O47', '', '0', '99999999', 'constructor', '__proto__', 'ebcdic'])('refuses %j', (name) => {
    const error = thrown(() => codePage(name));
    expect(error.code).toBe('OVP_OPTION_CODE_PAGE');
    expect(error.message).toContain(`'${name}'`);
    expect(error.hint).toContain('Code pages: 037 038');
  });

  it('guesses what was meant', () => {
    expect(thrown(() => codePage('1074')).hint).toMatch(/^Did you mean 1047\b/);
    expect(thrown(() => codePage('lattin1')).hint).toMatch(/^Did you mean latin-1\b/);
    expect(thrown(() => codePage('something else')).hint).toMatch(/^Code pages: /);
  });

  it('says that UTF-16 is read with the high byte first', () => {
    expect(thrown(() => codePage('UTF-16LE')).message).toContain('high byte first');
  });

  it('refuses what is no string', () => {
    expect(thrown(() => codePage(37 as unknown as string)).code).toBe('OVP_OPTION_CODE_PAGE');
  });
});

describe('characters', () => {
  // From IBM's code page charts (037, 273, 500, 1047), not from ICU.
  it.each([
    ['037', [0x40, 0x4a, 0x4b, 0x5a, 0x5b, 0x6a, 0x7b, 0x7c, 0xb0, 0xba, 0xbb, 0xc0, 0xd0], ' ¢.!$¦#@^[]{}'],
    ['037', [0xc1, 0xc9, 0xd1, 0xe2, 0xe9, 0x81, 0xa9, 0xf0, 0xf9, 0xa1, 0x5f, 0x4f, 0x9f], 'AIJSZaz09~¬|¤'],
    ['273', [0x4a, 0x5a, 0x6a, 0xc0, 0xd0, 0xe0, 0xa1, 0x7c, 0xb5, 0x5b, 0x63, 0x43], 'ÄÜöäüÖß§@$[{'],
    ['500', [0x4a, 0x5a, 0x4f, 0xbb, 0x5f, 0xb0, 0x5b, 0x7b], '[]!|^¢$#'],
    ['1047', [0xad, 0xbd, 0x4a, 0x5f, 0xb0, 0xba, 0xbb, 0x5a], '[]¢^¬Ý¨!'],
    ['1140', [0x9f, 0xc1, 0x5b], '€A$'],
    ['1141', [0x9f, 0x4a, 0xa1], '€Äß'],
    ['1026', [0x4a, 0x5a, 0x6a, 0x7b, 0x7c, 0xc0, 0xd0], 'ÇĞşÖŞçğ'],
    ['875', [0x41, 0x42, 0x43], 'ΑΒΓ'],
    ['1025', [0xb9, 0xba, 0xbb], 'АБЦ'],
    ['424', [0x41, 0x42, 0x71], 'אבת'],
    ['latin-1', [0x20, 0x41, 0x85, 0xe4, 0xff], ' A\x85äÿ'],
    ['iso-8859-15', [0xa4, 0xa6, 0xe4], '€Šä'],
    ['windows-1252', [0x80, 0x85, 0x93, 0xe4], '€…“ä'],
  ])('%s', (name, bytes, text) => {
    const page = codePage(name);
    expect(bytes.map((byte) => characters(page)[byte]).join('')).toBe(text);
    expect([...encoded(page, text)]).toEqual(bytes);
  });

  it('maps new line and line feed as ICU and glibc do, in every EBCDIC page', () => {
    for (const name of codePageNames()) {
      const page = codePage(name);
      if (!page.ebcdic) continue;
      expect([page.toUnicode[0x15], page.toUnicode[0x25], page.toUnicode[0x0d], page.toUnicode[0x05]]).toEqual([
        0x85, 0x0a, 0x0d, 0x09,
      ]);
      expect(page.space).toBe(0x40);
      expect(characters(page).slice(0xf0, 0xfa).join('')).toBe('0123456789');
      expect([0xc1, 0xc9, 0xd1, 0xd9, 0xe2, 0xe9].map((b) => characters(page)[b]).join('')).toBe('AIJRSZ');
    }
  });

  it('leaves bytes undefined where there is no character', () => {
    const ascii = codePage('ascii');
    expect([...ascii.toUnicode]).toEqual(Array.from({ length: 256 }, (_, b) => (b < 128 ? b : -1)));
    expect(ascii.space).toBe(0x20);
    expect(codePage('875').toUnicode[0xdc]).toBe(-1);
    expect(codePage('803').toUnicode[0x41]).toBe(-1);
  });

  it('knows which pages lie in Latin-1', () => {
    const inside = codePageNames().filter((name) => codePage(name).latin1);
    expect(inside).toEqual('037 038 273 274 275 277 278 280 284 285 297 500 871 1047 latin-1 us-ascii'.split(' '));
  });
});

describe('pool', () => {
  it.each(SINGLE)('%s holds the UTF-8 and the Latin-1 of every byte', (name) => {
    const page = codePage(name);
    expect(page.pool).toHaveLength(TEXT_POOL + TEXT_POOL_LATIN1);
    let growth = 0;
    characters(page).forEach((character, byte) => {
      const utf8 = Buffer.from(character, 'utf8');
      const entry = page.pool.subarray(byte * 4, byte * 4 + 4);
      expect(entry[0]).toBe(utf8.length);
      expect(Buffer.from(entry.subarray(1, 1 + utf8.length)).equals(utf8)).toBe(true);
      growth = Math.max(growth, utf8.length);
      const code = page.toUnicode[byte]!;
      expect(page.pool[TEXT_POOL + byte]).toBe(code >= 0 && code <= 0xff ? code : 0);
    });
    expect(page.growth).toBe(growth);
  });
});

describe('encode', () => {
  it.each(SINGLE)('%s gives back every byte it reads', (name) => {
    const page = codePage(name);
    const oneWay: Record<string, Record<number, number>> = {
      // Thai has five vowels on two bytes each; ICU writes these.
      '838': { 0x51: 0xed, 0xca: 0xee, 0xe1: 0xef, 0xfd: 0xfa, 0xfe: 0xfb },
      '1160': { 0x51: 0xed, 0xca: 0xee, 0xe1: 0xef, 0xfd: 0xfa },
      '9030': { 0x51: 0xed, 0xca: 0xee, 0xe1: 0xef, 0xfd: 0xfa, 0xfe: 0xfb },
    };
    characters(page).forEach((character, byte) => {
      if (character === '') return;
      expect([...encoded(page, character)]).toEqual([oneWay[name]?.[byte] ?? byte]);
    });
  });

  it('says where the first character is that does not fit', () => {
    expect(codePage('037').encode('AB€D')).toEqual({ unmappable: 2 });
    expect(codePage('1140').encode('AB€D')).toEqual(Uint8Array.of(0xc1, 0xc2, 0x9f, 0xc4));
    expect(codePage('latin-1').encode('a😀')).toEqual({ unmappable: 1 });
    expect(codePage('ascii').encode('\uffff')).toEqual({ unmappable: 0 });
    expect(codePage('875').encode('\uffff')).toEqual({ unmappable: 0 });
    expect(codePage('037').encode('')).toEqual(new Uint8Array(0));
  });
});

/**
 * Bytes where glibc 2.36 is known to differ: wrong (278, 871: swapped, unlike its own 1143 and 1149; 1132), old (1026,
 * 1155: no lira sign), other symbols (285, 424, 870, 875), or undefined (420, 875, windows-1252).
 */
const GLIBC_DIFFERS: Record<string, readonly number[]> = {
  '278': [0x71, 0xe0],
  '285': [0xa1],
  '420': [0x45],
  '424': [0x78, 0x8f, 0xb3, 0xbc],
  '870': [0xb0],
  '871': [0x4a, 0xc0],
  '875': [0x6a, 0x74, 0xdd],
  '1026': [0x9a, 0x9d, 0xbc],
  '1132': [0x70],
  '1155': [0x9a],
  'windows-1252': [0x81, 0x8d, 0x8f, 0x90, 0x9d],
};
/** Other repertoires altogether: full-width kana in 290, letters instead of their shapes in 918. */
const GLIBC_IS_ANOTHER = new Set(['290', '918']);

const glibc = spawnSync('iconv', ['--version'], { encoding: 'utf8' });
const hasGlibc = glibc.status === 0 && /glibc|gnu libc/i.test(glibc.stdout);

describe.runIf(hasGlibc)('against glibc', () => {
  const known = spawnSync('iconv', ['-l'], { encoding: 'utf8' }).stdout.split(/[\s,/]+/);
  const theirs = (name: string): string => {
    if (name === 'latin-1') return 'ISO-8859-1';
    return codePage(name).ebcdic ? `IBM${name}` : name.toUpperCase();
  };
  const shared = SINGLE.filter((name) => known.includes(theirs(name)) && !GLIBC_IS_ANOTHER.has(name));

  it('has pages to compare', () => {
    expect(shared.length).toBeGreaterThan(40);
  });

  it.each(shared)('%s is the same', (name) => {
    const page = codePage(name);
    const same = (byte: number): boolean => page.toUnicode[byte]! >= 0 && !GLIBC_DIFFERS[name]?.includes(byte);
    const bytes = Uint8Array.from([...Array(256).keys()].filter(same));
    const { status, stdout } = spawnSync('iconv', ['-f', theirs(name), '-t', 'UTF-16LE'], { input: bytes });
    expect(status).toBe(0);
    expect(stdout.toString('utf16le')).toBe(Array.from(bytes, (byte) => characters(page)[byte]).join(''));
  });

  it.each(shared)('%s writes the same', (name) => {
    const page = codePage(name);
    const texts = characters(page).filter((text, byte) => text !== '' && !GLIBC_DIFFERS[name]?.includes(byte));
    const text = [...new Set(texts)].join('');
    const input = Buffer.from(text, 'utf16le');
    const { status, stdout } = spawnSync('iconv', ['-f', 'UTF-16LE', '-t', theirs(name)], { input });
    expect(status).toBe(0);
    const different = [...text].filter((_, i) => stdout[i] !== encoded(page, text)[i]);
    expect(different.join('')).toBe('');
  });
});
