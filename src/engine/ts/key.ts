/**
 * Keys in TypeScript: mirror of native/core/key.c, byte for byte but for the hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Type } from '../../plan/opcodes.js';
import { KEY_WORDS, KeyClass, KeyFlag, KeyWord, MAX_KEY } from '../keyed.js';

export function makeKeys(
  parts: Int32Array,
  slab: Uint8Array,
  count: number,
  keys: Uint8Array,
  at: number,
  width: number,
  varying: Uint8Array | null,
): void {
  const words = new Int32Array(slab.buffer, slab.byteOffset, slab.byteLength >> 2);
  let end = 0;
  for (let p = 0; p < parts.length; p += KEY_WORDS) {
    const part = parts.subarray(p, p + KEY_WORDS);
    if (part[KeyWord.AT] !== end) throw new RangeError('The parts of a key lie one behind another');
    end += 1 + part[KeyWord.WIDTH]!;
    putPart(part, slab, words, count, keys, at, width);
  }
  if (end !== width || width > MAX_KEY || at + width * count > keys.length)
    throw new RangeError('keys have no room for count keys of these parts');
  if (varying) for (let row = 0; row < count; row++) seeKey(varying, keys, at + row * width, width);
}

/** A key's part in what all keys have in common. */
export function seeKey(varying: Uint8Array, keys: Uint8Array, at: number, width: number): void {
  for (let i = 0; i < width; i++) {
    varying[i]! &= keys[at + i]!;
    varying[width + i]! |= keys[at + i]!;
  }
}

function putPart(
  part: Int32Array,
  slab: Uint8Array,
  words: Int32Array,
  count: number,
  keys: Uint8Array,
  from: number,
  stride: number,
): void {
  const [type, width, flags] = [part[KeyWord.TYPE]!, part[KeyWord.WIDTH]!, part[KeyWord.FLAGS]!];
  const [validity, bad] = [part[KeyWord.VALIDITY]!, part[KeyWord.BAD]!];
  const flip = flags & KeyFlag.DESCENDING ? 0xff : 0;
  const first = part[KeyWord.VALUES]! >> 2;
  for (let row = 0; row < count; row++) {
    const at = from + row * stride + part[KeyWord.AT]!;
    const bit = 1 << (row & 7);
    if ((slab[validity + (row >> 3)]! & bit) === 0) {
      const isBad = (slab[bad + (row >> 3)]! & bit) !== 0 && (flags & KeyFlag.BAD_AS_ABSENT) === 0;
      keys.fill(0, at, at + 1 + width);
      keys[at] = isBad ? KeyClass.BAD : KeyClass.ABSENT;
    } else {
      keys[at] = KeyClass.VALUE;
      const value = at + 1;
      switch (type) {
        case Type.INT32:
          put32(keys, value, words[first + row]! ^ 0x80000000);
          break;
        case Type.FLOAT32:
          put32(keys, value, ordered(words[first + row]!, words[first + row]!, 0x80000000));
          break;
        case Type.INT64:
          put32(keys, value, words[first + 2 * row + 1]! ^ 0x80000000);
          put32(keys, value + 4, words[first + 2 * row]!);
          break;
        case Type.FLOAT64: {
          const high = words[first + 2 * row + 1]!;
          put32(keys, value, ordered(high, high, 0x80000000));
          put32(keys, value + 4, ordered(words[first + 2 * row]!, high, 0));
          break;
        }
        case Type.DECIMAL128:
          for (let k = width / 4 - 1, to = value; k >= 0; k--, to += 4)
            put32(keys, to, words[first + 4 * row + k]! ^ (to === value ? 0x80000000 : 0));
          break;
        default: {
          const start = part[KeyWord.DATA]! + words[first + row]!;
          const end = part[KeyWord.DATA]! + words[first + row + 1]!;
          if (end - start > width) throw new RangeError('A text is longer than its part of the key');
          for (let k = start, to = value; k < end; k++, to++) keys[to] = slab[k]!;
          keys.fill(part[KeyWord.PAD]!, value + end - start, value + width);
        }
      }
    }
    if (flip) for (let k = at; k <= at + width; k++) keys[k]! ^= flip;
  }
}

/** A word of a float, whose high word is `high`, so that it compares unsigned. */
function ordered(word: number, high: number, sign: number): number {
  return high < 0 ? ~word : word | sign;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Two 32-bit hashes side by side, each with a multiplier of its own. */
export function hashKeys(keys: Uint8Array, width: number, count: number, hashes: Uint8Array, at: number): void {
  for (let row = 0, k = 0; row < count; row++) {
    let one = 0x9e3779b9;
    let other = 0x85ebca6b;
    for (let i = 0; i < width; i++, k++) {
      one = Math.imul(one ^ keys[k]!, 0x01000193);
      other = Math.imul(other ^ keys[k]!, 0x5bd1e995);
      other ^= other >>> 15;
    }
    put32(hashes, at + 8 * row, mix(one));
    put32(hashes, at + 8 * row + 4, mix(other));
  }
}

function mix(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
