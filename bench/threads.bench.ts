/**
 * One big file on one thread and on two. The case is there where the library knows the option.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { JOB_OPTIONS } from '../src/cli/options.js';
import { type OpenOptions, open } from '../src/index.js';
import type { Case } from './case.js';
import { copybook, whole } from './decode.js';

const isKnown = JOB_OPTIONS.some(({ key }) => (key as string) === 'threads');

const threaded: Case = {
  name: 'threads',
  title: 'file to `batches()` of their own memory, one thread and two',
  runners: ['native', 'threads'],
  prepare(runner, file) {
    // not a literal: while `threads` is no option the compiler would refuse it
    const options = { copybook, engine: 'native', threads: runner === 'threads' ? 2 : 1 };
    return {
      ...whole(readFileSync(file)),
      async round() {
        let count = 0;
        for await (const batch of open(file, options as OpenOptions).batches()) count += batch.length;
        return count;
      },
    };
  },
};

export const cases: readonly Case[] = isKnown ? [threaded] : [];
