/**
 * `overpunch decode` from outside: what comes out, where it goes, what is said, how it ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ADA, BAD, BOB, COMMAND, COPYBOOK, Folder, LENGTH, hex, rdw, run } from './run.js';

const folder = new Folder();
const copybook = folder.file('account.cpy', COPYBOOK);
const good = folder.file('good.bin', Buffer.concat([ADA, BOB]));
const bad = folder.file('bad.bin', Buffer.concat([ADA, BAD, BOB, BAD]));
afterAll(() => folder.remove());

const LINES = '{"acctId":1,"acctName":"ADA","balance":"123.45"}\n{"acctId":2,"acctName":"BOB","balance":"-0.50"}\n';
const CSV = 'acct_id,acct_name,balance\n1,ADA,123.45\n2,BOB,-0.50\n';

describe('output', () => {
  it('is JSON lines on standard output, and nothing is said', async () => {
    expect(await run(['decode', good, '-c', copybook])).toEqual({ code: 0, stdout: LINES, stderr: '' });
  });

  it('is whole and in order on several threads, to a file or a pipe, however few threads libuv has', async () => {
    const count = 150_000;
    const many = folder.file('many.bin', Buffer.alloc(count * 2 * LENGTH, Buffer.concat([ADA, BOB])));
    const path = folder.file('many.jsonl');
    const args = ['decode', many, '-c', copybook, '--threads', '3'];
    const few = { UV_THREADPOOL_SIZE: '1' };
    const piped = await run(args, {}, few);
    expect(piped.stdout === LINES.repeat(count)).toBe(true);
    expect(await run([...args, '-o', path], {}, few)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(path, 'utf8') === LINES.repeat(count)).toBe(true);
  });

  it('is counted and timed with --verbose', async () => {
    const { code, stderr } = await run(['decode', good, '-c', copybook, '--verbose', '--engine', 'ts']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^overpunch: 2 records, 28 bytes in \d+\.\d\d s \([\d.]+ MB\/s, ts engine\)\n$/);
  });

  it('is CSV with --to csv', async () => {
    expect(await run(['decode', good, '-c', copybook, '--to', 'CSV'])).toEqual({ code: 0, stdout: CSV, stderr: '' });
  });

  it('goes to a file, its format by the extension', async () => {
    const [csv, jsonl, plain] = [folder.file('out.csv'), folder.file('out.ndjson'), folder.file('out')];
    for (const path of [csv, jsonl, plain]) {
      expect(await run(['decode', good, '-c', copybook, '-o', path])).toEqual({ code: 0, stdout: '', stderr: '' });
    }
    expect(readFileSync(csv, 'utf8')).toBe(CSV);
    expect(readFileSync(jsonl, 'utf8')).toBe(LINES);
    expect(readFileSync(plain, 'utf8')).toBe(LINES);
    await run(['decode', good, '-c', copybook, '-o', csv, '--to', 'jsonl', '--limit', '1']);
    expect(readFileSync(csv, 'utf8')).toBe(LINES.slice(0, LINES.indexOf('\n') + 1));
  });

  it('is an empty file where there are no records', async () => {
    const path = folder.file('none.jsonl', 'before');
    expect(await run(['decode', folder.file('empty.bin', ''), '-c', copybook, '-o', path])).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('is as large as it must be', async () => {
    const records = 40_000;
    const big = folder.file('big.bin', Buffer.concat(Array.from({ length: records }, (_, i) => (i % 2 ? BOB : ADA))));
    const out = folder.file('big.jsonl');
    expect(await run(['decode', big, '-c', copybook, '-o', out])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(out, 'utf8')).toBe(LINES.repeat(records / 2));
    const { code, stdout } = await run(['decode', big, '-c', copybook]);
    expect(code).toBe(0);
    expect(stdout).toBe(LINES.repeat(records / 2));
  });

  it('comes from standard input too', async () => {
    const input = Buffer.concat([ADA, BOB]);
    expect(await run(['decode', '-', '-c', copybook], { input })).toEqual({ code: 0, stdout: LINES, stderr: '' });
    const many = Buffer.concat(Array<Uint8Array>(100_000).fill(ADA));
    const one = await run(['decode', '-', '-c', copybook, '--limit', '1'], { input: many });
    expect(one).toEqual({ code: 0, stdout: LINES.slice(0, LINES.indexOf('\n') + 1), stderr: '' });
  });

  it('goes behind what a file has, where the shell wants it so', async () => {
    const path = folder.file('append.jsonl', 'before\n');
    const streams = { input: { path: good }, output: { path } };
    expect(await run(['decode', '-', '-c', copybook], streams)).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(path, 'utf8')).toBe(`before\n${LINES}`);
  });

  it('ends quietly when nobody reads on', async () => {
    const big = folder.file('pipe.bin', Buffer.concat(Array<Uint8Array>(200_000).fill(ADA)));
    const child = spawn(process.execPath, [COMMAND, 'decode', big, '-c', copybook]);
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const code = await new Promise((resolve) => {
      child.stdout.once('data', () => child.stdout.destroy());
      child.on('close', resolve);
    });
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });
});

describe('interrupted', () => {
  it('stops at whole records, exit 130', async () => {
    const child = spawn(process.execPath, [COMMAND, 'decode', '-', '-c', copybook]);
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      if (out === '') child.kill('SIGINT');
      out += bytes.toString('latin1');
    });
    child.stdin.on('error', () => {});
    child.stdin.write(Buffer.concat(Array<Uint8Array>(300_000).fill(ADA))); // and no end
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(out).toMatch(/^(?:\{"acctId":1,"acctName":"ADA","balance":"123.45"\}\n)+$/);
  });
});

describe('options', () => {
  it('choose records, items and names', async () => {
    const select = await run([
      'decode',
      good,
      '-c',
      copybook,
      '--select',
      'BALANCE,ACCT-ID',
      '--where',
      "ACCT-NAME = 'BOB'",
      '--names',
      'cobol',
    ]);
    expect(select).toEqual({ code: 0, stdout: '{"ACCT-ID":2,"BALANCE":"-0.50"}\n', stderr: '' });
    const skip = await run([
      'decode',
      good,
      '-c',
      copybook,
      '--skip',
      '1',
      '--decimals',
      'number',
      '--select',
      'BALANCE',
    ]);
    expect(JSON.parse(skip.stdout)).toEqual({ balance: -0.5 });
  });

  it('choose alternatives, at the first = of each', async () => {
    const text =
      '       01 R.\n          05 KIND PIC X.\n          05 A PIC X(3).\n          05 B REDEFINES A PIC 9(3).\n';
    const data = folder.file('kinds.bin', hex('C1C1C2C3D5F0F0F7'));
    const args = ['decode', data, '-c', folder.file('kinds.cpy', text)];
    const { stdout, code } = await run([...args, '--record', "A=KIND = 'A'", '--record', "B = KIND = 'N'"]);
    expect({ stdout, code }).toEqual({ code: 0, stdout: '{"kind":"A","a":"ABC"}\n{"kind":"N","b":7}\n' });
    const wrong = await run([...args, '--record', 'A']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('NAME=CONDITION');
  });

  it('say how records are told apart', async () => {
    const data = folder.file('good.v', Buffer.concat([rdw(ADA), rdw(BOB)]));
    expect(await run(['decode', data, '-c', copybook, '--recfm', 'v'])).toEqual({ code: 0, stdout: LINES, stderr: '' });
    const long = folder.file('long.bin', Buffer.concat([ADA, hex('FFFF'), BOB, hex('FFFF')]));
    const rest = await run(['decode', long, '-c', copybook, '--lrecl', String(LENGTH + 2)]);
    expect(rest).toMatchObject({ code: 0, stdout: LINES });
    expect(rest.stderr).toContain('2 records longer than the copybook');
  });

  it('come from a data set, and the command line wins', async () => {
    mkdirSync(join(folder.path, 'sets'), { recursive: true });
    const json = {
      copybook: '../account.cpy',
      data: '../good.v',
      recfm: 'V',
      names: 'cobol',
      select: ['ACCT-ID'],
      limit: 1,
    };
    writeFileSync(join(folder.path, 'good.v'), Buffer.concat([rdw(ADA), rdw(BOB)]));
    const path = folder.file('sets/accounts.json', JSON.stringify(json));
    expect(await run(['decode', '--dataset', path])).toEqual({ code: 0, stdout: '{"ACCT-ID":1}\n', stderr: '' });
    const more = await run(['decode', good, '--dataset', path, '--limit', '5', '--recfm', 'F', '--select', 'BALANCE']);
    expect(more.stdout).toBe('{"BALANCE":"123.45"}\n{"BALANCE":"-0.50"}\n');
  });

  it.each([
    [{ recfmt: 'V' }, "there is no option 'recfmt'", 'Did you mean recfm?'],
    [{ 'code-page': '037' }, "there is no option 'code-page'", 'Did you mean codePage?'],
    [{ trim: 'rigt' }, "trim can't be 'rigt'", 'Did you mean right?'],
    [{ limit: -1 }, "limit can't be -1", 'whole number from 0 up'],
    [{ limit: '5' }, "limit can't be '5'", 'whole number'],
    [{ select: 'A' }, "select can't be 'A'", 'list of names'],
    [{ record: ['A'] }, `record can't be ["A"]`, 'object of names'],
    [{ filler: 'yes' }, "filler can't be 'yes'", 'true or false'],
    [{ data: 5 }, "data can't be 5", 'It is a path'],
    ['[]', 'does not hold a JSON object', ''],
    ['{"a":', 'is not JSON', ''],
  ])('of a data set are checked: %j', async (json, message, hint) => {
    const path = folder.file('wrong.json', typeof json === 'string' ? json : JSON.stringify(json));
    const { code, stdout, stderr } = await run(['decode', good, '-c', copybook, '--dataset', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

describe('bad data', () => {
  it('is null, summed up on standard error, exit 3', async () => {
    const { code, stdout, stderr } = await run(['decode', bad, '-c', copybook]);
    expect(code).toBe(3);
    expect(stdout.split('\n').map((line) => line && JSON.parse(line).balance)).toEqual([
      '123.45',
      null,
      '-0.50',
      null,
      '',
    ]);
    expect(stderr).toContain('2 bad values, null in the output:\n    2  ACCOUNT.BALANCE\n');
    expect(stderr).toContain(`record 2, byte ${LENGTH + 10}, ACCOUNT.BALANCE: `);
    expect(stderr).toContain("x'00123456'");
  });

  it('is written to a file, all of it', async () => {
    const records = 12_345;
    const data = folder.file('many.bin', Buffer.concat(Array<Uint8Array>(records).fill(BAD)));
    const errors = folder.file('errors.jsonl', 'before\n');
    const { code, stderr } = await run([
      'decode',
      data,
      '-c',
      copybook,
      '-o',
      folder.file('many.jsonl'),
      '--errors',
      errors,
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('12,345 bad values');
    expect(stderr).toContain(`all of them are in ${errors}`);
    const faults = readFileSync(errors, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(faults.length).toBe(records);
    const last = { record: records, offset: (records - 1) * LENGTH + 10, field: 'ACCOUNT.BALANCE', hex: '00123456' };
    expect(faults.at(-1)).toEqual({ ...last, reason: expect.any(String) });
  });

  it('of a good file is an empty file', async () => {
    const errors = folder.file('no-errors.jsonl', 'before\n');
    expect(await run(['decode', good, '-c', copybook, '--errors', errors])).toMatchObject({ code: 0, stdout: LINES });
    expect(readFileSync(errors, 'utf8')).toBe('');
  });

  it('ends the job with --on-bad-data throw, and is accepted with null', async () => {
    const strict = await run(['decode', bad, '-c', copybook, '--on-bad-data', 'throw']);
    expect(strict.code).toBe(3);
    expect(strict.stderr).toContain('ACCOUNT.BALANCE');
    expect(strict.stderr).toContain(`(record 2, byte ${LENGTH + 10})`);
    const accepted = await run(['decode', bad, '-c', copybook, '--on-bad-data', 'null']);
    expect(accepted).toMatchObject({ code: 0, stderr: 'overpunch: 2 bad values taken as null\n' });
    const nothing = await run([
      'decode',
      bad,
      '-c',
      copybook,
      '--on-bad-data',
      'null',
      '--errors',
      folder.file('x.jsonl'),
    ]);
    expect(nothing).toMatchObject({ code: 2, stdout: '' });
    expect(nothing.stderr).toContain('nothing to write');
  });
});

describe('files that are not as described, exit 4', () => {
  it.each(['-o', 'stdout'])('keep the good records before a cut one (%s)', async (way) => {
    const cut = folder.file('cut.bin', Buffer.concat([ADA, BOB, ADA.subarray(0, 5)]));
    const out = folder.file('cut.jsonl');
    const { code, stdout, stderr } = await run(['decode', cut, '-c', copybook, ...(way === '-o' ? ['-o', out] : [])]);
    expect(code).toBe(4);
    expect(way === '-o' ? readFileSync(out, 'utf8') : stdout).toBe(LINES);
    expect(stderr).toContain(`(record 3, byte ${2 * LENGTH})`);
  });

  it('have an RDW of 3', async () => {
    const data = folder.file('rdw3.v', Buffer.concat([rdw(ADA), hex('00030000'), BOB]));
    const { code, stdout, stderr } = await run(['decode', data, '-c', copybook, '--recfm', 'V']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: LINES.slice(0, LINES.indexOf('\n') + 1) });
    expect(stderr).toContain(`(record 2, byte ${LENGTH + 4})`);
    expect(stderr).toContain("x'00030000");
  });

  it('are not there, or are directories', async () => {
    const missing = await run(['decode', folder.file('missing.bin'), '-c', copybook]);
    expect(missing).toMatchObject({ code: 4, stdout: '' });
    expect(missing.stderr).toContain('missing.bin');
    const directory = await run(['decode', folder.path, '-c', copybook]);
    expect(directory).toMatchObject({ code: 4, stdout: '' });
    expect(directory.stderr).toContain('directory');
    const input = await run(['decode', '-', '-c', copybook], { input: { path: folder.path } });
    expect(input).toMatchObject({ code: 4, stdout: '' });
    expect(input.stderr).toContain('directory');
    const noCopybook = await run(['decode', good, '-c', folder.file('missing.cpy')]);
    expect(noCopybook).toMatchObject({ code: 4, stdout: '' });
    expect(noCopybook.stderr).toContain('missing.cpy');
  });

  it('cannot be written', async () => {
    const directory = await run(['decode', good, '-c', copybook, '-o', folder.path]);
    expect(directory).toMatchObject({ code: 4, stdout: '' });
    expect(directory.stderr).toContain('it is a directory');
    const nowhere = await run(['decode', good, '-c', copybook, '-o', join(folder.path, 'no', 'where.csv')]);
    expect(nowhere).toMatchObject({ code: 4, stdout: '' });
    expect(nowhere.stderr).toContain('there is no directory');
    const errors = await run(['decode', good, '-c', copybook, '--errors', folder.path]);
    expect(errors).toMatchObject({ code: 4, stdout: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('have no room', async () => {
    const full = await run(['decode', good, '-c', copybook, '-o', '/dev/full']);
    expect(full).toMatchObject({ code: 4, stdout: '' });
    expect(full.stderr).toContain('the disk is full');
    const stdout = await run(['decode', good, '-c', copybook], { output: { path: '/dev/full' } });
    expect(stdout.code).toBe(4);
    expect(stdout.stderr).toContain('standard output could not be written: the disk is full');
    const errors = await run(['decode', bad, '-c', copybook, '--errors', '/dev/full']);
    expect(errors.code).toBe(4);
    expect(errors.stderr).toContain('/dev/full could not be written');
  });
});

describe('what would be lost is refused, exit 2', () => {
  it.each([
    ['the data', (): string[] => ['-o', good], 'good.bin'],
    ['the copybook', (): string[] => ['-o', copybook], 'account.cpy'],
    ['the data, by --errors', (): string[] => ['--errors', good], 'good.bin'],
    ['the errors', (): string[] => ['-o', folder.file('same', 'x'), '--errors', folder.file('same')], 'same'],
  ])('%s', async (_, more, name) => {
    const before = readFileSync(good);
    const { code, stdout, stderr } = await run(['decode', good, '-c', copybook, ...more()]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`would overwrite`);
    expect(stderr).toContain(name);
    expect(readFileSync(good)).toEqual(before);
    expect(readFileSync(copybook, 'utf8')).toBe(COPYBOOK);
  });

  it('an output is left as it was when the options are wrong', async () => {
    const out = folder.file('kept.jsonl', 'kept\n');
    for (const wrong of [
      ['--select', 'BALANCES'],
      ['--code-page', '9999'],
      ['--where', 'BALANCE >'],
    ]) {
      const { code } = await run(['decode', good, '-c', copybook, '-o', out, ...wrong]);
      expect(code).toBe(2);
      expect(readFileSync(out, 'utf8')).toBe('kept\n');
    }
  });
});
