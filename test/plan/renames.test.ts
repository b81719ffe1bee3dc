/**
 * 66 levels as fields: decoded where `select` names them, with the type of the one item that they rename or as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Copybook, type DecodeOptions, open } from '../../src/index.js';
import { engines } from '../engine/engines.js';

const TEXT = `01 R.
  05 KEY-PART. 10 REGION PIC X(2). 10 BRANCH PIC 9(3).
  05 N PIC 9.
  05 T OCCURS 0 TO 3 DEPENDING ON N PIC X.
  05 AMOUNT PIC S9(3)V99 COMP-3.
  05 A1 PIC X(4). 05 A2 REDEFINES A1 PIC 9(4).
  05 Z PIC X.
  66 WHOLE-KEY RENAMES KEY-PART.
  66 AMT RENAMES AMOUNT.
  66 TAIL-PART RENAMES AMOUNT THRU Z.
  66 NUMBERS RENAMES A2.`;

describe.each(engines())('66 levels, engine $name', (engine) => {
  const choice = engine.name;
  const copybook = Copybook.parse(TEXT, { format: 'free' });
  const bytes = (...list: string[]): Buffer => Buffer.from(list.join(''), 'hex');
  const FIRST = bytes('C5E4', 'F0F1F7', 'F2', 'C1C2', '12345D', 'F0F0F4F2', 'E9');
  const decode = (options: DecodeOptions, record = FIRST): object =>
    copybook.decode(record, { engine: choice, ...options });

  test('are not repeated in what is not told to have them', () => {
    expect(decode({})).toEqual({
      keyPart: { region: 'EU', branch: 17 },
      n: 2,
      t: ['A', 'B'],
      amount: '-123.45',
      a1: '0042',
      a2: 42,
      z: 'Z',
    });
  });

  test('have the type of one item; groups and runs of items are text', () => {
    expect(decode({ select: ['WHOLE-KEY', 'AMT', 'NUMBERS'] })).toEqual({
      wholeKey: 'EU017',
      amt: '-123.45',
      numbers: 42,
    });
    // behind the table: where it lies depends on how long that is
    expect(decode({ select: ['z', 'tailPart'] })).toEqual({ z: 'Z', tailPart: '\x12\x94)0042Z' });
    expect(decode({ select: ['R.AMT'] })).toEqual({ amt: '-123.45' });
  });

  test('are null or left out as the item is', () => {
    const bad = Buffer.from(FIRST);
    bad[8] = 0xff;
    bad.set([0xc1, 0xc1, 0xc1, 0xc1], 11);
    const faults: string[] = [];
    const options = { engine: choice, onFault: ({ field }: { field: string }) => faults.push(field) };
    expect(copybook.decode(bad, { select: ['AMT', 'NUMBERS'], ...options })).toEqual({ amt: null, numbers: null });
    expect(faults).toEqual(['R.AMT']);
    const record = { A2: "REGION = 'XX'" };
    expect(decode({ select: ['WHOLE-KEY', 'NUMBERS'], record })).toEqual({ wholeKey: 'EU017' });
    expect(decode({ select: ['NUMBERS'], record: { A2: "REGION = 'EU'" } })).toEqual({ numbers: 42 });
  });

  test('can be asked for in conditions, and come in every output', async () => {
    const second = bytes('E4E2', 'F0F2F0', 'F0', '12346C', 'F0F0F4F3', 'E8');
    const options = { copybook, engine: choice, recfm: 'V' as const };
    const data = Buffer.concat(
      [FIRST, second].map((one) => Buffer.concat([Buffer.from([0, one.length + 4, 0, 0]), one])),
    );
    const rows = async (where: string): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const row of open(data, { ...options, where, select: ['REGION'] })) found.push(row);
      return found;
    };
    expect(await rows("WHOLE-KEY = 'US020'")).toEqual([{ keyPart: { region: 'US' } }]);
    expect(await rows('AMT < 0')).toEqual([{ keyPart: { region: 'EU' } }]);
    expect(await rows('NUMBERS OF R > 42')).toEqual([{ keyPart: { region: 'US' } }]);
    const text = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
      let all = '';
      for await (const chunk of chunks) all += Buffer.from(chunk).toString();
      return all;
    };
    const select = ['AMT', 'WHOLE-KEY'];
    expect(await text(open(data, { ...options, select }).toCsv())).toBe('whole_key,amt\nEU017,-123.45\nUS020,123.46\n');
    expect(await text(open(data, { ...options, select }).toJsonLines())).toBe(
      '{"wholeKey":"EU017","amt":"-123.45"}\n{"wholeKey":"US020","amt":"123.46"}\n',
    );
  });

  test('of one record type belong to it', () => {
    const two = Copybook.parse(
      `01 A. 05 K PIC X. 05 V PIC 9(2). 66 KV RENAMES K THRU V.
       01 B. 05 KB PIC X. 05 W PIC X(2). 66 WW RENAMES W.`,
      { format: 'free' },
    );
    const options = { engine: choice, select: ['KV', 'WW'], record: { A: "K = 'A'", B: "K OF A = 'B'" } };
    expect(two.decode(bytes('C1F1F2'), options)).toEqual({ a: { kv: 'A12' } });
    expect(two.decode(bytes('C2F1F2'), options)).toEqual({ b: { ww: '12' } });
  });
});
