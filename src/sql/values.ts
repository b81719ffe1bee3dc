/**
 * DuckDB's values as the library shows values: decimals as strings of full scale, integers as numbers where a number holds
 * them and as bigints where not, lists and structs as arrays and objects, dates and times as ISO writes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DuckDBValue } from '@duckdb/node-api';
import type { ValueOptions } from '../options.js';

export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | SqlValue[]
  | { [key: string]: SqlValue };
export type SqlRow = { [column: string]: SqlValue };

type Show = (value: DuckDBValue) => SqlValue;
type Duck = typeof import('@duckdb/node-api');

/** What shows the values of a query. */
export function valuesShown(duck: Duck, { decimals = 'string' }: Pick<ValueOptions, 'decimals'>): Show {
  const show: Show = (value) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'bigint') return integer(value);
    if (typeof value !== 'object') return value;
    if (value instanceof duck.DuckDBDecimalValue) {
      if (value.scale === 0) return integer(value.value);
      return decimals === 'number' ? Number(value.toString()) : value.toString();
    }
    if (value instanceof duck.DuckDBListValue || value instanceof duck.DuckDBArrayValue) return value.items.map(show);
    if (value instanceof duck.DuckDBStructValue) {
      return Object.fromEntries(Object.entries(value.entries).map(([name, member]) => [name, show(member)]));
    }
    if (value instanceof duck.DuckDBMapValue)
      return value.entries.map(({ key, value: of }) => ({ key: show(key), value: show(of) }));
    if (value instanceof duck.DuckDBUnionValue) return show(value.value);
    if (value instanceof duck.DuckDBBlobValue) return value.bytes;
    return String(value);
  };
  return show;
}

const integer = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
