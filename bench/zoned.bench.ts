/**
 * Zoned decimals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { zoned } from './data.js';
import type { Kernel } from './kernel.js';

export const kernels: readonly Kernel[] = [
  { field: zoned('SCORE', 4, 0, true) },
  { field: zoned('ACCOUNT', 9) },
  { field: zoned('DELTA', 9, 0, true) },
  { field: zoned('TOTAL', 18, 0, true) },
  { field: zoned('AMOUNT', 17, 2, true) },
];
