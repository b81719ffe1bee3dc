/**
 * FlatBuffers, as far as Arrow's messages need them: tables, vectors and strings, written front to back. Parents come before
 * their children, so an offset is filled in when the place it points to is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Writes itself behind what is there already, and answers its place. */
export type Part = (out: FlatBuffer) => number;

/** A field of a table: a number of 1, 2, 4 or 8 bytes, or another part; null where the default stands. */
export type TableField = Scalar | Part | null;

interface Scalar {
  readonly size: 1 | 2 | 4 | 8;
  readonly value: number;
  /** Called with the number's place, for who changes it later. */
  readonly placed?: (at: number) => void;
}

export const byte = (value: number): TableField => ({ size: 1, value });
export const short = (value: number): TableField => ({ size: 2, value });
export const int = (value: number): TableField => ({ size: 4, value });
export const long = (value: number, placed: (at: number) => void = () => {}): TableField => ({
  size: 8,
  value,
  placed,
});

export class FlatBuffer {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private end = 0;

  /** A whole buffer, its length a multiple of 8. */
  static of(root: Part): Uint8Array {
    const out = new FlatBuffer();
    const at = out.room(4, 4);
    out.refer(at, root);
    out.room(0, 8);
    return out.bytes.slice(0, out.end);
  }

  /** Room for `length` zero bytes, so that the byte `before` of it is at a multiple of `align`. */
  room(length: number, align: number, before = 0): number {
    const at = Math.ceil((this.end + before) / align) * align - before;
    this.end = at + length;
    if (this.end > this.bytes.length) {
      const bytes = new Uint8Array(2 * this.end);
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer);
    }
    return at;
  }

  put(bytes: Uint8Array, at: number): void {
    this.bytes.set(bytes, at);
  }

  /** A number, low byte first. */
  set(at: number, size: 1 | 2 | 4 | 8, value: number): void {
    const { view } = this;
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setInt16(at, value, true);
    else if (size === 4) view.setInt32(at, value, true);
    else view.setBigInt64(at, BigInt(value), true);
  }

  /** Writes a part and lets the offset at `slot` point to it. */
  refer(slot: number, part: Part): void {
    const at = part(this);
    this.view.setUint32(slot, at - slot, true);
  }
}

/** A table with these fields, in the order of their numbers. */
export function table(...fields: readonly TableField[]): Part {
  return (out) => {
    const places: number[] = [];
    let length = 4; // the offset of the list of places
    for (const field of fields) {
      const size = field === null ? 0 : typeof field === 'function' ? 4 : field.size;
      if (size > 0) length = Math.ceil(length / size) * size;
      places.push(size > 0 ? length : 0);
      length += size;
    }
    const list = out.room(4 + 2 * fields.length, 2);
    out.set(list, 2, 4 + 2 * fields.length);
    out.set(list + 2, 2, length);
    for (const [n, place] of places.entries()) out.set(list + 4 + 2 * n, 2, place);
    const at = out.room(length, 8);
    out.set(at, 4, at - list);
    fields.forEach((field, n) => {
      if (!field || typeof field === 'function') return;
      out.set(at + places[n]!, field.size, field.value);
      field.placed?.(at + places[n]!);
    });
    fields.forEach((field, n) => {
      if (typeof field === 'function') out.refer(at + places[n]!, field);
    });
    return at;
  };
}

export function vector(parts: readonly Part[]): Part {
  return (out) => {
    const at = out.room(4 + 4 * parts.length, 4);
    out.set(at, 4, parts.length);
    for (const [n, part] of parts.entries()) out.refer(at + 4 + 4 * n, part);
    return at;
  };
}

/** A vector of structs of 8-byte words, `fill` being given their place. */
export function structs(count: number, size: number, fill: (out: FlatBuffer, at: number) => void): Part {
  return (out) => {
    const at = out.room(4 + count * size, 8, 4);
    out.set(at, 4, count);
    fill(out, at + 4);
    return at;
  };
}

export function text(value: string): Part {
  return (out) => {
    const bytes = Buffer.from(value);
    const at = out.room(4 + bytes.length + 1, 4);
    out.set(at, 4, bytes.length);
    out.put(bytes, at + 4);
    return at;
  };
}
