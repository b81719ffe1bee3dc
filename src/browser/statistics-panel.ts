/**
 * What the values of the fields in view are like, with small charts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { FieldStatistics, Statistics } from './answers.js';
import { isAborted, messageOf } from './api.js';
import { drawing, element, fill, grouped } from './dom.js';

/** Fields that are asked for at a time, so that the first come soon. */
const AT_ONCE = 8;

export class StatisticsPanel {
  readonly box = element('div', { class: 'statistics', tabindex: 0, role: 'region', 'aria-label': 'Statistics' });
  private readonly status = element('p', { class: 'note', role: 'status' });
  private readonly list = element('div', { class: 'cards' });
  private stop: AbortController | null = null;

  constructor(private readonly ask: (fields: readonly string[], signal: AbortSignal) => Promise<Statistics>) {
    this.box.append(this.status, this.list);
  }

  async show(fields: readonly string[], isFiltered: boolean): Promise<void> {
    this.close();
    const { signal } = (this.stop = new AbortController());
    fill(this.list);
    fill(this.status, 'Looking at the records …');
    try {
      for (let i = 0; i < fields.length; i += AT_ONCE) {
        const answer = await this.ask(fields.slice(i, i + AT_ONCE), signal);
        this.list.append(...answer.fields.map(card));
        const which = isFiltered ? 'records that match' : 'records';
        const text = answer.complete
          ? `Of all ${grouped(answer.records)} ${which}.`
          : `Of the first ${grouped(answer.records)} ${which}.`;
        fill(this.status, text);
      }
      if (fields.length === 0) fill(this.status, 'There are no fields to look at.');
    } catch (error) {
      if (!isAborted(error)) fill(this.status, element('span', { class: 'bad' }, messageOf(error)));
    }
  }

  close(): void {
    this.stop?.abort();
    this.stop = null;
  }
}

/** Facts that have a line of their own. */
const WIDE: readonly string[] = ['least', 'greatest', 'mean'];

function card(field: FieldStatistics): HTMLElement {
  const { count, bad, min, max, mean, distinct } = field;
  const names = field.field.split('.');
  const facts: readonly (readonly [string, string | null, boolean?])[] = [
    ['values', grouped(count)],
    ['null', field.null > 0 ? grouped(field.null) : null],
    ['bad', bad > 0 ? grouped(bad) : null, true],
    ['distinct', distinct === null ? null : grouped(distinct)],
    ['least', shown(min)],
    ['greatest', shown(max)],
    ['mean', mean],
  ];
  return element(
    'section',
    { class: 'card', 'aria-label': names.at(-1)! },
    element(
      'h2',
      {},
      names.at(-1)!,
      names.length > 2 ? element('span', { class: 'note' }, names.slice(1, -1).join('.')) : null,
    ),
    chartOf(field),
    element(
      'dl',
      {},
      ...facts
        .filter(([, value]) => value !== null)
        .map(([name, value, isBad]) =>
          element(
            'div',
            { class: WIDE.includes(name) ? 'wide' : null },
            element('dt', {}, name),
            element('dd', { class: isBad ? 'bad' : null, title: value }, name === 'mean' ? short(value!) : value),
          ),
        ),
    ),
  );
}

const rounded = new Intl.NumberFormat('en', { maximumSignificantDigits: 9, useGrouping: false });

/** Of a mean all digits are known, and few of them are read. */
const short = (digits: string): string => (digits.length <= 12 ? digits : rounded.format(Number(digits)));

const shown = (text: string | null): string | null => (text === '' ? '(empty)' : text);

function chartOf(field: FieldStatistics): Element | null {
  if (field.histogram && field.histogram.length > 0) return histogram(field);
  if (field.frequent && field.frequent.length > 0) return frequencies(field);
  return null;
}

const WIDTH = 240;
const HEIGHT = 48;

function histogram({ histogram: bins, min, max }: FieldStatistics): SVGElement {
  const most = Math.max(...bins!.map(({ count }) => count));
  const width = WIDTH / bins!.length;
  const bars = bins!.map(({ from, to, count }, i) => {
    // one value among thousands is still seen
    const height = count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2));
    return drawing(
      'rect',
      { x: i * width + 0.5, y: HEIGHT - height, width: Math.max(1, width - 1), height, class: 'bar' },
      drawing('title', {}, `${from === to ? from : `${from} to ${to}`}: ${grouped(count)}`),
    );
  });
  const peak = bins!.reduce((a, b) => (b.count > a.count ? b : a));
  const label = `Histogram from ${min} to ${max}; most values, ${grouped(peak.count)}, lie from ${peak.from} to ${peak.to}`;
  return drawing(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    },
    ...bars,
    drawing('line', { x1: 0, y1: HEIGHT - 0.5, x2: WIDTH, y2: HEIGHT - 0.5, class: 'axis' }),
  );
}

/** How many of the most frequent values have a bar. */
const BARS = 5;

function frequencies({ frequent, count }: FieldStatistics): HTMLElement {
  return element(
    'ol',
    { class: 'frequent' },
    ...frequent!.slice(0, BARS).map((one) => {
      const bar = element('span', { class: 'frequent-bar', 'aria-hidden': 'true' });
      bar.style.setProperty('--part', String(one.count / count));
      return element(
        'li',
        {},
        bar,
        element('span', { class: 'frequent-value' }, shown(one.value)),
        element('span', { class: 'frequent-count' }, grouped(one.count)),
      );
    }),
  );
}
