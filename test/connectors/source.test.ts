/**
 * Byte sources: every kind gives the same bytes, ends once, and says what is wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ByteSource, type SourceInput, openSource } from '../../src/connectors/source.js';
import { OverpunchError } from '../../src/errors.js';

const data = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
let directory = '';
let path = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'overpunch-source-'));
  path = join(directory, 'data.bin');
  await writeFile(path, data);
});
afterAll(() => rm(directory, { recursive: true }));

async function all(source: ByteSource, step = 4096): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const target = new Uint8Array(step);
    const read = await source.readInto(target);
    if (read === 0) return Buffer.concat(parts);
    parts.push(target.subarray(0, read));
  }
}

async function failure(action: Promise<unknown>): Promise<OverpunchError> {
  const error = await action.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OverpunchError);
  return error as OverpunchError;
}

/** The data in pieces of several sizes, empty ones among them. */
function pieces(): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0, size = 0; at < data.length; at += size, size = (size * 3 + 1) % 9000) {
    found.push(data.slice(at, at + size));
  }
  return found;
}

async function* generate(): AsyncGenerator<Uint8Array> {
  yield* pieces();
}

function web(chunks: unknown[], onCancel: (reason: unknown) => void = () => {}): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream(
    {
      pull(controller) {
        if (rest.length === 0) controller.close();
        else controller.enqueue(rest.shift() as Uint8Array);
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

/** A source of one's own, which knows nothing of signals. */
function own(): ByteSource {
  let at = 0;
  return {
    name: 'own',
    size: data.length,
    bytes: null,
    piece: 1000,
    readInto: async (target) => {
      const part = data.subarray(at, at + target.length);
      target.set(part);
      at += part.length;
      return part.length;
    },
    close: async () => {},
  };
}

it("heeds an abort for a source of one's own", async () => {
  expect(Buffer.compare(await all(await openSource(own()), 1000), data)).toBe(0);
  const controller = new AbortController();
  const source = await openSource(own(), { signal: controller.signal });
  expect([source.size, source.piece, await source.readInto(new Uint8Array(10))]).toEqual([data.length, 1000, 10]);
  controller.abort();
  expect((await failure(source.readInto(new Uint8Array(10)))).code).toBe('OVP_IO_ABORTED');
});

const kinds: [string, () => SourceInput, number | null][] = [
  ['a path', () => path, data.length],
  ['a file URL', () => pathToFileURL(path), data.length],
  ['bytes', () => data, data.length],
  ['a view of some bytes', () => Buffer.concat([Buffer.alloc(9), data, Buffer.alloc(9)]).subarray(9, -9), data.length],
  ['an ArrayBuffer', () => data.slice().buffer, data.length],
  ['a file stream', () => createReadStream(path), null],
  ['a stream of pieces', () => Readable.from(pieces()), null],
  ['a web stream', () => web(pieces()), null],
  ['a generator', generate, null],
];

describe('reading', () => {
  it.each(kinds)('%s gives the bytes', async (_, make, size) => {
    for (const step of [1000, 65_536, 1 << 20]) {
      const source = await openSource(make());
      expect(source.size).toBe(size);
      expect(Buffer.compare(await all(source, step), data)).toBe(0);
      expect(await source.readInto(new Uint8Array(10))).toBe(0);
      await source.close();
      await source.close();
    }
  });

  it.each(kinds)('%s says that it was closed', async (_, make) => {
    const source = await openSource(make());
    expect(await source.readInto(new Uint8Array(10))).toBeGreaterThan(0);
    await source.close();
    expect((await failure(source.readInto(new Uint8Array(10)))).code).toBe('OVP_IO_CLOSED');
  });

  it.each(kinds)('%s is not read after an abort', async (_, make) => {
    const controller = new AbortController();
    const source = await openSource(make(), { signal: controller.signal });
    await source.readInto(new Uint8Array(10));
    const reason = new Error('enough');
    controller.abort(reason);
    const error = await failure(source.readInto(new Uint8Array(10)));
    expect(error.code).toBe('OVP_IO_ABORTED');
    expect(error.cause).toBe(reason);
    await source.close();
  });

  it("is not read after an abort where it is the caller's own", async () => {
    let closed = 0;
    const own: ByteSource = {
      ...{ name: 'own', size: null, bytes: null, piece: 7 },
      readInto: async (target) => target.fill(1).length,
      close: async () => {
        closed++;
      },
    };
    const controller = new AbortController();
    const source = await openSource(own, { signal: controller.signal });
    expect([await source.readInto(new Uint8Array(10)), source.piece]).toEqual([10, 7]);
    controller.abort();
    expect((await failure(source.readInto(new Uint8Array(10)))).code).toBe('OVP_IO_ABORTED');
    expect(closed).toBe(1);
  });

  it.each(kinds)('%s wants room', async (_, make) => {
    const source = await openSource(make());
    await expect(source.readInto(new Uint8Array(0))).rejects.toThrow(RangeError);
    await source.close();
  });

  it('has bytes at hand only where they are in memory', async () => {
    expect((await openSource(data)).bytes).toBe(data);
    const file = await openSource(path);
    expect(file.bytes).toBeNull();
    await file.close();
  });

  it('names the file', async () => {
    for (const input of [path, pathToFileURL(path), createReadStream(path)]) {
      const source = await openSource(input);
      expect(source.name).toBe(path);
      await source.close();
    }
  });

  it('gives no bytes for an empty source', async () => {
    const empty = join(directory, 'empty');
    await writeFile(empty, '');
    for (const input of [empty, new Uint8Array(0), Readable.from([]), web([]), web([new Uint8Array(0)])]) {
      expect(await all(await openSource(input))).toHaveLength(0);
    }
  });

  it('reads a file that grows or shrinks to the end it has then', async () => {
    const changing = join(directory, 'changing');
    await writeFile(changing, data.subarray(0, 100));
    const source = await openSource(changing);
    expect(await source.readInto(new Uint8Array(60))).toBe(60);
    const writer = await open(changing, 'a');
    await writer.write(data.subarray(100, 200));
    await writer.close();
    expect(await source.readInto(new Uint8Array(60))).toBe(60);
    await truncate(changing, 150);
    expect(await source.readInto(new Uint8Array(60))).toBe(30);
    expect(await source.readInto(new Uint8Array(60))).toBe(0);
    await source.close();
  });
});

describe('streams', () => {
  it('are asked for the next chunk only when the last is used up', async () => {
    let made = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (; made < 100; made++) yield data.subarray(0, 1000);
    }
    const source = await openSource(counted());
    const target = new Uint8Array(100);
    for (let i = 0; i < 10; i++) expect(await source.readInto(target)).toBe(100);
    expect(made).toBe(0);
    await source.readInto(target);
    expect(made).toBe(1);
    await source.close();
  });

  it('do not pile up behind a slow reader', async () => {
    const stream = new PassThrough({ highWaterMark: 1000 });
    const source = await openSource(stream);
    stream.write(new Uint8Array(500));
    expect(await source.readInto(new Uint8Array(10))).toBe(10);
    while (stream.write(new Uint8Array(500)));
    await new Promise(setImmediate);
    expect(stream.readableLength + stream.writableLength).toBeLessThan(4000);
    await source.close();
  });

  it('wait for a byte', async () => {
    const stream = new PassThrough();
    const source = await openSource(stream);
    const target = new Uint8Array(10);
    const reading = source.readInto(target);
    stream.write(Uint8Array.of(1, 2, 3));
    expect(await reading).toBe(3);
    expect([...target.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
    stream.end();
    expect(await source.readInto(target)).toBe(0);
  });

  it('are destroyed by an early close', async () => {
    const stream = createReadStream(path);
    const source = await openSource(stream);
    await source.readInto(new Uint8Array(10));
    await source.close();
    expect(stream.destroyed).toBe(true);
    const untouched = createReadStream(path);
    await (await openSource(untouched)).close();
    expect(untouched.destroyed).toBe(true);
  });

  it('are cancelled once by an early close, and not after the end', async () => {
    let cancelled = 0;
    const early = await openSource(web(pieces(), () => cancelled++));
    await early.readInto(new Uint8Array(10));
    await Promise.all([early.close(), early.close()]);
    await early.close();
    expect(cancelled).toBe(1);
    const late = await openSource(web(pieces(), () => cancelled++));
    await all(late);
    await late.close();
    expect(cancelled).toBe(1);
  });

  it('get one return() by an early close, and none after the end or an error', async () => {
    const counts = { returns: 0 };
    const iterable = (steps: (() => Promise<IteratorResult<Uint8Array>>)[]): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => steps.shift()!(),
        return: async () => {
          counts.returns++;
          return { done: true, value: undefined };
        },
      }),
    });
    const chunk = async (): Promise<IteratorResult<Uint8Array>> => ({ done: false, value: Uint8Array.of(1) });
    const end = async (): Promise<IteratorResult<Uint8Array>> => ({ done: true, value: undefined });
    const broken = async (): Promise<IteratorResult<Uint8Array>> => {
      throw new Error('broken');
    };

    const early = await openSource(iterable([chunk, chunk]));
    await early.readInto(new Uint8Array(1));
    await early.close();
    await early.close();
    expect(counts.returns).toBe(1);

    const ended = await openSource(iterable([chunk, end]));
    expect(await all(ended)).toHaveLength(1);
    await ended.close();
    expect(counts.returns).toBe(1);

    const failing = await openSource(iterable([chunk, broken]));
    await failing.readInto(new Uint8Array(1));
    const error = await failure(failing.readInto(new Uint8Array(1)));
    expect([error.code, (error.cause as Error).message]).toEqual(['OVP_IO_READ', 'broken']);
    await failing.close();
    expect(counts.returns).toBe(1);
  });

  it.each<[string, () => { input: SourceInput; isStopped: () => boolean }]>([
    [
      'a stream',
      () => {
        const input = new PassThrough();
        return { input, isStopped: () => input.destroyed };
      },
    ],
    [
      'a web stream',
      () => {
        let stopped = false;
        const input = new ReadableStream<Uint8Array>({ cancel: () => void (stopped = true) });
        return { input, isStopped: () => stopped };
      },
    ],
    [
      'a generator',
      () => {
        // its return() can't come back: it waits for a step that never ends
        const input = (async function* (): AsyncGenerator<Uint8Array> {
          await new Promise(() => {});
          yield data;
        })();
        return { input, isStopped: () => true };
      },
    ],
  ])('%s that gives nothing is left at an abort, and at a close', async (_, make) => {
    const controller = new AbortController();
    const first = make();
    const waiting = await openSource(first.input, { signal: controller.signal });
    const reading = failure(waiting.readInto(new Uint8Array(10)));
    setImmediate(() => controller.abort());
    expect((await reading).code).toBe('OVP_IO_ABORTED');
    await waiting.close();
    expect(first.isStopped()).toBe(true);

    const second = make();
    const closing = await openSource(second.input);
    const never = closing.readInto(new Uint8Array(10)).catch((error: unknown) => error);
    await closing.close();
    expect(second.isStopped()).toBe(true);
    if (!('next' in (second.input as object))) {
      expect(await never).toMatchObject({ code: 'OVP_IO_CLOSED' });
    }
  });
});

