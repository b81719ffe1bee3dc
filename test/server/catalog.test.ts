/**
 * Catalogs: what they can't have, and paths that lead out of their folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCatalog, readCatalog } from '../../src/server/catalog/catalog.js';
import { demoCatalog } from '../../src/server/catalog/demo.js';
import { ask, datasets, folder, serve, write } from './served.js';

const entry = datasets.fixed;
const one = (change: object): unknown => ({ datasets: { fixed: { ...entry, ...change } } });
mkdirSync(join(folder, 'inner'), { recursive: true });
symlinkSync('/etc/hostname', join(folder, 'link.dat'));
symlinkSync('/etc', join(folder, 'linked'));
symlinkSync('fixed.dat', join(folder, 'good.dat'));

describe('refuses', () => {
  it.each<[string, unknown, string]>([
    ['no object', [], 'not a JSON object'],
    ['an unknown key', { datasets: {}, dataset: 1 }, 'Did you mean datasets?'],
    ['an unknown key of a data set', one({ copybok: 'x' }), 'Did you mean copybook?'],
    ['an unknown option', one({ recfmt: 'F' }), 'Did you mean recfm?'],
    ['a value that can not be', one({ encoding: 'utf8' }), "can't be 'utf8'"],
    ['what is for requests', one({ where: 'A = 1' }), 'is for requests'],
    ['a name that is no part of an address', { datasets: { 'a/b': entry } }, "can't be called"],
    ['__proto__', JSON.parse('{"datasets": {"__proto__": {}}}'), "can't be called"],
    ['no data', { datasets: { a: { copybook: 'account.cpy' } } }, 'data is missing'],
    ['a key of no field', one({ key: 'ACCT-ID' }), 'It is a list of names'],
    ['roles that nobody has', one({ roles: ['clerk'] }), 'nobody can have one'],
    ['a key that is no hash', { datasets: {}, keys: [{ name: 'a', sha256: 'ovp_secret' }] }, '64 hexadecimal digits'],
    [
      'two keys of one name',
      { datasets: {}, keys: [1, 2].map(() => ({ name: 'a', sha256: '0'.repeat(64) })) },
      "two keys are called 'a'",
    ],
    [
      'a symmetric algorithm',
      { datasets: {}, jwt: { jwks: 'https://a.example', issuer: 'a', audience: 'b', algorithms: ['HS256'] } },
      'algorithms',
    ],
    [
      'a JWKS by http',
      { datasets: {}, jwt: { jwks: 'http://a.example/jwks', issuer: 'a', audience: 'b' } },
      'is an address',
    ],
  ])('%s', async (_, json, words) => {
    await expect(checkCatalog(json, folder)).rejects.toThrow(words);
  });

  it.each<[string, string]>([
    ['../fixed.dat', "has '..' in it"],
    ['inner/../../x', "has '..' in it"],
    ['inner\\..\\x', "has '..' in it"],
    ['/etc/hostname', 'absolute path'],
    ['C:\\data', 'is an a'],
    ['\\\\host\\share', 'absolute path'],
    ['file:///etc/hostname', 'is an address'],
    ['https://a.example/data', 'is an address'],
    ['link.dat', 'leads out of the folder'],
    ['linked/hostname', 'leads out of the folder'],
    ['a\0b', 'is no path'],
    ['missing.dat', 'there is no such file'],
    ['inner', 'is no file'],
  ])('the path %j', async (data, words) => {
    await expect(checkCatalog(one({ data }), folder)).rejects.toThrow(words);
    await expect(checkCatalog(one({ copybook: data }), folder)).rejects.toThrow(words);
  });
});

it('takes a link that stays in the folder, a file, and a folder with catalog.json', async () => {
  expect((await checkCatalog(one({ data: 'good.dat' }), folder)).datasets).toHaveLength(1);
  write('catalog.json', JSON.stringify({ datasets }));
  for (const path of [folder, join(folder, 'catalog.json')])
    expect((await readCatalog(path)).datasets.map(({ name }) => name)).toEqual(['fixed', 'varied']);
  await expect(readCatalog(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'OVP_IO_CATALOG' });
});

it('says at the start what a catalog has wrong for its copybook', async () => {
  await expect(serve(one({ key: ['ACCT-IDD'] }))).rejects.toThrow('Did you mean ACCT-ID?');
  const jwt = { jwks: 'account.cpy', issuer: 'a', audience: 'b' };
  await expect(serve({ datasets, jwt })).rejects.toThrow('is no set of JSON web keys');
  await expect(serve(one({ hide: ['NIX'] }))).rejects.toMatchObject({ code: 'OVP_OPTION_CATALOG' });
});

it('does not follow a link that is put there later', async () => {
  writeFileSync(join(folder, 'swapped.dat'), Buffer.alloc(52, 0xf0));
  const service = await serve(one({ data: 'swapped.dat' }));
  expect((await ask(service, '/v1/datasets/fixed/records/1/bytes')).status).toBe(200);
  rmSync(join(folder, 'swapped.dat'));
  symlinkSync('/etc/passwd', join(folder, 'swapped.dat'));
  const { status, body } = await ask(service, '/v1/datasets/fixed/records/1/bytes');
  expect(status).toBe(500);
  for (const word of ['root', '/etc', folder]) expect(`${body}`).not.toContain(word);
  expect((await ask(service, '/readyz')).status).toBe(503);
});

it('has a demo', async () => {
  const demo = await demoCatalog();
  const service = await serve({ datasets });
  await service.close();
  expect(demo.catalog.datasets.map(({ name }) => name)).toEqual(['accounts']);
  await demo.remove();
});
