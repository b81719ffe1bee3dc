/**
 * What the page does without a browser: addresses, columns, the window onto the records, keys, pages that come and go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { NOWHERE, addressOf, hashOf } from '../../src/browser/address.js';
import type { RecordSchema, Selection, SelectionQuery } from '../../src/browser/answers.js';
import { columnsOf, selectOf, tablesOf, valueIn } from '../../src/browser/columns.js';
import { moveOf } from '../../src/browser/grid-keys.js';
import { GridWindow, WINDOW_ROWS } from '../../src/browser/grid-window.js';
import { PAGE_RECORDS, RecordPages } from '../../src/browser/pages.js';
import { Copybook } from '../../src/copybook.js';
import { jsonSchema } from '../../src/schemas/json-schema.js';

describe('an address', () => {
  it('says what it was made of', () => {
    const address = {
      dataset: 'a b/c',
      where: "NAME = 'Ö & ? #' AND X < 1",
      order: 'A.B:desc',
      columns: ['A.T(1).B', 'A.C'],
      record: 12,
      panel: 'statistics' as const,
    };
    expect(addressOf(hashOf(address))).toEqual(address);
    expect(addressOf(hashOf({ ...address, panel: 'record' }))).toEqual({ ...address, panel: 'record' });
    expect(addressOf('')).toEqual(NOWHERE);
    expect(addressOf(hashOf(NOWHERE))).toEqual(NOWHERE);
  });

  it('is nothing where it means nothing', () => {
    expect(addressOf('#/%E0%A4%A?record=-1&panel=nix&where=')).toEqual(NOWHERE);
    expect(addressOf('#/a?record=1e99')).toEqual({ ...NOWHERE, dataset: 'a' });
  });
});

describe('columns', () => {
  const { layout } = Copybook.parse(`       01  R.
           05  ID        PIC 9(3).
           05  PERSON.
               10  NAME  PIC X(5).
               10  PAY   PIC S9(5)V99 COMP-3.
           05  TAGS      PIC X(2) OCCURS 3.
           05  LINES-N   PIC 9.
           05  LINE-OF OCCURS 0 TO 4 DEPENDING ON LINES-N.
               10  QTY   PIC 9(3).
               10  MARKS PIC X OCCURS 2.
`);
  const schema = jsonSchema(layout, {}) as RecordSchema;

  it('know what is masked, and order by none of it', () => {
    const told = { path: 'R.A', offset: 0, length: 1 };
    const [a, b] = columnsOf({
      properties: {
        a: { type: 'string', pattern: '^x', 'x-cobol': { ...told, masked: 'last4' } },
        b: { type: 'string', pattern: '^x', 'x-cobol': { ...told, path: 'R.B' } },
      },
    });
    expect([a!.isMasked, a!.canOrder, a!.kind]).toEqual([true, false, 'text']);
    expect([b!.isMasked, b!.canOrder, b!.kind]).toEqual([false, true, 'number']);
  });

  it('are fields, and the first items of tables', () => {
    expect(columnsOf(schema).map(({ id, group, kind }) => [id, group, kind])).toEqual([
      ['R.ID', '', 'number'],
      ['R.PERSON.NAME', 'PERSON', 'text'],
      ['R.PERSON.PAY', 'PERSON', 'number'],
      ['R.TAGS', '', 'table'],
      ['R.TAGS(1)', '', 'text'],
      ['R.LINES-N', '', 'number'],
      ['R.LINE-OF', '', 'table'],
      ['R.LINE-OF(1).QTY', 'LINE-OF(1)', 'number'],
      ['R.LINE-OF(1).MARKS', 'LINE-OF(1)', 'table'],
    ]);
    expect(tablesOf(schema)).toEqual([
      { id: 'R.TAGS', path: 'R.TAGS', most: 3 },
      { id: 'R.LINE-OF', path: 'R.LINE-OF', most: 4 },
    ]);
  });

  it('are more items where these are asked for, and no more than there are', () => {
    const items = new Map([
      ['R.TAGS', 9],
      ['R.LINE-OF', 0],
    ]);
    const ids = columnsOf(schema, items).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('R.TAGS('))).toEqual(['R.TAGS(1)', 'R.TAGS(2)', 'R.TAGS(3)']);
    expect(ids.some((id) => id.includes('QTY'))).toBe(false);
  });

  it('find their values, and know what is not there', () => {
    const row = { id: 7, person: null, tags: ['a', 'b', 'c'], linesN: 0, lineOf: [] };
    expect(columnsOf(schema).map((column) => valueIn(row, column))).toEqual([
      7,
      null,
      null,
      3,
      'a',
      0,
      0,
      undefined,
      undefined,
    ]);
  });

  it('are ordered by where they have one value, and selected without subscripts', () => {
    const columns = columnsOf(schema, new Map([['R.TAGS', 2]]));
    expect(columns.filter(({ canOrder }) => canOrder).map(({ name }) => name)).toEqual([
      'ID',
      'NAME',
      'PAY',
      'LINES-N',
    ]);
    expect(selectOf(columns.filter(({ id }) => id.includes('TAGS(')))).toEqual(['R.TAGS']);
  });
});

describe('the window onto the records', () => {
  const rowHeight = 26;
  const height = 10 * rowHeight;
  const most = WINDOW_ROWS * rowHeight - height;
  const at = (top: number) => ({ top, most, height, rowHeight });
  const firstOf = (window: GridWindow, top: number): number => window.base + top / rowHeight;

  it('is all of them where they are few', () => {
    const window = new GridWindow();
    window.restart(1000);
    window.scrolled(at(5000));
    expect([window.rows, window.base, window.settled(at(5000))]).toEqual([1000, 0, null]);
  });

  it('moves by the way that is scrolled, and to the end with the scrollbar', () => {
    const window = new GridWindow();
    window.restart(1e9);
    window.scrolled(at(100));
    expect(firstOf(window, 100)).toBeCloseTo(100 / rowHeight);
    window.scrolled(at(most));
    expect(firstOf(window, most)).toBe(1e9 - 10);
    window.scrolled(at(most - 52));
    expect(firstOf(window, most - 52)).toBe(1e9 - 12);
    window.scrolled(at(most / 2));
    expect(firstOf(window, most / 2) / 1e9).toBeCloseTo(0.5, 5);
    window.scrolled(at(0));
    expect(window.base).toBe(0);
  });

  it('shows the same rows when the scrollbar is put right', () => {
    const window = new GridWindow();
    window.restart(1e7);
    window.scrolled(at(most / 3));
    let top = most / 3;
    // a long way by wheel
    for (let i = 0; i < 500; i++) window.scrolled(at((top += 250)));
    const first = firstOf(window, top);
    const settled = window.settled(at(top))!;
    window.set(settled);
    expect(firstOf(window, settled)).toBeCloseTo(first, 6);
    expect(settled / most).toBeCloseTo(first / (1e7 - 10), 3);
    expect(window.settled(at(settled))).toBeNull();
  });

  it.each([0, 1, 77, 149_990, 150_000, 5_000_000, 9_999_000, 9_999_990])('goes to record %i', (record) => {
    const window = new GridWindow();
    window.restart(1e7);
    window.scrolled(at(most / 2));
    const top = window.goTo(record, at(most / 2));
    expect(firstOf(window, top)).toBeCloseTo(record, 6);
    expect(top).toBeLessThanOrEqual(most);
  });
});

it('keys move the current cell, and not out of the grid', () => {
  const size = { rows: 100, columns: 5, page: 10 };
  const press = (key: string, row: number, column: number, isFar = false) =>
    moveOf({ key, ctrlKey: isFar, metaKey: false, altKey: false }, { row, column }, size);
  expect(press('ArrowDown', 99, 0)).toEqual({ row: 99, column: 0 });
  expect(press('ArrowUp', 0, 2)).toEqual({ row: -1, column: 2 });
  expect(press('ArrowUp', 50, 2, true)).toEqual({ row: 0, column: 2 });
  expect(press('PageDown', 95, 2)).toEqual({ row: 99, column: 2 });
  expect(press('End', 3, 1)).toEqual({ row: 3, column: 4 });
  expect(press('End', 3, 1, true)).toEqual({ row: 99, column: 4 });
  expect(press('Home', 3, 4)).toEqual({ row: 3, column: 0 });
  expect(press('Enter', 3, 4)).toBe('choose');
  expect(press('a', 3, 4)).toBeNull();
});

describe('pages', () => {
  const query: SelectionQuery = { dataset: 'a', where: undefined, order: undefined, select: undefined };
  const answer = (from: number, limit: number): Selection => ({
    records: Array.from({ length: limit }, (_, i) => ({ n: from + i })),
    numbers: Array.from({ length: limit }, (_, i) => from + i + 1),
    total: 1e7,
    incomplete: 0,
    badValues: 0,
    faults: [{ record: from + 1, offset: from, field: 'N', reason: 'bad', hex: '' }],
  });
  /** Answers when it is told to. */
  function slow() {
    const open: { from: number; signal: AbortSignal; done(): void }[] = [];
    const fetch = (_: SelectionQuery, from: number, limit: number, signal: AbortSignal): Promise<Selection> =>
      new Promise((resolve, reject) => {
        open.push({ from, signal, done: () => resolve(answer(from, limit)) });
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      });
    return { open, fetch };
  }
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  };
  const silent = { changed: () => {}, failed: () => {}, busy: () => {} };

  it('come for what is in view, once, and what is scrolled past is taken back', async () => {
    const { open, fetch } = slow();
    const pages = new RecordPages(query, fetch, silent);
    pages.want(0, 30);
    expect(open.map(({ from }) => from)).toEqual([0]);
    open[0]!.done();
    await until(() => pages.total !== null);
    expect(pages.at(0)).toMatchObject({ number: 1, row: { n: 0 } });
    expect(pages.at(0)!.faults.get('N')).toBe('bad');
    expect(pages.at(1)!.faults.size).toBe(0);
    pages.want(5_000_050, 5_000_120);
    await until(() => open.length === 3);
    pages.want(5_000_060, 5_000_130);
    pages.want(9_000_000, 9_000_010);
    expect(open.slice(1).every(({ signal }) => signal.aborted)).toBe(true);
    await until(() => open.length === 4);
    open[3]!.done();
    await until(() => pages.at(9_000_000) !== undefined);
    expect(pages.at(5_000_060)).toBeUndefined();
    pages.close();
  });

  it('that were looked at last are kept', async () => {
    const pages = new RecordPages(query, async (_, from, limit) => answer(from, limit), silent);
    const { signal } = new AbortController();
    for (let page = 0; page < 80; page++) await pages.fetched(page * PAGE_RECORDS, signal);
    pages.want(0, 1);
    await pages.fetched(80 * PAGE_RECORDS, signal);
    expect(pages.at(0)).toBeDefined();
    expect(pages.at(PAGE_RECORDS)).toBeUndefined();
    expect(pages.at(2 * PAGE_RECORDS)).toBeDefined();
    pages.close();
  });
});
