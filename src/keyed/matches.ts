/**
 * Where the records lie that a condition selects, in memory of a limited size: every n-th of their numbers, n being 1 until there are
 * too many. From there the others are found by reading on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { throwIfAborted } from '../connectors/abort.js';
import { type Input, RecordInput } from './input.js';

/** Numbers that are kept at most: half a megabyte. */
const MOST = 1 << 16;

/** A place in a file from which matches are counted. */
export interface MatchPlace {
  /** Number of a record that matches. */
  readonly record: number;
  /** Matches from that one on that come before the one that is wanted. */
  readonly skip: number;
}

export class Matches {
  private kept: Float64Array;
  private count = 0;
  private step = 1;
  private all = 0;

  private constructor(private readonly most: number) {
    this.kept = new Float64Array(most);
  }

  /** Reads all of an input whose options have `where`. @param most an even number of places to keep */
  static async of(input: Input, most = MOST): Promise<Matches> {
    const matches = new Matches(most);
    for await (const { part } of new RecordInput(input).parts()) {
      matches.add(part.recordNumbers, part.firstRecord, part.records.count);
      throwIfAborted(input.options.signal, 'the records');
    }
    matches.kept = matches.kept.slice(0, matches.count);
    return matches;
  }

  /** Records that match. */
  get total(): number {
    return this.all;
  }

  /** Bytes of memory. */
  get byteLength(): number {
    return this.kept.byteLength;
  }

  /** Numbers of the matches from the one at `from` (0-based) on; null where not all of them are kept. */
  numbers(from: number, limit: number): number[] | null {
    return this.step === 1
      ? [...this.kept.subarray(Math.min(from, this.count), Math.min(from + limit, this.count))]
      : null;
  }

  /** From where the match at `index` (0-based, one that there is) is found. */
  before(index: number): MatchPlace {
    return { record: this.kept[Math.floor(index / this.step)]!, skip: index % this.step };
  }

  private add(numbers: Float64Array | null, first: number, count: number): void {
    // rows of which the number is kept
    for (let row = (this.step - (this.all % this.step)) % this.step; row < count; ) {
      if (this.count === this.most) {
        // this row's is one of those that stay: `most` is even
        this.halve();
      }
      this.kept[this.count++] = numbers ? numbers[row]! : first + row;
      row += this.step;
    }
    this.all += count;
  }

  private halve(): void {
    this.step *= 2;
    this.count = this.most / 2;
    for (let i = 0; i < this.count; i++) this.kept[i] = this.kept[2 * i]!;
  }
}
