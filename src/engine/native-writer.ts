/**
 * The native engine's writer of text; `native/addon/writer.cc` is the other side.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Records, TextWriter } from './engine.js';
import type { Program } from './program.js';
import type { Slab, SlabLayout } from './slab.js';
import type { Threads } from './threads.js';

type RecordsIn = [
  data: Uint8Array,
  first: number,
  count: number,
  ...places: [stride: number] | [starts: Uint32Array, ends: Uint32Array],
];
/** Of the file that they are read from first. */
type FileIn = [] | [descriptor: number, position: number];

/** Functions bound to a plan, a slab's table and a program. Every argument is checked. */
export interface NativeWrite {
  write(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, ...records: RecordsIn): void;
  /** The same on any of these threads. One call at a time. */
  begin(
    threads: Threads,
    written: Int32Array,
    out: Uint8Array,
    from: number,
    slab: Uint8Array,
    ...records: [...RecordsIn, ...FileIn]
  ): void;
  rows(written: Int32Array, out: Uint8Array, from: number, slab: Uint8Array, first: number, last: number): void;
}

/** What the addon exports for it. */
export interface WriterAddon {
  /** Copies and checks a plan, a slab's table and a writer program. @throws CheckError */
  prepareWriter(
    code: Int32Array,
    pool: Uint8Array,
    table: Int32Array,
    slabLength: number,
    programCode: Int32Array,
    programPool: Uint8Array,
  ): NativeWrite;
}

export class NativeWriter implements TextWriter {
  readonly layout: SlabLayout;
  readonly #native: NativeWrite;

  constructor(addon: WriterAddon, layout: SlabLayout, program: Program) {
    const { plan, table, byteLength } = layout;
    this.layout = layout;
    this.#native = addon.prepareWriter(plan.code, plan.pool, table, byteLength, program.code, program.pool);
  }

  write(written: Int32Array, out: Uint8Array, from: number, slab: Slab, records: Records): void {
    this.#check(slab);
    this.#native.write(written, out, from, slab.bytes, ...argumentsOf(records));
  }

  begin(threads: Threads, written: Int32Array, out: Uint8Array, from: number, slab: Slab, records: Records): void {
    this.#check(slab);
    const { unread, first } = records;
    const file: FileIn = unread ? [unread.descriptor, unread.base + first] : [];
    this.#native.begin(threads, written, out, from, slab.bytes, ...argumentsOf(records), ...file);
  }

  rows(written: Int32Array, out: Uint8Array, from: number, slab: Slab, first: number, last: number): void {
    this.#check(slab);
    this.#native.rows(written, out, from, slab.bytes, first, last);
  }

  #check(slab: Slab): void {
    if (slab.layout !== this.layout)
      throw new RangeError('The slab was not made with the layout that this writer was prepared for.');
  }
}

function argumentsOf({ data, starts, ends, first, count, stride }: Records): RecordsIn {
  if (starts && ends) return [data, first, count, starts, ends];
  if (starts || ends) throw new RangeError('Records need both starts and ends, or neither.');
  return [data, first, count, stride];
}
