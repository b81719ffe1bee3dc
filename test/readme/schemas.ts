/**
 * Claims of the README about schemas and tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import {
  Copybook,
  type DdlOptions,
  arrowSchema,
  avroSchema,
  ddl,
  jsonSchema,
  openApi,
  typeScript,
} from '../../src/index.js';
import type { Claim } from './supported.js';

const { layout } = Copybook.parse("01 R. 05 A PIC X. 88 YES VALUE 'Y'. 05 B REDEFINES A PIC 9. 05 T PIC 9 OCCURS 2.", {
  format: 'free',
});
const words = (pattern: RegExp, options: DdlOptions): string[] => ddl(layout, options).match(pattern) ?? [];
const create = (dialect: DdlOptions['dialect']): string[] => words(/^ {2}.a. \S+/gim, { dialect });
const record = { B: "A = '1'" };

export const schemas: readonly Claim[] = [
  ['CREATE TABLE for PostgreSQL', () => create('postgres'), ['  "a" varchar(1),']],
  ['DuckDB', () => create('duckdb'), ['  "a" VARCHAR,']],
  ['SQLite', () => create('sqlite'), ['  "a" TEXT,']],
  ['MySQL', () => create('mysql'), ['  `a` VARCHAR(1)']],
  ['Db2 (its SQL was never executed)', () => create('db2'), ['  "A" VARCHAR(1']],
  [
    'OCCURS as arrays, JSON or tables',
    () =>
      (['array', 'json', 'tables'] as const).map((occurs) => words(/"t" \S+?\b/g, { dialect: 'postgres', occurs })[0]),
    ['"t" integer', '"t" jsonb', '"t" integer'],
  ],
  [
    'REDEFINES as columns or tables',
    () => [
      words(/CREATE TABLE \S+/g, { dialect: 'postgres' }),
      words(/CREATE TABLE \S+/g, { dialect: 'postgres', redefines: 'tables', record } as DdlOptions),
    ],
    [['CREATE TABLE "r"'], ['CREATE TABLE "r_a"', 'CREATE TABLE "r_b"']],
  ],
  [
    '88 levels as comments, CHECKs or enums',
    () => [
      words(/88 YES/g, { dialect: 'postgres' }),
      words(/CHECK \(.*\)/g, { dialect: 'postgres', checks: 'enforce' }),
      words(/AS ENUM.*\)/g, { dialect: 'postgres', checks: 'enum' }),
    ],
    [['88 YES'], [`CHECK ("a" IN ('Y'))`], ["AS ENUM ('Y')"]],
  ],
  ['JSON Schema', () => jsonSchema(layout).$schema, 'https://json-schema.org/draft/2020-12/schema'],
  ['OpenAPI', () => openApi(layout).openapi, '3.1.0'],
  ['Avro', () => (avroSchema(layout) as { type: string }).type, 'record'],
  ['Arrow', () => arrowSchema(layout).fields.map(({ type }) => type.name), ['utf8', 'int', 'fixedsizelist']],
  ['TypeScript interfaces', () => typeScript(layout).match(/^ {2}a: .*/m)?.[0], "  a: 'Y' | (string & {}) | null;"],
];
