/**
 * Arrow's IPC format, as a stream or as a file (which is Feather V2): the messages, and a file's footer. A record batch's
 * message has the same form each time, so it is made once and gets its numbers for each batch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch } from '../batch/batch.js';
import type { Layout } from '../layout/item.js';
import type { Names } from '../options.js';
import type { Schema } from '../plan/schema.js';
import { ALIGN, Body, sizes } from './body.js';
import { FlatBuffer, type Part, byte, long, short, structs, table } from './flatbuffer.js';
import { schemaTable } from './schema.js';

export type ArrowFormat = 'stream' | 'file';

/** MetadataVersion V5, and kinds of messages. */
const V5 = 4;
const [SCHEMA, RECORD_BATCH] = [1, 3];

const MAGIC = Buffer.from('ARROW1');
/** What a message begins with: the mark, and bytes of its metadata. */
const PREFIX = 8;
const END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** Bytes to write one behind another. Those of batches are memory of the batch: valid while it is. */
export type Pieces = readonly Uint8Array[];

export class IpcWriter {
  private readonly body = new Body();
  private readonly schema: Part;
  private readonly isFile: boolean;
  private readonly template: Template;
  /** Place, bytes of metadata and of the body of each batch. */
  private readonly blocks: number[] = [];
  private at = 0;

  constructor(schema: Schema, layout: Layout, format: ArrowFormat, names: Names) {
    this.schema = schemaTable(schema, layout, names);
    this.isFile = format === 'file';
    this.template = new Template(schema);
  }

  begin(): Pieces {
    const magic = this.isFile ? [Buffer.concat([MAGIC, Buffer.alloc(2)])] : [];
    const metadata = FlatBuffer.of(table(short(V5), byte(SCHEMA), this.schema, long(0)));
    return this.count([...magic, message(metadata, this.isFile ? magic[0]!.length : 0)]);
  }

  batch(batch: Batch): Pieces {
    const { body, template } = this;
    body.fill(batch);
    const metadata = template.filled(batch.length, body);
    if (this.isFile) this.blocks.push(this.at, metadata.length, body.length);
    return this.count([metadata, ...body.pieces]);
  }

  /** What makes it whole. */
  end(): Pieces {
    if (!this.isFile) return [END];
    const { blocks } = this;
    const batches = structs(blocks.length / 3, 24, (out, place) => {
      for (let n = 0, at = place; n < blocks.length; n += 3, at += 24) {
        out.set(at, 8, blocks[n]!);
        out.set(at + 8, 4, blocks[n + 1]!);
        out.set(at + 16, 8, blocks[n + 2]!);
      }
    });
    const footer = FlatBuffer.of(
      table(
        short(V5),
        this.schema,
        structs(0, 24, () => {}),
        batches,
      ),
    );
    const length = Buffer.alloc(4);
    length.writeInt32LE(footer.length);
    return [END, footer, length, MAGIC];
  }

  private count(pieces: Pieces): Pieces {
    for (const { length } of pieces) this.at += length;
    return pieces;
  }
}

/** Pieces as one, in memory of its own. */
export function joined(pieces: Pieces): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  // not Buffer.concat: small results of it share memory with others
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Metadata as a message, filled up so that what is behind it is at a multiple of 64 bytes; it begins itself at `place`. */
function message(metadata: Uint8Array, place = 0): Uint8Array {
  const end = Math.ceil((place + PREFIX + metadata.length) / ALIGN) * ALIGN;
  const bytes = Buffer.alloc(end - place);
  bytes.writeInt32LE(-1, 0);
  bytes.writeInt32LE(bytes.length - PREFIX, 4);
  bytes.set(metadata, PREFIX);
  return bytes;
}

/** A record batch's message, whose numbers are set anew for each batch. */
class Template {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly place = { rows: 0, nodes: 0, buffers: 0, body: 0 };

  constructor({ children }: Schema) {
    const { place } = this;
    const count = sizes(children);
    const header = table(
      long(0, (at) => (place.rows = PREFIX + at)),
      structs(count.nodes, 16, (_, at) => (place.nodes = PREFIX + at)),
      structs(count.buffers, 16, (_, at) => (place.buffers = PREFIX + at)),
    );
    const body = long(0, (at) => (place.body = PREFIX + at));
    this.bytes = message(FlatBuffer.of(table(short(V5), byte(RECORD_BATCH), header, body)));
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  /** The message of a batch, valid until the next. No number needs more than 32 of its 64 bits: a slab has less than 1 GB. */
  filled(rows: number, body: Body): Uint8Array {
    const { view, place } = this;
    view.setInt32(place.rows, rows, true);
    view.setInt32(place.body, body.length, true);
    body.nodes.forEach((n, i) => view.setInt32(place.nodes + 8 * i, n, true));
    body.buffers.forEach((n, i) => view.setInt32(place.buffers + 8 * i, n, true));
    return this.bytes;
  }
}
