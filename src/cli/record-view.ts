/**
 * A record as people read it: a line for each field, groups indented, tables with subscripts, bad values with their reason,
 * and where asked for the place and the bytes of each field.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { FRAME_WIDTH, FrameWord } from '../engine/slab.js';
import type { Row } from '../batch/rows.js';
import type { Fault, Names } from '../options.js';
import { Op } from '../plan/opcodes.js';
import { type Instruction, instruction, instructions, isFrame } from '../plan/plan.js';
import type { FieldNode, ListNode, SchemaNode } from '../plan/schema.js';
import type { SourceRecord } from './records.js';
import { type Style, printable } from './style.js';

export interface ViewOptions {
  readonly names: Names;
  readonly hex: boolean;
  readonly style: Style;
}

interface Line {
  readonly label: string;
  /** As many columns as characters: colour comes later. */
  readonly value: string;
  readonly look: 'plain' | 'dim' | 'bad' | 'group';
  /** Bytes from the record's start, and of the field; null for groups. */
  readonly place: { readonly offset: number; readonly bytes: Uint8Array } | null;
}

/** A table that a value is in, and which of its items. */
interface Subscript {
  readonly list: ListNode;
  readonly index: number;
}

const LABEL_WIDTH = 36;
const VALUE_WIDTH = 40;
/** Bytes in one line of hexadecimal. */
const HEX_WIDTH = 16;

/** The lines of a record, heading first. */
export function recordLines(record: SourceRecord, options: ViewOptions): string[] {
  const { style, hex } = options;
  const lines = new View(record, options).lines();
  const labels = widest(
    lines.map(({ label }) => label),
    LABEL_WIDTH,
  );
  const values = widest(
    lines.map(({ value }) => value),
    VALUE_WIDTH,
  );
  const bytes = record.end - record.start;
  const shown = [style.bold(`record ${record.number}`) + style.dim(`  byte ${record.offset}, ${bytes} bytes`)];
  for (const { label, value, look, place } of lines) {
    const coloured = look === 'plain' ? value : look === 'bad' ? style.red(value) : style.dim(value);
    const text = `${(look === 'group' ? style.bold(label) : label) + ' '.repeat(Math.max(0, labels - label.length))}  ${coloured}`;
    if (!hex || !place) {
      shown.push(text.trimEnd());
      continue;
    }
    const room = ' '.repeat(Math.max(0, values - value.length));
    const rows = hexRows(place.bytes);
    shown.push(`${text}${room}  ${style.dim(`${`+${place.offset}`.padStart(6)}  ${rows[0]}`)}`);
    const indent = ' '.repeat(labels + 2 + values + 2 + 6 + 2);
    for (const row of rows.slice(1)) shown.push(indent + style.dim(row));
  }
  return shown;
}

const widest = (texts: readonly string[], limit: number): number =>
  Math.min(limit, Math.max(0, ...texts.map(({ length }) => length)));

function hexRows(bytes: Uint8Array): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += HEX_WIDTH) {
    rows.push(
      Buffer.from(bytes.subarray(at, at + HEX_WIDTH))
        .toString('hex')
        .toUpperCase(),
    );
  }
  return rows;
}

class View {
  private readonly frames = new Map<number, Instruction>();
  private readonly faults: Map<string, Fault>;
  private readonly out: Line[] = [];

  constructor(
    private readonly record: SourceRecord,
    private readonly options: ViewOptions,
  ) {
    for (const step of instructions(record.batch.plan)) if (isFrame(step.op)) this.frames.set(step.target, step);
    this.faults = new Map(record.faults.map((fault) => [fault.field, fault]));
  }

  lines(): readonly Line[] {
    const { batch, values, row } = this.record;
    this.members(batch.schema.children, values, 1, [], row);
    if (this.out.length === 0)
      this.out.push({ label: '  no record type applies', value: '', look: 'plain', place: null });
    // counters of tables that are not shown
    for (const fault of this.faults.values())
      this.out.push({ label: `  ${fault.field}`, value: badText(fault), look: 'bad', place: null });
    return this.out;
  }

