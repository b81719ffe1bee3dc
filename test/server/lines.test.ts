/**
 * What is written on a connection other than it should be: two readings of one request (smuggling), forms that are no request, and
 * callers that take their time. One request gets one answer, what can be read in two ways gets 400 and the connection is closed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { ask, clerk, guarded, serve } from './served.js';

let service: RunningService;
beforeAll(async () => {
  service = await serve();
});

const PAGE = '/v1/datasets/fixed/records?limit=1';
/** What must never be answered: it is a part of another request. */
const HIDDEN = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
const post = (headers: readonly string[], body: string): string =>
  `POST /v1/datasets/fixed/decode HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
const get = (path: string, ...headers: string[]): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;

/** All that comes back until the service closes, or has said nothing for a while. */
function told(text: string, { address }: RunningService = service, quiet = 400): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1').setTimeout(quiet, () => socket.destroy());
    socket
      .on('data', (chunk) => (got += chunk))
      .on('close', () => resolve(got))
      .on('error', () => {});
  });
}
const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!);

describe('can be read in two ways', () => {
  it.each<[string, string]>([
    ['both lengths', post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${HIDDEN}`)],
    [
      'both lengths, the other way round',
      post(['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${HIDDEN}`),
    ],
    ['two lengths', post(['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN)],
    ['one length twice', post(['Content-Length: 0', 'Content-Length: 0'], HIDDEN)],
    ['lengths in a list', post(['Content-Length: 0, 0'], HIDDEN)],
    ['a length with a sign', post(['Content-Length: +0'], HIDDEN)],
    ['a negative length', post(['Content-Length: -1'], HIDDEN)],
    ['a length in hexadecimal', post(['Content-Length: 0x0'], HIDDEN)],
    ['a length that no number holds', post([`Content-Length: 1${'0'.repeat(30)}`], HIDDEN)],
    ['another coding behind chunked', post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${HIDDEN}`)],
    ['a coding that is nearly chunked', post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${HIDDEN}`)],
    ['a space before the colon', post(['Transfer-Encoding : chunked', 'Content-Length: 3'], `0\r\n\r\n${HIDDEN}`)],
    ['a header that begins with a space', post([' Transfer-Encoding: chunked', 'Content-Length: 0'], HIDDEN)],
    ['a name with a NUL', post(['Transfer\0-Encoding: chunked', 'Content-Length: 0'], HIDDEN)],
    ['a value with a NUL', get(PAGE, 'X-A: a\0b') + HIDDEN],
    ['a value with a lone CR', get(PAGE, 'X-A: a\rContent-Length: 99') + HIDDEN],
    ['a chunk of no size', post(['Transfer-Encoding: chunked'], `\r\n\r\n${HIDDEN}`)],
    ['a chunk of a size that is no number', post(['Transfer-Encoding: chunked'], `zz\r\n\r\n${HIDDEN}`)],
    ['a chunk of a size that no number holds', post(['Transfer-Encoding: chunked'], `${'F'.repeat(17)}\r\n${HIDDEN}`)],
    ['a chunk that is longer than it says', post(['Transfer-Encoding: chunked'], `1\r\nabc\r\n0\r\n\r\n${HIDDEN}`)],
    ['two hosts', `GET ${PAGE} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n`],
    ['no host', `GET ${PAGE} HTTP/1.1\r\n\r\n`],
    ['no version', `GET ${PAGE}\r\n\r\n`],
    ['a version that there is not', `GET ${PAGE} HTTP/9.9\r\nHost: localhost\r\n\r\n`],
    ['HTTP/2 by knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a line that goes on after the version', `GET ${PAGE} HTTP/1.1 x\r\nHost: localhost\r\n\r\n`],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s', async (_, text) => {
    const answer = await told(text);
    expect(statuses(answer)).toEqual(['400']);
    expect(answer).toMatch(/application\/problem\+json/i);
    for (const leak of ['process_cpu', '"records":[', 'node:', 'HPE_']) expect(answer).not.toContain(leak);
  });
});

