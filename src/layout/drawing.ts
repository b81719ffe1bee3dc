/**
 * A layout as a tree, for `inspect --tree`: what is in what, and which bytes it takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { conditionText, fileText, remarks, usageWord } from './describe.js';
import type { Item, Layout, RecordLayout } from './item.js';

interface Line {
  readonly drawing: string;
  readonly bytes: string;
  readonly rest: string;
}

export function describeTree(layout: Layout): string {
  return `${[...fileText(layout), ...layout.records.map(recordTree)].join('\n\n')}\n`;
}

function recordTree({ item, name, length, minLength, renames }: RecordLayout): string {
  const bytes = minLength === length ? `${length}` : `${minLength} to ${length}`;
  const lines: Line[] = [
    {
      drawing: name === '' ? 'record' : name,
      bytes: '',
      rest: [`${bytes} byte${bytes === '1' ? '' : 's'}`, whatOf(item)].filter((word) => word !== '').join(', '),
    },
  ];
  const last = (index: number, count: number): boolean => index === count - 1;
  const branch = (one: Item, before: string, ends: boolean): void => {
    lines.push({ drawing: `${before}${ends ? '└─ ' : '├─ '}${one.name}`, bytes: placeOf(one), rest: whatOf(one) });
    below(one, `${before}${ends ? '   ' : '│  '}`, 0);
  };
  /** Conditions and items in an item; `more` come behind them. */
  const below = (one: Item, before: string, more: number): void => {
    const { conditions, children } = one;
    const count = conditions.length + children.length + more;
    conditions.forEach((condition, index) => {
      const drawing = `${before}${last(index, count) ? '└─ ' : '├─ '}88 ${condition.name}`;
      lines.push({ drawing, bytes: '', rest: conditionText(condition) });
    });
    children.forEach((child, index) => branch(child, before, last(conditions.length + index, count)));
  };
  below(item, '', renames.length);
  renames.forEach(({ name: other, offset, length: size, from, to }, index) => {
    const what = from === to ? from.name : `${from.name} thru ${to.name}`;
    const drawing = `${last(index, renames.length) ? '└─ ' : '├─ '}66 ${other}`;
    lines.push({ drawing, bytes: range(offset, size), rest: `renames ${what}` });
  });
  const width = Math.max(...lines.map(({ drawing }) => drawing.length));
  const column = Math.max(...lines.map(({ bytes: text }) => text.length));
  return lines
    .map(({ drawing, bytes: text, rest }) => `${drawing.padEnd(width)}  ${text.padStart(column)}  ${rest}`.trimEnd())
    .join('\n');
}

/** First and last byte, 0-based. */
const range = (offset: number, length: number): string =>
  length > 1 ? `${offset}-${offset + length - 1}` : length === 1 ? `${offset}` : `${offset} (none)`;

/** Where an item is, with all occurrences of a table. */
const placeOf = ({ offset, length, stride, occurs }: Item): string =>
  range(offset, occurs ? occurs.max * stride : length);

function whatOf(item: Item): string {
  const type = item.kind === 'group' ? '' : [item.picture, usageWord(item)].filter((word) => word !== null).join(' ');
  const words = remarks(item);
  return [type, words].filter((word) => word !== '').join(', ');
}
