/**
 * Our reading of a copybook and its records against the judge's: every item's offset and length, every value in every
 * record, every condition-name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { isDeepStrictEqual } from 'node:util';
import {
  Copybook,
  type Item,
  type OpenOptions,
  OverpunchError,
  type RecordLayout,
  type Row,
  type RowValue,
  type Schema,
  type SchemaNode,
  open,
} from '../../src/index.js';
import { walk } from '../../src/layout/item.js';
import { compile } from '../../src/plan/compile.js';
import { type Deviation, conditionDeviation, deviation } from './deviations.js';
import type { JudgedValue, Verdict } from './judge.js';

export type EngineName = 'native' | 'ts';

export interface Comparison {
  /** One line each: what, ours, theirs, bytes. */
  readonly differences: string[];
  readonly offsets: number;
  readonly values: number;
  readonly conditions: number;
  /** Values that were not compared, by the rule. */
  readonly excluded: Map<Deviation | 'unsupported', number>;
}

/** Codes of items that can't be decoded, or not with the code page that the judge has. */
const UNSUPPORTED: readonly string[] = ['OVP_PLAN_UNSUPPORTED', 'OVP_OPTION_CODE_PAGE'];

/** Records are decoded this many times over, so that they fill the kernels' vectors. */
const COPIES = 9;

export async function compare(verdict: Verdict, engines: readonly EngineName[]): Promise<Comparison> {
  const result = { differences: [] as string[], offsets: 0, values: 0, conditions: 0, excluded: new Map() };
  const native = verdict.dialect === 'native';
  let copybook: Copybook;
  try {
    copybook = Copybook.parse(verdict.text, { dialect: native ? 'gnucobol' : 'ibm', format: verdict.format });
  } catch (error) {
    result.differences.push(`refused: ${String(error)}`);
    return result;
  }
  const record = copybook.layout.records.find(
    ({ item }) => item.filler || item.name === verdict.record || item.level !== 1,
  );
  if (!record) {
    result.differences.push(`no record ${verdict.record}`);
    return result;
  }
  const comparer = new Comparer(verdict, copybook, record, result);
  if (!comparer.layout()) return result;
  for (const engine of engines) {
    await comparer.values(engine);
    await comparer.conditions(engine);
  }
  return result;
}

class Comparer {
  private readonly items: readonly Item[];
  private readonly options: OpenOptions;
  /** The records as a file of variable records (RDW). */
  private readonly file: Uint8Array;
  private readonly bytes: readonly Uint8Array[];

  constructor(
    private readonly verdict: Verdict,
    private readonly copybook: Copybook,
    private readonly record: RecordLayout,
    private readonly result: Comparison & { offsets: number; values: number; conditions: number },
  ) {
    this.items = [...walk(record.item)];
    this.bytes = verdict.records.map(({ hex }) => Buffer.from(hex, 'hex'));
    const framed = this.bytes.flatMap((one) => [Uint8Array.of((one.length + 4) >> 8, one.length + 4, 0, 0), one]);
    this.file = Buffer.concat(Array.from({ length: COPIES }, () => framed).flat());
    this.options = {
      copybook,
      recfm: 'V',
      encoding: verdict.encoding,
      floats: verdict.dialect === 'native' ? 'ieee-little' : 'ibm',
      asciiSigns: verdict.signs === 'ascii' ? 'p-y' : 'overpunch',
      names: 'cobol',
      trim: 'none',
      absent: 'keep',
      filler: true,
      onBadData: 'null',
      ...this.supported(),
    };
  }

  /** Offsets and lengths; false where the items are not even the same. */
  layout(): boolean {
    const { verdict, items, record, result } = this;
    const named = verdict.items.filter(({ level }) => level !== 66);
    const same = named.length === items.length && named.every(({ name }, i) => i === 0 || name === items[i]!.name);
    if (!same) {
      const list = (all: readonly { name: string }[]): string => all.map(({ name }) => name).join(' ');
      result.differences.push(`items: ours ${list(items)}, theirs ${list(named)}`);
      return false;
    }
    for (const [id, subscripts, offset, length] of verdict.layout) {
      const item = items[id - 1];
      const mine = item ? placed(item, subscripts) : record.renames[id - 1 - items.length]!;
      result.offsets++;
      if (mine.offset === offset && mine.length === length) continue;
      if (verdict.sync === 'compiler' && this.startsAligned(item)) continue;
      this.differ(id, subscripts, `lies at ${mine.offset} for ${mine.length}`, `at ${offset} for ${length}`);
    }
    return true;
  }

