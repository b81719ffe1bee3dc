/**
 * 88 levels as values of a column: the literals as the column will hold them, trimmed and without leading zeros.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Condition, Item, Literal } from '../layout/item.js';
import type { Trim } from '../options.js';
import type { FieldNode } from '../plan/schema.js';

/** One value of an 88 level, or a range of them, as the column holds it: text, or a number's digits (`-12.50`). */
export interface NamedValue {
  readonly from: string;
  /** The end of a range, itself in it; null for a single value. */
  readonly to: string | null;
}

/** An 88 level of a column. */
export interface NamedValues {
  /** COBOL's name. */
  readonly name: string;
  readonly values: readonly NamedValue[];
  /** Every value of the 88 level is in `values`. Bytes (X'FF') are not, nor are text ranges that mean the code page's order. */
  readonly complete: boolean;
}

/** The 88 levels of a field. */
export function namedValues(field: FieldNode, item: Item | undefined, trim: Trim = 'right'): NamedValues[] {
  return (item?.conditions ?? []).map((condition) => valuesOf(condition, field, item!, trim));
}

/**
 * Every value that the 88 levels of a field name, in their order; null where there are none, or where a value can't be
 * said as one of the column's (then a list of the others would refuse what COBOL takes).
 */
export function allNamed(conditions: readonly NamedValues[]): NamedValue[] | null {
  if (conditions.length === 0 || conditions.some(({ complete }) => !complete)) return null;
  const all = new Map<string, NamedValue>();
  for (const { values } of conditions) for (const value of values) all.set(JSON.stringify(value), value);
  return all.size > 0 ? [...all.values()] : null;
}

function valuesOf({ name, values }: Condition, field: FieldNode, item: Item, trim: Trim): NamedValues {
  const known: NamedValue[] = [];
  let complete = true;
  for (const { from, to } of values) {
    if (isAbsent(from) && to === null && field.kind === 'text') continue; // it is null, which no list of values refuses
    const first = literalOf(from, field, item, trim);
    const last = to && literalOf(to, field, item, trim);
    if (first === null || (to !== null && (last === null || !isRange(first, last!, field)))) complete = false;
    else known.push({ from: first, to: last });
  }
  return { name, values: known, complete };
}

const isAbsent = ({ kind, value }: Literal): boolean =>
  kind === 'figurative' && (value === 'LOW-VALUE' || value === 'HIGH-VALUE' || value === 'NULL');

/**
 * Characters have one order in the code page and another in the database: ranges within digits, or within capitals, are
 * the same in both.
 */
function isRange(from: string, to: string, { kind }: FieldNode): boolean {
  if (kind !== 'text') return true;
  return from.length === to.length && [/^\d+$/, /^[A-Z]+$/].some((one) => one.test(from) && one.test(to));
}

function literalOf(literal: Literal, field: FieldNode, item: Item, trim: Trim): string | null {
  return field.kind === 'text' ? textOf(literal, characters(item), trim) : numberOf(literal, field);
}

/** Characters of a field that is full. */
const characters = ({ kind, usage, length }: Item): number =>
  kind === 'national' || kind === 'dbcs' || usage === 'NATIONAL' ? length / 2 : length;

function textOf({ kind, value }: Literal, length: number, trim: Trim): string | null {
  switch (kind) {
    case 'text':
    case 'number':
      return value.length > length ? null : trimmed(value.padEnd(length), trim);
    case 'all':
      return value === '' ? null : trimmed(value.repeat(Math.ceil(length / value.length)).slice(0, length), trim);
    case 'figurative':
      if (value === 'SPACE') return trimmed(' '.repeat(length), trim);
      if (value === 'ZERO') return '0'.repeat(length);
      return value === 'QUOTE' ? '"'.repeat(length) : null;
    default:
      return null; // bytes
  }
}

function trimmed(text: string, trim: Trim): string {
  const left = trim === 'left' || trim === 'both' ? text.replace(/^ +/, '') : text;
  return trim === 'right' || trim === 'both' ? left.replace(/ +$/, '') : left;
}

/** A number as `-12.50`, without leading zeros; null for what is none, or has more digits behind the point than the field. */
function numberOf({ kind, value }: Literal, field: FieldNode): string | null {
  if (kind === 'figurative') return value === 'ZERO' ? '0' : null;
  if (kind !== 'number' && kind !== 'text') return null;
  const match = /^\s*([+-]?)(\d*)(?:[.,](\d+))?\s*$/.exec(value);
  if (!match) return null;
  const [, sign, whole = '', fraction] = match;
  if (whole === '' && fraction === undefined) return null;
  if (field.kind !== 'float' && (fraction ?? '').replace(/0+$/, '').length > field.scale) return null;
  const digits = `${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction === undefined ? '' : `.${fraction}`}`;
  return sign === '-' && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

/** `1.5` with two digits behind the point is `1.50`: as text a number has its full scale. */
export function withScale(value: string, scale: number): string {
  const [whole, fraction = ''] = value.split('.');
  return scale === 0 ? whole! : `${whole}.${fraction.padEnd(scale, '0').slice(0, scale)}`;
}
