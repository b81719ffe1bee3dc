/**
 * Tuples in TypeScript: mirror of native/core/tuple.c, byte for byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { TYPE_WIDTH, Type, type TypeCode } from '../../plan/opcodes.js';
import {
  TUPLE_WORDS,
  TupleFlag,
  TupleKind,
  TupleRefusal,
  type TupleRows,
  TupleStatus,
  TupleTarget,
  TupleWord,
  TupleWritten,
} from '../tuple.js';

const MOST_COLUMNS = 1600;
const MOST_NUMBER = 4 + 8 + 2 * 12;
const ARRAY_HEADER = 20;
const NULL = 0xffffffff;
const BACKSLASH = 92;
const NUL_ESCAPE = [117, 48, 48, 48, 48]; // u0000

/** Why a row ends: thrown by no one, answered in place of the end of what was written. */
const FULL = -1;
const REFUSED = -2;

/** A column with its memory. */
interface Column {
  readonly kind: number;
  readonly type: number;
  readonly target: number;
  readonly scale: number;
  readonly most: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly longs: DataView;
  /** Word (byte, for `validity`, `data` and `select`) at which each begins; -1: there is none. */
  readonly values: number;
  readonly validity: number;
  readonly data: number;
  readonly dataLength: number;
  readonly size: number;
  readonly list: number;
  readonly capacity: number;
  readonly inner: number;
  readonly select: number;
  readonly oid: number;
  readonly map: Uint32Array | null;
}

export function writeTuples(
  program: Int32Array,
  rows: TupleRows,
  out: Uint8Array,
  from: number,
  written: Int32Array,
): void {
  const count = program.length / TUPLE_WORDS;
  if (!Number.isInteger(count) || count === 0 || count > MOST_COLUMNS || rows.first > rows.last || from > out.length)
    throw new RangeError('These are no tuples');
  const columns = Array.from({ length: count }, (_, i) => readColumn(program.subarray(i * TUPLE_WORDS), rows));
  const writer = new TupleWriter(out);
  written.fill(0, 0, TupleWritten.ITEM + 1);
  let at = from;
  let row = rows.first;
  for (; row < rows.last; row++) {
    const { end, column } = writer.row(columns, row, at);
    if (end === REFUSED) {
      written[TupleWritten.COLUMN] = column;
      written[TupleWritten.REASON] = writer.reason;
      written[TupleWritten.ITEM] = writer.item;
    }
    if (end < 0) {
      written[TupleWritten.STATUS] = end === FULL ? TupleStatus.NO_ROOM : TupleStatus.REFUSED;
      break;
    }
    at = end;
  }
  written[TupleWritten.ROWS] = row - rows.first;
  written[TupleWritten.BYTES] = at - from;
}

function isPossible(w: Int32Array): boolean {
  const type = w[TupleWord.TYPE]!;
  const scale = w[TupleWord.SCALE]!;
  const most = w[TupleWord.MOST]!;
  const isInteger = type === Type.INT32 || type === Type.INT64 || type === Type.DECIMAL128;
  if (most < 0 || scale < 0 || scale > 38) return false;
  switch (w[TupleWord.TARGET]) {
    case TupleTarget.INT2:
    case TupleTarget.INT4:
    case TupleTarget.INT8:
      return isInteger && scale === 0;
    case TupleTarget.NUMERIC:
      return isInteger && most <= 38;
    case TupleTarget.FLOAT4:
      return type === Type.FLOAT32;
    case TupleTarget.FLOAT8:
      return type === Type.FLOAT32 || type === Type.FLOAT64;
    case TupleTarget.TEXT:
      return type === Type.UTF8;
    case TupleTarget.JSON:
      return type === Type.UTF8 && w[TupleWord.KIND] === TupleKind.EXTRA;
    default:
      return false;
  }
}

