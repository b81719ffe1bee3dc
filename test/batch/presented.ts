/**
 * What must come out of hand-made batches, worked out from their values the plain way, and random records to try.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ValueOptions } from '../../src/options.js';
import {
  type FieldSpec,
  type ListSpec,
  type Record,
  type Spec,
  type Value,
  elementOf,
  isGroup,
  isList,
  keysOf,
  mostItems,
} from './slabs.js';

/** Digits with the point `scale` places from the right. */
export function decimalText(n: bigint, scale: number): string {
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return (n < 0n ? '-' : '') + (scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`);
}

const isSafe = (n: bigint): boolean => n <= BigInt(Number.MAX_SAFE_INTEGER) && n >= BigInt(Number.MIN_SAFE_INTEGER);

function presentedField(spec: FieldSpec, value: Value, decimals: ValueOptions['decimals']): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'bigint') return spec.type === 'float32' ? Math.fround(value as number) : value;
  const { digits = 0, scale = 0 } = spec;
  if (scale > 0) return decimals === 'number' ? Number(decimalText(value, scale)) : decimalText(value, scale);
  return digits > 15 || !isSafe(value) ? value : Number(value);
}

/** A record as an object. */
export function presented(
  specs: readonly Spec[],
  record: Value,
  { names = 'camel', decimals }: ValueOptions = {},
): object {
  const row = {};
  for (const spec of specs) {
    const value = (record as Record | null | undefined)?.[spec.name];
    if (spec.optional && value === undefined) continue;
    const own = isList(spec)
      ? Array.from({ length: 'size' in spec ? spec.size : ((value as Value[]) ?? []).length }, (_, i) =>
          presentedItem(spec, ((value as Value[]) ?? [])[i], { names, decimals: decimals ?? 'string' }),
        )
      : presentedItem(spec, value, { names, decimals: decimals ?? 'string' });
    Object.defineProperty(row, keysOf(spec.name)[names], {
      value: own,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return row;
}

const presentedItem = (spec: Spec, value: Value, options: ValueOptions): unknown =>
  isGroup(spec) ? presented(spec.children, value, options) : presentedField(spec as FieldSpec, value, options.decimals);

/** A record as the cells of a CSV line; null is no value. */
export function flat(specs: readonly Spec[], record: Value): (string | null)[] {
  return specs.flatMap((spec) => {
    const value = (record as Record | null | undefined)?.[spec.name];
    if (!isList(spec)) return cells(spec, value);
    return Array.from({ length: mostItems(spec) }, (_, i) => cells(spec, ((value as Value[]) ?? [])[i])).flat();
  });
}

function cells(spec: Spec, value: Value): (string | null)[] {
  if (isGroup(spec)) return flat(spec.children, value);
  if (value === null || value === undefined) return [null];
  if (typeof value === 'bigint') return [decimalText(value, (spec as FieldSpec).scale ?? 0)];
  return [String((spec as FieldSpec).type === 'float32' ? Math.fround(value as number) : value)];
}

/** Bigints as the strings that JSON has for them, numbers that it can't have as null. */
export function forJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(forJson);
  if (value === null || typeof value !== 'object') return value;
  const copy = {};
  for (const [key, own] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: forJson(own), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface RandomRecords {
  readonly specs: readonly Spec[];
  readonly records: readonly Record[];
}

/** A random schema, up to three levels deep, and records of it. */
export function randomRecords(seed: number, count: number): RandomRecords {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const chance = (p: number): boolean => random() < p;

  function specsOf(depth: number): Spec[] {
    const length = 1 + below(depth === 0 ? 8 : 4);
    return Array.from({ length }, (_, n) => specOf(`n${below(3)}_${n}`, depth));
  }
  function specOf(name: string, depth: number): Spec {
    const optional = chance(0.2);
    const element: Spec = depth < 3 && chance(0.3) ? { name, children: specsOf(depth + 1) } : fieldOf(name);
    if (!chance(0.25)) return { ...element, optional };
    return { ...element, optional, ...(chance(0.5) ? { size: below(4) } : { max: below(5) }) } as ListSpec;
  }
  function fieldOf(name: string): FieldSpec {
    switch (below(9)) {
      case 0:
        return { name, type: 'int32', digits: 1 + below(9) };
      case 1:
        return { name, type: 'int32', digits: 9, storageDigits: 10 };
      case 2:
        return { name, type: 'int64', digits: 10 + below(9) };
      case 3:
        return { name, type: 'int64', digits: 10, storageDigits: 19 };
      case 4:
        return { name, type: 'decimal128', digits: 1 + below(38), ...(chance(0.3) ? { storageDigits: 38 } : {}) };
      case 5: {
        const digits = 1 + below(38);
        return { name, type: 'decimal128', digits, scale: 1 + below(digits) };
      }
      case 6:
        return { name, type: chance(0.5) ? 'float32' : 'float64' };
      case 7:
        return { name, type: 'latin1' };
      default:
        return { name, type: 'utf8' };
    }
  }
  function integer(digits: number): bigint {
    let n = 0n;
    for (let k = chance(0.3) ? digits : 1 + below(digits); k > 0; k--) n = n * 10n + BigInt(below(10));
    return chance(0.4) ? -n : n;
  }
  const characters = [...'abcXYZ 019_-,;"\\/\n\r\t\b\f\u0001\u001f\u007f'];
  const high = [...'éßÿ\u0080\u00a0'];
  const wide = [...'€漢字\u2028\u{1f600}'];
  function text(latin1: boolean): string {
    const set = chance(0.6) ? characters.slice(0, 12) : [...characters, ...high, ...(latin1 ? [] : wide)];
    return Array.from({ length: below(chance(0.1) ? 60 : 9) }, () => set[below(set.length)]!).join('');
  }
  function randomValue(spec: Spec): Value {
    if (spec.optional && chance(0.5)) return undefined;
    if (isList(spec)) {
      const length = 'size' in spec ? spec.size : below(spec.max + 1);
      const element = elementOf(spec);
      return Array.from({ length }, () => randomValue(element));
    }
    if (isGroup(spec)) return Object.fromEntries(spec.children.map((child) => [child.name, randomValue(child)]));
    const field = spec as FieldSpec;
    if (chance(0.15)) return null;
    const { digits = 0, storageDigits = digits } = field;
    switch (field.type) {
      case 'int32':
        return BigInt.asIntN(32, integer(storageDigits));
      case 'int64':
        return BigInt.asIntN(64, integer(storageDigits));
      case 'decimal128':
        return integer(storageDigits);
      case 'float32':
      case 'float64':
        return [0, 1, -1.5, 1 / 3, 1e300, 5e-324, 123456.789, Number.NaN, Number.POSITIVE_INFINITY][below(9)]!;
      default:
        return text(field.type === 'latin1');
    }
  }
  const specs = specsOf(0);
  const records = Array.from({ length: count }, () =>
    Object.fromEntries(specs.map((spec) => [spec.name, randomValue(spec)])),
  );
  return { specs, records };
}
