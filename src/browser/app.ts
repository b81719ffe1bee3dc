/**
 * The page as a whole: what its address says is shown, and what is done on it goes into its address.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Address, NOWHERE, addressOf, hashOf } from './address.js';
import type { DatasetDetail, RecordSchema } from './answers.js';
import { ProblemError } from '../client/index.js';
import { type Api, isAborted, messageOf } from './api.js';
import { type ColumnChoice, chooseColumns } from './columns-dialog.js';
import { type Column, columnsOf, selectOf, tablesOf } from './columns.js';
import { CopybookPanel } from './copybook-panel.js';
import { Filter } from './filter.js';
import { Frame } from './frame.js';
import { Grid, type Ordered } from './grid.js';
import { Inspector } from './inspector.js';
import { openFiles, takeDrops } from './open-files.js';
import { RecordPages } from './pages.js';
import { RecordPanel } from './record-panel.js';
import { Sidebar } from './sidebar.js';
import { StatisticsPanel } from './statistics-panel.js';

/** Data sets whose records are counted in the list: each takes a request. */
const COUNTED = 40;

interface OpenDataset {
  readonly detail: DatasetDetail;
  readonly schema: RecordSchema;
  /** Items of tables that have columns. */
  items: ReadonlyMap<string, number>;
}

export class App {
  private readonly sidebar = new Sidebar();
  private readonly filter: Filter;
  private readonly grid: Grid;
  private readonly record = new RecordPanel({ active: (path) => this.copybook.mark(path) });
  private readonly copybook = new CopybookPanel();
  private readonly statistics: StatisticsPanel;
  private readonly inspector: Inspector;
  private readonly frame: Frame;
  private address: Address = NOWHERE;
  private opened: OpenDataset | null = null;
  private pages: RecordPages | null = null;
  private columns: readonly Column[] = [];
  /** Place in the selection of the record that is looked at; null where that is not known. */
  private index: number | null = null;
  /** Path of the field that the record is opened at. */
  private at: string | null = null;
  private going: AbortController | null = null;
  private looking: AbortController | null = null;

  constructor(private readonly api: Api) {
    this.filter = new Filter((where) => this.go({ where, record: null }));
    this.grid = new Grid({
      open: (index, column, byKey) => this.openRow(index, column, byKey),
      order: (column) => this.order(column),
      seen: (from, to) => this.frame.showPlace(from, to, this.pages?.total ?? null),
    });
    this.statistics = new StatisticsPanel((fields, signal) =>
      this.api.statistics(this.address.dataset!, fields, this.address.where, signal),
    );
    this.inspector = new Inspector(
      { record: this.record.box, copybook: this.copybook.box, statistics: this.statistics.box },
      {
        choose: (panel) => this.go({ panel }, true),
        close: () => {
          this.go({ panel: null, record: null });
          this.grid.focus();
        },
        step: (by) => this.index !== null && void this.openRow(this.index + by, null, false),
      },
    );
    this.frame = new Frame(api, this.sidebar, this.filter, this.grid, this.inspector, {
      openFiles: () => void this.openFiles([]),
      chooseColumns: () => this.chooseColumns(),
      panel: (panel) => this.go({ panel: this.address.panel === panel ? null : panel }, this.address.panel !== null),
      goTo: (number) => void this.goTo(number),
      remove: (name) => void this.remove(name),
    });
    takeDrops(document.body, (files) => void this.openFiles(files));
    addEventListener('popstate', () => void this.arrive(addressOf(location.hash)));
    addEventListener('keydown', (event) => {
      const isTyping = (event.target as HTMLElement).matches('input, select, textarea');
      if (event.key === '/' && !isTyping && !document.querySelector('dialog[open]')) {
        event.preventDefault();
        this.filter.focus();
      }
    });
  }

  async start(): Promise<void> {
    try {
      const datasets = await this.list();
      const address = addressOf(location.hash);
      const [only] = datasets;
      if (address.dataset === null && datasets.length === 1) this.go({ ...NOWHERE, dataset: only!.name }, true);
      else await this.arrive(address);
      if (this.address.dataset === null) this.frame.openMenu();
    } catch (error) {
      this.fail(error);
    }
  }

