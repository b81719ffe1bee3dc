/**
 * Cursors: a batch's rows without objects. The views' getters are made once for a schema and the way it is shown, as code
 * or as closures (builders.ts), and read the columns where the cursor stands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Digits, writeDigits } from '../engine/digits.js';
import type { ValueOptions } from '../options.js';
import type { GroupNode, Schema } from '../plan/schema.js';
import type { Batch } from './batch.js';
import { ClosureTarget, CodeTarget, type Target, mayGenerate } from './builders.js';
import { RowView, type Standing, groupOf } from './row-view.js';
import { type Row, releaseRows } from './rows.js';
import { Binder } from './views.js';
import { Walk } from './walk.js';

/** Stands at a row of a batch. `T`: what its rows are, as {@link Row} unless more is known. */
export interface RowCursor<T extends object = Row> extends Iterable<T> {
  /**
   * The row at hand: always this object, whose properties read the batch when they are asked for. Groups are views too;
   * tables are arrays made anew each time. Keep values, not the view.
   */
  readonly row: T;
  readonly index: number;
  readonly length: number;
  /** Goes to a row. @throws RangeError where there is none */
  seek(index: number): T;
  /** All rows from the first on: `row`, again and again. */
  [Symbol.iterator](): IterableIterator<T>;
}

export function cursorOf<T extends object>(
  batch: Batch,
  options: ValueOptions = {},
  generate: boolean = mayGenerate(),
  digits: Digits = writeDigits,
): Cursor<T> {
  return new Cursor<T>(batch, viewsOf(batch.schema, options, generate, digits));
}

/** Lets go of the batch that was read last by cursors, or made into objects, of this schema. */
export function releaseViews(schema: Schema): void {
  releaseRows(schema);
  for (const { binder } of known.get(schema)?.values() ?? []) binder.release();
}

/** The classes of a schema's views. */
interface Views {
  readonly binder: Binder;
  make(standing: Standing): RowView;
}

const known = new WeakMap<Schema, Map<string, Views>>();

function viewsOf(schema: Schema, options: ValueOptions, generate: boolean, digits: Digits): Views {
  const { names = 'camel', decimals = 'string' } = options;
  const key = `${names} ${decimals} ${generate} ${digits === writeDigits}`;
  let ways = known.get(schema);
  if (!ways) known.set(schema, (ways = new Map()));
  let views = ways.get(key);
  if (!views) {
    views = generate
      ? makeViews(schema, options, digits, new CodeTarget())
      : makeViews(schema, options, digits, new ClosureTarget());
    ways.set(key, views);
  }
  return views;
}

type Getter = (this: RowView) => unknown;

/** Makes a view of a group, given where the cursor stands. */
type MakeView = (standing: Standing) => RowView;

function makeViews<T>(schema: Schema, options: ValueOptions, digits: Digits, target: Target<T>): Views {
  const binder = new Binder(schema);
  const walk = new Walk(options, digits, target);
  /** Once the getters are there, puts them into their classes. */
  const settle: ((getters: readonly Getter[]) => void)[] = [];

  function viewOf(node: Schema | GroupNode): MakeView {
    class View extends RowView {}
    const property = (key: string, get: Getter): void => {
      Object.defineProperty(View.prototype, key, { get, enumerable: true, configurable: true });
    };
    const groups: MakeView[] = [];
    for (const child of node.children) {
      const key = walk.key(child);
      const select = walk.selection(child.select, 0);
      const isGroup = child.node === 'group';
      // of a group the getter only says whether it is there
      const getter = target.getter(isGroup ? target.object([]) : walk.value(child, 0), select);
      const number = isGroup ? groups.push(viewOf(child)) - 1 : -1;
      settle.push((getters) =>
        property(key, isGroup ? groupGetter(number, select, getters[getter]!) : getters[getter]!),
      );
    }
    return (standing) => {
      const own = groups.map((make) => make(standing));
      return new View(standing, own);
    };
  }

  const make = viewOf(schema);
  const { getters } = walk.finish(target.object([]), binder);
  for (const put of settle) put(getters);
  return { binder, make };
}

function groupGetter(number: number, select: number, isThere: Getter): Getter {
  return function () {
    return select < 0 || isThere.call(this) !== undefined ? groupOf(this, number) : undefined;
  };
}

export class Cursor<T extends object> implements RowCursor<T> {
  readonly row: T;
  readonly length: number;
  private readonly standing: Standing;

  constructor(batch: Batch, { binder, make }: Views) {
    this.length = batch.length;
    this.standing = { batch, binder, slot: 0 };
    this.row = make(this.standing) as unknown as T;
  }

  get index(): number {
    return this.standing.slot;
  }

  seek(index: number): T {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length))
      throw new RangeError(`Row ${index} of a batch of ${this.length}`);
    this.standing.slot = index;
    return this.row;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return new Steps(this.row, this.length, this.standing);
  }

  /** Its batch's memory will be used again: what is asked for from now on is an error. */
  end(): void {
    this.standing.batch = null;
  }
}

/** From row to row, by hand: a generator takes five times as long for a step, and all steps give the same. */
class Steps<T> implements IterableIterator<T> {
  private at = -1;
  private readonly here: IteratorResult<T>;

  constructor(
    row: T,
    private readonly length: number,
    private readonly standing: Standing,
  ) {
    this.here = { value: row, done: false };
  }

  next(): IteratorResult<T> {
    if (this.at + 1 >= this.length) return { value: undefined, done: true };
    this.standing.slot = ++this.at;
    return this.here;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
