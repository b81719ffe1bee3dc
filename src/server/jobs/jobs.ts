/**
 * The jobs of a process: so many at once, the others wait; what they come to is kept, and told to whoever listens. A job is
 * ended by its owner (`cancelled`) or by the end of the service (`interrupted`), at its next chunk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, type JobProgress, type JobResult, type JobState, type JobStore, isEnded } from './job.js';
import { JobEvents } from './job-events.js';
import { jobProblem } from './job-problem.js';
import { ServiceError } from '../problem.js';
import type { Limits } from '../service.js';

/** What of a job is said when it is started. */
export type NewJob = Pick<Job, 'kind' | 'owner' | 'dataset' | 'target' | 'request' | 'leftOut' | 'idempotency'>;

/** How far the work is; the rest of a {@link JobProgress} follows from the time. */
export type Measure = Pick<JobProgress, 'step' | 'records' | 'bytes' | 'size' | 'badValues'>;

export interface Tools {
  /** Aborted where the work is to end; its reason is `cancelled` or `interrupted`. */
  readonly signal: AbortSignal;
  /** From now on this says how far it is. */
  measure(current: () => Measure): void;
}

export type Work = (job: Job, tools: Tools) => Promise<JobResult>;

/** The log of the service. */
export interface JobLog {
  info(what: object, message: string): void;
  error(what: object, message: string): void;
}

const TICK = 500;
/** Ticks between looks at what other processes want, and have left behind. */
const TENDED = 2;
const TIDIED = 20;
/** Milliseconds between the last attempts to keep what a job came to. */
const LONGEST_WAIT = 16_000;
/** Milliseconds that jobs have to end when the service does. */
const PATIENCE = 25_000;

export class Jobs {
  private readonly waiting: InHand[] = [];
  private readonly running = new Map<string, InHand>();
  private readonly events: JobEvents;
  private readonly ticker: NodeJS.Timeout;
  private ticks = 0;
  private isClosing = false;

  constructor(
    private readonly store: JobStore,
    private readonly limits: Limits,
    private readonly log: JobLog,
  ) {
    this.events = new JobEvents(store, limits.jobListeners, (id) => this.inHand(id) !== undefined);
    this.ticker = setInterval(() => void this.tick(), TICK).unref();
  }

  /**
   * Starts a job, or answers the one that was started with the same key.
   * @throws ServiceError 422 where the key was another request's, 503 where too many jobs wait
   */
  async start(what: NewJob, work: Work): Promise<Job> {
    const known = what.idempotency && (await this.store.find(what.owner, what.idempotency.key));
    if (known) return same(known, what);
    if (this.isClosing) throw busy('The service is about to end');
    if (this.waiting.length >= this.limits.jobsWaiting) throw busy('Too many jobs wait');
    const created = new Date().toISOString();
    const job: Job = {
      ...what,
      id: randomUUID(),
      state: 'waiting',
      created,
      started: null,
      ended: null,
      progress: null,
      result: null,
      problem: null,
      event: 1,
      progressEvent: 0,
      changes: [{ event: 1, state: 'waiting', at: created }],
    };
    const kept = await this.store.create(job);
    if (kept.id !== job.id) return same(kept, what);
    const inHand = new InHand(job, work, this.store, this.events, this.log);
    this.waiting.push(inHand);
    this.next();
    if (this.isClosing) await this.stop(inHand, 'interrupted');
    return inHand.job;
  }

  get(id: string): Promise<Job | null> {
    const job = this.inHand(id)?.job;
    return job ? Promise.resolve(job) : this.store.get(id);
  }

  list(owner: string | null, most: number): Promise<readonly Job[]> {
    return this.store.list(owner, most);
  }

  /** Asks a job to end; answers it as it is then. It may come to its end all the same. */
  async cancel(job: Job): Promise<Job> {
    const inHand = this.inHand(job.id);
    if (inHand) await this.stop(inHand, 'cancelled');
    else if (!isEnded(job)) await this.store.askToCancel(job.id);
    return (await this.get(job.id)) ?? job;
  }

  /** What happens to a job as server-sent events, from behind the event `after` on. @throws ServiceError 503 */
  listen(job: Job, after: number): Readable {
    return this.events.listen(this.inHand(job.id)?.job ?? job, after);
  }

