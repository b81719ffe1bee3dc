/**
 * Several Parquet files of one schema as one: their row groups behind one another, and a footer that knows all. So parts of
 * a table can be written at a time and still come out in order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type FileHandle, open } from 'node:fs/promises';
import { OverpunchError } from '../errors.js';
import { type Moves, ThriftReader, ThriftWriter } from './thrift.js';

const MAGIC = 'PAR1';
/** Fields of FileMetaData (parquet.thrift). */
const Meta = { SCHEMA: 2, ROWS: 3, GROUPS: 4 } as const;
const LIST = 9;
const STRUCT = 12;
/** Bytes copied at a time. */
const COPY = 1 << 22;

/** Row groups of a file whose bytes lie `by` further on than they did, and whose first is number `first` of the whole. */
function movedGroups(by: bigint, first: bigint): Moves {
  // 0 is written where there is no such place
  const place = (value: bigint): bigint => (value > 0n ? value + by : value);
  return new Map([
    ['1.2', place], // ColumnChunk.file_offset
    ['1.4', place], // offset_index_offset
    ['1.6', place], // column_index_offset
    ['1.3.9', place], // ColumnMetaData.data_page_offset
    ['1.3.10', place], // index_page_offset
    ['1.3.11', place], // dictionary_page_offset
    ['1.3.14', place], // bloom_filter_offset
    ['5', place], // RowGroup.file_offset
    ['7', (value) => value + first], // ordinal
  ]);
}

interface Footer {
  readonly bytes: Uint8Array;
  /** Where it begins in the file: pages lie before it. */
  readonly at: number;
}

async function readFooter(file: FileHandle, name: string): Promise<Footer> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(8);
  await file.read(tail, 0, 8, size - 8);
  const length = tail.readUInt32LE(0);
  if (tail.toString('latin1', 4) !== MAGIC || length + 12 > size)
    throw new OverpunchError('OVP_ENGINE_PARQUET', `${name} is no Parquet file`);
  const bytes = new Uint8Array(length);
  const at = size - 8 - length;
  await file.read(bytes, 0, length, at);
  return { bytes, at };
}

/** Appends the row groups of the other files to the first, which becomes the whole. */
export async function joinParquet(first: string, others: readonly string[]): Promise<void> {
  if (others.length === 0) return;
  const whole = await open(first, 'r+');
  try {
    const head = await readFooter(whole, first);
    const joint = new Joint(head.bytes);
    let end = head.at;
    for (const other of others) {
      const file = await open(other, 'r');
      try {
        const footer = await readFooter(file, other);
        joint.add(footer.bytes, BigInt(end - MAGIC.length));
        end = await copy(file, MAGIC.length, footer.at, whole, end);
      } finally {
        await file.close();
      }
    }
    const footer = joint.footer();
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(footer.length, 0);
    tail.write(MAGIC, 4, 'latin1');
    await whole.write(Buffer.concat([footer, tail]), 0, footer.length + 8, end);
    await whole.truncate(end + footer.length + 8);
  } finally {
    await whole.close();
  }
}

async function copy(from: FileHandle, start: number, stop: number, to: FileHandle, place: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(COPY);
  let at = place;
  for (let read = start; read < stop; ) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(COPY, stop - read), read);
    if (bytesRead === 0) throw new OverpunchError('OVP_IO_READ', 'A temporary file became shorter');
    await to.write(buffer, 0, bytesRead, at);
    read += bytesRead;
    at += bytesRead;
  }
  return at;
}

/** The footer of the whole. */
class Joint {
  private rows = 0n;
  private groupCount = 0;
  private readonly groups: Uint8Array[] = [];
  private readonly head: ThriftReader;

  constructor(first: Uint8Array) {
    this.head = new ThriftReader(first);
    this.take(first, 0n);
  }

  add(footer: Uint8Array, by: bigint): void {
    const schema = (bytes: Uint8Array): string => {
      const { from, to } = new ThriftReader(bytes).fields().find(({ id }) => id === Meta.SCHEMA)!;
      return Buffer.from(bytes.subarray(from, to)).toString('latin1');
    };
    if (schema(footer) !== schema(this.head.bytes))
      throw new OverpunchError('OVP_ENGINE_PARQUET', 'Parts of the Parquet file have different schemas');
    this.take(footer, by);
  }

  footer(): Uint8Array {
    const out = new ThriftWriter();
    let last = 0;
    for (const { id, kind, from, to } of new ThriftReader(this.head.bytes).fields()) {
      out.field(id, kind, last);
      last = id;
      if (id === Meta.ROWS) {
        out.zigzag(this.rows);
      } else if (id === Meta.GROUPS) {
        out.listHead(STRUCT, this.groupCount);
        for (const group of this.groups) out.raw(group);
      } else {
        out.raw(this.head.bytes.subarray(from, to));
      }
    }
    out.stop();
    return out.bytes;
  }

  private take(footer: Uint8Array, by: bigint): void {
    for (const { id, kind, from } of new ThriftReader(footer).fields()) {
      const reader = new ThriftReader(footer, from);
      if (id === Meta.ROWS) this.rows += reader.zigzag();
      if (id !== Meta.GROUPS || kind !== LIST) continue;
      const { size } = reader.listHead();
      const moves = movedGroups(by, BigInt(this.groupCount));
      for (let i = 0; i < size; i++) {
        const out = new ThriftWriter();
        out.copyStruct(reader, moves, '');
        this.groups.push(out.bytes);
        this.groupCount++;
      }
    }
  }
}
