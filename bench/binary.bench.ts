/**
 * Binary integers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { binary } from './data.js';
import type { Kernel } from './kernel.js';

export const kernels: readonly Kernel[] = [
  { field: binary('BRANCH', 2) },
  { field: binary('VISITS', 4) },
  { field: binary('TICKET', 8) },
  { field: binary('SERIAL', 8, false) },
];
