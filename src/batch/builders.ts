/**
 * The two ways to build objects from a schema: as code and as closures. A {@link Target} is told of values, objects and
 * lists from the leaves up; what it makes for each reads the slot `i` of the space that the value is in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type RowView, slotOf } from './row-view.js';
import { bigintDecimal, decimalNumber, exactDecimal, exactLong } from './values.js';
import { bit } from './views.js';

/** How a value is read out of a view: as an expression of the view's name and the slot's, and as a function. */
export interface Reader {
  readonly code: (view: string, i: string) => string;
  /** Each reader is only given the kind of view that it was chosen for. */
  readonly read: (view: never, i: number) => unknown;
  /** The view is {@link Strings}: a loop takes what it needs of a run of them once. */
  readonly isRun?: boolean;
}

/** A key of an object. `select` is the view of a selection's bitmap, -1 where the key is always there. */
export interface Entry<T> {
  readonly key: string;
  readonly value: T;
  readonly select: number;
}

/** Builds from views, which are known by their numbers; a `finish`ed builder is given them before it makes anything. */
export interface Target<T> {
  /** Null where the bitmap in view `validity` says so. */
  leaf(validity: number, view: number, reader: Reader): T;
  object(entries: readonly Entry<T>[]): T;
  /** Items of slot i: i*size to i*size+size-1. An element with a selection is null where it is not selected. */
  fixedList(size: number, element: T, select: number): T;
  /** Items of slot i: from element i of view `offsets` up to element i+1. */
  countedList(offsets: number, element: T, select: number): T;
  /** A getter for a row's view; undefined where it is not selected. Answers its number in `getters`. */
  getter(value: T, select: number): number;
  finish(root: T): Builder;
}

export interface Builder {
  bind(views: readonly unknown[]): void;
  make(i: number): unknown;
  /** Appends what is made of slots from..to-1. */
  fill(from: number, to: number, list: unknown[]): void;
  /** To be called on a view: what stands at its slot. */
  readonly getters: readonly ((this: RowView) => unknown)[];
}

/** Sets an own property whatever its name is: assigning to `__proto__` would not. */
export function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

let generating: boolean | undefined;

/** Whether code may be generated here (not under --disallow-code-generation-from-strings and the like). */
export function mayGenerate(): boolean {
  if (generating === undefined) {
    try {
      generating = new Function('return true')() as boolean;
    } catch {
      generating = false;
    }
  }
  return generating;
}

type Read = (i: number) => unknown;

export class ClosureTarget implements Target<Read> {
  private readonly views: unknown[] = [];
  private readonly getters: ((this: RowView) => unknown)[] = [];

  getter(value: Read, select: number): number {
    const { views } = this;
    return (
      this.getters.push(function () {
        const i = slotOf(this);
        return select < 0 || bit(views[select] as Uint8Array, i) ? value(i) : undefined;
      }) - 1
    );
  }

  leaf(validity: number, view: number, { read }: Reader): Read {
    const { views } = this;
    return (i) => (bit(views[validity] as Uint8Array, i) ? read(views[view] as never, i) : null);
  }

  object(entries: readonly Entry<Read>[]): Read {
    const { views } = this;
    return (i) => {
      const object: Record<string, unknown> = {};
      for (const { key, value, select } of entries) {
        if (select >= 0 && !bit(views[select] as Uint8Array, i)) continue;
        if (key === '__proto__') define(object, key, value(i));
        else object[key] = value(i);
      }
      return object;
    };
  }

  fixedList(size: number, element: Read, select: number): Read {
    return (i) => this.items(i * size, i * size + size, element, select);
  }

  countedList(offsets: number, element: Read, select: number): Read {
    return (i) => {
      const ends = this.views[offsets] as Int32Array;
      return this.items(ends[i]!, ends[i + 1]!, element, select);
    };
  }

  finish(root: Read): Builder {
    return {
      bind: (views) => {
        views.forEach((view, n) => {
          this.views[n] = view;
        });
      },
      make: root,
      fill(from, to, list) {
        for (let i = from; i < to; i++) list.push(root(i));
      },
      getters: this.getters,
    };
  }

