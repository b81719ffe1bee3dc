/**
 * Reads the sample to columns with one engine, in a process of its own so that neither engine lives with the other's
 * memory, and prints the seconds of each pass as JSON:
 *   node columns.js ENGINE DATA COPYBOOK PASSES
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Copybook, type EngineChoice, open } from '../src/index.js';
import { RECORD } from '../src/server/catalog/sample.js';

const [engine, data = '', file = '', passes = '5'] = process.argv.slice(2);
const copybook = await Copybook.load(file);
const seconds: number[] = [];
// one pass more than asked for: the first one warms up
for (let pass = 0; pass <= Number(passes); pass++) {
  const started = performance.now();
  const reader = open(data, { copybook, engine: engine as EngineChoice, recfm: 'VB', record: RECORD });
  let records = 0;
  for await (const batch of reader.batches()) records += batch.length;
  const { summary } = reader;
  if (records === 0 || summary.records !== records || summary.badValues > 0)
    throw new Error(`${data} was not read as it should`);
  if (pass > 0) seconds.push((performance.now() - started) / 1000);
}
console.log(JSON.stringify(seconds));
