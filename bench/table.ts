/**
 * A table of figures, for a terminal or as Markdown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export interface Table {
  readonly title: string;
  /** The first column's cells stand left, all others right. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

export function asText({ title, columns, rows, notes = [] }: Table): string {
  const lines = [columns, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('`', '')));
  const widths = columns.map((_, k) => Math.max(...lines.map((cells) => [...(cells[k] ?? '')].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[k]!)))
      .join('  ')
      .trimEnd();
  return ['', title, '', ...lines.map(line), ...notes].join('\n');
}

export function asMarkdown({ title, columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|---|${columns
    .slice(1)
    .map(() => '---:|')
    .join('')}`;
  return ['', title, '', line(columns), rule, ...rows.map(line), ...notes.flatMap((note) => ['', note])].join('\n');
}

/** 1,234 */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 12.3x, 0.84x, 1,234x */
export function factor(value: number): string {
  return `${value >= 100 ? grouped(value) : value.toFixed(value < 1 ? 2 : 1)}x`;
}
