/**
 * Waiting that an AbortSignal ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';

/** @throws OverpunchError OVP_IO_ABORTED with the signal's reason as its cause */
export function throwIfAborted(signal: AbortSignal | undefined, name: string): void {
  if (signal?.aborted) throw aborted(signal, name);
}

/** What `promise` comes to, or OVP_IO_ABORTED as soon as the signal says so; the promise then ends unheard. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined, name: string): Promise<T> {
  if (!signal) return promise;
  let stop = (): void => {};
  const abort = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(signal, name));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([abort, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function aborted(signal: AbortSignal, name: string): OverpunchError {
  return new OverpunchError('OVP_IO_ABORTED', `Reading ${name} was aborted`, { cause: signal.reason });
}
