/**
 * The sample generator in C, out of the addon; see native/demo/sample.h. Loaded apart from the library, whose typed surface
 * of the addon has nothing that only the demo needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { platformTag } from '../src/engine/native.js';
import type { FillSample } from '../src/server/catalog/sample.js';

/** @param root the package's folder */
export function loadNativeFill(root: string): FillSample {
  const bindings = createRequire(join(root, 'package.json'))('bindings') as (options: object) => {
    fillSample: FillSample;
  };
  const addon = bindings({
    bindings: 'overpunch',
    module_root: root,
    try: [
      ['module_root', 'build', 'Release', 'bindings'],
      ['module_root', 'prebuilds', platformTag(), 'bindings'],
    ],
  });
  return addon.fillSample;
}
