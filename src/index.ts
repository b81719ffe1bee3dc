/**
 * Overpunch: mainframe data in Node.js. Everything public is exported here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export { Copybook, type CopybookOptions, MessageDecoder, type MessageOptions } from './copybook.js';
export { type OpenOptions, type ReadSummary, Reader, open } from './read.js';
export { OverpunchError, type DataPosition, type ErrorCode, type SourcePosition } from './errors.js';
export { faults } from './batch/faults.js';
export type { Row, RowValue } from './batch/rows.js';
export type { RowCursor } from './batch/cursor.js';
export type { AggregateOptions, AverageOptions, GroupBy, GroupSummary } from './keyed/group.js';
export type { FoundRecord, IndexOptions, LookupKey, RecordIndex } from './keyed/lookup.js';
export type { SortField, SortOptions, SortSummary } from './keyed/sort.js';
export type { ArrowFormat } from './arrow/ipc.js';
export { arrowFile, arrowSink } from './sinks/arrow.js';
export { vector } from './batch/arrow.js';
export { Batch, type Column, type Values } from './batch/batch.js';
export { loadEngine } from './engine/load.js';
export type { Engine } from './engine/engine.js';
export type { Decoded, Sink, SinkTarget } from './connectors/sink.js';
export type { Dataset } from './sql/dataset.js';
export { type DuckdbOptions, duckdbExtension } from './sql/extension.js';
export { type DuckdbLoadOptions, type DuckdbLoadResult, loadDuckdb } from './sql/load.js';
export { type Compression, type ParquetOptions, type ParquetSummary, writeParquet } from './sql/parquet.js';
export { planFile } from './sql/plan-file.js';
export { type Database, type SqlOptions, type SqlQuery, sql } from './sql/sql.js';
export type { SqlRow, SqlValue } from './sql/values.js';
export type { ByteSource, SourceInput } from './connectors/source.js';
export type { FieldNode, GroupNode, Keys, ListNode, Schema, SchemaNode } from './plan/schema.js';
export { type ArrowField, type ArrowSchemaOptions, arrowSchema } from './schemas/arrow.js';
export { type AvroSchemaOptions, type AvroType, avroSchema } from './schemas/avro.js';
export {
  type JsonSchema,
  type JsonSchemaOptions,
  type SchemaChecks,
  jsonSchema,
  openApi,
} from './schemas/json-schema.js';
export { type TypeScriptOptions, typeScript } from './schemas/typescript.js';
export type { ColumnSource, ColumnType, TableColumn } from './schemas/column.js';
export { type DdlOptions, createStatements, ddl, ddlTables } from './schemas/ddl.js';
export type { SqlDialect } from './schemas/dialects.js';
export { type Table, type TableOptions, type TableRows, tablesOf } from './schemas/table.js';
export type { NamedValue, NamedValues } from './schemas/values.js';
export { type MongoOptions, type MongoResult, mongodb } from './sinks/mongodb.js';
export { type LoadOptions, load } from './sinks/postgres/load.js';
export type { HideRule, Mask, MaskRule, Protection } from './schemas/protection.js';
export { type RoleOptions, rolesSql } from './sinks/postgres/roles.js';
export type { LoadResult, LoadedFile, PostgresOptions } from './sinks/postgres/options.js';
export { postgres } from './sinks/postgres/sink.js';
export { type RedisResult, type RedisSinkOptions, redis } from './sinks/redis.js';
export { type StoreOptions, type StoreResult, sinkOf } from './sinks/sinks.js';
export type * from './layout/item.js';
export type * from './options.js';
