/**
 * Documents without a server: types by pictures, by generated code and by closures, and through BSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { BSON, Decimal128, type Document, Double } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { Copybook, type Names, type ValueOptions, open } from '../../src/index.js';
import { Documents } from '../../src/sinks/documents.js';
import { keyFields } from '../../src/sinks/keys.js';
import { randomFile } from './random-file.js';

/** Documents of records in hexadecimal, by code and by closures, which must be equal. */
async function documents(
  items: string,
  hex: string,
  options: ValueOptions & { readonly key?: readonly string[] } = {},
): Promise<Document[]> {
  const copybook = Copybook.parse(`01 R.\n${items}`, { format: 'free' });
  return documentsOf(Buffer.from(hex.replaceAll(' ', ''), 'hex'), { copybook, recfm: 'F', ...options }, options);
}

async function documentsOf(
  bytes: Uint8Array,
  read: Parameters<typeof open>[1],
  { key = [], ...values }: ValueOptions & { readonly key?: readonly string[] },
): Promise<Document[]> {
  const all: Document[] = [];
  for await (const batch of open(bytes, read).batches()) {
    const { schema } = batch;
    const fields = key.length > 0 ? keyFields(schema, key) : [];
    const [code, closures] = [true, false].map((generate) =>
      new Documents(schema, values, { Decimal128, Double }, fields, generate).of(batch, 0, batch.length),
    );
    expect(closures!.map((document) => Buffer.from(BSON.serialize(document)).toString('hex'))).toEqual(
      code!.map((document) => Buffer.from(BSON.serialize(document)).toString('hex')),
    );
    all.push(...code!);
  }
  return all;
}

/** Through BSON, with the types kept. */
const stored = (document: Document): Document =>
  BSON.deserialize(BSON.serialize(document), { promoteValues: false, promoteLongs: false });

