/**
 * The copybooks beside this file and twenty random ones, with GnuCOBOL as the judge; skipped where there is none. Which
 * engine runs is up to the project.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/index.js';
import { compare } from './compare.js';
import { type Failure, type Verdict, askJudge, whyNoJudge } from './judge.js';

const missing = whyNoJudge();
if (missing) console.warn(`test/oracle is skipped: ${missing}`);

describe.skipIf(missing !== null)(`GnuCOBOL as the judge${missing ? ` (${missing})` : ''}`, () => {
  const engine = missing ? 'ts' : loadEngine().name;

  async function judged(questions: { count: number; fixed: boolean }): Promise<(Verdict | Failure)[]> {
    const verdicts: (Verdict | Failure)[] = [];
    for await (const verdict of askJudge({ seed: 1, ...questions })) verdicts.push(verdict);
    return verdicts;
  }
  let beside: Promise<(Verdict | Failure)[]> | null = null;
  const fixed = (): Promise<(Verdict | Failure)[]> => (beside ??= judged({ count: 0, fixed: true }));

  async function differences(verdict: Verdict | Failure): Promise<readonly string[]> {
    return 'error' in verdict ? [verdict.error] : (await compare(verdict, [engine])).differences;
  }

  test.each([
    ['the copybooks beside this file', fixed, 30], // one of them has two records
    ['random copybooks', () => judged({ count: 20, fixed: false }), 20],
  ])('%s have the same offsets, lengths and values', { timeout: 180_000 }, async (_, ask, count) => {
    const verdicts = await ask();
    expect(verdicts).toHaveLength(count);
    const found: Record<string, readonly string[]> = {};
    for (const verdict of verdicts) {
      const lines = await differences(verdict);
      if (lines.length > 0) found[verdict.name] = lines;
    }
    expect(found).toEqual({});
  });

  test('a difference is seen, in the layout, in a value and in a condition', { timeout: 180_000 }, async () => {
    const verdict = (await fixed()).find(({ name }) => name === '18-conditions.cpy') as Verdict;
    const moved = verdict.layout.map(([id, subscripts, offset, length], i) => [
      id,
      subscripts,
      offset,
      length + +(i === 1),
    ]);
    expect(await differences({ ...verdict, layout: moved as unknown as Verdict['layout'] })).toHaveLength(1);

    const [first, ...rest] = verdict.records;
    const id = verdict.items.find(({ usage, pic }) => usage === 'DISPLAY' && pic?.includes('9'))!.id;
    const values = first!.values.map((one) => (one[0] === id ? [...one.slice(0, 4), '77', ...one.slice(5)] : one));
    const changed = { ...first!, values: values as unknown as typeof first.values };
    expect((await differences({ ...verdict, records: [changed, ...rest] })).length).toBeGreaterThan(0);

    const conditions = first!.conditions.map(([item, subscripts, name, value]) => [item, subscripts, name, !value]);
    const turned = { ...first!, conditions: conditions as unknown as typeof first.conditions };
    expect((await differences({ ...verdict, records: [turned, ...rest] })).length).toBeGreaterThan(0);
  });
});
