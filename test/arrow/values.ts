/**
 * Values as JSON has them, exactly, whoever read them: null, text, integers and decimals as their digits, floats as the bits of
 * a double, groups as objects, tables as arrays. `read.py` writes the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { DataType, type Table, type Vector, tableFromIPC } from 'apache-arrow';
import { Copybook } from '../../src/copybook.js';
import {
  type OpenOptions,
  OverpunchError,
  type Row,
  type RowValue,
  type Schema,
  type SchemaNode,
  open,
} from '../../src/index.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from '../parity/random.js';

export type Exact = string | null | Exact[] | { [key: string]: Exact };

/** What must come back of the rows that `batch.toObjects({ names: 'snake' })` has: what was not selected is null. */
export function exactRows(schema: Schema, rows: readonly Row[]): Exact[] {
  return rows.map((row) => exactGroup(schema.children, row));
}

function exactGroup(children: readonly SchemaNode[], row: Row): Exact {
  return Object.fromEntries(children.map((node) => [node.keys.snake, exact(node, row[node.keys.snake])]));
}

function exact(node: SchemaNode, value: RowValue | undefined): Exact {
  if (value === null || value === undefined) return null;
  if (node.node === 'group') return exactGroup(node.children, value as Row);
  if (node.node === 'list') return (value as RowValue[]).map((item) => exact(node.element, item));
  return node.kind === 'float' ? bitsOf(value as number) : String(value);
}

function bitsOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

/** What apache-arrow reads. */
export function exactOf(bytes: Uint8Array): Exact[] {
  return rowsOf(tableFromIPC(bytes));
}

export function rowsOf(table: Table): Exact[] {
  const columns = table.schema.fields.map(({ name }, k) => [name, table.getChildAt(k)!] as const);
  return Array.from({ length: table.numRows }, (_, i) =>
    Object.fromEntries(columns.map(([name, column]) => [name, slot(column, i)])),
  );
}

function slot(vector: Vector, i: number): Exact {
  if (!vector.isValid(i)) return null;
  const { type } = vector;
  if (DataType.isStruct(type))
    return Object.fromEntries(type.children.map(({ name }, k) => [name, slot(vector.getChildAt(k)!, i)]));
  const value: unknown = vector.get(i);
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const items = value as Vector;
    return Array.from({ length: items.length }, (_, k) => slot(items, k));
  }
  if (DataType.isFloat(type)) return bitsOf(value as number);
  if (!DataType.isDecimal(type)) return String(value);
  const words = value as Uint32Array;
  const n = [...words].reduceRight((high, word) => (high << 32n) | BigInt(word), words[3]! >> 31 ? -1n : 0n);
  if (type.scale === 0) return String(n);
  const digits = String(n < 0n ? -n : n).padStart(type.scale + 1, '0');
  return `${n < 0n ? '-' : ''}${digits.slice(0, -type.scale)}.${digits.slice(-type.scale)}`;
}

export interface Layouted {
  readonly text: string;
  readonly data: Uint8Array;
  readonly options: OpenOptions;
}

/** A random copybook, records of it (some bad, some cut) as a file of variable records, and options. */
export function randomFile(seed: number, count: number): Layouted {
  const random = new Random(seed);
  const text = randomCopybook(random);
  const copybook = Copybook.parse(text, { format: 'fixed' });
  const decode = randomOptions(random, copybook.layout);
  const writer = new RecordWriter(random, copybook.layout, decode);
  const quality = random.pick([100, 90, 50]);
  const parts: Uint8Array[] = [];
  for (let n = 0; n < count; n++) {
    const whole = writer.record(quality);
    const record = random.chance(10) ? whole.subarray(0, random.below(whole.length + 1)) : whole;
    if (record.length + 4 > 32_760) continue;
    parts.push(Uint8Array.of((record.length + 4) >> 8, record.length + 4, 0, 0), record);
  }
  return { text, data: Buffer.concat(parts), options: { ...decode, copybook, recfm: 'V', onBadData: 'null' } };
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** The rows of a file as {@link exactRows}; null where its conditions can't be used. */
export async function expectedOf({ data, options }: Layouted): Promise<Exact[] | null> {
  const rows: Exact[] = [];
  try {
    for await (const batch of open(data, options).batches())
      rows.push(...exactRows(batch.schema, batch.toObjects({ names: 'snake' })));
  } catch (error) {
    if (error instanceof OverpunchError && error.code === 'OVP_OPTION_CONDITION') return null;
    throw error;
  }
  return rows;
}
