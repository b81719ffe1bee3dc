/**
 * An Avro schema of a record: groups are records, tables arrays, scaled decimals the logical type `decimal` over bytes, and
 * every value may be null.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Layout } from '../layout/item.js';
import type { DecodeOptions, Names } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { type FieldNode, type GroupNode, type Schema, type SchemaNode, itemOf } from '../plan/schema.js';
import { type ColumnType, commentOf, conditionTexts, typeOf } from './column.js';
import { NameSpace, joined } from './identifiers.js';
import { titleOf } from './json-schema.js';

export interface AvroSchemaOptions extends DecodeOptions {
  /** Default `snake`; characters that Avro's names have not become `_`. */
  readonly names?: Names;
}

export type AvroType = string | readonly AvroType[] | { readonly [key: string]: unknown };

export function avroSchema(layout: Layout, options: AvroSchemaOptions = {}): AvroType {
  const { schema } = compileOnce(layout, options);
  const { names = 'snake' } = options;
  const name = nameOf(titleOf(layout).toLowerCase());
  return new Writer(names).record(schema, [name], titleOf(layout));
}

class Writer {
  /** Records have names that are different in the whole schema. */
  private readonly records = new NameSpace(null);

  constructor(private readonly names: Names) {}

  record(node: Schema | GroupNode, path: readonly string[], doc: string): AvroType {
    const names = new NameSpace(null);
    return {
      type: 'record',
      name: this.records.take(joined(path, 'snake')),
      doc,
      fields: node.children.map((child) => {
        const name = names.take(nameOf(child.keys[this.names]));
        const type = this.value(child, [...path, name]);
        const isNullable = Array.isArray(type);
        const levels = conditionTexts(itemOf(child)).map((level) => `88 ${level}`);
        return { name, type, doc: [commentOf(child), ...levels].join('; '), ...(isNullable && { default: null }) };
      }),
    };
  }

  private value(node: SchemaNode, path: readonly string[]): AvroType {
    if (node.node === 'field') return nullable(scalar(node));
    const type =
      node.node === 'group'
        ? this.record(node, path, commentOf(node))
        : { type: 'array', items: this.value(node.element, path) };
    return node.select < 0 ? type : nullable(type);
  }
}

const nullable = (type: AvroType): AvroType => ['null', type];

function scalar(field: FieldNode): AvroType {
  const type: ColumnType = typeOf(field);
  switch (type.type) {
    case 'int32':
      return 'int';
    case 'int64':
      return 'long';
    case 'decimal':
      return { type: 'bytes', logicalType: 'decimal', precision: type.precision, scale: type.scale };
    case 'float32':
      return 'float';
    case 'float64':
      return 'double';
    default:
      return 'string';
  }
}

/** Letters of ASCII, digits and underlines, not beginning with a digit. */
function nameOf(key: string): string {
  const name = key.replace(/\W/g, '_');
  return /^\d/.test(name) || name === '' ? `_${name}` : name;
}
