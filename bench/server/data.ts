/**
 * What the service's benchmark serves: records of 20 fields in 214 bytes, numbers of every usage and text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { T200, copybookOf, lengthOf, records, text, zoned } from '../data.js';

const FIELDS = [...T200, text('STATUS-CODE', 6), zoned('CHANGED', 8)];
export const COPYBOOK = copybookOf(FIELDS);
export const LENGTH = lengthOf(FIELDS);
export const COLUMNS = FIELDS.length;

/** Bytes that differ from each other before they repeat. */
const DISTINCT = 64e6;

/** Writes the data, its copybook and the catalog; answers how many bytes of records there are. */
export function writeCatalog(folder: string, bytes: number): number {
  writeFileSync(join(folder, 'bench.cpy'), COPYBOOK);
  const datasets = { bench: { data: 'bench.dat', copybook: 'bench.cpy' } };
  writeFileSync(join(folder, 'catalog.json'), JSON.stringify({ datasets }));
  const block = records(FIELDS, Math.floor(Math.min(bytes, DISTINCT) / LENGTH), 17);
  const times = Math.max(1, Math.round(bytes / block.length));
  const out = openSync(join(folder, 'bench.dat'), 'w');
  try {
    for (let time = 0; time < times; time++) writeSync(out, block);
  } finally {
    closeSync(out);
  }
  return block.length * times;
}
