/**
 * The grid: a regular-table of the records in view, with a cell that the keyboard moves. What is not here yet is blank until it comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import 'regular-table';
import type { RegularTableElement } from 'regular-table';
import { type Column, valueIn } from './columns.js';
import { element, grouped, setAttributes } from './dom.js';
import { GridWindow, type Scrolled } from './grid-window.js';
import { type GridMove, moveOf } from './grid-keys.js';
import type { RecordPages, SelectedRecord } from './pages.js';

/** Pixels, as the style sheet has it. */
const ROW = 26;
/** Milliseconds without scrolling after which the scrollbar is put right. */
const IDLE = 150;

export interface GridEvents {
  /** A record was chosen, by its place in the selection. */
  open(index: number, column: Column | null, byKey: boolean): void;
  /** A column's header was chosen. */
  order(column: Column): void;
  /** Records from one to another (0-based) are in view. */
  seen(from: number, to: number): void;
}

export interface Ordered {
  readonly path: string;
  readonly isDescending: boolean;
}

export class Grid {
  readonly box: HTMLElement;
  private readonly table: RegularTableElement;
  private readonly window = new GridWindow();
  private pages: RecordPages | null = null;
  private columns: readonly Column[] = [];
  private ordered: Ordered | null = null;
  /** Row -1: the header. */
  private current = { row: 0, column: 0 };
  /** Number of the record that is looked at beside. */
  private opened: number | null = null;
  /** Rows that are in view. */
  private seen = { first: 0, last: 0 };
  private idle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: GridEvents) {
    this.table = document.createElement('regular-table');
    this.box = element('div', { class: 'grid' }, this.table);
    this.table.setAttribute('role', 'grid');
    this.table.setAttribute('aria-label', 'Records');
    // before the table's own listener, which asks for rows
    this.box.addEventListener('scroll', () => this.onScroll(), true);
    this.table.addStyleListener(() => this.style());
    this.table.addEventListener('keydown', (event) => this.onKey(event));
    this.table.addEventListener('click', (event) => this.onClick(event));
    this.table.addEventListener('focus', () => this.style());
    this.table.addEventListener('blur', () => this.style());
    new ResizeObserver(() => void this.resized()).observe(this.box);
  }

  /** Other records, from the first on. */
  async show(pages: RecordPages, columns: readonly Column[], ordered: Ordered | null): Promise<void> {
    this.pages = pages;
    this.columns = columns;
    this.ordered = ordered;
    this.current = { row: 0, column: 0 };
    this.window.restart(pages.total ?? 0);
    this.table.setDataListener((x0, y0, x1, y1) => Promise.resolve(this.rows(x0, y0, x1, y1)));
    this.table.resetAutoSize();
    this.table.scrollTop = 0;
    this.table.scrollLeft = 0;
    pages.want(0, 1);
    await this.draw();
  }

  /** Records came, or are other ones than they were. */
  async refresh(): Promise<void> {
    const total = this.pages?.total ?? 0;
    if (total !== this.window.total) this.window.restart(total);
    await this.draw();
  }

  /** Marks the record that is looked at. */
  mark(number: number | null): void {
    this.opened = number;
    this.style();
  }

  focus(): void {
    this.table.focus();
  }

  /** Makes a record the current one, and sees to it that it is in view. */
  async goTo(row: number, column = this.current.column): Promise<void> {
    this.current = { row, column };
    await this.reveal();
  }

  private scroll(): Scrolled {
    const { scrollTop: top, scrollHeight, clientHeight } = this.table;
    return { top, most: scrollHeight - clientHeight, height: clientHeight - this.headers * ROW, rowHeight: ROW };
  }

  private rows(x0: number, y0: number, x1: number, y1: number) {
    const { columns, pages, window, headers } = this;
    const records: (SelectedRecord | undefined)[] = [];
    for (let y = y0; y < y1; y++) records.push(pages?.at(window.base + y));
    if (y1 > y0) pages?.want(window.base + y0, window.base + Math.min(y1, window.rows));
    const some = columns.slice(x0, x1);
    return {
      num_rows: window.rows,
      num_columns: columns.length,
      row_height: ROW,
      num_row_headers: 1,
      num_column_headers: headers,
      merge_headers: 'column' as const,
      row_headers: records.map((record) => [record ? grouped(record.number) : '']),
      column_headers: some.map(({ group, name }) => (headers === 2 ? [group, name] : [name])),
      data: some.map((column) => records.map((record) => (record ? textOf(record, column) : ''))),
    };
  }

  /** Lines of headers: a second one where there are groups. */
  private get headers(): number {
    return this.columns.some(({ group }) => group !== '') ? 2 : 1;
  }

  /** Where the current row was in view it stays there. */
  private async resized(): Promise<void> {
    if (!this.pages) return;
    const { first, last } = this.seen;
    const { row } = this.current;
    await this.draw();
    if (row >= first && row <= last) await this.reveal();
  }

  private async draw(): Promise<void> {
    await this.table.draw({ invalid_viewport: true });
  }

  private onScroll(): void {
    const scrolled = this.scroll();
    this.window.scrolled(scrolled);
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      const top = this.window.settled(this.scroll());
      if (top !== null) void this.scrollTo(top);
    }, IDLE);
  }

  private async scrollTo(top: number): Promise<void> {
    this.window.set(top);
    this.table.scrollTop = top;
    await this.draw();
  }

  /** Rows, in the selection, that are wholly in view. */
  private inView(): { first: number; last: number } {
    const { top, height } = this.scroll();
    const first = Math.ceil(top / ROW - 0.01);
    return {
      first: this.window.base + first,
      last: this.window.base + first + Math.max(1, Math.floor(height / ROW)) - 1,
    };
  }

  private async reveal(): Promise<void> {
    const { row, column } = this.current;
    const { first, last } = this.inView();
    if (row >= 0 && (row < first || row > last)) {
      const size = last - first;
      const isNear = row === last + 1 || row < first;
      const top = row > last && isNear ? row - size : row < first && row > first - size ? row : row - (size >> 1);
      await this.scrollTo(this.window.goTo(Math.max(0, top), this.scroll()));
    }
    await this.revealColumn(column);
    this.style();
  }

  private async revealColumn(column: number): Promise<void> {
    const head = this.headerOf(column);
    const numbers = this.table.querySelector<HTMLElement>('tbody th');
    const left = (numbers ?? this.table).getBoundingClientRect()[numbers ? 'right' : 'left'];
    const right = this.table.getBoundingClientRect().left + this.table.clientWidth;
    const box = head?.getBoundingClientRect();
    if (box && box.left >= left - 1 && (box.right <= right || box.width > right - left)) return;
    if (box && box.left >= left - 1) {
      this.table.scrollLeft += Math.ceil(Math.min(box.right - right, box.left - left));
      await this.draw();
    } else await this.table.scrollToCell(column, Math.round(this.table.scrollTop / ROW));
    if (column === 0) this.table.scrollLeft = 0;
  }

  private headerOf(column: number): HTMLElement | null {
    for (const head of this.table.querySelectorAll<HTMLElement>('thead tr:last-child th'))
      if (this.table.getMeta(head)?.type === 'column_header' && this.metaX(head) === column) return head;
    return null;
  }

  private metaX(cell: HTMLElement): number {
    const meta = this.table.getMeta(cell) as { x?: number } | undefined;
    return meta?.x ?? -1;
  }

  private onKey(event: KeyboardEvent): void {
    const { first, last } = this.inView();
    const move: GridMove | null = moveOf(event, this.current, {
      rows: this.window.total,
      columns: this.columns.length,
      page: Math.max(1, last - first),
    });
    if (!move) return;
    event.preventDefault();
    if (move === 'choose') this.choose(true);
    else void this.goTo(move.row, move.column);
  }

  private choose(byKey: boolean): void {
    const { row, column } = this.current;
    const chosen = this.columns[column];
    if (row >= 0) this.events.open(row, chosen ?? null, byKey);
    else if (chosen?.canOrder) this.events.order(chosen);
  }

  private onClick(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('td, th');
    if (!cell || (event.target as HTMLElement).classList.contains('rt-column-resize')) return;
    const meta = this.table.getMeta(cell) as
      | { type: string; x?: number; y?: number; column_header_y?: number }
      | undefined;
    if (!meta) return;
    if (meta.type === 'column_header' && meta.x !== undefined && cell.closest('tr:last-child')) {
      this.current = { row: -1, column: meta.x };
      this.choose(false);
    } else if (meta.y !== undefined && (meta.type === 'body' || meta.type === 'row_header')) {
      this.current = { row: this.window.base + meta.y, column: meta.x ?? this.current.column };
      this.choose(false);
    }
    this.style();
  }

  /** Classes and what screen readers are told, after each drawing. */
  private style(): void {
    const { table, window, pages } = this;
    table.setAttribute('aria-rowcount', String(window.total + this.headers));
    table.setAttribute('aria-colcount', String(this.columns.length + 1));
    table.setAttribute('aria-busy', String(pages?.total === null));
    table.querySelector('table')?.setAttribute('role', 'none');
    for (const part of table.querySelectorAll('thead, tbody')) part.setAttribute('role', 'rowgroup');
    let active = '';
    table.querySelectorAll<HTMLElement>('thead tr').forEach((line, level) => {
      // groups that are all out of view
      const isEmpty = level < this.headers - 1 && line.textContent === '';
      setAttributes(line, { role: isEmpty ? 'none' : 'row', 'aria-rowindex': isEmpty ? null : level + 1 });
      for (const head of line.querySelectorAll('th')) if (this.styleHeader(head, level)) active = head.id;
    });
    for (const line of table.querySelectorAll<HTMLElement>('tbody tr'))
      if (this.styleRow(line)) active = 'current-cell';
    if (active === '') table.removeAttribute('aria-activedescendant');
    else table.setAttribute('aria-activedescendant', active);
    const { first, last } = (this.seen = this.inView());
    this.events.seen(first, Math.min(window.total, last + 1));
  }

  private styleHeader(head: HTMLElement, level: number): boolean {
    const meta = this.table.getMeta(head) as { type?: string; x?: number } | undefined;
    const isName = level === this.headers - 1;
    const column = isName && meta?.type === 'column_header' ? this.columns[meta.x!] : undefined;
    const isCurrent = column !== undefined && this.current.row === -1 && this.current.column === meta!.x;
    // over columns without a group there is nothing to say
    head.setAttribute('role', !isName && head.textContent === '' ? 'none' : 'columnheader');
    if (column?.canOrder && column.path === this.ordered?.path)
      head.setAttribute('aria-sort', this.ordered!.isDescending ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
    const isCorner = meta?.type === 'corner';
    if (isCorner && isName) head.querySelector('span')!.textContent = 'record';
    head.classList.toggle('number', isCorner || (column !== undefined && column.kind !== 'text'));
    head.classList.toggle('orders', column?.canOrder ?? false);
    head.classList.toggle('group', !isName && !isCorner && head.textContent !== '');
    this.makeCurrent(head, isCurrent);
    head.title = column ? [column.id, column.picture].join(' ').trim() : '';
    return isCurrent;
  }

  private styleRow(line: HTMLElement): boolean {
    line.setAttribute('role', 'row');
    let hasCurrent = false;
    for (const cell of line.children as HTMLCollectionOf<HTMLElement>) {
      const meta = this.table.getMeta(cell) as { type?: string; x?: number; y?: number } | undefined;
      if (meta?.y === undefined) continue;
      const index = this.window.base + meta.y;
      const record = this.pages?.at(index);
      const isOpened = record !== undefined && record.number === this.opened;
      line.setAttribute('aria-rowindex', String(index + 1 + this.headers));
      line.classList.toggle('opened', isOpened);
      line.setAttribute('aria-selected', String(isOpened));
      line.classList.toggle('waiting', record === undefined);
      line.classList.toggle('odd', index % 2 === 1);
      if (meta.type === 'row_header') {
        cell.setAttribute('role', 'rowheader');
        cell.setAttribute('aria-colindex', '1');
        cell.classList.toggle('bad', (record?.faults.size ?? 0) > 0);
        continue;
      }
      const column = this.columns[meta.x!];
      if (!column) continue;
      const reason = record?.faults.get(column.id);
      const value = record && valueIn(record.row, column);
      cell.setAttribute('role', 'gridcell');
      cell.setAttribute('aria-colindex', String(meta.x! + 2));
      cell.classList.toggle('number', column.kind !== 'text');
      cell.classList.toggle('bad', reason !== undefined);
      cell.classList.toggle('none', reason === undefined && value === null);
      cell.classList.toggle('masked', column.isMasked);
      cell.title = reason ?? '';
      const isCurrent = this.current.row === index && this.current.column === meta.x;
      this.makeCurrent(cell, isCurrent);
      hasCurrent ||= isCurrent;
    }
    return hasCurrent;
  }

  private makeCurrent(cell: HTMLElement, isCurrent: boolean): void {
    if (isCurrent) cell.id = cell.tagName === 'TH' ? 'current-header' : 'current-cell';
    else cell.removeAttribute('id');
    cell.classList.toggle('current', isCurrent && document.activeElement === this.table);
  }
}

function textOf({ row, faults }: SelectedRecord, column: Column): string {
  const reason = faults.get(column.id);
  if (reason !== undefined) return '✕ bad';
  const value = valueIn(row, column);
  if (value === undefined) return '';
  if (value === null) return '–';
  return column.kind === 'table' ? `${value} ${value === 1 ? 'item' : 'items'}` : String(value);
}
