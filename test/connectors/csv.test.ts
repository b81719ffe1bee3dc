/**
 * CSV out of batches: names of columns, quoting, and that the cells are the records' values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/batch/batch.js';
import { type CsvOptions, csv } from '../../src/connectors/csv.js';
import { flat, randomRecords } from '../batch/presented.js';
import { type Record, type Spec, batchOf } from '../batch/slabs.js';

function body(batch: Batch, options: CsvOptions = {}): string {
  const chunks: Buffer[] = [];
  csv(batch.schema, options).encode(batch, (bytes) => chunks.push(Buffer.from(bytes)));
  return Buffer.concat(chunks).toString('utf8');
}
const header = (specs: readonly Spec[], options: CsvOptions = {}): string =>
  Buffer.from(csv(batchOf(specs, []).schema, options).header!).toString('utf8');
const table = (specs: readonly Spec[], records: readonly Record[], options: CsvOptions = {}): string =>
  body(batchOf(specs, records), options);

const text = (name: string): Spec => ({ name, type: 'utf8' });

/** Cells of RFC 4180; a cell without quotes and without characters is null. */
function parse(source: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\n)/gy;
  let row: (string | null)[] = [];
  for (let end = 0; end < source.length; end = cell.lastIndex) {
    cell.lastIndex = end;
    const found = cell.exec(source);
    if (!found) throw new Error(`Not CSV at ${end}: ${source.slice(end, end + 30)}`);
    row.push(found[1] === undefined ? found[2] || null : found[1].replaceAll('""', '"'));
    if (found[3] === '\n') {
      rows.push(row);
      row = [];
    }
  }
  expect(row).toEqual([]);
  return rows;
}

