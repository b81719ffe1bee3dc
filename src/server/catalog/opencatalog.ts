/**
 * A catalog, wherever it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Catalog, readCatalog } from './catalog.js';
import { isDatabase, storeAddress } from '../store/address.js';
import { Store } from '../store/store.js';

/**
 * Reads a catalog: a JSON file or a folder with a `catalog.json`; or a database, of which what changes is read when it is served.
 * @param folder what paths of a database are relative to; default that of a SQLite file, or the working directory
 * @throws OverpunchError OVP_IO_*, OVP_OPTION_*, OVP_SERVER_PATH
 */
export async function openCatalog(given: string, folder?: string): Promise<Catalog> {
  if (!isDatabase(given)) return readCatalog(given);
  const address = await storeAddress(given, folder);
  const store = await Store.open(address);
  try {
    return { folder: address.folder, datasets: [], ...(await store.settings()), store: address };
  } finally {
    await store.close();
  }
}
