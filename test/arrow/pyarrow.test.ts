/**
 * Arrow IPC as pyarrow reads it and checks it in full: random layouts, and those of the oracle with the values that it made. Python
 * with pyarrow is what OVERPUNCH_TEST_PYTHON names; without it this is skipped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Copybook, open } from '../../src/index.js';
import { oracleFiles } from '../oracle/files.js';
import { whyNoJudge } from '../oracle/judge.js';
import { type Exact, type Layouted, bytesOf, expectedOf, randomFile } from './values.js';

const python = process.env.OVERPUNCH_TEST_PYTHON;
if (!python) console.warn('test/arrow: pyarrow is not asked, for OVERPUNCH_TEST_PYTHON names no Python that has it');
const missing = whyNoJudge();

interface ReadBack {
  readonly rows: Exact[];
  readonly schema: { readonly metadata: object; readonly fields: readonly { readonly type: string }[] };
}

describe.skipIf(!python)('pyarrow', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-arrow-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function readBack(files: readonly Uint8Array[]): ReadBack[] {
    const paths = files.map((bytes, n) => {
      const path = join(folder, `${n}.arrow`);
      writeFileSync(path, bytes);
      return path;
    });
    const script = fileURLToPath(new URL('read.py', import.meta.url));
    const lines = execFileSync(python!, [script, ...paths], { encoding: 'utf8', maxBuffer: 1 << 30 });
    return lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ReadBack);
  }

  /** Files that can be read with their options, each as a stream or as a file, and compared. */
  async function compare(files: readonly (Layouted & { readonly name: string })[]): Promise<number> {
    const asked: { name: string; expected: Exact[]; bytes: Buffer }[] = [];
    for (const [n, file] of files.entries()) {
      const expected = await expectedOf(file);
      if (!expected) continue;
      const reader = open(file.data, { ...file.options, batchRecords: 16 });
      const bytes = await bytesOf(reader.toArrow({ format: n % 2 ? 'stream' : 'file' }));
      asked.push({ name: `${file.name}\n${file.text}`, expected, bytes });
    }
    const found = readBack(asked.map(({ bytes }) => bytes));
    expect(found.length).toBe(asked.length);
    for (const [n, { name, expected }] of asked.entries()) expect(found[n]!.rows, name).toEqual(expected);
    return asked.length;
  }

  test('has every value of random layouts', { timeout: 120_000 }, async () => {
    const files = Array.from({ length: 80 }, (_, n) => ({ name: `seed ${n + 1}`, ...randomFile(n + 1, 70) }));
    expect(await compare(files)).toBeGreaterThan(60);
  });

  test.skipIf(missing !== null)("has every value of the oracle's layouts", { timeout: 180_000 }, async () => {
    const files: (Layouted & { readonly name: string })[] = [];
    for await (const file of oracleFiles(20)) files.push({ ...file, options: { ...file.options, absent: 'keep' } });
    expect(await compare(files)).toBeGreaterThan(35);
  });

  test('has decimals of 38 digits, tables, alternatives and no records', async () => {
    const text = `01 R.
      05 KIND PIC X.
      05 N PIC S9(38) COMP-3.
      05 BODY. 10 V PIC S9V9(37).
      05 OTHER REDEFINES BODY. 10 W PIC X(38).
      05 COUNT-OF PIC 9.
      05 T OCCURS 0 TO 5 DEPENDING ON COUNT-OF. 10 A PIC S9(5)V99 COMP-3.`;
    const copybook = Copybook.parse(text, { format: 'free' });
    const digits = '12345678901234567890123456789012345678';
    const zoned = Buffer.from([...digits].map((digit) => 0xf0 + Number(digit)));
    const negative = Buffer.from(zoned);
    negative[37] = 0xd8;
    const n = (sign: string): Buffer => Buffer.from(`0${digits}${sign}`, 'hex');
    const item = Buffer.from('1234567d', 'hex');
    const records = [
      Buffer.concat([Uint8Array.of(0xc1), n('c'), zoned, Uint8Array.of(0xf0)]),
      Buffer.concat([Uint8Array.of(0xc1), n('d'), negative, Uint8Array.of(0xf2), item, item]),
      Buffer.concat([Uint8Array.of(0xc2), n('c'), Buffer.alloc(38, 0xc1), Uint8Array.of(0xf1), item]),
    ];
    const framed = records.flatMap((one) => [Uint8Array.of(0, one.length + 4, 0, 0), one]);
    const options = { copybook, recfm: 'V', record: { BODY: "KIND = 'A'", OTHER: "KIND = 'B'" } } as const;
    const full = await bytesOf(open(Buffer.concat(framed), options).toArrow({ format: 'file' }));
    const none = await bytesOf(open(new Uint8Array(0), options).toArrow({ format: 'file' }));
    const empty = await bytesOf(open(new Uint8Array(0), options).toArrow());
    const [found, ...nothing] = readBack([full, none, empty]);
    const [whole, part] = [digits, `${digits[0]}.${digits.slice(1)}`];
    expect(found!.rows).toEqual([
      { kind: 'A', n: whole, body: { v: part }, other: null, count_of: '0', t: [] },
      {
        kind: 'A',
        n: `-${whole}`,
        body: { v: `-${part}` },
        other: null,
        count_of: '2',
        t: [{ a: '-12345.67' }, { a: '-12345.67' }],
      },
      { kind: 'B', n: whole, body: null, other: { w: 'A'.repeat(38) }, count_of: '1', t: [{ a: '-12345.67' }] },
    ]);
    expect(nothing.map(({ rows }) => rows)).toEqual([[], []]);
    for (const { schema } of nothing) expect(schema).toEqual(found!.schema);
    expect(found!.schema.metadata).toEqual({ 'cobol.record': 'R' });
    expect(found!.schema.fields.map(({ type }) => type)).toEqual([
      'string',
      'decimal128(38, 0)',
      'struct<v: decimal128(38, 37)>',
      'struct<w: string>',
      'int32',
      'list<t: struct<a: decimal128(7, 2)>>',
    ]);
  });
});
