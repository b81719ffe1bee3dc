/**
 * A sink gets every row and every fault once, in order, and is told of the end or of the failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { Copybook, type Decoded, type Sink, type SinkTarget, open } from '../../src/index.js';

const copybook = Copybook.parse('01 R.\n 05 ID PIC 9(3).\n 05 N PIC S9(3) COMP-3.\n', { format: 'free' });

/** Records 1..count; every tenth has a bad N. */
function data(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 5);
  for (let i = 0; i < count; i++) {
    const digits = String((i + 1) % 1000).padStart(3, '0');
    for (let k = 0; k < 3; k++) bytes[i * 5 + k] = 0xf0 + Number(digits[k]);
    bytes.set(i % 10 === 9 ? [0xff, 0x1c] : [0x12, 0x3d], i * 5 + 3);
  }
  return bytes;
}

class Recorder implements Sink<number> {
  readonly faults = 'all';
  readonly calls: string[] = [];
  rows = 0;
  bad: number[] = [];
  failAt = Infinity;

  async open({ schema }: SinkTarget): Promise<void> {
    this.calls.push(`open ${schema.children.map(({ keys }) => keys.snake)}`);
  }
  async write({ batch, faults }: Decoded): Promise<void> {
    await new Promise(setImmediate);
    this.rows += batch.length;
    this.bad.push(...faults.map(({ record }) => record));
    if (this.rows >= this.failAt) throw new Error('disk full');
  }
  async close(): Promise<number> {
    this.calls.push('close');
    return this.rows;
  }
  async abort(reason: unknown): Promise<void> {
    this.calls.push(`abort ${(reason as Error).message}`);
  }
}

describe('a sink', () => {
  it('gets all rows and, if it wants them, all faults', async () => {
    const sink = new Recorder();
    const reader = open(data(1000), { copybook, batchRecords: 64, maxFaults: 3 });
    expect(await reader.into(sink)).toBe(1000);
    expect(sink.calls).toEqual(['open id,n', 'close']);
    expect(sink.bad).toEqual(Array.from({ length: 100 }, (_, n) => (n + 1) * 10));
    expect(reader.summary.faults).toHaveLength(3);
  });

  it('gets text as it wants it, and the same objects of it', async () => {
    const accented = Copybook.parse('01 R.\n 05 A PIC X(3).\n 05 B PIC X(2).\n', { format: 'free' });
    const bytes = Buffer.from('c15440c2c3'.repeat(100), 'hex');
    const objects = async (text?: 'latin1'): Promise<unknown[]> => {
      const found: unknown[] = [];
      let isLatin1: boolean | undefined;
      await open(bytes, { copybook: accented, batchRecords: 32 }).into({
        ...(text && { text }),
        async open() {},
        async write({ batch }) {
          isLatin1 = batch.columns[0]!.field.latin1;
          found.push(...batch.toObjects({}, 0, 3), ...batch.toObjects({}, 3));
        },
        async close() {},
        async abort() {},
      });
      expect(isLatin1).toBe(text === 'latin1');
      return found;
    };
    expect(await objects()).toEqual(Array.from({ length: 100 }, () => ({ a: 'Aè', b: 'BC' })));
    expect(await objects('latin1')).toEqual(await objects());
  });

  it('is told of its own failure and of bad data', async () => {
    const full = new Recorder();
    full.failAt = 100;
    await expect(open(data(1000), { copybook, batchRecords: 64 }).into(full)).rejects.toThrow('disk full');
    expect(full.calls.at(-1)).toBe('abort disk full');

    const strict = new Recorder();
    const reader = open(data(1000), { copybook, onBadData: 'throw' });
    await expect(reader.into(strict)).rejects.toThrow(/record 10/i);
    expect(strict.rows).toBe(9);
    expect(strict.calls.at(-1)).toMatch(/^abort /);
  });

  it('is aborted when the signal is', async () => {
    const sink = new Recorder();
    const stop = new AbortController();
    const source = (async function* () {
      yield data(200);
      stop.abort(new Error('enough'));
      yield data(200);
    })();
    await expect(open(source, { copybook, signal: stop.signal }).into(sink)).rejects.toThrow('aborted');
    expect(sink.calls.at(-1)).toMatch(/^abort .*aborted/);
  });
});
