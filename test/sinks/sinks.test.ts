/**
 * Which store a URL means, and which options it has; what is never said of a URL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { describe, expect, it } from 'vitest';
import { sinkOf } from '../../src/index.js';
import { Address } from '../../src/sinks/address.js';
import { Flights } from '../../src/sinks/flights.js';
import { storeOf } from '../../src/sinks/sinks.js';

describe('a URL', () => {
  it('means a store', () => {
    const urls = ['mongodb://h/d', 'mongodb+srv://h/d', 'REDIS://h', 'rediss://h', 'postgres://h/d', 'file.duckdb'];
    expect(urls.map(storeOf)).toEqual(['mongodb', 'mongodb', 'redis', 'redis', null, null]);
    expect(() => sinkOf('postgres://me:secret@h/d')).toThrow(/^postgres:\/\/h\/d: no store has such a URL/);
  });

  it('has its own options, and no others', () => {
    expect(() => sinkOf('mongodb://h/d', { ttl: 1 })).toThrow('ttl: mongodb has no such option');
    expect(() => sinkOf('redis://h', { key: ['A'], table: 'T' })).toThrow('table: redis has no such option');
    expect(() => sinkOf('redis://h', { key: ['A'], truncate: true })).toThrow('truncate: redis has no such option');
    expect(() => sinkOf('redis://h')).toThrow(/the key is missing/);
    expect(sinkOf('redis://h', { key: ['A'], truncate: false, as: 'json' })).toBeDefined();
    expect(sinkOf('mongodb://h/d', { table: 'T', truncate: true })).toBeDefined();
  });
});

describe('an address', () => {
  it.each([
    ['redis://h:6379/1', 'redis://h:6379/1', null, null],
    ['redis://:p%40ss@h', 'redis://h', null, 'p@ss'],
    ['mongodb://me@a,b:1/d?x=1', 'mongodb://a,b:1/d', 'me', null],
    ['mongodb+srv://m%65:pass@h/d', 'mongodb+srv://h/d', 'me', 'pass'],
    ['mongodb://me:a/b@h/d', 'mongodb://h/d', null, null],
    ['nonsense', 'nonsense', null, null],
  ])('%s', (url, shown, user, password) => {
    expect(new Address(url)).toMatchObject({ shown, user, password });
  });

  it('takes what is secret out of what others say', () => {
    const url = 'mongodb://me:p%40ss@h/d?tlsCertificateKeyFilePassword=key&authMechanismProperties=A:token';
    const address = new Address(url, ['other']);
    const said = address.redact(`bad ${url}: p@ss, key, A:token, other`);
    expect(said).not.toMatch(/p@ss|p%40ss|=key|A:token|other/);
    expect(said).toContain('@h/d');
    const error = address.error(
      'OVP_IO_CONNECT',
      'No connection to',
      new AggregateError([new Error('p@ss'), new Error('b')]),
    );
    expect(error.message).toBe('No connection to mongodb://h/d: ***; b');
    expect(error.cause).toBeUndefined();
  });
});

describe('writes under way', () => {
  it('are so many at most, and one that fails fails the next', async () => {
    const flights = new Flights(2);
    let under = 0;
    let most = 0;
    const write = async (): Promise<void> => {
      most = Math.max(most, ++under);
      await new Promise(setImmediate);
      under--;
    };
    for (let n = 0; n < 10; n++) await flights.begin(write);
    await flights.land();
    expect([most, under]).toEqual([2, 0]);
    await flights.begin(() => Promise.reject(new Error('full')));
    await flights.begin(write).catch(() => {});
    await expect(flights.land()).rejects.toThrow('full');
    await expect(flights.begin(write)).rejects.toThrow('full');
  });
});
