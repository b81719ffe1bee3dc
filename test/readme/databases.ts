/**
 * Claims of what records can be loaded into, as far as they show without a server; with one, test/sinks/postgres/ shows the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { DecodeLoop } from '../../src/batch/decode.js';
import { TupleEncoder } from '../../src/connectors/tuples.js';
import { Copybook, type TableOptions, loadEngine, rolesSql, tablesOf } from '../../src/index.js';
import { compile } from '../../src/plan/compile.js';
import { CONTROL_SQL } from '../../src/sinks/postgres/control.js';
import { tuplesOf } from '../../src/sinks/postgres/columns.js';
import { run } from '../cli/run.js';
import type { Claim } from './supported.js';

const { layout } = Copybook.parse('01 R.\n05 A PIC XX.\n05 T OCCURS 2.\n10 N PIC 9.', { format: 'free' });
const plan = compile(layout, {});
const columns = (occurs: NonNullable<TableOptions['occurs']>): unknown =>
  tablesOf(plan.schema, layout, { occurs }).map((table) =>
    table.columns.map(({ name, type }) => `${name} ${type.type}`),
  );

/** The tuple of a record `AB`, 1, 2, for columns of text and integer[]. */
function tuple(): string {
  const engine = loadEngine();
  const data = Buffer.from('c1c2f1f2', 'hex');
  const loop = new DecodeLoop(engine, plan, { own: false, typicalLength: 4 });
  const records = { data, starts: null, ends: null, first: 0, count: 1, stride: 4 };
  const [decoded] = [...loop.batches({ records, firstRecord: 1, recordNumbers: null })];
  const column = { typmod: -1, notNull: false, isGenerated: false };
  const found = [
    { ...column, name: 'a', type: 'text', oid: 25, element: 0 },
    { ...column, name: 'n', type: 'integer[]', oid: 1007, element: 23 },
  ];
  const [table] = tablesOf(plan.schema, layout, {});
  const encoder = new TupleEncoder(engine, plan.schema, tuplesOf(table!, found, 'reject', false));
  const out = new Uint8Array(100);
  encoder.begin(decoded!.batch);
  return Buffer.from(out.subarray(0, encoder.step(0, 1, out, 0).bytes)).toString('hex');
}

const help = async (words: RegExp): Promise<boolean> => words.test((await run(['load', '--help'])).stdout);

export const databases: readonly Claim[] = [
  ['[PostgreSQL](docs/load.md)', () => help(/postgres:\/\//), true],
  [
    'COPY BINARY',
    tuple,
    '0002000000024142000000240000000100000000000000170000000200000001000000040000000100000004000000' + '02',
  ],
  ['OCCURS as arrays', () => columns('array'), [['a text', 'n array']]],
  ['JSON', () => columns('json'), [['a text', 't json']]],
  [
    'child tables',
    () => columns('tables'),
    [
      ['record_number int64', 'a text'],
      ['record_number int64', 't_no int32', 'n int32'],
    ],
  ],
  ['append', () => /mode IN \('append'/.test(CONTROL_SQL), true],
  ['truncate', () => help(/--truncate/), true],
  ['upsert', () => help(/--upsert/), true],
  ['rejects', () => help(/overpunch\.reject/), true],
  [
    'roles with masked columns',
    () =>
      /'\*\*\*' END AS "a"/.test(
        rolesSql(tablesOf(plan.schema, layout, {}), { schema: 's', prefix: 'p', mask: { A: 'all' } }),
      ),
    true,
  ],
  ['DuckDB files', () => help(/FILE\.duckdb/), true],
];
