/**
 * The end-to-end results as the README's chart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Case, type CaseResult, type Runner, ofMemcpy, rate } from './case.js';
import { type Bar, barChart } from './chart.js';
import type { Machine } from './machine.js';
import { grouped } from './table.js';

/** Best first; the other instruction sets are in the table. */
const SHOWN: readonly { runner: Runner; label: string; colour: Bar['colour'] }[] = [
  { runner: 'threads', label: 'native, two threads', colour: 0 },
  { runner: 'native', label: 'native', colour: 0 },
  { runner: 'ts', label: 'TypeScript engine', colour: 1 },
  { runner: 'naive', label: 'loop by hand', colour: 3 },
];

export function speedChart(cases: readonly Case[], results: readonly CaseResult[], here: Machine): string {
  const groups = cases.map(({ name, title }) => ({
    title: title.replaceAll('`', ''),
    bars: SHOWN.flatMap(({ runner, label, colour }): Bar[] => {
      const result = results.find((one) => one.name === name && one.runner === runner);
      if (!result) return [];
      const part = runner === 'naive' ? '' : `, ${ofMemcpy(result).toFixed(3)} of memcpy`;
      return [{ label, value: rate(result), text: `${grouped(rate(result))} MB/s${part}`, colour }];
    }),
  }));
  const { processor, node, date } = here;
  return barChart(
    'Overpunch, MB of input a second on one core',
    groups.filter(({ bars }) => bars.length > 0),
    [`200-byte records of 18 fields, streamed. ${processor}, Node ${node}, ${date}.`, 'npm run bench repeats it.'],
  );
}
