/**
 * A record of 200 bytes with all usual usages and at most 18 digits, for peers that know no segments or no longer numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Field, T200, copybookOf, lengthOf, packed, records, text } from '../data.js';
import type { Workload } from './workload.js';

export const ACCOUNTS: readonly Field[] = T200.flatMap((field) =>
  field.name === 'EXPOSURE' ? [packed('EXPOSURE', 17, 2), text('NOTE', 7)] : [field],
);

export const accounts: Workload = {
  name: 'accounts',
  title: 'accounts: 19 columns, 200 bytes',
  published: null,
  copybook: copybookOf(ACCOUNTS),
  recfm: 'F',
  record: {},
  segments: null,
  checked: { path: 'TURNOVER', spark: 'sum(cast(TURNOVER * 100 as decimal(38,0)))' },
  block(bytes) {
    const length = lengthOf(ACCOUNTS);
    const count = Math.max(1, Math.trunc(bytes / length));
    return { bytes: records(ACCOUNTS, count, 12), records: count };
  },
};
