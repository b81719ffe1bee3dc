/**
 * Names: keys of the output from COBOL's names, and COBOL items from names that a person wrote.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ErrorCode, OverpunchError, didYouMean } from '../errors.js';
import { type Condition, type Item, type Layout, walk } from '../layout/item.js';
import type { Keys } from './schema.js';

/** `ACCT-ID` -> `acctId`, `acct_id`. */
export function keysOf(name: string): Keys {
  const words = name.toLowerCase().split(/[-_]+/).filter(Boolean);
  const camel = words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
  return { cobol: name, camel: camel || name, snake: words.join('_') || name };
}

/** Hands out keys that are unique among siblings: a second `X` becomes `X-2`. */
export class Siblings {
  private readonly used = new Set<string>();
  /** Where the last of this name was found: all before are used. */
  private readonly last = new Map<string, number>();

  keys(name: string): Keys {
    for (let n = this.last.get(name) ?? 1; ; n++) {
      const keys = keysOf(n === 1 ? name : `${name}-${n}`);
      if (this.used.has(`c:${keys.camel}`) || this.used.has(`s:${keys.snake}`)) continue;
      this.last.set(name, n);
      this.used.add(`c:${keys.camel}`).add(`s:${keys.snake}`);
      return keys;
    }
  }
}

/** The name under which an item goes where it is output: FILLER is numbered in its group. */
export function outputName(item: Item): string {
  if (!item.filler) return item.name;
  return `FILLER-${fillerNumber(item)}`;
}

/** Of the FILLER items of a group, which are counted once. */
const fillers = new WeakMap<readonly Item[], Map<Item, number>>();

function fillerNumber(item: Item): number {
  if (!item.parent) return 1;
  const { children } = item.parent;
  let numbers = fillers.get(children);
  if (!numbers) {
    numbers = new Map();
    for (const child of children) if (child.filler) numbers.set(child, numbers.size + 1);
    fillers.set(children, numbers);
  }
  return numbers.get(item) ?? 0;
}

/** `acctId`, `ACCT_ID` and `acct-id` are one name to us. */
const fold = (name: string): string => name.replace(/[-_]/g, '').toUpperCase();

/** An item, or an 88 level of it. */
export interface Found {
  readonly item: Item;
  readonly condition: Condition | null;
}

/** Finds items and conditions by name, with or without the groups they are in (`A.B.C`, outermost first). */
export class Lookup {
  private readonly byName = new Map<string, Found[]>();
  private readonly names = new Set<string>();

  constructor(layout: Layout) {
    for (const { item: top, renames } of layout.records) {
      for (const { item } of renames) this.add(item.name, { item, condition: null });
      for (const item of walk(top)) {
        if (!item.filler) this.add(item.name, { item, condition: null });
        for (const condition of item.conditions) this.add(condition.name, { item, condition });
      }
    }
  }

  /**
   * The one item that `path` names. With a scope, the match that shares the most groups with it is taken.
   * @throws OverpunchError where there is none, or several
   */
  find(path: readonly string[], code: ErrorCode, what: string, scope?: Item): Found {
    const matches = (this.byName.get(fold(path.at(-1)!)) ?? []).filter((found) => isQualifiedBy(found, path));
    const nearest = scope ? mostShared(matches, scope) : matches;
    const exact = nearest.filter((found) => found.item.path.split('.').length === path.length);
    const chosen = nearest.length > 1 && exact.length === 1 ? exact : nearest;
    if (chosen.length === 1) return chosen[0]!;
    const written = path.join('.');
    if (chosen.length > 1) {
      const paths = chosen.map(({ item }) => item.path).join(', ');
      throw new OverpunchError(code, `${what}: '${written}' is not unique`, { hint: `It may be ${paths}.` });
    }
    const near = didYouMean(path.at(-1)!, this.names);
    throw new OverpunchError(code, `${what}: there is no item '${written}' in the copybook`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'overpunch inspect lists the names.',
    });
  }

  private add(name: string, found: Found): void {
    const key = fold(name);
    const list = this.byName.get(key);
    if (list) list.push(found);
    else this.byName.set(key, [found]);
    this.names.add(name);
  }
}

/** Is it the item that a person who wrote this path means? */
export const isNamed = (item: Item, path: readonly string[]): boolean =>
  fold(item.name) === fold(path.at(-1)!) && isQualifiedBy({ item, condition: null }, path);

/** Are the path's other names, from the last inwards, groups that the item is in, in that order? */
function isQualifiedBy({ item, condition }: Found, path: readonly string[]): boolean {
  let group: Item | null = condition ? item : item.parent;
  for (let i = path.length - 2; i >= 0; i--) {
    while (group && fold(group.name) !== fold(path[i]!)) group = group.parent;
    if (!group) return false;
    group = group.parent;
  }
  return true;
}

function mostShared(matches: readonly Found[], scope: Item): Found[] {
  const outer = new Map<Item, number>();
  let depth = 0;
  for (let group: Item | null = scope; group; group = group.parent) outer.set(group, depth++);
  const distance = ({ item }: Found): number => {
    for (let group: Item | null = item; group; group = group.parent) {
      const found = outer.get(group);
      if (found !== undefined) return found;
    }
    return depth;
  };
  const least = Math.min(...matches.map(distance));
  return matches.filter((found) => distance(found) === least);
}

/** `A.B.C` or `C OF B OF A` as names, outermost first. */
export function splitName(name: string): string[] {
  const words = name.trim().split(/\s+(?:OF|IN)\s+/i);
  return words.length > 1 ? words.reverse() : name.trim().split('.');
}
