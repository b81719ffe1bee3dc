/**
 * Text: code page to UTF-8, trimmed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { text } from './data.js';
import type { Kernel } from './kernel.js';

export const kernels: readonly Kernel[] = [
  { field: text('SHORT', 10, 0) },
  { field: text('NAME', 30, 0) },
  { field: text('ACCENTED', 30, 10), note: 'é in 10 %' },
  { field: text('REMARK', 120, 0) },
];
