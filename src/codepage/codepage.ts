/**
 * Code pages: what character each byte is, and which byte each character is. Pages are found by any of the names
 * that people have for them, and expanded when first asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../errors.js';
import { READ_ONLY_BYTES, SBCS } from './sbcs.js';

/** Index (in UTF-16 code units) of the first character that a code page cannot hold. */
export interface Unmappable {
  readonly unmappable: number;
}

export interface CodePage {
  /** `037`, `1140`, `latin-1`, `windows-1252` ...: unique, and accepted by {@link codePage}. */
  readonly name: string;
  readonly ebcdic: boolean;
  /** UTF-16 code unit of each byte (no page here needs two); -1 where there is no character. */
  readonly toUnicode: Int32Array;
  /** Every character lies in Latin-1 (U+0000 to U+00FF). */
  readonly latin1: boolean;
  /** The byte of U+0020. */
  readonly space: number;
  /** Most bytes that one character takes in UTF-8. */
  readonly growth: number;
  /**
   * The table that engines read, TEXT_POOL + TEXT_POOL_LATIN1 bytes of `opcodes.ts`: for each byte four, the length of
   * its character in UTF-8 (0: none) and the UTF-8 bytes; then for each byte its character in Latin-1 (0 where it is
   * not there). Shared: do not write to it.
   */
  readonly pool: Uint8Array;
  /** The bytes of `text`, a byte a code unit, or where the first character is that this page does not have. */
  encode(text: string): Uint8Array | Unmappable;
}

const NONE = 0xffff;
const POOL_ENTRY = 4;

/** Names that are not made of a number: as in IANA's registry, Java, Python and iconv, letters and digits only. */
const ALIASES: Readonly<Record<string, string>> = {
  ebcdiccpus: '037',
  ebcdiccpca: '037',
  ebcdiccpwt: '037',
  ebcdiccpnl: '037',
  ebcdiccpdk: '277',
  ebcdiccpno: '277',
  ebcdiccpfi: '278',
  ebcdiccpse: '278',
  ebcdiccpit: '280',
  ebcdiccpes: '284',
  ebcdiccpgb: '285',
  ebcdicjpkana: '290',
  ebcdiccpfr: '297',
  ebcdiccpar1: '420',
  ebcdiccphe: '424',
  ebcdiccpbe: '500',
  ebcdiccpch: '500',
  thai: '838',
  ebcdiccproece: '870',
  ebcdiccpyu: '870',
  ebcdiccpis: '871',
  ebcdiccpar2: '918',
  latin1: 'latin-1',
  l1: 'latin-1',
  iso88591: 'latin-1',
  '88591': 'latin-1',
  '819': 'latin-1',
  '28591': 'latin-1',
  latin9: 'iso-8859-15',
  iso885915: 'iso-8859-15',
  '885915': 'iso-8859-15',
  '923': 'iso-8859-15',
  '28605': 'iso-8859-15',
  windows1252: 'windows-1252',
  win1252: 'windows-1252',
  '1252': 'windows-1252',
  '5348': 'windows-1252',
  ascii: 'us-ascii',
  usascii: 'us-ascii',
  iso646us: 'us-ascii',
  '367': 'us-ascii',
  '20127': 'us-ascii',
};

/** Mixed and double-byte pages people ask for, and Unicode; none of them is one byte a character. */
const NOT_SINGLE_BYTE = new Set(
  `300 301 834 835 837 930 931 933 935 937 939 1364 1371 1377 1388 1390 1399 5026 5035
   utf8 1208 utf16 utf16be utf16le 1200`.split(/\s+/),
);

const cache = new Map<string, CodePage>();

/** Names of all code pages: EBCDIC by number, then the ASCII ones. */
export function codePageNames(): string[] {
  const names = Object.keys(SBCS);
  const ebcdic = names.filter(isEbcdic).sort((a, b) => Number(a) - Number(b));
  return [...ebcdic, ...names.filter((name) => !isEbcdic(name))];
}

/**
 * The code page of a name: `037`, `37`, `cp037`, `IBM-037`, `CCSID 37`, `1140`, `latin1`, `ISO-8859-1`, `cp1252` ...
 * Case, spaces and punctuation do not count.
 * @throws OverpunchError OVP_OPTION_CODE_PAGE
 */