describe('is read in one way', () => {
  it('many requests in one go', async () => {
    const answer = await told(get(PAGE).repeat(40));
    expect(statuses(answer)).toEqual(Array.from({ length: 40 }, () => '200'));
  });

  it('a GET with a body, which is none of the next request', async () => {
    const answer = await told(get(PAGE, `Content-Length: ${HIDDEN.length}`) + HIDDEN);
    expect([statuses(answer), answer.includes('process_cpu')]).toEqual([['200'], false]);
  });

  it('what is behind a request and no request', async () => {
    expect(statuses(await told(`${get(PAGE, 'Content-Length: 0')}GARBAGE\r\n\r\n`))).toEqual(['200', '400']);
  });

  it('HTTP/1.0, kept or not', async () => {
    const old = (headers: string): string => `GET /v1/datasets HTTP/1.0\r\nHost: localhost\r\n${headers}\r\n`;
    expect(statuses(await told(old('') + old('')))).toEqual(['200']);
    expect(statuses(await told(old('Connection: keep-alive\r\n').repeat(2)))).toEqual(['200', '200']);
  });

  it('a caller that waits to be told to go on, and one that expects something else', async () => {
    const body = Buffer.alloc(52, 0xf0).toString('latin1');
    expect(statuses(await told(post(['Content-Length: 52', 'Expect: 100-continue'], body)))).toEqual(['100', '200']);
    expect(statuses(await told(post(['Content-Length: 52', 'Expect: 200-ok'], body)))[0]).toMatch(/^4/);
  });

  it.each([
    ['an absolute address of another host', `GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
    ['TRACE', `TRACE ${PAGE} HTTP/1.1\r\nHost: localhost\r\nX-Secret: 1\r\n\r\n`],
    ['everything', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('%s, which there is not', async (_, text) => {
    const answer = await told(text);
    expect(statuses(answer).join()).toMatch(/^(4\d\d)?$/);
    expect(answer).not.toMatch(/process_cpu|X-Secret/);
  });

  it('other protocols, which are not changed to', async () => {
    for (const protocol of ['websocket', 'h2c']) {
      const answer = await told(
        get(PAGE, 'Connection: Upgrade, HTTP2-Settings', `Upgrade: ${protocol}`, 'HTTP2-Settings: AA'),
      );
      expect(statuses(answer)).toEqual(['200']);
    }
  });

  it('headers that want to be another address, method or caller', async () => {
    const open = await serve(guarded, { limits: { requestsPerMinute: 3 } });
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) {
      const headers = {
        'x-forwarded-for': `10.0.0.${i}`,
        'x-real-ip': `10.0.0.${i}`,
        forwarded: `for=10.0.0.${i}`,
        'x-http-method-override': 'DELETE',
        'x-original-url': '/healthz',
        'x-rewrite-url': '/healthz',
        'x-forwarded-host': 'evil.example',
      };
      const { status, json } = await ask(open, '/v1/datasets', { key: clerk.key, headers });
      if (status === 200) expect(json.datasets).toHaveLength(3);
      seen.push(status);
    }
    expect(seen).toEqual([200, 200, 200, 429, 429]);
  });
});

describe('takes its time', () => {
  it.each([
    ['with its headers', `GET ${PAGE} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `],
    ['with its body', post(['Content-Length: 100000'], 'x')],
    ['with its chunks', post(['Transfer-Encoding: chunked'], '1\r\nx\r\n')],
  ])('%s', async (_, text) => {
    const slow = await serve(undefined, { requestTimeout: 1 });
    const { hostname, port } = new URL(slow.address);
    const answer = await new Promise<string>((resolve) => {
      let got = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      const drip = setInterval(() => socket.write(text.includes('chunked') ? '1\r\nx\r\n' : 'x'), 50);
      socket
        .setEncoding('latin1')
        .on('data', (chunk) => (got += chunk))
        .on('error', () => {})
        .on('close', () => {
          clearInterval(drip);
          resolve(got);
        });
    });
    // where an answer has begun it is cut off, never ended as if it were whole
    expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((await ask(slow, '/healthz')).status).toBe(200);
  });
});
