/**
 * Mixed single- and double-byte pages: every byte and pair against glibc and back again, facts from elsewhere, shifts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CodePage, codePage } from '../../src/codepage/codepage.js';
import { pairIndex } from '../../src/codepage/dbcs.js';
import { MIXED } from '../../src/codepage/mixed.js';
import { OverpunchError } from '../../src/errors.js';

const PAGES = ['930', '933', '935', '937', '939', '1364', '1371', '1388', '1390', '1399'];
const SO = 0x0e;
const SI = 0x0f;
const LF = 0x25;

function encoded(page: CodePage, text: string): string {
  const bytes = page.encode(text);
  if (!(bytes instanceof Uint8Array)) throw new Error(`unmappable at ${bytes.unmappable}`);
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Every pair of two bytes x'40' to x'FE'. */
function* pairs(): Generator<readonly [number, number]> {
  for (let lead = 0x40; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) yield [lead, trail];
}

describe('pages', () => {
  it('are all there', () => {
    expect(Object.keys(MIXED)).toEqual(PAGES);
    for (const name of PAGES) {
      const page = codePage(name);
      expect([page.name, page.kind, page.ebcdic, page.space, page.latin1]).toEqual([name, 'mixed', true, 0x40, false]);
      expect(codePage(`IBM-${name}`)).toBe(page);
    }
  });

  it.each([
    ['930', 11635],
    ['933', 10757],
    ['935', 9356],
    ['937', 20264],
    ['939', 11635],
    ['1364', 19551],
    ['1371', 20265],
    ['1388', 32405],
    ['1390', 22102],
    ['1399', 22102],
  ])('%s has %i pairs', (name, count) => {
    expect(codePage(name).pairs!.filter((text) => text !== '')).toHaveLength(count);
  });

  it.each([
    ['5026', '930'],
    ['5035', '939'],
    ['cp1364', '1364'],
    ['x-IBM1388', '1388'],
    ['UTF8', 'utf-8'],
    ['UTF-16BE', 'utf-16'],
    ['CCSID 1208', 'utf-8'],
    ['1200', 'utf-16'],
  ])('%s is %s', (given, name) => {
    expect(codePage(given).name).toBe(name);
  });

  it.each([
    ['300', '930 or 939'],
    ['16684', '1390 or 1399'],
  ])('%s is part of %s', (given, name) => {
    expect(() => codePage(given)).toThrow(OverpunchError);
    try {
      codePage(given);
    } catch (error) {
      expect((error as OverpunchError).hint).toContain(name);
    }
  });
});

describe('characters', () => {
  // IBM's host double-byte sets: ward 42 has the letters of the Latin alphabet in full width, 43 and 44 kana.
  it.each([
    ['930', '4040 42C1 42F0 4381 4481 4562', '\u3000Ａ０アあ日'],
    ['939', '4040 42C1 42F0 4381 4481 4562', '\u3000Ａ０アあ日'],
    ['933', '4040 42C1 42F0', '\u3000Ａ０'],
    ['935', '4040 42C1 42F0', '\u3000Ａ０'],
    ['937', '4040 42C1 42F0', '\u3000Ａ０'],
  ])('%s', (name, hex, text) => {
    const page = codePage(name);
    const read = hex.split(' ').map((pair) => {
      const bytes = Number.parseInt(pair, 16);
      return page.pairs![pairIndex(bytes >> 8, bytes & 0xff)];
    });
    expect(read.join('')).toBe(text);
    expect(encoded(page, text)).toBe(`0E${hex.replaceAll(' ', '')}0F`);
  });

  it('tells the single bytes of Japanese pages apart', () => {
    // Katakana in the place of small letters: 930; small letters where 037 has them: 939
    expect(encoded(codePage('930'), 'Aa\uff71')).toBe('C16281');
    expect(encoded(codePage('939'), 'Aa')).toBe('C181');
  });

  it('has characters beyond U+FFFF, and pairs that are two characters', () => {
    const page = codePage('1399');
    const texts = page.pairs!.filter((text) => [...text].length === 2);
    expect(texts).toHaveLength(25);
    expect(texts).toContain('か\u309a');
    expect(page.pairs!.filter((text) => text.length === 2 && [...text].length === 1)).toHaveLength(303);
  });
});