  private items(from: number, to: number, element: Read, select: number): unknown[] {
    const list: unknown[] = [];
    for (let i = from; i < to; i++) {
      list.push(select < 0 || bit(this.views[select] as Uint8Array, i) ? element(i) : null);
    }
    return list;
  }
}

/** An expression of `i` (slot), `b` (its byte in bitmaps) and `m` (its bit), and how many values it reads. */
export interface Code {
  readonly code: string;
  readonly weight: number;
  /**
   * For a loop over rows: the same of what was made ready before it ({@link CodeTarget.loop}), or where all values are there
   * (messages); by default as it is.
   */
  readonly looped?: Looped;
}

interface Looped {
  readonly code: string;
  /** Leaves that must be made ready. */
  readonly leaves: readonly number[];
}

/** Values that one function reads at most; V8 does not optimise functions that are too long. */
export const MAX_WEIGHT = 120;
const PROLOGUE = 'const b = i >> 3, m = 1 << (i & 7);';
export const HELPERS = { exactLong, exactDecimal, bigintDecimal, decimalNumber, define, slotOf, allSet };

/** A computed `__proto__` is a key as any other; a plain one would set the prototype. */
const property = (key: string): string => (key === '__proto__' ? `[${JSON.stringify(key)}]` : JSON.stringify(key));

/** What the code of an object needs: functions of their own for those that are too large for one, and selections. */
export interface Parts {
  add(parameters: string, body: string): string;
  test(bitmap: number): string;
}

/** A literal; where it has too many values or keys that may be left out, a function. `by`: the parameter of all functions. */
export function objectCode(entries: readonly Entry<Code>[], by: string, parts: Parts): Code {
  let weight = 1;
  let count = 0;
  while (count < entries.length && entries[count]!.select < 0 && weight + entries[count]!.value.weight <= MAX_WEIGHT) {
    weight += entries[count++]!.value.weight;
  }
  const members = entries.slice(0, count).map(({ key, value }) => `${property(key)}: ${value.code}`);
  const literal = `{${members.join(', ')}}`;
  if (count === entries.length) return { code: literal, weight, looped: loopedLiteral(entries) };
  const calls: string[] = [];
  for (let next = count; next < entries.length; ) {
    const statements: string[] = [];
    for (weight = 0; next < entries.length && (weight === 0 || weight + entries[next]!.value.weight <= MAX_WEIGHT); ) {
      const { key, value, select } = entries[next++]!;
      const name = JSON.stringify(key);
      const set = key === '__proto__' ? `define(o, ${name}, ${value.code});` : `o[${name}] = ${value.code};`;
      statements.push(select < 0 ? set : `if (${parts.test(select)}) ${set}`);
      weight += value.weight;
    }
    calls.push(`${parts.add(`o, ${by}`, statements.join(' '))}(o, ${by});`);
  }
  const whole = parts.add(by, `const o = ${literal}; ${calls.join(' ')} return o;`);
  return { code: `${whole}(${by})`, weight: 1 };
}

function loopedLiteral(entries: readonly Entry<Code>[]): Looped {
  const members = entries.map(({ key, value }) => `${property(key)}: ${value.looped?.code ?? value.code}`);
  return { code: `{${members.join(', ')}}`, leaves: entries.flatMap(({ value }) => value.looped?.leaves ?? []) };
}

/** Whether bits from..to-1 of a bitmap are all set. */
export function allSet(bitmap: Uint8Array, from: number, to: number): boolean {
  let i = from;
  for (; i < to && (i & 7) !== 0; i++) if (!bit(bitmap, i)) return false;
  for (; i + 8 <= to; i += 8) if (bitmap[i >> 3] !== 0xff) return false;
  for (; i < to; i++) if (!bit(bitmap, i)) return false;
  return true;
}

/** Names come into the code as JSON strings only. */
export class CodeTarget implements Target<Code> {
  private readonly functions: string[] = [];
  private readonly getters: string[] = [];
  /** What makes a leaf ready for the rows from `i` up to `end`, which it may lower. */
  private readonly leaves: { readonly end: string; readonly ready: string }[] = [];
  private viewCount = 0;

