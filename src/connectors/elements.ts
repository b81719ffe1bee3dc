/**
 * Records in memory as elements of a JSON array, a page at a time. All that does not depend on the records (the plan, the
 * engine's writer, its slab, the memory for text) is made once and kept from page to page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { DecodeLoop, type Part, typicalLength } from '../batch/decode.js';
import type { Engine, Records } from '../engine/engine.js';
import { OverpunchError } from '../errors.js';
import type { Layout } from '../layout/item.js';
import type { ReadOptions } from '../options.js';
import { compileOnce } from '../plan/compiled.js';
import { ChunkPool } from './chunks.js';
import type { Encoder } from './connector.js';
import { jsonElements } from './json.js';
import { Tally } from './tally.js';
import { TextLoop, writtenPart } from './text.js';

/** Records that are decoded together where the engine can't write them straight away. */
const MOST = 128;
/** Their bytes, about: where each is long there are fewer. */
const MOST_BYTES = 1 << 20;

/** Bytes that the engine wants to see behind what it writes, about. */
const ROOM = 1 << 14;

/** Bytes of text that are kept for one answer: a table of many items makes more of few records. */
const MOST_TEXT = 1 << 26;

/** @throws OverpunchError OVP_DATA_LENGTH where an answer would be of more text than that */
export function refuseLong(bytes: number): void {
  if (bytes <= MOST_TEXT) return;
  throw new OverpunchError('OVP_DATA_LENGTH', `The records come to more than ${MOST_TEXT >> 20} MB of text`, {
    hint: 'Ask for fewer records, for some fields of them, or for a stream.',
  });
}

/** Memory for text, used for one page after another, whoever writes it. */
const pool = new ChunkPool(0);
let lent: Uint8Array[] = [];

export interface Elements {
  /** The text: a comma, an object and a line's end for each record. Valid until anything is written by any writer. */
  readonly chunks: readonly Uint8Array[];
  /** What it came to. Numbers and offsets of faults count from the records that were given. */
  readonly tally: Tally;
}

export class ElementWriter {
  private readonly loop: DecodeLoop;
  private readonly encoder: Encoder;
  private readonly text: TextLoop | null;
  /** Bytes of a record's text, on the average of the page where they were most. */
  private longest = 0;

  /** @throws OverpunchError OVP_OPTION_*, OVP_PLAN_* */
  constructor(
    layout: Layout,
    private readonly options: ReadOptions,
    engine: Engine,
  ) {
    const plan = compileOnce(layout, { ...options, text: 'utf8' });
    const most = typicalLength(plan, layout.minLength);
    const batchRecords = Math.max(1, Math.min(MOST, Math.floor(MOST_BYTES / most)));
    this.loop = new DecodeLoop(engine, plan, { own: false, batchRecords, typicalLength: most });
    this.encoder = jsonElements(plan.schema, options);
    this.text = engine.writer
      ? new TextLoop(engine.writer.bind(engine), this.loop, this.encoder.program(), false, pool)
      : null;
  }

  /** Bytes that so many records should have room in; null where that can't be said yet. */
  roomFor(count: number): number | null {
    const room = Math.ceil(count * this.longest * 1.2) + ROOM;
    return this.longest === 0 || room > MOST_TEXT ? null : room;
  }

  /**
   * The same text as `write` makes, to out[from..]: its length. Null where there is no room, a value is bad, or the engine does not
   * write text itself; what is behind `from` is then anything.
   */
  writeTo(records: Records, out: Uint8Array, from: number): number | null {
    const length = this.text?.all(records, out, from) ?? null;
    if (length !== null) this.learn(length, records.count);
    return length;
  }

  /** @throws OverpunchError OVP_DATA_LENGTH; OVP_DATA_BAD where the options want it */
  write(records: Records): Elements {
    for (const chunk of lent) pool.give(chunk);
    lent = [];
    const part: Part = { records, firstRecord: 1, recordNumbers: null };
    const tally = new Tally(this.options);
    const chunks: Uint8Array[] = [];
    if (records.count === 0) return { chunks, tally };
    let length = 0;
    const keep = (chunk: Uint8Array): void => {
      chunks.push(chunk);
      length += chunk.length;
      refuseLong(length);
    };
    if (this.text) {
      lent = chunks;
      try {
        for (const chunk of writtenPart(this.text, part, 0, this.text.step(part), tally)) keep(chunk);
      } catch (error) {
        // nothing of this answer may be in the next one
        lent.push(...this.text.flush());
        throw error;
      }
    } else {
      for (const decoded of this.loop.batches(part))
        for (const { batch } of tally.accept(decoded, 0, this.loop, false))
          this.encoder.encode(batch, (bytes) => keep(bytes.slice()));
    }
    this.learn(length, records.count);
    return { chunks, tally };
  }

  private learn(length: number, count: number): void {
    if (count > 0) this.longest = Math.max(this.longest, length / count);
  }
}
