/**
 * The copybook of a data set: a file in the catalog's folder, or the text itself with all that COPY brings in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { folderLibrary } from '../../copybook/folders.js';
import { sourceText } from '../../copybook/source.js';
import { Copybook } from '../../copybook.js';
import { layoutOptions } from '../../datasets/options.js';
import type { CatalogEntry, CopybookText } from './catalog.js';
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

/**
 * The texts of a copybook that is a file: its own, and all that COPY brings in.
 * @param folder of the catalog, a real path
 */
export async function collectText(folder: string, entry: CatalogEntry): Promise<CopybookText> {
  if (entry.text) return { text: entry.text.text, members: entry.text.members };
  const { name, copybook, options } = entry;
  const path = await rootedPath(folder, copybook, `${name}: copybook`);
  const { copyPaths = [], copyExtensions, ...layout } = layoutOptions(options);
  const library = folderLibrary([...copyPaths, dirname(path)], copyExtensions);
  const text = sourceText(await readFile(path));
  const members: Record<string, string> = {};
  Copybook.parse(text, {
    ...layout,
    file: copybook,
    resolveCopy: (member, of) => {
      const found = library.find(member, of, new Set());
      if (!found) return null;
      const own = typeof found.text === 'string' ? found.text : sourceText(found.text);
      members[memberKey(member, of)] = own;
      return own;
    },
  });
  return { text, members };
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
