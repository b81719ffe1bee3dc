/**
 * The bytes of a record: hexadecimal on the left, the same bytes as characters of the code page on the right.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { PlacedRecord } from './answers.js';
import { element, fill, grouped } from './dom.js';

export interface BytesEvents {
  hover(offset: number | null): void;
  choose(offset: number): void;
  /** Names of the fields that have this byte. */
  name(offset: number): readonly string[];
}

export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Bytes that are shown at a time: long records have thousands. */
const PAGE = 1024;
const WIDTHS = { wide: 16, narrow: 8 };

export class BytesView {
  readonly box = element('section', { class: 'bytes', 'aria-label': 'Bytes of the record' });
  private readonly grid = element('div', { class: 'bytes-grid', role: 'grid', tabindex: 0 });
  private readonly foot = element('div', { class: 'bytes-foot' });
  private record: PlacedRecord | null = null;
  /** First byte of the page that is shown. */
  private page = 0;
  private cursor = 0;
  private marked: Extent | null = null;
  private isBad = false;
  private readonly narrow = matchMedia('(max-width: 30rem)');

  constructor(private readonly events: BytesEvents) {
    this.grid.setAttribute('aria-label', 'Bytes, hexadecimal and as text');
    this.grid.addEventListener('pointerover', (event) => this.events.hover(offsetOf(event.target)));
    this.grid.addEventListener('pointerleave', () => this.events.hover(null));
    this.grid.addEventListener('click', (event) => {
      const offset = offsetOf(event.target);
      if (offset === null) return;
      this.cursor = offset;
      this.events.choose(offset);
      this.showCursor();
    });
    this.grid.addEventListener('keydown', (event) => this.onKey(event));
    this.grid.addEventListener('focus', () => this.showCursor());
    this.grid.addEventListener('blur', () => this.showCursor());
    this.narrow.addEventListener('change', () => this.draw());
    this.box.append(this.grid, this.foot);
  }

  show(record: PlacedRecord): void {
    this.record = record;
    this.page = 0;
    this.cursor = 0;
    this.marked = null;
    this.draw();
  }

  clear(): void {
    this.record = null;
    this.marked = null;
    fill(this.grid);
    fill(this.foot);
  }

  /** @param isFollowed the page with the first of these bytes is shown, and the cursor goes there */
  mark(extent: Extent | null, isBad: boolean, isFollowed: boolean): void {
    this.marked = extent;
    this.isBad = isBad;
    if (extent && isFollowed && this.record?.bytes) {
      const page = Math.floor(extent.from / PAGE) * PAGE;
      if (document.activeElement !== this.grid) this.cursor = extent.from;
      if (page !== this.page) {
        this.page = page;
        this.draw();
      }
      this.cell(extent.from)?.scrollIntoView({ block: 'nearest' });
    }
    this.showMarks();
  }

  private get width(): number {
    return this.narrow.matches ? WIDTHS.narrow : WIDTHS.wide;
  }

  private draw(): void {
    const { record, page, width } = this;
    if (!record) return;
    if (record.bytes === null || record.text === null) {
      this.grid.hidden = true;
      fill(this.foot, 'The bytes are not shown: fields of this data set are guarded from you.');
      return;
    }
    this.grid.hidden = false;
    const { bytes, text, length } = record;
    const end = Math.min(length, page + PAGE);
    const rows: HTMLElement[] = [];
    for (let at = page; at < end; at += width) {
      const hex: HTMLElement[] = [];
      const characters: HTMLElement[] = [];
      for (let offset = at; offset < Math.min(end, at + width); offset++) {
        hex.push(
          element(
            'span',
            { role: 'gridcell', class: 'byte', 'data-at': offset },
            bytes.slice(2 * offset, 2 * offset + 2),
          ),
        );
        characters.push(element('span', { class: 'byte', 'data-at': offset }, text[offset]));
      }
      rows.push(
        element(
          'div',
          { role: 'row', class: 'bytes-row' },
          element('span', { role: 'rowheader', class: 'bytes-offset' }, at),
          element('span', { role: 'none', class: 'bytes-hex' }, ...hex),
          element('span', { role: 'none', class: 'bytes-text', 'aria-hidden': 'true' }, ...characters),
        ),
      );
    }
    fill(this.grid, ...rows);
    this.showPages();
    this.showMarks();
    this.showCursor();
  }

  private showPages(): void {
    const { length } = this.record!;
    if (length <= PAGE) {
      fill(this.foot);
      return;
    }
    const to = (label: string, page: number): HTMLButtonElement => {
      const button = element(
        'button',
        { type: 'button', class: 'button', disabled: page < 0 || page >= length },
        label,
      );
      button.addEventListener('click', () => {
        this.page = page;
        this.cursor = page;
        this.draw();
      });
      return button;
    };
    const last = Math.min(length, this.page + PAGE) - 1;
    fill(
      this.foot,
      to('Before', this.page - PAGE),
      element('span', {}, `bytes ${grouped(this.page)}–${grouped(last)} of ${grouped(length)}`),
      to('Behind', this.page + PAGE),
    );
  }

  private showMarks(): void {
    const { marked } = this;
    for (const one of this.grid.querySelectorAll<HTMLElement>('.byte')) {
      const offset = Number(one.dataset.at);
      const isMarked = marked !== null && offset >= marked.from && offset < marked.to;
      one.classList.toggle('marked', isMarked);
      one.classList.toggle('bad', isMarked && this.isBad);
    }
  }

  private showCursor(): void {
    const before = this.grid.querySelector('#byte-cursor');
    before?.removeAttribute('id');
    for (const one of this.grid.querySelectorAll('.cursor')) one.classList.remove('cursor');
    const own = this.cell(this.cursor);
    if (!own) {
      this.grid.removeAttribute('aria-activedescendant');
      return;
    }
    own.id = 'byte-cursor';
    const names = this.events.name(this.cursor);
    const character = this.record!.text![this.cursor];
    own.setAttribute(
      'aria-label',
      `byte ${this.cursor}, ${own.textContent}, ${character}, ${names.length > 0 ? names.join(' and ') : 'no field'}`,
    );
    if (document.activeElement === this.grid)
      for (const one of this.grid.querySelectorAll(`[data-at="${this.cursor}"]`)) one.classList.add('cursor');
    this.grid.setAttribute('aria-activedescendant', 'byte-cursor');
  }

  private cell(offset: number): HTMLElement | null {
    return this.grid.querySelector<HTMLElement>(`.bytes-hex [data-at="${offset}"]`);
  }

  private onKey(event: KeyboardEvent): void {
    const { width } = this;
    const length = this.record?.length ?? 0;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: width,
      ArrowUp: -width,
      PageDown: 8 * width,
      PageUp: -8 * width,
      Home: -(this.cursor % width),
      End: width - 1 - (this.cursor % width),
    };
    const isChosen = event.key === 'Enter' || event.key === ' ';
    const step = steps[event.key];
    if ((step === undefined && !isChosen) || event.altKey || event.metaKey || length === 0) return;
    event.preventDefault();
    if (step !== undefined) {
      this.cursor = Math.max(0, Math.min(length - 1, this.cursor + step));
      const page = Math.floor(this.cursor / PAGE) * PAGE;
      if (page !== this.page) {
        this.page = page;
        this.draw();
      }
      this.events.hover(this.cursor);
    } else this.events.choose(this.cursor);
    this.showCursor();
    this.cell(this.cursor)?.scrollIntoView({ block: 'nearest' });
  }
}

function offsetOf(target: EventTarget | null): number | null {
  const at = (target as HTMLElement).dataset?.at;
  return at === undefined ? null : Number(at);
}
