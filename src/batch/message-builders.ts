/**
 * The two ways to build objects of messages' images and texts: as code and as closures, as builders.ts has them for
 * columns. Of one message, or of several that were read together: image behind image, text behind text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { MessageImage } from '../engine/message.js';
import { type Code, type Entry, HELPERS, MAX_WEIGHT, type Reader, define, objectCode } from './builders.js';
import type { Row } from './rows.js';

export type ImageView = keyof MessageImage;

export interface MessageTarget<T> {
  /** Value `n`: null where its bit is not set, else out of the text, from and to where two words from `at` on say. */
  string(n: number, at: number): T;
  /** Element `at` of a view, whose elements (as the reader takes them) have `size` bytes. */
  number(n: number, view: ImageView, at: number, size: 4 | 8 | 16, reader: Reader): T;
  object(entries: readonly Entry<T>[]): T;
  list(items: readonly T[]): T;
  /** `count`: all values. */
  one(root: T, image: MessageImage, count: number): MakeRow;
  many(root: T, image: MessageImage, imageLength: number, count: number): MakeRows;
}

export type MakeRow = (text: string) => Row;
/** Of the first `count` images; `length`: characters of each one's text. */
export type MakeRows = (text: string, count: number, length: number) => Row[];

/** Makes a value of the image that begins at word `w`, and of the text from `t` on. */
type Make = (text: string, t: number, w: number) => unknown;

export class ClosureMessage implements MessageTarget<Make> {
  private image: MessageImage | null = null;

  string(n: number, at: number): Make {
    return this.leaf(n, ({ words }, text, t, w) => text.substring(t + words[w + at]!, t + words[w + at + 1]!));
  }

  number(n: number, view: ImageView, at: number, size: number, { read }: Reader): Make {
    return this.leaf(n, (image, _text, _t, w) => read(image[view] as never, at + (4 * w) / size));
  }

  object(entries: readonly Entry<Make>[]): Make {
    return (text, t, w) => {
      const object: Record<string, unknown> = {};
      for (const { key, value } of entries) {
        if (key === '__proto__') define(object, key, value(text, t, w));
        else object[key] = value(text, t, w);
      }
      return object;
    };
  }

  list(items: readonly Make[]): Make {
    return (text, t, w) => items.map((make) => make(text, t, w));
  }

  one(root: Make, image: MessageImage): MakeRow {
    this.image = image;
    return (text) => root(text, 0, 0) as Row;
  }

  many(root: Make, image: MessageImage, imageLength: number): MakeRows {
    this.image = image;
    const words = imageLength >> 2;
    return (text, count, length) => Array.from({ length: count }, (_, k) => root(text, k * length, k * words) as Row);
  }

  private leaf(n: number, read: (image: MessageImage, text: string, t: number, w: number) => unknown): Make {
    return (text, t, w) => {
      const image = this.image!;
      return (image.words[w + (n >> 5)]! & (1 << (n & 31))) !== 0 ? read(image, text, t, w) : null;
    };
  }
}

/** Parameters of all functions made here: of an image that is not the first, also where it and its text begin. */
const ONE = 'text';
const MANY = 'text, t, w';

/** Names come into the code as JSON strings only. */
export class CodeMessage implements MessageTarget<Code> {
  private readonly by: string;
  private readonly isMany: boolean;
  private readonly functions: string[] = [];

  /** For one message at a time or for several: places in the first image are constants. */
  constructor(isMany: boolean) {
    this.isMany = isMany;
    this.by = isMany ? MANY : ONE;
  }

  string(n: number, at: number): Code {
    const code = this.isMany
      ? `text.substring(t + words[w + ${at}], t + words[w + ${at + 1}])`
      : `text.substring(words[${at}], words[${at + 1}])`;
    return this.leaf(n, code);
  }

  number(n: number, view: ImageView, at: number, size: 4 | 8 | 16, { code }: Reader): Code {
    return this.leaf(n, code(view, this.isMany ? `((w >> ${size >> 3}) + ${at})` : String(at)));
  }

  object(entries: readonly Entry<Code>[]): Code {
    return objectCode(entries, this.by, { add: (parameters, body) => this.add(parameters, body), test: () => 'true' });
  }

  list(items: readonly Code[]): Code {
    const { by } = this;
    const weight = items.reduce((sum, item) => sum + item.weight, 1);
    if (weight <= MAX_WEIGHT) {
      const all = items.map((item) => item.looped?.code ?? item.code);
      return {
        code: `[${items.map(({ code }) => code).join(', ')}]`,
        weight,
        looped: { code: `[${all.join(', ')}]`, leaves: [] },
      };
    }
    const calls = items.map(({ code }) => `${this.add(by, `return ${code};`)}(${by})`);
    const parts: string[] = [];
    for (let k = 0; k < calls.length; k += MAX_WEIGHT) {
      parts.push(`list.push(${calls.slice(k, k + MAX_WEIGHT).join(', ')});`);
    }
    return { code: `${this.add(by, `const list = []; ${parts.join(' ')} return list;`)}(${by})`, weight: 1 };
  }

  one(root: Code, image: MessageImage, count: number): MakeRow {
    const bits = bitsOf(count);
    return this.compile(image, [
      `let ${bits.map((n) => `m${n}`).join(', ')};`,
      ...this.functions,
      `return (text) => { ${bits.map((n) => `m${n} = words[${n}];`).join(' ')} return ${root.code}; };`,
    ]);
  }

  many(root: Code, image: MessageImage, imageLength: number, count: number): MakeRows {
    const bits = bitsOf(count);
    const isOne = this.functions.length === 0;
    // most records have all of their values: nothing is asked for each of them then
    const all = isOne && root.looped ? `${bits.map((n) => `m${n} === -1`).join(' && ')} ? ${root.looped.code} : ` : '';
    return this.compile(image, [
      isOne ? '' : `let ${bits.map((n) => `m${n}`).join(', ')};`,
      ...this.functions,
      `return (text, count, length) => {
        const list = new Array(count);
        for (let k = 0, t = 0, w = 0; k < count; k++, t += length, w += ${imageLength >> 2}) {
          ${bits.map((n) => `${isOne ? 'const ' : ''}m${n} = words[w + ${n}];`).join(' ')}
          list[k] = ${all}${root.code};
        }
        return list;
      };`,
    ]);
  }

  private compile<F>({ words, doubles, longs }: MessageImage, lines: readonly string[]): F {
    const known = { ...HELPERS, words, doubles, longs };
    return new Function(...Object.keys(known), ['"use strict";', ...lines].join('\n'))(...Object.values(known)) as F;
  }

  private leaf(n: number, code: string): Code {
    return { code: `(m${n >> 5} & ${1 << (n & 31)}) !== 0 ? ${code} : null`, weight: 1, looped: { code, leaves: [] } };
  }

  private add(parameters: string, body: string): string {
    const name = `f${this.functions.length}`;
    this.functions.push(`function ${name}(${parameters}) { ${body} }`);
    return name;
  }
}

/** Words of bits for so many values. */
const bitsOf = (count: number): number[] => Array.from({ length: Math.ceil(count / 32) }, (_, n) => n);
