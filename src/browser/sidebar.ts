/**
 * The list of data sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { NOWHERE, hashOf } from './address.js';
import type { DatasetHead } from './answers.js';
import { element, fill, grouped } from './dom.js';

export class Sidebar {
  readonly box = element('nav', { class: 'side', id: 'datasets', 'aria-label': 'Data sets' });
  private readonly list = element('ul', {});
  private readonly links = new Map<string, { link: HTMLAnchorElement; count: HTMLElement }>();

  constructor() {
    this.box.append(element('h2', {}, 'Data sets'), this.list);
  }

  show(datasets: readonly DatasetHead[]): void {
    this.links.clear();
    fill(
      this.list,
      ...datasets.map(({ name, title, temporary }) => {
        const count = element('span', { class: 'count' });
        const link = element(
          'a',
          { href: hashOf({ ...NOWHERE, dataset: name }) },
          element('span', { class: 'title' }, title ?? name),
          count,
          title === null && !temporary ? null : element('span', { class: 'note' }, temporary ? 'temporary' : name),
        );
        this.links.set(name, { link, count });
        return element('li', {}, link);
      }),
    );
    if (datasets.length === 0) this.list.append(element('li', { class: 'note' }, 'There are none yet.'));
  }

  /** Records of a data set, when that is known. */
  count(name: string, records: number | null): void {
    const entry = this.links.get(name);
    if (entry && records !== null) {
      fill(entry.count, grouped(records));
      entry.count.title = `${grouped(records)} records`;
    }
  }

  choose(name: string | null): void {
    for (const [own, { link }] of this.links) {
      if (own === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }
}
