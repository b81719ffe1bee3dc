/**
 * Records that were found as one JSON array: by the engine's writer, or, where fields are masked, by way of objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Row } from '../batch/rows.js';
import { ChunkPool } from '../connectors/chunks.js';
import type { Fault, ReadOptions } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import type { GroupNode, Schema, SchemaNode } from '../plan/schema.js';
import type { RecordBytes, ServedDataset } from './dataset.js';
import { MASK, type View } from './view.js';

const NEWLINE = 10;
const COMMA = 44;
/** Texts of pages are copied out of these. */
const pool = new ChunkPool();

export interface JsonRows {
  /** `{...},{...}`: what stands between the brackets. */
  readonly text: Buffer;
  readonly badValues: number;
  /** The first of them, with the file's own numbers and offsets. */
  readonly faults: readonly Fault[];
}

export async function jsonRows(
  dataset: ServedDataset,
  view: View,
  found: RecordBytes,
  request: ReadOptions,
): Promise<JsonRows> {
  const reader = dataset.readerOf(found, request);
  const chunks: Buffer[] = [];
  if (view.masked.size === 0) {
    for await (const chunk of reader.toJsonLines({ reuse: pool })) {
      chunks.push(Buffer.from(chunk));
      pool.give(chunk);
    }
  } else {
    for await (const line of maskedLines(dataset, view, reader.rows(), request)) chunks.push(Buffer.from(line));
  }
  const text = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  // texts hold no new lines of their own: JSON escapes them
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) text[at] = COMMA;
  const { badValues, faults } = reader.summary;
  return {
    text: text.subarray(0, Math.max(0, text.length - 1)),
    badValues,
    faults: faults.map((fault) => placed(fault, found, view)),
  };
}

/** Rows as JSON lines with masks over what the view masks, some dozens at a time. */
export async function* maskedLines(
  dataset: ServedDataset,
  view: View,
  rows: AsyncIterable<readonly Row[]>,
  request: ReadOptions,
): AsyncGenerator<string> {
  const options = dataset.reading(request);
  const { schema } = compileOnce(dataset.copybook.layout, { ...options, text: 'latin1' });
  const names = options.names ?? 'camel';
  for await (const some of rows) {
    let text = '';
    for (const row of some) {
      mask(schema, row, view, names);
      text += `${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`;
    }
    yield text;
  }
}

type Values = Record<string, unknown>;

function mask(node: Schema | GroupNode, values: Values, view: View, names: 'cobol' | 'camel' | 'snake'): void {
  for (const child of node.children) {
    const key = child.keys[names];
    if (Object.hasOwn(values, key)) values[key] = maskedValue(child, values[key], view, names);
  }
}

function maskedValue(node: SchemaNode, value: unknown, view: View, names: 'cobol' | 'camel' | 'snake'): unknown {
  if (node.node === 'field') return view.masked.has(node.path) ? MASK : value;
  if (value === null) return value;
  if (node.node === 'list')
    return (value as unknown[]).map((element) => maskedValue(node.element, element, view, names));
  mask(node, value as Values, view, names);
  return value;
}

/** A fault by the file's numbers. Of what is masked nothing is said but where it is. */
function placed(fault: Fault, { numbers, offsets, bytes, framing }: RecordBytes, view: View): Fault {
  const at = fault.record - 1;
  const start = framing.recfm === 'F' ? at * framing.lrecl! : startOf(bytes, at);
  const isMasked = view.concealed.has(fault.field.replace(/\(\d+\)/g, ''));
  return {
    record: numbers[at]!,
    offset: offsets[at]! + fault.offset - start,
    field: fault.field,
    reason: isMasked ? 'masked' : fault.reason,
    hex: isMasked ? '' : fault.hex,
  };
}

/** Where a described record's own bytes begin. */
function startOf(bytes: Uint8Array, record: number): number {
  let at = 0;
  for (let i = 0; i < record; i++) at += (bytes[at]! << 8) | bytes[at + 1]!;
  return at + 4;
}
