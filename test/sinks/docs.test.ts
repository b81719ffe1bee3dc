/**
 * The sink that docs/sinks.md shows, taken out of it and run against a server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/sinks.md'), 'utf8');
const [, code] = /```js\n(import [\s\S]*?)```/.exec(page)!;

const folder = mkdtempSync(join(tmpdir(), 'overpunch-sink-'));
const copybook = join(folder, 'account.cpy');
const data = join(folder, 'accounts.bin');
const script = join(folder, 'post.mjs');
/** Records of 12 bytes; the 5th has a bad balance. */
const RECORDS = 200_000;

let server: Server;
let requests: { method: string; url: string; body: string }[] = [];
let answer: (url: string) => number = () => 200;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

beforeAll(async () => {
  writeFileSync(script, code!);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'overpunch'));
  writeFileSync(
    copybook,
    '       01  ACCOUNT.\n           05  ACCT-ID  PIC 9(17) COMP.\n           05  BALANCE  PIC S9(5)V99 COMP-3.\n',
  );
  const bytes = Buffer.alloc(12 * RECORDS);
  for (let i = 0; i < RECORDS; i++) {
    bytes.writeBigInt64BE(10n ** 16n + BigInt(i), 12 * i);
    bytes.writeUInt32BE(i === 4 ? 0xfafafafa : 0x0012345d, 12 * i + 8);
  }
  writeFileSync(data, bytes);
  server = createServer(async (request, response) => {
    requests.push({ method: request.method!, url: request.url!, body: await bodyOf(request) });
    response.statusCode = answer(request.url!);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function run(): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  requests = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/loads/17/`;
  return new Promise((resolve) => {
    execFile(process.execPath, [script, data, copybook, url], (error, stdout, stderr) => {
      resolve({ failed: error !== null, stdout, stderr });
    });
  });
}

describe('the sink of docs/sinks.md', () => {
  it('has at most fifty lines', () => {
    expect(code!.trimEnd().split('\n').length).toBeLessThanOrEqual(50);
  });

  it('posts every row once, in order, and what is bad', async () => {
    answer = () => 200;
    expect(await run()).toEqual({ failed: false, stdout: `${RECORDS} rows\n`, stderr: '' });
    const [first, ...rest] = requests;
    expect(first).toEqual({ method: 'PUT', url: '/loads/17/columns', body: '["acct_id","balance"]' });
    expect(rest.pop()).toEqual({ method: 'POST', url: '/loads/17/commit', body: String(RECORDS) });
    const posts = rest.filter(({ url }) => url.includes('/rows/'));
    expect(posts.length).toBeGreaterThan(2);
    let next = 1;
    for (const { url, body } of posts) {
      expect(url).toBe(`/loads/17/rows/${next}`);
      const lines = body.trimEnd().split('\n');
      expect(lines[0]).toBe(`{"acct_id":"${10n ** 16n + BigInt(next - 1)}","balance":"-123.45"}`);
      if (next === 1) expect(JSON.parse(lines[4]!)).toEqual({ acct_id: '10000000000000004', balance: null });
      next += lines.length;
    }
    expect(next).toBe(RECORDS + 1);
    const bad = rest.filter(({ url }) => url.includes('/bad/'));
    expect(bad.map(({ url }) => url)).toEqual(['/loads/17/bad/1']);
    expect(JSON.parse(bad[0]!.body)).toMatchObject([{ record: 5, field: 'ACCOUNT.BALANCE', hex: 'FAFAFAFA' }]);
  });

  it('takes everything back when the server refuses some of it', async () => {
    let posts = 0;
    answer = (url) => (url.includes('/rows/') && ++posts === 2 ? 507 : 200);
    const { failed, stdout, stderr } = await run();
    expect({ failed, stdout }).toEqual({ failed: true, stdout: '' });
    expect(stderr).toContain(': 507');
    expect(requests.at(-1)).toMatchObject({ method: 'DELETE', url: '/loads/17/' });
    expect(requests.some(({ url }) => url.endsWith('/commit'))).toBe(false);
  });
});
