/**
 * Sorting: the order of every kind of value, stability, framing of the output, the temporary file. Both engines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import type { SortField } from '../../src/keyed/sort.js';
import { open } from '../../src/read.js';
import { engines } from '../engine/engines.js';
import { type Account, LENGTH, accounts, all, collect, copybook, ebcdic } from './accounts.js';

const LEAST = 1 << 16;
const folder = mkdtempSync(join(tmpdir(), 'overpunch-sort-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Compare = (a: Account, b: Account) => number;
/** Bad before absent before values. */
const rank = ({ balance }: Account): number => (balance === undefined ? 0 : balance === null ? 1 : 2);
const big = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
const COMPARE: Record<string, Compare> = {
  'ACCT-ID': (a, b) => a.id - b.id,
  'CUST-NAME': (a, b) => Buffer.compare(ebcdic(a.name.padEnd(8)), ebcdic(b.name.padEnd(8))),
  BALANCE: (a, b) => rank(a) - rank(b) || (rank(a) === 2 ? big(a.balance!, b.balance!) : 0),
  BIG: (a, b) => big(a.big, b.big),
  BRANCH: (a, b) => a.branch - b.branch,
  RATE: (a, b) => a.rate - b.rate,
  VISITS: (a, b) => a.visits - b.visits,
};

/** By Array.sort, which is stable. */
function expected(list: readonly Account[], by: readonly SortField[]): Buffer {
  const order = by.map((field) => (typeof field === 'string' ? { by: field } : field));
  const sorted = [...list].sort((a, b) => {
    for (const { by: name, order: way } of order as { by: string; order?: string }[]) {
      const found = COMPARE[name]!(a, b);
      if (found !== 0) return way === 'desc' ? -found : found;
    }
    return 0;
  });
  return Buffer.concat(sorted.map(({ bytes }) => bytes));
}

const KEYS: readonly (readonly SortField[])[] = [
  ...Object.keys(COMPARE).flatMap((by): SortField[][] => [[by], [{ by, order: 'desc' }]]),
  ['VISITS', { by: 'BALANCE', order: 'desc' }, 'CUST-NAME'],
  [{ by: 'CUST-NAME', order: 'desc' }, 'BIG', 'RATE'],
  ['BRANCH', 'VISITS', 'RATE', 'BIG', { by: 'BALANCE', order: 'desc' }, 'CUST-NAME', 'ACCT-ID'],
];

function rdw(record: Uint8Array): Buffer {
  const descriptor = Buffer.alloc(4);
  descriptor.writeUInt16BE(record.length + 4);
  return Buffer.concat([descriptor, record]);
}

function blocks(records: readonly Uint8Array[], perBlock: number): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < records.length; at += perBlock)
    out.push(rdw(Buffer.concat(records.slice(at, at + perBlock).map(rdw))));
  return Buffer.concat(out);
}

