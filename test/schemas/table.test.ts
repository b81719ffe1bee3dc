/**
 * Copybooks as tables: columns, types, names, keys, and where values come from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, test } from 'vitest';
import { Copybook, type DecodeOptions, type Table, type TableOptions, open, tablesOf } from '../../src/index.js';
import { compile } from '../../src/plan/compile.js';
import type { ColumnType } from '../../src/schemas/column.js';

function tables(text: string, options: TableOptions & DecodeOptions = {}): Table[] {
  const { layout } = Copybook.parse(text, { format: 'free' });
  return tablesOf(compile(layout, options).schema, layout, options);
}

function typeText(type: ColumnType): string {
  if (type.type === 'decimal') return `decimal(${type.precision},${type.scale})`;
  if (type.type === 'text') return `text(${type.maxLength})`;
  return type.type === 'array' ? `${typeText(type.element)}[${type.maxItems}]` : type.type;
}

/** `{ table: ['name type', 'name type!' (not null)] }`. */
const shape = (all: readonly Table[]): Record<string, string[]> =>
  Object.fromEntries(
    all.map(({ name, columns }) => [
      name,
      columns.map((column) => `${column.name} ${typeText(column.type)}${column.nullable ? '' : '!'}`),
    ]),
  );

test('types hold what the bytes can say', () => {
  const items = [
    ['PIC 9(9)', 'int32'],
    ['PIC 9(10)', 'int64'],
    ['PIC 9(19)', 'decimal(19,0)'],
    ['PIC S9(7)V99 COMP-3', 'decimal(9,2)'],
    ['PIC 9(4) COMP', 'int32'],
    ['PIC 9(9) COMP', 'int64'],
    ['PIC 9(18) COMP', 'decimal(20,0)'],
    ['PIC S9(2)V99 COMP', 'decimal(5,2)'],
    ['PIC VP(3)9', 'decimal(4,4)'],
    ['COMP-1', 'float64'],
    ['PIC X(5)', 'text(5)'],
    ['PIC N(5)', 'text(5)'],
    ['PIC ZZ9.99', 'decimal(5,2)'],
  ];
  const text = items.map(([clauses], n) => `05 F${n} ${clauses}.`).join(' ');
  expect(shape(tables(`01 R. ${text}`)).r).toEqual(items.map(([, type], n) => `f${n} ${type}`));
});

const NESTED = `01 ORDER-REC.
  05 ORDER-NO PIC 9(6). 05 N PIC 9.
  05 LINE-ITEM OCCURS 0 TO 5 DEPENDING ON N. 10 SKU PIC X(8). 10 PRICE PIC 9(3)V99 COMP-3. 10 TAG PIC X(2) OCCURS 3.
  05 NOTE PIC X(10) OCCURS 2.`;

describe('tables of a record', () => {
  test('as arrays; tables of tables as JSON', () => {
    expect(shape(tables(NESTED))).toEqual({
      order_rec: ['order_no int32', 'n int32', 'line_item json', 'note text(10)[2]'],
    });
    expect(shape(tables('01 R. 05 P OCCURS 2. 10 A PIC 9. 10 B PIC X.'))).toEqual({
      r: ['a int32[2]', 'b text(1)[2]'],
    });
  });

  test('as JSON', () => {
    expect(shape(tables(NESTED, { occurs: 'json' })).order_rec).toContain('note json');
  });

  test('as tables of their own, with the key of their parent', () => {
    const all = tables(NESTED, { occurs: 'tables', key: ['ORDER-NO'] });
    expect(shape(all)).toEqual({
      order_rec: ['order_no int32!', 'n int32'],
      order_rec_line_item: ['order_no int32!', 'line_item_no int32!', 'sku text(8)', 'price decimal(5,2)'],
      order_rec_line_item_tag: ['order_no int32!', 'line_item_no int32!', 'tag_no int32!', 'tag text(2)'],
      order_rec_note: ['order_no int32!', 'note_no int32!', 'note text(10)'],
    });
    expect(all.map(({ key }) => key)).toEqual([
      ['order_no'],
      ['order_no', 'line_item_no'],
      ['order_no', 'line_item_no', 'tag_no'],
      ['order_no', 'note_no'],
    ]);
    const [, items, tags] = all;
    expect(tags!.parent).toEqual({ table: items, columns: ['order_no', 'line_item_no'] });
    expect(tags!.rows.lists.map(({ path }) => path)).toEqual(['ORDER-REC.LINE-ITEM', 'ORDER-REC.LINE-ITEM.TAG']);
    expect(tags!.rows.space).toBe(tags!.rows.lists[1]!.space);
  });

  test('without a key the number of the record is one', () => {
    const [orders, items] = tables(NESTED, { occurs: 'tables' });
    expect(orders!.columns[0]).toMatchObject({ name: 'record_number', source: { from: 'record' }, nullable: false });
    expect(items!.columns.slice(0, 2).map(({ source }) => source.from)).toEqual(['parent', 'ordinal']);
  });
});

