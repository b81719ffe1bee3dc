/**
 * Messages: one record into an image and a text, field by field with the kernels of the columns. The mirror of
 * native/core/message.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { MAX_DIGITS, writeDecimal } from '../digits.js';
import {
  MESSAGE_WIDTH,
  type MessageImage,
  type MessageProgram,
  type MessageReader,
  MessageWord,
  Show,
  imagesOf,
  valuesPlace,
} from '../message.js';
import { Flag, Type } from '../../plan/opcodes.js';
import { type Instruction, instruction } from '../../plan/plan.js';
import { checkPlan } from './check.js';
import { isText, numberKernelOf, textKernelOf } from './kernel.js';
import { type ColumnPlace, Views, storeNumbers } from './store.js';
import { type NumberKernel, State, type TextKernel, Tile } from './tile.js';

/** Bytes of a text field's column that one byte of it can become. */
const MOST = 4;
/** In `one`: the value, and the bits that come with it in a column. */
const BITS = 64;

interface Field {
  readonly text: TextKernel | null;
  readonly number: NumberKernel | null;
  readonly column: ColumnPlace;
  readonly latin1: boolean;
  readonly show: number;
  readonly scale: number;
  readonly place: number;
}

export class TsMessageReader implements MessageReader {
  readonly image: MessageImage;
  readonly imageLength: number;
  readonly readMany = null;
  private readonly fields: readonly Field[];
  private readonly need: number;
  private readonly bits: number;
  private readonly tile = new Tile();
  private readonly start = new Int32Array(1);
  private readonly out: Buffer;
  /** One value as a column has it. */
  private readonly one = new Views(new Uint8Array(256), 256);

  constructor(program: MessageProgram) {
    const { plan, words } = program;
    checkPlan(plan);
    const fields: Field[] = [];
    let need = 0;
    let room = 0;
    for (let at = 0; at < words.length; at += MESSAGE_WIDTH) {
      const step = {
        ...instruction(plan, words[at + MessageWord.INSTRUCTION]!),
        offset: words[at + MessageWord.OFFSET]!,
      };
      const show = words[at + MessageWord.SHOW]!;
      need = Math.max(need, step.offset + step.length);
      room += show === Show.TEXT ? MOST * step.length : show === Show.DECIMAL ? MAX_DIGITS : 0;
      fields.push({
        text: isText(step.op) ? textKernelOf(step, plan) : null,
        number: isText(step.op) ? null : numberKernelOf(step, plan),
        column: columnOf(step),
        latin1: (step.flags & Flag.LATIN1) !== 0,
        show,
        scale: words[at + MessageWord.SCALE]!,
        place: words[at + MessageWord.PLACE]!,
      });
    }
    this.fields = fields;
    this.need = need;
    this.bits = valuesPlace(fields.length) >> 2;
    const { image, imageLength } = imagesOf(program, 1);
    this.image = image;
    this.imageLength = imageLength;
    this.out = Buffer.alloc(room);
  }

  read(bytes: Uint8Array): string | undefined {
    if (bytes.length < this.need) return undefined;
    const { fields, image, tile } = this;
    const { words } = image;
    for (let n = 0; n < this.bits; n++) words[n] = 0;
    let end = 0;
    for (let n = 0; n < fields.length; n++) {
      const field = fields[n]!;
      if (field.text) {
        field.text.decode(bytes, this.start, field.text.whole, 1, this.out, end, tile);
      } else {
        field.number!.decode(bytes, this.start, 1, tile);
      }
      const state = tile.state[0]!;
      if (state === State.BAD && !field.column.quiet) return undefined;
      if (state !== State.VALUE) continue;
      words[n >> 5] = words[n >> 5]! | (1 << (n & 31));
      const begin = end;
      if (field.text) {
        end = field.latin1 ? begin + tile.lengths[0]! : toLatin1(this.out, begin, begin + tile.lengths[0]!);
        if (end < 0) return undefined;
      } else {
        storeNumbers(this.one, field.column, field.number!.family, tile, 0, 1, 0);
        if (field.show === Show.DECIMAL) end = writeDecimal(this.out, begin, this.one.words, 0, field.scale);
        else this.put(field);
      }
      if (field.show === Show.TEXT || field.show === Show.DECIMAL) {
        words[field.place >> 2] = begin;
        words[(field.place >> 2) + 1] = end;
      }
    }
    return this.out.toString('latin1', 0, end);
  }

  private put({ show, place, column: { type } }: Field): void {
    const { words, doubles } = this.image;
    const from = this.one.words;
    if (show === Show.DOUBLE) {
      if (type === Type.FLOAT32) doubles[place >> 3] = this.one.floats[0]!;
      else if (type === Type.FLOAT64) doubles[place >> 3] = this.one.doubles[0]!;
      else if (type === Type.INT32) doubles[place >> 3] = from[0]!;
      else doubles[place >> 3] = from[1]! * 4294967296 + (from[0]! >>> 0);
      return;
    }
    const count = show === Show.INT32 ? 1 : show === Show.INT64 ? 2 : 4;
    for (let k = 0; k < count; k++) words[(place >> 2) + k] = from[k]!;
  }
}

function columnOf({ flags, type }: Instruction): ColumnPlace {
  const quiet = (flags & Flag.QUIET) !== 0;
  return { values: 0, validity: BITS, bad: BITS + 8, data: 0, quiet, type, absentCount: 0, badCount: 0, dataEnd: 0 };
}

/** UTF-8 at out[from, to) becomes Latin-1 there; its end, or -1 where it has other characters. */
function toLatin1(out: Uint8Array, from: number, to: number): number {
  let end = from;
  for (let p = from; p < to; p++) {
    const byte = out[p]!;
    if (byte < 0x80) out[end++] = byte;
    else if (byte === 0xc2 || byte === 0xc3) out[end++] = ((byte & 3) << 6) | (out[++p]! & 0x3f);
    else return -1;
  }
  return end;
}
