/**
 * Records of a source, undecoded: after `skip`, `where` and `limit`, block by block as they lie in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Selection } from '../batch/selection.js';
import type { PlacedPart } from '../batch/threads.js';
import { type BlockOptions, readBlocks } from '../connectors/blocks.js';
import { type ByteSource, type SourceInput, openSource } from '../connectors/source.js';
import type { Engine, Records } from '../engine/engine.js';
import { framingCode } from '../framing/codes.js';
import type { FramingCode } from '../framing/framing.js';
import type { Layout } from '../layout/item.js';
import type { ReadOptions } from '../options.js';
import { compileFilter } from '../plan/compile.js';

/** What something that works on records is made from. */
export interface Input {
  readonly source: SourceInput;
  readonly layout: Layout;
  readonly options: ReadOptions;
  readonly engine: Engine;
}

/** How the source's records are told apart. @throws OverpunchError OVP_OPTION_* */
export function framingOf({ layout, options }: Input): FramingCode {
  return framingCode(options, layout.minLength === layout.length ? layout.length : null);
}

export class RecordInput {
  /** Bytes read so far, and in all where that is known. */
  bytes = 0;
  size: number | null = null;
  /** Whether the records lie in memory that stays: then nobody need copy them. */
  isInMemory = false;
  readonly framing: FramingCode;
  private source: ByteSource | null = null;

  constructor(private readonly input: Input) {
    this.framing = framingOf(input);
  }

  /**
   * The records, each part valid until the next (its bytes as long as they are held). The source is closed at their end.
   * @param blocks with `unread`, records are unread only where nobody looks at them before (`where` does)
   */
  async *parts({ own = false, unread = false }: BlockOptions = {}): AsyncGenerator<PlacedPart> {
    const { layout, options, engine } = this.input;
    const filter = options.where === undefined ? null : compileFilter(layout, options.where, options);
    const selection = new Selection(engine, filter, options.skip ?? 0, options.limit ?? Number.POSITIVE_INFINITY);
    const source = (this.source = await openSource(this.input.source, options));
    this.size = source.size;
    this.isInMemory = source.bytes !== null;
    try {
      const blocks = readBlocks(source, this.framing, engine, { own, unread: unread && filter === null });
      for await (const { records, base, firstRecord, hold } of blocks) {
        for (const part of selection.parts(records, firstRecord)) yield { part, base, hold };
        this.bytes = base + endOf(records);
        if (selection.isDone) return;
      }
    } finally {
      await source.close();
    }
  }

  async close(): Promise<void> {
    await this.source?.close();
  }
}

function endOf({ ends, first, count, stride }: Records): number {
  return ends ? ends[first + count - 1]! : first + count * stride;
}
