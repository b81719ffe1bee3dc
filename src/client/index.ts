/**
 * The client of the service, as `overpunch/client` exports it: fetch and nothing else, for Node and browsers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
export { type LoadOptions, OverpunchClient } from './client.js';
export { ProblemError } from './problem.js';
export type { CallOptions, ClientOptions } from './transport.js';
export type * from './types.js';
export type { WatchOptions } from './watch.js';
