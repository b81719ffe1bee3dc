/**
 * The page's frame: the bar at its top, what is said of the data set, the tools over the grid and the line under it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Panel } from './address.js';
import type { DatasetDetail } from './answers.js';
import type { Api } from './api.js';
import { byteText, counted, element, fill, grouped, iconButton } from './dom.js';
import type { Filter } from './filter.js';
import type { Grid } from './grid.js';
import type { Inspector } from './inspector.js';
import type { RecordPages } from './pages.js';
import type { Sidebar } from './sidebar.js';
import { themeButton } from './theme.js';

export interface FrameEvents {
  openFiles(): void;
  chooseColumns(): void;
  panel(panel: Panel): void;
  /** A place in the selection, from 1. */
  goTo(place: number): void;
  /** Takes a temporary data set away. */
  remove(name: string): void;
}

export class Frame {
  private readonly title = element('h1', {}, 'Overpunch');
  private readonly facts = element('p', { class: 'facts' });
  private readonly said = element('div', { class: 'alert', role: 'alert', hidden: true });
  private readonly work = element('div', { class: 'work', hidden: true });
  private readonly empty: HTMLElement;
  private readonly place = element('span', { class: 'place' });
  private readonly matches = element('span', { role: 'status' });
  private readonly bar = element('div', { class: 'busy', hidden: true, 'aria-hidden': 'true' });
  private readonly forget: HTMLButtonElement;
  private readonly menu: HTMLButtonElement;

  constructor(
    private readonly api: Api,
    sidebar: Sidebar,
    filter: Filter,
    grid: Grid,
    inspector: Inspector,
    private readonly events: FrameEvents,
  ) {
    this.forget = iconButton('key', 'Forget the key', () => {
      api.forgetKey();
      location.reload();
    });
    this.menu = iconButton('menu', 'Data sets', () => {
      const isOpen = !document.body.classList.contains('menu-open');
      this.toggleMenu(isOpen);
      if (isOpen) sidebar.box.querySelector<HTMLElement>('a')?.focus();
    });
    this.menu.classList.add('menu-button');
    this.menu.setAttribute('aria-controls', 'datasets');
    this.toggleMenu(false);
    sidebar.box.addEventListener('click', (event) => {
      if ((event.target as HTMLElement).closest('a')) this.toggleMenu(false);
    });
    const top = element(
      'header',
      { class: 'top' },
      this.menu,
      element(
        'a',
        { class: 'brand', href: '#/' },
        element('img', { src: new URL('./mark.svg', import.meta.url).href, alt: '', width: 20, height: 20 }),
        'Overpunch',
      ),
      element('span', { class: 'space' }),
      iconButton('files', 'Open files', events.openFiles, true),
      element('a', { class: 'button', href: new URL('docs', document.baseURI).href }, 'API'),
      this.forget,
      themeButton(),
      this.bar,
    );
    const goTo = element('input', { id: 'go-to', type: 'number', min: 1, step: 1, inputmode: 'numeric' });
    const form = element('form', { class: 'go-to' }, element('label', { for: 'go-to' }, 'Go to row'), goTo);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (Number.isFinite(goTo.valueAsNumber)) events.goTo(Math.trunc(goTo.valueAsNumber));
    });
    const tools = element(
      'div',
      { class: 'tools' },
      filter.form,
      iconButton('columns', 'Columns', events.chooseColumns, true),
      iconButton('copybook', 'Copybook', () => events.panel('copybook'), true),
      iconButton('statistics', 'Statistics', () => events.panel('statistics'), true),
    );
    this.work.append(tools, grid.box, element('div', { class: 'foot' }, this.place, this.matches, form));
    const open = element('button', { type: 'button', class: 'button primary' }, 'Open files');
    open.addEventListener('click', events.openFiles);
    this.empty = element(
      'div',
      { class: 'empty' },
      element('p', {}, 'Choose a data set, or drop a copybook and a data file here.'),
      open,
    );
    const main = element(
      'main',
      { id: 'main' },
      element('div', { class: 'head' }, this.title, this.facts),
      this.said,
      this.empty,
      this.work,
    );
    document.body.append(
      element('a', { class: 'skip', href: '#main' }, 'Skip to the records'),
      top,
      sidebar.box,
      main,
      inspector.box,
    );
    document.body.querySelector('.skip')!.addEventListener('click', (event) => {
      // the address is taken by what is looked at
      event.preventDefault();
      grid.focus();
    });
    this.showKey();
  }

  showKey(): void {
    this.forget.hidden = !this.api.hasKey;
  }

  /** The list of data sets, where there is no room for it beside. */
  openMenu(): void {
    this.toggleMenu(true);
  }

  private toggleMenu(isOpen: boolean): void {
    document.body.classList.toggle('menu-open', isOpen);
    this.menu.setAttribute('aria-expanded', String(isOpen));
  }

  /** Null: none is open. */
  showDataset(detail: DatasetDetail | null): void {
    this.work.hidden = detail === null;
    this.empty.hidden = detail !== null;
    const title = detail ? (detail.title ?? detail.name) : 'Records';
    document.title = detail ? `${title} · Overpunch` : 'Overpunch';
    fill(this.title, title);
    fill(this.facts, detail?.description);
  }

  showSelection(detail: DatasetDetail, pages: RecordPages, isFiltered: boolean): void {
    const { name, bytes, options, description, temporary } = detail;
    const total = pages.total ?? 0;
    const format = [options.recfm ?? 'FB', options.lrecl].filter((one) => one !== undefined).join(' ');
    const page = options.codePage ?? (options.encoding === 'ascii' ? 'ASCII' : '037');
    const facts = [
      isFiltered ? null : counted(total, 'record'),
      byteText(bytes),
      `RECFM ${format}`,
      `code page ${page}`,
    ];
    fill(
      this.facts,
      ...facts.filter((fact) => fact !== null).map((fact) => element('span', { class: 'fact' }, String(fact))),
      temporary ? this.removal(name) : null,
      description === null ? null : element('span', { class: 'description' }, description),
    );
    fill(this.matches, isFiltered ? `${counted(total, 'record matches', 'records match')}` : '');
    if (pages.incomplete)
      this.alert(
        `The last ${counted(pages.incomplete, 'byte')} of the file are no whole record: is the record length right?`,
      );
  }

  private removal(name: string): HTMLElement {
    const button = element('button', { type: 'button', class: 'link' }, 'Close and forget it');
    button.addEventListener('click', () => this.events.remove(name));
    return element('span', {}, element('span', { class: 'tag' }, 'temporary'), ' ', button);
  }

  showPlace(from: number, to: number, total: number | null): void {
    fill(
      this.place,
      total === 0
        ? 'No records'
        : total === null
          ? ''
          : `Rows ${grouped(from + 1)}–${grouped(to)} of ${grouped(total)}`,
    );
  }

  busy(isBusy: boolean): void {
    this.bar.hidden = !isBusy;
  }

  alert(text: string): void {
    fill(this.said, text);
    this.said.hidden = false;
  }

  hideAlert(): void {
    this.said.hidden = true;
    fill(this.said);
  }
}
