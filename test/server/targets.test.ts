/**
 * What a catalog's targets may be: everything that is wrong is found before the service listens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCatalog } from '../../src/server/catalog/catalog.js';
import { datasets, folder, guarded, write } from './served.js';

mkdirSync(join(folder, 'exports'));
mkdirSync(join(folder, 'data'));
write('secret', 'x');
write('data/fixed.dat', '');
symlinkSync('/tmp', join(folder, 'out'));
const url = 'postgres://loader@db.example/bank';

const check = (targets: unknown, rest: object = guarded) => checkCatalog({ ...rest, targets }, folder);

describe('targets', () => {
  it('are what the catalog says, with what it does not say', async () => {
    const roles = ['clerk'];
    const { targets } = await check({
      bank: { url, roles, passwordFile: 'secret', tls: 'require' },
      documents: { url: 'mongodb://m.example/bank', roles, modes: ['truncate'] },
      cache: { url: 'rediss://c.example/0', roles, prefix: 'a:', ttl: 5 },
      exports: { folder: 'exports', roles },
    });
    expect(targets).toMatchObject([
      { name: 'bank', kind: 'postgres', modes: ['append', 'upsert'], schema: 'public', tables: null, workers: 2 },
      { kind: 'mongodb', modes: ['truncate'] },
      { kind: 'redis', modes: ['upsert'], prefix: 'a:', as: 'hash', ttl: 5 },
      { kind: 'folder', modes: ['append'], folder: 'exports' },
    ]);
    expect((await check(undefined)).targets).toEqual([]);
    expect((await check({ exports: { folder: 'exports' } }, { datasets })).targets[0]!.roles).toBeNull();
  });

  const roles = ['clerk'];
  it.each([
    ['no address', { x: { roles } }, 'OVP_OPTION_CATALOG'],
    ['two of them', { x: { url, folder: 'exports', roles } }, 'OVP_OPTION_CATALOG'],
    ['an address of nothing known', { x: { url: 'http://db.example/', roles } }, 'OVP_OPTION_CATALOG'],
    ['a password in it', { x: { url: 'postgres://a:b@db.example/bank', roles } }, 'OVP_OPTION_CATALOG'],
    ['a password behind it', { x: { url: `${url}?password=b`, roles } }, 'OVP_OPTION_CATALOG'],
    ['nobody who may', { x: { url } }, 'OVP_OPTION_CATALOG'],
    ['a name that is none', { 'a/b': { url, roles } }, 'OVP_OPTION_CATALOG'],
    ['what is misspelt', { x: { url, roles, schemas: 'a' } }, 'OVP_OPTION_CATALOG'],
    ['what another kind has', { x: { folder: 'exports', roles, passwordFile: 'secret' } }, 'OVP_OPTION_CATALOG'],
    ['a mode that it has not', { x: { url: 'redis://c/0', roles, modes: ['truncate'] } }, 'OVP_OPTION_VALUE'],
    ['no mode', { x: { url, roles, modes: [] } }, 'OVP_OPTION_CATALOG'],
    ['a secret outside', { x: { url, roles, passwordFile: '../secret' } }, 'OVP_SERVER_PATH'],
    ['a secret that is not there', { x: { url, roles, passwordFile: 'nosecret' } }, 'OVP_IO_NOT_FOUND'],
    ['a folder outside', { x: { folder: '/tmp', roles } }, 'OVP_SERVER_PATH'],
    ['a folder outside by a link', { x: { folder: 'out', roles } }, 'OVP_SERVER_PATH'],
    ['a file', { x: { folder: 'secret', roles } }, 'OVP_OPTION_CATALOG'],
    ["the catalog's own folder", { x: { folder: '.', roles } }, 'OVP_OPTION_CATALOG'],
  ])('are refused with %s', async (_, targets, code) => {
    await expect(check(targets)).rejects.toMatchObject({ code });
  });

  it('do not lie where data sets do, and have no roles that nobody can have', async () => {
    const served = { one: { data: 'data/fixed.dat', copybook: 'account.cpy' } };
    await expect(check({ x: { folder: 'data' } }, { datasets: served })).rejects.toThrow(/the data set one lies in it/);
    await expect(check({ x: { folder: 'exports', roles } }, { datasets })).rejects.toThrow(/nobody can have one/);
  });
});
