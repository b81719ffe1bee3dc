/**
 * Code pages: what character each byte is, and which byte each character is. Pages are found by any of the names
 * that people have for them, and expanded when first asked for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../errors.js';
import type { Newlines } from '../options.js';
import { type Pairs, expandMixed } from './dbcs.js';
import { MIXED } from './mixed.js';
import { SINGLE_POOL, singleTable } from './pool.js';
import { READ_ONLY_BYTES, SBCS } from './sbcs.js';

/** Index (in UTF-16 code units) of the first character that a code page cannot hold. */
export interface Unmappable {
  readonly unmappable: number;
}

export interface CodePage {
  /** `037`, `1140`, `latin-1`, `windows-1252` ...: unique, and accepted by {@link codePage}. */
  readonly name: string;
  /** `single` and `mixed` (pairs of bytes between x'0E' and x'0F') have tables; UTF-8 and UTF-16 (big-endian) need none. */
  readonly kind: 'single' | 'mixed' | 'utf-8' | 'utf-16';
  readonly ebcdic: boolean;
  /**
   * UTF-16 code unit of each byte that is a character by itself (no page here needs two); -1 where there is none, and
   * for the shifts of mixed pages.
   */
  readonly toUnicode: Int32Array;
  /** `mixed`: the characters of each pair, at `pairIndex(first, second)` of `dbcs.ts`; '' where there are none. */
  readonly pairs: Pairs | null;
  /** Every character lies in Latin-1 (U+0000 to U+00FF). */
  readonly latin1: boolean;
  /** The byte of U+0020. */
  readonly space: number;
  /** Most bytes of UTF-8 that one byte becomes. */
  readonly growth: number;
  /**
   * The table that engines read, TEXT_POOL + TEXT_POOL_LATIN1 bytes of `opcodes.ts`: for each byte four, the length of
   * its character in UTF-8 (0: none) and the UTF-8 bytes; then for each byte its character in Latin-1 (0 where it is
   * not there). Mixed pages: the pool of TEXT_MIXED. Empty for UTF-8 and UTF-16. Shared: do not write to it.
   */
  readonly pool: Uint8Array;
  /**
   * The bytes of `text`, or where the first character is that this page does not have. Mixed pages get shifts around
   * pairs, and end in single bytes.
   */
  encode(text: string): Uint8Array | Unmappable;
}

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
  ebcdicint: '038',
  ebcdicbe: '274',
  ebcdicbr: '275',
  ebcdicjpe: '281',
  ebcdiccpgr: '423',
  ebcdiccyrillic: '880',
  ebcdiccptr: '905',
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
  // as ICU has it
  '5026': '930',
  '931': '939',
  '5035': '939',
  '9580': '1388',
  utf8: 'utf-8',
  '1208': 'utf-8',
  utf16: 'utf-16',
  utf16be: 'utf-16',
  ucs2: 'utf-16',
  '1200': 'utf-16',
  '1201': 'utf-16',
  '13488': 'utf-16',
  '17584': 'utf-16',
};

/** Double-byte pages by themselves, and the mixed page that has each. */
const DOUBLE_ONLY: Readonly<Record<string, string>> = {
  '300': '930 or 939',
  '16684': '1390 or 1399',
  '834': '933',
  '4930': '1364',
  '837': '935',
  '4933': '1388',
  '835': '937',
  '9027': '1371',
};

const cache = new Map<string, CodePage>();

/** Names of all code pages: EBCDIC by number, then the ASCII ones. */
export function codePageNames(): string[] {
  const names = [...Object.keys(SBCS), ...Object.keys(MIXED), 'utf-8', 'utf-16'];
  const ebcdic = names.filter(isEbcdic).sort((a, b) => Number(a) - Number(b));
  return [...ebcdic, ...names.filter((name) => !isEbcdic(name))];
}

/**
 * The code page of a name: `037`, `37`, `cp037`, `IBM-037`, `CCSID 37`, `1140`, `latin1`, `ISO-8859-1`, `cp1252` ...
 * Case, spaces and punctuation do not count. `newlines`: what x'15' and x'25' of an EBCDIC page are.
 * @throws OverpunchError OVP_OPTION_CODE_PAGE
 */
export function codePage(name: string, newlines: Newlines = 'nel'): CodePage {
  const found = typeof name === 'string' ? canonical(name) : undefined;
  if (found === undefined) throw unknown(name);
  const key = isEbcdic(found) ? `${found} ${newlines}` : found;
  let page = cache.get(key);
  if (!page) {
    page = expand(found, newlines);
    cache.set(key, page);
  }
  return page;
}

function expand(name: string, newlines: Newlines): CodePage {
  if (name === 'utf-8' || name === 'utf-16') return unicode(name);
  const mixed = MIXED[name];
  if (!mixed) return single(name, withNewlines(SBCS[name]!, isEbcdic(name) ? newlines : 'nel'));
  const lines = withNewlines(mixed.single, newlines);
  const parts = expandMixed(mixed, lines);
  return { name, kind: 'mixed', ebcdic: true, latin1: false, space: 0x40, ...parts };
}

