/**
 * Packed decimals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { packed } from './data.js';
import type { Kernel } from './kernel.js';

export const kernels: readonly Kernel[] = [
  { field: packed('RATE', 5, 0) },
  { field: packed('BALANCE', 9, 2) },
  { field: packed('TURNOVER', 17, 2) },
  { field: packed('EXPOSURE', 31, 2) },
];
