/**
 * Where records lie: by stride or by their starts and ends. Checks once that all of them are inside the data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Records } from '../engine.js';

/** Positions are 32-bit numbers; with the longest record behind it, data ends below 2^31. */
export const MAX_DATA = 0x40000000;
const LINE = 64;

/** @throws RangeError where a record lies outside the data. */
export function checkRecords({ data, starts, ends, first, count, stride }: Records): void {
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 0;
  if (!isCount(first) || !isCount(count)) throw new RangeError(`Records ${first} and ${count} on are no records.`);
  if (data.length > MAX_DATA)
    throw new RangeError(`${data.length} bytes of data are more than the ${MAX_DATA} of one call.`);
  if (starts === null && ends === null) {
    if (!isCount(stride)) throw new RangeError(`Records of ${stride} bytes are no records.`);
    if (count > 0 && first + count * stride > data.length) {
      throw new RangeError(
        `${count} records of ${stride} bytes from byte ${first} on are not inside the data (${data.length} bytes).`,
      );
    }
    return;
  }
  if (starts === null || ends === null) throw new RangeError('Records need both starts and ends, or neither.');
  if (first + count > starts.length || first + count > ends.length) {
    throw new RangeError(`Records ${first} to ${first + count} are behind the last start or end.`);
  }
  for (let i = first; i < first + count; i++) {
    if (starts[i] > ends[i] || ends[i] > data.length) {
      throw new RangeError(
        `Record ${i} (bytes ${starts[i]} to ${ends[i]}) is not inside the data (${data.length} bytes).`,
      );
    }
  }
}

/** Hands out the records of a call, block by block. */
export class Reader {
  private data: Uint8Array = new Uint8Array(0);
  private starts: Uint32Array | null = null;
  private ends: Uint32Array | null = null;
  private first = 0;
  private stride = 0;
  /** Keeps the loads of `touch` from being dropped. */
  private touched = 0;

  /** Takes checked records; returns their data as a plain Uint8Array (a Buffer now and then would slow every kernel). */
  open({ data, starts, ends, first, stride }: Records): Uint8Array {
    this.data = data.constructor === Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length);
    this.starts = starts;
    this.ends = ends;
    this.first = first;
    this.stride = stride;
    return this.data;
  }

  /** Positions and ends of records done to done + n. Touches every cache line of them. */
  read(done: number, n: number, positions: Int32Array, ends: Int32Array): void {
    const { starts, stride } = this;
    if (starts === null || this.ends === null) {
      let at = this.first + done * stride;
      this.touch(at, at + n * stride);
      for (let k = 0; k < n; k++) {
        positions[k] = at;
        at += stride;
        ends[k] = at;
      }
      return;
    }
    const from = this.first + done;
    for (let k = 0; k < n; k++) {
      positions[k] = starts[from + k];
      ends[k] = this.ends[from + k];
      this.touch(positions[k], ends[k]);
    }
  }

  private touch(from: number, to: number): void {
    const { data } = this;
    let sum = 0;
    for (let p = from; p < to; p += LINE) sum += data[p];
    this.touched = (this.touched + sum) | 0;
  }
}