const TYPES = `01 EXPORT. 05 REC-TYPE PIC X. 05 BODY PIC X(6).
  05 CUSTOMER REDEFINES BODY. 10 CUST-ID PIC 9(4). 05 CARD REDEFINES BODY. 10 CARD-NO PIC 9(6).
  05 X PIC 9.`;
const record = { CUSTOMER: "REC-TYPE = 'C'", CARD: "REC-TYPE = 'D'" };

describe('alternatives', () => {
  test('are nullable columns', () => {
    expect(shape(tables(TYPES, { record }))).toEqual({
      export: ['rec_type text(1)', 'body text(6)', 'cust_id int32', 'card_no int32', 'x int32'],
    });
  });

  test('are tables with what all records have', () => {
    const all = tables(TYPES, { record, redefines: 'tables' });
    expect(shape(all)).toEqual({
      export_body: ['rec_type text(1)', 'body text(6)', 'x int32'],
      export_customer: ['rec_type text(1)', 'cust_id int32', 'x int32'],
      export_card: ['rec_type text(1)', 'card_no int32', 'x int32'],
    });
    const frames = all.map(({ rows }) => rows.selects.map(({ frame }) => frame));
    expect(new Set(frames.flat()).size).toBe(3);
  });

  test('are tables whose rows a batch has', async () => {
    const copybook = Copybook.parse(TYPES, { format: 'free' });
    const data = Buffer.from(['C1234  1', 'D1234562', 'X??????3', 'C5678  4'].join(''), 'latin1');
    const options = { record, encoding: 'ascii' } as const;
    for await (const batch of open(data, { copybook, ...options }).batches()) {
      const found = tablesOf(batch.schema, copybook.layout, { redefines: 'tables' }).map(({ name, rows, columns }) => {
        const { frame } = rows.selects[0]!;
        const bits = batch.selection(frame, batch.slots(rows.space))[0]!;
        return [name, columns.length, [0, 1, 2, 3].filter((n) => (bits & (1 << n)) !== 0)];
      });
      expect(found).toEqual([
        ['export_body', 3, [2]],
        ['export_customer', 3, [0, 3]],
        ['export_card', 3, [1]],
      ]);
    }
  });

  test('of 01 levels are tables of their own names', () => {
    const text = '01 A-REC. 05 T PIC X. 05 A PIC 9. 01 B-REC. 05 T PIC X. 05 B PIC 9.';
    const both = { 'A-REC': "A-REC.T = 'A'", 'B-REC': "B-REC.T = 'B'" };
    expect(shape(tables(text, { record: both, redefines: 'tables' }))).toEqual({
      a_rec: ['t text(1)', 'a int32'],
      b_rec: ['t text(1)', 'b int32'],
    });
    expect(shape(tables(text, { record: both }))).toEqual({
      a_rec: ['a_rec_t text(1)', 'a int32', 'b_rec_t text(1)', 'b int32'],
    });
  });

  test('without conditions they can not be told apart', () => {
    expect(() => tables(TYPES, { redefines: 'tables' })).toThrow(/which records are BODY and which CUSTOMER/);
    expect(shape(tables('01 R. 05 A PIC 9.', { redefines: 'tables' }))).toEqual({ r: ['a int32'] });
  });
});

