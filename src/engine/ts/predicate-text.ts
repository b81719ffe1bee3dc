/**
 * Predicates on text: comparisons byte by byte or by characters, and LIKE.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Flag, LIKE_MANY, LIKE_ONE, Op } from '../../plan/opcodes.js';
import type { Instruction } from '../../plan/plan.js';
import type { Spaces } from './spaces.js';
import { FALSE, TRUE, UNKNOWN, holds } from './truth.js';
import type { TextOperand } from './text-operand.js';
import { State, isFilled } from './tile.js';

/** The end of data[from, to) without the pads and x'00' at its end; exactly: without the pads. */
export function significant(data: Uint8Array, from: number, to: number, pad: number, exact: boolean): number {
  while (to > from && (data[to - 1] === pad || (data[to - 1] === 0 && !exact))) to--;
  return to;
}

/** Only x'00', or only x'FF'. */
function isNothing(data: Uint8Array, from: number, to: number): boolean {
  return (data[from] === 0 || data[from] === 0xff) && isFilled(data, from + 1, to, data[from]);
}

/** a[aFrom, aTo) against b[bFrom, bTo), the shorter one padded as COBOL does: with `pad`, or pairs of x'00' and it. */
function order(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
  pad: number,
  pairs: boolean,
): number {
  const common = Math.min(aTo - aFrom, bTo - bFrom);
  for (let j = 0; j < common; j++) {
    if (a[aFrom + j] !== b[bFrom + j]) return a[aFrom + j] - b[bFrom + j];
  }
  for (let j = common; j < aTo - aFrom; j++) {
    const other = pairs && (j & 1) === 0 ? 0 : pad;
    if (a[aFrom + j] !== other) return a[aFrom + j] - other;
  }
  for (let j = common; j < bTo - bFrom; j++) {
    const other = pairs && (j & 1) === 0 ? 0 : pad;
    if (b[bFrom + j] !== other) return other - b[bFrom + j];
  }
  return 0;
}

/** COMPARE_TEXT. `text` is without what does not count at its end. */
export function compareText(
  { offset, length, digits: cmp, up: pad, flags }: Instruction,
  text: Uint8Array,
  frame: number,
  ownSpace: number,
  data: Uint8Array,
  spaces: Spaces,
  space: number,
  slots: Int32Array,
  first: number,
  n: number,
  truth: Uint8Array,
): void {
  const absent = (flags & Flag.ABSENT) !== 0;
  const exact = (flags & Flag.EXACT) !== 0;
  const positions = spaces.positions[frame];
  const { ends } = spaces.list[ownSpace];
  for (let k = 0; k < n; k++) {
    const slot = space === ownSpace ? slots[first + k] : spaces.climb(slots[first + k], space, ownSpace);
    const from = positions[slot] + offset;
    const end = Math.min(ends[slot], from + length);
    if (from >= end || (absent && isNothing(data, from, end))) {
      truth[k] = UNKNOWN;
      continue;
    }
    const to = significant(data, from, end, pad, exact);
    truth[k] = holds(cmp, order(data, from, to, text, 0, text.length, pad, false));
  }
}

/** COMPARE_STRING: `utf8` and `stored` are the constant's two forms. */
export function compareString(
  { digits: cmp, up: pad }: Instruction,
  utf8: Uint8Array,
  stored: Uint8Array,
  operand: TextOperand,
  data: Uint8Array,
  n: number,
  truth: Uint8Array,
): void {
  const { tile, bytes, begins, from, to, field } = operand;
  const pairs = field.op === Op.NATIONAL;
  const own = pairs ? 0x20 : pad;
  for (let k = 0; k < n; k++) {
    if (tile.state[k] !== State.VALUE) truth[k] = UNKNOWN;
    else if (isSame(bytes, begins[k], begins[k + 1], utf8, 0, utf8.length)) truth[k] = holds(cmp, 0);
    else truth[k] = holds(cmp, order(data, from[k], to[k], stored, 0, stored.length, own, pairs));
  }
}

function isSame(a: Uint8Array, aFrom: number, aTo: number, b: Uint8Array, bFrom: number, bTo: number): boolean {
  if (aTo - aFrom !== bTo - bFrom) return false;
  for (let j = aFrom; j < aTo; j++) if (a[j] !== b[bFrom + j - aFrom]) return false;
  return true;
}

/** COMPARE_FIELDS of two texts that were read. */
export function compareTexts(cmp: number, one: TextOperand, other: TextOperand, n: number, truth: Uint8Array): void {
  for (let k = 0; k < n; k++) {
    if (one.tile.state[k] !== State.VALUE || other.tile.state[k] !== State.VALUE) truth[k] = UNKNOWN;
    else {
      const [a, b] = [one.begins, other.begins];
      truth[k] = holds(cmp, order(one.bytes, a[k], a[k + 1], other.bytes, b[k], b[k + 1], 0x20, false));
    }
  }
}

/** COMPARE_FIELDS of two texts of one single-byte page that were placed: as COMPARE_TEXT. */
export function compareBytes(
  cmp: number,
  pad: number,
  one: TextOperand,
  other: TextOperand,
  data: Uint8Array,
  n: number,
  truth: Uint8Array,
): void {
  const isMissing = ({ from, to, field }: TextOperand, k: number): boolean =>
    from[k] >= to[k] || ((field.flags & Flag.ABSENT) !== 0 && isNothing(data, from[k], to[k]));
  for (let k = 0; k < n; k++) {
    if (isMissing(one, k) || isMissing(other, k)) {
      truth[k] = UNKNOWN;
      continue;
    }
    const aTo = significant(data, one.from[k], one.to[k], pad, false);
    const bTo = significant(data, other.from[k], other.to[k], pad, false);
    truth[k] = holds(cmp, order(data, one.from[k], aTo, data, other.from[k], bTo, pad, false));
  }
}

export function like(pattern: Uint8Array, { tile, bytes, begins }: TextOperand, n: number, truth: Uint8Array): void {
  for (let k = 0; k < n; k++) {
    if (tile.state[k] !== State.VALUE) truth[k] = UNKNOWN;
    else truth[k] = isLike(pattern, bytes, begins[k], begins[k + 1]) ? TRUE : FALSE;
  }
}

/** Goes back only to the last LIKE_MANY: what an earlier one takes can't help. */
function isLike(pattern: Uint8Array, text: Uint8Array, i: number, end: number): boolean {
  let j = 0;
  let many = -1;
  let taken = 0;
  const behind = (p: number): number => {
    do p++;
    while (p < end && (text[p] & 0xc0) === 0x80);
    return p;
  };
  while (i < end) {
    if (j < pattern.length && pattern[j] === LIKE_MANY) {
      many = j++;
      taken = i;
    } else if (j < pattern.length && pattern[j] === LIKE_ONE) {
      i = behind(i);
      j++;
    } else if (j < pattern.length && pattern[j] === text[i]) {
      i++;
      j++;
    } else if (many >= 0) {
      taken = behind(taken);
      i = taken;
      j = many + 1;
    } else return false;
  }
  while (j < pattern.length && pattern[j] === LIKE_MANY) j++;
  return j === pattern.length;
}
