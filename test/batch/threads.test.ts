/**
 * Decoding on several threads gives what one thread gives, in the same order, whatever else is asked for. The TypeScript
 * engine takes the option too, and stays on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChunkPool } from '../../src/connectors/chunks.js';
import { Copybook, type Fault, type OpenOptions, OverpunchError, type SourceInput, open } from '../../src/index.js';

const copybook = Copybook.parse(`
       01  ORDER-RECORD.
           05  ORDER-ID     PIC 9(7).
           05  KIND         PIC X.
           05  LINE-COUNT   PIC 9(2).
           05  LINES OCCURS 0 TO 40 TIMES DEPENDING ON LINE-COUNT.
             10  AMOUNT     PIC S9(5)V99 COMP-3.
             10  NOTE       PIC X(3).
           05  REST         PIC X(4).
`);

const RECORDS = 24_000;
/** Every so many records one has a bad amount. */
const BAD_EVERY = 1999;

let bad = 0;

/** Records with RDWs. From the middle on their tables are long, so that slabs must grow. */
function orders(): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < RECORDS; i++) {
    const lines = i < RECORDS / 2 ? i % 4 : 30 + (i % 11);
    const record = Buffer.alloc(4 + 10 + 7 * lines + 4, 0x40);
    record.writeUInt32BE(record.length * 0x10000, 0);
    const id = String(i).padStart(7, '0');
    for (let k = 0; k < 7; k++) record[4 + k] = 0xf0 + Number(id[k]);
    record[11] = 0xc1 + (i % 3);
    record[12] = 0xf0 + Math.floor(lines / 10);
    record[13] = 0xf0 + (lines % 10);
    for (let k = 0; k < lines; k++) record.write('0012345c', 14 + 7 * k, 'hex');
    if (i % BAD_EVERY === BAD_EVERY - 1 && lines > 0) {
      record[15] = 0xff;
      bad++;
    }
    parts.push(record);
  }
  return Buffer.concat(parts);
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Threads of this process that the addon has started. */
function own(): number {
  const name = (task: string): string => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8');
    } catch {
      return ''; // it has just ended
    }
  };
  return readdirSync('/proc/self/task').filter((task) => name(task) === 'overpunch\n').length;
}

