/**
 * The workloads that peers are compared on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { accounts } from './accounts.js';
import { fixed } from './fixed.js';
import { narrow, wide } from './segments.js';
import type { Workload } from './workload.js';

export const workloads: readonly Workload[] = [fixed, narrow, wide, accounts];
