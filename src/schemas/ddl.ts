/**
 * Tables of a copybook as SQL: CREATE TABLE with keys, foreign keys, CHECKs and enums of 88 levels, and comments that have
 * the copybook's names and pictures. Every name is quoted, so no word is reserved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';
import type { Layout } from '../layout/item.js';
import type { DecodeOptions } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import type { TableColumn } from './column.js';
import { type Dialect, SQL, type SqlDialect, type SqlType } from './dialects.js';
import { NameSpace } from './identifiers.js';
import { type Table, type TableOptions, tablesOf } from './table.js';
import { type NamedValue, withScale } from './values.js';

export const CHECKS = ['none', 'comment', 'enforce', 'enum'] as const;

export interface DdlOptions extends Omit<TableOptions, 'nameLimit' | 'trim'> {
  readonly dialect: SqlDialect;
  /** The database's schema that the tables go into (a database in MySQL); it must be there. */
  readonly schema?: string;
  /**
   * 88 levels: in comments (`comment`, the default: they name values, and others occur in real data), not at all
   * (`none`), as CHECK constraints too (`enforce`), or as enum types where the database has them and every value is a text
   * (`enum`; CHECK elsewhere). Bad and absent values are null, which no CHECK refuses.
   */
  readonly checks?: (typeof CHECKS)[number];
  /** CREATE TABLE IF NOT EXISTS; of a table that is there nothing is changed. */
  readonly ifNotExists?: boolean;
}

/**
 * SQL that makes the tables for what these options decode.
 * @throws OverpunchError OVP_OPTION_*: a key that is none, more columns than the database takes
 */
export function ddl(layout: Layout, options: DdlOptions & DecodeOptions): string {
  const statements = createStatements(ddlTables(layout, options), options);
  return `${statements.map((statement) => `${statement};`).join('\n')}\n`;
}

/** The tables that {@link ddl} makes: tables of items as the database can hold them, names as long as it takes. */
export function ddlTables(layout: Layout, options: DdlOptions & DecodeOptions): Table[] {
  const { nameLimit, hasArrays } = SQL[options.dialect];
  const { occurs = hasArrays ? 'array' : 'json' } = options;
  if (occurs === 'array' && !hasArrays) {
    throw new OverpunchError('OVP_OPTION_OCCURS', `occurs 'array': ${options.dialect} has no arrays`, {
      hint: "Take 'json' or 'tables'.",
    });
  }
  const { schema } = compileOnce(layout, options);
  return tablesOf(schema, layout, { ...options, occurs, ...(nameLimit && { nameLimit }) });
}

/** The statements for these tables, in order, each without its semicolon. */
export function createStatements(
  tables: readonly Table[],
  options: Pick<DdlOptions, 'dialect' | 'schema' | 'checks' | 'ifNotExists'>,
): string[] {
  const dialect = SQL[options.dialect];
  if (options.ifNotExists && !dialect.hasIfNotExists) {
    throw new OverpunchError('OVP_OPTION_VALUE', `ifNotExists: not every version of ${options.dialect} knows it`);
  }
  // types, indexes and constraints have names too, in places that differ from database to database
  const names = new NameSpace(
    dialect.nameLimit,
    tables.map(({ name }) => name),
  );
  return tables.flatMap((table) => new TableWriter(dialect, table, names, options).statements());
}

/** Bytes of a row that MySQL takes, roughly: long text does not count, VARCHAR does with four bytes a character. */
const ROW_BYTES = 30_000;

class TableWriter {
  private readonly checks: NonNullable<DdlOptions['checks']>;
  private readonly isWide: boolean;
  private readonly types: readonly SqlType[];
  private readonly before: string[] = [];

