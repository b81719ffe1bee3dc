/**
 * What the parity tests share: the native engine where there is one, plans of random layouts, records one behind another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Engine, Records } from '../../src/engine/engine.js';
import { loadNativeEngine } from '../../src/engine/native.js';
import { OverpunchError } from '../../src/errors.js';
import type { Layout } from '../../src/layout/item.js';
import { type CompileOptions, compile } from '../../src/plan/compile.js';
import type { Plan } from '../../src/plan/plan.js';

export function nativeEngine(): Engine | null {
  try {
    return loadNativeEngine();
  } catch (error) {
    if (error instanceof OverpunchError && error.code === 'OVP_ENGINE_MISSING') return null;
    throw error;
  }
}

/** A condition may name what lies behind a table of variable length, which is refused: then without conditions. */
export function planOf(layout: Layout, options: CompileOptions): Plan {
  try {
    return compile(layout, options);
  } catch (error) {
    if (!(error instanceof OverpunchError) || error.code !== 'OVP_OPTION_CONDITION') throw error;
    return compile(layout, { ...options, record: {} });
  }
}

/** Records one behind another, with and without gaps. */
export function lay(list: readonly Uint8Array[]): Records {
  const data = new Uint8Array(list.reduce((sum, bytes) => sum + bytes.length, 0));
  const starts = new Uint32Array(list.length);
  const ends = new Uint32Array(list.length);
  let at = 0;
  list.forEach((bytes, i) => {
    starts[i] = at;
    data.set(bytes, at);
    ends[i] = at += bytes.length;
  });
  return { data, starts, ends, first: 0, count: list.length, stride: 0 };
}
