/**
 * Batches as JSON lines: one record a line, no spaces. Text is escaped as RFC 8259 wants it and no more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Binder, dataView, listOffsetsView, selectionView, validityView, wordsView } from '../batch/views.js';
import { type Program, TextFormat, WriteOp } from '../engine/program.js';
import type { ValueOptions } from '../options.js';
import type { FieldNode, GroupNode, ListNode, Schema, SchemaNode } from '../plan/schema.js';
import { type Encoder, Output, type Writer, copyBytes } from './connector.js';
import { numberWriter } from './numbers.js';
import { ProgramBuilder } from './program.js';

const utf8 = new TextEncoder();
const QUOTE = 34;
const BACKSLASH = 92;
const NEWLINE = 10;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93];

/** How a byte of text is written: 0 as it is, 1 as \u00XX, otherwise as a backslash and this character. */
const ESCAPES = new Uint8Array(256).fill(1, 0, 32);
for (const [byte, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [34, '"'],
  [92, '\\'],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}
const HEX = utf8.encode('0123456789abcdef');

/** Values are presented as in objects; what is a bigint there is a string of digits here. */
export function jsonLines(schema: Schema, options: ValueOptions = {}): Encoder {
  return encoder(schema, options, null);
}

/** The same as elements of an array: a line each that begins with a comma, the first one too. */
export function jsonElements(schema: Schema, options: ValueOptions = {}): Encoder {
  return encoder(schema, options, null, ',');
}

/** One node of the record (not inside a table), a line each. `select`: a SELECT frame; `null` where it does not select. */
export interface JsonNode {
  readonly node: SchemaNode;
  readonly select: number;
}

/** A single value of each record: `[1,2]`, `{"a":1}` or `null`. */
export function jsonValues(schema: Schema, of: JsonNode, options: ValueOptions = {}): Encoder {
  return encoder(schema, options, of);
}

function encoder(schema: Schema, options: ValueOptions, of: JsonNode | null, before = ''): Encoder {
  const { names = 'camel', decimals = 'string' } = options;
  const binder = new Binder(schema);
  const output = new Output();

  /**
   * Every writer begins with a comma (or its key, which does). Objects and lists put their bracket over the first of
   * those commas, so that nobody needs to know who comes first.
   */
  function writer(node: SchemaNode, space: number, key: string): Writer {
    return selected(node.select, space, contents(node, space, `,${key}`));
  }

  function contents(node: SchemaNode, space: number, start: string): Writer {
    const prefix = utf8.encode(start);
    const nothing = utf8.encode(`${start}null`);
    output.reserve += nothing.length + 8;
    if (node.node === 'group') return prefixed(prefix, object(node, space));
    if (node.node === 'list') return prefixed(prefix, list(node, space));
    if (node.kind === 'text') return text(node, space, prefix, nothing);
    return numberWriter(node, space, binder, output, { prefix, nothing, quotes: true, decimals, notFinite: 'nothing' });
  }

  function prefixed(prefix: Uint8Array, write: Writer): Writer {
    return (at, i) => write(copyBytes(output.bytes, at, prefix), i);
  }

  /** Leaves out what is not selected. */
  function selected(frame: number, space: number, write: Writer): Writer {
    if (frame < 0) return write;
    let selection: Uint8Array = new Uint8Array(0);
    binder.onSlab((slab) => {
      selection = selectionView(slab, frame, space);
    });
    return (at, i) => ((selection[i >> 3]! & (1 << (i & 7))) === 0 ? at : write(at, i));
  }

  function object(node: Schema | GroupNode, space: number): Writer {
    const members = node.children.map((child) => writer(child, space, `${JSON.stringify(child.keys[names])}:`));
    return (at, i) => {
      const start = at;
      for (let k = 0; k < members.length; k++) at = members[k]!(at, i);
      const out = output.bytes;
      if (at === start) at++;
      out[start] = OPEN_BRACE;
      out[at] = CLOSE_BRACE;
      return at + 1;
    };
  }

  function list(node: ListNode, space: number): Writer {
    const element = elementWriter(node);
    const items = (at: number, from: number, to: number): number => {
      const start = at;
      for (let i = from; i < to; i++) {
        output.makeRoom(at, 0);
        at = element(at, i);
      }
      const out = output.bytes;
      if (at === start) at++;
      out[start] = OPEN_BRACKET;
      out[at] = CLOSE_BRACKET;
      return at + 1;
    };
    const { size } = node;
    if (size >= 0) return (at, i) => items(at, i * size, i * size + size);
    let ends: Int32Array = new Int32Array(0);
    binder.onSlab((slab) => {
      ends = listOffsetsView(slab, node.frame, space);
    });
    return (at, i) => items(at, ends[i]!, ends[i + 1]!);
  }

  /** An item that is not selected can't be left out of a list: it is null. */
  function elementWriter({ element, space }: ListNode): Writer {
    return orNull(writer(element, space, ''), element.select, ',null');
  }

  function orNull(write: Writer, select: number, text: string): Writer {
    if (select < 0) return write;
    const nothing = utf8.encode(text);
    return (at, i) => {
      const end = write(at, i);
      return end > at ? end : copyBytes(output.bytes, at, nothing);
    };
  }

  function text(field: FieldNode, space: number, prefix: Uint8Array, nothing: Uint8Array): Writer {
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
      if ((validity[i >> 3]! & (1 << (i & 7))) === 0) return copyBytes(output.bytes, at, nothing);
      const from = offsets[i]!;
      const to = offsets[i + 1]!;
      output.makeRoom(at, prefix.length + 2 + 6 * (to - from));
      const out = output.bytes;
      at = copyBytes(out, at, prefix);
      out[at++] = QUOTE;
      for (let k = from; k < to; k++) {
        const byte = data[k]!;
        const letter = ESCAPES[byte]!;
        if (letter !== 0) {
          at = writeEscape(out, at, byte, letter);
        } else if (byte >= 0x80 && latin1) {
          out[at++] = 0xc0 | (byte >> 6);
          out[at++] = 0x80 | (byte & 0x3f);
        } else {
          out[at++] = byte;
        }
      }
      out[at] = QUOTE;
      return at + 1;
    };
  }

  const single = ({ node, select }: JsonNode): Writer =>
    orNull(selected(select, 0, contents(node, 0, '')), select, 'null');
  /** Made when it is needed first: an engine that writes text itself needs none. */
  let line: Writer | null = null;
  const lineWriter = (): Writer => {
    const record = of ? single(of) : prefixed(utf8.encode(before), object(schema, 0));
    return (at, i) => {
      at = record(at, i);
      output.bytes[at] = NEWLINE;
      return at + 1;
    };
  };
  return {
    header: null,
    program: () => (of ? program(schema, options, of) : programOnce(schema, options, before)),
    encode(batch, write) {
      line ??= lineWriter();
      binder.bind(batch);
      output.records(batch.length, line, write);
    },
  };
}

