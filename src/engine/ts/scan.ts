/**
 * Finds records in bytes: RDW and BDW descriptors (IBM, z/OS DFSMS Using Data Sets, "Variable-Length Record Formats")
 * and text lines. The words of state and faults are described in framing.ts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import {
  Framing,
  type FramingCode,
  FramingWord,
  SCAN_STATE,
  Scan,
  ScanFault,
  ScanWord,
} from '../../framing/framing.js';
import { MAX_DATA } from './records.js';

export function scan(
  framing: FramingCode,
  data: Uint8Array,
  from: number,
  to: number,
  starts: Uint32Array,
  ends: Uint32Array,
  state: Int32Array,
): number {
  if (!(from >= 0 && from <= to && to <= data.length && to <= MAX_DATA)) {
    throw new RangeError(`Bytes ${from} to ${to} are not inside the data (${data.length} bytes).`);
  }
  if (state.length < SCAN_STATE) throw new RangeError(`A scan's state has ${SCAN_STATE} words, not ${state.length}.`);
  if (framing.length < FramingWord.ASCII + 1) throw new RangeError(`A framing has 8 words, not ${framing.length}.`);
  state[ScanWord.FAULT] = 0;
  state[ScanWord.FAULT_AT] = 0;
  state[ScanWord.FAULT_VALUE] = 0;
  const capacity = Math.min(starts.length, ends.length);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  switch (framing[FramingWord.FORMAT]) {
    case Framing.RDW:
    case Framing.BDW_RDW:
      return scanDescriptors(framing, bytes, from, to, starts, ends, capacity, state);
    case Framing.LINES:
      return scanLines(framing[FramingWord.ASCII] !== 0, bytes, from, to, starts, ends, capacity, state);
    default:
      throw new RangeError(`Records of format ${framing[FramingWord.FORMAT]} are not found by a scan.`);
  }
}

function stop(state: Int32Array, status: number, next: number): void {
  state[ScanWord.STATUS] = status;
  state[ScanWord.NEXT] = next;
}

function fail(state: Int32Array, fault: number, at: number, value: number): void {
  stop(state, Scan.FAULT, at);
  state[ScanWord.FAULT] = fault;
  state[ScanWord.FAULT_AT] = at;
  state[ScanWord.FAULT_VALUE] = value;
}

/** The data ends inside what begins at `at`. */
function runOut(state: Int32Array, at: number, to: number): void {
  if (at < to && state[ScanWord.FINAL] !== 0) fail(state, ScanFault.TRUNCATED, at, to - at);
  else stop(state, Scan.MORE, at);
}

/** Low byte first, in the first two bytes or, where those are zero, in the last two. */
function littleLength(data: Uint8Array, at: number): number {
  return data[at] | (data[at + 1] << 8) || data[at + 2] | (data[at + 3] << 8);
}

/** A big-endian BDW: 15 bits in the first two bytes, or with the top bit set 31 bits. */
function bigBlockLength(data: Uint8Array, at: number): number {
  const upper = (data[at] << 8) | data[at + 1];
  return upper < 0x8000 ? upper : (upper & 0x7fff) * 0x10000 + ((data[at + 2] << 8) | data[at + 3]);
}

function scanDescriptors(
  framing: FramingCode,
  data: Uint8Array,
  from: number,
  to: number,
  starts: Uint32Array,
  ends: Uint32Array,
  capacity: number,
  state: Int32Array,
): number {
  const blocked = framing[FramingWord.FORMAT] === Framing.BDW_RDW;
  const little = framing[FramingWord.RDW_LITTLE] !== 0;
  const adjust = framing[FramingWord.RDW_ADJUST];
  const blockLittle = framing[FramingWord.BDW_LITTLE] !== 0;
  const blockAdjust = framing[FramingWord.BDW_ADJUST];
  let left = blocked ? state[ScanWord.BLOCK_LEFT] : 0;
  let at = from;
  let found = 0;
  for (;;) {
    if (blocked && left === 0) {
      if (to - at < 4) {
        runOut(state, at, to);
        break;
      }
      const length = blockLittle ? littleLength(data, at) : bigBlockLength(data, at);
      if (length + blockAdjust < 8) {
        fail(state, ScanFault.BDW_TOO_SMALL, at, length);
        break;
      }
      if (found === capacity) {
        stop(state, Scan.FULL, at);
        break;
      }
      left = length + blockAdjust - 4;
      at += 4;
    }
    if (blocked && left < 4) {
      fail(state, ScanFault.BLOCK_REST, at, left);
      break;
    }
    if (at === to) {
      // a block that ends early is cut off too, though no byte of its next record is there
      if (blocked && state[ScanWord.FINAL] !== 0) fail(state, ScanFault.TRUNCATED, at, 0);
      else stop(state, Scan.MORE, at);
      break;
    }
    if (found === capacity) {
      stop(state, Scan.FULL, at);
      break;
    }
    if (to - at < 4) {
      runOut(state, at, to);
      break;
    }
    const length = little ? littleLength(data, at) : (data[at] << 8) | data[at + 1];
    if (!little && (data[at + 2] | data[at + 3]) !== 0) {
      fail(state, ScanFault.RDW_NOT_ZERO, at, length);
      break;
    }
    const bytes = length + adjust;
    if (bytes < 4) {
      fail(state, ScanFault.RDW_TOO_SMALL, at, length);
      break;
    }
    if (blocked && bytes > left) {
      fail(state, ScanFault.RECORD_BEYOND_BLOCK, at, length);
      break;
    }
    if (bytes > to - at) {
      runOut(state, at, to);
      break;
    }
    starts[found] = at + 4;
    ends[found++] = at + bytes;
    at += bytes;
    left -= bytes;
  }
  state[ScanWord.BLOCK_LEFT] = blocked ? Math.min(left, 0x7fffffff) : 0;
  return found;
}

function scanLines(
  ascii: boolean,
  data: Uint8Array,
  from: number,
  to: number,
  starts: Uint32Array,
  ends: Uint32Array,
  capacity: number,
  state: Int32Array,
): number {
  const end1 = ascii ? 0x0a : 0x15;
  const end2 = ascii ? 0x0a : 0x25;
  let at = from;
  let found = 0;
  state[ScanWord.PENDING_CR] = 0;
  for (;;) {
    if (at === to) {
      stop(state, Scan.MORE, at);
      return found;
    }
    if (found === capacity) {
      stop(state, Scan.FULL, at);
      return found;
    }
    let p = at;
    while (p < to && data[p] !== end1 && data[p] !== end2) p++;
    if (p === to) {
      if (state[ScanWord.FINAL] === 0) {
        stop(state, Scan.MORE, at);
        return found;
      }
      starts[found] = at;
      ends[found++] = to;
      stop(state, Scan.MORE, to);
      return found;
    }
    starts[found] = at;
    ends[found++] = p > at && data[p - 1] === 0x0d ? p - 1 : p;
    at = p + 1;
  }
}
