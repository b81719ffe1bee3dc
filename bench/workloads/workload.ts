/**
 * A workload: a copybook, and a file of records that it describes, made from a seed. Blocks of records are generated once and written
 * again and again until the file is as long as it should be: far more than any cache holds, in little time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** What Cobrix publishes for this shape, MB/s on one core (README "Performance Analysis", 2018); null: nothing. */
  readonly published: number | null;
  readonly copybook: string;
  readonly recfm: 'F' | 'V';
  /** Record types by their condition, as the library's `record` option wants them. */
  readonly record: Readonly<Record<string, string>>;
  /** The segments as Cobrix wants them: the field, and group by value. */
  readonly segments: { readonly field: string; readonly groups: Readonly<Record<string, string>> } | null;
  /** A number whose sum shows that both sides read the same: its path here, and Spark's expression for the sum of its unscaled values. */
  readonly checked: { readonly path: string; readonly spark: string };
  /** Records of about so many bytes. */
  block(bytes: number): Block;
}

export interface Block {
  readonly bytes: Uint8Array;
  readonly records: number;
}

/** Bytes that differ from each other before they repeat. */
const DISTINCT = 64e6;

/** Writes about so many bytes; answers how many there are, and how many records. */
export function write(workload: Workload, file: string, bytes: number): { bytes: number; records: number } {
  const block = workload.block(Math.min(bytes, DISTINCT));
  const times = Math.max(1, Math.round(bytes / block.bytes.length));
  const out = openSync(file, 'w');
  try {
    for (let time = 0; time < times; time++) writeSync(out, block.bytes);
  } finally {
    closeSync(out);
  }
  return { bytes: block.bytes.length * times, records: block.records * times };
}
