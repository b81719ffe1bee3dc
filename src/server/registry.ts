/**
 * The data sets that a service has now: those of its catalog, and what came or went since it was read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { EngineChoice } from '../options.js';
import type { Catalog, CatalogEntry } from './catalog.js';
import { ServedDataset } from './dataset.js';

export class Registry {
  private readonly served = new Map<string, ServedDataset>();

  constructor(private readonly engine?: EngineChoice) {}

  /** Those of a catalog. @throws OverpunchError of the first that can't be served */
  static async of(catalog: Catalog, engine?: EngineChoice): Promise<Registry> {
    const registry = new Registry(engine);
    for (const entry of catalog.datasets) await registry.add(catalog, entry);
    return registry;
  }

  get(name: string): ServedDataset | undefined {
    return this.served.get(name);
  }

  all(): readonly ServedDataset[] {
    return [...this.served.values()];
  }

  /**
   * Serves a data set, in the place of one of the same name, whose requests under way end as they began.
   * @param catalog whose folder its paths are of
   */
  async add(catalog: Pick<Catalog, 'folder'>, entry: CatalogEntry): Promise<ServedDataset> {
    const dataset = await ServedDataset.open(catalog, entry, this.engine);
    const before = this.served.get(entry.name);
    this.served.set(entry.name, dataset);
    await before?.close();
    return dataset;
  }

  /** Serves it no more. False where there is none of this name. */
  async remove(name: string): Promise<boolean> {
    const dataset = this.served.get(name);
    this.served.delete(name);
    await dataset?.close();
    return dataset !== undefined;
  }

  async close(): Promise<void> {
    for (const name of [...this.served.keys()]) await this.remove(name);
  }
}