  private async list() {
    const datasets = await this.api.datasets();
    this.sidebar.show(datasets);
    this.sidebar.choose(this.address.dataset);
    this.frame.showKey();
    for (const { name } of datasets.slice(0, COUNTED))
      this.api.dataset(name).then(
        ({ records }) => this.sidebar.count(name, records),
        () => {}, // it says what is wrong when it is opened
      );
    return datasets;
  }

  /** Changes the address, and what is shown. */
  private go(change: Partial<Address>, isReplaced = false): void {
    const changed = { ...this.address, ...change };
    // without a record there is nothing to show of one
    const isEmpty = changed.panel === 'record' && changed.record === null && change.panel === undefined;
    const address = isEmpty ? { ...changed, panel: null } : changed;
    const hash = hashOf(address);
    if (hash !== location.hash) history[isReplaced ? 'replaceState' : 'pushState'](null, '', hash);
    void this.arrive(address);
  }

  private async arrive(address: Address): Promise<void> {
    const before = this.address;
    this.address = address;
    const isSame = <K extends keyof Address>(...keys: K[]): boolean =>
      keys.every((key) => JSON.stringify(before[key]) === JSON.stringify(address[key]));
    this.frame.hideAlert();
    try {
      if (!isSame('dataset') || this.opened === null) await this.openDataset(address.dataset);
      if (this.opened === null || this.address !== address) return;
      if (!isSame('dataset', 'where', 'order', 'columns') || this.pages === null) await this.select();
      if (this.address !== address) return;
      this.inspector.show(address.panel);
      if (address.panel === 'statistics') {
        const isNew = before.panel !== 'statistics' || !isSame('dataset', 'where', 'columns');
        if (isNew) this.showStatistics();
      } else this.statistics.close();
      if (address.record === null) this.showNoRecord();
      else if (!isSame('dataset', 'record') || before.panel === null) await this.look(address.record);
    } catch (error) {
      if (this.address === address) this.fail(error);
    }
  }

  private async openDataset(name: string | null): Promise<void> {
    this.going?.abort();
    const { signal } = (this.going = new AbortController());
    this.pages?.close();
    this.pages = null;
    this.opened = null;
    this.sidebar.choose(name);
    this.frame.showDataset(null);
    this.inspector.show(null);
    if (name === null) return;
    try {
      const [detail, schema] = await Promise.all([this.api.dataset(name, signal), this.api.schema(name, signal)]);
      if (signal.aborted) return;
      this.opened = { detail, schema, items: new Map() };
      this.frame.showDataset(detail);
      this.sidebar.count(name, detail.records);
      this.copybook.show(detail, schema);
    } catch (error) {
      if (!isAborted(error)) throw error;
    }
  }

  /** Shows the records that the address names. What was shown stays until the first of them are there. */
  private async select(): Promise<void> {
    const { dataset, where, order } = this.address;
    const { schema, items } = this.opened!;
    this.filter.show(where);
    this.index = null;
    const all = columnsOf(schema, items);
    const chosen = this.address.columns;
    const columns = chosen === undefined ? all : all.filter(({ id }) => chosen.includes(id));
    const shown = columns.length > 0 ? columns : all;
    const select = shown === all ? undefined : selectOf(shown);
    const query = { dataset: dataset!, where, order, select };
    const pages = new RecordPages(query, (...asked) => this.api.selection(...asked), {
      changed: () => void this.grid.refresh(),
      failed: (error) => this.fail(error),
      busy: (isBusy) => this.frame.busy(isBusy),
    });
    this.going?.abort();
    const { signal } = (this.going = new AbortController());
    this.frame.busy(true);
    try {
      await pages.fetched(0, signal);
    } catch (error) {
      if (isOfFilter(error)) this.filter.fail(error.detail, error.problem.column ?? null);
      else if (!isAborted(error)) throw error;
      return;
    } finally {
      if (!signal.aborted) this.frame.busy(false);
    }
    this.pages?.close();
    this.pages = pages;
    this.columns = shown;
    if (where === undefined) this.sidebar.count(dataset!, pages.total);
    this.frame.showSelection(this.opened!.detail, pages, where !== undefined);
    await this.grid.show(pages, shown, orderedOf(order));
    if (this.address.record !== null && where === undefined && order === undefined) {
      this.index = Math.min(this.address.record, pages.total!) - 1;
      await this.grid.goTo(Math.max(0, this.index));
    }
  }