export function codePage(name: string): CodePage {
  const found = typeof name === 'string' ? canonical(name) : undefined;
  if (found === undefined) throw unknown(name);
  let page = cache.get(found);
  if (!page) {
    page = expand(found, SBCS[found]!);
    cache.set(found, page);
  }
  return page;
}

function isEbcdic(name: string): boolean {
  return /^\d+$/.test(name);
}

/** Lower case, letters and digits only, without the prefixes that say no more than "code page", no leading zeros. */
function normal(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const bare = plain.replace(/^(?:x|cs)?(?:codepage|ebcdiccp|ebcdic|ccsid|ibm|cp)(?=\d|thai$)/, '');
  return bare.replace(/^0+(?=\d)/, '');
}

function canonical(name: string): string | undefined {
  const wanted = normal(name);
  if (Object.hasOwn(ALIASES, wanted)) return ALIASES[wanted];
  if (!/^\d{1,5}$/.test(wanted)) return undefined;
  const page = wanted.padStart(3, '0');
  return Object.hasOwn(SBCS, page) ? page : undefined;
}

function unknown(name: unknown): OverpunchError {
  const names = codePageNames();
  const all = `Code pages: ${names.join(' ')}.`;
  if (typeof name !== 'string') {
    return new OverpunchError('OVP_OPTION_CODE_PAGE', 'A code page is given by its name, e.g. 037', { hint: all });
  }
  const wanted = normal(name);
  if (NOT_SINGLE_BYTE.has(wanted)) {
    return new OverpunchError(
      'OVP_OPTION_CODE_PAGE',
      `Code page '${name}' is not one byte a character, which text needs`,
      {
        hint: `Take its single-byte part where the data holds no more (290 of 930, 8482 of 1390, 5123 of 939 and 1399). ${all}`,
      },
    );
  }
  const near = didYouMean(
    wanted,
    [...names, ...Object.keys(ALIASES)].map((n) => normal(n)),
  );
  const meant = [...new Set(near.map((n) => canonical(n)).filter((n) => n !== undefined))];
  const guess = meant.length > 0 ? `Did you mean ${meant.join(' or ')}? ` : '';
  return new OverpunchError('OVP_OPTION_CODE_PAGE', `There is no code page '${name}'`, { hint: guess + all });
}

function expand(name: string, characters: string): CodePage {
  const toUnicode = new Int32Array(256);
  const pool = new Uint8Array(256 * POOL_ENTRY + 256);
  let latin1 = true;
  let growth = 1;
  for (let byte = 0; byte < 256; byte++) {
    const code = characters.charCodeAt(byte);
    if (code === NONE) {
      toUnicode[byte] = -1;
      continue;
    }
    toUnicode[byte] = code;
    const length = putUtf8(pool, byte * POOL_ENTRY + 1, code);
    pool[byte * POOL_ENTRY] = length;
    if (length > growth) growth = length;
    if (code > 0xff) latin1 = false;
    else pool[256 * POOL_ENTRY + byte] = code;
  }
  let reverse: Int16Array | undefined;
  const encode = (text: string): Uint8Array | Unmappable => {
    reverse ??= invert(name, toUnicode);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const byte = reverse[text.charCodeAt(i)]!;
      if (byte < 0) return { unmappable: i };
      bytes[i] = byte;
    }
    return bytes;
  };
  const space = characters.indexOf(' ');
  return { name, ebcdic: isEbcdic(name), toUnicode, latin1, space, growth, pool, encode };
}

function putUtf8(target: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    target[at] = code;
    return 1;
  }
  if (code < 0x800) {
    target[at] = 0xc0 | (code >> 6);
    target[at + 1] = 0x80 | (code & 0x3f);
    return 2;
  }
  target[at] = 0xe0 | (code >> 12);
  target[at + 1] = 0x80 | ((code >> 6) & 0x3f);
  target[at + 2] = 0x80 | (code & 0x3f);
  return 3;
}

/** The byte of each code unit, -1 where there is none. */
function invert(name: string, toUnicode: Int32Array): Int16Array {
  const reverse = new Int16Array(0x10000).fill(-1);
  const readOnly = READ_ONLY_BYTES[name] ?? {};
  for (let byte = 0; byte < 256; byte++) {
    const code = toUnicode[byte]!;
    if (code >= 0 && readOnly[byte] === undefined) reverse[code] = byte;
  }
  return reverse;
}