/** A table of 256 characters, and what else is written than is read. */
export interface Singles {
  readonly characters: string;
  /** Bytes that are only read. */
  readonly readOnly: readonly number[];
  /** Characters that are only written. */
  readonly writeOnly: readonly (readonly [string, number])[];
}

/**
 * ICU reads x'15' as U+0085 and x'25' as U+000A (`nel`), z/OS UNIX and its `swap` the other way round. Java's Cp037 reads both
 * as U+000A and writes that and U+0085 as x'15' (`both`).
 */
function withNewlines(characters: string, newlines: Newlines): Singles {
  if (newlines === 'nel') return { characters, readOnly: [], writeOnly: [] };
  const [at15, at25] = newlines === 'swap' ? ['\n', '\x85'] : ['\n', '\n'];
  const changed = characters.slice(0, 0x15) + at15 + characters.slice(0x16, 0x25) + at25 + characters.slice(0x26);
  if (newlines === 'swap') return { characters: changed, readOnly: [], writeOnly: [] };
  return { characters: changed, readOnly: [0x25], writeOnly: [['\x85', 0x15]] };
}

/** UTF-8 and UTF-16: engines know them without a table. */
function unicode(name: 'utf-8' | 'utf-16'): CodePage {
  return {
    name,
    kind: name,
    ebcdic: false,
    toUnicode: Int32Array.from({ length: 256 }, (_, byte) => (name === 'utf-8' && byte < 0x80 ? byte : -1)),
    pairs: null,
    latin1: false,
    space: 0x20,
    growth: name === 'utf-8' ? 1 : 2,
    pool: new Uint8Array(0),
    encode: (text) => {
      const lone = /\p{Surrogate}/u.exec(text);
      if (lone) return { unmappable: lone.index };
      return Uint8Array.from(name === 'utf-8' ? Buffer.from(text) : Buffer.from(text, 'utf16le').swap16());
    },
  };
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
  return Object.hasOwn(SBCS, page) || Object.hasOwn(MIXED, page) ? page : undefined;
}

function unknown(name: unknown): OverpunchError {
  const names = codePageNames();
  const all = `Code pages: ${names.join(' ')}.`;
  if (typeof name !== 'string') {
    return new OverpunchError('OVP_OPTION_CODE_PAGE', 'A code page is given by its name, e.g. 037', { hint: all });
  }
  const wanted = normal(name);
  if (Object.hasOwn(DOUBLE_ONLY, wanted)) {
    return new OverpunchError('OVP_OPTION_CODE_PAGE', `Code page '${name}' has only pairs of bytes`, {
      hint: `Take the mixed page that has them: ${DOUBLE_ONLY[wanted]}.`,
    });
  }
  if (wanted === 'utf16le') {
    return new OverpunchError('OVP_OPTION_CODE_PAGE', 'Text in UTF-16 is read with the high byte first only', {
      hint: 'Take utf-16 where the high byte comes first.',
    });
  }
  const near = didYouMean(
    wanted,
    [...names, ...Object.keys(ALIASES)].map((n) => normal(n)),
  );
  const meant = [...new Set(near.map((n) => canonical(n)).filter((n) => n !== undefined))];
  const guess = meant.length > 0 ? `Did you mean ${meant.join(' or ')}? ` : '';
  return new OverpunchError('OVP_OPTION_CODE_PAGE', `There is no code page '${name}'`, { hint: guess + all });
}

function single(name: string, singles: Singles): CodePage {
  const pool = new Uint8Array(SINGLE_POOL + 256);
  const { toUnicode, growth } = singleTable(singles.characters, pool);
  let latin1 = true;
  toUnicode.forEach((code, byte) => {
    if (code > 0xff) latin1 = false;
    else if (code >= 0) pool[SINGLE_POOL + byte] = code;
  });
  let reverse: Int16Array | undefined;
  const encode = (text: string): Uint8Array | Unmappable => {
    reverse ??= invert(name, toUnicode, singles);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const byte = reverse[text.charCodeAt(i)]!;
      if (byte < 0) return { unmappable: i };
      bytes[i] = byte;
    }
    return bytes;
  };
  const space = singles.characters.indexOf(' ');
  return { name, kind: 'single', ebcdic: isEbcdic(name), toUnicode, pairs: null, latin1, space, growth, pool, encode };
}

/** The byte of each code unit, -1 where there is none. */
function invert(name: string, toUnicode: Int32Array, singles: Singles): Int16Array {
  const reverse = new Int16Array(0x10000).fill(-1);
  const readOnly = READ_ONLY_BYTES[name] ?? {};
  for (let byte = 0; byte < 256; byte++) {
    const code = toUnicode[byte]!;
    if (code >= 0 && readOnly[byte] === undefined && !singles.readOnly.includes(byte)) reverse[code] = byte;
  }
  for (const [character, byte] of singles.writeOnly) reverse[character.charCodeAt(0)] = byte;
  return reverse;
}
