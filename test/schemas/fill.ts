/**
 * Rows of tables out of a record as JSON (keys in snake case), by nothing but what the tables say of their columns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ColumnSource, SchemaNode, Table } from '../../src/index.js';

type Json = unknown;
export type Rows = Map<Table, Json[][]>;

/** One item of a table, with what it belongs to. */
interface Place {
  readonly item: Json;
  readonly keys: ReadonlyMap<string, Json>;
  readonly ordinal: number;
}

/** Adds the rows that a record has in each table; `number` is the record's, from 1. */
export function fill(rows: Rows, tables: readonly Table[], record: Json, number: number): void {
  const places = new Map<Table, Place[]>();
  for (const table of tables) {
    const list = table.rows.lists.at(-1);
    const here: Place[] = [];
    if (!table.parent) here.push({ item: record, keys: new Map(), ordinal: 0 });
    else {
      for (const { item, keys } of places.get(table.parent.table)!) {
        const found = walk(item, table.rows.nodes);
        (found as Json[] | null)?.forEach((one, n) => here.push({ item: one, keys, ordinal: n + 1 }));
      }
    }
    const made = rows.get(table) ?? [];
    rows.set(table, made);
    places.set(
      table,
      here.map((place) => {
        const values = table.columns.map(({ source }) => cell(source, place, list?.element, number));
        made.push(values);
        return { ...place, keys: new Map(table.columns.map(({ name }, n) => [name, values[n]])) };
      }),
    );
  }
}

function cell(
  source: ColumnSource,
  { item, keys, ordinal }: Place,
  element: SchemaNode | undefined,
  number: number,
): Json {
  switch (source.from) {
    case 'record':
      return number;
    case 'ordinal':
      return ordinal;
    case 'parent':
      return keys.get(source.column.name) ?? null;
    case 'field':
      return source.nodes[0] === element ? item : walk(item, source.nodes);
    case 'json':
      return walk(item, source.nodes);
    case 'list': {
      const at = source.nodes.indexOf(source.list);
      const items = walk(item, source.nodes.slice(0, at + 1)) as Json[] | null;
      const rest = source.nodes.slice(at + 2);
      return items?.map((one) => walk(one, rest)) ?? null;
    }
  }
}

const get = (item: Json, key: string): Json => (item as Record<string, Json> | null | undefined)?.[key];
const walk = (item: Json, nodes: readonly SchemaNode[]): Json =>
  nodes.reduce((at, node) => get(at, node.keys.snake), item) ?? null;
