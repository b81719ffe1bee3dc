/**
 * What the cases share: T200's copybook, and its records decoded to columns in memory that is used again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { DecodeLoop } from '../src/batch/decode.js';
import { countFaults } from '../src/batch/faults.js';
import { readBlocks } from '../src/connectors/blocks.js';
import { openSource } from '../src/connectors/source.js';
import type { Records } from '../src/engine/engine.js';
import { framingCode } from '../src/framing/codes.js';
import { Copybook, type FramingOptions, type SourceInput, loadEngine } from '../src/index.js';
import { compile } from '../src/plan/compile.js';
import { type Runner, engineOf } from './case.js';
import { T200, copybookOf, lengthOf } from './data.js';

export const LENGTH = lengthOf(T200);
export const copybook = Copybook.parse(copybookOf(T200));

export function decodeLoop(runner: Runner): DecodeLoop {
  const plan = compile(copybook.layout);
  return new DecodeLoop(loadEngine(engineOf(runner)), plan, { own: false, typicalLength: LENGTH });
}

/** Records decoded, all of which must be good. */
export function decodeAll(loop: DecodeLoop, records: Records): number {
  let count = 0;
  for (const { batch } of loop.batches({ records, firstRecord: 1, recordNumbers: null })) {
    if (countFaults(batch) > 0) throw new Error('there are bad values in the data');
    count += batch.length;
  }
  return count;
}

export async function decodeSource(
  loop: DecodeLoop,
  runner: Runner,
  input: SourceInput,
  options: FramingOptions,
): Promise<number> {
  const source = await openSource(input, {});
  let count = 0;
  try {
    const framing = framingCode(options, LENGTH);
    for await (const block of readBlocks(source, framing, loadEngine(engineOf(runner))))
      count += decodeAll(loop, block.records);
  } finally {
    await source.close();
  }
  return count;
}

/** All of the data, as a case's work has it. */
export const whole = (data: Uint8Array): { data: Uint8Array; bytes: number; records: number } => ({
  data,
  bytes: data.length,
  records: data.length / LENGTH,
});

/** The first records of the data: loops written by hand are slow enough to be measured on less. */
export function part<Bytes extends Uint8Array>(data: Bytes): Bytes {
  return data.subarray(0, Math.trunc(data.length / LENGTH / 5) * LENGTH) as Bytes;
}
