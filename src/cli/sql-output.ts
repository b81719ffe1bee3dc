/**
 * Rows of a query as text: a table for people, CSV, JSON, JSON lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { SqlChunk } from '../sql/sql.js';
import type { SqlValue } from '../sql/values.js';
import { type Style, printable } from './style.js';
import { columnsOf } from './width.js';

export type SqlFormat = 'table' | 'csv' | 'json' | 'jsonl' | 'parquet';
export const SQL_FORMATS: readonly SqlFormat[] = ['table', 'csv', 'json', 'jsonl', 'parquet'];

/** Rows that a table's widths are taken from, and the widest that a column becomes by them. */
const MEASURED = 1000;
const WIDEST = 60;

/** Text in pieces. Of an empty result comes what the format has without rows. */
export function rowsAs(
  format: Exclude<SqlFormat, 'parquet'>,
  chunks: AsyncIterable<SqlChunk>,
  style: Style,
): AsyncGenerator<string> {
  if (format === 'table') return asTable(chunks, style);
  if (format === 'csv') return asCsv(chunks);
  return asJson(chunks, format === 'json');
}

async function* asTable(chunks: AsyncIterable<SqlChunk>, style: Style): AsyncGenerator<string> {
  let columns: readonly string[] = [];
  let rows: (readonly SqlValue[])[] = [];
  let widths: number[] | null = null;
  const flush = (): string => {
    const cells = rows.map((row) => row.map(cell));
    rows = [];
    let text = '';
    if (!widths) {
      widths = columns.map((name, i) =>
        Math.max(columnsOf(name), ...cells.map((row) => Math.min(WIDEST, columnsOf(row[i]!)))),
      );
      text = `${columns.map((name, i) => style.bold(padded(printable(name), widths![i]!, false))).join('  ')}\n`;
      text += `${style.dim(widths.map((width) => '-'.repeat(width)).join('  '))}\n`;
    }
    for (const row of cells)
      text += `${row
        .map((value, i) => padded(value, widths![i]!, numeric[i]!))
        .join('  ')
        .trimEnd()}\n`;
    return text;
  };
  let numeric: boolean[] = [];
  for await (const chunk of chunks) {
    columns = chunk.columns;
    rows.push(...chunk.rows);
    if (numeric.length === 0 && rows.length > 0) numeric = columns.map((_, i) => isNumeric(rows, i));
    if (widths || rows.length >= MEASURED) yield flush();
  }
  if (!widths || rows.length > 0) yield flush();
}

/** Decimals are strings, but of digits only. */
const isNumeric = (rows: readonly (readonly SqlValue[])[], i: number): boolean =>
  rows.every((row) => {
    const value = row[i];
    return (
      value === null || typeof value === 'number' || typeof value === 'bigint' || /^-?\d+\.\d+$/.test(String(value))
    );
  });

const padded = (text: string, width: number, right: boolean): string => {
  const fill = ' '.repeat(Math.max(0, width - columnsOf(text)));
  return right ? fill + text : text + fill;
};

const cell = (value: SqlValue | undefined): string => printable(textOf(value));

function textOf(value: SqlValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase();
  return typeof value === 'object' ? JSON.stringify(value, jsonValue) : String(value);
}

async function* asCsv(chunks: AsyncIterable<SqlChunk>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const { columns, rows } of chunks) {
    let text = isFirst ? `${columns.map(quoted).join(',')}\n` : '';
    isFirst = false;
    for (const row of rows) text += `${row.map((value) => (value === null ? '' : quoted(textOf(value)))).join(',')}\n`;
    if (text) yield text;
  }
}

/** Empty text is "", a null nothing, as `decode` writes them. */
const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

async function* asJson(chunks: AsyncIterable<SqlChunk>, isArray: boolean): AsyncGenerator<string> {
  let before = isArray ? '[\n' : '';
  for await (const { columns, rows } of chunks) {
    let text = '';
    for (const row of rows) {
      text += before + JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]])), jsonValue);
      before = isArray ? ',\n' : '\n';
    }
    if (text) yield text;
  }
  if (isArray) yield before === '[\n' ? '[]\n' : '\n]\n';
  else if (before === '\n') yield '\n';
}

/** Integers beyond what a number holds are strings, bytes hexadecimal. */
function jsonValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex').toUpperCase() : value;
}