  async values(engine: EngineName): Promise<void> {
    for (const edited of ['number', 'text'] as const) {
      const options = { ...this.options, engine, edited };
      const rows: Row[] = [];
      for await (const row of open(this.file, options)) rows.push(row);
      if (!this.isRepeated(rows, engine)) return;
      const schema = compile(this.copybook.layout, options).schema;
      const paths = this.pathsOf(schema);
      for (const [number, { values }] of this.verdict.records.entries()) {
        for (const judged of values) {
          const item = this.items[judged[0] - 1]!;
          if (edited === 'text' && item.kind !== 'edited') continue;
          const steps = paths.get(item);
          if (steps) this.value(item, judged, number, valueAt(rows[number]!, steps, judged[1]), engine, edited);
          else if (this.options.select) this.exclude('unsupported');
          else this.differ(judged[0], judged[1], 'is not decoded', 'is there');
        }
      }
    }
  }

  /** 88 levels outside of tables, by `where`. */
  async conditions(engine: EngineName): Promise<void> {
    const { verdict, result } = this;
    const known = this.items.flatMap(({ conditions }) => conditions.map(({ name }) => name));
    for (const item of this.items) {
      for (const { name } of item.conditions) {
        if (inTable(item) || known.indexOf(name) !== known.lastIndexOf(name)) continue;
        const chosen = new Set<number>();
        const reader = open(this.file, { ...this.options, engine, where: name });
        for await (const batch of reader.batches()) {
          for (let row = 0; row < batch.length; row++) {
            chosen.add(batch.recordNumbers ? batch.recordNumbers[row]! : batch.firstRecord + row);
          }
        }
        for (const [number, judged] of verdict.records.entries()) {
          const theirs = judged.conditions.find(([id, , other]) => this.items[id - 1] === item && other === name);
          const value = judged.values.find(([id]) => this.items[id - 1] === item);
          if (!theirs || value?.[5] === false) continue;
          const at = value ? value[2] : item.offset;
          const bytes = this.bytes[number]!.subarray(at, at + item.length);
          const rule = conditionDeviation(item, bytes, value, verdict);
          if (rule) {
            this.exclude(rule);
            continue;
          }
          result.conditions++;
          const ours = chosen.has(number + 1);
          if (ours !== theirs[3]) this.differ(theirs[0], [], `${name} is ${ours} (${engine})`, `${theirs[3]}`, number);
        }
      }
    }
  }

  private value(
    item: Item,
    judged: JudgedValue,
    number: number,
    ours: RowValue | undefined,
    engine: EngineName,
    edited: 'number' | 'text',
  ): void {
    const [id, subscripts, , , value, numeric, text] = judged;
    const rule = edited === 'number' ? this.deviation(item, judged, number) : null;
    if (rule) return this.exclude(rule);
    this.result.values++;
    const theirs = edited === 'text' ? (text ?? value) : numeric === false ? null : inOurTerms(item, value);
    const mine = typeof ours === 'bigint' || typeof ours === 'number' ? shown(item, ours) : ours;
    if (mine === theirs) return;
    this.differ(id, subscripts, `is ${JSON.stringify(mine)} (${engine})`, JSON.stringify(theirs), number, judged);
  }

  private deviation(item: Item, judged: JudgedValue, number: number): Deviation | null {
    const bytes = this.bytes[number]!.subarray(judged[2], judged[2] + judged[3]);
    return deviation(item, bytes, judged, this.verdict);
  }

  /** Every copy of a record must come out as the first did. */
  private isRepeated(rows: readonly Row[], engine: EngineName): boolean {
    const count = this.bytes.length;
    if (rows.length !== count * COPIES) {
      this.result.differences.push(`${rows.length} rows (${engine}) of ${count * COPIES} records`);
      return false;
    }
    for (let i = count; i < rows.length; i++) {
      if (isDeepStrictEqual(rows[i], rows[i % count])) continue;
      this.result.differences.push(`record ${i + 1} (${engine}) differs from ${(i % count) + 1}, whose bytes it has`);
      return false;
    }
    return true;
  }

  /** The way to each elementary item's value in a row: keys, and null for a subscript. */
  private pathsOf(schema: Schema): Map<Item, readonly (string | null)[]> {
    const found: { readonly path: string; readonly steps: readonly (string | null)[] }[] = [];
    const visit = (node: SchemaNode, steps: readonly (string | null)[]): void => {
      if (node.node === 'field') found.push({ path: node.path, steps });
      else if (node.node === 'group') for (const child of node.children) visit(child, [...steps, child.keys.cobol]);
      else visit(node.element, [...steps, null]);
    };
    const records = this.copybook.layout.records;
    const roots =
      records.length === 1 ? schema.children : schema.children.filter(({ path }) => path === this.record.item.path);
    for (const node of roots) visit(node, [node.keys.cobol]);
    // fields are in the order of the source, as the items are; names may come twice
    let next = 0;
    const paths = new Map<Item, readonly (string | null)[]>();
    for (const item of this.items) {
      if (item.kind === 'group' || found[next]?.path !== item.path) continue;
      paths.set(item, found[next++]!.steps);
    }
    return paths;
  }

