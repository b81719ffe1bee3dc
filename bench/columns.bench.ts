/**
 * Records in memory to columns: the native engine at each of its instruction sets, the TypeScript engine, and a loop over the fields.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import type { Case } from './case.js';
import { T200 } from './data.js';
import { LENGTH, decodeAll, decodeLoop, part, whole } from './decode.js';
import { NaiveColumns } from './naive-columns.js';

export const cases: readonly Case[] = [
  {
    name: 'columns',
    title: 'to columns, memory reused',
    runners: ['native', 'avx2', 'portable', 'ts', 'naive'],
    prepare(runner, file) {
      const data = readFileSync(file);
      if (runner === 'naive') {
        const some = part(data);
        const columns = new NaiveColumns(T200, 5000);
        return { ...whole(some), round: () => columns.decode(some) };
      }
      const loop = decodeLoop(runner);
      const count = data.length / LENGTH;
      const records = { data, starts: null, ends: null, first: 0, count, stride: LENGTH };
      return { ...whole(data), round: () => decodeAll(loop, records) };
    },
  },
];
