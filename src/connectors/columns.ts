/**
 * Names of the columns of a flat record: the field's own where that is unique, else with its group's before it, and so
 * on outwards until it is. Items of tables are numbered behind their names: `phone_1`, in a table of tables `amount_2_3`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Names } from '../options.js';
import type { Schema, SchemaNode } from '../plan/schema.js';

/** Most columns of a flat record. */
export const MAX_COLUMNS = 10_000;

/** A field, or one item of a field in tables. */
interface Column {
  readonly leaf: Leaf;
  readonly suffix: string;
}

interface Leaf {
  /** Keys from the record down to the field. */
  readonly path: readonly string[];
  /** How many of them, from the end, are in the name. */
  depth: number;
}

/** The names in order of the columns, all of them different. */
export function csvHeader(schema: Schema, names: Names): string[] {
  const separator = names === 'cobol' ? '-' : '_';
  const columns: Column[] = [];
  const leaves = new Map<SchemaNode, Leaf>();

  function visit(node: SchemaNode, path: readonly string[], suffix: string): void {
    if (node.node === 'group') {
      for (const child of node.children) visit(child, [...path, child.keys[names]], suffix);
    } else if (node.node === 'list') {
      for (let n = 1; n <= node.max; n++) visit(node.element, path, `${suffix}${separator}${n}`);
    } else {
      let leaf = leaves.get(node);
      if (!leaf) leaves.set(node, (leaf = { path, depth: 1 }));
      columns.push({ leaf, suffix });
    }
  }
  for (const child of schema.children) visit(child, [child.keys[names]], '');

  const nameOf = ({ leaf, suffix }: Column): string => join(leaf.path.slice(-leaf.depth), names, separator) + suffix;
  for (let crowded = true; crowded; ) {
    const byName = new Map<string, Set<Leaf>>();
    for (const column of columns) {
      const name = nameOf(column);
      const same = byName.get(name);
      if (same) same.add(column.leaf);
      else byName.set(name, new Set([column.leaf]));
    }
    const deeper = new Set<Leaf>();
    for (const same of byName.values()) {
      if (same.size > 1) for (const leaf of same) if (leaf.depth < leaf.path.length) deeper.add(leaf);
    }
    for (const leaf of deeper) leaf.depth++;
    crowded = deeper.size > 0;
  }
  return distinct(columns.map(nameOf));
}

function join(keys: readonly string[], names: Names, separator: string): string {
  if (names !== 'camel') return keys.join(separator);
  return keys.map((key, n) => (n === 0 ? key : key.charAt(0).toUpperCase() + key.slice(1))).join('');
}

/** A field PHONE-1 beside a table PHONE: what groups can't tell apart, a number does. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let n = 2; seen.has(own) || (own !== name && taken.has(own)); n++) own = `${name}__${n}`;
    seen.add(own);
    return own;
  });
}