describe('threads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-'));
  const file = join(folder, 'orders.v');
  const data = orders();
  beforeAll(() => writeFileSync(file, data));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function outcome(source: SourceInput, options: Partial<OpenOptions>): Promise<unknown> {
    const faults: Fault[] = [];
    const reader = open(source, {
      copybook,
      recfm: 'V',
      onFault: (fault) => faults.push(fault),
      ...options,
    });
    const text = createHash('sha256');
    let error: unknown = null;
    try {
      for await (const chunk of reader.toJsonLines()) text.update(chunk);
    } catch (cause) {
      error = cause instanceof OverpunchError ? { code: cause.code, message: cause.message, data: cause.data } : cause;
    }
    const { bytes, ...summary } = reader.summary;
    return { text: text.digest('hex'), faults, error, summary };
  }

  async function* trickle(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < data.length; at += 30_011) yield data.subarray(at, at + 30_011);
  }

  const cases: [string, () => SourceInput, Partial<OpenOptions>][] = [
    ['a file', () => file, {}],
    ['bytes', () => data, {}],
    ['shared bytes', () => shared(data), {}],
    ['a stream', trickle, {}],
    ['where, skip and limit', () => file, { where: "KIND = 'B' AND ORDER-ID > 1000", skip: 501, limit: 9000 }],
    ['a limit in the first block', () => file, { limit: 7 }],
    ['small batches', () => data, { batchRecords: 700 }],
    ['the end at the first bad value', () => file, { onBadData: 'throw' }],
    ['a truncated file', () => data.subarray(0, data.length - 3), {}],
    ['no records', () => new Uint8Array(0), {}],
  ];
  for (const [name, source, options] of cases) {
    it(`decode ${name} as one thread does`, async () => {
      const one = await outcome(source(), { ...options, threads: 1 });
      for (const threads of [2, 5]) expect(await outcome(source(), { ...options, threads })).toEqual(one);
    });
  }

  it('finds the bad values', async () => {
    const reader = open(file, { copybook, recfm: 'V', threads: 2 });
    let records = 0;
    for await (const batch of reader.batches()) records += batch.length;
    expect(records).toBe(RECORDS);
    expect(reader.summary.badValues).toBe(bad);
    expect(reader.summary.bytes).toBe(data.length);
  });

  it("gives batches that are the caller's to keep", async () => {
    const kept: string[] = [];
    const batches = [];
    for await (const batch of open(file, { copybook, recfm: 'V', threads: 3 }).batches()) {
      batches.push(batch);
      kept.push(JSON.stringify([...(batch.get('ORDER-ID')!.values as Int32Array)]));
    }
    expect(batches.length).toBeGreaterThan(4);
    expect(batches.map((batch) => JSON.stringify([...(batch.get('ORDER-ID')!.values as Int32Array)]))).toEqual(kept);
  });

  it('read on where the bytes are taken away', async () => {
    const own = Uint8Array.from(data);
    const reader = open(own, { copybook, recfm: 'V', threads: 2 });
    const batches = reader.batches();
    const first = await batches.next();
    expect(first.value?.length).toBeGreaterThan(0);
    structuredClone(own.buffer, { transfer: [own.buffer] });
    // what comes is right or an error; the memory is not read any more
    let records = first.value!.length;
    const rest = (async () => {
      for await (const batch of batches) records += batch.length;
    })();
    await rest.catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    expect(records).toBeLessThanOrEqual(RECORDS);
  });

  it('end early when their reader does', async () => {
    const reader = open(file, { copybook, recfm: 'V', threads: 3 });
    for await (const row of reader) {
      expect(row).toMatchObject({ orderId: 0 });
      break;
    }
    expect(reader.summary.records).toBeLessThan(RECORDS);
  });

  it('end when they are told to', async () => {
    const stop = new AbortController();
    const reader = open(file, { copybook, recfm: 'V', threads: 2, signal: stop.signal });
    const read = async (): Promise<void> => {
      for await (const batch of reader.batches()) if (batch.length > 0) stop.abort();
    };
    await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'OVP_IO_ABORTED' }));
  });

  it('serve several readers at once', async () => {
    const one = await outcome(file, { threads: 1 });
    const threads = [2, 3, 2, 5, 3, 2];
    const many = await Promise.all(threads.map((count, k) => outcome(k % 2 ? file : shared(data), { threads: count })));
    expect(many).toEqual(threads.map(() => one));
  });

  it('leave the event loop its turns', async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    let batches = 0;
    const reader = open(shared(data), { copybook, recfm: 'V', threads: 2, batchRecords: 500, engine: 'native' });
    for await (const _ of reader.batches()) batches++;
    isOver = true;
    expect(turns).toBeGreaterThan(batches / 2);
  });

  it.skipIf(process.platform !== 'linux')('are gone when the read is over, or ended early', async () => {
    const options = { copybook, recfm: 'V', threads: 4, batchRecords: 500, engine: 'native' } as const;
    let most = 0;
    for await (const _ of open(file, options).batches()) most = Math.max(most, own());
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
    expect(own()).toBe(0);
    for await (const _ of open(file, options).toJsonLines()) break;
    expect(own()).toBe(0);
    const reader = open(file, { ...options, onBadData: 'throw' });
    await expect(all(reader.batches())).rejects.toThrow();
    expect(own()).toBe(0);
  });

  it('write chunks that are kept, or whose memory is used again', async () => {
    const options = { copybook, recfm: 'V', batchRecords: 1000 } as const;
    const hashOf = (chunks: Iterable<Uint8Array>): string => {
      const hash = createHash('sha256');
      for (const chunk of chunks) hash.update(chunk);
      return hash.digest('hex');
    };
    const kept = await all(open(file, options).toCsv());
    const expected = hashOf(kept);
    for (const threads of [1, 2, 4]) {
      expect(hashOf(await all(open(file, { ...options, threads }).toCsv()))).toBe(expected);

      const used = createHash('sha256');
      for await (const chunk of open(file, { ...options, threads }).toCsv({ reuse: true })) {
        used.update(chunk);
        chunk.fill(0);
      }
      expect(used.digest('hex')).toBe(expected);

      const pool = new ChunkPool();
      const late: Uint8Array[] = [];
      const given = createHash('sha256');
      const give = (chunk: Uint8Array): void => {
        given.update(chunk);
        chunk.fill(0);
        pool.give(chunk);
      };
      for await (const chunk of open(file, { ...options, threads }).toCsv({ reuse: pool })) {
        late.push(chunk);
        if (late.length > 3) give(late.shift()!);
      }
      for (const chunk of late) give(chunk);
      expect(given.digest('hex')).toBe(expected);
    }
  });

  it.each([0, -1, 1.5, Number.NaN, 257])('refuse to be %s', async (threads) => {
    const reader = open(file, { copybook, recfm: 'V', threads });
    await expect(reader.batches().next()).rejects.toThrow(/threads can't be .*\n?.*from 1 to 256/s);
  });
});

