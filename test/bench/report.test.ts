/**
 * How the benchmarks reckon and show: medians, ratios, sizes, tables, the chart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { type CaseResult, median, ofMemcpy, perRecord, rate, times } from '../../bench/case.js';
import { barChart } from '../../bench/chart.js';
import { parseSize } from '../../bench/memory.js';
import { asMarkdown, asText, factor, grouped } from '../../bench/table.js';

const result = (rounds: number[], memcpy: number[]): CaseResult => ({
  name: 'columns',
  runner: 'native',
  bytes: 200e6,
  records: 1e6,
  rounds,
  memcpy,
});

describe('results', () => {
  const fast = result([0.1, 0.2, 0.4], [0.05, 0.1, 0.1]);
  const slow = result([1, 4, 2], [0.05, 0.05, 0.05]);

  it('are medians', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(rate(fast)).toBeCloseTo(1000);
    expect(perRecord(fast)).toBeCloseTo(200);
  });

  it('are compared round by round', () => {
    expect(times(fast, slow)).toBeCloseTo(10); // of 10, 20 and 5
    expect(ofMemcpy(fast)).toBeCloseTo(0.5); // of 0.5, 0.5 and 0.25
  });

  it('are compared by bytes where one went through less', () => {
    expect(times(fast, { ...slow, bytes: 100e6 })).toBeCloseTo(20);
  });
});

describe('sizes', () => {
  it('are decimal', () => {
    expect(parseSize('1.5G')).toBe(1.5e9);
    expect(parseSize('200M')).toBe(200e6);
    expect(parseSize('1000')).toBe(1000);
  });

  it('refuse anything else', () => {
    expect(() => parseSize('10 lakh')).toThrow('10 lakh is no size');
  });
});

describe('tables', () => {
  const table = { title: 'Speed', columns: ['', 'MB/s'], rows: [['to `columns`', '12,345']], notes: ['One core.'] };

  it('line up for a terminal', () => {
    expect(asText(table).split('\n')).toEqual([
      '',
      'Speed',
      '',
      '              MB/s',
      'to columns  12,345',
      'One core.',
    ]);
  });

  it('are Markdown', () => {
    const text = asMarkdown(table);
    expect(text).toContain('|  | MB/s |\n|---|---:|\n| to `columns` | 12,345 |');
  });

  it('group digits', () => {
    expect([0, 999, 1000, 1234567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([0.5, 12.34, 1234].map(factor)).toEqual(['0.50x', '12.3x', '1,234x']);
  });
});

describe('the chart', () => {
  const bars = [
    { label: 'a < b', value: 100, text: '100', colour: 0 },
    { label: 'half', value: 50, text: '50', colour: 1 },
  ] as const;
  const svg = barChart('Speed & more', [{ title: 'one', bars }], ['note']);

  it('is one SVG without a background, for light and dark pages', () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('Speed &amp; more');
    expect(svg).toContain('a &lt; b');
    expect(svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
  });

  it('has bars as long as their values', () => {
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(2);
    expect(widths[0]! / widths[1]!).toBeCloseTo(2, 1);
  });
});
