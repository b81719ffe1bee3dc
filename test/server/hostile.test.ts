/**
 * Requests that want what they must not have: each is answered with 4xx, in the form of a problem, and leaks nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { cursorFor } from '../../src/server/records/cursor.js';
import type { RunningService } from '../../src/server/start.js';
import { ask, folder, serve, write } from './served.js';

let service: RunningService;
let cursor: string;
beforeAll(async () => {
  service = await serve();
  cursor = (await ask(service, '/v1/datasets/fixed/records?limit=1')).json.next;
});

const records = '/v1/datasets/fixed/records';
const where = (text: string): string => `${records}?where=${encodeURIComponent(text)}`;
/** A request as it goes over the line: path, headers, method. */
type Raw = readonly [path: string, headers?: readonly string[], method?: string];

const REQUESTS: readonly (Raw | (() => Raw))[] = [
  // ways out of the folder
  ['/v1/datasets/../../etc/passwd'],
  ['/v1/datasets/..%2f..%2fetc%2fpasswd/records'],
  ['/v1/datasets/%2e%2e/records'],
  ['/v1/datasets/..%5c..%5cwindows/records'],
  ['/v1/datasets/fixed.dat/records'],
  ['/v1/datasets/file:%2f%2f%2fetc%2fpasswd'],
  ['/v1/datasets/fixed%00/records'],
  ['/v1/datasets/__proto__/records'],
  ['/v1/datasets/constructor'],
  ['/v1/datasets/toString/schema'],
  ['/docs/static/..%2f..%2f..%2fpackage.json'],
  ['//etc/passwd'],
  // conditions
  [where('BALANCE = 1; DROP TABLE ACCOUNT')],
  [where("CUST-NAME = '' OR 1=1 --")],
  [where("CUST-NAME = 'A")],
  [where('('.repeat(2000))],
  [where(`${'NOT '.repeat(900)}BRANCH = 1`)],
  [where('NOSUCH = 1')],
  [where('BRANCH = (SELECT 1)')],
  [where("CUST-NAME LIKE 'A' ESCAPE 'LONG'")],
  [where('A'.repeat(4001))],
  [where('process.exit(1)')],
  [where("BALANCE = '#{7*7}'")],
  [where('BRANCH = \0')],
  [`${records}?where=%ff%fe`],
  [`${records}?where=%c0%af%c0%af`],
  [`${records}?where=`],
  [`${records}?where=BRANCH%3D1&where=BRANCH%3D2`],
  [`${records}?where[a]=1`],
  // limits
  [`${records}?limit=0`],
  [`${records}?limit=-1`],
  [`${records}?limit=1001`],
  [`${records}?limit=1e308`],
  [`${records}?limit=1e400`],
  [`${records}?skip=1e400`],
  [`${records}?skip=Infinity`],
  [`${records}?limit=99999999999999999999999`],
  [`${records}?limit=NaN`],
  [`${records}?skip=-5`],
  [`${records}?skip=1.5`],
  [`${records}?limit=1&limit=2`],
  [`${records}?cursor=AAAA`, ['Accept: application/vnd.apache.parquet']],
  [`${records}?select=..%2F..%2Fetc`, ['Accept: application/vnd.apache.parquet']],
  [where("BRANCH = 1') TO '/tmp/out' --"), ['Accept: application/vnd.apache.parquet']],
  ['/v1/datasets/fixed/aggregate?limit=100001&group=BRANCH'],
  [`/v1/datasets/fixed/aggregate?group=${Array.from({ length: 70 }, () => 'BRANCH').join()}`],
  ['/v1/datasets/fixed/aggregate?sum=CUST-NAME'],
  [`${records}?order=${'BRANCH,'.repeat(500)}`],
  // names
  [`${records}?select=`],
  [`${records}?select=__proto__`],
  [`${records}?select=,,,`],
  [`${records}?order=BRANCH:sideways`],
  [`${records}?nix=1`],
  [`${records}?__proto__[admin]=1`],
  ['/v1/datasets/fixed/schema?format=../../etc'],
  // what is for looking
  ['/v1/datasets/fixed/selection?from=1e400'],
  ['/v1/datasets/fixed/selection?from=99999999999999999'],
  ['/v1/datasets/fixed/selection?limit=100000'],
  ['/v1/datasets/fixed/selection?where=%28%28%28%28'],
  ['/v1/datasets/fixed/selection?order=__proto__'],
  [`/v1/datasets/fixed/statistics?fields=${Array.from({ length: 65 }, (_, i) => `F${i}`).join()}`],
  ['/v1/datasets/fixed/statistics?limit=1000000000'],
  ['/v1/datasets/fixed/statistics?fields=constructor'],
  [`${records}/1/fields?select=__proto__`],
  [`${records}/99999999999999/fields`],
  [`${records}/1e3/fields`],
  ['/assets/..%2f..%2fpackage.json'],
  ['/assets/%2e%2e/index.html'],
  ['/assets/index.js%00.css'],
  // numbers and keys
  [`${records}/0`],
  [`${records}/-1`],
  [`${records}/1.5`],
  [`${records}/0x10`],
  [`${records}/1e3`],
  [`${records}/9999999999999999999`],
  ['/v1/datasets/fixed/by/'],
  ['/v1/datasets/fixed/by/abc'],
  [`/v1/datasets/fixed/by/${'1'.repeat(2000)}`],
  // cursors
  [`${records}?cursor=AAAA`],
  () => [`/v1/datasets/varied/records?cursor=${cursor}`],
  () => [`${records}?cursor=${cursor}&where=BRANCH%3D1`],
  () => [`${records}?cursor=${cursor}&skip=1`],
  () => [`${records}?cursor=${cursor.slice(0, -1)}%00`],
  () => [`${records}?cursor=${cursorFor(5, 'another file', JSON.stringify(['fixed', null, null]))}`],
  // ranges
  [`${records}/1/bytes`, ['Range: bytes=100-200']],
  [`${records}/1/bytes`, ['Range: bytes=5-2']],
  [`${records}/1/bytes`, [`Range: bytes=${Array.from({ length: 200 }, (_, i) => `${i}-${i}`).join()}`]],
  [`${records}/1/bytes`, ['Range: bytes=-0']],
  [`${records}/1/bytes`, ['Range: records=1-2']],
  // headers and methods
  [records, ['Accept: image/png']],
  [records, [`X-Long: ${'a'.repeat(20_000)}`]],
  [records, ['Content-Length: 5', 'Transfer-Encoding: chunked'], 'POST'],
  [records, [], 'DELETE'],
  ['/v1/datasets/fixed', [], 'DELETE'],
  ['/v1/datasets/..%2f..%2ffixed.dat', [], 'DELETE'],
  ['/v1/datasets', ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 99999999999'], 'POST'],
  ['/v1/datasets', ['Content-Type: multipart/form-data; boundary=x', 'Origin: https://evil.example'], 'POST'],
  ['/v1/datasets/fixed', ['Sec-Fetch-Site: same-site'], 'DELETE'],
  [records, [], 'PUT'],
  ['/v1/datasets', ['Host: evil.example']],
  ['/v1/datasets/fixed/decode', ['Content-Type: application/json', 'Content-Length: 2'], 'POST'],
  ['/v1/datasets/fixed/decode', ['Content-Type: application/octet-stream', 'Content-Length: 99999999999'], 'POST'],
  ['/v1/datasets/fixed/decode?recfm=VBS', ['Content-Type: application/octet-stream', 'Content-Length: 1'], 'POST'],
];

/** As it is written: fetch would put it right. */
function send([path, headers = [], method = 'GET']: Raw): Promise<string> {
  const { hostname, port } = new URL(service.address);
  const host = headers.some((line) => line.startsWith('Host:')) ? [] : [`Host: ${hostname}:${port}`];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        [`${method} ${path} HTTP/1.1`, ...host, 'Connection: close', ...headers, '', 'x'].join('\r\n'),
        'latin1',
      );
    });
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => (text += chunk));
    socket.on('end', () => resolve(text)).on('error', (error) => (text ? resolve(text) : reject(error)));
  });
}

