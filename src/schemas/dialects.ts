/**
 * What databases call things, what they can hold exactly, and how they are told comments. No digit is lost anywhere: what a
 * database has no exact type for becomes text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ColumnType } from './column.js';
import type { NameLimit } from './identifiers.js';

export const DIALECTS = ['postgres', 'duckdb', 'sqlite', 'mysql', 'db2'] as const;
export type SqlDialect = (typeof DIALECTS)[number];

/** A type as SQL, and whether numbers in it are kept as text, with their full scale. */
export interface SqlType {
  readonly sql: string;
  readonly isTextual: boolean;
}

/** What a type may depend on. */
export interface Use {
  /** Part of a key. */
  readonly isKey: boolean;
  /** The table's text is more than a row holds: as little of it as possible is to be in the row. */
  readonly isWide: boolean;
}

export interface Dialect {
  readonly nameLimit: NameLimit | null;
  /** Columns of a table at most. */
  readonly maxColumns: number;
  readonly hasArrays: boolean;
  /** `statement`: COMMENT ON; `clause`: COMMENT '...' behind column and table; `remark`: SQL's own, which stays in the table's text. */
  readonly comments: 'statement' | 'clause' | 'remark';
  /** Longest comment in bytes. */
  readonly maxComment: number;
  readonly hasIfNotExists: boolean;
  /** `named`: CREATE TYPE ... AS ENUM; `inline`: ENUM(...) as a column's type. */
  readonly enums: 'named' | 'inline' | null;
  /** Does a foreign key say what happens to the children of a deleted row? */
  readonly hasCascade: boolean;
  /** Can a foreign key name the schema of the table that it refers to? */
  readonly hasQualifiedReferences: boolean;
  /** Behind the closing parenthesis of a table. */
  readonly tableOptions: string;
  quote(name: string): string;
  /** A text as a literal. */
  text(value: string): string;
  /** A column that is compared as text in a range: by code points, whatever the database's language. */
  ordered(column: string): string;
  type(type: ColumnType, use: Use): SqlType;
}

const number = (sql: string): SqlType => ({ sql, isTextual: false });
/** A number of so many digits as text: with sign, point and the zero before it. */
const digitsText = (name: string, digits: number): SqlType => ({ sql: `${name}(${digits + 3})`, isTextual: true });
const doubled = (mark: string) => (name: string) => `${mark}${name.replaceAll(mark, mark + mark)}${mark}`;
const standardText = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const same = (column: string): string => column;

const standard = {
  quote: doubled('"'),
  text: standardText,
  ordered: same,
  hasArrays: false,
  hasIfNotExists: true,
  hasCascade: true,
  hasQualifiedReferences: true,
  tableOptions: '',
  maxComment: Number.POSITIVE_INFINITY,
} as const;

/** The longest VARCHAR of PostgreSQL, MySQL (in a key, and before it is better kept beside the row) and Db2, in characters. */
const POSTGRES_TEXT = 10_485_760;
const MYSQL_KEY = 768;
const MYSQL_TEXT = 1024;
const DB2_TEXT = 8168;

const postgres: Dialect = {
  ...standard,
  nameLimit: { max: 63, unit: 'bytes' },
  maxColumns: 1600,
  hasArrays: true,
  comments: 'statement',
  enums: 'named',
  ordered: (column) => `${column} COLLATE "C"`,
  type(type, use) {
    switch (type.type) {
      case 'int32':
        return number('integer');
      case 'int64':
        return number('bigint');
      case 'decimal':
        return number(`numeric(${type.precision},${type.scale})`);
      case 'float32':
        return number('real');
      case 'float64':
        return number('double precision');
      case 'text':
        return number(type.maxLength > POSTGRES_TEXT ? 'text' : `varchar(${type.maxLength})`);
      case 'array':
        return number(`${postgres.type(type.element, use).sql}[]`);
      case 'json':
        return number('jsonb');
    }
  },
};

const duckdb: Dialect = {
  ...standard,
  nameLimit: null,
  maxColumns: 10_000,
  hasArrays: true,
  comments: 'statement',
  enums: 'named',
  hasCascade: false,
  type(type, use) {
    switch (type.type) {
      case 'int32':
        return number('INTEGER');
      case 'int64':
        return number('BIGINT');
      case 'decimal':
        return number(`DECIMAL(${type.precision},${type.scale})`);
      case 'float32':
        return number('FLOAT');
      case 'float64':
        return number('DOUBLE');
      case 'text':
        return number('VARCHAR');
      case 'array':
        return number(`${duckdb.type(type.element, use).sql}[]`);
      case 'json':
        return number('JSON');
    }
  },
};

const sqlite: Dialect = {
  ...standard,
  nameLimit: null,
  maxColumns: 2000,
  comments: 'remark',
  enums: null,
  hasQualifiedReferences: false,
  type(type) {
    switch (type.type) {
      case 'int32':
      case 'int64':
        return number('INTEGER');
      case 'float32':
      case 'float64':
        return number('REAL');
      case 'decimal': // its NUMERIC is a double beyond 64 bits and for every fraction
        return { sql: 'TEXT', isTextual: true };
      default:
        return number('TEXT');
    }
  },
};

const mysql: Dialect = {
  ...standard,
  quote: doubled('`'),
  text: (value) => standardText(value.replaceAll('\\', '\\\\')),
  nameLimit: { max: 64, unit: 'characters' },
  maxColumns: 1017,
  comments: 'clause',
  maxComment: 1024,
  enums: 'inline',
  tableOptions: ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
  type(type, { isKey, isWide }) {
    switch (type.type) {
      case 'int32':
        return number('INT');
      case 'int64':
        return number('BIGINT');
      case 'decimal':
        return type.scale > 30
          ? digitsText('VARCHAR', type.precision)
          : number(`DECIMAL(${type.precision},${type.scale})`);
      case 'float32':
        return number('FLOAT');
      case 'float64':
        return number('DOUBLE');
      case 'text':
        if (type.maxLength <= (isKey ? MYSQL_KEY : isWide ? 8 : MYSQL_TEXT))
          return number(`VARCHAR(${type.maxLength})`);
        return number(type.maxLength <= 16_383 ? 'TEXT' : 'LONGTEXT');
      case 'json':
        return number('JSON');
      case 'array':
        throw new RangeError('MySQL has no arrays');
    }
  },
};

const db2: Dialect = {
  ...standard,
  // names that need no quotes in Db2 are upper case there
  quote: (name) => doubled('"')(name === name.toLowerCase() ? name.toUpperCase() : name),
  nameLimit: { max: 128, unit: 'bytes' },
  maxColumns: 1012,
  comments: 'statement',
  maxComment: 254,
  hasIfNotExists: false,
  enums: null,
  type(type) {
    switch (type.type) {
      case 'int32':
        return number('INTEGER');
      case 'int64':
        return number('BIGINT');
      case 'decimal':
        return type.precision > 31
          ? digitsText('VARCHAR', type.precision)
          : number(`DECIMAL(${type.precision},${type.scale})`);
      case 'float32':
        return number('REAL');
      case 'float64':
        return number('DOUBLE');
      case 'text':
        return number(
          type.maxLength > DB2_TEXT ? `CLOB(${4 * type.maxLength})` : `VARCHAR(${type.maxLength} CODEUNITS32)`,
        );
      case 'json':
        return number('CLOB(16M)');
      case 'array':
        throw new RangeError('Db2 has no arrays');
    }
  },
};

export const SQL: Readonly<Record<SqlDialect, Dialect>> = { postgres, duckdb, sqlite, mysql, db2 };
