/**
 * The two ways to build an object of a message's image and text: as code and as closures, as builders.ts has them for
 * columns.
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
  /** Element `at` of a view. */
  number(n: number, view: ImageView, at: number, reader: Reader): T;
  object(entries: readonly Entry<T>[]): T;
  list(items: readonly T[]): T;
  /** `count`: all values. */
  finish(root: T, image: MessageImage, count: number): (text: string) => Row;
}

type Make = (text: string) => unknown;

export class ClosureMessage implements MessageTarget<Make> {
  private image: MessageImage | null = null;

  string(n: number, at: number): Make {
    return this.leaf(n, ({ words }, text) => text.substring(words[at]!, words[at + 1]!));
  }

  number(n: number, view: ImageView, at: number, { read }: Reader): Make {
    return this.leaf(n, (image) => read(image[view] as never, at));
  }

  object(entries: readonly Entry<Make>[]): Make {
    return (text) => {
      const object: Record<string, unknown> = {};
      for (const { key, value } of entries) {
        if (key === '__proto__') define(object, key, value(text));
        else object[key] = value(text);
      }
      return object;
    };
  }

  list(items: readonly Make[]): Make {
    return (text) => items.map((make) => make(text));
  }

  finish(root: Make, image: MessageImage): (text: string) => Row {
    this.image = image;
    return root as (text: string) => Row;
  }

  private leaf(n: number, read: (image: MessageImage, text: string) => unknown): Make {
    return (text) => {
      const image = this.image!;
      return (image.words[n >> 5]! & (1 << (n & 31))) !== 0 ? read(image, text) : null;
    };
  }
}

/** Names come into the code as JSON strings only. */
export class CodeMessage implements MessageTarget<Code> {
  /** Bodies of functions, of the text and the bits. */
  private readonly functions: string[] = [];

  string(n: number, at: number): Code {
    return this.leaf(n, `text.substring(words[${at}], words[${at + 1}])`);
  }

  number(n: number, view: ImageView, at: number, { code }: Reader): Code {
    return this.leaf(n, code(view, String(at)));
  }

  object(entries: readonly Entry<Code>[]): Code {
    return objectCode(entries, 'text', { add: (parameters, body) => this.add(parameters, body), test: () => 'true' });
  }

  list(items: readonly Code[]): Code {
    const weight = items.reduce((sum, item) => sum + item.weight, 1);
    if (weight <= MAX_WEIGHT) return { code: `[${items.map(({ code }) => code).join(', ')}]`, weight };
    const calls = items.map(({ code }) => `${this.add('text', `return ${code};`)}(text)`);
    const parts: string[] = [];
    for (let k = 0; k < calls.length; k += MAX_WEIGHT) {
      parts.push(`list.push(${calls.slice(k, k + MAX_WEIGHT).join(', ')});`);
    }
    return { code: `${this.add('text', `const list = []; ${parts.join(' ')} return list;`)}(text)`, weight: 1 };
  }

  finish(root: Code, { words, doubles, longs }: MessageImage, count: number): (text: string) => Row {
    const bits = Array.from({ length: Math.ceil(count / 32) }, (_, n) => n);
    const body = [
      '"use strict";',
      `let ${bits.map((n) => `m${n}`).join(', ')};`,
      ...this.functions,
      `return (text) => { ${bits.map((n) => `m${n} = words[${n}];`).join(' ')} return ${root.code}; };`,
    ].join('\n');
    const helpers = { ...HELPERS, words, doubles, longs };
    return new Function(...Object.keys(helpers), body)(...Object.values(helpers)) as (text: string) => Row;
  }

  private leaf(n: number, code: string): Code {
    return { code: `(m${n >> 5} & ${1 << (n & 31)}) !== 0 ? ${code} : null`, weight: 1 };
  }

  private add(parameters: string, body: string): string {
    const name = `f${this.functions.length}`;
    this.functions.push(`function ${name}(${parameters}) { ${body} }`);
    return name;
  }
}