  /** Where some items can't be decoded yet, the others by name. */
  private supported(): { select?: readonly string[] } {
    const isSupported = (select?: readonly string[]): boolean => {
      try {
        compile(this.copybook.layout, { encoding: this.verdict.encoding, filler: true, ...(select && { select }) });
        return true;
      } catch (error) {
        if (error instanceof OverpunchError && UNSUPPORTED.includes(error.code)) return false;
        throw error;
      }
    };
    if (isSupported()) return {};
    const paths = this.items.filter(({ kind, filler }) => kind !== 'group' && !filler).map(({ path }) => path);
    return { select: paths.filter((path) => isSupported([path])) };
  }

  /** A group that begins with an aligned item: GnuCOBOL has the slack inside it (deviations.md, "SYNC"). */
  private startsAligned(item: Item | undefined): boolean {
    let at = item;
    while (at && at.kind === 'group') at = at.children[0];
    return at !== item && at?.synchronized === true;
  }

  private exclude(rule: Deviation | 'unsupported'): void {
    this.result.excluded.set(rule, (this.result.excluded.get(rule) ?? 0) + 1);
  }

  private differ(
    id: number,
    subscripts: readonly number[],
    ours: string,
    theirs: string,
    record?: number,
    judged?: JudgedValue,
  ): void {
    const { path, pic, usage } = this.verdict.items[id - 1]!;
    const index = subscripts.length > 0 ? `(${subscripts.join(',')})` : '';
    const bytes = judged ? this.verdict.records[record!]!.hex.slice(judged[2] * 2, (judged[2] + judged[3]) * 2) : '';
    const where = record === undefined ? '' : `record ${record + 1}, `;
    const what = [pic, usage].filter(Boolean).join(' ');
    this.result.differences.push(
      `${where}${path}${index}${what && ` (${what})`}: ours ${ours}, theirs ${theirs}${bytes && `; bytes ${bytes}`}`,
    );
  }
}

function inTable(item: Item): boolean {
  for (let at: Item | null = item; at; at = at.parent) if (at.occurs) return true;
  return false;
}

/** Offset and length of one occurrence, tables at their maximum. */
function placed(item: Item, subscripts: readonly number[]): { offset: number; length: number } {
  let { offset } = item;
  let left = subscripts.length;
  for (let at: Item | null = item; at; at = at.parent) if (at.occurs) offset += (subscripts[--left]! - 1) * at.stride;
  return { offset, length: item.length };
}

function valueAt(row: Row, steps: readonly (string | null)[], subscripts: readonly number[]): RowValue | undefined {
  let at: RowValue | undefined = row;
  let next = 0;
  for (const step of steps) {
    if (at === null || at === undefined) return at;
    at = step === null ? (at as RowValue[])[subscripts[next++]! - 1] : (at as Row)[step];
  }
  return at;
}

/** A number of ours as text: pointers and floats by their value, others as decimal digits. */
function shown(item: Item, value: number | bigint): string {
  return item.kind === 'pointer' ? BigInt.asUintN(item.length * 8, BigInt(value)).toString(16) : String(value);
}

/** The judge has the characters of a number of USAGE NATIONAL, sign and digits. */
function nationalNumber({ sign, digits, scale }: Item, text: string): string | null {
  const mark = sign.separate ? '([+-])' : '()';
  const found = new RegExp(sign.leading ? `^${mark}(\\d{${digits}})$` : `^(\\d{${digits}})${mark}$`).exec(text);
  if (!found) return null;
  const [one, two] = [found[1]!, found[2]!];
  const number = BigInt(sign.leading ? two : one);
  const padded = String(number).padStart(scale + 1, '0');
  const shown = scale > 0 ? `${padded.slice(0, -scale)}.${padded.slice(-scale)}` : padded;
  return (sign.leading ? one : two) === '-' && number !== 0n ? `-${shown}` : shown;
}

/** The judge's value as we write it: no negative zero, pointers and floats in their shortest form. */
function inOurTerms(item: Item, value: string | null): string | null {
  if (value === null || item.kind === 'text' || item.kind === 'national' || item.kind === 'dbcs') return value;
  if (item.usage === 'NATIONAL') return nationalNumber(item, value);
  if (item.kind === 'pointer') return BigInt(`0x${value}`).toString(16);
  if (item.kind === 'float') return String(Number(value.replace('inf', 'Infinity')) + 0);
  if (item.kind === 'edited' && !item.edited!.numeric) return value;
  return /^-0*\.?0*$/.test(value) ? value.slice(1) : value;
}
