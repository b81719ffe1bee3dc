/**
 * Parquet as pyarrow reads it: random layouts, and those of the oracle with its values, each written in several parts that
 * were put together. Python with pyarrow is what OVERPUNCH_TEST_PYTHON names; without it DuckDB reads the oracle's alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type OpenOptions, open, writeParquet } from '../../src/index.js';
import { compileOnce } from '../../src/plan/compiled.js';
import { Duckdb } from '../../src/sql/extension.js';
import { joinParquet } from '../../src/sql/parquet-parts.js';
import { type Exact, expectedOf, randomFile } from '../arrow/values.js';
import { oracleFiles } from '../oracle/files.js';
import { whyNoJudge } from '../oracle/judge.js';
import { asSql, expectRows, plain, rowsOf, whyNoSql } from './same.js';

const python = process.env.OVERPUNCH_TEST_PYTHON;
if (!python) console.warn('test/sql: pyarrow is not asked, for OVERPUNCH_TEST_PYTHON names no Python that has it');

describe.skipIf(whyNoSql())('Parquet read by others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-parquet-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The records as two files, of which one is made. */
  async function written(name: string, data: Uint8Array, options: OpenOptions): Promise<string> {
    const path = join(folder, name);
    writeFileSync(`${path}.dat`, data);
    const reader = (more: object) => open(`${path}.dat`, { ...options, ...more });
    await writeParquet(reader({ limit: 7 }), `${path}.parquet`, { threads: 1 });
    await writeParquet(reader({ skip: 7 }), `${path}.2.parquet`, { threads: 1, compression: 'none' });
    await joinParquet(`${path}.parquet`, [`${path}.2.parquet`]);
    return `${path}.parquet`;
  }

  function readBack(paths: readonly string[]): { rows: Exact[] }[] {
    const script = fileURLToPath(new URL('../arrow/read.py', import.meta.url));
    const lines = execFileSync(python!, [script, ...paths], { encoding: 'utf8', maxBuffer: 1 << 30 });
    return lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  it.skipIf(!python)('has every value of random layouts', { timeout: 240_000 }, async () => {
    const asked: { path: string; expected: Exact[]; place: string }[] = [];
    for (let seed = 1; seed <= 30; seed++) {
      const file = randomFile(seed, 40);
      const expected = await expectedOf(file);
      if (!expected) continue;
      const path = await written(`r${seed}`, file.data, file.options);
      asked.push({ path, expected, place: `seed ${seed}\n${file.text}` });
    }
    expect(asked.length).toBeGreaterThan(20);
    const found = readBack(asked.map(({ path }) => path));
    for (const [n, { expected, place }] of asked.entries()) expectRows(found[n]!.rows, expected, place);
  });

  it.skipIf(whyNoJudge() !== null)("has every value of the oracle's layouts", { timeout: 240_000 }, async () => {
    const duckdb = await Duckdb.open();
    let count = 0;
    for await (const { name, text, ...file } of oracleFiles(12)) {
      const options = { ...file.options, names: 'snake' } as const;
      const data = Buffer.concat([file.data, file.data]);
      const expected: unknown[] = [];
      const { schema } = compileOnce(options.copybook.layout, { ...options, text: 'utf8' });
      for await (const row of open(data, options)) expected.push(plain(asSql(row, schema)));
      const path = await written(`o${count++}`, data, options);
      expectRows(await rowsOf(duckdb, `FROM '${path}'`), expected, `${name}\n${text}`);
    }
    duckdb.close();
    expect(count).toBeGreaterThan(20);
  });
});
