/**
 * Records of every kind of key for the tests of sort, group and index, from a seed; some values absent, some bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { codePage } from '../../src/codepage/codepage.js';
import { Copybook } from '../../src/copybook.js';
import { Random } from '../parity/random.js';

export const copybook = Copybook.parse(`       01  ACCOUNT.
           05  ACCT-ID      PIC 9(5).
           05  CUST-NAME    PIC X(8).
           05  BALANCE      PIC S9(7)V99 COMP-3.
           05  BIG          PIC S9(29)V99 COMP-3.
           05  BRANCH       PIC S9(4) COMP.
           05  RATE         COMP-2.
           05  VISITS       PIC S9(9) COMP.
           05  ITEMS        PIC X(2) OCCURS 2.
`);
export const LENGTH = 5 + 8 + 5 + 16 + 2 + 8 + 4 + 4;

export interface Account {
  readonly id: number;
  readonly name: string;
  /** In cents; null: absent, undefined: bad. */
  readonly balance: bigint | null | undefined;
  readonly big: bigint;
  readonly branch: number;
  readonly rate: number;
  readonly visits: number;
  readonly bytes: Uint8Array;
}

const NAMES = ['ADA', 'BOB', 'bob', 'ZOE9', 'EVE', '', 'É', 'A B', '12'];

export function accounts(count: number, seed: number, branches = 7): Account[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const kind = random.below(20);
    const sign = random.chance(50) ? 1n : -1n;
    const balance = kind === 0 ? null : kind === 1 ? undefined : sign * BigInt(random.below(1_000_000_000));
    const big = (random.chance(50) ? 1n : -1n) * BigInt(random.below(1 << 30)) * 10n ** BigInt(random.below(22));
    const one = {
      id: i % 99_991,
      name: random.pick(NAMES),
      balance,
      big,
      branch: random.below(branches) - 3,
      rate: (random.below(2001) - 1000) / 8,
      visits: random.below(5) - 2,
    };
    return { ...one, bytes: bytesOf(one) };
  });
}

function bytesOf({ id, name, balance, big, branch, rate, visits }: Omit<Account, 'bytes'>): Uint8Array {
  const bytes = Buffer.alloc(LENGTH, 0x40);
  bytes.set(ebcdic(String(id).padStart(5, '0')), 0);
  bytes.set(ebcdic(name.padEnd(8)), 5);
  if (balance === undefined) bytes.fill(0xcc, 13, 18);
  else if (balance !== null) bytes.set(packed(balance, 9), 13);
  bytes.set(packed(big, 31), 18);
  bytes.writeInt16BE(branch, 34);
  bytes.set(hexFloat(rate), 36);
  bytes.writeInt32BE(visits, 44);
  return bytes;
}

export function ebcdic(text: string): Uint8Array {
  const bytes = codePage('037').encode(text);
  if (!(bytes instanceof Uint8Array)) throw new Error(`not in code page 037: ${text}`);
  return bytes;
}

function packed(value: bigint, digits: number): Uint8Array {
  const text = String(value < 0n ? -value : value).padStart(digits, '0') + (value < 0n ? 'd' : 'c');
  return Buffer.from(text, 'hex');
}

/** IBM's long form of a number that has a few bits only. */
function hexFloat(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  if (value === 0) return bytes;
  let exponent = 64;
  let fraction = Math.abs(value);
  for (; fraction >= 1; exponent++) fraction /= 16;
  for (; fraction < 1 / 16; exponent--) fraction *= 16;
  bytes.writeBigUInt64BE(BigInt(fraction * 2 ** 56));
  bytes[0] = exponent | (value < 0 ? 0x80 : 0);
  return bytes;
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