  constructor(
    private readonly dialect: Dialect,
    private readonly table: Table,
    private readonly names: NameSpace,
    private readonly options: Pick<DdlOptions, 'dialect' | 'schema' | 'checks' | 'ifNotExists'>,
  ) {
    const { columns, name } = table;
    this.checks = options.checks ?? 'comment';
    if (columns.length > dialect.maxColumns) {
      throw new OverpunchError(
        'OVP_OPTION_COLUMNS',
        `table ${name} would have ${columns.length} columns; ${options.dialect} takes ${dialect.maxColumns}`,
        { hint: "Put tables elsewhere (occurs 'json' or 'tables'), or name the items to decode with select." },
      );
    }
    const lengths = columns.map(({ type }) => (type.type === 'text' ? type.maxLength : 0));
    this.isWide = 4 * lengths.reduce((all, one) => all + one, 0) > ROW_BYTES;
    this.types = columns.map((column) => this.typeOf(column));
  }

  statements(): string[] {
    const { dialect, table, options } = this;
    const remark = dialect.comments === 'remark';
    const parts = [...table.columns.map((column, n) => this.column(column, this.types[n]!)), ...this.constraints()];
    const lines = parts.map(({ sql, comment }, n) => {
      const comma = n < parts.length - 1 ? ',' : '';
      return `  ${sql}${comma}${remark && comment ? ` -- ${comment}` : ''}`;
    });
    const clause = dialect.comments === 'clause' ? ` COMMENT=${this.text(table.comment)}` : '';
    const create = [
      `CREATE TABLE ${options.ifNotExists ? 'IF NOT EXISTS ' : ''}${this.name(table.name)} (${remark ? ` -- ${this.plain(table.comment)}` : ''}`,
      ...lines,
      `)${dialect.tableOptions}${clause}`,
    ].join('\n');
    return [...this.before, create, ...(dialect.comments === 'statement' ? this.comments() : [])];
  }

  private column(column: TableColumn, { sql }: SqlType): { sql: string; comment: string } {
    const { dialect } = this;
    const comment = this.commentOf(column);
    const clause = dialect.comments === 'clause' ? ` COMMENT ${dialect.text(comment)}` : '';
    return { sql: `${dialect.quote(column.name)} ${sql}${column.nullable ? '' : ' NOT NULL'}${clause}`, comment };
  }

  private typeOf(column: TableColumn): SqlType {
    const { dialect, table } = this;
    const named = this.isEnum(column) ? column.named!.map(({ from }) => dialect.text(from)).join(', ') : '';
    if (named !== '' && dialect.enums === 'inline') return { sql: `ENUM(${named})`, isTextual: false };
    if (named !== '' && dialect.enums === 'named') {
      const name = this.name(this.names.take(`${table.name}_${column.name}`));
      const create = `CREATE TYPE ${name} AS ENUM (${named})`;
      this.before.push(this.options.ifNotExists ? this.unlessThere(create) : create);
      return { sql: name, isTextual: false };
    }
    const isKey = table.key.includes(column.name);
    const type = dialect.type(column.type, { isKey, isWide: this.isWide });
    if (isKey && /TEXT|CLOB/.test(type.sql) && dialect !== SQL.sqlite) {
      throw new OverpunchError(
        'OVP_OPTION_KEY',
        `key: ${column.path} is too long for a key of ${this.options.dialect}`,
      );
    }
    return type;
  }

  private unlessThere(create: string): string {
    if (this.options.dialect === 'duckdb') return create.replace('CREATE TYPE', 'CREATE TYPE IF NOT EXISTS');
    return `DO $type$ BEGIN ${create}; EXCEPTION WHEN duplicate_object THEN NULL; END $type$`;
  }

  /** Enums have single values of text; PostgreSQL's labels are as long as its names. */
  private isEnum({ name, named, type, source }: TableColumn): boolean {
    return (
      this.checks === 'enum' &&
      !this.table.key.includes(name) && // the columns of its children would have to be of the same type
      this.dialect.enums !== null &&
      type.type === 'text' &&
      source.from === 'field' &&
      (named?.every(({ from, to }) => to === null && Buffer.byteLength(from) <= 63) ?? false)
    );
  }

