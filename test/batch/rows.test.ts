/**
 * Objects out of batches, built by generated code and by closures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mayGenerate } from '../../src/batch/builders.js';
import { rowBuilder } from '../../src/batch/rows.js';
import { compiled } from './compiled.js';
import { presented, randomRecords } from './presented.js';
import { type FieldSpec, type Record, type Spec, batchOf, builder } from './slabs.js';

const WAYS = [
  ['code', true],
  ['closures', false],
] as const;

describe.each(WAYS)('rows by %s', (_, generate) => {
  const rowsOf = (specs: readonly Spec[], records: readonly Record[], options = {}, spare = 0): unknown[] => {
    const batch = batchOf(specs, records, { spare });
    const build = rowBuilder(batch.schema, options, generate);
    const rows = [...build.rows(batch)];
    // arrays come out of a loop of their own, in whatever pieces they are asked for
    const pieces: unknown[] = [];
    for (let from = 0, size = 1; from < batch.length; from += size, size = (7 * size) % 331) {
      pieces.push(...build.slice(batch, from, Math.min(batch.length, from + size)));
    }
    expect(pieces).toEqual(rows);
    build.release();
    expect(build.slice(batch, 0, batch.length)).toEqual(rows);
    return rows;
  };
  const only = (field: Omit<FieldSpec, 'name'>, values: Record[string][], options = {}): unknown[] =>
    rowsOf(
      [{ name: 'x', ...field }],
      values.map((x) => ({ x })),
      options,
    ).map((row) => (row as { x: unknown }).x);

  it('shows integers by their picture: numbers to 15 digits, bigints beyond', () => {
    expect(only({ type: 'int32', digits: 9 }, [0n, 7n, -999999999n, null])).toEqual([0, 7, -999999999, null]);
    expect(only({ type: 'int64', digits: 15 }, [0n, -1n, 999999999999999n, -4294967296n])).toEqual([
      0, -1, 999999999999999, -4294967296,
    ]);
    expect(only({ type: 'int64', digits: 16 }, [0n, -1n, 9999999999999999n])).toEqual([0n, -1n, 9999999999999999n]);
    const wide = 12345678901234567890123456789012345678n;
    expect(
      only({ type: 'decimal128', digits: 38 }, [wide, -wide, 0n, -1n, 1n << 64n, -(1n << 63n), 1n << 63n]),
    ).toEqual([wide, -wide, 0n, -1n, 1n << 64n, -(1n << 63n), 1n << 63n]);
  });

  it('gives what binary storage holds beyond its picture exactly', () => {
    const safe = BigInt(Number.MAX_SAFE_INTEGER);
    const field = { digits: 10, storageDigits: 19 };
    const values = [5n, safe, safe + 1n, -safe, -safe - 1n, -(1n << 63n), (1n << 63n) - 1n];
    const shown = [5, Number(safe), safe + 1n, -Number(safe), -safe - 1n, -(1n << 63n), (1n << 63n) - 1n];
    expect(only({ type: 'int64', ...field }, values)).toEqual(shown);
    expect(only({ type: 'decimal128', ...field, storageDigits: 20 }, [...values, (1n << 64n) - 1n])).toEqual([
      ...shown,
      (1n << 64n) - 1n,
    ]);
  });

  it('shows scaled decimals with their full scale, or as numbers', () => {
    const field = { type: 'decimal128', digits: 9, scale: 2 } as const;
    expect(only(field, [1234560n, -5n, 0n, null, 100n])).toEqual(['12345.60', '-0.05', '0.00', null, '1.00']);
    expect(only(field, [1234560n, -5n, 0n, null], { decimals: 'number' })).toEqual([12345.6, -0.05, 0, null]);
    const long = { type: 'decimal128', digits: 38, scale: 30 } as const;
    expect(only(long, [12345678901234567890123456789012345678n, -1n])).toEqual([
      '12345678.901234567890123456789012345678',
      '-0.000000000000000000000000000001',
    ]);
    expect(only(long, [12345678901234567890123456789012345678n, -1n], { decimals: 'number' })).toEqual([
      12345678.901234567, -1e-30,
    ]);
  });

  it('shows floats as the doubles they equal', () => {
    expect(only({ type: 'float32' }, [0.1, Number.NaN, null])).toEqual([Math.fround(0.1), Number.NaN, null]);
    expect(only({ type: 'float64' }, [0.1, Number.NEGATIVE_INFINITY])).toEqual([0.1, Number.NEGATIVE_INFINITY]);
  });

  it('cuts text where characters end, across runs', () => {
    const values = Array.from({ length: 5000 }, (_, i) =>
      i % 97 === 0 ? null : `${[...'ä€😀x'].slice(0, i % 5).join('')}${i}`,
    );
    expect(only({ type: 'utf8' }, values)).toEqual(values);
    const ascii = values.map((value) => value?.replace(/[^0-9]/g, '.') ?? null);
    expect(only({ type: 'utf8' }, ascii)).toEqual(ascii);
    const latin = values.map((value) => value?.replace(/[^0-9]/g, 'é') ?? null);
    expect(only({ type: 'latin1' }, latin)).toEqual(latin);
    const long = ['a'.repeat(40000), '', 'é'.repeat(40000), 'b'];
    expect(only({ type: 'utf8' }, long)).toEqual(long);
  });

  it('nests groups and tables and leaves out what is not selected', () => {
    const specs: Spec[] = [
      { name: 'id', type: 'int32', digits: 4 },
      {
        name: 'body_a',
        optional: true,
        children: [
          { name: 'a', type: 'utf8' },
          { name: 'b', type: 'int32', digits: 2, optional: true },
        ],
      },
      { name: 'phone', type: 'utf8', size: 2 },
      {
        name: 'txns',
        max: 3,
        children: [
          { name: 'amount', type: 'decimal128', digits: 5, scale: 2 },
          { name: 'codes', type: 'int32', digits: 1, max: 2 },
        ],
      },
    ];
    const records: Record[] = [
      {
        id: 1n,
        body_a: { a: 'x', b: 3n },
        phone: ['1', null],
        txns: [
          { amount: 100n, codes: [1n, 2n] },
          { amount: null, codes: [] },
        ],
      },
      { id: null, phone: ['', '2'], txns: [] },
      { id: 3n, body_a: { a: null }, phone: ['p', 'q'], txns: [{ amount: -1n, codes: [3n] }] },
    ];
    const rows = rowsOf(specs, records);
    expect(rows).toEqual([
      {
        id: 1,
        bodyA: { a: 'x', b: 3 },
        phone: ['1', null],
        txns: [
          { amount: '1.00', codes: [1, 2] },
          { amount: null, codes: [] },
        ],
      },
      { id: null, phone: ['', '2'], txns: [] },
      { id: 3, bodyA: { a: null }, phone: ['p', 'q'], txns: [{ amount: '-0.01', codes: [3] }] },
    ]);
    expect(Object.keys(rows[0] as object)).toEqual(['id', 'bodyA', 'phone', 'txns']);
    expect(Object.keys(rows[1] as object)).toEqual(['id', 'phone', 'txns']);
    expect(Object.keys(rowsOf(specs, records, { names: 'cobol' })[0] as object)).toEqual([
      'ID',
      'BODY-A',
      'PHONE',
      'TXNS',
    ]);
    expect(Object.keys(rowsOf(specs, records, { names: 'snake' })[0] as object)).toEqual([
      'id',
      'body_a',
      'phone',
      'txns',
    ]);
  });

  it('takes any key for a key', () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      '"]: process.exit(1), ["',
      "'`$" + '{process.exit(1)}\\\n\u2028',
      '0',
      'a b',
    ];
    for (const optional of [false, true]) {
      const specs: Spec[] = [
        ...names.map((name): Spec => ({ name, type: 'int32', digits: 4, optional })),
        { name: 'group', children: [{ name: '__proto__', type: 'utf8' }] },
      ];
      const record = {
        ...Object.fromEntries(names.map((name, n) => [name, BigInt(n)])),
        group: JSON.parse('{"__proto__":"own"}') as Record,
      };
      Object.defineProperty(record, '__proto__', { value: 0n, enumerable: true });
      const [row] = rowsOf(specs, [record]) as { group: object }[];
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
      expect(Object.keys(row!).sort()).toEqual([...names, 'group'].sort());
      names.forEach((name, n) => {
        expect(Object.getOwnPropertyDescriptor(row, name)).toEqual({
          value: n,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      });
      expect(Object.getOwnPropertyDescriptor(row!.group, '__proto__')?.value).toBe('own');
    }
  });

  it('builds records of thousands of fields', () => {
    const specs: Spec[] = Array.from({ length: 6000 }, (_, n) => ({
      name: `f${n}`,
      type: 'int32',
      digits: 9,
      optional: n % 1000 === 999,
    }));
    const record = Object.fromEntries(specs.map(({ name }, n) => [name, n === 1999 ? undefined : BigInt(n)]));
    const [row] = rowsOf([...specs, { name: 'inner', children: specs }], [{ ...record, inner: record }]) as {
      inner: object;
    }[];
    const { inner, ...outer } = row!;
    expect(outer).toEqual(presented(specs, record));
    expect(inner).toEqual(outer);
    expect(Object.keys(inner)).toEqual(specs.filter((_, n) => n !== 1999).map(({ name }) => name));
  });

  it('reads rows by number, and batches in turns', () => {
    const specs: Spec[] = [
      { name: 'a', type: 'utf8' },
      { name: 'd', type: 'decimal128', digits: 4, scale: 1 },
    ];
    const records = (tag: string): Record[] =>
      Array.from({ length: 600 }, (_, n) => ({ a: `${tag}${n}`, d: BigInt(n) }));
    const [first, second] = builder(specs)(records('x'), records('y'));
    const rows = rowBuilder(first!.schema, {}, generate);
    const left = rows.rows(first!);
    const right = rows.rows(second!);
    for (let n = 0; n < 600; n++) {
      expect(left.next().value).toEqual({ a: `x${n}`, d: `${Math.floor(n / 10)}.${n % 10}` });
      expect(right.next().value).toMatchObject({ a: `y${n}` });
    }
    expect(left.next().done).toBe(true);
    for (const n of [599, 0, 300, 1]) expect(rows.row(second!, n)).toMatchObject({ a: `y${n}` });
    expect(() => rows.row(first!, 600)).toThrow(RangeError);
    expect(() => rows.row(first!, -1)).toThrow(RangeError);
    expect(() => rows.row(batchOf(specs, records('z')), 0)).toThrow(
      expect.objectContaining({ code: 'OVP_PLAN_SCHEMA' }),
    );
  });

  it('makes what the values say of random records', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const { specs, records } = randomRecords(seed, seed % 40);
      for (const decimals of ['string', 'number'] as const) {
        const expected = records.map((record) => presented(specs, record, { decimals }));
        expect(rowsOf(specs, records, { decimals }, seed % 3), `seed ${seed}`).toEqual(expected);
      }
    }
  });
});

describe('without code generation', () => {
  it('falls back to closures', () => {
    expect(mayGenerate()).toBe(true);
    const directory = compiled('test/batch/forbidden.ts');
    try {
      const run = (...flags: string[]): unknown =>
        JSON.parse(
          execFileSync(process.execPath, [...flags, `${directory}/test/batch/forbidden.js`], { encoding: 'utf8' }),
        );
      type Said = { generate: boolean; rows: unknown[]; messages: unknown[] };
      const allowed = run() as Said;
      const forbidden = run('--disallow-code-generation-from-strings') as Said;
      expect(allowed.generate).toBe(true);
      expect(forbidden.generate).toBe(false);
      expect(forbidden.rows).toHaveLength(30);
      expect(forbidden.rows).toEqual(allowed.rows);
      expect(forbidden.messages).toEqual([
        { name: 'ABC', balance: '-12.34', counts: [1, -2, 3], ticket: '1234567890123456' },
        { name: null, balance: null, counts: [0, 0, 0], ticket: '-1' },
      ]);
      expect(allowed.messages).toEqual(forbidden.messages);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 60_000);
});

describe('objects of a batch', () => {
  it('are those of its rows, whatever its text is in', () => {
    for (let seed = 5000; seed < 5060; seed++) {
      const { specs, records } = randomRecords(seed, 1 + (seed % 40));
      const batch = batchOf(specs, records, { spare: seed % 3 });
      for (const options of [{}, { names: 'cobol', decimals: 'number' }, { names: 'snake' }] as const) {
        const all = records.map((record) => presented(specs, record, options));
        expect(batch.toObjects(options), `seed ${seed}`).toEqual(all);
        expect(batch.toObjects(options, 1), `seed ${seed}`).toEqual(all.slice(1));
        expect(batch.toObjects(options, 0, 1), `seed ${seed}`).toEqual(all.slice(0, 1));
      }
    }
  });

  it('stay as they are when the batch is gone', () => {
    const text = 'longer than what is copied'.repeat(3);
    const records = [
      { note: text, latin: text, n: -5n },
      { note: 'a€', latin: 'é', n: null },
    ];
    const specs: Spec[] = [
      { name: 'note', type: 'utf8' },
      { name: 'latin', type: 'latin1' },
      { name: 'n', type: 'decimal128', digits: 9, scale: 2 },
    ];
    const batch = batchOf(specs, records);
    const objects = batch.toObjects();
    batch.slab.bytes.fill(0x55);
    expect(objects).toEqual([
      { note: text, latin: text, n: '-0.05' },
      { note: 'a€', latin: 'é', n: null },
    ]);
  });

  it('are only of rows that there are', () => {
    const batch = batchOf([{ name: 'x', type: 'utf8' }], [{ x: 'a' }]);
    expect(batch.toObjects({}, 1)).toEqual([]);
    expect(() => batch.toObjects({}, 0, 2)).toThrow(RangeError);
    expect(() => batch.toObjects({}, -1)).toThrow(RangeError);
  });
});
