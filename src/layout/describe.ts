/**
 * A layout for `inspect`: as plain data for programs, and as a table for people.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import {
  type Condition,
  type FileLayout,
  type Item,
  type Layout,
  type Literal,
  type RecordLayout,
  type Rename,
  walk,
} from './item.js';

export interface DescribedItem {
  readonly level: number;
  readonly name: string;
  readonly path: string;
  readonly picture: string | null;
  /** The field's words: COMP and COMP-3 rather than BINARY and PACKED-DECIMAL; null for groups. */
  readonly usage: string | null;
  /** 0-based, of the first occurrence. */
  readonly offset: number;
  /** Bytes of one occurrence. */
  readonly length: number;
  readonly occurs: { readonly min: number; readonly max: number; readonly dependingOn: string | null } | null;
  readonly redefines: string | null;
}

export interface DescribedRecord {
  readonly name: string;
  readonly length: number;
  readonly minLength: number;
  readonly items: readonly DescribedItem[];
  /** 66 levels; left out where there are none. */
  readonly renames?: readonly DescribedRename[];
}

export interface DescribedRename {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Paths of the first and the last item. */
  readonly from: string;
  readonly to: string;
}

/** What `inspect --json` prints. */
export function describe(layout: Layout): { file?: FileLayout; records: DescribedRecord[] } {
  return {
    ...(layout.file && { file: layout.file }),
    records: layout.records.map(({ name, length, minLength, item, renames }) => ({
      name,
      length,
      minLength,
      items: items(item).map(describeItem),
      ...(renames.length > 0 && { renames: renames.map(describeRename) }),
    })),
  };
}

/** Every item of a record; the unnamed group around a copybook without 01 is not one of its items. */
export const items = (record: Item): Item[] => [...walk(record)].filter(({ level }) => level > 0);

export function describeItem(item: Item): DescribedItem {
  const { level, name, path, picture, offset, length, occurs, redefines } = item;
  return {
    level,
    name,
    path,
    picture,
    usage: usageWord(item),
    offset,
    length,
    occurs: occurs && { min: occurs.min, max: occurs.max, dependingOn: occurs.dependingOnName },
    redefines: redefines?.name ?? null,
  };
}

function describeRename({ name, offset, length, from, to, item }: Rename): DescribedRename {
  return { name, path: item.path, offset, length, from: from.path, to: to.path };
}

export function usageWord({ kind, usage }: Item): string | null {
  if (kind === 'group') return null;
  return usage === 'BINARY' ? 'COMP' : usage === 'PACKED-DECIMAL' ? 'COMP-3' : usage;
}

/** A table for people: one line an item, 88 and 66 levels, the length of each record. */
export function describeText(layout: Layout): string {
  return `${[...fileText(layout), ...layout.records.map(recordText)].join('\n\n')}\n`;
}

/** What the FD says, in words. */
export function fileText({ file }: Layout): string[] {
  if (!file) return [];
  const range = ({ min, max }: { min: number; max: number }): string =>
    min === max ? String(max) : `${min} to ${max}`;
  const { recordingMode, record, block } = file;
  const words = [
    recordingMode && `recording mode ${recordingMode}`,
    record && (record.max === 0 ? 'records of varying length' : `records of ${range(record)} bytes`),
    block && (block.max === 0 ? "blocks of the system's size" : `blocks of ${range(block)} ${block.unit}`),
  ].filter((word) => word !== null);
  return [`file ${file.name}${words.length > 0 ? `: ${words.join(', ')}` : ''}`];
}

type Row = readonly [name: string, picture: string, usage: string, offset: string, length: string, rest: string];

function recordText({ item, length, minLength, name, renames }: RecordLayout): string {
  const rows: Row[] = [['level and name', 'picture', 'usage', 'offset', 'length', '']];
  const depth = (one: Item): number => (one.parent && one.parent.level > 0 ? depth(one.parent) + 1 : 0);
  for (const one of items(item)) {
    const indent = '  '.repeat(depth(one));
    const number = String(one.level).padStart(2, '0');
    const label = `${indent}${number} ${one.name}`;
    rows.push([label, one.picture ?? '', usageWord(one) ?? '', String(one.offset), String(one.length), remarks(one)]);
    for (const condition of one.conditions)
      rows.push([`${indent}  88 ${condition.name}`, '', '', '', '', conditionText(condition)]);
  }
  for (const { name: other, offset, length: bytes, from, to } of renames) {
    const what = from === to ? from.name : `${from.name} thru ${to.name}`;
    rows.push([`  66 ${other}`, '', '', String(offset), String(bytes), `renames ${what}`]);
  }
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 3 || column === 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const bytes = minLength === length ? `${length} byte${length === 1 ? '' : 's'}` : `${minLength} to ${length} bytes`;
  return [...lines, `${name === '' ? 'record' : name}: ${bytes}`].join('\n');
}

export function remarks({ occurs, redefines, sign, justified, blankWhenZero }: Item): string {
  const words: string[] = [];
  if (occurs) {
    const times = occurs.dependingOnName
      ? `${occurs.min} to ${occurs.max} depending on ${occurs.dependingOnName}`
      : String(occurs.max);
    words.push(`occurs ${times}`);
  }
  if (redefines) words.push(`redefines ${redefines.name}`);
  if (sign.leading || sign.separate)
    words.push(`sign ${sign.leading ? 'leading' : 'trailing'}${sign.separate ? ' separate' : ''}`);
  if (justified) words.push('justified');
  if (blankWhenZero) words.push('blank when zero');
  return words.join(', ');
}

export function conditionText({ values, falseValue }: Condition): string {
  const list = values.map(({ from, to }) => (to ? `${literalText(from)} thru ${literalText(to)}` : literalText(from)));
  return list.join(' ') + (falseValue ? `, false ${literalText(falseValue)}` : '');
}

function literalText({ kind, value }: Literal): string {
  switch (kind) {
    case 'text':
      return `'${value.replaceAll("'", "''")}'`;
    case 'hex':
      return `X'${value}'`;
    case 'all':
      return `ALL '${value.replaceAll("'", "''")}'`;
    default:
      return value;
  }
}