  private constraints(): { sql: string; comment: string }[] {
    const { dialect, table } = this;
    const list = (names: readonly string[]): string => names.map((name) => dialect.quote(name)).join(', ');
    const constraints: string[] = [];
    const add = (name: string, sql: string): number =>
      constraints.push(`CONSTRAINT ${dialect.quote(this.names.take(name))} ${sql}`);
    if (table.key.length > 0) add(`${table.name}_pkey`, `PRIMARY KEY (${list(table.key)})`);
    if (table.parent) {
      const { table: parent, columns } = table.parent;
      const name = dialect.hasQualifiedReferences ? this.name(parent.name) : dialect.quote(parent.name);
      const cascade = dialect.hasCascade ? ' ON DELETE CASCADE' : '';
      add(`${table.name}_fkey`, `FOREIGN KEY (${list(columns)}) REFERENCES ${name} (${list(parent.key)})${cascade}`);
    }
    table.columns.forEach((column, n) => {
      const condition = this.condition(column, this.types[n]!);
      if (condition !== null) add(`${table.name}_${column.name}_check`, `CHECK (${condition})`);
    });
    return constraints.map((sql) => ({ sql, comment: '' }));
  }

  /** What 88 levels say of a column, where it is to be enforced and can be. */
  private condition(column: TableColumn, { isTextual }: SqlType): string | null {
    const { named, type, source, name } = column;
    if (this.checks !== 'enforce' && this.checks !== 'enum') return null;
    if (!named || source.from !== 'field' || type.type === 'array' || type.type === 'json') return null;
    if (this.isEnum(column)) return null;
    const isText = type.type === 'text' || isTextual;
    if (isTextual && named.some(({ to }) => to !== null)) return null;
    const scale = type.type === 'decimal' ? type.scale : 0;
    const literal = (value: string): string =>
      isText ? this.dialect.text(isTextual ? withScale(value, scale) : value) : value;
    const singles = named.filter(({ to }) => to === null);
    const ranges = named.filter((value): value is NamedValue & { to: string } => value.to !== null);
    const quoted = this.dialect.quote(name);
    const ordered = isText ? this.dialect.ordered(quoted) : quoted;
    return [
      ...(singles.length > 0 ? [`${quoted} IN (${singles.map(({ from }) => literal(from)).join(', ')})`] : []),
      ...ranges.map(({ from, to }) => `${ordered} BETWEEN ${literal(from)} AND ${literal(to)}`),
    ].join(' OR ');
  }

  private comments(): string[] {
    const { dialect, table } = this;
    const name = this.name(table.name);
    return [
      `COMMENT ON TABLE ${name} IS ${this.text(table.comment)}`,
      ...table.columns.map(
        (column) =>
          `COMMENT ON COLUMN ${name}.${dialect.quote(column.name)} IS ${dialect.text(this.commentOf(column))}`,
      ),
    ];
  }

  private commentOf({ comment, conditionText }: TableColumn): string {
    const levels = this.checks === 'none' || conditionText.length === 0 ? '' : `; 88 ${conditionText.join(', ')}`;
    return this.plain(comment + levels);
  }

  private text(comment: string): string {
    return this.dialect.text(this.plain(comment));
  }

  /** On one line, and as long as the database takes. */
  private plain(comment: string): string {
    const line = comment.replace(/[\u0000-\u001f\u007f]+/g, ' ');
    const { maxComment } = this.dialect;
    if (Buffer.byteLength(line) <= maxComment) return line;
    let kept = line.slice(0, maxComment - 3);
    while (Buffer.byteLength(kept) > maxComment - 3) kept = kept.slice(0, -1);
    return `${kept.replace(/[\ud800-\udbff]$/, '')}...`;
  }

  private name(name: string): string {
    const { schema } = this.options;
    return schema === undefined
      ? this.dialect.quote(name)
      : `${this.dialect.quote(schema)}.${this.dialect.quote(name)}`;
  }
}