  private members(
    nodes: readonly SchemaNode[],
    values: Row,
    depth: number,
    around: readonly Subscript[],
    slot: number,
  ): void {
    for (const node of nodes) {
      const key = node.keys[this.options.names];
      // an alternative that was not selected has no key
      if (Object.hasOwn(values, key)) this.node(node, values[key], key, depth, around, slot);
    }
  }

  private node(
    node: SchemaNode,
    value: unknown,
    key: string,
    depth: number,
    around: readonly Subscript[],
    slot: number,
  ): void {
    const label = '  '.repeat(depth) + key;
    if (node.node === 'field') {
      this.field(node, value, label, around, slot);
    } else if (node.node === 'list') {
      this.list(node, value as unknown[], key, depth, around, slot);
    } else if (value === null) {
      this.out.push({ label, value: '-', look: 'dim', place: null });
    } else {
      this.out.push({ label, value: '', look: 'group', place: null });
      this.members(node.children, value as Row, depth + 1, around, slot);
    }
  }

  private list(
    node: ListNode,
    values: unknown[],
    key: string,
    depth: number,
    around: readonly Subscript[],
    slot: number,
  ): void {
    const label = '  '.repeat(depth) + key;
    const fault = this.take(pathOf(node.path, around));
    if (fault) this.out.push({ label, value: badText(fault), look: 'bad', place: null });
    else if (values.length === 0) this.out.push({ label, value: 'no items', look: 'dim', place: null });
    const { batch } = this.record;
    const first = node.size >= 0 ? slot * node.size : batch.listOffsets(node.frame, slot + 1)[slot]!;
    values.forEach((value, index) => {
      this.node(node.element, value, `${key}(${index + 1})`, depth, [...around, { list: node, index }], first + index);
    });
  }

  private field(node: FieldNode, value: unknown, label: string, around: readonly Subscript[], slot: number): void {
    const fault = this.take(pathOf(node.path, around));
    const place = this.options.hex ? this.place(node, slot) : null;
    if (fault) this.out.push({ label, value: badText(fault), look: 'bad', place });
    else if (value === null) this.out.push({ label, value: '-', look: 'dim', place });
    else if (value === '') this.out.push({ label, value: '""', look: 'dim', place });
    else this.out.push({ label, value: printable(String(value)), look: 'plain', place });
  }

  private take(path: string): Fault | undefined {
    const fault = this.faults.get(path);
    this.faults.delete(path);
    return fault;
  }

  private place(node: FieldNode, slot: number): Line['place'] {
    const { batch, data, start, end } = this.record;
    const { frame, offset, length } = instruction(batch.plan, node.instruction);
    const from = this.position(frame, slot) + offset;
    return { offset: from - start, bytes: data.subarray(from, Math.max(from, Math.min(from + length, end))) };
  }

  /** Byte offset in the data of an item of a frame. */
  private position(frame: number, slot: number): number {
    const step = this.frames.get(frame)!;
    if (step.op === Op.ROOT) return this.record.start;
    if (step.op === Op.SELECT) return this.position(step.frame, slot);
    const { slab } = this.record.batch;
    const positions = slab.layout.table[frame * FRAME_WIDTH + FrameWord.POSITIONS]!;
    return new Uint32Array(slab.bytes.buffer, positions + slot * 4, 1)[0]!;
  }
}

/** A path with subscripts, as faults have it: `ACCOUNT.TXN(3).AMOUNT`. */
function pathOf(path: string, around: readonly Subscript[]): string {
  const names = path.split('.');
  for (const { list, index } of around) names[list.path.split('.').length - 1] += `(${index + 1})`;
  return names.join('.');
}

function badText({ reason, hex }: Fault): string {
  return `bad: ${reason}; x'${hex}'`;
}