  getter({ code }: Code, select: number): number {
    const value = select < 0 ? code : `${this.test(select)} ? ${code} : undefined`;
    return this.getters.push(`function () { const i = slotOf(this); ${PROLOGUE} return ${value}; }`) - 1;
  }

  leaf(validity: number, view: number, { code, isRun }: Reader): Code {
    const test = this.test(validity);
    const bits = this.view(validity);
    const name = this.view(view);
    const n = this.leaves.push({
      end: isRun ? `const to${name} = ${name}.endOf(i); if (to${name} < end) end = to${name};` : '',
      ready:
        `const all${bits} = allSet(${bits}, i, end), own${bits} = ${bits}, ` +
        (isRun
          ? `text${name} = ${name}.text, ends${name} = ${name}.ends, next${name} = 1 - ${name}.first, base${name} = ${name}.base; ` +
            `let at${name} = ends${name}[i + next${name} - 1] - base${name};`
          : `own${name} = ${name};`),
    });
    // where one value ends the next begins, also behind those that are not there
    const value = isRun
      ? `text${name}.substring(at${name}, at${name} = ends${name}[i + next${name}] - base${name})`
      : code(`own${name}`, 'i');
    return {
      code: `${test} ? ${code(name, 'i')} : null`,
      weight: 1,
      looped: { code: `all${bits} || (own${bits}[b] & m) !== 0 ? ${value} : null`, leaves: [n - 1] },
    };
  }

  object(entries: readonly Entry<Code>[]): Code {
    return objectCode(entries, 'i', {
      add: (parameters, body) => this.add(parameters, `${PROLOGUE} ${body}`),
      test: (bitmap) => this.test(bitmap),
    });
  }

  fixedList(size: number, element: Code, select: number): Code {
    return this.list(`p * ${size}`, `p * ${size} + ${size}`, element, select);
  }

  countedList(offsets: number, element: Code, select: number): Code {
    const ends = this.view(offsets);
    return this.list(`${ends}[p]`, `${ends}[p + 1]`, element, select);
  }

  finish(root: Code): Builder {
    const views = Array.from({ length: this.viewCount }, (_, n) => `v${n}`);
    const body = [
      '"use strict";',
      views.length > 0 ? `let ${views.join(', ')};` : '',
      ...this.functions,
      `return { bind(views) { ${views.map((name, n) => `${name} = views[${n}];`).join(' ')} },`,
      `make(i) { ${PROLOGUE} return ${root.code}; },`,
      `fill(from, to, list) { ${this.loop(root)} },`,
      `getters: [${this.getters.join(', ')}] };`,
    ].join('\n');
    return new Function(...Object.keys(HELPERS), body)(...Object.values(HELPERS)) as Builder;
  }

  /**
   * Over rows: strings come out of runs, and as far as the shortest of them goes, what does not change from row to row
   * is taken out of the loop. A third of the time goes into that otherwise.
   */
  private loop({ code, looped }: Code): string {
    const leaves = (looped?.leaves ?? []).map((n) => this.leaves[n]!);
    return `for (let i = from; i < to; ) {
      let end = to;
      ${leaves.map(({ end }) => end).join(' ')}
      ${leaves.map(({ ready }) => ready).join('\n')}
      for (; i < end; i++) { ${PROLOGUE} list.push(${looped?.code ?? code}); }
    }`;
  }

  private list(from: string, to: string, element: Code, select: number): Code {
    const item = select < 0 ? element.code : `${this.test(select)} ? ${element.code} : null`;
    const loop = `for (let i = ${from}, end = ${to}; i < end; i++) { ${PROLOGUE} list.push(${item}); }`;
    return { code: `${this.add('p', `const list = []; ${loop} return list;`)}(i)`, weight: 1 };
  }

  private add(parameters: string, body: string): string {
    const name = `f${this.functions.length}`;
    this.functions.push(`function ${name}(${parameters}) { ${body} }`);
    return name;
  }

  private test(bitmap: number): string {
    return `(${this.view(bitmap)}[b] & m) !== 0`;
  }

  private view(n: number): string {
    this.viewCount = Math.max(this.viewCount, n + 1);
    return `v${n}`;
  }
}
