/**
 * Streams of text in pieces: lines of JSON, and server-sent events. Pieces end anywhere, in the middle of a character too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

interface Reading {
  /** Ends the reading at once: of what was unpacked on its way, aborting the request alone does not always tell. */
  readonly signal?: AbortSignal | undefined;
  /** Called for every piece that comes. */
  readonly touch?: () => void;
}

/** The texts between ends of lines. What follows the last one comes too, unless there is nothing. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  { signal, touch }: Reading,
): AsyncGenerator<{ line: string; isWhole: boolean }> {
  const reader = body.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => {});
  let rest: string[] = [];
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      touch?.();
      const text = decoder.decode(value, { stream: !done });
      const parts = text.split('\n');
      for (let i = 0; i < parts.length - 1; i++) {
        yield { line: rest.length === 0 ? parts[i]! : rest.join('') + parts[i], isWhole: true };
        rest = [];
      }
      // a line that comes in many pieces is put together once
      if (parts.at(-1) !== '') rest.push(parts.at(-1)!);
      if (!done) continue;
      if (rest.length > 0) yield { line: rest.join(''), isWhole: false };
      return;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** Rows of JSON lines. @throws Error where the last one was cut off */
export async function* rowsOf<T>(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  for await (const { line, isWhole } of linesOf(body, { signal })) {
    if (!isWhole) throw new Error('The stream was cut off in the middle of a row');
    if (line !== '') yield JSON.parse(line) as T;
  }
}

export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Server-sent events, of which those that are whole count. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  reading: Reading = {},
): AsyncGenerator<ServerEvent, void, undefined> {
  let id = '';
  let event = '';
  let data: string[] = [];
  for await (const { line: given, isWhole } of linesOf(body, reading)) {
    if (!isWhole) return;
    const line = given.endsWith('\r') ? given.slice(0, -1) : given;
    if (line === '') {
      if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id') id = value;
  }
}
