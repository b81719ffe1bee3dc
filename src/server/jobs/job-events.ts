/**
 * What happens to jobs, as server-sent events. An event's number is that of the job's state, so whoever lost the line goes on by
 * `Last-Event-ID`: changes of state come one by one, of the progress only the last. A listener who is slow gets fewer of these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Readable } from 'node:stream';
import { type Job, type JobStore, isEnded } from './job.js';
import { ServiceError } from '../problem.js';

/** Milliseconds without an event after which a comment keeps the line. */
const BEAT = 15_000;
/** Milliseconds after which a browser that lost the line asks again. */
const RETRY = 1000;

interface Listener {
  readonly stream: Readable;
  job: Job;
  /** Number of the last event that he was sent. */
  sent: number;
  /** Whether the line takes more. */
  wants: boolean;
}

export class JobEvents {
  private readonly listeners = new Set<Listener>();
  private readonly beat: NodeJS.Timeout;

  /** @param isHere whether this process has a job in hand, and will tell of it */
  constructor(
    private readonly store: JobStore,
    private readonly most: number,
    private readonly isHere: (id: string) => boolean,
  ) {
    this.beat = setInterval(() => this.comment(), BEAT).unref();
  }

  /** @throws ServiceError 503 where too many listen */
  listen(job: Job, after: number): Readable {
    if (this.listeners.size >= this.most)
      throw new ServiceError(503, 'OVP_SERVER_BUSY', 'Too many listen to jobs: ask again later');
    const stream = new Readable({
      read: () => {
        listener.wants = true;
        this.send(listener);
      },
      destroy: (error, done) => {
        this.listeners.delete(listener);
        done(error);
      },
    });
    const listener: Listener = { stream, job, sent: after, wants: true };
    this.listeners.add(listener);
    stream.push(`retry: ${RETRY}\n\n`);
    return stream;
  }

  /** A job's next state. */
  tell(job: Job): void {
    for (const listener of this.listeners) {
      if (listener.job.id !== job.id) continue;
      listener.job = job;
      this.send(listener);
    }
  }

  /** Looks at jobs that other processes have in hand. */
  async refresh(): Promise<void> {
    const ids = new Set([...this.listeners].map(({ job }) => job.id).filter((id) => !this.isHere(id)));
    for (const id of ids) {
      const job = await this.store.get(id);
      if (job) this.tell(job);
      else for (const { stream, job: gone } of this.listeners) if (gone.id === id) stream.destroy();
    }
  }

  /** The lines end; who wants to hear more asks again. */
  close(): void {
    clearInterval(this.beat);
    for (const { stream } of this.listeners) stream.push(null);
    this.listeners.clear();
  }

  private send(listener: Listener): void {
    const { stream, job } = listener;
    for (const { event, text } of eventsOf(job, listener.sent)) {
      if (!listener.wants) return;
      listener.sent = event;
      listener.wants = stream.push(text);
    }
    if (!isEnded(job)) return;
    this.listeners.delete(listener);
    stream.push(null);
  }

  private comment(): void {
    for (const listener of this.listeners) if (listener.wants) listener.wants = listener.stream.push(': waiting\n\n');
  }
}

/** The events behind `after`, in order. */
function eventsOf(job: Job, after: number): { event: number; text: string }[] {
  const { id, progress, progressEvent, result, problem } = job;
  const events = job.changes.map(({ event, state, at }) => ({
    event,
    // what it came to belongs to the last state only
    text: eventText(event, 'state', { id, state, at, ...(state === job.state && { result, problem }) }),
  }));
  if (progress) events.push({ event: progressEvent, text: eventText(progressEvent, 'progress', progress) });
  return events.filter(({ event }) => event > after).sort((a, b) => a.event - b.event);
}

const eventText = (id: number, event: string, data: object): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
