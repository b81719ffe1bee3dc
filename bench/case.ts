/**
 * What a case of the benchmarks is: one thing that users want done with a file, by several runners that are compared. Files
 * `*.bench.ts` hold cases, `cases.ts` lists them, `side-by-side.ts` runs them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** The native engine, also held down to an instruction set or with two threads; the TypeScript one; code generated for the record; a loop written by hand. */
export const RUNNERS = ['native', 'avx2', 'portable', 'threads', 'ts', 'generated', 'naive'] as const;
export type Runner = (typeof RUNNERS)[number];

/** What a runner's process is told by its environment. */
export const environmentOf: Readonly<Partial<Record<Runner, Readonly<Record<string, string>>>>> = {
  avx2: { OVERPUNCH_LEVEL: 'avx2' },
  portable: { OVERPUNCH_LEVEL: 'portable' },
};

export interface Case {
  readonly name: string;
  readonly title: string;
  readonly runners: readonly Runner[];
  /** What one round does, made once, and how much of the data it goes through. `file` has records of T200. */
  prepare(runner: Runner, file: string): Work | Promise<Work>;
}

export interface Work {
  readonly bytes: number;
  readonly records: number;
  /** Bytes for memcpy to go through. */
  readonly data: Uint8Array;
  /** Answers the records that it went through, which must be all. */
  round(): Promise<number> | number;
}

export interface CaseResult {
  readonly name: string;
  readonly runner: Runner;
  readonly bytes: number;
  readonly records: number;
  /** Seconds of every round, in order, the warming-up one left out. */
  readonly rounds: readonly number[];
  /** Seconds of memcpy over as many bytes, in pieces of 1 MB into one buffer, in the same process after each round. */
  readonly memcpy: readonly number[];
}

/** The engine behind a runner. Only cases with a hand-written loop are run with it; those know it from here. */
export function engineOf(runner: Runner): 'native' | 'ts' {
  if (runner === 'naive' || runner === 'generated') throw new Error('there is no hand-written loop for this case');
  return runner === 'ts' ? 'ts' : 'native';
}

/** MB of input a second, by the median round. */
export function rate({ bytes, rounds }: CaseResult): number {
  return bytes / median(rounds) / 1e6;
}

/** Nanoseconds a record, by the median round. */
export function perRecord({ records, rounds }: CaseResult): number {
  return (median(rounds) * 1e9) / records;
}

/** Speed as a part of memcpy's, each round against the copy that followed it. */
export function ofMemcpy({ rounds, memcpy }: CaseResult): number {
  return median(rounds.map((seconds, k) => memcpy[k]! / seconds));
}

/** How many times as fast: round by round, as both took turns. */
export function times(fast: CaseResult, slow: CaseResult): number {
  const shared = Math.min(fast.rounds.length, slow.rounds.length);
  const ratios = Array.from(
    { length: shared },
    (_, k) => slow.rounds[k]! / slow.bytes / (fast.rounds[k]! / fast.bytes),
  );
  return median(ratios);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
