/**
 * All cases, in the order of the table. A new file of cases is added here and nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Case } from './case.js';
import { cases as columns } from './columns.bench.js';
import { cases as endToEnd } from './end-to-end.bench.js';
import { cases as filter } from './filter.bench.js';
import { cases as objects } from './objects.bench.js';
import { cases as threads } from './threads.bench.js';

export const cases: readonly Case[] = [...columns, ...filter, ...threads, ...endToEnd, ...objects];