describe.each(engines())('sort, $name engine', ({ name: engine }) => {
  const list = accounts(4000, 1);
  const data = Buffer.concat(list.map(({ bytes }) => bytes));

  it.each(KEYS.map((by) => [JSON.stringify(by), by] as const))('by %s', async (_, by) => {
    const sorted = await collect(open(data, { copybook, engine }).sort(by).toRecords());
    expect(sorted.equals(expected(list, by))).toBe(true);
  });

  it('is the same through a temporary file, of which nothing stays', async () => {
    const by: SortField[] = ['CUST-NAME', { by: 'BALANCE', order: 'desc' }];
    const path = join(folder, 'data.bin');
    writeFileSync(path, data);
    const temp = mkdtempSync(join(folder, 'temp-'));
    const reader = open(path, { copybook, engine, batchRecords: 100 }).sort(by, { memory: LEAST, tempDirectory: temp });
    expect((await collect(reader.toRecords())).equals(expected(list, by))).toBe(true);
    const { sorted } = reader.summary;
    expect(sorted!.runs).toBeGreaterThan(1);
    expect(sorted!.spilledBytes).toBeGreaterThan(data.length);
    expect(readdirSync(temp)).toEqual([]);
  });

  it('is the same on several threads, from memory and from a file', async () => {
    const many = accounts(70_000, 3);
    const bytes = Buffer.concat(many.map((one) => one.bytes));
    const path = join(folder, 'many.bin');
    writeFileSync(path, bytes);
    const by: SortField[] = ['BRANCH', { by: 'CUST-NAME', order: 'desc' }];
    const wanted = expected(many, by);
    for (const source of [bytes, path]) {
      const sorted = open(source, { copybook, engine, threads: 3 }).sort(by).toRecords({ reuse: true });
      let at = 0;
      for await (const chunk of sorted) {
        expect(Buffer.compare(chunk, wanted.subarray(at, at + chunk.length))).toBe(0);
        at += chunk.length;
      }
      expect(at).toBe(wanted.length);
    }
    const none = open(bytes, { copybook, engine, threads: 0 }).sort(by).toRecords();
    await expect(none.next()).rejects.toThrow(/threads/);
  });

  it('merges more runs than it has windows for, in several passes', async () => {
    const many = accounts(70_000, 2);
    const source = (async function* () {
      for (let at = 0; at < many.length; at += 500)
        yield Buffer.concat(many.slice(at, at + 500).map(({ bytes }) => bytes));
    })();
    const text = `       01  R.\n           05  ID PIC 9(5).\n           05  REST PIC X(${LENGTH - 5}).\n           05  WIDE REDEFINES REST PIC X(${LENGTH - 5}).\n`;
    const reader = open(source, { copybook: Copybook.parse(text), engine, batchRecords: 64 });
    const sorted = reader.sort([{ by: 'REST', order: 'desc' }, 'ID'], { memory: LEAST });
    const bytes = await collect(sorted.toRecords());
    const wanted = [...many].sort((a, b) => Buffer.compare(b.bytes.subarray(5), a.bytes.subarray(5)) || a.id - b.id);
    expect(sorted.summary.sorted!.runs).toBeGreaterThan(128);
    expect(bytes.equals(Buffer.concat(wanted.map((one) => one.bytes)))).toBe(true);
  });

  it('keeps what skip, where and limit leave, and can be read as any reader', async () => {
    const kept = list
      .slice(10)
      .filter(({ branch }) => branch > 0)
      .slice(0, 500);
    const options = { copybook, engine, skip: 10, where: 'BRANCH > 0', limit: 500 };
    const rows = await all(open(data, options).sort(['BIG']));
    const wanted = [...kept].sort(COMPARE.BIG!);
    expect(rows.map((row) => row.acctId)).toEqual(wanted.map(({ id }) => id));
    const lines = await collect(open(data, options).sort(['BIG']).toJsonLines());
    expect(lines.toString().split('\n').length).toBe(501);
    const again = await all(
      open(data, options)
        .sort(['BIG'])
        .sort([{ by: 'ACCT-ID', order: 'desc' }]),
    );
    expect(again.map((row) => row.acctId)).toEqual(kept.map(({ id }) => id).sort((a, b) => b - a));
    let rowsInBatches = 0;
    for await (const batch of open(data, options).sort(['BIG']).batches()) rowsInBatches += batch.length;
    expect(rowsInBatches).toBe(500);
  });

  it('writes what it reads: V keeps descriptors, VB makes blocks of the size it found, lines end as they did', async () => {
    const records = list.slice(0, 300).map(({ bytes }, i) => bytes.subarray(0, LENGTH - (i % 4)));
    const sorted = [...records].sort((a, b) => Buffer.compare(b.subarray(0, 5), a.subarray(0, 5)));
    const by: SortField[] = [{ by: 'ACCT-ID', order: 'desc' }];
    const v = Buffer.concat(records.map(rdw));
    for (const memory of [LEAST, 1 << 30]) {
      const read = open(v, { copybook, engine, recfm: 'V', batchRecords: 50 }).sort(by, { memory });
      expect((await collect(read.toRecords())).equals(Buffer.concat(sorted.map(rdw)))).toBe(true);
    }
    const same = records.map((record) => record.subarray(0, LENGTH - 3));
    const vb = open(blocks(same, 7), { copybook, engine, recfm: 'VB' }).sort(by);
    const wanted = [...same].sort((a, b) => Buffer.compare(b.subarray(0, 5), a.subarray(0, 5)));
    expect((await collect(vb.toRecords())).equals(blocks(wanted, 7))).toBe(true);

    const words = Copybook.parse('       01  LINE.\n           05  WORD PIC X(3).\n');
    const crlf = open(Buffer.from('cc\r\nb\r\naaa'), { copybook: words, engine, recfm: 'lines', encoding: 'ascii' });
    expect((await collect(crlf.sort(['WORD']).toRecords())).toString()).toBe('aaa\r\nb\r\ncc\r\n');
  });

  it('takes little-endian descriptors and adjustments back as they were', async () => {
    const records = ['C', 'A', 'B'].map((letter) => ebcdic(letter.padEnd(4)));
    const little = (record: Uint8Array): Buffer => Buffer.concat([Buffer.of(record.length, 0, 0, 0), record]);
    const bdw = (block: Buffer): Buffer => Buffer.concat([Buffer.of(block.length + 4, 0, 0, 0), block]);
    const word = Copybook.parse('       01  R.\n           05  WORD PIC X(4).\n');
    const options = {
      copybook: word,
      engine,
      recfm: 'VB',
      rdwEndian: 'little',
      rdwAdjust: 4,
      bdwEndian: 'little',
    } as const;
    const read = open(bdw(Buffer.concat(records.map(little))), options);
    const [c, a, b] = records as [Uint8Array, Uint8Array, Uint8Array];
    expect((await collect(read.sort(['WORD']).toRecords())).equals(bdw(Buffer.concat([a, b, c].map(little))))).toBe(
      true,
    );
  });

  it('orders text by bytes, by code points, or as another code page', async () => {
    const words = ['a', 'A', '1', 'b', 'Z'].map((text) => ebcdic(text.padEnd(2)));
    const word = Copybook.parse('       01  R.\n           05  WORD PIC X(2).\n');
    const read = (collate?: string): Promise<string> =>
      all(
        open(Buffer.concat(words), { copybook: word, engine }).sort(['WORD'], collate === undefined ? {} : { collate }),
      ).then((rows) => rows.map((row) => row.word).join(''));
    expect(await read()).toBe('abAZ1');
    expect(await read('unicode')).toBe('1AZab');
    expect(await read('latin-1')).toBe('1AZab');
    expect(await read('037')).toBe('abAZ1');
    await expect(read('utf-8')).rejects.toThrow(/can't be put in the order of utf-8/);
  });

  it('copies records as they are without a sort', async () => {
    const kept = list.filter(({ branch }) => branch === 2).map(({ bytes }) => bytes);
    const options = { copybook, engine, where: 'BRANCH = 2' };
    expect((await collect(open(data, options).toRecords())).equals(Buffer.concat(kept))).toBe(true);
    const v = Buffer.concat(list.map(({ bytes }) => rdw(bytes)));
    const copy = await collect(open(v, { copybook, engine, recfm: 'V' }).toRecords());
    expect(copy.equals(v)).toBe(true);
    const vb = blocks(
      list.map(({ bytes }) => bytes),
      5,
    );
    const copied = await collect(open(vb, { copybook, engine, recfm: 'VB' }).toRecords());
    expect(copied.equals(vb)).toBe(true);
  });

  it('ends at a bad key where bad data is not wanted, and counts it elsewhere', async () => {
    const bad = list.findIndex(({ balance }) => balance === undefined);
    const read = (onBadData: 'throw' | 'report') => open(data, { copybook, engine, onBadData }).sort(['BALANCE']);
    await expect(collect(read('throw').toRecords())).rejects.toMatchObject({ data: { record: bad + 1 } });
    const reader = read('report');
    await collect(reader.toRecords());
    expect(reader.summary.sorted!.badKeys).toBe(list.filter(({ balance }) => balance === undefined).length);
  });

  it('writes the same into memory that is used again', async () => {
    for (const read of [open(data, { copybook, engine }), open(data, { copybook, engine }).sort(['BIG'])]) {
      const own = read.summary.sorted ? expected(list, ['BIG']) : data;
      const copies: Uint8Array[] = [];
      for await (const chunk of read.toRecords({ reuse: true })) copies.push(Buffer.from(chunk));
      expect(Buffer.concat(copies).equals(own)).toBe(true);
    }
  });

  it('has nothing to write where there is nothing', async () => {
    expect((await collect(open(Buffer.alloc(0), { copybook, engine }).sort(['BIG']).toRecords())).length).toBe(0);
    expect((await collect(open(list[0]!.bytes, { copybook, engine }).sort(['BIG']).toRecords())).length).toBe(LENGTH);
  });

  it('refuses what it cannot sort by, with a way out', async () => {
    const sort = (by: readonly SortField[]): Promise<Buffer> =>
      collect(open(data, { copybook, engine }).sort(by).toRecords());
    await expect(sort(['BALANC'])).rejects.toThrow(/there is no item 'BALANC'[\s\S]*Did you mean BALANCE/);
    await expect(sort(['ACCOUNT'])).rejects.toThrow(/ACCOUNT is a group[\s\S]*ACCT-ID/);
    await expect(sort(['ITEMS'])).rejects.toThrow(/is in the table/);
    await expect(sort([{ by: 'BIG', order: 'up' as 'asc' }])).rejects.toThrow(/asc or desc/);
    expect(() => open(data, { copybook, engine }).sort([])).toThrow(/needs a field/);
    const reader = open(data, { copybook, engine });
    reader.sort(['BIG']);
    expect(() => reader.sort(['BIG'])).toThrow(/iterated already/);
  });

  it('tells a broken source and a temporary folder that is not there, and leaves nothing open', async () => {
    const cut = data.subarray(0, data.length - 1);
    await expect(collect(open(cut, { copybook, engine }).sort(['BIG']).toRecords())).rejects.toThrow(/not a multiple/);
    const lost = { memory: LEAST, tempDirectory: join(folder, 'nowhere') };
    const path = join(folder, 'lost.bin');
    writeFileSync(path, data);
    const reader = open(path, { copybook, engine, batchRecords: 100 }).sort(['BIG'], lost);
    await expect(collect(reader.toRecords())).rejects.toMatchObject({ code: 'OVP_IO_SPILL' });
  });

  it('ends with its signal and when nobody reads on, without a trace', async () => {
    const temp = mkdtempSync(join(folder, 'abort-'));
    const controller = new AbortController();
    const source = (async function* () {
      for (let i = 0; ; i++) {
        if (i === 3) controller.abort();
        yield data;
      }
    })();
    const reader = open(source, { copybook, engine, signal: controller.signal });
    const sorted = reader.sort(['BIG'], { memory: LEAST, tempDirectory: temp });
    await expect(collect(sorted.toRecords())).rejects.toMatchObject({ code: 'OVP_IO_ABORTED' });
    for await (const row of open(data, { copybook, engine, batchRecords: 100 }).sort(['BIG'], {
      memory: LEAST,
      tempDirectory: temp,
    })) {
      expect(row.acctId).toBeTypeOf('number');
      break;
    }
    expect(readdirSync(temp)).toEqual([]);
  });
});
