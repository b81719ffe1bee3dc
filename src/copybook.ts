/**
 * A copybook, ready to use: its layout, and the decoding of single records (messages) by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFile } from 'node:fs/promises';
import { DecodeLoop } from './batch/decode.js';
import { badData, countFaults, listFaults, remember, withoutRow } from './batch/faults.js';
import { type ReadMessage, messageReader } from './batch/messages.js';
import { type Row, type RowBuilder, rowBuilder } from './batch/rows.js';
import { dirname } from 'node:path';
import { folderLibrary } from './copybook/folders.js';
import type { CopyLibrary } from './copybook/library.js';
import { parseCopybook } from './copybook/parse.js';
import type { Engine } from './engine/engine.js';
import { loadEngine } from './engine/load.js';
import { OverpunchError } from './errors.js';
import type { Layout } from './layout/item.js';
import { layoutOf } from './layout/layout.js';
import type { DecodeOptions, EngineChoice, Fault, LayoutOptions, ValueOptions } from './options.js';
import { compile } from './plan/compile.js';
import { explain } from './plan/explain.js';
import type { Plan } from './plan/plan.js';

/** How single records are decoded. */
export interface MessageOptions extends DecodeOptions, ValueOptions {
  readonly engine?: EngineChoice;
  /** `report` (default): bad values are null and `faults(row)` tells of them; `throw`: the first one is thrown. */
  readonly onBadData?: 'report' | 'throw' | 'null';
  readonly onFault?: (fault: Fault) => void;
}

export interface CopybookOptions extends LayoutOptions {
  /** Name for messages; default `copybook`. */
  readonly file?: string;
  /**
   * The text that COPY (or INCLUDE) names, null where there is none. Default of `load`: files in `copyPaths`; of `parse`:
   * files in `copyPaths` where they are given.
   */
  readonly resolveCopy?: (name: string, library: string | null) => string | Uint8Array | null;
}

/** Compiled decoders kept for calls that repeat their options. */
const KEPT_DECODERS = 16;

export class Copybook {
  /** Every item with offset, length and meaning. */
  readonly layout: Layout;
  private readonly decoders = new Map<string, MessageDecoder>();

  private constructor(layout: Layout) {
    this.layout = layout;
  }

  /** @throws OverpunchError OVP_SYNTAX_*, OVP_LAYOUT_*: the first of all errors found, the rest in `others` */
  static parse(text: string | Uint8Array, options: CopybookOptions = {}): Copybook {
    const { file = 'copybook', format = 'auto', from, decimalPoint, currency, replace } = options;
    const library = libraryOf(options);
    return new Copybook(
      layoutOf(parseCopybook(text, { file, format, from, decimalPoint, currency, replace, library }), options),
    );
  }

  /** Reads and parses a copybook file. */
  static async load(path: string, options: CopybookOptions = {}): Promise<Copybook> {
    let text: Uint8Array;
    try {
      text = await readFile(path);
    } catch (cause) {
      const { code } = cause as { code?: string };
      const why =
        code === 'ENOENT'
          ? 'there is no such file'
          : code === 'EISDIR'
            ? 'it is a directory'
            : String((cause as Error).message);
      throw new OverpunchError('OVP_IO_COPYBOOK', `The copybook ${path} could not be read: ${why}`, { cause });
    }
    const copyPaths = [...(options.copyPaths ?? []), dirname(path)];
    return Copybook.parse(text, { file: path, ...options, copyPaths });
  }

  /**
   * Decodes one record. Bad values are null; `faults(row)` lists them.
   * @param bytes the record, without descriptor
   */
  decode(bytes: Uint8Array, options: MessageOptions = {}): Row {
    const { onFault, ...rest } = options;
    const key = JSON.stringify(rest);
    let decoder = this.decoders.get(key);
    if (!decoder) {
      if (this.decoders.size >= KEPT_DECODERS) this.decoders.clear();
      this.decoders.set(key, (decoder = this.decoder(rest)));
    }
    return decoder.decode(bytes, onFault);
  }

  /** A decoder with these options compiled in: the fastest way to decode many messages. */
  decoder(options: MessageOptions = {}): MessageDecoder {
    return new MessageDecoder(this.layout, options);
  }

  /** The plan that these options compile to, as a readable listing. */
  explain(options: DecodeOptions = {}): string {
    return explain(compile(this.layout, options));
  }
}

function libraryOf({ resolveCopy, copyPaths, copyExtensions }: CopybookOptions): CopyLibrary | null {
  if (!resolveCopy) return copyPaths ? folderLibrary(copyPaths, copyExtensions) : null;
  return {
    find: (name, library) => {
      const text = resolveCopy(name, library);
      return text === null || text === undefined
        ? null
        : { file: library === null ? name : `${name} OF ${library}`, text };
    },
    missing: () => 'resolveCopy has none of this name.',
  };
}

export class MessageDecoder {
  private readonly plan: Plan;
  private readonly engine: Engine;
  private readonly options: MessageOptions;
  /** Messages of a fixed layout, as nearly all are, do without columns. */
  private readonly read: ReadMessage | null;
  private byColumns: { readonly loop: DecodeLoop; readonly build: RowBuilder } | null = null;

  constructor(layout: Layout, options: MessageOptions = {}) {
    this.options = options;
    this.plan = compile(layout, { ...options, text: 'latin1' });
    this.engine = loadEngine(options.engine);
    this.read = messageReader(this.engine, this.plan, options);
    if (!this.read) this.columns();
  }

  /** Decodes one record; see {@link Copybook.decode}. */
  decode(bytes: Uint8Array, onFault = this.options.onFault): Row {
    if (!(bytes instanceof Uint8Array))
      throw new TypeError('decode takes the bytes of one record as a Uint8Array or Buffer');
    return this.read?.(bytes) ?? this.decodeColumns(bytes, onFault);
  }

  /** Any record, and what is bad in it. */
  private decodeColumns(bytes: Uint8Array, onFault: MessageOptions['onFault']): Row {
    const { loop, build } = this.columns();
    const all = { data: bytes, starts: null, ends: null, first: 0, count: 1, stride: bytes.length };
    for (const { batch, records } of loop.batches({ records: all, firstRecord: 1, recordNumbers: null })) {
      if (countFaults(batch) === 0 || this.options.onBadData === 'null') return build.row(batch, 0);
      const found = listFaults(batch, { records, base: 0 });
      if (this.options.onBadData === 'throw') throw badData(found[0]!);
      if (onFault) for (const fault of found) onFault(withoutRow(fault));
      const row = build.row(batch, 0);
      remember(row, found);
      return row;
    }
    throw new OverpunchError('OVP_ENGINE_STATUS', 'The engine returned no row for a record');
  }

  private columns(): { readonly loop: DecodeLoop; readonly build: RowBuilder } {
    this.byColumns ??= {
      loop: new DecodeLoop(this.engine, this.plan, { own: false, batchRecords: 1, typicalLength: 1 }),
      build: rowBuilder(this.plan.schema, this.options),
    };
    return this.byColumns;
  }
}
