/**
 * Rows of the library and of SQL made comparable: what the library leaves out or shows as numbers of two kinds is one thing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { type OpenOptions, open } from '../../src/index.js';
import type { Schema, SchemaNode } from '../../src/plan/schema.js';
import { type OpenDataset, readCopybook } from '../../src/sql/dataset.js';
import { type Duckdb, duckdbExtension } from '../../src/sql/extension.js';
import { valuesShown } from '../../src/sql/values.js';

/** Why there can be no SQL here: '' where there can. */
export function whyNoSql(): string {
  try {
    return existsSync(duckdbExtension()) ? '' : 'it is gone';
  } catch (error) {
    const why = String((error as Error).message);
    console.error(`SQL is not tested: ${why}`);
    return why;
  }
}

type Members = readonly SchemaNode[];

/** A row of the library, keys in snake case, as SQL has it. */
export function asSql(row: Record<string, unknown>, { children }: { readonly children: Members }): unknown {
  return Object.fromEntries(children.map((node) => [node.keys.snake, value(row[node.keys.snake], node)]));
}

function value(given: unknown, node: SchemaNode): unknown {
  if (given === undefined || given === null) return null;
  if (node.node === 'group') return asSql(given as Record<string, unknown>, node);
  if (node.node === 'list') return (given as unknown[]).map((item) => value(item, node.element));
  return plain(given);
}

/**
 * Integers as text: the library's are numbers or bigints by their picture, SQL's by their value. Text without U+FEFF at its
 * beginning, which DuckDB's client takes for a byte order mark and leaves out.
 */
export function plain(given: unknown): unknown {
  if (typeof given === 'string') return given.replace(/^\uFEFF/, '');
  if (typeof given === 'bigint' || Number.isSafeInteger(given)) return String(given);
  if (Array.isArray(given)) return given.map(plain);
  if (given !== null && typeof given === 'object')
    return Object.fromEntries(Object.entries(given).map(([name, member]) => [name, plain(member)]));
  return given;
}

export async function rowsOf(duckdb: Duckdb, text: string): Promise<unknown[]> {
  const connection = await duckdb.connect();
  try {
    const reader = await connection.runAndReadAll(text);
    const show = valuesShown(await import('@duckdb/node-api'), {});
    const names = reader.deduplicatedColumnNames();
    return reader.getRows().map((row) => plain(Object.fromEntries(names.map((name, i) => [name, show(row[i]!)]))));
  } finally {
    duckdb.disconnect(connection);
  }
}

/** Reads a data set by the library and by SQL; both must give the same rows. Answers the library's. */
export async function expectSame(
  duckdb: Duckdb,
  schema: Schema,
  dataset: OpenDataset,
  options: OpenOptions,
  place: string,
): Promise<unknown[]> {
  const expected: unknown[] = [];
  for await (const row of open(dataset.path, { ...options, names: 'snake' })) expected.push(plain(asSql(row, schema)));
  const actual = await rowsOf(duckdb, `FROM ${readCopybook(dataset)}`);
  expectRows(actual, expected, place);
  return expected;
}

/** As `toEqual`, but one row at a time: a difference in thousands of rows is not printed whole. */
export function expectRows(actual: readonly unknown[], expected: readonly unknown[], place: string): void {
  expect(actual.length, place).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i], `row ${i}, ${place}`).toEqual(expected[i]);
}
