/**
 * Real EBCDIC files: CardDemo's, where they lie beside the project. Totals are compared with what totals.py (which slices the
 * bytes and knows nothing of this project) printed for them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Copybook, type OpenOptions, type Row, open } from '../../src/index.js';
import { engines } from '../engine/engines.js';

const folder = new URL('../../../shared/carddemo/', import.meta.url).pathname;

const BODIES = {
  'CUSTOMER-BODY': "RECORD-TYPE = 'C'",
  'ACCOUNT-BODY': "RECORD-TYPE = 'A'",
  'TRANSACTION-BODY': "RECORD-TYPE = 'T'",
  'CROSS-REFERENCE-BODY': "RECORD-TYPE = 'X'",
  'CARD-BODY': "RECORD-TYPE = 'D'",
};

async function read(data: string, copybook: string, options: Partial<OpenOptions> = {}): Promise<Row[]> {
  const reader = open(folder + data, { copybook: folder + copybook, onBadData: 'throw', ...options });
  const rows: Row[] = [];
  for await (const row of reader) rows.push(row);
  expect(reader.summary).toMatchObject({ records: rows.length, badValues: 0, shortRecords: 0, longRecords: 0 });
  return rows;
}

/** Sum of decimals (strings with two digits behind the point) or integers, as text. */
function total(values: unknown[]): string {
  const cents = values.map((value) => {
    if (typeof value === 'number') return BigInt(value);
    expect(value).toMatch(/^-?\d+\.\d\d$/);
    return BigInt((value as string).replace('.', ''));
  });
  const sum = cents.reduce((a, b) => a + b, 0n);
  if (typeof values[0] === 'number') return String(sum);
  const digits = String(sum < 0n ? -sum : sum).padStart(3, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

describe.skipIf(!existsSync(folder)).each(engines().map(({ name }) => name))('CardDemo (%s)', (engine) => {
  it('accounts', async () => {
    const rows = await read('ACCTDATA.PS', 'account.cpy', { engine });
    expect(rows).toHaveLength(50);
    expect(total(rows.map((row) => (row.acctMoney as Row).balance))).toBe('12269.00');
    expect(total(rows.map((row) => (row.acctMoney as Row).creditLimit))).toBe('233711.00');
  });

  it('customers', async () => {
    const rows = await read('CUSTDATA.PS', 'customer.cpy', { engine });
    expect(rows).toHaveLength(50);
    expect(total(rows.map((row) => row.creditScore))).toBe('19951');
    for (const row of rows) expect(row.phone).toHaveLength(2);
  });

  it('transactions', async () => {
    const rows = await read('DALYTRAN.PS', 'transaction.cpy', { engine });
    const amounts = (type: string): unknown[] => rows.filter((row) => row.typeCode === type).map((row) => row.amount);
    expect([amounts('01').length, amounts('03').length, rows.length]).toEqual([250, 50, 300]);
    expect(total(amounts('01'))).toBe('129200.83');
    expect(total(amounts('03'))).toBe('-24399.29');
  });

  it('the export, each record type through its own body', async () => {
    const rows = await read('EXPORT.PS', 'export.cpy', { engine, record: BODIES });
    const bodies = (key: string, type: string): Row[] => {
      const of = rows.filter((row) => row.recordType === type);
      const keys = ['customerBody', 'accountBody', 'transactionBody', 'crossReferenceBody', 'cardBody', 'recordBody'];
      for (const row of of) expect(keys.filter((other) => other in row)).toEqual([key]);
      return of.map((row) => row[key] as Row);
    };
    expect(total(rows.map((row) => row.sequenceNumber))).toBe('125700');
    const customers = bodies('customerBody', 'C');
    expect(customers).toHaveLength(50);
    expect(total(customers.map((row) => row.custId))).toBe('1275');
    expect(total(customers.map((row) => row.creditScore))).toBe('19977');
    const accounts = bodies('accountBody', 'A');
    expect(accounts).toHaveLength(50);
    expect(total(accounts.map((row) => row.balance))).toBe('11583.00');
    expect(total(accounts.map((row) => row.creditLimit))).toBe('233711.00');
    expect(total(accounts.map((row) => row.cycleDebit))).toBe('0.00');
    const transactions = bodies('transactionBody', 'T');
    expect(transactions).toHaveLength(300);
    expect(total(transactions.map((row) => row.amount))).toBe('104801.54');
    const references = bodies('crossReferenceBody', 'X');
    expect(references).toHaveLength(50);
    expect(total(references.map((row) => row.custId))).toBe('1275');
    const cards = bodies('cardBody', 'D');
    expect(cards).toHaveLength(50);
    expect(total(cards.map((row) => row.cvv))).toBe('24950');
  });
});

describe.skipIf(!existsSync(folder))('CardDemo copybooks', () => {
  it.each([
    ['account.cpy', 300],
    ['customer.cpy', 500],
    ['transaction.cpy', 350],
    ['export.cpy', 500],
  ])('%s is %d bytes', async (name, lrecl) => {
    const { layout } = await Copybook.load(folder + name);
    expect([layout.length, layout.minLength]).toEqual([lrecl, lrecl]);
  });
});
