/**
 * From a table's columns, as the copybook has them, to tuples for the columns that the database has. The two are made of one
 * description where the loader made the table; where it was there before, its types may be others, as long as they can hold
 * what comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Client } from 'pg';
import type { TupleColumn, TupleTable } from '../../connectors/tuples.js';
import { TupleFlag, TupleTarget } from '../../engine/tuple.js';
import { OverpunchError } from '../../errors.js';
import { Type } from '../../plan/opcodes.js';
import type { FieldNode, SchemaNode } from '../../plan/schema.js';
import type { TableColumn } from '../../schemas/column.js';
import type { Table } from '../../schemas/table.js';

/** What becomes of U+0000, which PostgreSQL's text has not. */
export type NulPolicy = 'reject' | 'replace' | 'strip';
export const NUL_POLICIES = ['reject', 'replace', 'strip'] as const;

/** A column of the database's table. */
export interface DatabaseColumn {
  readonly name: string;
  readonly type: string;
  /** Its OID, and for arrays that of the elements. */
  readonly oid: number;
  readonly element: number;
  readonly typmod: number;
  readonly notNull: boolean;
  readonly isGenerated: boolean;
}

/** Columns of a table; null where there is no such table. `name` is quoted and has its schema. */
export async function readColumns(client: Client, name: string): Promise<DatabaseColumn[] | null> {
  const { rows } = await client.query<{
    name: string | null;
    type: string;
    oid: number;
    element: number;
    typmod: number;
    notNull: boolean;
    isGenerated: boolean;
  }>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.atttypid::int AS oid,
            CASE WHEN t.typcategory = 'A' THEN t.typelem::int ELSE 0 END AS element, a.atttypmod AS typmod,
            a.attnotnull AS "notNull", a.attgenerated <> '' OR a.attidentity = 'a' AS "isGenerated"
       FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       LEFT JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.oid = to_regclass($1) ORDER BY a.attnum`,
    [name],
  );
  if (rows.length === 0) return null;
  return rows.filter((row): row is DatabaseColumn => row.name !== null);
}

const TARGETS: Readonly<Record<number, number>> = {
  21: TupleTarget.INT2,
  23: TupleTarget.INT4,
  20: TupleTarget.INT8,
  1700: TupleTarget.NUMERIC,
  700: TupleTarget.FLOAT4,
  701: TupleTarget.FLOAT8,
  25: TupleTarget.TEXT,
  1043: TupleTarget.TEXT,
  1042: TupleTarget.TEXT,
  3802: TupleTarget.JSON,
};

/**
 * The tuples of a table whose columns in the database are these, with the record's number before them where it is asked for.
 * @throws OverpunchError OVP_OPTION_TARGET
 */
export function tuplesOf(
  table: Table,
  columns: readonly DatabaseColumn[],
  nul: NulPolicy,
  withRecord: boolean,
): TupleTable {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const own = table.columns.map((column): TupleColumn => {
    const found = byName.get(column.name);
    if (!found) throw refuse(table, column, `the table ${table.name} has no column ${column.name}`);
    if (found.isGenerated) throw refuse(table, column, `column ${column.name} of ${table.name} is generated`);
    return tupleColumn(table, column, found, nul);
  });
  return {
    lists: table.rows.lists,
    selects: table.rows.selects,
    columns: withRecord ? [{ kind: 'record' }, ...own] : own,
  };
}

function tupleColumn(table: Table, column: TableColumn, found: DatabaseColumn, nul: NulPolicy): TupleColumn {
  const flags =
    (nul === 'replace' ? TupleFlag.REPLACE : nul === 'strip' ? TupleFlag.STRIP : 0) |
    (found.notNull ? TupleFlag.NOT_NULL : 0);
  const { source } = column;
  switch (source.from) {
    case 'record':
    case 'ordinal': {
      const wanted = source.from === 'record' ? 20 : 23;
      if (found.oid !== wanted) throw misfit(table, column, found, wanted === 20 ? 'bigint' : 'integer');
      return source.from === 'record' ? { kind: 'record' } : { kind: 'ordinal', space: table.rows.space };
    }
    case 'parent':
      return parentColumn(table, column, found, flags);
    case 'field': {
      const fit = fitOf(table, column, source.field, found, found.oid);
      return { kind: 'field', field: source.field, space: table.rows.space, flags, ...fit };
    }
    case 'list': {
      if (found.element === 0) throw misfit(table, column, found, 'an array');
      const fit = fitOf(table, column, source.field, found, found.element);
      const { list, field } = source;
      return { kind: 'array', list, field, oid: found.element, select: innermost(source.nodes, list), flags, ...fit };
    }
    default:
      if (found.oid !== 3802) throw misfit(table, column, found, 'jsonb');
      return { kind: 'json', node: source.node, select: innermost(source.nodes, source.node), flags };
  }
}

/** A column of the key of a row around this one. */
function parentColumn(table: Table, column: TableColumn, found: DatabaseColumn, flags: number): TupleColumn {
  let at = column;
  let around: Table | undefined = table;
  while (at.source.from === 'parent') {
    around = around?.parent?.table;
    at = at.source.column;
  }
  const { space } = around!.rows;
  if (at.source.from === 'record') return { kind: 'record' };
  if (at.source.from === 'ordinal') return { kind: 'ordinal', space };
  if (at.source.from !== 'field') throw refuse(table, column, `column ${column.name} can't be filled`);
  const { field } = at.source;
  return { kind: 'field', field, space, flags, ...fitOf(table, column, field, found, found.oid) };
}

