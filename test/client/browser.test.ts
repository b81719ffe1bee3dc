/**
 * The client in a browser's TypeScript, which has no types of Node; and rows that are what `overpunch types` says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { Copybook } from '../../src/copybook.js';
import { typeScript } from '../../src/schemas/typescript.js';
import { ACCOUNT } from '../server/served.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PAGE = at('page.ts');
const OPTIONS: ts.CompilerOptions = {
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/** What the compiler says of a page. */
function faults(page: string): string[] {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === PAGE || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === PAGE ? ts.createSourceFile(path, page, ts.ScriptTarget.ES2022) : getSourceFile(path, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([PAGE], OPTIONS, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const { layout } = Copybook.parse(ACCOUNT, { format: 'fixed' });
const page = (body: string): string =>
  `${typeScript(layout, {})}
import { OverpunchClient, ProblemError } from '../../src/client/index.js';
const client = new OverpunchClient(location.origin, { token: async ({ renew }) => String(renew), fetch: window.fetch });
export async function show(file: File): Promise<void> { ${body} }`;

it('is typed', { timeout: 60_000 }, () => {
  const good = page(`
    const { records, next } = await client.records<Account>('accounts', { select: ['BALANCE'], order: 'BALANCE:desc' });
    const balance: string | null = records[0]!.balance;
    for await (const { visits } of client.stream<Account>('accounts')) { const n: number | null = visits; void n; }
    await client.upload({ copybook: file, data: file, options: { recfm: 'VB' } });
    for await (const event of client.watch('id')) if (event.type === 'progress') void event.progress.share;
    try { await client.job('x'); } catch (error) { if (error instanceof ProblemError) void error.parameter; }
    void [balance, next];`);
  const wrong = page(`
    const { records } = await client.records<Account>('accounts');
    void records[0]!.balanc;
    await client.records('accounts', { wher: 'x' });`);
  expect(faults(good)).toEqual([]);
  expect(faults(wrong)).toEqual([
    expect.stringContaining("Property 'balanc' does not exist"),
    expect.stringContaining("'wher' does not exist"),
  ]);
});
