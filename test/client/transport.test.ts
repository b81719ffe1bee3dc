/**
 * Requests of the client, against a service of no sense: what is repeated and what is not, tokens that run out, lines that are lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClientOptions, OverpunchClient } from '../../src/client/index.js';
import { eventsOf, rowsOf } from '../../src/client/lines.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers in their order; the last one from then on. */
let answers: Answer[] = [];
let requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  request.resume();
  (answers.length > 1 ? answers.shift()! : answers[0]!)(request, response);
});
let address: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mainframe/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
});

const problem =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    response.end(
      JSON.stringify({ type: 'x', title: 'x', status, detail: 'no', code: `CODE_${status}`, instance: 'i' }),
    );
  };
const json =
  (body: unknown, status = 200): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
const datasets = json({ datasets: [] });
const soon = { 'retry-after': '0' };
const client = (options: ClientOptions = {}) => new OverpunchClient(address, options);

describe('a request', () => {
  it('goes below the address, and names what it asks', async () => {
    answers = [json({ records: [], next: null, badValues: 0, faults: [] })];
    await client().byKey('a b', ['1?', 'ä&'], { select: ['A', 'B.C'] });
    expect(requests[0]!.url).toBe('/mainframe/v1/datasets/a%20b/by/1%3F/%C3%A4%26?select=A%2CB.C');
    await client().records('../x', { where: "NAME = '&'" });
    expect(requests[1]!.url).toBe('/mainframe/v1/datasets/..%2Fx/records?where=NAME+%3D+%27%26%27');
    expect(() => client().byKey('a', ['1/2'])).toThrow(TypeError);
    await expect(client().dataset('')).rejects.toThrow('name is missing');
    for (const wrong of ['ftp://x', 'javascript:alert(1)']) expect(() => new OverpunchClient(wrong)).toThrow(TypeError);
    expect(() => client({ apiKey: 'a', token: 'b' })).toThrow(TypeError);
  });

  it('is repeated when the service says when', async () => {
    answers = [problem(503, soon), problem(429, soon), datasets];
    expect(await client().datasets()).toEqual([]);
    expect(requests).toHaveLength(3);
    const date = new Date(Date.now() - 1000).toUTCString();
    answers = [problem(503, { 'retry-after': date }), datasets];
    expect(await client().datasets()).toEqual([]);
  });

  it.each<readonly [string, readonly Answer[], ClientOptions]>([
    ['does not say when', [problem(503), datasets], {}],
    ['says much later', [problem(503, { 'retry-after': '31' }), datasets], {}],
    ['has another fault', [problem(500, soon), datasets], {}],
    ['is not to be asked again', [problem(429, soon), datasets], { retries: 0 }],
  ])('is not where it %s', async (_, given, options) => {
    answers = [...given];
    await expect(client(options).datasets()).rejects.toMatchObject({ name: 'ProblemError' });
    expect(requests).toHaveLength(1);
  });

  it('is repeated a few times, not for ever', async () => {
    answers = [problem(503, soon)];
    await expect(client({ retries: 2 }).datasets()).rejects.toMatchObject({ code: 'CODE_503', status: 503 });
    expect(requests).toHaveLength(3);
  });

  it('that changes something is repeated only with a key', async () => {
    answers = [problem(503, soon), json({})];
    const bytes = new Uint8Array(3);
    await expect(client().upload({ copybook: 'x', data: bytes })).rejects.toMatchObject({ status: 503 });
    expect(requests).toHaveLength(1);
    answers = [problem(503, soon), json({})];
    await expect(client().decode('a', bytes).next()).rejects.toMatchObject({ status: 503 });
    expect(requests).toHaveLength(2);
    answers = [problem(503, soon), json({ id: '1' }, 202)];
    await client().startLoad('a', { target: 't' });
    const [first, second] = requests.slice(2).map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    await client().startLoad('a', { target: 't' });
    expect(requests.at(-1)!.headers['idempotency-key']).not.toBe(first);
  });

  it('ends when the caller says so, while it waits too', async () => {
    answers = [problem(503, { 'retry-after': '20' })];
    const controller = new AbortController();
    const asked = client().datasets(controller);
    await expect.poll(() => requests.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await expect(client().datasets(controller)).rejects.toThrow('enough');
  });

  it('does not follow with its key to somewhere else', async () => {
    answers = [(_, response) => response.writeHead(302, { location: 'http://localhost:1/' }).end()];
    await expect(client({ apiKey: 'secret' }).datasets()).rejects.toThrow(TypeError);
  });

  it('says what it can of an answer that is not the service’s', async () => {
    answers = [(_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>no</h1>')];
    await expect(client().datasets()).rejects.toMatchObject({ code: 'HTTP_502', detail: 'Bad Gateway', status: 502 });
    answers = [(_, response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{')];
    await expect(client().datasets()).rejects.toMatchObject({ code: 'HTTP_500' });
  });
});

describe('a token', () => {
  const given = (): (string | undefined)[] => requests.map(({ headers }) => headers.authorization);

  it('is asked for before each request, and renewed once when it is refused', async () => {
    const asked: boolean[] = [];
    const token = ({ renew }: { renew: boolean }) => {
      asked.push(renew);
      return Promise.resolve(renew ? 'new' : 'old');
    };
    answers = [problem(401), datasets];
    await client({ token }).datasets();
    expect(asked).toEqual([false, true]);
    expect(given()).toEqual(['Bearer old', 'Bearer new']);
    answers = [problem(401)];
    await expect(client({ token }).datasets()).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual([false, true, false, true]);
  });

  it('that is only one is not tried twice', async () => {
    answers = [problem(401), datasets];
    await expect(client({ token: 'one' }).datasets()).rejects.toMatchObject({ status: 401 });
    expect(given()).toEqual(['Bearer one']);
  });
});

describe('streams', () => {
  const pieces = (bytes: Uint8Array, length: number) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += length) controller.enqueue(bytes.subarray(at, at + length));
        controller.close();
      },
    });
  const gathered = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
    const found: T[] = [];
    for await (const row of rows) found.push(row);
    return found;
  };

  it('have the same rows wherever their pieces end', async () => {
    const rows = [{ a: 'é€😀' }, { a: '\u2028 "\\n' }, { a: 'x'.repeat(50) }, {}];
    const bytes = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    for (let length = 1; length <= bytes.length; length++)
      expect(await gathered(rowsOf(pieces(bytes, length)))).toEqual(rows);
    await expect(gathered(rowsOf(pieces(bytes.subarray(0, -1), 7)))).rejects.toThrow('cut off');
    await expect(gathered(rowsOf(pieces(new Uint8Array([0x22, 0xff, 0x22, 10]), 2)))).rejects.toThrow(TypeError);
  });

  it('have the same events wherever their pieces end', async () => {
    const text =
      ': hello\n\nretry: 5\nid: 1\nevent: a\r\ndata: {"x":\ndata:  "é"}\n\ndata\n\nid\ndata:y\n\nid: 9\ndata: half';
    const bytes = new TextEncoder().encode(text);
    for (let length = 1; length <= bytes.length; length++)
      expect(await gathered(eventsOf(pieces(bytes, length)))).toEqual([
        { id: '1', event: 'a', data: '{"x":\n "é"}' },
        { id: '1', event: 'message', data: '' },
        { id: '', event: 'message', data: 'y' },
      ]);
  });

  it('that are cut off are an error', async () => {
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        response.write('{"a":1}\n', () => response.destroy());
      },
    ];
    const rows: unknown[] = [];
    await expect(
      (async () => {
        for await (const row of client().stream('a')) rows.push(row);
      })(),
    ).rejects.toThrow();
    expect(rows).toEqual([{ a: 1 }]);
  });
});