function readColumn(w: Int32Array, { slab, extra, last }: TupleRows): Column {
  const [kind, type] = [w[TupleWord.KIND]!, w[TupleWord.TYPE]!];
  const bytes = kind === TupleKind.EXTRA ? extra : slab;
  const isArray = kind === TupleKind.ARRAY;
  const [size, capacity, inner] = [w[TupleWord.SIZE]!, w[TupleWord.CAPACITY]!, w[TupleWord.INNER]!];
  const [list, select, validity] = [w[TupleWord.LIST]!, w[TupleWord.SELECT]!, w[TupleWord.VALIDITY]!];
  const [values, data, dataLength] = [w[TupleWord.VALUES]!, w[TupleWord.DATA]!, w[TupleWord.DATA_LENGTH]!];
  const map = kind === TupleKind.VALUE ? w[TupleWord.MAP]! : -1;
  const slots = isArray || map >= 0 ? capacity : last;
  const isText = type === Type.UTF8;
  const has = (place: number, length: number): boolean => place >= 0 && place + length <= bytes.length;
  const isBitmap = (place: number, bits: number): boolean => place < 0 || has(place, (bits + 7) >> 3);
  let good = kind >= TupleKind.VALUE && kind <= TupleKind.EXTRA && isPossible(w);
  if (good && isArray) {
    good = capacity >= 0 && size >= -1 && inner >= 0 && isBitmap(select, last);
    if (size < 0) good &&= inner === 0 && list % 4 === 0 && has(list, (last + 1) * 4);
    else good &&= last * size <= capacity && (inner === 0 || size % inner === 0);
  }
  if (map >= 0) good &&= capacity >= 0 && map % 4 === 0 && map + last * 4 <= extra.length;
  good &&= values % 4 === 0 && has(values, (slots + (isText ? 1 : 0)) * TYPE_WIDTH[type as TypeCode]!);
  good &&= isBitmap(validity, slots) && (validity < 0 || kind !== TupleKind.EXTRA);
  if (isText) good &&= dataLength >= 0 && has(data, dataLength);
  if (!good) throw new RangeError('A column of these tuples lies outside its memory, or does not fit its target');
  return {
    kind,
    type,
    target: w[TupleWord.TARGET]!,
    scale: w[TupleWord.SCALE]!,
    most: w[TupleWord.MOST]!,
    flags: w[TupleWord.FLAGS]!,
    bytes,
    words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2),
    longs: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    values: values >> 2,
    validity,
    data,
    dataLength,
    size,
    list: isArray && size < 0 ? list >> 2 : -1,
    capacity,
    inner,
    select: isArray ? select : -1,
    oid: w[TupleWord.OID]!,
    map: map >= 0 ? new Uint32Array(extra.buffer, extra.byteOffset + map, last) : null,
  };
}

const hasBit = (bytes: Uint8Array, place: number, i: number): boolean =>
  (bytes[place + (i >> 3)]! & (1 << (i & 7))) !== 0;

/** Halves of a 128-bit magnitude, lowest first, and its digits to the base 10000. */
const halves = new Int32Array(8);
const groups = new Int32Array(12);

class TupleWriter {
  reason = 0;
  item = 0;

  constructor(private readonly out: Uint8Array) {}

  row(columns: readonly Column[], row: number, at: number): { end: number; column: number } {
    if (!this.hasRoom(at, 2)) return { end: FULL, column: 0 };
    let end = this.put16(at, columns.length);
    let i = 0;
    for (; i < columns.length && end >= 0; i++) {
      const column = columns[i]!;
      const slot = column.map ? column.map[row]! : row;
      if (column.map && slot >= column.capacity) throw new RangeError('A row is mapped to no slot');
      end =
        column.kind === TupleKind.ARRAY ? this.array(column, row, end) : this.value(column, slot, end, column.flags);
    }
    return { end, column: i - 1 };
  }

  private hasRoom(at: number, bytes: number): boolean {
    return this.out.length - at >= bytes;
  }

  private refuse(reason: number): number {
    this.reason = reason;
    return REFUSED;
  }

  private put16(at: number, v: number): number {
    this.out[at] = v >> 8;
    this.out[at + 1] = v;
    return at + 2;
  }

  private put32(at: number, v: number): number {
    this.out[at] = v >>> 24;
    this.out[at + 1] = v >>> 16;
    this.out[at + 2] = v >>> 8;
    this.out[at + 3] = v;
    return at + 4;
  }

  private missing(flags: number, at: number): number {
    return flags & TupleFlag.NOT_NULL ? this.refuse(TupleRefusal.MISSING) : this.put32(at, NULL);
  }

