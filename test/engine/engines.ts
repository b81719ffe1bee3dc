/**
 * The engines that tests of kernels run against: the one in TypeScript, and the native one where it is built.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine } from '../../src/engine/engine.js';
import { loadNativeEngine } from '../../src/engine/native.js';
import { createTsEngine } from '../../src/engine/ts/engine.js';
import { OverpunchError } from '../../src/errors.js';

export function engines(): Engine[] {
  const found = [createTsEngine('asked for by a test')];
  try {
    found.push(loadNativeEngine());
  } catch (error) {
    if (!(error instanceof OverpunchError && error.code === 'OVP_ENGINE_MISSING')) throw error;
  }
  return found;
}
