/**
 * What comes out of a copybook as tables: names, columns, keys, and which field fills which column. Data only: `ddl.ts`
 * writes it for a database, sinks fill tables by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../errors.js';
import type { Layout } from '../layout/item.js';
import type { Names, Trim } from '../options.js';
import { isNamed, keysOf, splitName } from '../plan/names.js';
import { type FieldNode, type ListNode, type Schema, type SchemaNode, fields, itemOf } from '../plan/schema.js';
import { alternativesOf, withOnly } from './alternatives.js';
import { type ColumnSource, type ColumnType, type TableColumn, commentOf, conditionTexts, typeOf } from './column.js';
import { type NameLimit, NameSpace, joined, qualified } from './identifiers.js';
import { allNamed, namedValues } from './values.js';

export interface TableOptions {
  /** Name of the table; default the record's. */
  readonly table?: string;
  /** Default `snake`. */
  readonly names?: Names;
  /**
   * Tables (OCCURS): `array` columns (default; a table of groups has one for each field; tables of tables are JSON), `json`
   * columns, or `tables` of their own with the parent's key and the item's number.
   */
  readonly occurs?: 'array' | 'json' | 'tables';
  /**
   * Alternatives (several 01 levels, REDEFINES): nullable `columns` (default), or `tables`: one for each alternative of the
   * outermost area that `record` has conditions for, with the columns that all records have.
   */
  readonly redefines?: 'columns' | 'tables';
  /** Items that identify a record, named as in `select`. */
  readonly key?: readonly string[];
  /** Items that are never null. */
  readonly notNull?: readonly string[];
  /** As the data is read (default `right`): values of 88 levels are trimmed alike. */
  readonly trim?: Trim;
  /** How long names may be; default any length. */
  readonly nameLimit?: NameLimit;
}

/** Which slots of a batch are rows of a table. */
export interface TableRows {
  /** The space whose slots they are: 0 for records. */
  readonly space: number;
  /** The tables from the record down to the one whose items the rows are; none for records. */
  readonly lists: readonly ListNode[];
  /** Groups from the parent's row down to the last of `lists`, which ends them; none for records. */
  readonly nodes: readonly SchemaNode[];
  /** SELECT frames that must hold, each for the slot of its space that the row is in. */
  readonly selects: readonly Selected[];
}

export interface Selected {
  readonly frame: number;
  readonly space: number;
}

export interface Table {
  /** Not quoted; different from all others, whatever their case. */
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly TableColumn[];
  /** Names of the key's columns in order; empty without one. */
  readonly key: readonly string[];
  /** The table whose rows these belong to, and the columns here that hold its key, in its order. */
  readonly parent: { readonly table: Table; readonly columns: readonly string[] } | null;
  readonly rows: TableRows;
}

/** The column of the record's number: the key of records without one, where tables of items need it. */
const RECORD_NUMBER = 'RECORD-NUMBER';

/**
 * The tables of a schema, parents before their children.
 * @throws OverpunchError OVP_OPTION_KEY, OVP_OPTION_NOT_NULL, OVP_OPTION_REDEFINES
 */
export function tablesOf(schema: Schema, layout: Layout, options: TableOptions = {}): Table[] {
  const { names = 'snake', table, redefines = 'columns' } = options;
  const builder = new TableBuilder(options);
  const [record] = layout.records;
  const title = layout.file?.name ?? record!.name;
  const own = table ?? (keysOf(title || 'RECORD')[names] || 'record');
  const comment = `${title || 'record'}: ${lengthText(layout)}`;
  const alternatives = redefines === 'tables' ? alternativesOf(schema, layout) : null;
  if (alternatives === null) builder.records(own, comment, schema.children, []);
  else {
    for (const [frame, item] of alternatives.byFrame) {
      const last = keysOf(item.name)[names];
      const name = alternatives.areRecords && table === undefined ? last : joined([own, last], names);
      const children = withOnly(schema.children, alternatives, frame);
      builder.records(name, `${comment}, those with ${item.path}`, children, [{ frame, space: 0 }]);
    }
  }
  builder.checkNames(schema);
  return builder.tables;
}

function lengthText({ length, minLength }: Layout): string {
  return minLength === length ? `${length} bytes` : `${minLength} to ${length} bytes`;
}

/** What becomes a column. */
interface Leaf {
  /** Keys from the row down to it. */
  readonly keys: readonly string[];
  readonly node: SchemaNode;
  readonly source: ColumnSource;
  readonly type: ColumnType;
}

/** A table of items below a row. */
interface Inner {
  readonly keys: readonly string[];
  readonly list: ListNode;
  readonly nodes: readonly SchemaNode[];
  readonly selects: readonly Selected[];
}

