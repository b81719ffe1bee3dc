/**
 * Ctrl-C: the job is told to stop, and what it has is written. If it does not stop, or at the second time, the process ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Exit } from './talk.js';

/** Milliseconds that a job has to come to its end. */
const PATIENCE = 1000;

/** Runs `action` with a signal that SIGINT aborts. */
export async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(Exit.INTERRUPTED);
    controller.abort();
    setTimeout(() => process.exit(Exit.INTERRUPTED), PATIENCE).unref();
  };
  process.on('SIGINT', stop);
  try {
    return await action(controller.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}
