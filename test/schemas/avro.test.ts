/**
 * Avro schemas, taken by avsc: rows of random layouts are encoded by them and come back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import avro from 'avsc';
import { expect, test } from 'vitest';
import { type AvroType, Copybook, avroSchema } from '../../src/index.js';
import { linesOf, oracleCases, randomCase } from './cases.js';

type Node = {
  type: string;
  fields?: { name: string; type: AvroType }[];
  items?: AvroType;
  logicalType?: string;
  scale: number;
  precision: number;
};

/** 64-bit integers as bigint. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (n: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(n);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (n: unknown) => typeof n === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});
const parse = (schema: AvroType): avro.Type => avro.Type.forSchema(schema as avro.Schema, { registry: { long } });

/** A value of a JSON line as avsc takes it for this type. */
function toAvro(value: unknown, type: AvroType): unknown {
  if (Array.isArray(type)) return value === null || value === undefined ? null : toAvro(value, type[1] as AvroType);
  if (type === 'long') return BigInt(value as string);
  if (type === 'float') return Math.fround(value as number);
  if (typeof type === 'string') return value;
  const node = type as unknown as Node;
  if (node.logicalType === 'decimal') return unscaled(String(value), node);
  if (node.type === 'array') return (value as unknown[]).map((one) => toAvro(one, node.items!));
  const object = value as Record<string, unknown>;
  expect(Object.keys(object).filter((key) => !node.fields!.some(({ name }) => name === key))).toEqual([]);
  return Object.fromEntries(node.fields!.map((field) => [field.name, toAvro(object[field.name], field.type)]));
}

/** Avro's decimal: the unscaled number in two's complement, the high byte first. */
function unscaled(text: string, { scale, precision }: Node): Buffer {
  const [whole, fraction = ''] = text.split('.');
  expect(fraction.length).toBe(scale);
  const n = BigInt(whole + fraction);
  expect(String(n).replace('-', '').length).toBeLessThanOrEqual(precision);
  return Buffer.from(BigInt.asUintN(136, n).toString(16).padStart(34, '0'), 'hex');
}

test('rows of random layouts fit', async () => {
  let seen = 0;
  for (let seed = 0; seed < 100; seed++) {
    const one = randomCase(seed, 6);
    const schema = avroSchema(one.copybook.layout, one.options);
    const type = parse(schema);
    for (const line of await linesOf(one, { names: 'snake' })) {
      const value = toAvro(JSON.parse(line), schema);
      const back = type.fromBuffer(type.toBuffer(value));
      expect(type.compare(back, value), `${one.name}\n${line}`).toBe(0);
      seen++;
    }
  }
  expect(seen).toBeGreaterThan(400);
});

test('layouts of the oracle are schemas, in every naming', () => {
  for (const { copybook, options, name } of oracleCases(10)) {
    for (const names of ['snake', 'camel', 'cobol'] as const) {
      expect(() => parse(avroSchema(copybook.layout, { ...options, names })), name).not.toThrow();
    }
  }
});

test('names, types and words of the copybook', () => {
  const text = '01 ACCT-REC. 05 N PIC 9(5)V99. 88 NIL VALUE 0. 05 G. 10 X PIC X. 05 T OCCURS 2. 10 G. 15 Y COMP-2.';
  const { layout } = Copybook.parse(text, { format: 'free' });
  const decimal = { type: 'bytes', logicalType: 'decimal', precision: 7, scale: 2 };
  const field = (name: string, type: AvroType, doc: string): object => ({ name, type, doc, default: null });
  const record = (name: string, doc: string, ...fields: object[]): object => ({ type: 'record', name, doc, fields });
  const inner = record('acct_rec_t_g', 'ACCT-REC.T.G', field('y', ['null', 'double'], 'ACCT-REC.T.G.Y COMP-2'));
  expect(avroSchema(layout)).toEqual(
    record(
      'acct_rec',
      'ACCT-REC',
      field('n', ['null', decimal], 'ACCT-REC.N PIC 9(5)V99; 88 NIL 0'),
      {
        name: 'g',
        type: record('acct_rec_g', 'ACCT-REC.G', field('x', ['null', 'string'], 'ACCT-REC.G.X PIC X')),
        doc: 'ACCT-REC.G',
      },
      {
        name: 't',
        type: {
          type: 'array',
          items: record('acct_rec_t', 'ACCT-REC.T occurs 2', { name: 'g', type: inner, doc: 'ACCT-REC.T.G' }),
        },
        doc: 'ACCT-REC.T occurs 2',
      },
    ),
  );
});
