/**
 * Records as they are, in their own order: what `where`, `skip` and `limit` leave of a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Shape, Stored } from '../engine/keyed.js';
import { type Fill, Framer } from './frames.js';
import { type Input, RecordInput } from './input.js';

/** Chunks of bytes that the same options read; with `reuse` each is valid until the next. */
export async function* copiedRecords(input: Input, reuse: boolean): AsyncGenerator<Uint8Array> {
  const { keyed } = input.engine;
  const records = new RecordInput(input);
  const framer = new Framer(records.framing);
  const parts = records.parts();
  let stored: Stored | null = null;
  let shape: Shape | null = null;
  let done = 0;
  /** False where there is no more. */
  const take = async (): Promise<boolean> => {
    const next = await parts.next();
    if (next.done) return false;
    const { part, base } = next.value;
    framer.see(part, base);
    const { data, starts, ends, first, count, stride } = part.records;
    const piece = starts ? data : data.subarray(first, first + count * stride);
    const places = { starts: starts?.subarray(first) ?? null, ends: ends?.subarray(first) ?? null };
    stored = { pieces: [piece], firsts: new Uint32Array(1), count, stride, ...places };
    shape = { before: framer.before, after: framer.after, keys: null, keyWidth: 0, lengths: false };
    done = 0;
    return true;
  };
  const fill: Fill = async (out) => {
    for (let at = 0; ; ) {
      if (done === stored!.count && !(await take())) return at > 0 ? at : -1;
      const some = keyed.gather(stored!, shape!, null, done, stored!.count, out.subarray(at));
      done += some.records;
      at += some.bytes;
      if (done < stored!.count) return at;
    }
  };
  try {
    // the first part first: the framer learns from it how blocks are made
    if (await take()) yield* framer.chunks(keyed, fill, reuse);
  } finally {
    await parts.return(undefined);
  }
}
