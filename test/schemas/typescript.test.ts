/**
 * TypeScript interfaces, compiled: rows of random layouts are written down as literals of their types, and the compiler
 * finds no fault with them, nor overlooks one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { existsSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { Copybook, type Row, type TypeScriptOptions, type ValueOptions, open, typeScript } from '../../src/index.js';
import { Random } from '../parity/random.js';
import { type DataCase, oracleCases, randomCase } from './cases.js';

const carddemo = new URL('../../../shared/carddemo/', import.meta.url).pathname;

/** What the compiler says of these modules, all strict. */
function faultsIn(modules: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    types: [],
    lib: ['lib.es2022.d.ts'],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) => {
    const text = modules.get(name);
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
  };
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name) ?? readFile(name);
  const program = ts.createProgram([...modules.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file, start = 0 }) => {
    const line = file ? file.text.slice(0, start).split('\n').length : 0;
    return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

/** A row as an expression. */
function literal(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `${JSON.stringify(key)}: ${literal(one)}`)
      .join(', ')}}`;
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? '0 / 0' : `${Math.sign(value)} / 0`;
  return JSON.stringify(value);
}

const withRows = (text: string, rows: readonly Row[]): string => {
  const [, name] = /export interface ([\p{L}\p{Nd}]+) /u.exec(text)!;
  return `${text}\nexport const rows: ${name}[] = ${literal(rows)};\n`;
};

async function rowsOf({ copybook, options, data }: DataCase, shown: ValueOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of open(data, { copybook, recfm: 'V', ...options, ...shown })) rows.push(row);
  return rows;
}

const typesOf = (items: string, options: TypeScriptOptions = {}): string =>
  typeScript(Copybook.parse(`01 R. ${items}`, { format: 'free' }).layout, options);

test('rows of random layouts have the types', { timeout: 120_000 }, async () => {
  const modules = new Map<string, string>();
  for (let seed = 0; seed < 80; seed++) {
    const random = new Random(seed);
    const shown: ValueOptions = {
      names: random.pick(['camel', 'snake', 'cobol']),
      decimals: random.pick(['string', 'number']),
    };
    const one = randomCase(seed, 8);
    modules.set(
      `/seed-${seed}.ts`,
      withRows(typeScript(one.copybook.layout, { ...one.options, ...shown }), await rowsOf(one, shown)),
    );
  }
  expect(faultsIn(modules)).toEqual([]);
});

test('layouts of the oracle compile', { timeout: 120_000 }, () => {
  const modules = new Map<string, string>();
  oracleCases(20).forEach(({ copybook, options }, n) => {
    const checks = (['comment', 'enforce', 'none'] as const)[n % 3]!;
    modules.set(`/oracle-${n}.ts`, typeScript(copybook.layout, { ...options, checks }));
  });
  expect(faultsIn(modules)).toEqual([]);
});

describe.skipIf(!existsSync(carddemo))('CardDemo', () => {
  test.each([
    ['ACCTDATA.PS', 'account.cpy'],
    ['EXPORT.PS', 'export.cpy'],
  ])('%s', { timeout: 60_000 }, async (data, name) => {
    const copybook = await Copybook.load(carddemo + name);
    const rows: Row[] = [];
    for await (const row of open(carddemo + data, { copybook })) rows.push(row);
    expect(faultsIn(new Map([['/rows.ts', withRows(typeScript(copybook.layout), rows)]]))).toEqual([]);
  });
});

test('what a row can not be is a fault', { timeout: 60_000 }, () => {
  const items = "05 S PIC X. 88 OPEN-S VALUE 'A'. 05 N PIC 9(3). 05 B PIC 9(17). 05 D PIC 9V9. 05 T PIC 9 OCCURS 2.";
  const good = { s: 'A', n: 1, b: 1n, d: '1.5', t: [1, null] };
  const wrong = [{ n: '1' }, { b: 1 }, { d: 1.5 }, { t: 1 }, { t: ['1'] }, { other: 1 }, { s: undefined }];
  const text = typesOf(items);
  const modules = new Map([['/good.ts', withRows(text, [good] as unknown as Row[])]]);
  for (const [n, one] of wrong.entries()) {
    modules.set(`/wrong-${n}.ts`, withRows(text, [{ ...good, ...one }] as unknown as Row[]));
  }
  modules.set('/free.ts', withRows(text, [{ ...good, s: 'Z' }] as unknown as Row[]));
  modules.set('/strict.ts', withRows(typesOf(items, { checks: 'enforce' }), [{ ...good, s: 'Z' }] as unknown as Row[]));
  const faulty = new Set(faultsIn(modules).map((fault) => fault.split(':')[0]));
  expect(faulty).toEqual(new Set([...wrong.map((_, n) => `/wrong-${n}.ts`), '/strict.ts']));
});

test('the words of the copybook are in it', () => {
  const items = `05 STATUS-X PIC X. 88 OPEN-S VALUE '*/' 'A'. 05 R. 10 AMOUNT PIC S9(3)V99 COMP-3.
    05 KIND PIC 9. 88 FIRST-KIND VALUE 1. 05 LINES-X OCCURS 2. 10 N PIC 9(17).`;
  expect(typesOf(items)).toBe(`// Made by \`overpunch types\` from a copybook; do not edit.

/** R, 39 bytes */
export interface R {
  /**
   * R.STATUS-X PIC X, offset 0, length 1
   * 88 OPEN-S '*\\/' 'A'
   */
  statusX: string | null;
  /** R.R, offset 1, length 3 */
  r: R2;
  /**
   * R.KIND PIC 9, offset 4, length 1
   * 88 FIRST-KIND 1
   */
  kind: 1 | (number & {}) | null;
  /** R.LINES-X occurs 2, offset 5, length 17 */
  linesX: LinesX[];
}

/** R.R */
export interface R2 {
  /** R.R.AMOUNT PIC S9(3)V99 COMP-3, offset 1, length 3 */
  amount: string | null;
}

/** R.LINES-X occurs 2 */
export interface LinesX {
  /** R.LINES-X.N PIC 9(17), offset 5, length 17 */
  n: bigint | null;
}
`);
});
