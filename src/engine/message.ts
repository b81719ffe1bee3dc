/**
 * Messages: one record at a time, without columns. A program says which fields are read, and where in an image each
 * value goes; an engine fills the image and answers one text, out of which strings are cut. It is for records of a fixed
 * layout: everything else, and a record with anything bad in it, is decoded into a slab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Plan } from '../plan/plan.js';
import type { Records } from './engine.js';

/** What the image holds of a field, at a multiple of 8 bytes. */
export const Show = {
  /** Int32 start and end in the text. */
  TEXT: 0,
  /** The same: the number with its point and full scale. */
  DECIMAL: 1,
  INT32: 2,
  /** Float64: an integer of up to 64 bits, or a float. */
  DOUBLE: 3,
  /** Int64. */
  INT64: 4,
  /** Two words of 64 bits, the low one first. */
  INT128: 5,
} as const;

/** Words of a field in a message's program. The image begins with a bit a field, lowest first, in words of 64: it has a value. */
export const MessageWord = {
  /** Index of the field's instruction in the plan. */
  INSTRUCTION: 0,
  /** Bytes from the record's start. */
  OFFSET: 1,
  SHOW: 2,
  /** DECIMAL: digits behind the point. */
  SCALE: 3,
  /** Byte offset in the image; INT128 takes 16 bytes. */
  PLACE: 4,
} as const;
export const MESSAGE_WIDTH = 5;

export interface MessageProgram {
  readonly plan: Plan;
  readonly words: Int32Array;
}

export interface MessageImage {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly longs: BigInt64Array;
}

export interface MessageReader {
  /** What the last read message held; undefined after one that was not taken. Of several messages: image behind image. */
  readonly image: MessageImage;
  /** Bytes of one image, a multiple of 16. */
  readonly imageLength: number;
  /**
   * Reads a record: the text, or undefined where it must be decoded into a slab, because it is too short, has bad values
   * or characters beyond Latin-1.
   */
  read(bytes: Uint8Array): string | undefined;
  /**
   * Reads records one behind another, at most as many as there are images, up to one that must be decoded into a slab.
   * Null where that is not faster than a slab.
   */
  readonly readMany: ((records: Records) => Messages) | null;
}

/** The texts of messages that were read together, all of one length, one behind another. */
export interface Messages {
  readonly count: number;
  readonly text: string;
}

/** Where the values begin in an image of so many fields, behind their bits. */
export const valuesPlace = (fields: number): number => Math.ceil(fields / 128) * 16;

/** Most bytes that a message may have to be read this way. */
export const MAX_MESSAGE = 65536;

/** Behind the images: how many of them were read. */
const TAKEN_BYTES = 16;

export interface MessageImages {
  readonly bytes: Uint8Array;
  readonly image: MessageImage;
  readonly imageLength: number;
}

/** Images for a program, up to 16 bytes a field each, and room for the number of those that were read. */
export function imagesOf({ words }: MessageProgram, count: number): MessageImages {
  const fields = words.length / MESSAGE_WIDTH;
  const imageLength = valuesPlace(fields) + 16 * fields;
  const buffer = new ArrayBuffer(count * imageLength + TAKEN_BYTES);
  const image = { words: new Int32Array(buffer), doubles: new Float64Array(buffer), longs: new BigInt64Array(buffer) };
  return { bytes: new Uint8Array(buffer), image, imageLength };
}
