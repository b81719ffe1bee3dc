/**
 * Arrow's schema of what a plan produces, as a FlatBuffer: the types that `batch.toArrow()` has, and with each field what the
 * copybook says of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { precision } from '../batch/arrow.js';
import { OverpunchError } from '../errors.js';
import { type Item, type Layout, walk } from '../layout/item.js';
import type { Names } from '../options.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode, Schema, SchemaNode } from '../plan/schema.js';
import { type Part, byte, int, short, table, text, vector } from './flatbuffer.js';

/** Numbers of the union Type in Arrow's Schema.fbs. */
const TypeKind = { INT: 2, FLOAT: 3, UTF8: 5, DECIMAL: 7, LIST: 12, STRUCT: 13, FIXED_SIZE_LIST: 16 } as const;
/** FloatingPoint's precisions. */
const [SINGLE, DOUBLE] = [1, 2];

/** The table Schema. Metadata of fields: `cobol.name`, `cobol.path`, `cobol.picture`, `cobol.usage`; of the schema `cobol.record`. */
export function schemaTable(schema: Schema, layout: Layout, names: Names): Part {
  const items = itemsOf(schema, layout);
  const fields = schema.children.map((node) => fieldTable(node, names, items));
  const record = layout.records.map(({ name }) => name).join(',');
  // low byte first, which is the default; no features
  return table(null, vector(fields), keyValues({ 'cobol.record': record }));
}

function fieldTable(node: SchemaNode, names: Names, items: ReadonlyMap<SchemaNode, Item>, isElement = false): Part {
  const [kind, type] = typeOf(node);
  const children =
    node.node === 'group'
      ? node.children.map((child) => fieldTable(child, names, items))
      : node.node === 'list'
        ? [fieldTable(node.element, names, items, true)]
        : [];
  // a list says what its items are
  const metadata = isElement ? null : keyValues(clauses(node, items.get(node)));
  return table(text(node.keys[names]), byte(1), byte(kind), type, null, vector(children), metadata);
}

const clauses = ({ keys, path }: SchemaNode, item: Item | undefined): Record<string, string> => ({
  'cobol.name': keys.cobol,
  'cobol.path': path,
  ...(item?.picture ? { 'cobol.picture': item.picture } : {}),
  ...(item && item.kind !== 'group' ? { 'cobol.usage': item.usage } : {}),
});

function keyValues(pairs: Readonly<Record<string, string>>): Part {
  return vector(Object.entries(pairs).map(([key, value]) => table(text(key), text(value))));
}

function typeOf(node: SchemaNode): [kind: number, type: Part] {
  if (node.node === 'group') return [TypeKind.STRUCT, table()];
  if (node.node === 'field') return numberOrText(node);
  return node.size >= 0 ? [TypeKind.FIXED_SIZE_LIST, table(int(node.size))] : [TypeKind.LIST, table()];
}

function numberOrText(field: FieldNode): [kind: number, type: Part] {
  switch (field.type) {
    case Type.UTF8:
      return [TypeKind.UTF8, table()];
    case Type.INT32:
      return [TypeKind.INT, table(int(32), byte(1))];
    case Type.INT64:
      return [TypeKind.INT, table(int(64), byte(1))];
    case Type.DECIMAL128:
      return [TypeKind.DECIMAL, table(int(precision(field)), int(field.scale), int(128))];
    case Type.FLOAT32:
      return [TypeKind.FLOAT, table(short(SINGLE))];
    case Type.FLOAT64:
      return [TypeKind.FLOAT, table(short(DOUBLE))];
    default:
      throw new OverpunchError('OVP_PLAN_INVALID', `${field.path}: a column of type ${field.type} is unknown`);
  }
}

/** The items that nodes are made of. Of items with one path all must be there to be told apart; else nothing is said of them. */
function itemsOf(schema: Schema, layout: Layout): Map<SchemaNode, Item> {
  const items = new Map<string, Item[]>();
  const nodes = new Map<string, SchemaNode[]>();
  const add = <T>(map: Map<string, T[]>, path: string, one: T): void =>
    void (map.get(path)?.push(one) ?? map.set(path, [one]));
  for (const { item: top, renames } of layout.records) {
    for (const item of walk(top)) add(items, item.path, item);
    for (const { item } of renames) add(items, item.path, item);
  }
  const visit = (node: SchemaNode): void => {
    add(nodes, node.path, node);
    if (node.node === 'group') node.children.forEach(visit);
    if (node.node === 'list' && node.element.node === 'group') node.element.children.forEach(visit);
  };
  schema.children.forEach(visit);
  const found = new Map<SchemaNode, Item>();
  for (const [path, same] of nodes) {
    const all = items.get(path) ?? [];
    if (all.length === same.length) same.forEach((node, n) => found.set(node, all[n]!));
  }
  return found;
}