class TableBuilder {
  readonly tables: Table[] = [];
  private readonly tableNames: NameSpace;
  private readonly names: Names;
  private readonly occurs: NonNullable<TableOptions['occurs']>;
  private readonly limit: NameLimit | null;
  private readonly trim: Trim | undefined;
  private readonly keys: readonly (readonly string[])[];
  private readonly required: readonly (readonly string[])[];
  private readonly met = new Set<readonly string[]>();

  constructor(options: TableOptions) {
    this.names = options.names ?? 'snake';
    this.occurs = options.occurs ?? 'array';
    this.limit = options.nameLimit ?? null;
    this.trim = options.trim;
    this.tableNames = new NameSpace(this.limit);
    this.keys = (options.key ?? []).map(splitName);
    this.required = (options.notNull ?? []).map(splitName);
  }

  /** A table whose rows are records, and those of its tables. */
  records(name: string, comment: string, nodes: readonly SchemaNode[], selects: readonly Selected[]): void {
    const rows: TableRows = { space: 0, lists: [], nodes: [], selects };
    const leaves: Leaf[] = [];
    const inner: Inner[] = [];
    this.collect(nodes, [], [], rows, leaves, inner);
    const space = new NameSpace(this.limit);
    const columns = this.columns(leaves, space);
    let key = this.keyOf(columns);
    if (key.length === 0 && (inner.length > 0 || columns.length === 0)) {
      const number = numbered(space.take(keysOf(RECORD_NUMBER)[this.names]), 'record', 'int64', 'number of the record');
      columns.unshift(number);
      key = [number.name];
    }
    this.add({ name: this.tableNames.take(name), comment, columns, key, parent: null, rows }, inner);
  }

  /** @throws OverpunchError where `key` or `notNull` names what is nowhere a column */
  checkNames(schema: Schema): void {
    for (const [paths, code, what] of [
      [this.keys, 'OVP_OPTION_KEY', 'key'],
      [this.required, 'OVP_OPTION_NOT_NULL', 'not null'],
    ] as const) {
      for (const path of paths) {
        if (this.met.has(path)) continue;
        const all = [...fields(schema)];
        const isThere = all.some((field) => isField(field, path));
        const near = didYouMean(
          path.at(-1)!,
          all.map((field) => itemOf(field)?.name ?? field.keys.cobol),
        );
        const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'overpunch inspect lists the names.';
        throw new OverpunchError(
          code,
          isThere
            ? `${what}: ${path.join('.')} is in a table (OCCURS), which is not a column of the record's table`
            : `${what}: there is no item '${path.join('.')}' among those that are decoded`,
          isThere ? {} : { hint },
        );
      }
    }
  }

  /** A table whose rows are items. */
  private items(parent: Table, name: string, { list, nodes, selects }: Inner): void {
    const rows: TableRows = { space: list.space, lists: [...parent.rows.lists, list], nodes, selects };
    const leaves: Leaf[] = [];
    const inner: Inner[] = [];
    const { element } = list;
    const elements = element.node === 'group' ? element.children : [element];
    this.collect(elements, [], [], rows, leaves, inner);
    const space = new NameSpace(this.limit);
    const own = this.columns(leaves, space);
    const above = parent.key.map((key): TableColumn => {
      const column = parent.columns.find((one) => one.name === key)!;
      const isTaken = own.some((one) => one.name.toLowerCase() === key.toLowerCase());
      const taken = space.take(isTaken ? joined([parent.name, key], this.names) : key);
      return {
        ...column,
        name: taken,
        conditions: [],
        conditionText: [],
        named: null,
        source: { from: 'parent', column },
      };
    });
    const no = space.take(joined([list.keys[this.names], keysOf('NO')[this.names]], this.names));
    const ordinal = numbered(no, 'ordinal', 'int32', `number of the item in ${list.path}`);
    const columns = [...above, ordinal, ...own];
    const key = [...above, ordinal].map((column) => column.name);
    const link = { table: parent, columns: above.map((column) => column.name) };
    this.add({ name, comment: `${commentOf(list)}: one row an item`, columns, key, parent: link, rows }, inner);
  }

  private add(table: Table, inner: readonly Inner[]): void {
    this.tables.push(table);
    const short = qualified(
      inner.map(({ keys }) => keys),
      this.names,
      new NameSpace(null),
    );
    inner.forEach((one, n) =>
      this.items(table, this.tableNames.take(joined([table.name, short[n]!], this.names)), one),
    );
  }