  /** No more jobs; those under way are told to end, and waited for. */
  async close(patience = PATIENCE): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    const ends = [...this.waiting, ...this.running.values()].map((inHand) => this.stop(inHand, 'interrupted', true));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
    await Promise.race([Promise.all(ends), late]);
    clearTimeout(timer);
    clearInterval(this.ticker);
    this.events.close();
    await this.store.close();
  }

  private inHand(id: string): InHand | undefined {
    return this.running.get(id) ?? this.waiting.find(({ job }) => job.id === id);
  }

  private async stop(inHand: InHand, state: 'cancelled' | 'interrupted', waits = false): Promise<void> {
    const at = this.waiting.indexOf(inHand);
    if (at >= 0) {
      this.waiting.splice(at, 1);
      await this.end(inHand, { state });
      return;
    }
    inHand.stop(state);
    if (waits) await inHand.over;
  }

  /** Begins jobs that wait, where there is room. */
  private next(): void {
    while (!this.isClosing && this.running.size < this.limits.jobsAtOnce) {
      const inHand = this.waiting.shift();
      if (!inHand) return;
      this.running.set(inHand.job.id, inHand);
      inHand.over = this.run(inHand);
    }
  }

  private async run(inHand: InHand): Promise<void> {
    const { id } = inHand.job;
    let outcome: Outcome;
    try {
      await inHand.change({ state: 'running', started: new Date().toISOString() });
      outcome = { state: 'done', result: await inHand.run() };
    } catch (error) {
      if (inHand.stopped) outcome = { state: inHand.stopped };
      else {
        this.log.error({ err: error, job: id }, 'job failed');
        outcome = { state: 'failed', problem: jobProblem(error, id) };
      }
    }
    await this.end(inHand, outcome);
    this.running.delete(id);
    this.next();
  }

  private async end(inHand: InHand, outcome: Outcome): Promise<void> {
    await inHand.change({ ...outcome, ended: new Date().toISOString() });
    const { id, owner: caller, dataset, target, state, result } = inHand.job;
    const counts = { records: result?.records ?? 0, badValues: result?.badValues ?? 0 };
    this.log.info({ audit: { caller, job: id, dataset, target, state, ...counts } }, 'job');
    await this.store.tidy(this.limits.jobsKept).catch((err: unknown) => this.log.error({ err }, 'jobs'));
  }

  private async tick(): Promise<void> {
    this.ticks++;
    try {
      await Promise.all([...this.running.values()].map((inHand) => inHand.measured()));
      if (this.ticks % TENDED === 0) {
        await this.events.refresh();
        const ids = [...this.waiting, ...this.running.values()].map(({ job }) => job.id);
        for (const id of await this.store.tend(ids)) {
          const inHand = this.inHand(id);
          if (inHand) await this.stop(inHand, 'cancelled');
        }
      }
      if (this.ticks % TIDIED === 0) await this.store.tidy(this.limits.jobsKept);
    } catch (err) {
      this.log.error({ err }, 'jobs');
    }
  }
}

type Outcome = { readonly state: JobState } & Partial<Pick<Job, 'result' | 'problem'>>;

/** A job that this process does, or will. */
class InHand {
  /** Its work has come to an end, and that is kept. */
  over: Promise<void> = Promise.resolve();
  stopped: 'cancelled' | 'interrupted' | null = null;
  private readonly controller = new AbortController();
  private current: (() => Measure) | null = null;
  private step: { name: JobProgress['step']; began: number } | null = null;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    public job: Job,
    private readonly work: Work,
    private readonly store: JobStore,
    private readonly events: JobEvents,
    private readonly log: JobLog,
  ) {}

  run(): Promise<JobResult> {
    return this.work(this.job, {
      signal: this.controller.signal,
      measure: (current) => {
        this.current = current;
        this.step = { name: current().step, began: performance.now() };
      },
    });
  }

  stop(state: 'cancelled' | 'interrupted'): void {
    this.stopped ??= state;
    this.controller.abort(this.stopped);
  }

  /** The next state: kept first and told then, so that no number is told that is not kept. One after the other. */
  change(next: Partial<Pick<Job, 'state' | 'started' | 'ended' | 'progress' | 'result' | 'problem'>>): Promise<void> {
    this.saving = this.saving.then(async () => {
      const { job } = this;
      const event = job.event + 1;
      const { state, progress } = next;
      const at = new Date().toISOString();
      const changes = state && state !== job.state ? [...job.changes, { event, state, at }] : job.changes;
      this.job = { ...job, ...next, event, changes, progressEvent: progress ? event : job.progressEvent };
      await this.keep(this.job);
      this.events.tell(this.job);
    });
    return this.saving;
  }

  /** What a job came to is kept as soon as the store can again: nobody else would know it. */
  private async keep(job: Job): Promise<void> {
    for (let wait = 250; ; wait *= 2) {
      try {
        return await this.store.put(job);
      } catch (err) {
        this.log.error({ err, job: job.id }, 'job not kept');
        if (!isEnded(job) || wait > LONGEST_WAIT) return;
        await sleep(wait);
      }
    }
  }

  /** Tells how far the work is, where it has gone on. */
  async measured(): Promise<void> {
    if (!this.current || isEnded(this.job)) return;
    const { step, ...measure } = this.current();
    const now = performance.now();
    if (this.step?.name !== step) this.step = { name: step, began: now };
    const { progress } = this.job;
    if (progress?.step === step && progress.bytes === measure.bytes && progress.records === measure.records) return;
    await this.change({ progress: progressOf(step, measure, (now - this.step.began) / 1000) });
  }
}

function progressOf(step: Measure['step'], measure: Omit<Measure, 'step'>, seconds: number): JobProgress {
  const { bytes, size } = measure;
  const share = step === 'finish' || size === 0 ? 1 : Math.min(1, bytes / size);
  const rate = seconds > 0 ? bytes / seconds : 0;
  return {
    step,
    ...measure,
    share: Math.round(share * 1e4) / 1e4,
    megabytesPerSecond: Math.round(rate / 1e4) / 100,
    secondsLeft: rate > 0 && share < 1 ? Math.ceil((size - bytes) / rate) : null,
  };
}

function same(known: Job, { idempotency }: NewJob): Job {
  if (known.idempotency?.hash === idempotency?.hash) return known;
  throw new ServiceError(
    422,
    'OVP_SERVER_IDEMPOTENCY',
    'This key was given with another request',
    'Idempotency-Key',
    'Each request has a key of its own; repeated, it has the same.',
  );
}

const busy = (what: string): ServiceError => new ServiceError(503, 'OVP_SERVER_BUSY', `${what}: ask again later`);
