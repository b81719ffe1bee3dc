/**
 * What the values of fields are like: how many there are, how many are null or bad, the least and the greatest, a histogram of numbers, the
 * most frequent texts. All is exact: decimals are counted as scaled integers, and come as strings of digits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Batch, Column } from '../batch/batch.js';
import { bit } from '../batch/views.js';
import { exactDecimal, exactLong } from '../batch/values.js';
import type { Bin, FieldStatistics, Statistics } from '../client/types.js';
import { Type } from '../plan/opcodes.js';
import type { FieldNode } from '../plan/schema.js';
import type { Reader } from '../read.js';

/** Bins of a histogram, and texts that are listed, at most. */
const BINS = 20;
const FREQUENT = 10;
/** Digits of a mean behind those of the field. */
const MORE_DIGITS = 4;

/**
 * Statistics of fields of the first records of a reader, which is read so far and no further.
 * @param paths of the fields, all of them in the reader's `select`
 * @param most records and values that are looked at; a batch goes in whole, so the reader's `batchRecords` should divide `most.records`
 */
export async function statisticsOf(
  reader: Reader,
  paths: readonly string[],
  most: { readonly records: number; readonly values: number },
): Promise<Statistics> {
  let all: Tally[] | null = null;
  let records = 0;
  let complete = true;
  for await (const { batch } of reader.decoded('latin1')) {
    if (records >= most.records || (all && all.reduce((sum, { size }) => sum + size, 0) >= most.values)) {
      complete = false;
      break;
    }
    all ??= paths.map((path) => tallyOf(path, batch));
    for (const tally of all) tally.add(batch);
    records += batch.length;
  }
  return { fields: (all ?? []).map((tally) => tally.result()), records, complete };
}

function tallyOf(path: string, batch: Batch): Tally {
  const { field } = batch.get(path)!;
  if (field.kind === 'text') return new TextTally(path, field);
  return field.kind === 'float' ? new FloatTally(path, field) : new NumberTally(path, field);
}

abstract class Tally {
  protected count = 0;
  private absent = 0;
  private bad = 0;

  constructor(
    private readonly path: string,
    protected readonly field: FieldNode,
  ) {}

  /** Values that are kept in memory. */
  abstract get size(): number;

  add(batch: Batch): void {
    const column = batch.get(this.path)!;
    this.absent += column.absentCount;
    this.bad += column.badCount;
    const { length, validity } = column;
    const read = this.reader(column);
    for (let slot = 0; slot < length; slot++) {
      if (!bit(validity, slot)) continue;
      this.count++;
      read(slot);
    }
  }

  result(): FieldStatistics {
    const { path, field, count, absent, bad } = this;
    const none = { min: null, max: null, mean: null, distinct: null, histogram: null, frequent: null };
    return {
      field: path,
      kind: field.kind,
      count,
      null: absent,
      bad,
      ...none,
      ...(count > 0 && this.described()),
    };
  }

  protected abstract reader(column: Column): (slot: number) => void;
  protected abstract described(): Partial<FieldStatistics>;
}

class TextTally extends Tally {
  private readonly counts = new Map<string, number>();

  get size(): number {
    return this.counts.size;
  }

  protected reader({ values, offsets }: Column): (slot: number) => void {
    const { counts } = this;
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const encoding = this.field.latin1 ? 'latin1' : 'utf8';
    return (slot) => {
      const text = bytes.toString(encoding, offsets![slot]!, offsets![slot + 1]!);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    };
  }

  protected described(): Partial<FieldStatistics> {
    let [min] = this.counts.keys() as unknown as [string];
    let max = min;
    for (const value of this.counts.keys()) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const frequent = [...this.counts]
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .slice(0, FREQUENT)
      .map(([value, count]) => ({ value, count }));
    return { min, max, distinct: this.counts.size, frequent };
  }
}

/** Integers and decimals, as integers of the field's scale. */
class NumberTally extends Tally {
  private readonly values: (number | bigint)[] = [];

  get size(): number {
    return this.values.length;
  }

