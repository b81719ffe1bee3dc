/**
 * Records that were found as one JSON array: by the engine's writer, or, where fields are masked, by way of objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Row } from '../../batch/rows.js';
import { refuseLong } from '../../connectors/elements.js';
import type { Fault, ReadOptions } from '../../options.js';
import { compileOnce } from '../../plan/compiled.js';
import type { GroupNode, Schema, SchemaNode } from '../../plan/schema.js';
import { type RecordBytes, type ServedDataset, recordsOf } from './dataset.js';
import { maskedText } from '../../schemas/protection.js';
import type { View } from '../access/view.js';

export interface JsonRows {
  /** `,{...}\n,{...}\n`: what stands between the brackets, and a comma before. */
  readonly chunks: readonly Uint8Array[];
  readonly badValues: number;
  /** The first of them, with the file's own numbers and offsets. */
  readonly faults: readonly Fault[];
}

/**
 * @param select of the view, as `View.select` has it
 * @param maxFaults bad values that are told of, where it is not as many as everywhere
 */
export function jsonRows(
  dataset: ServedDataset,
  view: View,
  found: RecordBytes,
  select: readonly string[] | undefined,
  maxFaults?: number,
): JsonRows | Promise<JsonRows> {
  if (view.masked.size > 0) return maskedRows(dataset, view, found, select, maxFaults);
  return plainRows(dataset, view, found, select, maxFaults);
}

/** The same where nothing is masked, at once. */
export function plainRows(
  dataset: ServedDataset,
  view: View,
  found: RecordBytes,
  select: readonly string[] | undefined,
  maxFaults?: number,
): JsonRows {
  const { chunks, tally } = dataset.elements(select, maxFaults).write(recordsOf(found));
  const { badValues, faults } = tally;
  // the writer's memory is anybody's, and whoever waits for this comes back behind others
  return {
    chunks: chunks.map((chunk) => Buffer.from(chunk)),
    badValues,
    faults: faults.map((fault) => placed(fault, found, view)),
  };
}

async function maskedRows(
  dataset: ServedDataset,
  view: View,
  found: RecordBytes,
  select: readonly string[] | undefined,
  maxFaults: number | undefined,
): Promise<JsonRows> {
  const request = { ...(select && { select }), ...(maxFaults !== undefined && { maxFaults }) };
  const reader = dataset.readerOf(found, request);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const lines of maskedLines(dataset, view, reader.rows(), request, ',')) {
    const chunk = Buffer.from(lines);
    chunks.push(chunk);
    refuseLong((length += chunk.length));
  }
  const { badValues, faults } = reader.summary;
  return { chunks, badValues, faults: faults.map((fault) => placed(fault, found, view)) };
}

/** One record's object, without what stands around it. */
export function recordText({ chunks }: JsonRows): Buffer {
  const text = Buffer.concat(chunks);
  return text.subarray(1, text.length - 1);
}

const HEAD = '{"records":[';

/** What a page has beside its records. */
export interface PageEnd {
  /** Numbers of the records; null where they are ordered. */
  readonly numbers: readonly number[] | null;
  /** The next page's cursor; undefined: there are none. */
  readonly next?: string | null;
  /** Of a selection: its records, and what the file has beside whole records. */
  readonly total?: number;
  readonly incomplete?: number | null;
}

/** What stands behind the records and their numbers. */
function restOf({ next, total, incomplete }: PageEnd, badValues: number, faults: string): string {
  const cursor = next === undefined ? '' : `,"next":${next === null ? 'null' : `"${next}"`}`;
  const whole = total === undefined ? '' : `,"total":${total},"incomplete":${incomplete ?? null}`;
  return `${cursor}${whole},"badValues":${badValues},"faults":${faults}}`;
}

const NUMBERS = '],"numbers":[';
/** Digits of the largest number, and a comma. */
const NUMBER = 17;

/** Bytes that `writeEnd` needs at most. */
const endRoom = ({ numbers }: PageEnd, rest: string): number =>
  1 + (numbers ? NUMBERS.length + NUMBER * numbers.length : 0) + 3 * rest.length;

/** Writes what follows the records; answers where it ends. */
function writeEnd(page: Buffer, at: number, { numbers }: PageEnd, rest: string): number {
  let end = at;
  if (numbers) {
    end += page.write(NUMBERS, end, 'latin1');
    // their texts, made and joined, would take a tenth of the time of the page
    for (const number of numbers) {
      end = writeNumber(page, end, number);
      page[end++] = 0x2c;
    }
    if (numbers.length > 0) end--;
  }
  page[end++] = 0x5d;
  return end + page.write(rest, end, 'utf8');
}

function writeNumber(page: Buffer, at: number, number: number): number {
  if (number > 0x7fffffff) return at + page.write(String(number), at, 'latin1');
  let end = at + 1;
  for (let left = number; left > 9; left = (left / 10) | 0) end++;
  for (let to = end, left = number; to > at; ) {
    const tenth = (left / 10) | 0;
    page[--to] = 0x30 + left - 10 * tenth;
    left = tenth;
  }
  return end;
}

/**
 * A page of records without bad values, written where it is sent from; null where it is not so simple.
 * @param memory is asked at most once for so many bytes
 */
export function goodPage(
  dataset: ServedDataset,
  found: RecordBytes,
  select: readonly string[] | undefined,
  end: PageEnd,
  memory: (length: number) => Buffer,
): Buffer | null {
  const writer = dataset.elements(select);
  const records = recordsOf(found);
  const room = writer.roomFor(records.count);
  if (room === null || records.count === 0) return null;
  const rest = restOf(end, 0, '[]');
  const behind = endRoom(end, rest);
  const page = memory(HEAD.length + room + behind);
  // the bracket is written over the first comma
  const length = writer.writeTo(records, page.subarray(0, page.length - behind), HEAD.length - 1);
  if (length === null) return null;
  page.write(HEAD, 0, 'latin1');
  return page.subarray(0, writeEnd(page, HEAD.length - 1 + length, end, rest));
}

/** Any page: the rows as they were written, what belongs to them around. */
export function pageText({ chunks, badValues, faults }: JsonRows, end: PageEnd): Buffer {
  const rest = restOf(end, badValues, JSON.stringify(faults));
  const rows = chunks.reduce((sum, { length }) => sum + length, 0);
  const page = Buffer.allocUnsafe(HEAD.length + rows + endRoom(end, rest));
  let at = HEAD.length - (rows > 0 ? 1 : 0);
  for (const chunk of chunks) {
    page.set(chunk, at);
    at += chunk.length;
  }
  // the bracket is written over the first comma
  page.write(HEAD, 0, 'latin1');
  return page.subarray(0, writeEnd(page, at, end, rest));
}

/** Rows as JSON lines with masks over what the view masks, some dozens at a time. `before` begins each line. */
export async function* maskedLines(
  dataset: ServedDataset,
  view: View,
  rows: AsyncIterable<readonly Row[]>,
  request: ReadOptions,
  before = '',
): AsyncGenerator<string> {
  const options = dataset.reading(request);
  const { schema } = compileOnce(dataset.copybook.layout, { ...options, text: 'latin1' });
  const names = options.names ?? 'camel';
  for await (const some of rows) {
    let text = '';
    for (const row of some) {
      mask(schema, row, view, names);
      text += `${before}${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`;
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
  if (node.node === 'field') {
    const mask = view.masked.get(node.path);
    return mask ? maskedText(value, mask, node.kind) : value;
  }
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
