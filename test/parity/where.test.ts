/**
 * Native = TypeScript for conditions: random ones over random layouts, with records good, bad and cut, select the same
 * records on both engines. `OVERPUNCH_PARITY=N` runs N layouts, `OVERPUNCH_SEED=S` starts at seed S.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { bit } from '../../src/batch/views.js';
import { DecodeLoop } from '../../src/batch/decode.js';
import { Copybook } from '../../src/copybook.js';
import type { Engine, Records } from '../../src/engine/engine.js';
import { OverpunchError } from '../../src/errors.js';
import { type Item, walk } from '../../src/layout/item.js';
import type { DecodeOptions } from '../../src/options.js';
import { compileFilter } from '../../src/plan/compile.js';
import { engines } from '../engine/engines.js';
import { Random, RecordWriter, randomCopybook, randomOptions } from './random.js';

const LAYOUTS = Math.ceil(Number(process.env.OVERPUNCH_PARITY ?? 1000) / 2);
const FIRST = Number(process.env.OVERPUNCH_SEED ?? 1);
const CHUNK = 50;

const both = engines();

describe.skipIf(both.length < 2)('both engines select the same records', () => {
  for (let from = FIRST; from < FIRST + LAYOUTS; from += CHUNK) {
    it(`layouts ${from} to ${from + CHUNK - 1}`, () => {
      const seen = { conditions: 0, selected: 0, records: 0 };
      for (let seed = from; seed < from + CHUNK; seed++) compare(seed, seen);
      // most conditions can be compiled, and they are neither always true nor never
      expect(seen.conditions).toBeGreaterThan(CHUNK * 3);
      expect(seen.selected).toBeGreaterThan(seen.records / 20);
      expect(seen.selected).toBeLessThan((seen.records * 19) / 20);
    });
  }
});

function compare(seed: number, seen: { conditions: number; selected: number; records: number }): void {
  const random = new Random(seed + 77_000);
  const text = randomCopybook(random);
  const { layout } = Copybook.parse(text, { format: 'fixed' });
  const options = { ...randomOptions(random, layout), record: {} };
  const writer = new RecordWriter(random, layout, options);
  const quality = random.pick([100, 90, 50, 0]);
  const count = random.pick([1, 40, 300, 600]);
  const list = Array.from({ length: count }, () => writer.record(quality));
  const items = [...walk(layout.records[0]!.item)].filter((item) => isOutsideTables(item) && !item.filler);
  for (let n = 0; n < 8; n++) {
    const condition = new Conditions(random, items, list, options).any(3);
    let filter: ReturnType<typeof compileFilter>;
    try {
      filter = compileFilter(layout, condition, options);
    } catch (error) {
      // fields behind variable tables, kinds that do not go together, characters that a page does not have
      if (!(error instanceof OverpunchError)) throw error;
      continue;
    }
    const records = random.chance(60) ? lay(list) : even(list, random);
    const [one, other] = both.map((engine) => selected(engine, filter, records));
    expect(other, `seed ${seed}: ${condition}\n${JSON.stringify(options)}\n${text}`).toEqual(one);
    seen.conditions++;
    seen.records += records.count;
    seen.selected += one!.length;
  }
}

function isOutsideTables(item: Item): boolean {
  for (let at: Item | null = item; at; at = at.parent) if (at.occurs) return false;
  return true;
}

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='];

/** Conditions on some items, with constants that are near what the records hold. */
class Conditions {
  constructor(
    private readonly random: Random,
    private readonly items: readonly Item[],
    private readonly records: readonly Uint8Array[],
    private readonly options: DecodeOptions,
  ) {}

  any(depth: number): string {
    const { random } = this;
    if (depth > 0 && random.chance(35))
      return `(${this.any(depth - 1)} ${random.pick(['AND', 'OR'])} ${this.any(depth - 1)})`;
    if (depth > 0 && random.chance(15)) return `NOT ${this.any(depth - 1)}`;
    return this.one(random.pick(this.items));
  }

  private one(item: Item): string {
    const { random } = this;
    switch (random.below(9)) {
      case 0:
        return `${item.name} IS ${random.pick(['', 'NOT '])}NULL`;
      case 1:
        return `${item.name} ${random.pick(COMPARISONS)} ${random.pick(this.alike(item)).name}`;
      case 2:
        return `${item.name} IN (${this.constant(item)}, ${this.constant(item)}, ${this.constant(item)})`;
      case 3:
        return `${item.name} BETWEEN ${this.constant(item)} AND ${this.constant(item)}`;
      case 4:
        if (isNumber(item)) break;
        return `${item.name} LIKE '${this.pattern(item)}'`;
      default:
    }
    return `${item.name} ${random.pick(COMPARISONS)} ${this.constant(item)}`;
  }