  private value(p: Column, slot: number, at: number, flags: number): number {
    if (!this.hasRoom(at, MOST_NUMBER)) return FULL;
    if (p.validity >= 0 && !hasBit(p.bytes, p.validity, slot)) return this.missing(flags, at);
    switch (p.target) {
      case TupleTarget.NUMERIC:
        return this.numeric(p, slot, at);
      case TupleTarget.FLOAT4:
      case TupleTarget.FLOAT8:
        return this.float(p, slot, at);
      case TupleTarget.TEXT:
      case TupleTarget.JSON: {
        const from = p.words[p.values + slot]!;
        const to = p.words[p.values + slot + 1]!;
        if (from < 0 || from > to || to > p.dataLength) throw new RangeError('Offsets of text lead out of the slab');
        const text = p.bytes.subarray(p.data + from, p.data + to);
        return p.target === TupleTarget.JSON ? this.json(p, text, at, flags) : this.text(p, text, at);
      }
      default:
        return this.integer(p, slot, at);
    }
  }

  private integer(p: Column, slot: number, at: number): number {
    const { words } = p;
    const width = p.type === Type.INT32 ? 1 : p.type === Type.INT64 ? 2 : 4;
    const w = p.values + slot * width;
    const low = words[w]!;
    const high = width === 1 ? low >> 31 : words[w + 1]!;
    if (width === 4 && (words[w + 2] !== high >> 31 || words[w + 3] !== high >> 31))
      return this.refuse(TupleRefusal.RANGE);
    if (p.target === TupleTarget.INT8) return this.put32(this.put32(this.put32(at, 8), high), low);
    if (high !== low >> 31) return this.refuse(TupleRefusal.RANGE);
    if (p.target === TupleTarget.INT4) return this.put32(this.put32(at, 4), low);
    return low === (low << 16) >> 16 ? this.put16(this.put32(at, 2), low) : this.refuse(TupleRefusal.RANGE);
  }

  /** Loads a magnitude into `halves`; true where the number is below 0. */
  private load(p: Column, slot: number): boolean {
    const { words } = p;
    const width = p.type === Type.INT32 ? 1 : p.type === Type.INT64 ? 2 : 4;
    const w = p.values + slot * width;
    const negative = words[w + width - 1]! < 0;
    const fill = negative ? -1 : 0;
    for (let i = 0; i < 4; i++) {
      const word = i < width ? words[w + i]! : fill;
      halves[2 * i] = word & 0xffff;
      halves[2 * i + 1] = word >>> 16;
    }
    if (!negative) return false;
    for (let i = 0, carry = 1; i < 8; i++) {
      const half = (halves[i]! ^ 0xffff) + carry;
      halves[i] = half & 0xffff;
      carry = half >> 16;
    }
    return true;
  }

  private numeric(p: Column, slot: number, at: number): number {
    const negative = this.load(p, slot);
    let count = 0;
    const part = p.scale & 3;
    if (part > 0) groups[count++] = divide(10 ** part) * 10 ** (4 - part);
    while (halves.some((half) => half !== 0)) groups[count++] = divide(10000);
    if (p.most > 0 && digitsOf(count, part) > p.most) return this.refuse(TupleRefusal.RANGE);
    let least = 0;
    while (least < count && groups[least] === 0) least++;
    const digits = count - least;
    at = this.put32(at, 8 + 2 * digits);
    at = this.put16(this.put16(at, digits), digits > 0 ? count - ((p.scale + 3) >> 2) - 1 : 0);
    at = this.put16(this.put16(at, negative ? 0x4000 : 0), p.scale);
    for (let i = count - 1; i >= least; i--) at = this.put16(at, groups[i]!);
    return at;
  }

  private float(p: Column, slot: number, at: number): number {
    if (p.type === Type.FLOAT64) {
      const w = p.values + 2 * slot;
      return this.put32(this.put32(this.put32(at, 8), p.words[w + 1]!), p.words[w]!);
    }
    const w = p.values + slot;
    if (p.target === TupleTarget.FLOAT4) return this.put32(this.put32(at, 4), p.words[w]!);
    const value = p.longs.getFloat32(4 * w, true);
    at = this.put32(at, 8);
    new DataView(this.out.buffer, this.out.byteOffset + at, 8).setFloat64(0, value);
    if (Number.isNaN(value)) this.put32(this.put32(at, 0x7ff80000), 0);
    return at + 8;
  }

  private nul(p: Column, at: number): number {
    if (p.flags & TupleFlag.REPLACE) {
      this.out[at++] = 0xef;
      this.out[at++] = 0xbf;
      this.out[at++] = 0xbd;
    }
    return at;
  }

