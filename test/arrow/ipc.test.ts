/**
 * Arrow IPC as apache-arrow reads it: every value of random schemas and records, the types of `batch.toArrow()`, and what the
 * format asks for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { Table, tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { type ArrowFormat, IpcWriter, joined } from '../../src/arrow/ipc.js';
import type { Batch } from '../../src/batch/batch.js';
import { Copybook, arrowSink, open } from '../../src/index.js';
import type { Layout } from '../../src/layout/item.js';
import { randomRecords } from '../batch/presented.js';
import { type Record, builder } from '../batch/slabs.js';
import { bytesOf, exactOf, exactRows, expectedOf, randomFile, rowsOf } from './values.js';

const FORMATS: readonly ArrowFormat[] = ['stream', 'file'];
const NO_LAYOUT: Layout = { records: [], length: 0, minLength: 0, warnings: [], dialect: 'ibm' };

function written(batches: readonly Batch[], format: ArrowFormat): Uint8Array {
  const writer = new IpcWriter(batches[0]!.schema, NO_LAYOUT, format, 'snake');
  const chunks = [writer.begin(), ...batches.map((batch) => joined(writer.batch(batch))).map((bytes) => [bytes])];
  return joined([...chunks.flat(), ...writer.end()]);
}

describe.each(FORMATS)('an Arrow %s', (format) => {
  it('has what the batches have, whatever is behind their rows', () => {
    for (let seed = 7000; seed < 7100; seed++) {
      const { specs, records } = randomRecords(seed, seed % 50);
      const all: Record[][] = [records as Record[], [], records.slice(0, 3)];
      const batches = builder(specs, { spare: seed % 3 })(...all);
      const expected = batches.flatMap((batch) => exactRows(batch.schema, batch.toObjects({ names: 'snake' })));
      expect(exactOf(written(batches, format)), `seed ${seed}`).toEqual(expected);
    }
  });

  it('has the types of batch.toArrow()', async () => {
    for (let seed = 7100; seed < 7140; seed++) {
      const { specs, records } = randomRecords(seed, 5);
      const batches = builder(specs)(records);
      const [one, other] = [tableFromIPC(written(batches, format)), new Table([await batches[0]!.toArrow()])];
      expect(String(one.schema), `seed ${seed}`).toBe(String(other.schema));
      const bare = one.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable]);
      expect(bare).toEqual(other.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable]));
      expect(rowsOf(one), `seed ${seed}`).toEqual(rowsOf(other));
    }
  });

  it('has every value of random files, on threads too', async () => {
    let files = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const file = randomFile(seed, 80);
      const expected = await expectedOf(file);
      if (!expected) continue;
      files++;
      const read = (options: object): Promise<Buffer> =>
        bytesOf(open(file.data, { ...file.options, batchRecords: 16, ...options }).toArrow({ format }));
      const bytes = await read({});
      expect(exactOf(bytes), `seed ${seed}\n${file.text}`).toEqual(expected);
      expect((await read({ threads: 3 })).equals(bytes), `seed ${seed}`).toBe(true);
      expect((await read({ engine: 'ts' })).equals(bytes), `seed ${seed}`).toBe(true);
    }
    expect(files).toBeGreaterThan(40);
  }, 120_000);

  it('of no records has the schema', async () => {
    const copybook = Copybook.parse('01 R.\n 05 A PIC X.\n 05 T PIC 9 OCCURS 2.\n', { format: 'free' });
    const table = tableFromIPC(await bytesOf(open(new Uint8Array(0), { copybook }).toArrow({ format })));
    expect(table.numRows).toBe(0);
    expect(String(table.schema)).toBe('Schema<{ 0: a: Utf8, 1: t: FixedSizeList[2]<Int32> }>');
  });

  it('has bodies and buffers at multiples of 64 bytes', async () => {
    const { specs, records } = randomRecords(7201, 40);
    const bytes = Uint8Array.from(written(builder(specs)(records, records), format));
    const places: number[] = [];
    for (const batch of tableFromIPC(bytes).batches) {
      const visit = ({ children, buffers }: (typeof batch)['data']): void => {
        for (const part of Object.values(buffers)) if (part?.length > 0) places.push(part.byteOffset);
        for (const child of children) visit(child as (typeof batch)['data']);
      };
      visit(batch.data);
    }
    expect(places.length).toBeGreaterThan(20);
    expect(places.filter((place) => place % 64 !== 0)).toEqual([]);
  });

  it('counts nulls, and leaves out bitmaps of columns without any', async () => {
    const batches = builder([
      { name: 'all', type: 'int32', digits: 9 },
      { name: 'some', type: 'utf8' },
    ])(Array.from({ length: 77 }, (_, i) => ({ all: BigInt(i), some: i % 3 ? 'x' : null })));
    const [all, some] = tableFromIPC(written(batches, format)).batches[0]!.data.children;
    expect(all!.nullBitmap.length).toBe(0);
    expect(all!.nullCount).toBe(0);
    expect(some!.nullCount).toBe(26);
    const behind = some!.nullBitmap[9]! >> 5;
    expect(behind).toBe(0);
  });

  it('is the same through a sink, whose pieces are written at once', async () => {
    const file = randomFile(3, 60);
    const chunks: Uint8Array[] = [];
    const sink = arrowSink(async (pieces) => void chunks.push(joined(pieces)), { format });
    await open(file.data, { ...file.options, batchRecords: 16 }).into(sink);
    const bytes = await bytesOf(open(file.data, { ...file.options, batchRecords: 16 }).toArrow({ format }));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });
});

describe('metadata', () => {
  const metadata = async (text: string, options: object = {}): Promise<object> => {
    const copybook = Copybook.parse(text, { format: 'free' });
    const { schema } = tableFromIPC(await bytesOf(open(new Uint8Array(0), { copybook, ...options }).toArrow()));
    const fields = schema.fields.flatMap((field) => [field, ...(field.type.children ?? [])]);
    return {
      record: schema.metadata.get('cobol.record'),
      fields: fields.map((field) => [field.name, Object.fromEntries(field.metadata)]),
    };
  };

  it('says what the copybook says of a field', async () => {
    expect(
      await metadata(`01 ACCOUNT.
        05 BALANCE PIC S9(7)V99 COMP-3.
        05 OWNER. 10 FIRST-NAME PIC X(5).
        05 PHONE PIC 9(4) OCCURS 3.`),
    ).toEqual({
      record: 'ACCOUNT',
      fields: [
        [
          'balance',
          {
            'cobol.name': 'BALANCE',
            'cobol.path': 'ACCOUNT.BALANCE',
            'cobol.picture': 'S9(7)V99',
            'cobol.usage': 'PACKED-DECIMAL',
          },
        ],
        ['owner', { 'cobol.name': 'OWNER', 'cobol.path': 'ACCOUNT.OWNER' }],
        [
          'first_name',
          {
            'cobol.name': 'FIRST-NAME',
            'cobol.path': 'ACCOUNT.OWNER.FIRST-NAME',
            'cobol.picture': 'X(5)',
            'cobol.usage': 'DISPLAY',
          },
        ],
        [
          'phone',
          {
            'cobol.name': 'PHONE',
            'cobol.path': 'ACCOUNT.PHONE',
            'cobol.picture': '9(4)',
            'cobol.usage': 'DISPLAY',
          },
        ],
        ['phone', {}],
      ],
    });
  });

  it('tells items of one name apart, or says nothing of their picture', async () => {
    const text = '01 R. 05 FILLER PIC X(2). 05 FILLER PIC 9(3). 05 A PIC X.';
    const all = (await metadata(text, { filler: true })) as { fields: [string, { [key: string]: string }][] };
    expect(all.fields.map(([name, said]) => [name, said['cobol.picture']])).toEqual([
      ['filler_1', 'X(2)'],
      ['filler_2', '9(3)'],
      ['a', 'X'],
    ]);
    const twice = '01 R. 05 A PIC X(2). 05 G. 10 B PIC X. 01 S. 05 A PIC 9(3).';
    const some = (await metadata(twice, { select: ['S.A'], record: { R: "B = 'X'" }, recfm: 'V' })) as typeof all;
    expect(some.fields.map(([name, said]) => [name, said['cobol.picture']])).toContainEqual(['a', '9(3)']);
  });
});