/** Programs that were made before: plans are kept, so are their schemas. Programs are only read. */
const programs = new WeakMap<Schema, Map<string, Program>>();

function programOnce(schema: Schema, options: ValueOptions, before: string): Program {
  const key = `${options.names} ${options.decimals} ${before}`;
  const known = programs.get(schema) ?? new Map<string, Program>();
  programs.set(schema, known);
  let found = known.get(key);
  if (!found) known.set(key, (found = program(schema, options, null, before)));
  return found;
}

/** The same for an engine that writes text itself. */
function program(
  schema: Schema,
  { names = 'camel', decimals = 'string' }: ValueOptions,
  of: JsonNode | null,
  before = '',
): Program {
  const builder = new ProgramBuilder();

  function visit(node: SchemaNode, start: string, unselected: string): void {
    if (node.select >= 0) builder.add(WriteOp.SELECT, { FRAME: node.select, NOTHING: unselected });
    contents(node, start);
    if (node.select >= 0) builder.add(WriteOp.END_SELECT);
  }

  function contents(node: SchemaNode, start: string): void {
    if (node.node === 'group') object(node, start);
    else if (node.node === 'list') {
      builder.add(WriteOp.LIST, { FRAME: node.frame, SIZE: node.size, PREFIX: start });
      visit(node.element, ',', ',null');
      builder.add(WriteOp.END_LIST);
    } else {
      const around = { PREFIX: start, NOTHING: `${start}null` };
      builder.field(node, around, { quotes: true, decimals, names: false });
    }
  }

  function object(node: Schema | GroupNode, start: string): void {
    builder.add(WriteOp.OPEN, { PREFIX: start });
    for (const child of node.children) visit(child, `,${JSON.stringify(child.keys[names])}:`, '');
    builder.add(WriteOp.CLOSE);
  }

  if (of) {
    if (of.select >= 0) builder.add(WriteOp.SELECT, { FRAME: of.select, NOTHING: 'null' });
    contents(of.node, '');
    if (of.select >= 0) builder.add(WriteOp.END_SELECT);
  } else {
    object(schema, before);
  }
  return builder.end(TextFormat.JSON);
}

function writeEscape(out: Uint8Array, at: number, byte: number, letter: number): number {
  out[at++] = BACKSLASH;
  if (letter !== 1) {
    out[at] = letter;
    return at + 1;
  }
  out[at] = 117; // u
  out[at + 1] = out[at + 2] = 48;
  out[at + 3] = HEX[byte >> 4]!;
  out[at + 4] = HEX[byte & 15]!;
  return at + 5;
}
