/**
 * A window of rows onto millions. Browsers limit how tall an element can be, and a scrollbar of a screen's height moves by thousands of
 * rows a pixel: so the table has at most WINDOW_ROWS rows, of which wheel and keys move one by one, and the window moves over the records.
 * Long ways (the scrollbar dragged) go to the same part of all records as of the window.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Of 26 pixels each they are less than any browser's limit. */
export const WINDOW_ROWS = 150_000;

export interface Scrolled {
  /** Pixels scrolled by, and at most. */
  readonly top: number;
  readonly most: number;
  /** Pixels of the view, and of a row. */
  readonly height: number;
  readonly rowHeight: number;
}

export class GridWindow {
  total = 0;
  /** The record that the window's first row is of. */
  base = 0;
  private lastTop = 0;

  get rows(): number {
    return Math.min(this.total, WINDOW_ROWS);
  }

  get isWhole(): boolean {
    return this.total <= WINDOW_ROWS;
  }

  restart(total: number): void {
    this.total = total;
    this.base = 0;
    this.lastTop = 0;
  }

  /** The scroll position changed, by whatever. */
  scrolled({ top, most, height, rowHeight }: Scrolled): void {
    const way = Math.abs(top - this.lastTop);
    this.lastTop = top;
    if (this.isWhole) return;
    const end = this.total - this.rows;
    if (top <= 0) this.base = 0;
    else if (top >= most - 1) this.base = end;
    else if (way > 2 * height)
      this.base = this.clamp(Math.round(this.partOf(top / most, height, rowHeight) - top / rowHeight));
  }

  /**
   * Once nobody scrolls: where to scroll to so that the scrollbar says how far along one is, with the same rows in view. Null where it
   * does already.
   */
  settled({ top, most, height, rowHeight }: Scrolled): number | null {
    if (this.isWhole) return null;
    return this.placed(this.base + top / rowHeight, { top, most, height, rowHeight });
  }

  /** Where to scroll to so that this record is the first in view. */
  goTo(record: number, scrolled: Scrolled): number {
    const { most, rowHeight } = scrolled;
    const top = this.isWhole ? null : this.placed(record, scrolled);
    return top ?? Math.max(0, Math.min(most, (record - this.base) * rowHeight));
  }

  /** The scroll position was set by what `settled` or `goTo` said. */
  set(top: number): void {
    this.lastTop = top;
  }

  private placed(record: number, { top, most, height, rowHeight }: Scrolled): number | null {
    const rest = record - Math.floor(record);
    const all = Math.max(1, this.total - height / rowHeight);
    const place = Math.min(1, record / all) * most;
    // whole rows, and the same part of one
    const row = Math.max(0, Math.min(Math.floor(place / rowHeight), Math.floor(most / rowHeight)));
    const base = this.clamp(Math.floor(record) - row);
    const wanted = Math.max(0, Math.min(most, (Math.floor(record) - base + rest) * rowHeight));
    if (base === this.base && Math.abs(wanted - top) < 1) return null;
    this.base = base;
    return wanted;
  }

  private partOf(part: number, height: number, rowHeight: number): number {
    return Math.max(0, this.total - height / rowHeight) * part;
  }

  private clamp(base: number): number {
    return Math.max(0, Math.min(this.total - this.rows, base));
  }
}