describe('encode', () => {
  it('shifts where the width changes, and ends in single bytes', () => {
    const page = codePage('939');
    expect(encoded(page, 'AあいB')).toBe('C10E448144820FC2');
    expect(encoded(page, 'あ')).toBe('0E44810F');
    expect(encoded(page, 'AB')).toBe('C1C2');
    expect(encoded(page, '')).toBe('');
    expect(page.encode('Aあ😀B')).toEqual({ unmappable: 2 });
    expect(page.encode('か\u309a')).toEqual({ unmappable: 1 });
    expect(encoded(codePage('1399'), 'か\u309aか')).toMatch(/^0EECB544860F$/);
    expect(page.encode('\x0e')).toEqual({ unmappable: 0 });
  });

  it.each(PAGES)('%s gives back every byte and pair that it reads', (name) => {
    const page = codePage(name);
    const skipped = new Set(MIXED[name]!.readOnly.split(' '));
    const written = new Set<string>();
    page.toUnicode.forEach((code, byte) => {
      const hex = byte.toString(16).padStart(2, '0').toUpperCase();
      if (code < 0) return;
      const text = String.fromCharCode(code);
      expect(encoded(page, text) === hex).toBe(!skipped.has(hex.toLowerCase()));
      written.add(text);
    });
    let wrong = 0;
    for (const [lead, trail] of pairs()) {
      const text = page.pairs![pairIndex(lead, trail)]!;
      if (text === '') continue;
      const hex = (lead * 256 + trail).toString(16);
      const isSame = encoded(page, text) === `0E${hex.toUpperCase()}0F`;
      if (isSame === skipped.has(hex)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('writes UTF-8 and UTF-16', () => {
    expect(encoded(codePage('utf-8'), 'Aé€😀')).toBe('41C3A9E282ACF09F9880');
    expect(encoded(codePage('utf-16'), 'Aé😀')).toBe('004100E9D83DDE00');
    expect(codePage('utf-8').encode('ab\ud83d')).toEqual({ unmappable: 2 });
    expect(codePage('utf-16').encode('\ude00')).toEqual({ unmappable: 0 });
  });
});

describe('new lines', () => {
  it.each(['037', '1047', '930', '1399'])('%s has them by the policy', (name) => {
    const at = (policy: 'nel' | 'swap' | 'both'): number[] => {
      const { toUnicode } = codePage(name, policy);
      return [toUnicode[0x15]!, toUnicode[0x25]!];
    };
    expect(at('nel')).toEqual([0x85, 0x0a]);
    expect(at('swap')).toEqual([0x0a, 0x85]);
    expect(at('both')).toEqual([0x0a, 0x0a]);
    expect(codePage(name)).toBe(codePage(name, 'nel'));
    expect(encoded(codePage(name, 'nel'), '\n\x85')).toBe('2515');
    expect(encoded(codePage(name, 'swap'), '\n\x85')).toBe('1525');
    expect(encoded(codePage(name, 'both'), '\n\x85')).toBe('1515');
  });

  it('are nothing special outside of EBCDIC', () => {
    for (const name of ['latin-1', 'utf-8', 'us-ascii']) expect(codePage(name, 'both')).toBe(codePage(name));
  });

  it('are in the pools too', () => {
    const { pool } = codePage('037', 'swap');
    expect([...pool.subarray(4 * 0x15, 4 * 0x15 + 2), ...pool.subarray(4 * 0x25, 4 * 0x25 + 3)]).toEqual([
      1, 0x0a, 2, 0xc2, 0x85,
    ]);
  });
});

const glibc = spawnSync('iconv', ['--version'], { encoding: 'utf8' });
const hasGlibc = glibc.status === 0 && /glibc|gnu libc/i.test(glibc.stdout);

/** Bytes of 1390 and 1399 without a character: glibc has U+001A for them. */
const SUBSTITUTED = 27;

describe.runIf(hasGlibc)('against glibc', () => {
  /** What glibc reads in each piece, '' where it has nothing (-c leaves it out). */
  const theirs = (name: string, parts: readonly (readonly number[])[]): string[] => {
    const input = Uint8Array.from(parts.flatMap((part) => [...part, LF]));
    const { stdout } = spawnSync('iconv', ['-c', '-f', `IBM${name}`, '-t', 'UTF-16LE'], { input, maxBuffer: 1 << 26 });
    const read = stdout.toString('utf16le').split('\n');
    expect(read).toHaveLength(parts.length + 1);
    return read.slice(0, -1);
  };

  it.each(PAGES)('%s has the same pairs', (name) => {
    const page = codePage(name);
    const all = [...pairs()];
    const read = theirs(
      name,
      all.map(([lead, trail]) => [SO, lead, trail, SI]),
    );
    const different = all.filter(([lead, trail], i) => read[i] !== page.pairs![pairIndex(lead, trail)]);
    expect(different).toEqual([]);
  });

  it.each(PAGES)('%s writes the same pairs', (name) => {
    const page = codePage(name);
    // a line each: both return to single bytes before it
    const texts = [...new Set(page.pairs!.filter((text) => text !== ''))];
    const lines = texts.join('\n');
    const input = Buffer.from(`${lines}\n`, 'utf16le');
    const { stdout } = spawnSync('iconv', ['-f', 'UTF-16LE', '-t', `IBM${name}`], { input, maxBuffer: 1 << 26 });
    const written = stdout.toString('latin1').split(String.fromCharCode(LF));
    const different = texts.filter(
      (text, i) => Buffer.from(written[i]!, 'latin1').toString('hex').toUpperCase() !== encoded(page, text),
    );
    expect(different).toEqual([]);
  });

  it.each(PAGES)('%s has the same single bytes', (name) => {
    const page = codePage(name);
    const all = [...Array(256).keys()].filter((byte) => byte !== SO && byte !== SI && byte !== LF);
    const read = theirs(
      name,
      all.map((byte) => [byte]),
    );
    const ours = (byte: number): string =>
      page.toUnicode[byte]! < 0 ? '' : String.fromCharCode(page.toUnicode[byte]!);
    const different = all.filter((byte, i) => read[i] !== ours(byte));
    if (name !== '1390' && name !== '1399') return expect(different).toEqual([]);
    expect(different.map((byte) => [ours(byte), read[all.indexOf(byte)]])).toEqual(
      Array.from({ length: SUBSTITUTED }, () => ['', '\x1a']),
    );
  });
});
