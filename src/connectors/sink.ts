/**
 * Sinks: where rows go. A sink is an object of four methods, and whoever has another database writes one; those that
 * come with the library use nothing else. `reader.into(sink)` calls them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import type { Origin, RowFault } from '../batch/faults.js';
import type { Layout } from '../layout/item.js';
import type { ValueOptions } from '../options.js';
import type { Schema } from '../plan/schema.js';

/** A batch, the records that it was decoded from (their bytes, and where in the source these lie), and what was bad in them. */
export interface Decoded extends Origin {
  readonly batch: Batch;
  readonly faults: readonly RowFault[];
}

/** What a sink is told before the first rows. */
export interface SinkTarget {
  readonly layout: Layout;
  readonly schema: Schema;
  /** Names and decimals as the reader was asked for them; where nothing was said, a sink has its own default. */
  readonly options: ValueOptions;
}

export interface Sink<Result = void> {
  /** `all`: `faults` has every bad value. Otherwise only those that the reader keeps (`maxFaults`) or hands to `onFault`. */
  readonly faults?: 'all';
  /** `latin1`: for sinks that make objects. Columns of text are Latin-1 where its code page allows, of which that is faster. */
  readonly text?: 'latin1';
  /** Called once, first. */
  open(target: SinkTarget): Promise<void>;
  /** Takes rows. The reader waits for it; batch and bytes are valid until then and used again afterwards. */
  write(rows: Decoded): Promise<void>;
  /** All rows were written: makes them last, and answers what came of it. */
  close(): Promise<Result>;
  /** Reading or writing failed (in `open`, `write` or `close` too): undoes what can be undone and releases everything. */
  abort(reason: unknown): Promise<void>;
}
