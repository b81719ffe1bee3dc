/**
 * Batches as CSV (RFC 4180, but lines end with LF). Records are flat there: groups vanish, every table takes as many
 * columns as it can have items. Null is nothing between the commas, empty text is `""`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Binder, dataView, listOffsetsView, validityView, wordsView } from '../batch/views.js';
import { type Program, TextFormat, WriteOp } from '../engine/program.js';
import { OverpunchError } from '../errors.js';
import type { ValueOptions } from '../options.js';
import type { FieldNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import { csvHeader, MAX_COLUMNS } from './columns.js';
import { type Encoder, Output, type Writer } from './connector.js';
import { numberWriter } from './numbers.js';
import { ProgramBuilder } from './program.js';

export interface CsvOptions extends ValueOptions {
  /** A first line with the columns' names (default). */
  readonly header?: boolean;
}

const utf8 = new TextEncoder();
const NONE = new Uint8Array(0);
const COMMA = 44;
const QUOTE = 34;
const NEWLINE = 10;

/** Bytes that make quotes necessary. */
const SPECIAL = new Uint8Array(256);
for (const byte of utf8.encode(',"\r\n')) SPECIAL[byte] = 1;

/** @throws OverpunchError OVP_OPTION_CSV where the columns would be too many */
export function csv(schema: Schema, options: CsvOptions = {}): Encoder {
  const { names = 'snake', decimals = 'string', header = true } = options;
  const total = columnsOf(schema.children);
  if (total > MAX_COLUMNS) {
    throw new OverpunchError(
      'OVP_OPTION_CSV',
      `As CSV, a record would have ${total} columns; at most ${MAX_COLUMNS} are possible`,
      {
        hint: 'Every table takes a column for each item that it can have. Leave tables out with select, or write JSON lines.',
      },
    );
  }
  const binder = new Binder(schema);
  const output = new Output();

  /** A comma behind each value. Slot -1 is an item that its table does not have. */
  function writer(node: SchemaNode, space: number): Writer {
    switch (node.node) {
      case 'field':
        return column(node.kind === 'text' ? text(node, space) : number(node, space));
      case 'group':
        return sequence(node.children.map((child) => writer(child, space)));
      case 'list':
        return list(node, space);
    }
  }

  function sequence(members: readonly Writer[]): Writer {
    return (at, i) => {
      for (let k = 0; k < members.length; k++) at = members[k]!(at, i);
      return at;
    };
  }

  /** What is not selected has no value either, in every column. */
  function column(write: Writer): Writer {
    output.reserve += 1;
    return (at, i) => {
      if (i >= 0) at = write(at, i);
      output.bytes[at] = COMMA;
      return at + 1;
    };
  }

  function number(field: FieldNode, space: number): Writer {
    const style = { prefix: NONE, nothing: NONE, quotes: false, decimals, notFinite: 'name' } as const;
    return numberWriter(field, space, binder, output, style);
  }

  function list(node: ListNode, space: number): Writer {
    const { size, max } = node;
    const element = writer(node.element, node.space);
    const items = (at: number, from: number, to: number): number => {
      for (let k = 0; k < max; k++) {
        output.makeRoom(at, 0);
        at = element(at, from + k < to ? from + k : -1);
      }
      return at;
    };
    if (size >= 0) return (at, i) => (i < 0 ? items(at, 0, 0) : items(at, i * size, i * size + size));
    let ends: Int32Array = new Int32Array(0);
    binder.onSlab((slab) => {
      ends = listOffsetsView(slab, node.frame, space);
    });
    return (at, i) => (i < 0 ? items(at, 0, 0) : items(at, ends[i]!, ends[i + 1]!));
  }

  function text(field: FieldNode, space: number): Writer {
    const { latin1 } = field;
    let validity: Uint8Array = new Uint8Array(0);
    let offsets: Int32Array = new Int32Array(0);
    let data: Uint8Array = new Uint8Array(0);
    binder.onSlab((slab) => {
      validity = validityView(slab, field, space);
      offsets = wordsView(slab, field, space);
      data = dataView(slab, field);
    });
    return (at, i) => {
      if ((validity[i >> 3]! & (1 << (i & 7))) === 0) return at;
      const from = offsets[i]!;
      const to = offsets[i + 1]!;
      output.makeRoom(at, 2 + 2 * (to - from));
      const out = output.bytes;
      let quoted = from === to;
      for (let k = from; k < to && !quoted; k++) quoted = SPECIAL[data[k]!] !== 0;
      if (quoted) out[at++] = QUOTE;
      for (let k = from; k < to; k++) {
        const byte = data[k]!;
        if (byte >= 0x80 && latin1) {
          out[at++] = 0xc0 | (byte >> 6);
          out[at++] = 0x80 | (byte & 0x3f);
        } else {
          if (byte === QUOTE) out[at++] = QUOTE;
          out[at++] = byte;
        }
      }
      if (quoted) out[at++] = QUOTE;
      return at;
    };
  }

  const record = sequence(schema.children.map((child) => writer(child, 0)));
  const line: Writer = (at, i) => {
    const end = Math.max(at + 1, record(at, i));
    output.bytes[end - 1] = NEWLINE; // over the last comma
    return end;
  };
  return {
    header: header ? utf8.encode(`${csvHeader(schema, names).map(quote).join(',')}\n`) : null,
    program: () => program(schema, decimals),
    encode(batch, write) {
      binder.bind(batch);
      output.records(batch.length, line, write);
    },
  };
}

/** The same for an engine that writes text itself. */
function program(schema: Schema, decimals: 'string' | 'number'): Program {
  const builder = new ProgramBuilder();
  const visit = (node: SchemaNode): void => {
    if (node.node === 'field') builder.field(node, {}, { quotes: false, decimals, names: true });
    else if (node.node === 'group') node.children.forEach(visit);
    else {
      const COLUMNS = columnsOf([node.element]);
      builder.add(WriteOp.LIST, { FRAME: node.frame, SIZE: node.size, MOST: node.max, COLUMNS });
      visit(node.element);
      builder.add(WriteOp.END_LIST);
    }
  };
  schema.children.forEach(visit);
  return builder.end(TextFormat.CSV);
}

function quote(text: string): string {
  return text === '' || /[,"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function columnsOf(nodes: readonly SchemaNode[]): number {
  let count = 0;
  for (const node of nodes) {
    if (node.node === 'field') count++;
    else count += node.node === 'group' ? columnsOf(node.children) : node.max * columnsOf([node.element]);
  }
  return count;
}
