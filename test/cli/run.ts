/**
 * Runs the command as a child process, on small files made here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codePage } from '../../src/codepage/codepage.js';

export const COMMAND = fileURLToPath(new URL('../../bin/overpunch.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Standard input: bytes, or a file's path; standard output: kept, or a file's path. */
export interface Streams {
  readonly input?: Uint8Array | { readonly path: string };
  readonly output?: { readonly path: string };
}

/** Runs `overpunch ...args`, with `environment` on top of this process's. */
export function run(
  args: readonly string[],
  { input = new Uint8Array(0), output }: Streams = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const fds = [
    input instanceof Uint8Array ? null : openSync(input.path, 'r'),
    output ? openSync(output.path, 'a') : null, // as >> has it
  ];
  return new Promise<Outcome>((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...process.env, NO_COLOR: '', ...environment },
      stdio: [fds[0] ?? 'pipe', fds[1] ?? 'pipe', 'pipe'],
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    child.stdin?.on('error', () => {}); // it need not read to the end
    if (input instanceof Uint8Array) child.stdin?.end(input);
  }).finally(() => {
    for (const fd of fds) if (fd !== null) closeSync(fd);
  });
}

/** A folder of its own for a test file. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'overpunch-cli-'));

  file(name: string, content?: Uint8Array | string): string {
    const path = join(this.path, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export const COPYBOOK = `       01  ACCOUNT.
           05  ACCT-ID        PIC 9(4).
           05  ACCT-NAME      PIC X(6).
           05  BALANCE        PIC S9(5)V99 COMP-3.
`;
/** Bytes of one record of COPYBOOK. */
export const LENGTH = 14;

export function ebcdic(text: string): Uint8Array {
  const bytes = codePage('037').encode(text);
  if (!(bytes instanceof Uint8Array)) throw new Error(`not in code page 037: ${text}`);
  return bytes;
}

export const hex = (digits: string): Uint8Array => Buffer.from(digits, 'hex');

/** A record of COPYBOOK: the balance as the eight hexadecimal digits of its bytes. */
export const account = (id: string, name: string, balance: string): Uint8Array =>
  Buffer.concat([ebcdic(id), ebcdic(name.padEnd(6)), hex(balance)]);

/** With an RDW before it. */
export function rdw(record: Uint8Array): Uint8Array {
  const descriptor = Buffer.alloc(4);
  descriptor.writeUInt16BE(record.length + 4, 0);
  return Buffer.concat([descriptor, record]);
}

export const ADA = account('0001', 'ADA', '0012345C');
export const BOB = account('0002', 'BOB', '0000050D');
/** Its balance has no sign nibble. */
export const BAD = account('0003', 'EVE', '00123456');
