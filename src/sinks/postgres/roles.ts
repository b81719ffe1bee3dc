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
import {
  type HiddenField,
  type Mask,
  type MaskedField,
  type Protection,
  hiddenOf,
  masksOf,
} from '../../schemas/protection.js';
import { createStatements } from '../../schemas/ddl.js';
import { SQL } from '../../schemas/dialects.js';
import type { Table } from '../../schemas/table.js';
import { CONTROL_SQL, LOADER_FUNCTIONS } from './control.js';

export interface RoleOptions extends Protection {
  /** The database's schema that the tables are in. */
  readonly schema: string;
  /** Names of the roles begin with it: overpunch_owner, overpunch_loader, overpunch_reader. */
  readonly prefix: string;
}

const quote = SQL.postgres.quote;
const text = SQL.postgres.text;

/** Protection as the functions here want it. */
interface Guards {
  readonly mask: readonly MaskedField[];
  readonly hide: readonly HiddenField[];
  readonly names: readonly string[];
  /** Of a name in `except` the role of the database. */
  readonly roleOf: (name: string) => string;
}

/** @throws OverpunchError OVP_OPTION_PROTECTION: it is misspelt, or names what is nowhere and would stay unprotected */
export function rolesSql(tables: readonly Table[], options: RoleOptions): string {
  const { schema, prefix, rowSecurity } = options;
  const [mask, hide] = [masksOf(options.mask, 'mask'), hiddenOf(options.hide, 'hide')];
  const names = [...mask, ...hide].map(({ field }) => field);
  const guards: Guards = { mask, hide, names, roleOf: (name) => `${prefix}_${name}` };
  checkNames(tables, rowSecurity === undefined ? names : [...names, rowSecurity]);
  checkOverlaps(tables, guards);
  const excepted = [...new Set([...mask, ...hide].flatMap(({ except }) => except))].map((name) => {
    if (!['owner', 'loader', 'reader'].includes(name)) return quote(guards.roleOf(name));
    throw new OverpunchError('OVP_OPTION_PROTECTION', `except: '${name}' is a role of every load`, {
      hint: 'Call the role that sees more by another name.',
    });
  });
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
    ...[owner, loader, reader, ...excepted].map(
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
      `  SELECT ${shown(table, tables, guards).join(',\n    ')}`,
      `  FROM ${nameOf(table)};`,
      `GRANT SELECT ON ${viewOf(table)} TO ${reader};`,
    ]),
    ...(rowSecurity === undefined
      ? []
      : tables.flatMap((table) => policies(table, nameOf, rowSecurity, `${prefix}_owner`))),
    ...(excepted.length === 0
      ? []
      : [
          'RESET ROLE;',
          '-- Who reads, and sees in the clear what these roles may see.',
          ...excepted.map((role) => `GRANT ${reader} TO ${role};`),
        ]),
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

function checkNames(tables: readonly Table[], wanted: readonly string[]): void {
  const columns = tables.flatMap((table) => table.columns);
  for (const name of wanted) {
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
function checkOverlaps(tables: readonly Table[], { names }: Guards): void {
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

/** The view's columns. Who is asked of is current_user, who queries the view, and not its owner. */
function shown(table: Table, tables: readonly Table[], guards: Guards): string[] {
  const { mask, hide } = guards;
  const all = tables.flatMap(({ columns }) => columns.flatMap(fieldsOf));
  // a rule is of bytes, by whatever name they are shown
  const isUnder = (column: TableColumn, { field: name }: HiddenField): boolean =>
    fieldsOf(column).some(
      (field) => isMeant(field, name) || all.some((other) => isMeant(other, name) && overlap(other, field)),
    );
  const columns = table.columns.flatMap((column): string[] => {
    const name = quote(column.name);
    const rules = [...hide, ...mask].filter((rule) => isUnder(column, rule));
    if (rules.length === 0) return [name];
    const isHidden = hide.some(({ field }) => means(column, field));
    // he sees it whom every rule lets
    const seeing = rules.every(({ except }) => except.length > 0) ? rules.map((rule) => isOneOf(rule, guards)) : null;
    if (isHidden && !seeing) return [];
    const { sql } = SQL.postgres.type(column.type, { isKey: false, isWide: false });
    const isClosed = rules.some((rule) => !('show' in rule) || rule.show === 'all');
    const isNull = isHidden || column.source.from === 'json';
    const otherwise = isNull ? `NULL::${sql}` : maskedValue(name, column, isClosed ? 'all' : 'last4', sql);
    if (!seeing) return [`${otherwise} AS ${name}`];
    // a number of which some digits are shown is text, for everybody
    const value = otherwise.startsWith('NULL::') || column.type.type === 'text' ? name : `${name}::text`;
    return [`CASE WHEN ${seeing.join(' AND ')} THEN ${value} ELSE ${otherwise} END AS ${name}`];
  });
  return columns.length > 0 ? columns : ['NULL::text AS "nothing"'];
}

/** Is he who asks a member of one of the roles? One that is not there has no members. */
function isOneOf({ except }: HiddenField, { roleOf }: Guards): string {
  const names = except.map((name) => text(roleOf(name))).join(', ');
  return `EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname IN (${names}) AND pg_has_role(current_user, oid, 'USAGE'))`;
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
