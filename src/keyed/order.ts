/**
 * The order of records without the records: their numbers, sorted by some fields. It is for looking at any part of a sorted file without
 * sorting it again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { throwIfAborted } from '../connectors/abort.js';
import { OverpunchError } from '../errors.js';
import { type Input, RecordInput } from './input.js';
import { keyLoop } from './keys.js';
import { SORT_BYTES, type SortField, sortKeys } from './sort.js';

const MOST_RECORDS = 2 ** 32 - 2;

/**
 * Numbers (1-based) of an input's records (what `skip`, `where` and `limit` leave) in order of these fields; equal ones in their old
 * order. Values compare as `Reader.sort` has it.
 * @param memory bytes that keys and numbers may take while they are sorted
 * @throws OverpunchError OVP_OPTION_SORT, OVP_OPTION_KEY; OVP_OPTION_MEMORY where they take more
 */
export async function recordOrder(input: Input, by: readonly SortField[], memory: number): Promise<Uint32Array> {
  const { keyed } = input.engine;
  const { plan, maker } = sortKeys(input, by);
  const { width } = maker;
  const loop = keyLoop(input, plan);
  let keys = keyed.allocate(1 << 16);
  let numbers: Uint32Array = new Uint32Array(1 << 12);
  let count = 0;
  for await (const { part } of new RecordInput(input).parts()) {
    for (const { batch } of loop.batches(part)) {
      const after = count + batch.length;
      if (after * (width + SORT_BYTES + 4) > memory || after > MOST_RECORDS) {
        throw new OverpunchError('OVP_OPTION_MEMORY', `The order of more than ${count} records takes too much memory`, {
          hint: 'A condition leaves fewer records.',
        });
      }
      if (after * width > keys.length) {
        const larger = keyed.allocate(Math.max(after * width, 2 * keys.length));
        larger.set(keys);
        keys = larger;
      }
      if (after > numbers.length) {
        const larger = new Uint32Array(Math.max(after, 2 * numbers.length));
        larger.set(numbers);
        numbers = larger;
      }
      maker.make(batch, keys, count * width);
      for (let row = 0; row < batch.length; row++)
        numbers[count + row] = batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row;
      count = after;
    }
    throwIfAborted(input.options.signal, 'the source of an order');
  }
  if (count === 0) return new Uint32Array(0);
  const order = await keyed.sort(keys, width, width, count, maker.varying);
  for (let i = 0; i < count; i++) order[i] = numbers[order[i]!]!;
  return order.length === count ? order : order.slice(0, count);
}
