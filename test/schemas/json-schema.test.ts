/**
 * JSON Schema against what `decode` writes: every line of random layouts and of real files is valid, and what can't come is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { Copybook, type JsonSchemaOptions, type ValueOptions, jsonSchema, open, openApi } from '../../src/index.js';
import { Random } from '../parity/random.js';
import { linesOf, randomCase } from './cases.js';

const carddemo = new URL('../../../shared/carddemo/', import.meta.url).pathname;

function validator(schema: object): (value: unknown) => string | null {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  ajv.addKeyword('x-cobol');
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? null : ajv.errorsText(validate.errors));
}

const schemaOf = (items: string, options: JsonSchemaOptions = {}): object =>
  jsonSchema(Copybook.parse(`01 R. ${items}`, { format: 'free' }).layout, options);

test.each([1, 2, 3, 4])('JSON lines of random layouts are valid, part %i', async (part) => {
  let seen = 0;
  for (let seed = part * 100; seed < part * 100 + 60; seed++) {
    const random = new Random(seed);
    const shown: ValueOptions = {
      names: random.pick(['camel', 'snake', 'cobol']),
      decimals: random.pick(['string', 'number']),
    };
    const one = randomCase(seed);
    const check = validator(jsonSchema(one.copybook.layout, { ...one.options, ...shown }));
    for (const line of await linesOf(one, shown)) {
      seen++;
      const errors = check(JSON.parse(line));
      if (errors !== null) expect.fail(`${errors}\n${line}\n${one.name}`);
    }
  }
  expect(seen).toBeGreaterThan(500);
});

describe.skipIf(!existsSync(carddemo))('CardDemo', () => {
  test.each([
    ['ACCTDATA.PS', 'account.cpy', {}],
    ['CUSTDATA.PS', 'customer.cpy', {}],
    ['DALYTRAN.PS', 'transaction.cpy', {}],
    ['EXPORT.PS', 'export.cpy', { record: { 'CUSTOMER-BODY': "RECORD-TYPE = 'C'", 'CARD-BODY': "RECORD-TYPE = 'D'" } }],
  ])('%s', async (data, name, options) => {
    const copybook = await Copybook.load(carddemo + name);
    const check = validator(jsonSchema(copybook.layout, options));
    const text: string[] = [];
    for await (const chunk of open(carddemo + data, { copybook, ...options }).toJsonLines())
      text.push(Buffer.from(chunk).toString());
    const lines = text.join('').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(50);
    for (const line of lines) expect(check(JSON.parse(line))).toBeNull();
  });
});

describe('what can not come is not valid', () => {
  test.each([
    ['05 A PIC 9(3).', { a: 999 }, { a: 1000 }],
    ['05 A PIC 9(3).', { a: null }, { a: -1 }],
    ['05 A PIC S9(3).', { a: -999 }, { a: -1000 }],
    ['05 A PIC 9(4) COMP.', { a: 65535 }, { a: 65536 }],
    ['05 A PIC S9(4) COMP.', { a: -32768 }, { a: -32769 }],
    ['05 A PIC 9(3)V99.', { a: '12.50' }, { a: '12.5' }],
    ['05 A PIC 9(3)V99.', { a: '0.50' }, { a: '00.50' }],
    ['05 A PIC V99.', { a: '0.50' }, { a: '1.50' }],
    ['05 A PIC 9(16).', { a: '1234567890123456' }, { a: 12 }],
    ['05 A PIC 9(16).', { a: '0' }, { a: '012' }],
    ['05 A PIC X(3).', { a: 'abc' }, { a: 'abcd' }],
    ['05 A PIC X(3).', { a: 'abc' }, { a: 'abc', b: 1 }],
    ['05 A PIC X(3).', { a: 'abc' }, {}],
    ['05 A PIC 9 OCCURS 2.', { a: [1, null] }, { a: [1] }],
    ['05 N PIC 9. 05 A PIC 9 OCCURS 0 TO 2 DEPENDING ON N.', { n: 0, a: [] }, { n: 3, a: [1, 2, 3] }],
  ])('%s', (items, good, bad) => {
    const check = validator(schemaOf(items));
    expect(check(good)).toBeNull();
    expect(check(bad)).not.toBeNull();
  });

  test('an alternative that a condition selects can be left out', () => {
    const items = '05 T PIC X. 05 A PIC 9. 05 B REDEFINES A PIC X.';
    expect(validator(schemaOf(items))({ t: 'x', a: 1 })).toMatch(/'b'/);
    expect(validator(schemaOf(items, { record: { B: "T = 'B'" } }))({ t: 'x', a: 1 })).toBeNull();
  });
});

describe('88 levels', () => {
  const STATUS = "05 S PIC X(2). 88 OPEN-S VALUE 'A' 'B'. 88 NONE-S VALUE SPACE.";
  const RANGE = '05 N PIC 9(2). 88 LOW-N VALUE 1 THRU 3. 88 HIGH-N VALUE 9.';

  test('are in the description, and enforced where that is asked for', () => {
    const loose = schemaOf(STATUS) as { properties: { s: { description: string } } };
    expect(loose.properties.s.description).toBe("R.S PIC X(2); 88 OPEN-S 'A' 'B'; 88 NONE-S SPACE");
    expect(validator(loose)({ s: 'Z' })).toBeNull();
    expect(JSON.stringify(schemaOf(STATUS, { checks: 'none' }))).not.toContain('OPEN-S');
    const strict = validator(schemaOf(STATUS, { checks: 'enforce' }));
    expect([strict({ s: 'B' }), strict({ s: '' }), strict({ s: null })]).toEqual([null, null, null]);
    expect(strict({ s: 'Z' })).not.toBeNull();
  });

  test('of numbers may be ranges', () => {
    const strict = validator(schemaOf(RANGE, { checks: 'enforce' }));
    expect([strict({ n: 2 }), strict({ n: 9 }), strict({ n: null })]).toEqual([null, null, null]);
    expect([strict({ n: 4 }), strict({ n: 0 })]).not.toContain(null);
  });

  test('of decimals have their full scale', () => {
    const strict = validator(schemaOf('05 D PIC 9V99. 88 HALF VALUE 0.5.', { checks: 'enforce' }));
    expect(strict({ d: '0.50' })).toBeNull();
    expect(strict({ d: '0.51' })).not.toBeNull();
  });
});

test('an OpenAPI document has the schema as a component', () => {
  const { layout } = Copybook.parse('01 ACCT-REC. 05 A PIC 9.', { format: 'free' });
  const { $schema: _, ...schema } = jsonSchema(layout);
  expect(openApi(layout)).toEqual({
    openapi: '3.1.0',
    info: { title: 'ACCT-REC', version: '1' },
    components: { schemas: { AcctRec: schema } },
  });
});
