/**
 * Thrift's compact protocol as far as a Parquet footer needs it: a structure is written again as it was read, but for
 * integers that are moved. (Apache Thrift, "Thrift Compact protocol".)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';

/** Types of fields and elements. */
const Kind = {
  STOP: 0,
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
} as const;

/** A path of field numbers, with points between them; a list's elements are at the list's path. */
export type FieldPath = string;

/** Integers that are written anew, by path: from the old value to the new one. */
export type Moves = ReadonlyMap<FieldPath, (value: bigint) => bigint>;

/** A field of a structure: where its value lies in the bytes that were read. */
export interface FieldAt {
  readonly id: number;
  readonly kind: number;
  readonly from: number;
  readonly to: number;
}

export class ThriftReader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
  ) {}

  byte(): number {
    if (this.at >= this.bytes.length)
      throw new OverpunchError('OVP_ENGINE_PARQUET', "A Parquet file's footer ends early");
    return this.bytes[this.at++]!;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  zigzag(): bigint {
    const value = this.varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  /** Element type and size of a list. */
  listHead(): { kind: number; size: number } {
    const head = this.byte();
    const size = head >> 4 === 15 ? Number(this.varint()) : head >> 4;
    return { kind: head & 15, size };
  }

  /** The fields of the structure at hand, which is behind it then. */
  fields(): FieldAt[] {
    const found: FieldAt[] = [];
    for (let last = 0; ; ) {
      const head = this.byte();
      if (head === Kind.STOP) return found;
      const id = head >> 4 === 0 ? Number(this.zigzag()) : last + (head >> 4);
      const kind = head & 15;
      const from = this.at;
      if (kind > Kind.FALSE) this.skip(kind);
      found.push({ id, kind, from, to: this.at });
      last = id;
    }
  }

  private skip(kind: number): void {
    switch (kind) {
      case Kind.TRUE:
      case Kind.FALSE:
      case Kind.BYTE:
        this.byte();
        return;
      case Kind.I16:
      case Kind.I32:
      case Kind.I64:
        this.varint();
        return;
      case Kind.DOUBLE:
        this.at += 8;
        return;
      case Kind.BINARY: {
        const length = Number(this.varint());
        this.at += length;
        return;
      }
      case Kind.LIST:
      case Kind.SET: {
        const { kind: element, size } = this.listHead();
        for (let i = 0; i < size; i++) this.skip(element);
        return;
      }
      case Kind.STRUCT:
        this.fields();
        return;
      default:
        throw new OverpunchError('OVP_ENGINE_PARQUET', `A Parquet file's footer has a field of type ${kind}`);
    }
  }
}

export class ThriftWriter {
  private readonly out: number[] = [];

  get bytes(): Uint8Array {
    return Uint8Array.from(this.out);
  }

  varint(value: bigint): void {
    let left = value;
    for (; left >= 0x80n; left >>= 7n) this.out.push(Number(left & 0x7fn) | 0x80);
    this.out.push(Number(left));
  }

  zigzag(value: bigint): void {
    this.varint(value < 0n ? -2n * value - 1n : 2n * value);
  }

  raw(bytes: Uint8Array): void {
    for (const byte of bytes) this.out.push(byte);
  }

  field(id: number, kind: number, last: number): void {
    if (id > last && id - last <= 15) {
      this.out.push(((id - last) << 4) | kind);
    } else {
      this.out.push(kind);
      this.zigzag(BigInt(id));
    }
  }

  stop(): void {
    this.out.push(Kind.STOP);
  }

  listHead(kind: number, size: number): void {
    if (size < 15) {
      this.out.push((size << 4) | kind);
    } else {
      this.out.push(0xf0 | kind);
      this.varint(BigInt(size));
    }
  }

  /** The structure at hand again, with what is moved. */
  copyStruct(reader: ThriftReader, moves: Moves, path: FieldPath): void {
    let last = 0;
    for (const { id, kind, from, to } of reader.fields()) {
      this.field(id, kind, last);
      last = id;
      this.copyValue(reader.bytes.subarray(0, to), from, kind, moves, path === '' ? String(id) : `${path}.${id}`);
    }
    this.stop();
  }

  private copyValue(bytes: Uint8Array, from: number, kind: number, moves: Moves, path: FieldPath): void {
    const reader = new ThriftReader(bytes, from);
    const move = moves.get(path);
    if (move && kind >= Kind.I16 && kind <= Kind.I64) {
      this.zigzag(move(reader.zigzag()));
    } else if (kind === Kind.STRUCT) {
      this.copyStruct(reader, moves, path);
    } else if (kind === Kind.LIST && [...moves.keys()].some((key) => key.startsWith(`${path}.`))) {
      const { kind: element, size } = reader.listHead();
      this.listHead(element, size);
      for (let i = 0; i < size; i++) this.copyStruct(reader, moves, path);
    } else {
      this.raw(bytes.subarray(from));
    }
  }
}
