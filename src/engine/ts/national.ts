/**
 * NATIONAL: big-endian UTF-16 to UTF-8.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Instruction } from '../../plan/plan.js';
import { ItemText } from './item-text.js';
import type { TextKernel } from './tile.js';

class National extends ItemText {
  protected override item(data: Uint8Array, p: number, end: number, _: boolean, out: Uint8Array, to: number): number {
    if (this.trimRight) while (end > p && isTrimmed(data, end - 2)) end -= 2;
    if (this.trimLeft) while (p < end && isTrimmed(data, p)) p += 2;
    return toUtf8(data, p, end, out, to);
  }
}

/** U+0020 or U+0000. */
function isTrimmed(data: Uint8Array, p: number): boolean {
  return data[p] === 0 && (data[p + 1] === 0x20 || data[p + 1] === 0);
}

/** The bytes written, or -1 for a lone surrogate. */
function toUtf8(data: Uint8Array, p: number, end: number, out: Uint8Array, to: number): number {
  const from = to;
  while (p < end) {
    let code = (data[p] << 8) | data[p + 1];
    p += 2;
    if (code < 0x80) {
      out[to++] = code;
    } else if (code < 0x800) {
      out[to++] = 0xc0 | (code >> 6);
      out[to++] = 0x80 | (code & 63);
    } else if (code < 0xd800 || code > 0xdfff) {
      out[to++] = 0xe0 | (code >> 12);
      out[to++] = 0x80 | ((code >> 6) & 63);
      out[to++] = 0x80 | (code & 63);
    } else {
      const next = p < end ? (data[p] << 8) | data[p + 1] : 0;
      if (code > 0xdbff || next < 0xdc00 || next > 0xdfff) return -1;
      p += 2;
      code = 0x10000 + ((code & 0x3ff) << 10) + (next & 0x3ff);
      out[to++] = 0xf0 | (code >> 18);
      out[to++] = 0x80 | ((code >> 12) & 63);
      out[to++] = 0x80 | ((code >> 6) & 63);
      out[to++] = 0x80 | (code & 63);
    }
  }
  return to - from;
}

export function nationalKernel(field: Instruction): TextKernel {
  return new National(field, 2);
}