  private order({ path }: Column): void {
    const now = orderedOf(this.address.order);
    const isOwn = now?.path === path;
    // up, down, none
    this.go({ order: !isOwn ? path : now.isDescending ? undefined : `${path}:desc`, record: null });
  }

  private async openRow(index: number, column: Column | null, byKey: boolean): Promise<void> {
    const { pages } = this;
    if (!pages || index < 0 || index >= (pages.total ?? 0)) return;
    this.looking?.abort();
    const { signal } = (this.looking = new AbortController());
    try {
      const record = await pages.fetched(index, signal);
      if (!record || this.pages !== pages) return;
      this.at = column?.id ?? null;
      this.index = index;
      if (column === null) await this.grid.goTo(index);
      this.go({ record: record.number, panel: 'record' }, this.address.record !== null);
      if (byKey) this.inspector.focus();
    } catch (error) {
      if (!isAborted(error)) this.fail(error);
    }
  }

  private showNoRecord(): void {
    this.looking?.abort();
    this.grid.mark(null);
    this.record.clear();
    this.inspector.name('No record', false);
  }

  private async look(number: number): Promise<void> {
    this.looking?.abort();
    const { signal } = (this.looking = new AbortController());
    const { dataset } = this.address;
    this.grid.mark(number);
    try {
      const record = await this.api.record(dataset!, number, signal);
      if (signal.aborted) return;
      this.inspector.name(`Record ${number.toLocaleString('en')}`, this.index !== null);
      this.record.show(record, this.at);
      this.at = null;
    } catch (error) {
      if (!isAborted(error)) throw error;
    }
  }

  /** A place in the selection, from 1. */
  private async goTo(place: number): Promise<void> {
    const total = this.pages?.total ?? 0;
    if (total === 0) return;
    await this.grid.goTo(Math.max(0, Math.min(total, place) - 1));
    this.grid.focus();
  }

  private showStatistics(): void {
    const fields = this.columns.filter(({ kind, isMasked }) => kind !== 'table' && !isMasked);
    void this.statistics.show(selectOf(fields), this.address.where !== undefined);
  }

  private chooseColumns(): void {
    const { opened } = this;
    if (!opened) return;
    const now: ColumnChoice = { columns: this.address.columns, items: opened.items };
    chooseColumns(
      (items) => columnsOf(opened.schema, items),
      tablesOf(opened.schema),
      now,
      ({ columns, items }) => {
        const isSame = JSON.stringify([...items]) === JSON.stringify([...opened.items]);
        opened.items = items;
        // the address may be the same, the columns are not
        if (!isSame) this.pages = null;
        this.go({ columns });
      },
    );
  }

  private openFiles(files: readonly File[]): Promise<void> {
    return openFiles(async (options, copybook, data) => {
      const { name } = await this.api.open(options, copybook, data);
      await this.list();
      this.go({ ...NOWHERE, dataset: name });
    }, files);
  }

  private async remove(name: string): Promise<void> {
    try {
      await this.api.remove(name);
      this.go(NOWHERE, true);
      await this.list();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (isAborted(error)) return;
    if (isOfFilter(error)) {
      this.filter.fail(error.detail, error.problem.column ?? null);
      return;
    }
    const isNet = error instanceof TypeError;
    this.frame.alert(isNet ? 'The service can not be reached.' : messageOf(error));
    if (!isNet && !(error instanceof ProblemError)) console.error(error);
  }
}

const isOfFilter = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && error.parameter === 'where';

/** `BALANCE:desc`; null where there is no order, or one of several fields. */
function orderedOf(order: string | undefined): Ordered | null {
  if (order === undefined || order.includes(',')) return null;
  const [, path = order, word] = /^(.*?)(?::(asc|desc))?$/i.exec(order) ?? [];
  return { path, isDescending: word?.toLowerCase() === 'desc' };
}
