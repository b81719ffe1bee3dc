/**
 * What a job is, and where jobs are kept. A job is one piece of work that goes on after the request for it was answered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { JobState, Job as ToldJob } from '../../client/types.js';

export type { JobProgress, JobResult, JobState } from '../../client/types.js';

export const JOB_STATES = [
  'waiting',
  'running',
  'done',
  'failed',
  'cancelled',
  'interrupted',
] as const satisfies readonly JobState[];

export interface StateChange {
  /** Number of the event that tells it. */
  readonly event: number;
  readonly state: JobState;
  readonly at: string;
}

/** A job as it is kept, of which callers are told a part. It is never changed, but replaced by its next state. */
export interface Job extends Omit<ToldJob, 'request'> {
  /** What was asked for. */
  readonly request: Readonly<Record<string, unknown>>;
  /** The owner's own key for the request, and a hash of what he asked with it; a key stands for one job. */
  readonly idempotency: { readonly key: string; readonly hash: string } | null;
  /** Number of the last event, and of the one that told of the progress: they go up, whoever counts. */
  readonly event: number;
  readonly progressEvent: number;
  readonly changes: readonly StateChange[];
}

export const isEnded = ({ state }: Job): boolean => state !== 'waiting' && state !== 'running';

/** Where jobs are kept. One process has a job in hand and writes it; any may read it, and ask for its end. */
export interface JobStore {
  /** Keeps a new job; where its owner's key stands for one already, that one is answered and nothing is kept. */
  create(job: Job): Promise<Job>;
  /** The job that an owner's key stands for. */
  find(owner: string, key: string): Promise<Job | null>;
  get(id: string): Promise<Job | null>;
  /** The newest first; of everybody where `owner` is null. */
  list(owner: string | null, most: number): Promise<readonly Job[]>;
  /** The next state of a job that is in this process' hand. */
  put(job: Job): Promise<void>;
  /** Asks whoever has it in hand to end it. */
  askToCancel(id: string): Promise<void>;
  /** Of these jobs, which this process has in hand, those that are to end. Also says that the process lives. */
  tend(ids: readonly string[]): Promise<readonly string[]>;
  /** Jobs that are nobody's any more become `interrupted`; of those that have ended only the newest are kept. */
  tidy(kept: number): Promise<void>;
  close(): Promise<void>;
}

/** In memory: jobs of this process, which are gone with it. */
export class MemoryJobStore implements JobStore {
  private readonly jobs = new Map<string, Job>();
  private readonly keys = new Map<string, string>();
  private readonly asked = new Set<string>();

  async create(job: Job): Promise<Job> {
    // nothing is waited for in between: of two with one key the second finds the first
    if (job.idempotency) {
      const key = keyOf(job.owner, job.idempotency.key);
      const known = this.keys.get(key);
      if (known !== undefined) return this.jobs.get(known)!;
      this.keys.set(key, job.id);
    }
    this.jobs.set(job.id, job);
    return job;
  }

  async find(owner: string, key: string): Promise<Job | null> {
    const id = this.keys.get(keyOf(owner, key));
    return id === undefined ? null : this.get(id);
  }

  async get(id: string): Promise<Job | null> {
    return this.jobs.get(id) ?? null;
  }

  async list(owner: string | null, most: number): Promise<readonly Job[]> {
    const found: Job[] = [];
    for (const job of [...this.jobs.values()].reverse()) {
      if (found.length === most) break;
      if (owner === null || job.owner === owner) found.push(job);
    }
    return found;
  }

  async put(job: Job): Promise<void> {
    this.jobs.set(job.id, job);
  }

  async askToCancel(id: string): Promise<void> {
    this.asked.add(id);
  }

  async tend(ids: readonly string[]): Promise<readonly string[]> {
    return ids.filter((id) => this.asked.delete(id));
  }

  async tidy(kept: number): Promise<void> {
    const ended = [...this.jobs.values()].filter(isEnded);
    for (const job of ended.slice(0, Math.max(0, ended.length - kept))) {
      this.jobs.delete(job.id);
      if (job.idempotency) this.keys.delete(keyOf(job.owner, job.idempotency.key));
    }
  }

  async close(): Promise<void> {}
}

const keyOf = (owner: string, key: string): string => JSON.stringify([owner, key]);