  private text(p: Column, text: Uint8Array, at: number): number {
    const { out } = this;
    const start = at + 4;
    at = start;
    if (text.includes(0)) {
      if (!(p.flags & (TupleFlag.REPLACE | TupleFlag.STRIP))) return this.refuse(TupleRefusal.NUL);
      if (!this.hasRoom(at, 3 * text.length)) return FULL;
      for (const byte of text) {
        if (byte === 0) at = this.nul(p, at);
        else out[at++] = byte;
      }
    } else {
      if (!this.hasRoom(at, text.length)) return FULL;
      out.set(text, at);
      at += text.length;
    }
    if (p.most > 0 && isTooLong(out, start, at, p.most)) return this.refuse(TupleRefusal.LONG);
    this.put32(start - 4, at - start);
    return at;
  }

  private json(p: Column, line: Uint8Array, at: number, flags: number): number {
    const { out } = this;
    const text = line[line.length - 1] === 10 ? line.subarray(0, -1) : line;
    if (!this.hasRoom(at, 5 + text.length)) return FULL;
    // null
    if (text.length === 4 && text[0] === 110) return this.missing(flags, at);
    const start = at;
    at += 4;
    out[at++] = 1;
    for (let i = 0; i < text.length; ) {
      const byte = text[i]!;
      if (byte !== BACKSLASH) {
        out[at++] = byte;
        i++;
      } else if (NUL_ESCAPE.every((letter, k) => text[i + 1 + k] === letter)) {
        if (!(p.flags & (TupleFlag.REPLACE | TupleFlag.STRIP))) return this.refuse(TupleRefusal.NUL);
        at = this.nul(p, at);
        i += 6;
      } else {
        for (let k = 0; k < 2 && i < text.length; k++) out[at++] = text[i++]!;
      }
    }
    this.put32(start, at - start - 4);
    return at;
  }

  private array(p: Column, row: number, at: number): number {
    if (!this.hasRoom(at, 4 + ARRAY_HEADER + 8)) return FULL;
    if (p.select >= 0 && !hasBit(p.bytes, p.select, row)) return this.missing(p.flags, at);
    let from = row * p.size;
    let to = from + p.size;
    if (p.list >= 0) {
      from = p.words[p.list + row]!;
      to = p.words[p.list + row + 1]!;
      if (from < 0 || from > to || to > p.capacity) throw new RangeError('Offsets of a list lead out of the slab');
    }
    const start = at + 4;
    let hasNulls = 0;
    for (let i = from; i < to && p.validity >= 0; i++) if (!hasBit(p.bytes, p.validity, i)) hasNulls = 1;
    const isEmpty = from === to;
    at = this.put32(start, isEmpty ? 0 : p.inner > 0 ? 2 : 1);
    at = this.put32(this.put32(at, hasNulls), p.oid);
    if (!isEmpty) at = this.put32(this.put32(at, p.inner > 0 ? (to - from) / p.inner : to - from), 1);
    if (!isEmpty && p.inner > 0) at = this.put32(this.put32(at, p.inner), 1);
    for (let i = from; i < to; i++) {
      this.item = i - from;
      at = this.value(p, i, at, p.flags & ~TupleFlag.NOT_NULL);
      if (at < 0) return at;
    }
    this.item = 0;
    this.put32(start - 4, at - start);
    return at;
  }
}

/** Divides `halves` and returns what is left. */
function divide(by: number): number {
  let rest = 0;
  for (let i = 7; i >= 0; i--) {
    const n = rest * 65536 + halves[i]!;
    halves[i] = Math.floor(n / by);
    rest = n % by;
  }
  return rest;
}

/** Decimal digits of the number that `count` groups hold, the lowest of which has `part` digits where that is not 0. */
function digitsOf(count: number, part: number): number {
  let top = count - 1;
  while (top >= 0 && groups[top] === 0) top--;
  if (top < 0) return 0;
  const first = part > 0 && top === 0 ? groups[0]! / 10 ** (4 - part) : groups[top]!;
  const whole = String(first).length;
  if (part === 0) return whole + 4 * top;
  return top === 0 ? whole : whole + 4 * (top - 1) + part;
}

function isTooLong(bytes: Uint8Array, from: number, to: number, most: number): boolean {
  if (to - from <= most) return false;
  let characters = 0;
  for (let i = from; i < to; i++) if ((bytes[i]! & 0xc0) !== 0x80) characters++;
  return characters > most;
}