describe('errors', () => {
  it('of a missing file name one nearby', async () => {
    const error = await failure(openSource(join(directory, 'dta.bin')));
    expect(error.code).toBe('OVP_IO_NOT_FOUND');
    expect(error.hint).toBe(`Did you mean ${path}?`);
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ENOENT');
    expect((await failure(openSource(join(directory, 'no', 'where')))).hint).toContain('There is no directory');
    expect((await failure(openSource('s3://bucket/key'))).hint).toContain('Addresses are not opened');
    expect((await failure(openSource(''))).code).toBe('OVP_IO_NOT_FOUND');
  });

  it('of a directory say so', async () => {
    const error = await failure(openSource(directory));
    expect(error.code).toBe('OVP_IO_DIRECTORY');
    expect(error.message).toContain(directory);
  });

  it.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')('of permission say so', async () => {
    const secret = join(directory, 'secret');
    await writeFile(secret, 'x', { mode: 0o000 });
    const error = await failure(openSource(secret));
    expect(error.code).toBe('OVP_IO_PERMISSION');
    expect((error.cause as NodeJS.ErrnoException).code).toBe('EACCES');
  });

  it('of other paths keep their cause', async () => {
    const error = await failure(openSource('a\0b'));
    expect(error.code).toBe('OVP_IO_OPEN');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('of addresses say what to pass', async () => {
    const error = await failure(openSource(new URL('https://example.com/data')));
    expect(error.code).toBe('OVP_IO_SOURCE');
    expect(error.hint).toContain('fetch');
    expect((await failure(openSource(new URL('file:///a%2fb')))).code).toBe('OVP_IO_SOURCE');
  });

  it('of a stream come through with their cause', async () => {
    const cause = new Error('the line went dead');
    const stream = new PassThrough();
    const source = await openSource(stream);
    stream.write(Uint8Array.of(1));
    await source.readInto(new Uint8Array(10));
    stream.destroy(cause);
    const error = await failure(source.readInto(new Uint8Array(10)));
    expect(error.code).toBe('OVP_IO_READ');
    expect(error.message).toContain('the line went dead');
    expect(error.cause).toBe(cause);
  });

  it('of a stream before the first read do not end the process', async () => {
    const source = await openSource(createReadStream(join(directory, 'missing')));
    await new Promise((done) => setTimeout(done, 20));
    const error = await failure(source.readInto(new Uint8Array(10)));
    expect([error.code, (error.cause as NodeJS.ErrnoException).code]).toEqual(['OVP_IO_READ', 'ENOENT']);
  });

  it('of a stream that stops without an end come through', async () => {
    const stream = new PassThrough();
    const source = await openSource(stream);
    setImmediate(() => stream.destroy());
    expect((await failure(source.readInto(new Uint8Array(10)))).code).toBe('OVP_IO_READ');
  });

  it('of web streams and generators come through', async () => {
    const cause = new Error('gone');
    const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(cause) });
    expect((await failure((await openSource(stream)).readInto(new Uint8Array(1)))).cause).toBe(cause);
    const own = new OverpunchError('OVP_IO_READ', 'mine');
    // biome-ignore lint/correctness/useYield: it fails before
    const generator = (async function* (): AsyncGenerator<Uint8Array> {
      throw own;
    })();
    expect(await failure((await openSource(generator)).readInto(new Uint8Array(1)))).toBe(own);
  });

  it('of text say to leave the encoding away', async () => {
    const stream = createReadStream(path, 'utf8');
    const early = await failure(openSource(stream));
    expect([early.code, early.message.includes('utf8')]).toEqual(['OVP_IO_TEXT', true]);
    stream.destroy();
    for (const input of [Readable.from(['text']), web(['text'])]) {
      const error = await failure((await openSource(input)).readInto(new Uint8Array(10)));
      expect(error.code).toBe('OVP_IO_TEXT');
      expect(error.hint).toContain('without an encoding');
    }
  });

  it('of chunks that are no bytes close the stream', async () => {
    let cancelled = 0;
    const source = await openSource(web([Uint8Array.of(1), 5], () => cancelled++));
    await source.readInto(new Uint8Array(10));
    expect((await failure(source.readInto(new Uint8Array(10)))).code).toBe('OVP_IO_CHUNK');
    expect(cancelled).toBe(1);
    expect((await failure(source.readInto(new Uint8Array(10)))).code).toBe('OVP_IO_CLOSED');
  });

  it('of sources that were used before', async () => {
    const ended = Readable.from([data]);
    await all(await openSource(ended));
    expect((await failure(openSource(ended))).code).toBe('OVP_IO_USED');
    const locked = web([data]);
    locked.getReader();
    expect((await failure(openSource(locked))).code).toBe('OVP_IO_USED');
    const broken = new PassThrough();
    broken.on('error', () => {});
    broken.destroy(new Error('broken'));
    expect((await failure(openSource(broken))).code).toBe('OVP_IO_READ');
  });

  it.each([null, undefined, 5, {}, [], new Response('x'), Symbol('x')])('of %o', async (input) => {
    expect((await failure(openSource(input as unknown as SourceInput))).code).toBe('OVP_IO_SOURCE');
  });

  it('of a signal that was aborted before', async () => {
    for (const input of [path, data, Readable.from([data]), own()]) {
      const signal = AbortSignal.abort();
      const source = openSource(input, { signal });
      const error = await failure(source.then((opened) => opened.readInto(new Uint8Array(1))));
      expect(error.code).toBe('OVP_IO_ABORTED');
    }
  });
});

describe.runIf(process.platform === 'linux')('named pipes', () => {
  it('are read to their end, and left when aborted', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const opening = openSource(pipe);
    const writer = await open(pipe, 'w');
    const source = await opening;
    expect(source.size).toBeNull();
    await writer.write(data.subarray(0, 1000));
    const target = new Uint8Array(5000);
    expect(await source.readInto(target)).toBe(1000);

    const controller = new AbortController();
    const other = await openSource(pipe, { signal: controller.signal });
    const reading = failure(other.readInto(target));
    setImmediate(() => controller.abort());
    expect((await reading).code).toBe('OVP_IO_ABORTED');
    await other.close();

    await writer.close();
    expect(await source.readInto(target)).toBe(0);
    await source.close();

    const unopened = new AbortController();
    const late = failure(openSource(pipe, { signal: unopened.signal }));
    setImmediate(() => unopened.abort());
    expect((await late).code).toBe('OVP_IO_ABORTED');
    await (await open(pipe, 'w')).close(); // lets the open in the background end
  });
});
