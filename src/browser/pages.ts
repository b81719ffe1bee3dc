/**
 * Records of a selection as the grid wants them: by their place in it, at once where they are here, fetched where they are not. Pages
 * that were looked at last are kept; requests for what was scrolled past are taken back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Selection, SelectionQuery, Row } from './answers.js';
import { isAborted } from './api.js';

export interface SelectedRecord {
  readonly number: number;
  readonly row: Row;
  /** Reasons of bad values by the paths of their fields. */
  readonly faults: ReadonlyMap<string, string>;
}

interface Page {
  readonly records: readonly SelectedRecord[];
}

export const PAGE_RECORDS = 100;
const KEPT_PAGES = 80;
/** Milliseconds for which a page must be in view before it is asked for. */
const PATIENCE = 30;

type Fetch = (query: SelectionQuery, from: number, limit: number, signal: AbortSignal) => Promise<Selection>;

export interface PageEvents {
  /** Records came. */
  changed(): void;
  failed(error: unknown): void;
  /** A request is under way, or none is. */
  busy(isBusy: boolean): void;
}

export class RecordPages {
  /** Records of the selection; null until the first page has come. */
  total: number | null = null;
  incomplete: number | null = null;
  private readonly pages = new Map<number, Page>();
  private readonly waiting = new Map<number, AbortController>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wanted: readonly [first: number, last: number] = [0, 0];
  private isClosed = false;

  constructor(
    readonly query: SelectionQuery,
    private readonly fetch: Fetch,
    private readonly events: PageEvents,
  ) {}

  /** The record at a place (0-based), if it is here. */
  at(index: number): SelectedRecord | undefined {
    return this.pages.get(Math.floor(index / PAGE_RECORDS))?.records[index % PAGE_RECORDS];
  }

  /** Sees to it that records `from` to `to - 1` come. */
  want(from: number, to: number): void {
    if (this.isClosed) return;
    const first = Math.floor(from / PAGE_RECORDS);
    const last = Math.max(first, Math.floor((to - 1) / PAGE_RECORDS));
    this.wanted = [first, last];
    for (const [page, controller] of this.waiting) if (page < first || page > last) controller.abort();
    for (let page = first; page <= last; page++) this.touch(page);
    clearTimeout(this.timer);
    if (this.total === null) this.ask();
    else if (this.missing().length > 0) this.timer = setTimeout(() => this.ask(), PATIENCE);
  }

  /** The record at a place, when it has come. */
  async fetched(index: number, signal: AbortSignal): Promise<SelectedRecord | undefined> {
    const here = this.at(index);
    if (here) return here;
    const page = Math.floor(index / PAGE_RECORDS);
    this.keep(page, await this.fetch(this.query, page * PAGE_RECORDS, PAGE_RECORDS, signal));
    return this.at(index);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const controller of this.waiting.values()) controller.abort();
  }

  private missing(): number[] {
    const [first, last] = this.wanted;
    return Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(
      (page) => !this.pages.has(page) && !this.waiting.has(page),
    );
  }

  private ask(): void {
    for (const page of this.missing()) void this.load(page);
  }

  private async load(page: number): Promise<void> {
    const controller = new AbortController();
    this.waiting.set(page, controller);
    this.events.busy(true);
    try {
      const answer = await this.fetch(this.query, page * PAGE_RECORDS, PAGE_RECORDS, controller.signal);
      if (this.isClosed) return;
      this.keep(page, answer);
      this.events.changed();
    } catch (error) {
      if (isAborted(error) || this.isClosed) return;
      this.events.failed(error);
    } finally {
      this.waiting.delete(page);
      if (!this.isClosed) this.events.busy(this.waiting.size > 0);
    }
  }

  private keep(page: number, { records, numbers, faults, total, incomplete }: Selection): void {
    const byRecord = new Map<number, Map<string, string>>();
    for (const { record, field, reason } of faults) {
      const own = byRecord.get(record) ?? new Map<string, string>();
      byRecord.set(record, own.set(field, reason));
    }
    this.total = total;
    this.incomplete = incomplete;
    this.pages.set(page, {
      records: records.map((row, i) => ({ row, number: numbers[i]!, faults: byRecord.get(numbers[i]!) ?? NO_FAULTS })),
    });
    while (this.pages.size > KEPT_PAGES) this.pages.delete(this.pages.keys().next().value!);
  }

  /** The one that was looked at last is the last to go. */
  private touch(page: number): void {
    const kept = this.pages.get(page);
    if (!kept) return;
    this.pages.delete(page);
    this.pages.set(page, kept);
  }
}

const NO_FAULTS: ReadonlyMap<string, string> = new Map();
