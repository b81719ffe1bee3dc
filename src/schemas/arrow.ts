/**
 * The Arrow schema of a batch as JSON, in the form of Arrow's integration tests: what `batch.toArrow()` has, without a batch
 * and without the package.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Layout } from '../layout/item.js';
import type { DecodeOptions, Names } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { type FieldNode, type SchemaNode, itemOf } from '../plan/schema.js';
import { clausesText, conditionTexts, typeOf } from './column.js';

export interface ArrowSchemaOptions extends DecodeOptions {
  /** Default `snake`. */
  readonly names?: Names;
}

export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: { readonly name: string; readonly [key: string]: unknown };
  readonly children: readonly ArrowField[];
  /** `cobol` (path), `clauses` (picture, usage ...) and `88` (its 88 levels). */
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
}

export function arrowSchema(layout: Layout, options: ArrowSchemaOptions = {}): { readonly fields: ArrowField[] } {
  const { names = 'snake' } = options;
  return { fields: compileOnce(layout, options).schema.children.map((node) => fieldOf(node, names)) };
}

function fieldOf(node: SchemaNode, names: Names): ArrowField {
  return { name: node.keys[names], nullable: true, ...typeAndChildren(node, names), metadata: metadataOf(node) };
}

function typeAndChildren(node: SchemaNode, names: Names): Pick<ArrowField, 'type' | 'children'> {
  if (node.node === 'field') return { type: scalar(node), children: [] };
  if (node.node === 'group')
    return { type: { name: 'struct' }, children: node.children.map((child) => fieldOf(child, names)) };
  const type = node.size >= 0 ? { name: 'fixedsizelist', listSize: node.size } : { name: 'list' };
  return { type, children: [fieldOf(node.element, names)] };
}

function scalar(field: FieldNode): ArrowField['type'] {
  const type = typeOf(field);
  switch (type.type) {
    case 'int32':
    case 'int64':
      return { name: 'int', bitWidth: type.type === 'int32' ? 32 : 64, isSigned: true };
    case 'decimal':
      return { name: 'decimal', precision: type.precision, scale: type.scale, bitWidth: 128 };
    case 'float32':
    case 'float64':
      return { name: 'floatingpoint', precision: type.type === 'float32' ? 'SINGLE' : 'DOUBLE' };
    default:
      return { name: 'utf8' };
  }
}

function metadataOf(node: SchemaNode): ArrowField['metadata'] {
  const item = itemOf(node);
  const levels = conditionTexts(item).join(', ');
  return [
    { key: 'cobol', value: node.path },
    ...(item && clausesText(item) ? [{ key: 'clauses', value: clausesText(item) }] : []),
    ...(levels ? [{ key: '88', value: levels }] : []),
  ];
}
