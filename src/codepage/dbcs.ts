/**
 * Mixed pages: single bytes, and between shift-out and shift-in pairs of bytes. Their double-byte tables are written down
 * (in dbcs/) as the characters from x'4040' to x'FEFE', x'40' to x'FE' for each first byte: `12;` is 12 pairs without a
 * character, `x~12;` is x and the 12 that follow it in Unicode, `(xy)` one pair that stands for two characters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Singles, Unmappable } from './codepage.js';
import * as japanese from './dbcs/japanese.js';
import * as korean from './dbcs/korean.js';
import * as simplified from './dbcs/simplified-chinese.js';
import * as traditional from './dbcs/traditional-chinese.js';
import type { MixedPage, Script } from './mixed.js';
import { NONE, SINGLE_POOL, singleTable } from './pool.js';

export const SHIFT_OUT = 0x0e;
export const SHIFT_IN = 0x0f;

const TABLES: Readonly<Record<Script, { readonly BASE: string; readonly MORE: string }>> = {
  japanese,
  korean,
  'simplified-chinese': simplified,
  'traditional-chinese': traditional,
};

/** Bytes of a pair are x'40' to x'FE'. */
const FIRST = 0x40;
const SIDE = 0xff - FIRST;

/** What the two bytes of a pair stand for: `''` where there is nothing; index as {@link pairIndex}. */
export type Pairs = readonly string[];

export const pairIndex = (lead: number, trail: number): number => (lead - FIRST) * SIDE + trail - FIRST;

/** Fills in what `text` says; pairs that it does not name stay. */
function read(text: string, pairs: string[]): void {
  let at = 0;
  for (const [, gap, several, one, more] of text.matchAll(/(\d+);|\((.+?)\)|(.)(?:~(\d+);)?/gu)) {
    if (gap !== undefined) at += Number(gap);
    else if (several !== undefined) pairs[at++] = several;
    else {
      const code = one!.codePointAt(0)!;
      for (let k = 0; k <= Number(more ?? 0); k++) pairs[at++] = String.fromCodePoint(code + k);
    }
  }
}

const known = new Map<string, Pairs>();

function pairsOf({ script, more }: MixedPage): Pairs {
  const key = `${script} ${more}`;
  const found = known.get(key);
  if (found) return found;
  const pairs = new Array<string>(SIDE * SIDE).fill('');
  read(TABLES[script].BASE, pairs);
  if (more) read(TABLES[script].MORE, pairs);
  known.set(key, pairs);
  return pairs;
}

/** What a mixed page has: see {@link CodePage}. */
export interface Mixed {
  readonly toUnicode: Int32Array;
  readonly growth: number;
  readonly pool: Uint8Array;
  readonly pairs: Pairs;
  encode(text: string): Uint8Array | Unmappable;
}

/** Expands a mixed page; `singles` are its single bytes. */
export function expandMixed(page: MixedPage, singles: Singles): Mixed {
  const pairs = pairsOf(page);
  const { pool, most } = doublePool(pairs);
  const { toUnicode, growth } = singleTable(singles.characters, pool);
  let reverse: Reverse | undefined;
  return {
    toUnicode,
    growth: Math.max(growth, Math.ceil(most / 2)),
    pool,
    pairs,
    encode: (text) => (reverse ??= new Reverse(singles, pairs, page.readOnly)).encode(text),
  };
}

/** The pool of TEXT_MIXED and TEXT_DBCS, its single bytes not yet filled in; `most`: bytes of UTF-8 of one pair. */
function doublePool(pairs: Pairs): { pool: Uint8Array; most: number } {
  const extras = [...new Set(pairs.filter((text) => text.length > 1))];
  const leads: number[] = [];
  for (let lead = FIRST; lead < 0xff; lead++) {
    const from = pairIndex(lead, FIRST);
    if (pairs.slice(from, from + SIDE).some((text) => text !== '')) leads.push(lead);
  }
  const wards = SINGLE_POOL;
  const tables = wards + 256;
  const taken = Math.ceil((extras.length * 8) / 512);
  const pool = new Uint8Array(tables + (taken + leads.length) * 512);
  const numbers = new Map<string, number>();
  let most = 1;
  extras.forEach((text, k) => {
    const utf8 = new TextEncoder().encode(text);
    pool[tables + 8 * k] = utf8.length;
    pool.set(utf8, tables + 8 * k + 1);
    numbers.set(text, 0xd800 + k);
    most = Math.max(most, utf8.length);
  });
  leads.forEach((lead, k) => {
    pool[wards + lead] = taken + k + 1;
    const table = tables + (taken + k) * 512;
    for (let trail = FIRST; trail < 0xff; trail++) {
      const text = pairs[pairIndex(lead, trail)]!;
      if (text === '') continue;
      const code = text.length > 1 ? numbers.get(text)! : text.charCodeAt(0);
      pool[table + 2 * trail] = code & 0xff;
      pool[table + 2 * trail + 1] = code >> 8;
      most = Math.max(most, code < 0x80 ? 1 : code < 0x800 ? 2 : 3);
    }
  });
  return { pool, most };
}

const PAIR = 0x10000;

/** Characters to bytes and pairs. */
class Reverse {
  /** A byte, or PAIR and the pair. */
  private readonly codes = new Map<string, number>();
  /** Code points that begin a pair of two characters. */
  private readonly begins = new Set<string>();

  constructor({ characters, readOnly: bytes, writeOnly }: Singles, pairs: Pairs, readOnly: string) {
    const skipped = new Set(readOnly.split(' '));
    const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
    for (let byte = 0; byte < 256; byte++) {
      const character = characters.charAt(byte);
      if (character.charCodeAt(0) === NONE || skipped.has(hex(byte, 2)) || bytes.includes(byte)) continue;
      this.codes.set(character, byte);
    }
    for (const [character, byte] of writeOnly) this.codes.set(character, byte);
    for (let lead = FIRST; lead < 0xff; lead++) {
      for (let trail = FIRST; trail < 0xff; trail++) {
        const text = pairs[pairIndex(lead, trail)]!;
        const pair = lead * 256 + trail;
        if (text === '' || skipped.has(hex(pair, 4))) continue;
        this.codes.set(text, PAIR + pair);
        const first = String.fromCodePoint(text.codePointAt(0)!);
        if (first !== text) this.begins.add(first);
      }
    }
  }

  encode(text: string): Uint8Array | Unmappable {
    const bytes: number[] = [];
    let isDouble = false;
    for (let at = 0; at < text.length; ) {
      let character = String.fromCodePoint(text.codePointAt(at)!);
      if (this.begins.has(character)) {
        const two = text.slice(at, at + character.length + 1);
        if (this.codes.has(two)) character = two;
      }
      const code = this.codes.get(character);
      if (code === undefined) return { unmappable: at };
      if (code >= PAIR !== isDouble) {
        bytes.push(isDouble ? SHIFT_IN : SHIFT_OUT);
        isDouble = !isDouble;
      }
      if (isDouble) bytes.push((code >> 8) & 0xff);
      bytes.push(code & 0xff);
      at += character.length;
    }
    if (isDouble) bytes.push(SHIFT_IN);
    return Uint8Array.from(bytes);
  }
}
