/**
 * What the routes have in common: the data sets, who asks, what he may see, and answers that are not made twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { didYouMean } from '../errors.js';
import type { Caller } from './access/access.js';
import type { ServedDataset } from './records/dataset.js';
import './process/exchange.js';
import type { Jobs } from './jobs/jobs.js';
import type { Load } from './process/load.js';
import { ServiceError } from './problem.js';
import type { Registry } from './catalog/registry.js';
import type { Target } from './catalog/targets.js';
import type { Telemetry } from './process/telemetry.js';
import type { Uploads } from './uploads/uploads.js';
import type { View } from './access/view.js';

/** Limits of a service. */
export interface Limits {
  /** Most records of a page. Default 1000. */
  readonly pageRecords: number;
  /** Milliseconds that a page, a lookup or an aggregate may take. Default 30,000. */
  readonly answerTime: number;
  /** Most bytes of a file that `order` sorts for a request. Default 1 GiB. */
  readonly sortBytes: number;
  /** Most bytes of a body of `decode`. Default 1 GiB. */
  readonly bodyBytes: number;
  /** Most bytes of a data file that is uploaded, where the catalog does not say. Default 1 GiB. */
  readonly uploadBytes: number;
  /** Most bytes and files of all uploads together, where the catalog does not say. Default 16 GiB, 1000. */
  readonly uploadTotalBytes: number;
  readonly uploadFiles: number;
  /** Most bytes of records that are made a Parquet file for a request. Default 4 GiB. */
  readonly parquetBytes: number;
  /** Parquet files that are made or sent at a time. Default 2. */
  readonly parquetFiles: number;
  /** Most records that statistics look at. Default 100,000. */
  readonly statisticsRecords: number;
  /** Requests a minute of one address; 0: any number. Default 1000. */
  readonly requestsPerMinute: number;
  /** Requests under way at once. Default 1000. */
  readonly requestsAtOnce: number;
  /** Streams among them: each holds some megabytes. Default 256. */
  readonly streamsAtOnce: number;
  /** Bytes of memory (resident set) above which requests are refused; 0: any number. Default 0. */
  readonly memoryBytes: number;
  /** Jobs that a process does at once (2), that wait for it (100), that are kept when they have ended (1000), and who listens to them (1000). */
  readonly jobsAtOnce: number;
  readonly jobsWaiting: number;
  readonly jobsKept: number;
  readonly jobListeners: number;
}

export const LIMITS: Limits = {
  pageRecords: 1000,
  answerTime: 30_000,
  sortBytes: 2 ** 30,
  bodyBytes: 2 ** 30,
  uploadBytes: 2 ** 30,
  uploadTotalBytes: 2 ** 34,
  uploadFiles: 1000,
  parquetBytes: 2 ** 32,
  parquetFiles: 2,
  statisticsRecords: 100_000,
  requestsPerMinute: 1000,
  requestsAtOnce: 1000,
  streamsAtOnce: 256,
  memoryBytes: 0,
  jobsAtOnce: 2,
  jobsWaiting: 100,
  jobsKept: 1000,
  jobListeners: 1000,
};

export interface Service {
  /** Real path of the catalog's folder. */
  readonly folder: string;
  readonly targets: readonly Target[];
  readonly jobs: Jobs;
  readonly datasets: Registry;
  /** null: there are none. */
  readonly uploads: Uploads | null;
  readonly limits: Limits;
  readonly load: Load;
  readonly telemetry: Telemetry;
  readonly version: string;
}

/** Data sets that the caller may know of. */
export const datasetsFor = ({ datasets }: Service, caller: Caller): ServedDataset[] =>
  datasets.all().filter((dataset) => dataset.isFor(caller));

/** The data set that the address names. One that is not for the caller is told of as one that is not there. */
export function datasetOf(service: Service, request: FastifyRequest): { dataset: ServedDataset; view: View } {
  const { name } = request.params as { name: string };
  const { caller } = request.overpunch;
  const dataset = service.datasets.get(name);
  if (dataset?.isFor(caller)) {
    request.overpunch.dataset = name;
    request.overpunch.isUploaded = dataset.entry.upload !== undefined;
    dataset.usedAt = Date.now();
    return { dataset, view: dataset.view(caller.roles) };
  }
  const near = didYouMean(
    name,
    datasetsFor(service, caller).map((one) => one.name),
  );
  throw new ServiceError(
    404,
    'OVP_SERVER_UNKNOWN_DATASET',
    'There is no data set of this name',
    undefined,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : undefined,
  );
}

/** A record's number out of an address. */
export function numberOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new ServiceError(400, 'OVP_SERVER_PARAMETER', 'A record is named by its number, from 1 up', 'number');
}

/** Names with commas between them. */
export function namesOf(text: string | undefined, parameter: string): string[] | null {
  if (text === undefined) return null;
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new ServiceError(
    400,
    'OVP_SERVER_PARAMETER',
    `${parameter}: names have one comma between them: A,B.C`,
    parameter,
  );
}

/**
 * Sets the headers of an answer that depends on the file, the request and the view only. True where the caller has it already: then 304
 * is set, and there is nothing more to do.
 */
export function isKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  identity: string,
  view: View,
  version: string,
): boolean {
  // no two of them are one text: no part but the last has a line's end
  const what = stateOf(`${version}\n${identity}\n${view.id}\n${request.headers.accept ?? ''}`);
  // weak: compressed or not, it is the same
  const etag = `W/"${what}-${addressOf(request.url)}"`;
  reply
    .header('etag', etag)
    .header('cache-control', 'private, no-cache')
    .header('vary', 'accept, authorization, x-api-key');
  const given = request.headers['if-none-match'];
  const isSame = given?.split(',').some((one) => one.trim() === etag || one.trim() === '*') ?? false;
  if (isSame) reply.code(304);
  return isSame;
}

/** Hashes of what answers depend on beside the address: there are few of them, for many requests. */
const states = new Map<string, string>();
const KEPT_STATES = 256;

function stateOf(what: string): string {
  let hash = states.get(what);
  if (hash === undefined) {
    hash = createHash('sha256').update(what).digest('base64url').slice(0, 22);
    if (states.size >= KEPT_STATES) states.clear();
    states.set(what, hash);
  }
  return hash;
}

/** The address in few characters (FNV-1a): an ETag is only ever compared with others of the same address. */
function addressOf(url: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < url.length; i++) hash = Math.imul(hash ^ url.charCodeAt(i), 0x01000193);
  return `${(hash >>> 0).toString(36)}.${url.length}`;
}

/** A signal for what must not go on when nobody waits any more, or for too long. */
export function answerSignal(reply: FastifyReply, milliseconds: number): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const timer = setTimeout(stop, milliseconds);
  reply.raw.on('close', stop);
  return {
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      reply.raw.off('close', stop);
    },
  };
}

/** Does what may take long under such a signal. */
export async function withSignal<T>(
  reply: FastifyReply,
  { limits }: Service,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, done } = answerSignal(reply, limits.answerTime);
  try {
    return await action(signal);
  } finally {
    done();
  }
}
