/**
 * What npm runs after it has installed the package. Takes the prebuilt binary where there is one for this platform, else
 * tries to build one. Never fails: without a binary the library runs on its TypeScript engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildAddon, isStale, platformTag, prebuilt, root } from './addon.mjs';

const isClone = existsSync(join(root, 'src'));
if (!isClone && prebuilt()) {
  console.log(`overpunch: prebuilt native engine for ${platformTag()}`);
} else if (isStale()) {
  const reason = buildAddon();
  console.log(
    reason
      ? `overpunch: no native engine, the TypeScript engine will be used: ${reason}`
      : 'overpunch: native engine built',
  );
}
