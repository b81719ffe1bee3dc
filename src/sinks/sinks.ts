/**
 * Which sink a URL means.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Sink } from '../connectors/sink.js';
import { OverpunchError } from '../errors.js';
import { Address } from './address.js';
import { mongodb } from './mongodb.js';
import { redis } from './redis.js';

/** What can be told to a document or key-value store by its URL alone; each takes some of it. */
export interface StoreOptions {
  /** Fields that identify a record; Redis needs them. */
  readonly key?: readonly string[];
  /** MongoDB: the collection. */
  readonly table?: string;
  /** MongoDB: deletes the collection's documents first. */
  readonly truncate?: boolean;
  /** Redis: what keys begin with. */
  readonly prefix?: string;
  /** Redis: `hash` (default) or `json`. */
  readonly as?: 'hash' | 'json';
  /** Redis: seconds after which a record is forgotten. */
  readonly ttl?: number;
  readonly batchSize?: number;
  /** Instead of one in the URL or the environment (MONGODB_PASSWORD, REDISCLI_AUTH). */
  readonly password?: string;
  readonly signal?: AbortSignal;
}

/** Of what was written. */
export interface StoreResult {
  readonly records: number;
  /** Only where the store tells. */
  readonly inserted?: number;
  readonly replaced?: number;
}

/** Options by store, other than those that all take. */
const TAKEN = {
  mongodb: ['key', 'table', 'truncate'],
  redis: ['key', 'prefix', 'as', 'ttl'],
} as const;

/** The store that a URL is of; null where it is of none of these. */
export function storeOf(url: string): 'mongodb' | 'redis' | null {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') return 'mongodb';
  return scheme === 'redis' || scheme === 'rediss' ? 'redis' : null;
}

/**
 * The sink of a URL's store.
 * @throws OverpunchError OVP_OPTION_URL where there is none, OVP_OPTION_* for options that it does not have
 */
export function sinkOf(url: string, options: StoreOptions = {}): Sink<StoreResult> {
  const store = storeOf(url);
  if (store === null)
    throw new OverpunchError('OVP_OPTION_URL', `${new Address(url).shown}: no store has such a URL`, {
      hint: 'There are mongodb://, mongodb+srv://, redis:// and rediss://.',
    });
  const { key, table, truncate, prefix, as, ttl, batchSize, password, signal } = options;
  const special = { key, table, truncate: truncate || undefined, prefix, as, ttl };
  const others = Object.entries(special).filter(([, value]) => value !== undefined);
  const strange = others.find(([name]) => !(TAKEN[store] as readonly string[]).includes(name));
  if (strange) throw new OverpunchError('OVP_OPTION_VALUE', `${strange[0]}: ${store} has no such option`);
  const common = defined({ batchSize, password, signal, key });
  if (store === 'mongodb') return mongodb(url, { ...common, ...defined({ collection: table, truncate }) });
  if (key === undefined)
    throw new OverpunchError('OVP_OPTION_KEY', 'Redis knows records by their keys: the key is missing', {
      hint: 'It is one field or several that identify a record.',
    });
  return redis(url, { ...common, key, ...defined({ prefix, as, ttl }) });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
function defined<T extends object>(options: T): Defined<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
}