describe('listening to a job', () => {
  const events =
    (...given: (readonly [id: number, event: string, data: object])[]): Answer =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const text = given.map(([id, event, data]) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      response.write(text.join(''), () => response.destroy());
    };
  const state = (name: string) => ({ id: 'j', state: name, at: '' });

  it('goes on behind the last event when the line is lost', async () => {
    answers = [
      events([1, 'state', state('waiting')], [2, 'state', state('running')]),
      (_, response) => response.destroy(),
      (_, response) => response.writeHead(502).end(),
      events([5, 'progress', { bytes: 7 }], [6, 'unknown', {}]),
      events([7, 'state', state('done')]),
    ];
    const seen: number[] = [];
    for await (const { event } of client().watch('j')) seen.push(event);
    expect(seen).toEqual([1, 2, 5, 7]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2', '2', '5']);
  });

  it('ends where there is nothing more, or where it is refused', async () => {
    answers = [(_, response) => response.writeHead(204).end()];
    for await (const _ of client().watch('j', { after: 9 })) expect.unreachable();
    expect(requests[0]!.headers['last-event-id']).toBe('9');
    answers = [problem(404)];
    await expect(client().watch('j').next()).rejects.toMatchObject({ status: 404 });
    answers = [(_, response) => response.destroy()];
    await expect(client().watch('j', { attempts: 1 }).next()).rejects.toThrow();
    expect(requests).toHaveLength(4);
  });

  it('ends when the caller says so', async () => {
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('id: 1\nevent: progress\ndata: {}\n\n');
      },
    ];
    const controller = new AbortController();
    const watched = client().watch('j', controller);
    expect((await watched.next()).value).toMatchObject({ event: 1 });
    const next = watched.next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
