/**
 * Puts a writer program together: the formats walk a schema and add instructions and the bytes around values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { presentation } from '../batch/values.js';
import {
  P,
  PROGRAM_HEADER,
  PROGRAM_MAGIC,
  PROGRAM_VERSION,
  PROGRAM_WIDTH,
  type Program,
  ProgramWord,
  type TextFormat,
  WriteFlag,
  WriteOp,
} from '../engine/program.js';
import type { FieldNode } from '../plan/schema.js';

type Words = Partial<Omit<{ [word in keyof typeof P]: number }, 'OP' | 'PREFIX' | 'NOTHING'>> & {
  readonly PREFIX?: string;
  readonly NOTHING?: string;
};

const utf8 = new TextEncoder();

export class ProgramBuilder {
  private readonly code: number[] = [];
  private readonly bytes: Uint8Array[] = [];
  private readonly places = new Map<string, readonly [at: number, length: number]>();
  private pool = 0;

  add(op: number, { PREFIX = '', NOTHING = '', ...words }: Words = {}): void {
    const row = new Array<number>(PROGRAM_WIDTH).fill(0);
    row[P.OP] = op;
    [row[P.PREFIX], row[P.PREFIX_LENGTH]] = this.constant(PREFIX);
    [row[P.NOTHING], row[P.NOTHING_LENGTH]] = this.constant(NOTHING);
    for (const [word, value] of Object.entries(words)) row[P[word as keyof typeof P]] = value;
    this.code.push(...row);
  }

  field(field: FieldNode, around: Pick<Words, 'PREFIX' | 'NOTHING'>, style: NumberStyle): void {
    const words = { ...around, FIELD: field.instruction };
    if (field.kind === 'text') this.add(WriteOp.TEXT, words);
    else if (field.kind === 'float') this.add(WriteOp.FLOAT, { ...words, FLAGS: style.names ? WriteFlag.NAMES : 0 });
    else this.add(WriteOp.NUMBER, { ...words, SCALE: field.scale, FLAGS: style.quotes ? quotes(field, style) : 0 });
  }

  end(format: (typeof TextFormat)[keyof typeof TextFormat]): Program {
    this.add(WriteOp.END);
    const code = new Int32Array(PROGRAM_HEADER + this.code.length);
    code[ProgramWord.MAGIC] = PROGRAM_MAGIC;
    code[ProgramWord.VERSION] = PROGRAM_VERSION;
    code[ProgramWord.INSTRUCTIONS] = this.code.length / PROGRAM_WIDTH;
    code[ProgramWord.POOL] = this.pool;
    code[ProgramWord.FORMAT] = format;
    code.set(this.code, PROGRAM_HEADER);
    const pool = new Uint8Array(this.pool);
    let at = 0;
    for (const bytes of this.bytes) {
      pool.set(bytes, at);
      at += bytes.length;
    }
    return { code, pool };
  }

  private constant(text: string): readonly [at: number, length: number] {
    let place = this.places.get(text);
    if (!place) {
      const bytes = utf8.encode(text);
      this.places.set(text, (place = [this.pool, bytes.length]));
      this.bytes.push(bytes);
      this.pool += bytes.length;
    }
    return place;
  }
}

/** How a format shows numbers. */
export interface NumberStyle {
  /** Numbers that a JavaScript number might not hold exactly are in quotes. */
  readonly quotes: boolean;
  readonly decimals: 'string' | 'number';
  /** Infinities and NaN by their names; otherwise they are no value. */
  readonly names: boolean;
}

function quotes(field: FieldNode, { decimals }: NumberStyle): number {
  const shown = presentation(field, decimals);
  if (shown === 'bigint' || shown === 'decimal') return WriteFlag.QUOTED;
  return shown === 'exact' ? WriteFlag.QUOTED_BEYOND : 0;
}
