/**
 * The data sets that a service has now: those of its catalog, and what came or went since it was read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { EngineChoice } from '../../options.js';
import type { Catalog, CatalogEntry } from './catalog.js';
import { ServedDataset } from '../records/dataset.js';

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
    const dataset = await this.open(catalog, entry);
    await this.put(dataset);
    return dataset;
  }

  /** One that is not served yet: whatever is wrong with its copybook and options is found. */
  open(catalog: Pick<Catalog, 'folder'>, entry: CatalogEntry): Promise<ServedDataset> {
    return ServedDataset.open(catalog, entry, this.engine);
  }

  /** Serves it, in the place of one of the same name. */
  async put(dataset: ServedDataset): Promise<void> {
    const before = this.served.get(dataset.name);
    this.served.set(dataset.name, dataset);
    before?.close();
  }

  /** Serves it no more. False where there is none of this name. */
  async remove(name: string): Promise<boolean> {
    const dataset = this.served.get(name);
    this.served.delete(name);
    dataset?.close();
    return dataset !== undefined;
  }

  async close(): Promise<void> {
    for (const name of [...this.served.keys()]) await this.remove(name);
  }
}
