/**
 * Run in a process of its own, where code generation may be forbidden: prints the rows of random records and two messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mayGenerate } from '../../src/batch/builders.js';
import { messageReader } from '../../src/batch/messages.js';
import { rowBuilder } from '../../src/batch/rows.js';
import { Copybook } from '../../src/copybook.js';
import { createTsEngine } from '../../src/engine/ts/engine.js';
import { compile } from '../../src/plan/compile.js';
import { forJson, randomRecords } from './presented.js';
import { batchOf } from './slabs.js';

const { specs, records } = randomRecords(5, 30);
const batch = batchOf(specs, records);
const rows = [...rowBuilder(batch.schema).rows(batch)];

const { layout } = Copybook.parse(
  [
    '       01  MESSAGE-RECORD.',
    '           05  NAME    PIC X(5).',
    '           05  BALANCE PIC S9(5)V99 COMP-3.',
    '           05  COUNTS  PIC S9(4) COMP OCCURS 3.',
    '           05  TICKET  PIC S9(18) COMP.',
  ].join('\n'),
);
const read = messageReader(createTsEngine('no addon here'), compile(layout, { text: 'latin1' }), {})!;
const messages = [
  'c1c2c340400001234d0001fffe000300046 2d53c8abac0',
  '0000000000404040400000000000 00ffffffffffffffff',
].map((hex) => read(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
console.log(JSON.stringify({ generate: mayGenerate(), rows: rows.map(forJson), messages: messages.map(forJson) }));
