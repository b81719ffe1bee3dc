/**
 * The catalog as it is now. A JSON file stays as it was read; a database may change, by a command or another process, and what has
 * changed is read before the next request is answered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { EngineChoice } from '../../options.js';
import { Access, type Caller, type Headers } from '../access/access.js';
import type { Catalog } from './catalog.js';
import type { Peers } from '../peers.js';
import { ServiceError } from '../problem.js';
import { Registry } from './registry.js';
import { Store } from '../store/store.js';

/** Told what could not be read. */
export type Complain = (error: unknown, what: string) => void;

export class Live {
  private stamps = new Map<string, number>();
  private revision = -1;
  private loading: Promise<void> | null = null;
  /** Until a service has a log: nothing is served that can't be read. */
  complain: Complain = (error) => {
    throw error;
  };

  private constructor(
    private readonly catalog: Catalog,
    readonly store: Store | null,
    readonly registry: Registry,
    private access: Access,
  ) {}

  /** @throws OverpunchError of whatever is wrong with the catalog */
  static async of(catalog: Catalog, peers: Peers, engine?: EngineChoice): Promise<Live> {
    const access = await Access.of(catalog, peers);
    const registry = await Registry.of(catalog, engine);
    const store = catalog.store ? await Store.open(catalog.store) : null;
    const live = new Live(catalog, store, registry, access);
    try {
      await live.refresh(true);
    } catch (error) {
      await live.close();
      throw error;
    }
    return live;
  }

  /** Whether everybody is let in unknown. */
  get isOpen(): boolean {
    return this.access.isOpen;
  }

  /**
   * Reads what has changed.
   * @param sure looks, whatever was known a moment ago
   * @returns whether anything has
   */
  async refresh(sure = false): Promise<boolean> {
    const { store } = this;
    if (!store) return false;
    const before = this.revision;
    while ((await store.now(sure)) !== this.revision) {
      this.loading ??= this.load(store).finally(() => {
        this.loading = null;
      });
      await this.loading;
    }
    return this.revision !== before;
  }

  /** Before a request is answered. What can't be looked up is as it was: a database that is away takes no service with it. */
  async look(name?: string): Promise<void> {
    if (!this.store) return;
    await this.tried(false);
    if (name !== undefined && !this.registry.get(name)) await this.tried(true);
  }

  /** @throws ServiceError 401 */
  async callerOf(headers: Headers): Promise<Caller> {
    try {
      return await this.access.callerOf(headers);
    } catch (error) {
      // a key that is not known yet
      const isUnknown = error instanceof ServiceError && error.status === 401;
      if (!this.store || !isUnknown || !(await this.tried(true))) throw error;
      return this.access.callerOf(headers);
    }
  }

  async close(): Promise<void> {
    await this.registry.close();
    await this.store?.close();
  }

  private async tried(sure: boolean): Promise<boolean> {
    try {
      return await this.refresh(sure);
    } catch (error) {
      this.complain(error, 'the catalog can not be read');
      return false;
    }
  }

  private async load(store: Store): Promise<void> {
    const revision = await store.now(true);
    this.access = this.access.withKeys(await store.keys());
    const stamps = await store.stamps();
    for (const [name, stamp] of stamps) {
      if (this.stamps.get(name) === stamp) continue;
      try {
        const entry = await store.entry(name);
        if (entry) await this.registry.add(this.catalog, entry);
        else await this.registry.remove(name);
      } catch (error) {
        // the others are served all the same; what was of this name is not what it is now
        await this.registry.remove(name);
        this.complain(error, `the data set ${name} can not be served`);
      }
    }
    for (const name of this.stamps.keys()) if (!stamps.has(name)) await this.registry.remove(name);
    this.stamps = stamps;
    this.revision = revision;
  }
}