describe('documents', () => {
  it('have the type of the picture, whatever the value', async () => {
    const items = `05 SMALL PIC S9(9) COMP. 05 BIG PIC S9(18) COMP. 05 FEW PIC 9(12) COMP-3.
      05 MONEY PIC S9(5)V99 COMP-3. 05 UNSIGNED PIC 9(18) COMP-5. 05 SINGLE COMP-1. 05 WORD PIC X(3).`;
    const record = '00000007 0000000000000007 0000000000007c 0000700c 0000000000000007 41700000 c1c240';
    const [document] = (await documents(items, record)).map(stored);
    const shown = Object.fromEntries(
      Object.entries(document!).map(([key, value]) => [key, [value._bsontype ?? typeof value, String(value)]]),
    );
    expect(shown).toEqual({
      small: ['Int32', '7'],
      big: ['Long', '7'],
      few: ['Long', '7'],
      money: ['Decimal128', '7.00'],
      unsigned: ['Decimal128', '7'],
      single: ['Double', '7'],
      word: ['string', 'AB'],
    });
  });

  it('have integers to the last digit', async () => {
    const record = '8000000000000000 7fffffffffffffff ffffffffffffffff 0020000000000001';
    const items =
      '05 LOW PIC S9(18) COMP-5. 05 HIGH PIC S9(18) COMP-5. 05 MOST PIC 9(18) COMP-5. 05 ODD PIC S9(18) COMP-5.';
    const [document] = (await documents(items, record)).map(stored);
    expect(Object.values(document!).map(String)).toEqual([
      '-9223372036854775808',
      '9223372036854775807',
      '18446744073709551615',
      '9007199254740993',
    ]);
  });

  it.each([
    [31, 0],
    [34, 2],
    [34, 34],
    [35, 2],
    [38, 0],
    [38, 38],
  ])('have decimals of %d digits, %d of them behind the point, exactly', async (digits, scale) => {
    const picture = `S${digits > scale ? `9(${digits - scale})` : ''}${scale > 0 ? `V9(${scale})` : ''}`;
    const packed = (text: string, sign: string): string => `${digits % 2 === 0 ? '0' : ''}${text}${sign}`;
    for (const unscaled of [
      '9'.repeat(digits),
      `1${'0'.repeat(digits - 1)}`,
      '7'.padStart(digits, '0'),
      '0'.repeat(digits),
    ]) {
      for (const sign of ['c', 'd']) {
        const [document] = await documents(`05 A PIC ${picture} COMP-3.`, packed(unscaled, sign));
        const value = stored(document!).a as Decimal128 | string;
        expect(typeof value === 'string').toBe(digits > 34);
        const point = unscaled.slice(0, digits - scale).replace(/^0+(?=.)/, '') || '0';
        const minus = sign === 'd' && /[1-9]/.test(unscaled) ? '-' : '';
        const expected = `${minus}${point}${scale > 0 ? `.${unscaled.slice(digits - scale)}` : ''}`;
        if (typeof value === 'string') expect(value).toBe(expected);
        else expect(Buffer.from(value.bytes)).toEqual(Buffer.from(Decimal128.fromString(expected).bytes));
      }
    }
  });

  it('have doubles for decimals where that is asked for', async () => {
    const [document] = await documents('05 A PIC S9(5)V99 COMP-3.', '0000710c', { decimals: 'number' });
    expect(document).toEqual({ a: new Double(7.1) });
  });

  it('begin with the key', async () => {
    const items = '05 A. 10 ID PIC X. 05 B. 10 ID PIC 9. 05 C PIC X.';
    expect(await documents(items, 'c1f2c3', { key: ['C'] })).toEqual([
      { _id: 'C', a: { id: 'A' }, b: { id: 2 }, c: 'C' },
    ]);
    const [pair] = await documents(items, 'c1f2c3', { key: ['B.ID', 'A.ID', 'C'] });
    expect(Object.entries(pair!._id)).toEqual([
      ['rBId', 2],
      ['rAId', 'A'],
      ['c', 'C'],
    ]);
  });

  it('can have any name that COBOL allows', async () => {
    const items = '05 __proto__ PIC X. 05 _id PIC X. 05 _bsontype PIC X. 05 toBSON PIC X. 05 to-string PIC X.';
    const keys = async (names: Names): Promise<string[]> =>
      Object.keys(stored((await documents(items, 'c1c2c3c4c5', { names }))[0]!));
    expect(await keys('cobol')).toEqual(['__PROTO__', '_ID', '_BSONTYPE', 'TOBSON', 'TO-STRING']);
    expect(await keys('camel')).toEqual(['proto', 'id', 'bsontype', 'tobson', 'toString']);
    expect(await keys('snake')).toEqual(['proto', 'id', 'bsontype', 'tobson', 'to_string']);
  });

  it('are the same by code and by closures on random layouts', async () => {
    let layouts = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const file = randomFile(seed, 10, { keyed: true });
      if (!file) continue;
      layouts++;
      const found = await documentsOf(file.bytes, file.options, { key: ['THE-KEY'] });
      expect(found.map(({ _id }) => _id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
    expect(layouts).toBeGreaterThan(30);
  });
});

describe('keys', () => {
  const refused = (key: string, items: string): Promise<unknown> =>
    documents(items, 'c1c2', { key: [key] }).catch((error: unknown) => error);

  it('are fields that each record has once', async () => {
    const items = '05 A. 10 ID PIC X. 05 T OCCURS 1. 10 OTHER PIC X.';
    expect(await refused('OTHER', items)).toMatchObject({
      code: 'OVP_OPTION_KEY',
      message: expect.stringMatching(/in a table/),
    });
    expect(await refused('IDD', items)).toMatchObject({
      code: 'OVP_OPTION_KEY',
      message: expect.stringMatching(/no field 'IDD'/),
    });
    const twice = '05 A. 10 ID PIC X. 05 B. 10 ID PIC X.';
    expect(await refused('ID', twice)).toMatchObject({
      code: 'OVP_OPTION_KEY',
      message: expect.stringMatching(/not unique.*\s*.*R\.A\.ID, R\.B\.ID/),
    });
  });
});