  private alike(item: Item): Item[] {
    return this.items.filter(
      (other) => isNumber(other) === isNumber(item) && (item.kind === 'float') === (other.kind === 'float'),
    );
  }

  private pattern(item: Item): string {
    const { random } = this;
    const text = random.chance(50) ? this.text(item) : 'A';
    const at = random.below(text.length + 1);
    return random.pick([
      `${text.slice(0, at)}%`,
      `%${text.slice(at)}`,
      `${text.slice(0, at)}_%`,
      '%',
      `_${text.slice(1)}`,
      '%A%',
    ]);
  }

  private constant(item: Item): string {
    const { random } = this;
    if (!isNumber(item)) {
      if (random.chance(10))
        return random.pick(['SPACES', 'LOW-VALUES', 'HIGH-VALUES', 'ZEROS', "ALL 'A'", "ALL 'xy'"]);
      if (random.chance(20)) return `X'${Buffer.from(this.bytes(item)).toString('hex')}'`;
      return `'${this.text(item)}'`;
    }
    if (item.kind === 'zoned' && random.chance(10)) return random.pick(['SPACES', 'LOW-VALUES', 'ZEROS', "ALL '9'"]);
    if (item.kind === 'float') return random.pick(['0.0', '-1.5', '1.0E+20', '100.25', '-1.0E-30']);
    const digits = random.chance(90) ? item.digits : random.pick([2, 20, 40]);
    const whole = digits - Math.max(0, item.scale);
    let value = random.chance(30) ? this.digits(Math.ceil(Math.max(1, whole) / 2)) : this.digits(Math.max(1, whole));
    if (item.scale > 0 && random.chance(80)) value += `.${this.digits(item.scale + random.below(2))}`;
    return random.chance(item.signed ? 50 : 5) ? `-${value}` : value;
  }

  private digits(n: number): string {
    return Array.from({ length: n }, () => this.random.below(10)).join('');
  }

  /** What a record has there, as far as the item's offset is its place. */
  private bytes(item: Item): Uint8Array {
    const bytes = this.random.pick(this.records).slice(item.offset, item.offset + Math.min(40, item.length));
    const some = bytes.subarray(0, 1 + this.random.below(bytes.length));
    return some.length > 0 ? some : Uint8Array.of(0xc1);
  }

  private text(item: Item): string {
    if (item.kind === 'dbcs') return this.random.pick(['', '　', '、', 'あ', 'あい']);
    if (this.random.chance(20)) return this.random.pick(['', 'A', 'ABC', 'é', '\n', '9']);
    const bytes = this.bytes(item);
    if (item.kind === 'national')
      return Buffer.from(bytes)
        .toString('latin1')
        .replace(/[\0-\x1f'\x7f-\x9f]/g, 'B');
    const characters =
      this.options.encoding === 'ascii' ? [...Buffer.from(bytes).toString('latin1')] : [...bytes].map(letter);
    return characters.join('').replace(/['\0]/g, ' ');
  }
}

const letter = (byte: number): string =>
  byte >= 0xc1 && byte <= 0xc9
    ? String.fromCharCode(0x41 + byte - 0xc1)
    : byte >= 0xf0 && byte <= 0xf9
      ? String(byte - 0xf0)
      : ' ';

const isNumber = ({ kind, edited }: Item): boolean =>
  ['zoned', 'packed', 'binary', 'float', 'pointer'].includes(kind) || (kind === 'edited' && edited!.numeric);

/** One behind another. */
function lay(list: readonly Uint8Array[]): Records {
  const data = Uint8Array.from(Buffer.concat(list));
  const ends = new Uint32Array(list.length);
  let at = 0;
  list.forEach((bytes, i) => {
    ends[i] = at += bytes.length;
  });
  const starts = ends.map((end, i) => end - list[i]!.length);
  return { data, starts, ends, first: 0, count: list.length, stride: 0 };
}

/** All of one length: that of one of them. */
function even(list: readonly Uint8Array[], random: Random): Records {
  const stride = Math.max(
    1,
    random.chance(70) ? Math.max(...list.map(({ length }) => length)) : random.pick(list).length,
  );
  const data = new Uint8Array(stride * list.length);
  list.forEach((bytes, i) => data.set(bytes.subarray(0, stride), i * stride));
  return { data, starts: null, ends: null, first: 0, count: list.length, stride };
}

function selected(engine: Engine, { plan, frame }: ReturnType<typeof compileFilter>, records: Records): number[] {
  const loop = new DecodeLoop(engine, plan, { own: false, batchRecords: 512, typicalLength: 100 });
  const rows: number[] = [];
  for (const { batch } of loop.batches({ records, firstRecord: 0, recordNumbers: null })) {
    const bits = batch.selection(frame, batch.length);
    for (let row = 0; row < batch.length; row++) if (bit(bits, row)) rows.push(batch.firstRecord + row);
  }
  return rows;
}