/** Records of one length, long enough for threads to read them by themselves. */
describe('threads that read a file', () => {
  const LENGTH = 100;
  const COUNT = 60_000;
  const fixed = Copybook.parse(`
       01  ENTRY-RECORD.
           05  ENTRY-ID     PIC 9(7).
           05  AMOUNT       PIC S9(5)V99 COMP-3.
           05  NOTE         PIC X(89).
`);
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-'));
  const file = join(folder, 'entries');
  const options = { copybook: fixed, recfm: 'F', threads: 2 } as const;
  const native = { ...options, engine: 'native' } as const;

  function entries(): Buffer {
    const bytes = Buffer.alloc(COUNT * LENGTH, 0x40);
    for (let i = 0; i < COUNT; i++) {
      const at = i * LENGTH;
      for (let k = 0, n = i; k < 7; k++, n = Math.trunc(n / 10)) bytes[at + 6 - k] = 0xf0 + (n % 10);
      bytes.write(i % 7919 === 7918 ? 'ff34567c' : '1234567c', at + 7, 'hex');
      bytes[at + 11] = 0xc1 + (i % 9);
    }
    return bytes;
  }
  beforeAll(() => writeFileSync(file, entries()));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Descriptors of the file that this process has. */
  const opened = (): number =>
    readdirSync('/proc/self/fd').filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`) === file;
      } catch {
        return false; // that of the directory itself
      }
    }).length;

  async function outcome(more: Partial<OpenOptions>): Promise<unknown> {
    const reader = open(file, { ...options, ...more });
    const text = createHash('sha256');
    let error: unknown = null;
    try {
      for await (const chunk of reader.toJsonLines()) text.update(chunk);
    } catch (cause) {
      error = (cause as Error).message;
    }
    const { bytes, ...summary } = reader.summary;
    return { text: text.digest('hex'), error, summary };
  }

  const cases: [string, Partial<OpenOptions>][] = [
    ['all of it', {}],
    ['with skip and limit', { skip: 12_345, limit: 40_000 }],
    ['with where', { where: "AMOUNT IS NULL OR ENTRY-ID > 59000 AND NOTE LIKE 'C%'" }],
    ['in small batches', { batchRecords: 1000 }],
    ['up to the first bad value', { onBadData: 'throw' }],
    ['with records that are not as long as is said', { lrecl: 96 }],
    ['with records whose length does not go into its own', { lrecl: 70 }],
  ];
  for (const [name, more] of cases) {
    it(`read ${name} as one thread does`, async () => {
      const one = await outcome({ ...more, threads: 1 });
      for (const threads of [2, 5]) expect(await outcome({ ...more, threads })).toEqual(one);
    });
  }

  it('give columns, and bytes where values are bad', async () => {
    const found: number[] = [];
    const faults: Fault[] = [];
    const reader = open(file, { ...options, onFault: (fault) => faults.push(fault) });
    for await (const { batch, records } of reader.decoded('utf8')) {
      const [id] = batch.get('ENTRY-ID')!.values as Int32Array;
      found.push(id!);
      expect(records.data.subarray(records.first, records.first + 7)).toEqual(
        Uint8Array.from(String(id).padStart(7, '0'), (digit) => 0xf0 + Number(digit)),
      );
    }
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(faults.map(({ record, offset, hex }) => [record, offset, hex])).toEqual(
      Array.from({ length: 7 }, (_, k) => [7919 * (k + 1), (7919 * (k + 1) - 1) * LENGTH + 7, 'FF34567C']),
    );
  });

  it('say where the file is cut off meanwhile, after the records before', async () => {
    const shrinking = join(folder, 'shrinking');
    writeFileSync(shrinking, entries());
    const reader = open(shrinking, native);
    let records = 0;
    const read = async (): Promise<void> => {
      for await (const batch of reader.batches()) {
        if (records === 0) truncateSync(shrinking, 5_500_050);
        records += batch.length;
      }
    };
    await expect(read()).rejects.toThrow(
      expect.objectContaining({ code: 'OVP_IO_READ', message: expect.stringContaining('cut off while it was read') }),
    );
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThanOrEqual(55_000);
  });

  it('read what is added to the file meanwhile', async () => {
    const growing = join(folder, 'growing');
    writeFileSync(growing, entries());
    let records = 0;
    for await (const batch of open(growing, options).batches()) {
      if (records === 0) appendFileSync(growing, entries().subarray(0, 300));
      records += batch.length;
    }
    expect(records).toBe(COUNT + 3);
  });

  it.skipIf(process.platform !== 'linux')('leave it closed, however they end', async () => {
    expect(opened()).toBe(0);
    let most = 0;
    for await (const _ of open(file, native).batches()) most = Math.max(most, opened());
    expect(most).toBe(1);
    expect(opened()).toBe(0);

    for await (const _ of open(file, native).toJsonLines()) break;
    expect(opened()).toBe(0);

    await expect(all(open(file, { ...native, onBadData: 'throw' }).batches())).rejects.toThrow();
    expect(opened()).toBe(0);

    const stop = new AbortController();
    const aborted = async (): Promise<void> => {
      for await (const _ of open(file, { ...native, signal: stop.signal }).batches()) stop.abort();
    };
    await expect(aborted()).rejects.toThrow(expect.objectContaining({ code: 'OVP_IO_ABORTED' }));
    expect(opened()).toBe(0);

    const reader = open(file, { ...native, batchRecords: 1000 });
    const closed = async (): Promise<void> => {
      for await (const _ of reader.batches()) await reader.close();
    };
    await expect(closed()).rejects.toThrow(expect.objectContaining({ code: 'OVP_IO_CLOSED' }));
    expect(opened()).toBe(0);
  });
});
