/**
 * What works on keys, in TypeScript.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Keyed } from '../keyed.js';
import { TsGrouper } from './group.js';
import { fillResults } from './group-result.js';
import { hashKeys, makeKeys } from './key.js';
import { gatherRecords, mergeRuns, sortKeys } from './sort.js';

export const tsKeyed: Keyed = {
  keys: makeKeys,
  hash: hashKeys,
  sort: async (keys, stride, width, count, varying) => sortKeys(keys, stride, width, count, varying),
  sortRoom: () => [],
  gather: gatherRecords,
  merge: mergeRuns,
  group: (program) => new TsGrouper(program),
  results: fillResults,
  allocate: (bytes) => new Uint8Array(bytes),
  populate: () => {},
};
