/**
 * The columns of the grid: a record's fields, those of groups beside the others, of a table how many items it has and the fields of its
 * first items.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { RecordSchema, Row } from './answers.js';

export interface Column {
  /** `ACCOUNT.TXN(1).AMOUNT`: as faults have it. */
  readonly id: string;
  /** Without subscripts: what can be selected and ordered by. */
  readonly path: string;
  readonly name: string;
  /** Groups and tables around it, the record left out: `CUSTOMER` or `TXN(1)`. */
  readonly group: string;
  /** Where its value is in a row. */
  readonly keys: readonly (string | number)[];
  /** `table`: its value is how many items there are. */
  readonly kind: 'text' | 'number' | 'table';
  readonly isMasked: boolean;
  /** Not in a table, and not masked. */
  readonly canOrder: boolean;
  readonly picture: string;
}

/** A table of the record, of which more items can be shown. */
export interface TableColumns {
  readonly id: string;
  readonly path: string;
  readonly most: number;
}

/** Items of a table that have columns of their own at first. */
export const FIRST_ITEMS = 1;
const MOST_ITEMS = 50;

interface Around {
  readonly keys: readonly (string | number)[];
  /** Of each table around, by its path: which item. */
  readonly subscripts: ReadonlyMap<string, number>;
  readonly records: number;
}

/** @param items of tables, by their paths, that are shown one by one */
export function columnsOf(schema: RecordSchema, items: ReadonlyMap<string, number> = new Map()): Column[] {
  const found: Column[] = [];
  const records = new Set(pathsOf(schema).map((path) => path.split('.')[0])).size;
  walk(schema, { keys: [], subscripts: new Map(), records }, items, found);
  return found;
}

/** Tables that are not in others. */
export function tablesOf(schema: RecordSchema): TableColumns[] {
  if (schema.items) {
    const path = schema['x-cobol']?.path;
    return path === undefined ? [] : [{ id: path, path, most: Math.min(MOST_ITEMS, schema.maxItems ?? MOST_ITEMS) }];
  }
  return Object.values(schema.properties ?? {}).flatMap(tablesOf);
}

function walk(node: RecordSchema, around: Around, items: ReadonlyMap<string, number>, found: Column[]): void {
  const cobol = node['x-cobol'];
  if (node.properties) {
    for (const [key, child] of Object.entries(node.properties))
      walk(child, { ...around, keys: [...around.keys, key] }, items, found);
    return;
  }
  if (!cobol) return;
  if (node.items) {
    found.push(columnOf(cobol, around, 'table'));
    // tables in tables are told of by their number of items
    if (around.subscripts.size > 0) return;
    const shown = Math.min(items.get(cobol.path) ?? FIRST_ITEMS, node.maxItems ?? MOST_ITEMS);
    for (let item = 0; item < shown; item++) {
      const subscripts = new Map([...around.subscripts, [cobol.path, item + 1]]);
      // an elementary table's items have no description of their own
      const element = node.items['x-cobol'] || node.items.properties ? node.items : { ...node.items, 'x-cobol': cobol };
      walk(element, { ...around, keys: [...around.keys, item], subscripts }, items, found);
    }
    return;
  }
  const types = [node.type ?? 'string'].flat();
  // decimals are texts of digits
  const isDecimal = node.pattern !== undefined && cobol.masked === undefined;
  const isNumber = isDecimal || types.some((type) => type === 'integer' || type === 'number');
  found.push(columnOf(cobol, around, isNumber ? 'number' : 'text'));
}

function columnOf(
  { path, picture = '', usage = '', masked }: NonNullable<RecordSchema['x-cobol']>,
  { keys, subscripts, records }: Around,
  kind: Column['kind'],
): Column {
  const names = path.split('.');
  const written = names.map((name, i) => {
    const item = subscripts.get(names.slice(0, i + 1).join('.'));
    return item === undefined ? name : `${name}(${item})`;
  });
  const isMasked = masked !== undefined;
  return {
    id: written.join('.'),
    path,
    name: written.at(-1)!,
    group: written.slice(records > 1 ? 0 : 1, -1).join('.'),
    keys,
    kind,
    isMasked,
    canOrder: !isMasked && kind !== 'table' && subscripts.size === 0,
    picture: [picture, usage === 'DISPLAY' ? '' : usage].filter((text) => text !== '').join(' '),
  };
}

function pathsOf(node: RecordSchema): string[] {
  const own = node['x-cobol']?.path;
  return [...(own === undefined ? [] : [own]), ...Object.values(node.properties ?? {}).flatMap(pathsOf)];
}

/** Undefined where the record does not have it: another alternative, or fewer items. */
export function valueIn(row: Row, { keys, kind }: Column): unknown {
  let value: unknown = row;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return value === null ? null : undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return kind === 'table' && Array.isArray(value) ? value.length : value;
}

/** What to select for these columns. */
export const selectOf = (columns: readonly Column[]): string[] => [...new Set(columns.map(({ path }) => path))];
