/**
 * The copybook as it was understood: every item with its offset and length. The field that is looked at is marked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { DatasetDetail, LayoutItem, RecordSchema } from './answers.js';
import { element, fill } from './dom.js';

export class CopybookPanel {
  readonly box = element('div', { class: 'copybook', tabindex: 0, role: 'region', 'aria-label': 'Copybook' });
  private rows = new Map<string, HTMLElement>();

  show({ layout, masked }: DatasetDetail, schema: RecordSchema): void {
    this.rows = new Map();
    const conditions = conditionsOf(schema);
    fill(
      this.box,
      ...layout.records.map(({ name, length, minLength, items }) =>
        element(
          'table',
          {},
          element(
            'caption',
            {},
            `${name || 'Record'}: ${minLength === length ? length : `${minLength} to ${length}`} bytes`,
          ),
          element(
            'thead',
            {},
            element('tr', {}, ...['Offset', 'Length', 'Item'].map((text) => element('th', { scope: 'col' }, text))),
          ),
          element('tbody', {}, ...items.flatMap((item) => this.lines(item, items, conditions, masked))),
        ),
      ),
    );
  }

  mark(path: string | null): void {
    for (const row of this.box.querySelectorAll('.active')) row.classList.remove('active');
    const row = path === null ? undefined : this.rows.get(path.replace(/\(\d+\)/g, ''));
    row?.classList.add('active');
    row?.scrollIntoView({ block: 'nearest' });
  }

  private lines(
    item: LayoutItem,
    all: readonly LayoutItem[],
    conditions: ReadonlyMap<string, readonly string[]>,
    masked: readonly string[],
  ): HTMLElement[] {
    const { level, name, path, offset, length } = item;
    const levels = [...new Set(all.map((one) => one.level))].sort((a, b) => a - b);
    const depth = levels.indexOf(level);
    const text = element(
      'td',
      {},
      element('span', { class: 'level' }, String(level).padStart(2, '0')),
      name,
      element('span', { class: 'clauses' }, clauses(item)),
      masked.includes(path) ? element('span', { class: 'tag' }, 'masked') : null,
    );
    text.style.setProperty('--depth', String(depth));
    const row = element('tr', {}, element('td', {}, offset), element('td', {}, length), text);
    this.rows.set(path, row);
    const own = (conditions.get(path) ?? []).map((condition) => {
      const cell = element('td', { class: 'condition' }, element('span', { class: 'level' }, '88'), condition);
      cell.style.setProperty('--depth', String(depth + 1));
      return element('tr', {}, element('td'), element('td'), cell);
    });
    return [row, ...own];
  }
}

function clauses({ picture, usage, occurs, redefines }: LayoutItem): string {
  const words = [
    redefines && `REDEFINES ${redefines}`,
    picture && `PIC ${picture}`,
    usage !== 'DISPLAY' && usage,
    occurs && `OCCURS ${occurs.min === occurs.max ? occurs.max : `${occurs.min} TO ${occurs.max}`}`,
    occurs?.dependingOn && `DEPENDING ON ${occurs.dependingOn}`,
  ];
  return words.filter(Boolean).join(' ');
}

/** 88 levels by the paths of their items. */
function conditionsOf(
  node: RecordSchema,
  found = new Map<string, readonly string[]>(),
): Map<string, readonly string[]> {
  const cobol = node['x-cobol'];
  if (cobol?.conditions) found.set(cobol.path, cobol.conditions);
  for (const child of Object.values(node.properties ?? {})) conditionsOf(child, found);
  if (node.items) conditionsOf(node.items, found);
  return found;
}
