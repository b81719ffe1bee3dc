/**
 * Plans that were compiled before: who opens one file after another by the same copybook gets the same plan, and with it
 * all that is made once for its schema (builders of rows, views of cursors).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Layout } from '../layout/item.js';
import { type CompileOptions, compile } from './compile.js';
import type { Plan } from './plan.js';

/** Plans kept for each layout. */
const KEPT = 16;

const known = new WeakMap<Layout, Map<string, Plan>>();

/** As {@link compile}; the plan may be one that others have too. */
export function compileOnce(layout: Layout, options: CompileOptions): Plan {
  const key = JSON.stringify(compileOptions(options));
  let plans = known.get(layout);
  if (!plans) known.set(layout, (plans = new Map()));
  let plan = plans.get(key);
  if (!plan) {
    plan = compile(layout, options);
    if (plans.size >= KEPT) plans.clear();
    plans.set(key, plan);
  }
  return plan;
}

/** Only those that a plan depends on: the others may be functions, or differ from read to read. */
function compileOptions(
  options: CompileOptions,
): Required<{ [K in keyof CompileOptions]: CompileOptions[K] | undefined }> {
  return {
    encoding: options.encoding,
    codePage: options.codePage,
    fieldCodePages: options.fieldCodePages,
    newlines: options.newlines,
    trim: options.trim,
    floats: options.floats,
    digits: options.digits,
    trunc: options.trunc,
    comp5Endian: options.comp5Endian,
    odo: options.odo,
    edited: options.edited,
    asciiSigns: options.asciiSigns,
    absent: options.absent,
    record: options.record,
    select: options.select,
    filler: options.filler,
    text: options.text,
    collate: options.collate,
  };
}
