/**
 * Items while they are being laid out: the same objects that the layout hands out, still open for writing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DataEntry } from '../copybook/ast.js';
import type { Diagnostics } from '../copybook/diagnostics.js';
import type { Dialect } from '../options.js';
import type { Condition, Item, Occurs } from './item.js';

export interface Draft
  extends Omit<{ -readonly [K in keyof Item]: Item[K] }, 'parent' | 'children' | 'redefines' | 'occurs'> {
  parent: Draft | null;
  children: Draft[];
  redefines: Draft | null;
  occurs: Occurs | null;
  conditions: readonly Condition[];
}

/** What decides about bytes where compilers differ. */
export interface StorageRules {
  readonly dialect: Dialect;
  /** Bytes of an address. */
  readonly pointerSize: 4 | 8;
  /** SYNCHRONIZED makes slack bytes. */
  readonly sync: boolean;
}

/** What the passes over one copybook share. */
export interface Context extends StorageRules {
  readonly diagnostics: Diagnostics;
  /** The syntax behind each item. */
  readonly entries: Map<Draft, DataEntry>;
  /** Of each item that redefines another the first item of the area that they share: what the chain ends at. */
  readonly areas: Map<Draft, Draft>;
  /** The first table of variable length in an item, for those that were asked about. */
  readonly variable: Map<Draft, Draft | null>;
  /** Characters of the paths so far, and digits of values that fill their items. */
  paths: number;
  filled: number;
}

/** Bytes that an item takes with all its occurrences. */
export const extentOf = (item: Draft | Item): number => (item.occurs ? item.occurs.max * item.stride : item.length);

/** How messages call an item. */
export const shown = (item: Draft | Item): string => item.path || item.name;

export function isInside(item: Draft, group: Draft): boolean {
  for (let at: Draft | null = item; at; at = at.parent) if (at === group) return true;
  return false;
}

/** Does it match a name with qualifiers, each the name of a group somewhere around it, from the inside out? */
export function matches(item: Draft, name: string, qualifiers: readonly string[]): boolean {
  if (item.name !== name || item.filler) return false;
  let at = item.parent;
  for (const qualifier of qualifiers) {
    while (at && at.name !== qualifier) at = at.parent;
    if (!at) return false;
    at = at.parent;
  }
  return true;
}
