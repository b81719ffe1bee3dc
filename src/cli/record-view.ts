/**
 * A record as people read it: a line for each field, groups indented, tables with subscripts, bad values with their reason,
 * and where asked for the place and the bytes of each field.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type PlacedItem, placedItems } from '../datasets/placed.js';
import type { SourceRecord } from '../datasets/records.js';
import type { Fault, Names } from '../options.js';
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
  readonly isCounter: boolean;
}

const LABEL_WIDTH = 36;
const VALUE_WIDTH = 40;
/** Bytes in one line of hexadecimal. */
const HEX_WIDTH = 16;

/** The lines of a record, heading first. */
export function recordLines(record: SourceRecord, options: ViewOptions): string[] {
  const { style, hex } = options;
  const lines = linesOf(record, options);
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

function linesOf(record: SourceRecord, { names, hex }: ViewOptions): Line[] {
  const lines = [...placedItems(record, names)].flatMap((item) => lineOf(item, record, hex));
  if (lines.length === 0 || lines.every(({ isCounter }) => isCounter))
    lines.unshift({ label: '  no record type applies', value: '', look: 'plain', place: null, isCounter: false });
  return lines;
}

/** A table has a line where it has no items, or a bad counter. */
function lineOf(item: PlacedItem, { data, start }: SourceRecord, hex: boolean): Line[] {
  const line = { label: '  '.repeat(item.depth + 1) + item.key, place: null, isCounter: item.kind === 'fault' };
  if (item.kind === 'group')
    return [item.value ? { ...line, value: '', look: 'group' } : { ...line, value: '-', look: 'dim' }];
  if (item.fault && item.kind !== 'field') return [{ ...line, value: badText(item.fault), look: 'bad' }];
  if (item.kind === 'table') return item.items === 0 ? [{ ...line, value: 'no items', look: 'dim' }] : [];
  if (item.kind === 'fault') return [];
  const { offset, length } = item.place;
  const place = hex ? { offset, bytes: data.subarray(start + offset, start + offset + length) } : null;
  if (item.fault) return [{ ...line, value: badText(item.fault), look: 'bad', place }];
  const { value } = item;
  if (value === null) return [{ ...line, value: '-', look: 'dim', place }];
  if (value === '') return [{ ...line, value: '""', look: 'dim', place }];
  return [{ ...line, value: printable(String(value)), look: 'plain', place }];
}

function badText({ reason, hex }: Fault): string {
  return `bad: ${reason}; x'${hex}'`;
}
