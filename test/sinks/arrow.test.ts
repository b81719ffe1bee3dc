/**
 * The sink that writes Arrow files: whole or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type OpenOptions, arrowFile, open } from '../../src/index.js';
import { bytesOf, randomFile } from '../arrow/values.js';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-arrow-file-'));
const path = join(folder, 'out.arrow');
const { data, options } = randomFile(3, 200);
const sizes: OpenOptions = { ...options, batchRecords: 16 };
beforeEach(() => writeFileSync(path, 'before'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('arrowFile', () => {
  it.each(['file', 'stream'] as const)('writes what toArrow() yields, as a %s', async (format) => {
    await open(data, sizes).into(arrowFile(path, { format }));
    expect(readFileSync(path).equals(await bytesOf(open(data, sizes).toArrow({ format })))).toBe(true);
    expect(readdirSync(folder)).toEqual(['out.arrow']);
    const alone = readFileSync(path);
    await open(data, { ...sizes, threads: 3 }).into(arrowFile(path, { format }));
    expect(readFileSync(path).equals(alone)).toBe(true);
  });

  it('is a file of no rows where there are none', async () => {
    await open(new Uint8Array(0), sizes).into(arrowFile(path));
    expect(readFileSync(path).equals(await bytesOf(open(new Uint8Array(0), sizes).toArrow({ format: 'file' })))).toBe(
      true,
    );
  });

  it('leaves what was there when reading fails', async () => {
    const cut = data.subarray(0, data.length - 1);
    await expect(open(cut, sizes).into(arrowFile(path))).rejects.toThrow(/record/i);
    expect(readdirSync(folder)).toEqual(['out.arrow']);
    expect(readFileSync(path, 'utf8')).toBe('before');
  });

  it('says what it could not write', async () => {
    await expect(open(data, sizes).into(arrowFile(join(folder, 'no', 'where.arrow')))).rejects.toThrow('ENOENT');
  });
});
