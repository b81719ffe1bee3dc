/**
 * Options of the command line that say how a compiler lays data out and what stands for placeholders.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { afterAll, expect, test } from 'vitest';
import { Folder, run } from './run.js';

const folder = new Folder();
afterAll(() => folder.remove());
const copybook = folder.file(
  'dialect.cpy',
  `       01  R.
           05  A PIC X.
           05  B PIC 9 COMP SYNC.
           05  C POINTER.
`,
);
const places = async (...options: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await run(['inspect', copybook, '--json', ...options]);
  expect([code, stderr]).toEqual([0, '']);
  const [record] = (JSON.parse(stdout) as { records: { items: { offset: number; length: number }[] }[] }).records;
  return record!.items.slice(1).map(({ offset, length }) => [offset, length]);
};

test('--dialect, --sync and --pointer-size', async () => {
  expect(await places()).toEqual([
    [0, 1],
    [2, 2],
    [4, 4],
  ]);
  expect(await places('--dialect', 'gnucobol')).toEqual([
    [0, 1],
    [1, 1],
    [2, 8],
  ]);
  expect(await places('--sync', 'ignore')).toEqual([
    [0, 1],
    [1, 2],
    [3, 4],
  ]);
  expect(await places('--dialect', 'microfocus', '--sync', 'apply')).toEqual([
    [0, 1],
    [1, 1],
    [2, 4],
  ]);
  expect(await places('--pointer-size', '8')).toEqual([
    [0, 1],
    [2, 2],
    [4, 8],
  ]);
  expect((await run(['inspect', copybook, '--pointer-size', '6'])).stderr).toContain('8 (64-bit)');
});

test('--trunc and --floats', async () => {
  const text = folder.file('values.cpy', '       01  R.\n           05  A PIC 9 COMP.\n           05  B COMP-1.\n');
  const data = folder.file('values.dat', Uint8Array.of(0, 12, 0, 0, 0x80, 0x3f));
  const decoded = async (...options: string[]): Promise<string> =>
    (await run(['decode', data, '-c', text, '--floats', 'ieee-little', ...options])).stdout;
  expect(JSON.parse(await decoded())).toEqual({ a: 12, b: 1 });
  expect(JSON.parse(await decoded('--trunc', 'bin'))).toEqual({ a: 12, b: 1 });
  const bad = await run(['decode', data, '-c', text, '--floats', 'ieee-little', '--trunc', 'std']);
  expect(JSON.parse(bad.stdout)).toEqual({ a: null, b: 1 });
  expect([bad.code, bad.stderr]).toEqual([3, expect.stringContaining("more digits than the picture's 1")]);
});

test('--replace', async () => {
  const template = folder.file('template.cpy', '       01  :TAG:-REC.\n           05  :TAG:-ID PIC X(4).\n');
  const asked = await run(['inspect', template]);
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--replace :TAG:=NAME')]);
  const { stdout } = await run(['inspect', template, '--replace', ':TAG:=CUST']);
  expect(stdout).toContain('05 CUST-ID');
  const { stderr } = await run(['inspect', copybook, '--replace', ':TAG:=CUST']);
  expect(stderr).toContain(':TAG: is nowhere in the text');
});