  protected reader({ values }: Column): (slot: number) => void {
    const kept = this.values;
    const { type } = this.field;
    if (type === Type.INT32) return (slot) => kept.push((values as Int32Array)[slot]!);
    const words = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
    const read = type === Type.INT64 ? exactLong : exactDecimal;
    return (slot) => kept.push(read(words, slot));
  }

  protected described(): Partial<FieldStatistics> {
    const { values } = this;
    const { scale } = this.field;
    let [min, max] = [values[0]!, values[0]!];
    let sum = 0n;
    // added up as doubles while these are exact
    let part = 0;
    for (const value of values) {
      if (value < min) min = value;
      if (value > max) max = value;
      if (typeof value === 'bigint') sum += value;
      else if (Number.isSafeInteger(part + value)) part += value;
      else {
        sum += BigInt(part);
        part = value;
      }
    }
    sum += BigInt(part);
    return {
      min: decimalText(min, scale),
      max: decimalText(max, scale),
      mean: decimalText(quotient(sum * 10n ** BigInt(MORE_DIGITS), BigInt(values.length)), scale + MORE_DIGITS),
      distinct: new Set(values).size,
      histogram: this.histogram(BigInt(min), BigInt(max)),
    };
  }

  /** Bins of the same number of possible values, or one value less. */
  private histogram(min: bigint, max: bigint): Bin[] {
    const { scale } = this.field;
    const range = max - min + 1n;
    const bins = range < BINS ? Number(range) : BINS;
    const start = (bin: number): bigint => min + (range * BigInt(bin) + BigInt(bins) - 1n) / BigInt(bins);
    const counts = new Array<number>(bins).fill(0);
    const [low, width] = [Number(min), Number(range)];
    const isSafe = range * BigInt(bins) < 2n ** 53n && Number.isSafeInteger(low) && Number.isSafeInteger(Number(max));
    for (const value of this.values) {
      const bin = isSafe
        ? Math.floor(((Number(value) - low) * bins) / width)
        : Number(((BigInt(value) - min) * BigInt(bins)) / range);
      counts[bin]!++;
    }
    return counts.map((count, bin) => ({
      from: decimalText(start(bin), scale),
      to: decimalText(start(bin + 1) - 1n, scale),
      count,
    }));
  }
}

class FloatTally extends Tally {
  private readonly values: number[] = [];

  get size(): number {
    return this.values.length;
  }

  protected reader({ values }: Column): (slot: number) => void {
    const kept = this.values;
    return (slot) => kept.push((values as Float64Array | Float32Array)[slot]!);
  }

  protected described(): Partial<FieldStatistics> {
    // NaN and the infinities of IEEE floats are values, but none that can be counted in bins
    const finite = this.values.filter(Number.isFinite);
    if (finite.length === 0) return {};
    let [min, max, mean] = [finite[0]!, finite[0]!, 0];
    for (const value of finite) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      mean += value / finite.length;
    }
    const bins = min === max ? 1 : BINS;
    // halves: the whole range may be more than a double holds
    const edge = (bin: number): number => (bin === bins ? max : min + (max / bins - min / bins) * bin);
    const counts = new Array<number>(bins).fill(0);
    for (const value of finite) {
      const bin = Math.floor((value / 2 - min / 2) / ((max / 2 - min / 2) / bins));
      counts[Number.isFinite(bin) ? Math.min(bins - 1, bin) : 0]!++;
    }
    const histogram = counts.map((count, bin) => ({ from: String(edge(bin)), to: String(edge(bin + 1)), count }));
    return { min: String(min), max: String(max), mean: String(mean), histogram };
  }
}

/** Rounded half to even; `divisor` is above 0. */
function quotient(dividend: bigint, divisor: bigint): bigint {
  let whole = dividend / divisor;
  let rest = dividend % divisor;
  if (rest < 0n) {
    rest += divisor;
    whole -= 1n;
  }
  const twice = 2n * rest;
  return twice > divisor || (twice === divisor && whole % 2n !== 0n) ? whole + 1n : whole;
}

/** `12.50` of 1250 and 2. */
function decimalText(value: number | bigint, scale: number): string {
  const digits = String(value < 0 ? -value : value).padStart(scale + 1, '0');
  const sign = value < 0 ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
