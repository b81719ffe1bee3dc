/**
 * What a peer is: a program that users would otherwise take, installed by its own package manager and run as a program on the same files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Workload } from '../workloads/workload.js';

/** What was done with a file. */
export const TASKS = ['columns', 'Parquet', 'lines', 'lines to a file', 'sort'] as const;
export type Task = (typeof TASKS)[number];

/** What `accounts` is sorted by. */
export const SORT_KEY = 'ACCOUNT';

export interface Job {
  readonly workload: Workload;
  readonly copybook: string;
  readonly data: string;
  /** A short file of the same shape, for what needs warming up. */
  readonly warmUp: string;
  readonly bytes: number;
  readonly records: number;
  /** Where output goes; emptied after each job. */
  readonly folder: string;
}

export interface Figure {
  readonly task: Task;
  /** Elapsed, and of all processors together. */
  readonly seconds: number;
  readonly cpu: number;
}

/** What a peer read, to see that both did the work; null where it can't say. */
export interface Found {
  readonly records: number | null;
  /** Sum of the unscaled values of the workload's checked field. */
  readonly sum: bigint | null;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  readonly found: Found;
}

export interface Peer {
  readonly name: string;
  /** What it does with the files, for the table's notes. */
  readonly title: string;
  /**
   * Installs it below `cache` where it is not there yet.
   * @returns its version
   * @throws Missing
   */
  install(cache: string): string;
  /** Why it can't do a workload; null where it can. */
  refuses(workload: Workload): string | null;
  run(job: Job): Outcome;
}

/** A tool is not there or can't be installed: the peer is left out, with these words. */
export class Missing extends Error {}
