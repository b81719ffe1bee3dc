/**
 * Numbers of USAGE NATIONAL: ZONED and EDITED with WIDE, a character of UTF-16 where others have a byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, TILE } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import type { NumberKernel, Tile } from './tile.js';

/** What no digit, sign or space is. */
const NOTHING = 1;

/** Narrows the items of a tile to a byte a character and has another kernel read them. */
class Wide implements NumberKernel {
  readonly offset: number;
  readonly length: number;
  readonly family: number;
  private readonly bytes: Uint8Array;
  private readonly places: Int32Array;

  constructor(
    { offset, length }: Instruction,
    private readonly inner: NumberKernel,
  ) {
    this.offset = offset;
    this.length = length;
    this.family = inner.family;
    this.bytes = new Uint8Array(TILE * inner.length);
    this.places = Int32Array.from({ length: TILE }, (_, k) => k * inner.length);
  }

  decode(data: Uint8Array, at: Int32Array, n: number, tile: Tile): number {
    const { bytes, inner, offset } = this;
    for (let k = 0, to = 0; k < n; k++) {
      let p = at[k]! + offset;
      for (let left = inner.length; left > 0; left--, p += 2, to++) {
        // ASCII as it is; U+FFFF as x'FF', as all bits on is absent in any width
        const unit = (data[p]! << 8) | data[p + 1]!;
        bytes[to] = unit < 0xff || unit === 0xffff ? unit & 0xff : NOTHING;
      }
    }
    return inner.decode(bytes, this.places, n, tile);
  }
}

/** `kernelOf` makes the kernel of the same field with a byte a character. */
export function wideKernel(field: Instruction, kernelOf: (narrow: Instruction) => NumberKernel): NumberKernel {
  const narrow = { ...field, offset: 0, length: field.length >> 1, flags: field.flags & ~Flag.WIDE };
  return new Wide(field, kernelOf(narrow));
}
