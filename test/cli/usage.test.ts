/**
 * The command line itself: help, what is unknown or wrong, `inspect`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ADA, COMMAND, COPYBOOK, Folder, LENGTH, run } from './run.js';

const folder = new Folder();
const copybook = folder.file('account.cpy', COPYBOOK);
const data = folder.file('one.bin', ADA);
afterAll(() => folder.remove());

describe('help', () => {
  it('lists commands and exit codes', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of ['inspect', 'head', 'decode', 'serve', 'Exit codes']) expect(stdout).toContain(word);
    expect(stdout).not.toMatch(/\b(encode|doctor)\b/);
  });

  it('lists the options of a command, with examples', async () => {
    const { code, stdout } = await run(['decode', '--help']);
    expect(code).toBe(0);
    const options = `recfm lrecl rdw-endian rdw-adjust bdw-endian bdw-adjust code-page encoding floats digits comp5-endian dialect odo
      names trim select where skip limit record on-bad-data errors engine dataset decimals edited absent field-code-page filler ascii-signs
      to output copybook format`;
    for (const option of options.split(/\s+/)) expect(stdout).toContain(`--${option} `);
    expect(stdout).toContain('Examples:');
  });

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('usage, exit 1', () => {
  it('says what to do where nothing is built', () => {
    mkdirSync(folder.file('bin'));
    folder.file('package.json', '{"type":"module"}');
    copyFileSync(COMMAND, folder.file('bin/overpunch.js'));
    const { status, stderr } = spawnSync(process.execPath, [folder.file('bin/overpunch.js')], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('npm run build');
  });

  it.each([
    [['decodee'], "unknown command 'decodee'", 'decode'],
    [['encode', 'x'], "unknown command 'encode'", 'decode'],
    [['decode', 'x', '-c', 'y', '--recfn', 'V'], "unknown option '--recfn'", '--recfm'],
    [['inspect'], "missing required argument 'copybook'", ''],
    [['decode'], "missing required argument 'data'", ''],
    [['decode', 'x'], "'-c, --copybook <file>' not specified", ''],
    [['decode', 'x', '-c'], 'argument missing', ''],
    [['decode', 'x', '-c', 'y', '-c', 'z'], 'Only one copybook', ''],
    [['inspect', 'x', 'y'], 'too many arguments', ''],
    [['decode', 'x', '-c', 'y', '--field-code-page', 'NAME'], 'NAME=PAGE', ''],
  ])('%j', async (args, message, meant) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`overpunch: `);
    expect(stderr).toContain(message);
    expect(stderr).toContain(meant);
  });

  it('no command at all', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Usage: overpunch');
  });
});

describe('options with wrong values, exit 2', () => {
  it.each([
    [['--trim', 'rihgt'], "--trim can't be 'rihgt'", 'Did you mean right?'],
    [['--rdw-endian', 'midle'], "--rdw-endian can't be 'midle'", 'It can be big, little.'],
    [['--limit', 'ten'], "--limit can't be 'ten'", 'whole number from 0 up'],
    [['--limit', '-1'], "--limit can't be -1", 'whole number from 0 up'],
    [['--skip', '1.5'], "--skip can't be '1.5'", 'whole number'],
    [['--lrecl', '0'], "--lrecl can't be 0", 'from 1 to'],
    [['--recfm', 'VBS'], 'recfm VBS', 'RECFM VB'],
    [['--select', 'A,,B'], "--select can't be 'A,,B'", 'one comma'],
    [['--select', 'BALANC'], "'BALANC'", 'Did you mean BALANCE?'],
    [['--where', 'BALANC > 1'], 'BALANC', 'BALANCE'],
    [['--code-page', '9999'], '9999', '037'],
    [['--engine', 'naive'], 'naive', 'native'],
    [['--to', 'cvs'], "--to can't be 'cvs'", 'Did you mean csv?'],
    [['--to', 'orc'], "--to can't be 'orc'", 'jsonl, csv'],
    [['--to', 'parquet'], 'needs -o FILE', 'a file'],
    [['-o', 'out.csv', '--compression', 'snappy'], 'no meaning for csv', 'Parquet'],
    [['-o', ''], "-o can't be ''", 'a path'],
    [['-o', 'out.orc'], '.orc', 'jsonl, csv'],
  ])('%j', async (more, message, hint) => {
    const { code, stdout, stderr } = await run(['decode', data, '-c', copybook, ...more]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it('OVERPUNCH_ENGINE too', async () => {
    const { code, stderr } = await run(['decode', data, '-c', copybook], {}, { OVERPUNCH_ENGINE: 'fast' });
    expect(code).toBe(2);
    expect(stderr).toContain('OVERPUNCH_ENGINE');
  });
});

describe('inspect', () => {
  it('shows every item', async () => {
    const { code, stdout, stderr } = await run(['inspect', copybook]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/05 BALANCE +S9\(5\)V99 +COMP-3 +10 +4\n/);
  });

  it('is JSON with --json', async () => {
    const { code, stdout } = await run(['inspect', copybook, '--json']);
    expect(code).toBe(0);
    const { records } = JSON.parse(stdout);
    expect(records).toMatchObject([{ name: 'ACCOUNT', length: LENGTH, minLength: LENGTH }]);
    expect(records[0].items[3]).toMatchObject({
      level: 5,
      name: 'BALANCE',
      usage: 'COMP-3',
      offset: 10,
      length: 4,
      occurs: null,
    });
  });

  it('shows all errors of a copybook with their lines', async () => {
    const wrong = folder.file(
      'wrong.cpy',
      '       01  R.\n           05  A PIC Q(3).\n           05  B PIC X.\n           05  C PICK 9.\n',
    );
    const { code, stdout, stderr } = await run(['inspect', wrong]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${wrong}:2:`);
    expect(stderr).toContain(`${wrong}:4:`);
    expect(stderr).toMatch(/05 {2}A PIC Q\(3\)\.\n.*\^/);
    expect(stderr).toContain('overpunch: 2 errors\n');
  });

  it('tells of warnings on standard error', async () => {
    const text = '       01  R.\n           05  A PIC X.\n           05  B REDEFINES A PIC X(9).\n';
    const { code, stdout, stderr } = await run(['inspect', folder.file('warn.cpy', text)]);
    expect(code).toBe(0);
    expect(stdout).toContain('REDEFINES'.toLowerCase());
    expect(stderr).toContain('overpunch: warning: ');
  });
});
