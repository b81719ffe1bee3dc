/**
 * Listens to a job until it has ended, over lines that are lost and taken up again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { eventsOf } from './lines.js';
import { OPERATIONS } from './operations.js';
import { ProblemError } from './problem.js';
import { type CallOptions, type Transport, sleep } from './transport.js';
import type { JobEvent, JobProgress } from './types.js';

export interface WatchOptions extends CallOptions {
  /** Number of the last event that was seen. */
  readonly after?: number;
  /** Times in a row that a line which is lost is asked for again. Default 10. */
  readonly attempts?: number;
}

/** Milliseconds without a sign (there is one every 15 seconds) after which a line is lost. */
const SILENCE = 45_000;
const [PAUSE, LONGEST_PAUSE] = [250, 10_000];
const ENDED = ['done', 'failed', 'cancelled', 'interrupted'];

export async function* watchJob(
  transport: Transport,
  id: string,
  { signal, after = 0, attempts = 10 }: WatchOptions,
): AsyncGenerator<JobEvent, void, undefined> {
  let last = after;
  for (let failed = 0; ; failed++) {
    let lost: unknown = new Error('The line was closed before the job had ended');
    const line = new Line(signal);
    try {
      const response = await transport.send(OPERATIONS.watchJob, {
        params: { id },
        headers: { accept: 'text/event-stream', 'last-event-id': last > 0 ? String(last) : undefined },
        signal: line.signal,
      });
      if (response.status === 204 || !response.body) return;
      for await (const { id: number, event, data } of eventsOf(response.body, line)) {
        const told = eventOf(event, Number(number), JSON.parse(data));
        if (!told) continue;
        failed = 0;
        last = told.event;
        yield told;
        if (told.type === 'state' && ENDED.includes(told.state)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      // what was refused is refused; a service that begins anew, or whoever stands before it, may have time later
      if (error instanceof ProblemError && error.status < 500) throw error;
      lost = error;
    } finally {
      line.end();
    }
    if (failed >= attempts) throw lost;
    await sleep(Math.min(LONGEST_PAUSE, PAUSE * 2 ** failed), signal);
  }
}

function eventOf(type: string, event: number, data: object): JobEvent | null {
  if (type === 'state') return { type, event, ...(data as Omit<JobEvent & { type: 'state' }, 'type' | 'event'>) };
  return type === 'progress' ? { type, event, progress: data as JobProgress } : null;
}

/** Aborted by the caller, or by silence. */
class Line {
  private readonly controller = new AbortController();
  private readonly stop = (): void => this.controller.abort(this.outer?.reason);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly outer: AbortSignal | undefined) {
    if (outer?.aborted) this.stop();
    outer?.addEventListener('abort', this.stop);
    this.touch();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  readonly touch = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(new Error('Nothing was heard for too long')), SILENCE);
  };

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.stop);
  }
}