describe('names', () => {
  test('are qualified where they are not unique', () => {
    const text = '01 R. 05 HOME. 10 CITY PIC X. 10 ZIP PIC 9. 05 WORK. 10 CITY PIC X. 05 HOME-CITY PIC X.';
    expect(shape(tables(text)).r!.map((line) => line.split(' ')[0])).toEqual([
      'home_city',
      'zip',
      'work_city',
      'home_city_2',
    ]);
  });

  test('fit the limit, and stay different', () => {
    const long = 'A-VERY-LONG-NAME-OF-30-LETTERS';
    const text = `01 R. 05 ${long}. 10 X PIC 9. 05 ${long.replace('A-', 'B-')}. 10 X PIC 9.`;
    const [table] = tables(text, { nameLimit: { max: 24, unit: 'bytes' } });
    const names = table!.columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^.{15}_[0-9a-f]{8}$/);
  });

  test('of keys make room for those of the items', () => {
    const all = tables('01 R. 05 ID PIC 9. 05 T OCCURS 2. 10 ID PIC 9. 10 T-NO PIC 9.', {
      occurs: 'tables',
      key: ['R.ID'],
    });
    expect(shape(all).r_t).toEqual(['r_id int32!', 't_no_2 int32!', 'id int32', 't_no int32']);
  });

  test.each([
    [{ key: ['IDD'] }, /key: there is no item 'IDD'.*\n.*Did you mean ID/],
    [{ key: ['SUB'] }, /SUB is in a table/],
    [{ notNull: ['X'] }, /not null: 'X' is not unique\n {2}It may be R\.A\.X, R\.B\.X/],
  ])('that are wrong: %j', (options, message) => {
    const text = '01 R. 05 ID PIC 9. 05 T OCCURS 2. 10 SUB PIC 9. 05 A. 10 X PIC 9. 05 B. 10 X PIC 9.';
    expect(() => tables(text, { occurs: 'tables', ...options })).toThrow(message);
  });
});

describe('88 levels', () => {
  const named = (clauses: string): unknown => tables(`01 R. 05 F ${clauses}`)[0]!.columns[0]!.named;

  test.each([
    ["PIC X(3). 88 A VALUE 'A' 'BC'. 88 N VALUE SPACES.", ['A', 'BC', '']],
    ["PIC XX. 88 A VALUE '01' THRU '09'. 88 Z VALUE ZERO.", [['01', '09'], '00']],
    ["PIC XX. 88 A VALUE 'A' THRU '9'.", null],
    ["PIC X. 88 A VALUE 'A'. 88 B VALUE X'FF'.", null],
    ["PIC X. 88 A VALUE 'A'. 88 B VALUE HIGH-VALUES.", ['A']],
    ['PIC S9(3)V9. 88 A VALUE -001.50 0 THRU +9. 88 Z VALUE ZERO.', ['-1.50', ['0', '9'], '0']],
    ["PIC N(2). 88 A VALUE N'A'. 88 B VALUE ALL 'X'.", ['A', 'XX']],
    ['PIC X.', null],
  ])('%s', (clauses, expected) => {
    const values = expected?.map((one) =>
      Array.isArray(one) ? { from: one[0], to: one[1] } : { from: one, to: null },
    );
    expect(named(clauses)).toEqual(values ?? null);
  });
});

test('comments have the name, the picture and the usage of the copybook', () => {
  const [table] = tables(
    '01 R. 05 G. 10 BAL PIC S9(3)V99 COMP-3. 88 EMPTY VALUE 0. 05 P PIC X OCCURS 3. 05 Q OCCURS 2. 10 A PIC 9.',
  );
  expect(table!.comment).toBe('R: 8 bytes');
  expect(table!.columns.map(({ comment }) => comment)).toEqual([
    'R.G.BAL PIC S9(3)V99 COMP-3',
    'R.P PIC X, occurs 3',
    'R.Q.A PIC 9, in R.Q occurs 2',
  ]);
  expect(table!.columns[0]!.conditionText).toEqual(['EMPTY 0']);
});
