/**
 * `overpunch decode --to arrow` from outside: files and streams that apache-arrow reads, and how it ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../arrow/values.js';
import { ADA, BAD, BOB, COMMAND, COPYBOOK, Folder, run } from './run.js';

const folder = new Folder();
const copybook = folder.file('account.cpy', COPYBOOK);
const good = folder.file('good.bin', Buffer.concat([ADA, BOB]));
afterAll(() => folder.remove());

const ROWS = [
  { acct_id: '1', acct_name: 'ADA', balance: '123.45' },
  { acct_id: '2', acct_name: 'BOB', balance: '-0.50' },
];
const isFile = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 6)).toString('latin1') === 'ARROW1';

describe('decode --to arrow', () => {
  it.each([
    ['out.arrow', true],
    ['out.feather', true],
    ['out.IPC', true],
    ['out.arrows', false],
  ])('writes %s by its extension', async (name, asFile) => {
    const out = folder.file(name);
    expect(await run(['decode', good, '-c', copybook, '-o', out])).toEqual({ code: 0, stdout: '', stderr: '' });
    const bytes = readFileSync(out);
    expect(isFile(bytes)).toBe(asFile);
    expect(rowsOf(tableFromIPC(bytes))).toEqual(ROWS);
  });

  it('is a stream on standard output, and a file under any name', async () => {
    const out = folder.file('stdout');
    expect(await run(['decode', good, '-c', copybook, '--to', 'arrow'], { output: { path: out } })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(isFile(readFileSync(out))).toBe(false);
    expect(rowsOf(tableFromIPC(readFileSync(out)))).toEqual(ROWS);
    const named = folder.file('any-name');
    await run(['decode', good, '-c', copybook, '--to', 'arrow', '-o', named, '--names', 'cobol']);
    expect(isFile(readFileSync(named))).toBe(true);
    expect(tableFromIPC(readFileSync(named)).schema.fields[0]!.name).toBe('ACCT-ID');
  });

  it('goes through a pipe, larger than one', async () => {
    const count = 300_000;
    const big = folder.file('big.bin', Buffer.concat(Array.from({ length: count }, (_, i) => (i % 2 ? BOB : ADA))));
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      const args = [COMMAND, 'decode', big, '-c', copybook, '--to', 'arrow'];
      const options = { encoding: 'buffer', maxBuffer: 1 << 28 } as const;
      execFile(process.execPath, args, options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
    const ids = tableFromIPC(bytes).getChild('acct_id')!.toArray() as Int32Array;
    expect(ids.length).toBe(count);
    expect(ids.every((id, i) => id === 1 + (i % 2))).toBe(true);
  });

  it('keeps what is good of a file that is cut, exit 4', async () => {
    const cut = folder.file('cut.bin', Buffer.concat([ADA, BOB, ADA.subarray(0, 5)]));
    const out = folder.file('cut.arrow');
    expect((await run(['decode', cut, '-c', copybook, '-o', out])).code).toBe(4);
    expect(rowsOf(tableFromIPC(readFileSync(out)))).toEqual(ROWS);
    const bad = folder.file('bad.bin', Buffer.concat([ADA, BAD, BOB]));
    const strict = await run(['decode', bad, '-c', copybook, '-o', out, '--on-bad-data', 'throw']);
    expect(strict.code).toBe(3);
    expect(rowsOf(tableFromIPC(readFileSync(out)))).toEqual(ROWS.slice(0, 1));
  });

  it('has an end where it is interrupted, exit 130', async () => {
    const out = folder.file('interrupted.arrow');
    const child = spawn(process.execPath, [COMMAND, 'decode', '-', '-c', copybook, '-o', out]);
    child.stdin.on('error', () => {});
    child.stdin.write(Buffer.concat(Array<Uint8Array>(300_000).fill(ADA))); // and no end
    // a second one would end it at once
    const watch = setInterval(() => {
      if (!existsSync(out) || statSync(out).size === 0) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 20);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(watch);
    expect(code).toBe(130);
    const table = tableFromIPC(readFileSync(out));
    expect(table.numRows).toBeGreaterThan(0);
    expect((table.getChild('acct_id')!.toArray() as Int32Array).every((id) => id === 1)).toBe(true);
  });

  it('has null for bad values, exit 3', async () => {
    const bad = folder.file('bad.bin', Buffer.concat([ADA, BAD]));
    const out = folder.file('bad.arrow');
    const { code, stderr } = await run(['decode', bad, '-c', copybook, '-o', out]);
    expect(code).toBe(3);
    expect(stderr).toContain('1 bad value, null in the output');
    expect(rowsOf(tableFromIPC(readFileSync(out)))[1]).toEqual({ acct_id: '3', acct_name: 'EVE', balance: null });
  });

  it('leaves a file as it was where nothing could be read', async () => {
    const out = folder.file('kept.arrow', 'kept');
    const missing = await run(['decode', folder.file('missing.bin'), '-c', copybook, '-o', out]);
    expect(missing.code).toBe(4);
    expect(readFileSync(out, 'utf8')).toBe('kept');
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    const full = await run(['decode', good, '-c', copybook, '-o', '/dev/full', '--to', 'arrow']);
    expect(full).toMatchObject({ code: 4, stdout: '' });
    expect(full.stderr).toContain('the disk is full');
  });

  it.skipIf(!existsSync('/usr/bin/script'))('is not shown on a terminal, exit 2', async () => {
    const command = [process.execPath, COMMAND, 'decode', good, '-c', copybook, '--to', 'arrow'].join(' ');
    const [code, shown] = await new Promise<[unknown, string]>((resolve) => {
      execFile('/usr/bin/script', ['-qec', command, '/dev/null'], (error, stdout) => resolve([error?.code, stdout]));
    });
    expect(code).toBe(2);
    expect(shown).toContain('a terminal can show nothing of it');
    expect(shown).toContain('-o FILE.arrow');
  });

  it('is no format of groups', async () => {
    const groups = await run(['group', good, '-c', copybook, '-o', folder.file('groups.arrow')]);
    expect(groups).toMatchObject({ code: 2, stdout: '' });
    expect(groups.stderr).toContain('Formats: jsonl, csv');
  });
});
