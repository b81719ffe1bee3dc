/**
 * Which columns are shown, and how many items of each table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Column, TableColumns } from './columns.js';
import { FIRST_ITEMS } from './columns.js';
import { element, fill } from './dom.js';

export interface ColumnChoice {
  /** Ids of those that are shown; undefined: all. */
  readonly columns: readonly string[] | undefined;
  readonly items: ReadonlyMap<string, number>;
}

export function chooseColumns(
  columnsFor: (items: ReadonlyMap<string, number>) => readonly Column[],
  tables: readonly TableColumns[],
  now: ColumnChoice,
  done: (choice: ColumnChoice) => void,
): void {
  const items = new Map(now.items);
  let off = new Set(
    now.columns === undefined
      ? []
      : columnsFor(items)
          .map(({ id }) => id)
          .filter((id) => !now.columns!.includes(id)),
  );
  const list = element('div', { class: 'choices' });
  const count = element('span', { class: 'note', role: 'status' });

  const showCount = (): void => {
    const all = columnsFor(items);
    fill(count, `${all.filter(({ id }) => !off.has(id)).length} of ${all.length} shown`);
  };
  const show = (): void => {
    const groups = Map.groupBy(columnsFor(items), ({ group }) => group);
    fill(
      list,
      ...[...groups].map(([group, columns]) =>
        element(
          'fieldset',
          {},
          element('legend', {}, group === '' ? 'Record' : group),
          ...columns.map(({ id, name, picture, kind }) => {
            const box = element('input', { type: 'checkbox' });
            box.checked = !off.has(id);
            box.addEventListener('change', () => {
              if (box.checked) off.delete(id);
              else off.add(id);
              showCount();
            });
            const what = kind === 'table' ? 'number of items' : picture;
            return element('label', {}, box, element('span', {}, name), element('span', { class: 'note' }, what));
          }),
        ),
      ),
    );
    showCount();
  };

  const form = element(
    'form',
    { method: 'dialog', class: 'form' },
    element('h2', { id: 'columns-title' }, 'Columns'),
    ...tables.map(({ id, path, most }) => {
      const input = element('input', {
        type: 'number',
        min: 0,
        max: most,
        step: 1,
        value: items.get(id) ?? FIRST_ITEMS,
      });
      input.addEventListener('change', () => {
        items.set(id, Math.max(0, Math.min(most, Math.trunc(input.valueAsNumber || 0))));
        show();
      });
      return element(
        'label',
        { class: 'line' },
        element('span', {}, `Items of ${path.split('.').at(-1)} shown`),
        input,
      );
    }),
    list,
    element(
      'div',
      { class: 'actions' },
      count,
      action('All', () => {
        off.clear();
        show();
      }),
      action('None', () => {
        off = new Set(columnsFor(items).map(({ id }) => id));
        show();
      }),
      action('Cancel', () => dialog.close()),
      element('button', { type: 'submit', class: 'button primary' }, 'Show'),
    ),
  );
  const dialog = element('dialog', { class: 'dialog', 'aria-labelledby': 'columns-title' }, form);
  form.addEventListener('submit', () => {
    const shown = columnsFor(items).filter(({ id }) => !off.has(id));
    done({ columns: off.size === 0 || shown.length === 0 ? undefined : shown.map(({ id }) => id), items });
  });
  dialog.addEventListener('close', () => dialog.remove());
  show();
  document.body.append(dialog);
  dialog.showModal();
}

function action(label: string, does: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'button' }, label);
  button.addEventListener('click', does);
  return button;
}
