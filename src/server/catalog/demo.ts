/**
 * The sample as a catalog of one data set, in a folder that is made for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { copyFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalog, checkCatalog } from './catalog.js';
import { RECORD, fillSample, sampleState } from './sample.js';

/** About 11,000 accounts. */
const BYTES = 1 << 23;

export interface DemoCatalog {
  readonly catalog: Catalog;
  remove(): Promise<void>;
}

/** @param takesUploads which one process can do */
export async function demoCatalog(takesUploads = true): Promise<DemoCatalog> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'overpunch-demo-')));
  const bytes = new Uint8Array(BYTES);
  await writeFile(join(folder, 'accounts.dat'), bytes.subarray(0, fillSample(bytes, sampleState())));
  await copyFile(new URL('../../../demo/accounts.cpy', import.meta.url), join(folder, 'accounts.cpy'));
  const accounts = {
    title: 'Accounts',
    description: "A bank's nightly unload of its accounts: a made-up sample.",
    data: 'accounts.dat',
    copybook: 'accounts.cpy',
    recfm: 'VB',
    record: RECORD,
    key: ['ACCOUNT-NUMBER'],
  };
  const json = { datasets: { accounts }, ...(takesUploads && { uploads: { folder: 'uploads' } }) };
  await writeFile(join(folder, 'catalog.json'), `${JSON.stringify(json, null, 2)}\n`);
  return {
    catalog: await checkCatalog(json, folder),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
