/**
 * Roles with no more rights than they need, as SQL for the database's owner to look at and run: one that owns the tables and
 * can't log in, one that loads and can read nothing, one that reads a view in which protected items are masked or missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError, didYouMean } from '../../errors.js';
import type { Item } from '../../layout/item.js';
import { isNamed, splitName } from '../../plan/names.js';
import { type FieldNode, fields, itemOf } from '../../plan/schema.js';
import type { TableColumn } from '../../schemas/column.js';
import { createStatements } from '../../schemas/ddl.js';
import { SQL } from '../../schemas/dialects.js';
import type { Table } from '../../schemas/table.js';
import { CONTROL_SQL, LOADER_FUNCTIONS } from './control.js';

/** `all`: nothing is shown but that there is a value (of numbers and tables not even that); `last4`: the last four characters too. */
export const MASKS = ['all', 'last4'] as const;
export type Mask = (typeof MASKS)[number];

/** What of a data set not everybody may see. */
export interface Protection {
  /** Items that are shown masked. */
  readonly mask?: Readonly<Record<string, Mask>>;
  /** Items that are not shown. */
  readonly hide?: readonly string[];
  /** An item by whose values rows are shown to some and not to others: see overpunch.reader_rows. */
  readonly rowSecurity?: string;
}

export interface RoleOptions extends Protection {
  /** The database's schema that the tables are in. */
  readonly schema: string;
  /** Names of the roles begin with it: overpunch_owner, overpunch_loader, overpunch_reader. */
  readonly prefix: string;
}

const quote = SQL.postgres.quote;
const text = SQL.postgres.text;

/** @throws OverpunchError OVP_OPTION_PROTECTION: it names what is nowhere, and would stay unprotected */
export function rolesSql(tables: readonly Table[], options: RoleOptions): string {
  const { schema, prefix } = options;
  checkNames(tables, options);
  checkOverlaps(tables, options);
  const [owner, loader, reader] = ['owner', 'loader', 'reader'].map((name) => quote(`${prefix}_${name}`)) as [
    string,
    string,
    string,
  ];
  const nameOf = (table: Table): string => `${quote(schema)}.${quote(table.name)}`;
  const viewOf = (table: Table): string => `${quote(schema)}.${quote(`${table.name}_read`)}`;
  const lines = [
    '-- To be run once by a superuser; running it again changes nothing but the views and policies.',
    'BEGIN;',
    ...[owner, loader, reader].map(
      (role) => `DO $role$ BEGIN CREATE ROLE ${role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $role$;`,
    ),
    `CREATE SCHEMA IF NOT EXISTS overpunch AUTHORIZATION ${owner};`,
    `CREATE SCHEMA IF NOT EXISTS ${quote(schema)} AUTHORIZATION ${owner};`,
    `GRANT USAGE, CREATE ON SCHEMA ${quote(schema)} TO ${owner};`,
    '-- From here on everything belongs to the owner.',
    `SET LOCAL ROLE ${owner};`,
    CONTROL_SQL,
    ...createStatements(tables, { dialect: 'postgres', schema, ifNotExists: true }).map((statement) => `${statement};`),
    '',
    '-- Who loads: rows into staging tables, which begin_load makes and grants, and the functions that move them.',
    `GRANT USAGE ON SCHEMA overpunch, ${quote(schema)} TO ${loader};`,
    `GRANT SELECT ON overpunch.load TO ${loader};`,
    ...LOADER_FUNCTIONS.map((name) => `GRANT EXECUTE ON FUNCTION overpunch.${name} TO ${loader};`),
    ...tables.map(
      (table) =>
        `INSERT INTO overpunch.loader (target, role) VALUES (${text(nameOf(table))}, ${text(`${prefix}_loader`)}) ON CONFLICT DO NOTHING;`,
    ),
    '',
    '-- Who reads: views, and nothing else. Barriers: no function of a query sees a row before the view has made it.',
    `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${reader};`,
    ...tables.flatMap((table) => [
      `REVOKE ALL ON ${nameOf(table)} FROM PUBLIC, ${loader}, ${reader};`,
      `DROP VIEW IF EXISTS ${viewOf(table)};`,
      `CREATE VIEW ${viewOf(table)} WITH (security_barrier = true) AS`,
      `  SELECT ${shown(table, options).join(',\n    ')}`,
      `  FROM ${nameOf(table)};`,
      `GRANT SELECT ON ${viewOf(table)} TO ${reader};`,
    ]),
    ...(options.rowSecurity === undefined
      ? []
      : tables.flatMap((table) => policies(table, nameOf, options.rowSecurity!, `${prefix}_owner`))),
    'COMMIT;',
    '',
  ];
  return lines.join('\n');
}

/** Does a name mean something in this column? Names are as in `select`: an item, or a group with all in it. */
function means(column: TableColumn, name: string): boolean {
  return fieldsOf(column).some((field) => isMeant(field, name));
}

function isMeant(field: FieldNode, name: string): boolean {
  const path = splitName(name);
  for (let item = itemOf(field); item; item = item.parent ?? undefined) if (isNamed(item, path)) return true;
  return field.path === name;
}

function fieldsOf({ source }: TableColumn): FieldNode[] {
  if (source.from === 'parent') return fieldsOf(source.column);
  if (source.from === 'json') return [...fields(source.node)];
  return 'field' in source ? [source.field] : [];
}