/** The SELECT frame nearest to a node among those that it lies in. */
function innermost(nodes: readonly SchemaNode[], last: SchemaNode): number {
  let select = -1;
  for (const node of nodes) {
    if (node.select >= 0) select = node.select;
    if (node === last) break;
  }
  return select;
}

type Fit = Pick<TupleColumn & { kind: 'field' }, 'target' | 'most'>;

/** How a field's values are given to a type, and from where on they are beyond it. */
function fitOf(table: Table, column: TableColumn, field: FieldNode, found: DatabaseColumn, oid: number): Fit {
  const target = TARGETS[oid];
  const suits = (most: number): Fit => ({ target: target as Fit['target'], most });
  const { TEXT, FLOAT4, FLOAT8, NUMERIC, INT2, INT4, INT8 } = TupleTarget;
  switch (field.type) {
    case Type.UTF8:
      if (target === TEXT) return suits(found.typmod > 4 ? found.typmod - 4 : 0);
      throw misfit(table, column, found, 'text or varchar');
    case Type.FLOAT32:
      if (target === FLOAT4 || target === FLOAT8) return suits(0);
      throw misfit(table, column, found, 'real or double precision');
    case Type.FLOAT64:
      if (target === FLOAT8) return suits(0);
      throw misfit(table, column, found, 'double precision');
    default:
      if (target === NUMERIC) return suits(digitsOf(table, column, field, found));
      if (field.scale === 0 && (target === INT2 || target === INT4 || target === INT8)) return suits(0);
      throw misfit(table, column, found, field.scale === 0 ? 'an integer or numeric' : 'numeric');
  }
}

/** Digits that a numeric has room for, counted as the field's are; 0: for all. */
function digitsOf(table: Table, column: TableColumn, field: FieldNode, found: DatabaseColumn): number {
  if (found.typmod < 4) return 0;
  const precision = ((found.typmod - 4) >> 16) & 0xffff;
  const scale = (found.typmod - 4) & 0x7ff;
  if (scale > 1000 || scale < field.scale)
    throw misfit(table, column, found, `numeric with ${field.scale} digits behind the point`);
  const room = precision - scale + field.scale;
  return room >= Math.max(field.storageDigits, field.scale) || room >= 38 ? 0 : Math.max(1, room);
}

function misfit(table: Table, column: TableColumn, found: DatabaseColumn, wanted: string): OverpunchError {
  return refuse(
    table,
    column,
    `column ${column.name} of ${table.name} is ${found.type}, which can't hold it: ${wanted} could`,
  );
}

function refuse(_table: Table, { path }: TableColumn, why: string): OverpunchError {
  return new OverpunchError('OVP_OPTION_TARGET', `${path ?? 'the number'}: ${why}`, {
    hint: 'Name another table with --table (it is made where there is none), or the items to load with --select.',
  });
}
