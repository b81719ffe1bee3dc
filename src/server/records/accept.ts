/**
 * What the caller would have: the best of what there is, by the Accept header (RFC 9110, section 12.5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { ServiceError } from '../problem.js';

export const JSON_TYPE = 'application/json';
export const LINES_TYPE = 'application/x-ndjson';
export const CSV_TYPE = 'text/csv';
export const ARROW_TYPE = 'application/vnd.apache.arrow.stream';
export const PARQUET_TYPE = 'application/vnd.apache.parquet';

/** The most header that is looked at. */
const MOST = 1024;

/** @param types what there is, the best first @throws ServiceError 406 */
export function accepted<T extends string>(header: string | undefined, types: readonly T[]): T {
  if (header === undefined || header.trim() === '') return types[0]!;
  const ranges = header
    .slice(0, MOST)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
      const weight = parameters.find((word) => word.startsWith('q='));
      return { range, quality: weight ? Number(weight.slice(2)) : 1 };
    });
  const qualityOf = (type: string): number => {
    const [group] = type.split('/');
    for (const wanted of [type, `${group}/*`, '*/*']) {
      const found = ranges.find(({ range }) => range === wanted);
      if (found) return found.quality > 0 ? found.quality : 0;
    }
    return 0;
  };
  const [best] = types.map((type) => ({ type, quality: qualityOf(type) })).sort((a, b) => b.quality - a.quality);
  if (best && best.quality > 0) return best.type;
  throw new ServiceError(406, 'OVP_SERVER_ACCEPT', `This comes as ${types.join(', ')}`, 'accept');
}