function checkNames(tables: readonly Table[], { mask = {}, hide = [], rowSecurity }: Protection): void {
  const columns = tables.flatMap((table) => table.columns);
  for (const name of [...Object.keys(mask), ...hide, ...(rowSecurity === undefined ? [] : [rowSecurity])]) {
    if (columns.some((column) => means(column, name))) continue;
    const names = columns.flatMap(fieldsOf).map((field) => itemOf(field)?.name ?? field.keys.cobol);
    const near = didYouMean(splitName(name).at(-1)!, names);
    throw new OverpunchError('OVP_OPTION_PROTECTION', `'${name}' is to be protected, and no column is made of it`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'overpunch inspect lists the names.',
    });
  }
}

/**
 * Another item over the same bytes (REDEFINES, another record type, a RENAMES) would show what is protected: it must be too.
 * Items of variable tables are taken where they lie with every table at its maximum.
 */
function checkOverlaps(tables: readonly Table[], { mask = {}, hide = [] }: Protection): void {
  const names = [...Object.keys(mask), ...hide];
  const columns = tables.flatMap((table) => table.columns).filter(({ source }) => source.from !== 'parent');
  const isProtected = (column: TableColumn): boolean => names.some((name) => means(column, name));
  const areas = columns
    .filter(isProtected)
    .flatMap(fieldsOf)
    .filter((field) => names.some((n) => isMeant(field, n)));
  for (const column of columns) {
    if (isProtected(column)) continue;
    for (const field of fieldsOf(column)) {
      const other = areas.find((area) => overlap(area, field));
      if (!other) continue;
      throw new OverpunchError(
        'OVP_OPTION_PROTECTION',
        `${other.path} is protected, and ${field.path} shows the same bytes`,
        { hint: `Mask or hide ${field.path} too, or leave it out with --select.` },
      );
    }
  }
}

/** Items of one table lie between each other's occurrences: what counts is where they lie in what both are in. */
function overlap(a: FieldNode, b: FieldNode): boolean {
  const [one, two] = [itemOf(a), itemOf(b)];
  if (a === b || !one || !two) return false;
  const around = new Set<Item>();
  for (let at = one.parent; at; at = at.parent) around.add(at);
  let common = two.parent;
  while (common && !around.has(common)) common = common.parent;
  const ends = [one, two].map((item) => {
    let end = item.offset + item.length;
    for (let at: Item | null = item; at && at !== common; at = at.parent)
      if (at.occurs) end += (at.occurs.max - 1) * at.stride;
    return end;
  });
  return one.offset < ends[1]! && two.offset < ends[0]!;
}

/** The view's columns. */
function shown(table: Table, { mask = {}, hide = [] }: Protection): string[] {
  const columns = table.columns.flatMap((column): string[] => {
    const name = quote(column.name);
    const isJson = column.source.from === 'json';
    if (hide.some((hidden) => means(column, hidden))) return [];
    const found = Object.entries(mask).find(([masked]) => means(column, masked));
    if (!found) return [name];
    const { sql } = SQL.postgres.type(column.type, { isKey: false, isWide: false });
    if (isJson) return [`NULL::${sql} AS ${name}`];
    return [`${maskedValue(name, column, found[1], sql)} AS ${name}`];
  });
  return columns.length > 0 ? columns : ['NULL::text AS "nothing"'];
}

function maskedValue(name: string, { type }: TableColumn, mask: Mask, sql: string): string {
  const isText = type.type === 'text';
  const isWhole = type.type === 'int32' || type.type === 'int64' || (type.type === 'decimal' && type.scale === 0);
  if (mask === 'last4' && (isText || isWhole)) {
    const value = isText ? name : `abs(${name})::text`;
    return `CASE WHEN length(${value}) > 4 THEN '***' || right(${value}, 4) WHEN ${name} IS NOT NULL THEN '***' END`;
  }
  return isText ? `CASE WHEN ${name} IS NOT NULL THEN '***' END` : `NULL::${sql}`;
}

/**
 * Rows are shown to whom overpunch.reader_rows says. Items follow their records. The functions that load run as the owner,
 * which a reader of the view never is: current_user is who asks.
 */
function policies(table: Table, nameOf: (table: Table) => string, item: string, owner: string): string[] {
  const column = table.columns.find((one) => one.source.from === 'field' && means(one, item));
  const { parent } = table;
  const rule = column
    ? `EXISTS (SELECT FROM overpunch.reader_rows r WHERE r.target = ${text(nameOf(table))} AND r.value = ${quote(column.name)}::text AND pg_has_role(current_user, r.role, 'USAGE'))`
    : parent &&
      `EXISTS (SELECT FROM ${nameOf(parent.table)} p WHERE ${parent.columns
        .map((own, n) => `p.${quote(parent.table.key[n]!)} = ${nameOf(table)}.${quote(own)}`)
        .join(' AND ')})`;
  if (!rule) {
    throw new OverpunchError('OVP_OPTION_PROTECTION', `rowSecurity: ${table.name} has no column of ${item}`);
  }
  const own = `current_user = ${text(owner)}`;
  return [
    `ALTER TABLE ${nameOf(table)} ENABLE ROW LEVEL SECURITY;`,
    `ALTER TABLE ${nameOf(table)} FORCE ROW LEVEL SECURITY;`,
    `DROP POLICY IF EXISTS overpunch_rows ON ${nameOf(table)};`,
    `CREATE POLICY overpunch_rows ON ${nameOf(table)} USING (${own} OR ${rule}) WITH CHECK (${own});`,
  ];
}
