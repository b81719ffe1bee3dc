#!/usr/bin/env node
/**
 * The command `overpunch`; everything is in src/cli/.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(built)) {
  const { main } = await import(built.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error('overpunch: dist/ is missing; build it with `npm run build`');
  process.exitCode = 1;
}
