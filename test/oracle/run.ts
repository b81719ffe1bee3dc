/**
 * GnuCOBOL as the judge of offsets, lengths and values, for random copybooks and for those in copybooks/:
 *   npm run oracle -- [--count N] [--seed S] [--engine native|ts|both] [--keep DIR] [--no-fixed]
 * Prints every difference and ends with code 1 if there is any, with 2 if the judge can't be asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type EngineName, compare } from './compare.js';
import { askJudge, whyNoJudge } from './judge.js';

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'both' },
    keep: { type: 'string' },
    'no-fixed': { type: 'boolean', default: false },
  },
});
/** Differences of one copybook that are printed. */
const SHOWN = 8;

process.exitCode = await main();

async function main(): Promise<number> {
  const engines: readonly EngineName[] | null =
    flags.engine === 'both'
      ? ['native', 'ts']
      : flags.engine === 'native' || flags.engine === 'ts'
        ? [flags.engine]
        : null;
  const count = Number(flags.count);
  const seed = Number(flags.seed);
  if (!engines || !Number.isSafeInteger(count) || count < 0 || !Number.isSafeInteger(seed)) {
    console.error('oracle: --count and --seed are whole numbers, --engine is native, ts or both');
    return 2;
  }
  const missing = whyNoJudge();
  if (missing) {
    console.error(`oracle: ${missing}`);
    return 2;
  }
  const started = Date.now();
  const total = { copybooks: 0, offsets: 0, values: 0, conditions: 0, differing: 0, differences: 0 };
  const excluded = new Map<string, number>();
  for await (const verdict of askJudge({ seed, count, fixed: !flags['no-fixed'] })) {
    total.copybooks++;
    let differences: readonly string[];
    if ('error' in verdict) {
      differences = [`the judge failed: ${verdict.error}`];
    } else {
      const result = await compare(verdict, engines).catch((error: Error) => ({
        differences: [`we failed: ${error.stack}`],
        offsets: 0,
        values: 0,
        conditions: 0,
        excluded: new Map<string, number>(),
      }));
      differences = result.differences;
      total.offsets += result.offsets;
      total.values += result.values;
      total.conditions += result.conditions;
      for (const [rule, n] of result.excluded) excluded.set(rule, (excluded.get(rule) ?? 0) + n);
    }
    if (differences.length === 0) continue;
    total.differing++;
    total.differences += differences.length;
    for (const line of differences.slice(0, SHOWN)) console.log(`${verdict.name}: ${line}`);
    if (differences.length > SHOWN) console.log(`${verdict.name}: ... and ${differences.length - SHOWN} more`);
    if (flags.keep) {
      mkdirSync(flags.keep, { recursive: true });
      const name = verdict.name.replace(/[^A-Za-z0-9]+/g, '-');
      writeFileSync(join(flags.keep, `${name}.cpy`), verdict.text);
      writeFileSync(join(flags.keep, `${name}.json`), JSON.stringify({ differences, verdict }, null, 1));
    }
  }
  const rules = [...excluded].map(([rule, n]) => `${rule} ${n}`).join(', ');
  console.log(
    `${total.copybooks} copybooks on ${engines.join(' and ')}: ${total.offsets} offsets, ${total.values} values and ` +
      `${total.conditions} conditions compared, ${total.differences} differences in ${total.differing} copybooks; ` +
      `not compared by deviations.md: ${rules || 'none'}; ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
  return total.differences > 0 ? 1 : 0;
}
