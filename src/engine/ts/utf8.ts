/**
 * TEXT_UTF8: checked, trimmed, copied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Instruction } from '../../plan/plan.js';
import { ItemText } from './item-text.js';
import type { TextKernel } from './tile.js';

const BROKEN = 0;
const UNFINISHED = -1;

class Utf8 extends ItemText {
  protected override item(data: Uint8Array, p: number, end: number, cut: boolean, out: Uint8Array, to: number): number {
    if (this.trimRight) while (end > p && isPad(data[end - 1])) end--;
    if (this.trimLeft) while (p < end && isPad(data[p])) p++;
    return copy(data, p, end, cut, out, to);
  }
}

const isPad = (byte: number): boolean => byte === 0x20 || byte === 0;

/** The bytes written, or -1 where they are no UTF-8; of a `cut` text half a character at its end is left out. */
function copy(data: Uint8Array, p: number, end: number, cut: boolean, out: Uint8Array, to: number): number {
  const from = to;
  while (p < end) {
    const byte = data[p];
    if (byte < 0x80) {
      out[to++] = byte;
      p++;
      continue;
    }
    const size = character(data, p, end);
    if (size <= 0) {
      if (size === UNFINISHED && cut) break;
      return -1;
    }
    for (const stop = p + size; p < stop; ) out[to++] = data[p++];
  }
  return to - from;
}

/**
 * Bytes of the character at p that is not ASCII; UNFINISHED: it goes on behind `end`. (The Unicode Standard, table 3-7: no
 * overlong forms, no surrogates, nothing beyond U+10FFFF.)
 */
function character(data: Uint8Array, p: number, end: number): number {
  const first = data[p];
  if (first < 0xc2 || first > 0xf4) return BROKEN;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (p + 1 < end && (data[p + 1] < least || data[p + 1] > most)) return BROKEN;
  for (let j = 2; j < size && p + j < end; j++) if ((data[p + j] & 0xc0) !== 0x80) return BROKEN;
  return p + size <= end ? size : UNFINISHED;
}

export function utf8Kernel(field: Instruction): TextKernel {
  return new Utf8(field, 1);
}
