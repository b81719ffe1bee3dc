/**
 * The tables of a code page as engines read them; `plan/opcodes.ts` says how they are laid out (TEXT_POOL ...).
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** No character, in the tables as they are written down. */
export const NONE = 0xffff;
const POOL_ENTRY = 4;
export const SINGLE_POOL = 256 * POOL_ENTRY;

/** Writes the UTF-8 of one code point; the bytes written. */
export function putUtf8(target: Uint8Array, at: number, code: number): number {
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

/** Single bytes: their code units (-1: none), and the most bytes that one takes in UTF-8, which go to `pool`. */
export function singleTable(characters: string, pool: Uint8Array): { toUnicode: Int32Array; growth: number } {
  const toUnicode = new Int32Array(256).fill(-1);
  let growth = 1;
  for (let byte = 0; byte < 256; byte++) {
    const code = characters.charCodeAt(byte);
    if (code === NONE) continue;
    toUnicode[byte] = code;
    const length = putUtf8(pool, byte * POOL_ENTRY + 1, code);
    pool[byte * POOL_ENTRY] = length;
    if (length > growth) growth = length;
  }
  return { toUnicode, growth };
}
