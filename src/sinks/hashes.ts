/**
 * Rows as the fields of a hash: each value under its path in the JSON line (`name`, `address.city`, `phones.0`, items of
 * tables counted from 0), as that shows it but without quotes. What is null or left out there has no field.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Row, RowValue } from '../batch/rows.js';
import type { Names } from '../options.js';
import type { GroupNode, Schema, SchemaNode } from '../plan/schema.js';

/** Appends a value's fields, name and text by turns. */
type Flatten = (value: RowValue | undefined, out: string[]) => void;

/** Appends a row's fields: name, text, name, text ... */
export type Hash = (row: Row, out: string[]) => void;

export function hashOf(schema: Schema, names: Names): Hash {
  const flatten = group(schema, '', names);
  return (row, out) => flatten(row, out);
}

function flattenOf(node: SchemaNode, path: string, names: Names): Flatten {
  switch (node.node) {
    case 'group':
      return group(node, `${path}.`, names);
    case 'list':
      return list(node.element, path, names);
    case 'field':
      return (value, out) => {
        // a JSON line has null for infinities and NaN
        if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return;
        out.push(path, String(value));
      };
  }
}

function group(node: Schema | GroupNode, prefix: string, names: Names): Flatten {
  const members = node.children.map((child) => {
    const key = child.keys[names];
    return { key, flatten: flattenOf(child, prefix + key, names) };
  });
  return (value, out) => {
    if (value === null || value === undefined) return;
    for (const { key, flatten } of members) flatten((value as Row)[key], out);
  };
}

/** Paths of items are made as far as there are items. */
function list(element: SchemaNode, path: string, names: Names): Flatten {
  const items: Flatten[] = [];
  return (value, out) => {
    if (value === null || value === undefined) return;
    const values = value as RowValue[];
    for (let i = items.length; i < values.length; i++) items.push(flattenOf(element, `${path}.${i}`, names));
    for (let i = 0; i < values.length; i++) items[i]!(values[i], out);
  };
}
