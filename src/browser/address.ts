/**
 * What is looked at, as the page's address has it behind `#`, so that a view can be sent, reloaded and gone back to:
 * `#/accounts?where=BALANCE+%3C+0&order=BALANCE&record=12`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export const PANELS = ['record', 'copybook', 'statistics'] as const;
export type Panel = (typeof PANELS)[number];

export interface Address {
  readonly dataset: string | null;
  readonly where: string | undefined;
  /** `BALANCE:desc` */
  readonly order: string | undefined;
  /** Ids of columns; undefined: all. */
  readonly columns: readonly string[] | undefined;
  /** Number in the file of the record that is looked at. */
  readonly record: number | null;
  readonly panel: Panel | null;
}

export const NOWHERE: Address = {
  dataset: null,
  where: undefined,
  order: undefined,
  columns: undefined,
  record: null,
  panel: null,
};

export function addressOf(hash: string): Address {
  const [, name = '', query = ''] = /^#?\/?([^?]*)\??(.*)$/s.exec(hash) ?? [];
  const given = new URLSearchParams(query);
  const text = (key: string): string | undefined => given.get(key) || undefined;
  const record = Number(given.get('record'));
  const panel = PANELS.find((one) => one === given.get('panel')) ?? null;
  const isRecord = Number.isSafeInteger(record) && record > 0;
  return {
    dataset: decoded(name) || null,
    where: text('where'),
    order: text('order'),
    columns: text('columns')?.split(','),
    record: isRecord ? record : null,
    panel: panel ?? (isRecord ? 'record' : null),
  };
}

export function hashOf({ dataset, where, order, columns, record, panel }: Address): string {
  if (dataset === null) return '#/';
  const query = new URLSearchParams();
  if (where !== undefined) query.set('where', where);
  if (order !== undefined) query.set('order', order);
  if (columns !== undefined) query.set('columns', columns.join());
  if (record !== null) query.set('record', String(record));
  if (panel !== null && !(panel === 'record' && record !== null)) query.set('panel', panel);
  const text = query.toString();
  return `#/${encodeURIComponent(dataset)}${text === '' ? '' : `?${text}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
