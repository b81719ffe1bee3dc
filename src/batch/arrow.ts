/**
 * Batches and columns as apache-arrow objects: views of the slab, nothing copied but Latin-1 text that is not ASCII. They
 * are true as long as the slab is not used for another batch. apache-arrow is an optional peer, loaded on first use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { isAscii } from 'node:buffer';
import type { Data, DataType, Field, RecordBatch, Vector } from 'apache-arrow';
import { OverpunchError } from '../errors.js';
import type { Names } from '../options.js';
import { loadPeer } from '../peer.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode, ListNode, SchemaNode } from '../plan/schema.js';
import type { Batch, Column } from './batch.js';

type Arrow = typeof import('apache-arrow');

const load = (): Promise<Arrow> => loadPeer('Arrow output', 'apache-arrow', '21', () => import('apache-arrow'));

/** A batch as an Arrow record batch: groups are structs, tables lists, alternatives that were not selected null. */
export async function toArrow(
  batch: Batch,
  { names = 'snake' }: { readonly names?: Names } = {},
): Promise<RecordBatch> {
  const arrow = await load();
  const [fields, children] = members(arrow, batch, batch.schema.children, 0, names);
  const data = arrow.makeData({ type: new arrow.Struct(fields), length: batch.length, nullCount: 0, children });
  return new arrow.RecordBatch(new arrow.Schema(fields), data);
}

/** One column as an Arrow vector. */
export async function vector(column: Column): Promise<Vector> {
  const arrow = await load();
  return arrow.makeVector(columnData(arrow, column));
}

function members(
  arrow: Arrow,
  batch: Batch,
  nodes: readonly SchemaNode[],
  space: number,
  names: Names,
): [fields: Field[], children: Data[]] {
  const children = nodes.map((node) => nodeData(arrow, batch, node, space, names));
  return [nodes.map((node, n) => new arrow.Field(node.keys[names], children[n]!.type, true)), children];
}

function nodeData(arrow: Arrow, batch: Batch, node: SchemaNode, space: number, names: Names): Data {
  const length = batch.slots(space);
  if (node.node === 'field') return columnData(arrow, batch.column(node, length));
  const nullBitmap = node.select < 0 ? null : batch.selection(node.select, length);
  if (node.node === 'list') return listData(arrow, batch, node, length, nullBitmap, names);
  const [fields, children] = members(arrow, batch, node.children, space, names);
  return arrow.makeData({ type: new arrow.Struct(fields), length, nullBitmap, ...unknownNulls(nullBitmap), children });
}

function listData(
  arrow: Arrow,
  batch: Batch,
  node: ListNode,
  length: number,
  nullBitmap: Uint8Array | null,
  names: Names,
): Data {
  const child = nodeData(arrow, batch, node.element, node.space, names);
  const item = new arrow.Field(node.element.keys[names], child.type, true);
  const shared = { length, nullBitmap, ...unknownNulls(nullBitmap), child };
  if (node.size >= 0) return arrow.makeData({ type: new arrow.FixedSizeList(node.size, item), ...shared });
  return arrow.makeData({ type: new arrow.List(item), valueOffsets: batch.listOffsets(node.frame, length), ...shared });
}

/** Without a bitmap there are no nulls; with one they are counted when somebody asks. */
const unknownNulls = (nullBitmap: Uint8Array | null): { nullCount?: number } => (nullBitmap ? {} : { nullCount: 0 });

function columnData(arrow: Arrow, column: Column): Data {
  const { field, length, validity: nullBitmap } = column;
  if (field.type === Type.UTF8) {
    const { offsets: valueOffsets, bytes: data } = utf8(column);
    return arrow.makeData({ type: new arrow.Utf8(), length, nullBitmap, valueOffsets, data });
  }
  const { buffer, byteOffset, byteLength } = column.values;
  const type = numberType(arrow, field);
  // Decimals are 32-bit words to apache-arrow.
  const data = field.type === Type.DECIMAL128 ? new Uint32Array(buffer, byteOffset, byteLength / 4) : column.values;
  return arrow.makeData({ type, length, nullBitmap, data } as Parameters<typeof arrow.makeData>[0]) as Data;
}

/** Digits of a decimal column, those behind the point among them. */
export const precision = ({ scale, storageDigits }: FieldNode): number => Math.min(38, Math.max(storageDigits, scale));

function numberType(arrow: Arrow, field: FieldNode): DataType {
  const { type, path, scale } = field;
  switch (type) {
    case Type.INT32:
      return new arrow.Int32();
    case Type.INT64:
      return new arrow.Int64();
    case Type.DECIMAL128:
      return new arrow.Decimal(scale, precision(field), 128);
    case Type.FLOAT32:
      return new arrow.Float32();
    case Type.FLOAT64:
      return new arrow.Float64();
    default:
      throw new OverpunchError('OVP_PLAN_INVALID', `${path}: a column of type ${type} is unknown`);
  }
}

/** A text column as UTF-8: what it is, or Latin-1 whose upper half takes two bytes. */
export function utf8({ field, length, values, offsets }: Column): { offsets: Int32Array; bytes: Uint8Array } {
  const source = values as Uint8Array;
  if (!field.latin1 || isAscii(source)) return { offsets: offsets!, bytes: source };
  let size = source.length;
  for (const byte of source) size += byte >> 7;
  const bytes = new Uint8Array(size);
  const ends = new Int32Array(length + 1);
  let at = 0;
  for (let i = 0; i < length; i++) {
    for (let k = offsets![i]!; k < offsets![i + 1]!; k++) {
      const byte = source[k]!;
      if (byte < 0x80) {
        bytes[at++] = byte;
      } else {
        bytes[at++] = 0xc0 | (byte >> 6);
        bytes[at++] = 0x80 | (byte & 0x3f);
      }
    }
    ends[i + 1] = at;
  }
  return { offsets: ends, bytes };
}
