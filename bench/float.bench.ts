/**
 * Floating point: IBM hexadecimal and IEEE.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { float } from './data.js';
import type { Kernel } from './kernel.js';

export const kernels: readonly Kernel[] = [
  { field: float('RATIO', 4), note: 'IBM' },
  { field: float('RISK', 8), note: 'IBM' },
  { field: float('RISK', 8), note: 'IEEE', options: { floats: 'ieee' } },
];
