/**
 * What stands beside the grid: a record, the copybook or statistics, one at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { PANELS, type Panel } from './address.js';
import { element, fill, icon, iconButton } from './dom.js';

const TITLES = { record: 'Record', copybook: 'Copybook', statistics: 'Statistics' } as const;

export interface InspectorEvents {
  choose(panel: Panel): void;
  close(): void;
  /** One record on or back. */
  step(by: 1 | -1): void;
}

export class Inspector {
  readonly box = element('aside', { class: 'inspector', 'aria-label': 'Details', hidden: true });
  private readonly tabs = new Map<Panel, HTMLButtonElement>();
  private readonly bodies = new Map<Panel, HTMLElement>();
  private readonly title = element('span', { class: 'record-title' });
  private readonly steps: readonly HTMLButtonElement[];

  constructor(contents: Readonly<Record<Panel, HTMLElement>>, events: InspectorEvents) {
    this.steps = [
      iconButton('up', 'Record before', () => events.step(-1)),
      iconButton('down', 'Record behind', () => events.step(1)),
    ];
    const list = element('div', { role: 'tablist', 'aria-label': 'Details' });
    for (const panel of PANELS) {
      const tab = element(
        'button',
        { type: 'button', role: 'tab', id: `tab-${panel}`, 'aria-controls': `panel-${panel}` },
        icon(panel),
        TITLES[panel],
      );
      tab.addEventListener('click', () => events.choose(panel));
      this.tabs.set(panel, tab);
      list.append(tab);
      const body = element(
        'div',
        { role: 'tabpanel', id: `panel-${panel}`, 'aria-labelledby': `tab-${panel}`, class: `panel panel-${panel}` },
        panel === 'record' ? element('div', { class: 'record-bar' }, this.title, ...this.steps) : null,
        contents[panel],
      );
      this.bodies.set(panel, body);
    }
    list.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? PANELS.length - 1 : 0;
      const at = PANELS.findIndex((panel) => this.tabs.get(panel) === document.activeElement);
      if (step === 0 || at < 0) return;
      event.preventDefault();
      const next = PANELS[(at + step) % PANELS.length]!;
      events.choose(next);
      this.tabs.get(next)!.focus();
    });
    this.box.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      events.close();
    });
    const close = iconButton('close', 'Close details', () => events.close());
    this.box.append(element('div', { class: 'inspector-head' }, list, close), ...this.bodies.values());
  }

  show(panel: Panel | null): void {
    this.box.hidden = panel === null;
    for (const one of PANELS) {
      const tab = this.tabs.get(one)!;
      tab.setAttribute('aria-selected', String(one === panel));
      tab.tabIndex = one === panel ? 0 : -1;
      this.bodies.get(one)!.hidden = one !== panel;
    }
  }

  name(text: string, canStep: boolean): void {
    fill(this.title, text);
    for (const button of this.steps) button.disabled = !canStep;
  }

  /** Puts the keyboard into the panel that is shown. */
  focus(): void {
    const body = [...this.bodies.values()].find(({ hidden }) => !hidden);
    body?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }
}