describe('names of columns', () => {
  it('are the fields’ own where they are unique, else begin with their groups', () => {
    const zip = [text('zip_code'), text('city')];
    const specs: Spec[] = [
      text('id'),
      { name: 'customer_body', children: zip },
      { name: 'supplier_body', children: [text('zip_code'), text('name')] },
      { name: 'a', children: [{ name: 'site', children: [text('note')] }] },
      { name: 'b', children: [{ name: 'site', children: [text('note')] }] },
    ];
    expect(header(specs)).toBe('id,customer_body_zip_code,city,supplier_body_zip_code,name,a_site_note,b_site_note\n');
    expect(header(specs, { names: 'cobol' })).toContain('CUSTOMER-BODY-ZIP-CODE,CITY');
    expect(header(specs, { names: 'camel' })).toContain('customerBodyZipCode,city');
    expect(csv(batchOf(specs, []).schema, { header: false }).header).toBeNull();
  });

  it('number the items of tables', () => {
    const specs: Spec[] = [
      { name: 'phone', type: 'utf8', size: 2 },
      { name: 'txns', max: 2, children: [text('kind'), { name: 'amount', type: 'int32', digits: 3, size: 3 }] },
      { name: 'other', max: 1, children: [text('kind')] },
    ];
    expect(header(specs)).toBe(
      'phone_1,phone_2,txns_kind_1,amount_1_1,amount_1_2,amount_1_3,txns_kind_2,amount_2_1,amount_2_2,amount_2_3,other_kind_1\n',
    );
  });

  it('are different whatever the fields are called', () => {
    const specs: Spec[] = [
      text('phone_1'),
      { name: 'phone', type: 'utf8', size: 2 },
      text('phone_1__2'),
      { name: 'a', children: [text('b_c')] },
      { name: 'a_b', children: [text('c')] },
      text('b_c'),
      text('c'),
    ];
    const names = header(specs).trimEnd().split(',');
    expect(names).toEqual(['phone_1', 'phone_1__3', 'phone_2', 'phone_1__2', 'a_b_c', 'a_b_c__2', 'b_c', 'c']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are quoted where they must be', () => {
    expect(header([text('a,"b')])).toBe('"a,""b"\n');
  });

  it('are 10,000 at most', () => {
    const specs = (max: number): Spec[] => [
      text('id'),
      { name: 't', max, children: [{ name: 'n', type: 'int32', digits: 1, size: 9 }] },
    ];
    expect(header(specs(1111)).split(',')).toHaveLength(10000);
    expect(() => csv(batchOf(specs(1112), []).schema)).toThrow(
      expect.objectContaining({
        code: 'OVP_OPTION_CSV',
        message: expect.stringMatching(/10009 columns.*select.*JSON/s) as string,
      }),
    );
    expect(() => csv(batchOf(specs(2_000_000_000), []).schema)).toThrow(
      expect.objectContaining({ code: 'OVP_OPTION_CSV' }),
    );
  });
});

describe('CSV', () => {
  it('writes numbers as digits, nothing for null and quotes for empty text', () => {
    const specs: Spec[] = [
      { name: 'i', type: 'int64', digits: 18 },
      { name: 'd', type: 'decimal128', digits: 38, scale: 30 },
      { name: 'x', type: 'int64', digits: 9, storageDigits: 19 },
      { name: 'f', type: 'float64' },
      text('t'),
    ];
    const records: Record[] = [
      { i: 999999999999999999n, d: -1n, x: 1n << 62n, f: 0.5, t: 'a b ' },
      { i: null, d: null, x: null, f: null, t: null },
      { i: 0n, d: 10n ** 37n, x: 7n, f: Number.NaN, t: '' },
    ];
    const expected =
      '999999999999999999,-0.000000000000000000000000000001,4611686018427387904,0.5,a b \n' +
      ',,,,\n' +
      '0,10000000.000000000000000000000000000000,7,NaN,""\n';
    expect(table(specs, records)).toBe(expected);
    expect(table(specs, records, { decimals: 'number' })).toBe(expected);
  });

  it('quotes commas, quotes and line ends, in Latin-1 and UTF-8', () => {
    const values = ['a,b', 'say "hi"', 'x\ny', 'x\ry', 'é€', "it's"];
    expect(
      table(
        [text('t')],
        values.map((t) => ({ t })),
      ),
    ).toBe('"a,b"\n"say ""hi"""\n"x\ny"\n"x\ry"\né€\nit\'s\n');
    expect(table([{ name: 't', type: 'latin1' }], [{ t: 'é"ÿ' }])).toBe('"é""ÿ"\n');
  });

  it('gives each table its columns', () => {
    const specs: Spec[] = [
      { name: 'body', optional: true, children: [{ name: 'phone', type: 'utf8', size: 2 }] },
      { name: 'txns', max: 2, children: [{ name: 'amount', type: 'int32', digits: 3, max: 2 }] },
      { name: 'end', type: 'int32', digits: 1 },
    ];
    const records: Record[] = [
      { body: { phone: ['1', '2'] }, txns: [{ amount: [1n] }, { amount: [2n, 3n] }], end: 1n },
      { txns: [], end: 2n },
      { body: { phone: [null, ''] }, txns: [{ amount: [] }], end: 3n },
    ];
    expect(table(specs, records)).toBe('1,2,1,,2,3,1\n,,,,,,2\n,"",,,,,3\n');
  });

  it('has the values of random records', () => {
    for (let seed = 2000; seed < 2150; seed++) {
      const { specs, records } = randomRecords(seed, seed % 30);
      const names = parse(header(specs))[0]!;
      expect(new Set(names).size, `seed ${seed}`).toBe(names.length);
      const rows = parse(table(specs, records));
      const expected = records.map((record) => flat(specs, record));
      // No columns at all (tables of no items) are lines with nothing in them.
      expect(rows, `seed ${seed}`).toEqual(expected.map((cells) => (cells.length === 0 ? [null] : cells)));
      if (expected[0]?.length) expect(names).toHaveLength(expected[0].length);
    }
  });
});
