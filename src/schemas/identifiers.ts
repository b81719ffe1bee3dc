/**
 * Names of tables and columns: the item's own where that is unique, else with its group's before it, and so on outwards;
 * cut to what a database takes. Which name an item gets depends on the items beside it and on nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import type { Names } from '../options.js';

/** How long a name may be. */
export interface NameLimit {
  readonly max: number;
  readonly unit: 'bytes' | 'characters';
}

/** Databases don't tell apart what differs in case alone. */
const fold = (name: string): string => name.toLowerCase();

const sizeOf = (name: string, unit: NameLimit['unit']): number =>
  unit === 'bytes' ? Buffer.byteLength(name) : [...name].length;

/** Hex digits at the end of a name that was cut. */
const MARK = 8;

/** The name, or as much of it as fits, with a mark that is its own: two long names never become one. */
export function shortened(name: string, limit: NameLimit | null): string {
  if (!limit || sizeOf(name, limit.unit) <= limit.max) return name;
  const mark = createHash('sha256').update(name).digest('hex').slice(0, MARK);
  let kept = '';
  for (const character of name) {
    if (sizeOf(kept + character, limit.unit) > limit.max - MARK - 1) break;
    kept += character;
  }
  return `${kept}_${mark}`;
}

/** Hands out names that are all different, whatever their case: a second `x` becomes `x_2`. */
export class NameSpace {
  private readonly used: Set<string>;

  constructor(
    private readonly limit: NameLimit | null,
    reserved: Iterable<string> = [],
    /** Between a name and its number. */
    private readonly between = '_',
  ) {
    this.used = new Set([...reserved].map(fold));
  }

  take(name: string): string {
    for (let n = 1; ; n++) {
      const own = shortened(n === 1 ? name : `${name}${this.between}${n}`, this.limit);
      if (this.used.has(fold(own))) continue;
      this.used.add(fold(own));
      return own;
    }
  }
}

/** Keys joined to one name. */
export function joined(keys: readonly string[], names: Names): string {
  if (names !== 'camel') return keys.join(names === 'cobol' ? '-' : '_');
  return keys.map((key, n) => (n === 0 ? key : key.charAt(0).toUpperCase() + key.slice(1))).join('');
}

/**
 * One name for each path (keys from the outermost group to the item), with as many of its last keys as it takes to be
 * unique. The names come in the order of the paths and are all different.
 */
export function qualified(paths: readonly (readonly string[])[], names: Names, space: NameSpace): string[] {
  const depths = paths.map(() => 1);
  const nameOf = (path: readonly string[], n: number): string => joined(path.slice(-depths[n]!), names);
  for (let crowded = true; crowded; ) {
    const byName = new Map<string, number[]>();
    paths.forEach((path, n) => {
      const name = fold(nameOf(path, n));
      byName.set(name, [...(byName.get(name) ?? []), n]);
    });
    crowded = false;
    for (const same of byName.values()) {
      if (same.length < 2) continue;
      for (const n of same) {
        if (depths[n]! >= paths[n]!.length) continue;
        depths[n]!++;
        crowded = true;
      }
    }
  }
  return paths.map((path, n) => space.take(nameOf(path, n)));
}
