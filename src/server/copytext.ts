/**
 * The copybook of a data set: a file in the catalog's folder, or the text itself with all that COPY brings in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { dirname } from 'node:path';
import { Copybook } from '../copybook.js';
import { layoutOptions } from '../datasets/options.js';
import type { CatalogEntry } from './catalog.js';
import { rootedPath } from './rooted.js';

/** @param folder of the catalog, a real path @throws OverpunchError OVP_SYNTAX_*, OVP_LAYOUT_*, OVP_SERVER_PATH, OVP_IO_* */
export async function copybookOf(folder: string, { name, copybook, text, options }: CatalogEntry): Promise<Copybook> {
  if (text) {
    const { copyPaths: _, copyExtensions: _e, ...layout } = layoutOptions(options);
    return Copybook.parse(text.text, { ...layout, file: copybook, resolveCopy: memberOf(text.members) });
  }
  const path = await rootedPath(folder, copybook, `${name}: copybook`);
  return Copybook.load(path, {
    ...layoutOptions(options),
    file: copybook,
    copyPaths: [...(options.copyPaths ?? []), dirname(path)],
  });
}

const memberOf =
  (members: Readonly<Record<string, string>>) =>
  (name: string, library: string | null): string | null => {
    const key = memberKey(name, library);
    return Object.hasOwn(members, key) ? members[key]! : null;
  };

/** COBOL's names have no case. */
export const memberKey = (name: string, library: string | null): string =>
  (library === null ? name : `${name} OF ${library}`).toUpperCase();
