/**
 * JSON lines out of batches: the bytes, and that they are what objects are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/batch/batch.js';
import { rowBuilder } from '../../src/batch/rows.js';
import { jsonLines } from '../../src/connectors/json.js';
import type { ValueOptions } from '../../src/options.js';
import { forJson, presented, randomRecords } from '../batch/presented.js';
import { type FieldSpec, type Record, type Spec, batchOf, builder } from '../batch/slabs.js';

function text(batch: Batch, options: ValueOptions = {}, encoder = jsonLines(batch.schema, options)): string {
  const chunks: Buffer[] = [];
  encoder.encode(batch, (bytes) => chunks.push(Buffer.from(bytes)));
  return Buffer.concat(chunks).toString('utf8');
}
const lines = (specs: readonly Spec[], records: readonly Record[], options: ValueOptions = {}): string =>
  text(batchOf(specs, records), options);
const only = (field: Omit<FieldSpec, 'name'>, values: Record[string][], options: ValueOptions = {}): string =>
  lines(
    [{ name: 'x', ...field }],
    values.map((x) => ({ x })),
    options,
  );

describe('JSON lines', () => {
  it('writes a record a line, without spaces', () => {
    const specs: Spec[] = [
      { name: 'acct_id', type: 'int32', digits: 9 },
      { name: 'balance', type: 'decimal128', digits: 9, scale: 2 },
      { name: 'txns', max: 3, children: [{ name: 'amount', type: 'decimal128', digits: 5, scale: 2 }] },
      { name: 'flags', type: 'int32', digits: 1, size: 2 },
      { name: 'body', optional: true, children: [{ name: 'note', type: 'utf8', optional: true }] },
    ];
    const records: Record[] = [
      { acct_id: 1n, balance: 1250n, txns: [{ amount: 100n }], flags: [1n, 2n], body: { note: 'hi' } },
      { acct_id: null, balance: -5n, txns: [], flags: [null, 0n], body: {} },
      { acct_id: 3n, balance: null, txns: [{ amount: null }, { amount: -1n }], flags: [0n, 0n] },
    ];
    expect(lines(specs, records)).toBe(
      '{"acctId":1,"balance":"12.50","txns":[{"amount":"1.00"}],"flags":[1,2],"body":{"note":"hi"}}\n' +
        '{"acctId":null,"balance":"-0.05","txns":[],"flags":[null,0],"body":{}}\n' +
        '{"acctId":3,"balance":null,"txns":[{"amount":null},{"amount":"-0.01"}],"flags":[0,0]}\n',
    );
    expect(lines(specs, records.slice(0, 1), { names: 'cobol', decimals: 'number' })).toBe(
      '{"ACCT-ID":1,"BALANCE":12.50,"TXNS":[{"AMOUNT":1.00}],"FLAGS":[1,2],"BODY":{"NOTE":"hi"}}\n',
    );
    expect(lines(specs, records.slice(0, 1), { names: 'snake' })).toMatch(/^\{"acct_id":1,"balance"/);
    expect(jsonLines(batchOf(specs, records).schema).header).toBeNull();
  });

  it('writes integers beyond 15 digits, and what binary storage holds beyond its picture, as strings', () => {
    expect(only({ type: 'int64', digits: 15 }, [999999999999999n, -1n])).toBe('{"x":999999999999999}\n{"x":-1}\n');
    expect(only({ type: 'int64', digits: 18 }, [5n, -999999999999999999n])).toBe(
      '{"x":"5"}\n{"x":"-999999999999999999"}\n',
    );
    expect(only({ type: 'decimal128', digits: 38 }, [10n ** 37n, 0n])).toBe(`{"x":"1${'0'.repeat(37)}"}\n{"x":"0"}\n`);
    const beyond = '{"x":5}\n{"x":9007199254740991}\n{"x":"9007199254740992"}\n{"x":"-9223372036854775808"}\n';
    const values = [5n, 9007199254740991n, 9007199254740992n, -(1n << 63n)];
    expect(only({ type: 'int64', digits: 9, storageDigits: 19 }, values)).toBe(beyond);
    expect(only({ type: 'decimal128', digits: 9, storageDigits: 20 }, values)).toBe(beyond);
  });

  it('writes floats as JSON does', () => {
    const values = [0.1, 1e21, -1.5e-7, 5e-324, 3, Number.NaN, Number.POSITIVE_INFINITY, null];
    expect(only({ type: 'float64' }, values)).toBe(values.map((x) => `${JSON.stringify({ x })}\n`).join(''));
    expect(only({ type: 'float32' }, [0.1])).toBe('{"x":0.10000000149011612}\n');
  });

  it('escapes what must be escaped, in Latin-1 and UTF-8', () => {
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const line = only({ type: 'latin1' }, [all]);
    expect(JSON.parse(line)).toEqual({ x: all });
    expect(line).toBe(`${JSON.stringify({ x: all })}\n`);
    expect(only({ type: 'utf8' }, [all])).toBe(line);
    expect(only({ type: 'utf8' }, ['\u2028€😀/', '', null])).toBe('{"x":"\u2028€😀/"}\n{"x":""}\n{"x":null}\n');
  });

  it('escapes keys', () => {
    const name = 'a"b\\c\u0001é';
    expect(lines([{ name, type: 'utf8' }], [{ [name]: 'v' }])).toBe(`${JSON.stringify({ [name]: 'v' })}\n`);
  });

  it('makes room for long texts, large tables and wide records', () => {
    const specs: Spec[] = [
      { name: 'long', type: 'utf8' },
      {
        name: 'table',
        max: 40000,
        children: [
          { name: 'n', type: 'int64', digits: 18 },
          { name: 't', type: 'utf8' },
        ],
      },
      ...Array.from({ length: 3000 }, (_, n): Spec => ({ name: `d_${n}`, type: 'decimal128', digits: 38, scale: 38 })),
    ];
    const wide = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`d_${n}`, -(10n ** 38n - 1n)]));
    const records: Record[] = [
      {
        ...wide,
        long: '\u0001'.repeat(300_000),
        table: Array.from({ length: 40000 }, (_, n) => ({ n: BigInt(-n) * 10n ** 12n, t: n % 3 ? 'x' : '\u0001' })),
      },
      { ...wide, long: '', table: [] },
    ];
    const parsed = lines(specs, records)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(parsed).toEqual(records.map((record) => forJson(presented(specs, record))));
  });

  it('hands on whole records, in pieces, and can be used again', () => {
    const specs: Spec[] = [{ name: 'a', type: 'utf8' }];
    const records = Array.from({ length: 20000 }, (_, n) => ({ a: `value ${n}` }));
    const [first, second, none] = builder(specs, { spare: 9 })(records, records.slice(0, 3), []);
    const encoder = jsonLines(first!.schema);
    let pieces = 0;
    encoder.encode(first!, (bytes) => {
      pieces++;
      expect(bytes.at(-1)).toBe(10);
      expect(bytes.length).toBeLessThan(70000);
    });
    expect(pieces).toBeGreaterThan(3);
    expect(text(second!, {}, encoder)).toBe('{"a":"value 0"}\n{"a":"value 1"}\n{"a":"value 2"}\n');
    expect(text(first!, {}, encoder)).toBe(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    encoder.encode(none!, () => expect.fail('nothing was there to be written'));
    expect(() => text(batchOf(specs, records), {}, encoder)).toThrow(
      expect.objectContaining({ code: 'OVP_PLAN_SCHEMA' }),
    );
  });

  it('writes what objects are, for random records', () => {
    for (let seed = 1000; seed < 1200; seed++) {
      const { specs, records } = randomRecords(seed, seed % 30);
      const batch = batchOf(specs, records, { spare: seed % 4 });
      for (const decimals of ['string', 'number'] as const) {
        const written = text(batch, { decimals });
        const parsed = written
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as unknown);
        expect(written === '' || written.endsWith('\n')).toBe(true);
        expect(parsed, `seed ${seed}`).toEqual([...rowBuilder(batch.schema, { decimals }).rows(batch)].map(forJson));
        expect(parsed, `seed ${seed}`).toEqual(
          records.map((record) => forJson(presented(specs, record, { decimals }))),
        );
      }
    }
  });
});