  /** Sorts what is below a row into columns and tables. */
  private collect(
    nodes: readonly SchemaNode[],
    keys: readonly string[],
    above: readonly SchemaNode[],
    rows: TableRows,
    leaves: Leaf[],
    inner: Inner[],
  ): void {
    for (const node of nodes) {
      const path = [...keys, node.keys[this.names]];
      const down = [...above, node];
      if (node.node === 'field') {
        leaves.push({ keys: path, node, type: typeOf(node), source: { from: 'field', field: node, nodes: down } });
      } else if (node.node === 'group') {
        const selected = withSelect(rows, node, rows.space);
        this.collect(node.children, path, down, selected, leaves, inner);
      } else if (this.occurs === 'tables') {
        const { selects } = withSelect(rows, node, rows.space);
        inner.push({
          keys: path,
          list: node,
          nodes: down,
          selects: withSelect({ ...rows, selects }, node.element, node.space).selects,
        });
      } else if (this.occurs === 'json' || holdsLists(node.element)) {
        leaves.push({ keys: path, node, type: { type: 'json' }, source: { from: 'json', node, nodes: down } });
      } else {
        this.arrays(node, path, down, leaves);
      }
    }
  }

  /** A column of arrays for each field of a table. */
  private arrays(list: ListNode, keys: readonly string[], above: readonly SchemaNode[], leaves: Leaf[]): void {
    const visit = (node: SchemaNode, path: readonly string[], nodes: readonly SchemaNode[]): void => {
      if (node.node === 'group') {
        for (const child of node.children) visit(child, [...path, child.keys[this.names]], [...nodes, child]);
      } else if (node.node === 'field') {
        const type = { type: 'array', element: typeOf(node), maxItems: list.max } as const;
        leaves.push({ keys: path, node, type, source: { from: 'list', field: node, list, nodes } });
      }
    };
    visit(list.element, keys, [...above, list.element]);
  }

  private columns(leaves: readonly Leaf[], space: NameSpace): TableColumn[] {
    const names = qualified(
      leaves.map(({ keys }) => keys),
      this.names,
      space,
    );
    const columns = leaves.map(({ node, type, source }, n): TableColumn => {
      const item = itemOf(node);
      const conditions = node.node === 'field' ? namedValues(node, item, this.trim) : [];
      return {
        name: names[n]!,
        type,
        nullable: true,
        path: node.path,
        comment: columnComment(node, source),
        conditionText: conditionTexts(item),
        conditions,
        named: allNamed(conditions),
        source,
      };
    });
    for (const path of this.required) {
      const column = this.columnOf(columns, path, 'OVP_OPTION_NOT_NULL', 'not null');
      if (column) columns[columns.indexOf(column)] = { ...column, nullable: false };
    }
    return columns;
  }

  /** The names of the key's columns, which become not null; none where the key is of other records. */
  private keyOf(columns: TableColumn[]): string[] {
    const found = this.keys.map((path) => this.columnOf(columns, path, 'OVP_OPTION_KEY', 'key'));
    if (found.some((column) => column === null)) return [];
    return found.map((column) => {
      if (column!.source.from !== 'field') {
        throw new OverpunchError('OVP_OPTION_KEY', `key: ${column!.path} is a table, which can't be a key`);
      }
      columns[columns.indexOf(column!)] = { ...column!, nullable: false };
      return column!.name;
    });
  }

  private columnOf(
    columns: readonly TableColumn[],
    path: readonly string[],
    code: 'OVP_OPTION_KEY' | 'OVP_OPTION_NOT_NULL',
    what: string,
  ): TableColumn | null {
    const matches = columns.filter(({ source }) => 'field' in source && isField(source.field, path));
    const exact = matches.filter((column) => column.path!.split('.').length === path.length);
    const [found, ...others] = matches.length > 1 && exact.length === 1 ? exact : matches;
    if (others.length > 0) {
      const paths = [found!, ...others].map((column) => column.path).join(', ');
      throw new OverpunchError(code, `${what}: '${path.join('.')}' is not unique`, { hint: `It may be ${paths}.` });
    }
    if (found) this.met.add(path);
    return found ?? null;
  }
}

function columnComment(node: SchemaNode, source: ColumnSource): string {
  const own = commentOf(node);
  return source.from === 'list' && source.list.element !== node ? `${own}, in ${commentOf(source.list)}` : own;
}

const isField = (field: FieldNode, path: readonly string[]): boolean => {
  const item = itemOf(field);
  return item ? isNamed(item, path) : field.path === path.join('.');
};

function withSelect(rows: TableRows, { select }: SchemaNode, space: number): TableRows {
  return select < 0 ? rows : { ...rows, selects: [...rows.selects, { frame: select, space }] };
}

const holdsLists = (node: SchemaNode): boolean =>
  node.node === 'list' || (node.node === 'group' && node.children.some(holdsLists));

function numbered(name: string, from: 'ordinal' | 'record', type: 'int32' | 'int64', comment: string): TableColumn {
  return {
    name,
    type: { type },
    nullable: false,
    path: null,
    comment,
    conditionText: [],
    conditions: [],
    named: null,
    source: { from },
  };
}
