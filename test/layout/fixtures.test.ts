/**
 * The fixtures against what a COBOL compiler says: `*.layout.json` holds name, subscripts, offset and length of items
 * as GnuCOBOL 3.1.2 (-std=ibm) laid them out, in source order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCopybook } from '../../src/copybook/parse.js';
import { type Item, walk } from '../../src/layout/item.js';
import { layoutOf } from '../../src/layout/layout.js';

const folder = new URL('../fixtures/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.layout.json'))
  .map((name) => name.replace('.layout.json', ''));

type Row = [name: string, subscripts: number[], offset: number, length: number];

/** Tables that an item is in, from the outside in. */
function tablesOf(item: Item): Item[] {
  const above = item.parent ? tablesOf(item.parent) : [];
  return item.occurs ? [...above, item] : above;
}

function* rows(item: Item): Generator<Row> {
  const tables = tablesOf(item);
  function* from(depth: number, subscripts: number[], offset: number): Generator<Row> {
    const table = tables[depth];
    if (!table) return yield [item.name, subscripts, offset, item.length];
    for (let i = 0; i < table.occurs!.max; i++)
      yield* from(depth + 1, [...subscripts, i + 1], offset + i * table.stride);
  }
  yield* from(0, [], item.offset);
}

test('there are fixtures', () =>
  expect(names).toEqual(expect.arrayContaining(['free', 'invoice', 'nested', 'shipment'])));

test.each(names)('%s', (name) => {
  const text = readFileSync(new URL(`${name}.cpy`, folder));
  const expected = JSON.parse(readFileSync(new URL(`${name}.layout.json`, folder), 'utf8')) as Row[];
  const { records } = layoutOf(parseCopybook(text, { file: `${name}.cpy` }));
  const key = (row: Row): string => JSON.stringify(row);
  const actual = records.flatMap(({ item, renames }) => [
    ...[...walk(item)].flatMap((one) => [...rows(one)]),
    ...renames.map((rename): Row => [rename.name, [], rename.offset, rename.length]),
  ]);
  const found = new Set(actual.map(key));
  expect(expected.filter((row) => !found.has(key(row)))).toEqual([]);
  expect(new Set(expected.map(([item]) => item))).toEqual(new Set(actual.map(([item]) => item)));
});
