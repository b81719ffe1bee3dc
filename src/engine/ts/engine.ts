/**
 * The engine in TypeScript: the same results as the C core to the bit, where no binary fits or none is wanted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { writeDigits } from '../digits.js';
import type { Engine } from '../engine.js';
import { tsKeyed } from './keyed.js';
import { TsMessageReader } from './message.js';
import { TsDecoder } from './run.js';
import { scan } from './scan.js';
import { writeTuples } from './tuple.js';

/** `reason`: why this engine and not the native one, for people. */
export function createTsEngine(reason: string): Engine {
  return {
    name: 'ts',
    reason,
    keyed: tsKeyed,
    prepare: (layout) => new TsDecoder(layout),
    message: (program) => new TsMessageReader(program),
    digits: writeDigits,
    tuples: writeTuples,
    scan,
  };
}
