/**
 * Where the records of a file lie. Of records of one length that is reckoned; others are found by one pass over the file,
 * which is kept: 12 bytes a record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Records } from '../../engine/engine.js';
import { OverpunchError } from '../../errors.js';
import { Framing, FramingWord } from '../../framing/framing.js';
import { type Input, RecordInput, framingOf } from '../../keyed/input.js';
import { throwIfAborted } from '../../connectors/abort.js';

/** Records that are found, in order of the source. */
export interface Found {
  /** 1-based. */
  readonly numbers: number[];
  readonly records: Uint8Array[];
  readonly offsets: number[];
}

/** Bytes of each record where all have one length; null where they have not. */
export function strideOf(input: Input): number | null {
  const framing = framingOf(input);
  return framing[FramingWord.FORMAT] === Framing.FIXED ? framing[FramingWord.LRECL]! : null;
}

/** Records of an input (what `where`, `skip` and `limit` leave), copied. `base` and `before` lie before the source's own start. */
export async function findRecords(input: Input, base = 0, before = 0): Promise<Found> {
  const found: Found = { numbers: [], records: [], offsets: [] };
  const { signal } = input.options;
  for await (const { part, base: at } of new RecordInput(input).parts()) {
    const { records, firstRecord, recordNumbers } = part;
    for (let row = 0; row < records.count; row++) {
      const [start, end] = boundsOf(records, row);
      found.numbers.push(before + (recordNumbers ? recordNumbers[row]! : firstRecord + row));
      found.records.push(records.data.slice(start, end));
      found.offsets.push(base + at + start);
    }
    throwIfAborted(signal, 'the records');
  }
  return found;
}

export class RecordPlaces {
  private constructor(
    private readonly offsets: Float64Array,
    private readonly lengths: Uint32Array,
  ) {}

  static async of(input: Input): Promise<RecordPlaces> {
    let room = 1 << 12;
    let offsets = new Float64Array(room);
    let lengths = new Uint32Array(room);
    let count = 0;
    for await (const { part, base } of new RecordInput(input).parts()) {
      const { records } = part;
      if (count + records.count > room) {
        room = Math.max(2 * room, count + records.count);
        const [before, lengthsBefore] = [offsets, lengths];
        offsets = new Float64Array(room);
        offsets.set(before);
        lengths = new Uint32Array(room);
        lengths.set(lengthsBefore);
      }
      for (let row = 0; row < records.count; row++, count++) {
        const [start, end] = boundsOf(records, row);
        offsets[count] = base + start;
        lengths[count] = end - start;
      }
    }
    return new RecordPlaces(offsets.slice(0, count), lengths.slice(0, count));
  }

  get count(): number {
    return this.offsets.length;
  }

  /** Offset and length of a record. */
  at(number: number): { readonly offset: number; readonly length: number } {
    return { offset: this.offsets[number - 1]!, length: this.lengths[number - 1]! };
  }
}

function boundsOf({ starts, ends, first, stride }: Records, row: number): [start: number, end: number] {
  return starts && ends
    ? [starts[first + row]!, ends[first + row]!]
    : [first + row * stride, first + (row + 1) * stride];
}

/** The longest record that a descriptor has room for. */
const LONGEST = 65_531;

/** Records as the bytes of a file with big-endian descriptors, whatever their format was. @throws OverpunchError OVP_DATA_LENGTH */
export function described(records: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const record of records) {
    if (record.length > LONGEST) {
      throw new OverpunchError(
        'OVP_DATA_LENGTH',
        `A record of ${record.length} bytes is too long to be served by itself`,
        {
          hint: `Up to ${LONGEST} bytes are possible; longer ones come in streams.`,
        },
      );
    }
    bytes[at] = (record.length + 4) >> 8;
    bytes[at + 1] = (record.length + 4) & 0xff;
    bytes.set(record, at + 4);
    at += 4 + record.length;
  }
  return bytes;
}

/** How those are read. */
export const DESCRIBED = { recfm: 'V', rdwEndian: 'big', rdwAdjust: 0 } as const;