it('has enough of them', () => expect(REQUESTS.length).toBeGreaterThanOrEqual(60));

it.each(REQUESTS.map((request, i) => [i, request] as const))('request %i', async (_, request) => {
  const raw = typeof request === 'function' ? request() : request;
  const text = await send(raw);
  expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
  for (const leak of ['node_modules', folder, '    at ', '.js:', '.ts:', 'root:', '"records":[', 'stack'])
    expect(text).not.toContain(leak);
});

it('goes on answering', async () => expect((await ask(service, `${records}/1`)).status).toBe(200));

describe('a table of which every record has many items and few bytes', () => {
  write(
    'wide.cpy',
    '       01  W.\n           05  ID PIC 9.\n           05  T OCCURS 200.\n               10  V PIC X OCCURS 100.\n',
  );
  write('wide.dat', Buffer.from('0005 0000 f1'.replaceAll(' ', '').repeat(1001), 'hex'));
  const wide = { data: 'wide.dat', copybook: 'wide.cpy', recfm: 'V' };

  it.each([
    ['records', wide],
    ['selection', wide],
    ['records', { ...wide, mask: ['ID'] }],
  ])('is no page of gigabytes, and nothing of it is in the next answer: %s', async (way, dataset) => {
    const service = await serve({ datasets: { wide: dataset } });
    const refused = await ask(service, `/v1/datasets/wide/${way}?limit=1000`);
    expect([refused.status, refused.json.code]).toEqual([422, 'OVP_DATA_LENGTH']);
    expect(refused.json.detail).toMatch(/more than 64 MB of text/);
    // it was busy, and may say so for a moment
    await expect.poll(async () => (await ask(service, '/v1/datasets/wide')).status).toBe(200);
    const { json } = await ask(service, `/v1/datasets/wide/${way}?limit=2`);
    expect(json.records.length).toBe(2);
    expect(json.records[1].t.length).toBe(200);
  });
});
