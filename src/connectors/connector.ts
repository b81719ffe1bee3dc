/**
 * What writes batches as text: the interface, and the growing buffer that encoders write into.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import type { Program } from '../engine/program.js';

export interface Encoder {
  /** What the output begins with, null where it has no beginning of its own. */
  readonly header: Uint8Array | null;
  /** What makes an engine write the same text. */
  program(): Program;
  /**
   * Hands the batch's records to `write`, in whole records of about 64 KB together (more where one record is longer). The
   * bytes are reused: they must be written or copied before `write` returns.
   */
  encode(batch: Batch, write: (bytes: Uint8Array) => void): void;
}

/** Writes something at byte `at` of the output, for slot `i` of the space it is made for, and returns the end of it. */
export type Writer = (at: number, i: number) => number;

/** Bytes after which they are handed on. */
const CHUNK = 65536;

/** The buffer. Writers read `bytes` anew after anything that may have made room. */
export class Output {
  bytes: Uint8Array = new Uint8Array(0);
  /**
   * Bytes that everything but text needs, if each node of the schema is written once. Room for them is made before each
   * record and table item and after each text. Between two of these no node is written twice, so no number and no key
   * needs to look.
   */
  reserve = 64;

  /** Makes room for `length` bytes, and the reserve, behind `at`. */
  makeRoom(at: number, length: number): void {
    const needed = at + length + this.reserve;
    if (needed > this.bytes.length) this.grow(at, needed);
  }

  /** Writes records 0..count-1 and hands them to `write`. */
  records(count: number, record: Writer, write: (bytes: Uint8Array) => void): void {
    let at = 0;
    for (let i = 0; i < count; i++) {
      this.makeRoom(at, 0);
      at = record(at, i);
      if (at >= CHUNK) {
        write(this.bytes.subarray(0, at));
        at = 0;
      }
    }
    if (at > 0) write(this.bytes.subarray(0, at));
  }

  private grow(at: number, needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, 2 * CHUNK, Math.ceil(this.bytes.length * 1.5)));
    bytes.set(this.bytes.subarray(0, at));
    this.bytes = bytes;
  }
}

/** Copies a few bytes: a loop, which is faster than `set` for the length of a key. */
export function copyBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let k = 0; k < bytes.length; k++) out[at + k] = bytes[k]!;
  return at + bytes.length;
}

/** Copies ASCII characters. */
export function copyAscii(out: Uint8Array, at: number, text: string): number {
  for (let k = 0; k < text.length; k++) out[at + k] = text.charCodeAt(k);
  return at + text.length;
}
