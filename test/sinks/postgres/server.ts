/**
 * What the tests of PostgreSQL share: a database of their own on the server that OVERPUNCH_TEST_POSTGRES names (a superuser
 * there; without it they skip, and say so), and a file of accounts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { codePage } from '../../../src/codepage/codepage.js';

export const SERVER = process.env.OVERPUNCH_TEST_POSTGRES;

/** The end of a test file's name, which says why it skips. */
export const skipped = SERVER ? '' : ' (skipped: OVERPUNCH_TEST_POSTGRES names no server)';

export interface Database {
  readonly url: string;
  readonly client: pg.Client;
  /** URL for another user. */
  urlOf(user: string, password: string): string;
  query<T = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
  drop(): Promise<void>;
}

let made = 0;

export async function createDatabase(): Promise<Database> {
  const name = `overpunch_test_${process.pid}_${Date.now()}_${++made}`;
  const admin = new pg.Client(SERVER);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER!);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  client.on('error', () => {});
  await client.connect();
  return {
    url: url.href,
    client,
    urlOf(user, password) {
      const own = new URL(url.href);
      own.username = user;
      own.password = password;
      return own.href;
    },
    async query<T>(text: string, values?: unknown[]) {
      const { rows } = await client.query(text, values);
      return rows as T[];
    },
    async drop() {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

const page = codePage('037');
const codes = new Map(Array.from({ length: 256 }, (_, byte) => [page.toUnicode[byte], byte]));
export const ebcdic = (text: string): Buffer =>
  Buffer.from([...text].map((letter) => codes.get(letter.codePointAt(0)!)!));

/** Digits and a sign, packed. */
export function packed(value: bigint | number, digits: number): Buffer {
  const negative = value < 0;
  const text = String(value)
    .replace('-', '')
    .padStart(digits | 1, '0');
  return Buffer.from(`${text}${negative ? 'd' : 'c'}`, 'hex');
}

export const COPYBOOK = `
       01 ACCOUNT.
          05 ACCT-ID    PIC 9(7).
          05 OWNER.
             10 NAME    PIC X(12).
             10 TAX-NO  PIC X(9).
          05 BRANCH     PIC X(3).
          05 BALANCE    PIC S9(9)V99 COMP-3.
          05 LINE-COUNT PIC 9.
          05 LINES OCCURS 0 TO 4 DEPENDING ON LINE-COUNT.
             10 DAY     PIC 9(3).
             10 AMOUNT  PIC S9(5)V99 COMP-3.
`;

export interface Account {
  readonly id: number | string;
  readonly name?: string;
  readonly balance?: number;
  readonly lines?: readonly number[];
}

/** A record; what is not said follows from its number. */
export function account({ id, name = `NAME ${id}`, balance = Number(id) * 101 - 5000, lines }: Account): Buffer {
  const own = lines ?? Array.from({ length: Number(id) % 5 }, (_, n) => n * 100 + Number(id));
  return Buffer.concat([
    ebcdic(String(id).padStart(7, '0')),
    Buffer.concat([ebcdic(name), Buffer.alloc(12, 0x40)]).subarray(0, 12),
    ebcdic(String(Number(id) * 7919 + 100000000).slice(-9)),
    ebcdic(['NYC', 'BER', 'TYO'][Number(id) % 3]!),
    packed(balance, 11),
    ebcdic(String(own.length)),
    ...own.map((amount, n) => Buffer.concat([ebcdic(String(n + 1).padStart(3, '0')), packed(amount % 10000000, 7)])),
  ]);
}

/** Records with descriptors, as RECFM V has them. */
export const unload = (records: readonly Buffer[]): Buffer =>
  Buffer.concat(records.flatMap((body) => [Buffer.of((body.length + 4) >> 8, (body.length + 4) & 255, 0, 0), body]));

export const accounts = (from: number, to: number): Buffer =>
  unload(Array.from({ length: to - from + 1 }, (_, n) => account({ id: from + n })));

/** A folder with the copybook and some files in it. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'overpunch-postgres-'));
  readonly copybook = this.write('account.cpy', COPYBOOK);

  write(name: string, bytes: Uint8Array | string): string {
    const path = join(this.path, name);
    writeFileSync(path, bytes);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
