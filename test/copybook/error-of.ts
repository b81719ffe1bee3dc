/**
 * The error that a call throws, for tests that look at its code, position and hint.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../../src/errors.js';

export function errorOf(call: () => unknown): OverpunchError {
  try {
    call();
  } catch (error) {
    if (error instanceof OverpunchError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
