/**
 * Run in a process of its own, where code generation may be forbidden: prints the rows of random records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mayGenerate } from '../../src/batch/builders.js';
import { rowBuilder } from '../../src/batch/rows.js';
import { forJson, randomRecords } from './presented.js';
import { batchOf } from './slabs.js';

const { specs, records } = randomRecords(5, 30);
const batch = batchOf(specs, records);
const rows = [...rowBuilder(batch.schema).rows(batch)];
console.log(JSON.stringify({ generate: mayGenerate(), rows: rows.map(forJson) }));
