/**
 * The one form of what not everybody may see: how and for whom, with what is misspelt refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { expect, it } from 'vitest';
import { hiddenOf, hideJson, maskJson, maskedText, masksOf } from '../../src/schemas/protection.js';
import { errorOf } from '../copybook/error-of.js';

it('is a list of fields, or says how and for whom not', () => {
  expect(masksOf(undefined, 'mask')).toEqual([]);
  expect(masksOf(['A', 'B.C', 'A'], 'mask')).toEqual([
    { field: 'A', show: 'all', except: [] },
    { field: 'B.C', show: 'all', except: [] },
  ]);
  const json = { A: 'all', B: 'last4', C: { show: 'last4', except: ['x', 'y'] }, D: { except: ['x'] }, E: {} };
  const masks = masksOf(json, 'mask');
  expect(masks.map(({ field, show, except }) => [field, show, except.join()])).toEqual([
    ['A', 'all', ''],
    ['B', 'last4', ''],
    ['C', 'last4', 'x,y'],
    ['D', 'all', 'x'],
    ['E', 'all', ''],
  ]);
  expect(masksOf(maskJson(masks), 'mask')).toEqual(masks);
  const hidden = hiddenOf({ A: { except: ['x'] }, B: {} }, 'hide');
  expect(hidden).toEqual([
    { field: 'A', except: ['x'] },
    { field: 'B', except: [] },
  ]);
  expect(hiddenOf(hideJson(hidden), 'hide')).toEqual(hidden);
});

it.each<[unknown, RegExp]>([
  ['A', /^c: mask can't be "A"\n.*a list of fields, or an object/],
  [[1], /^c: mask can't be \[1\]/],
  [[''], /^c: mask can't be/],
  [{ '': 'all' }, /^c: mask can't be/],
  [null, /^c: mask can't be null/],
  [{ A: 'last5' }, /^c: mask: A can't be "last5"\n {2}Did you mean last4\? It can be all or last4/],
  [{ A: { show: 'ALL' } }, /^c: mask: A: show can't be "ALL"/],
  [{ A: ['auditor'] }, /^c: mask: A can't be \["auditor"\]\n.*\{ "except": \["auditor"\] \}/],
  [{ A: { excpet: ['auditor'] } }, /^c: mask: A: there is no 'excpet' here\n {2}Did you mean except\?/],
  [{ A: { roles: ['auditor'] } }, /there is no 'roles' here\n {2}It can have show and except/],
  [{ A: { except: 'auditor' } }, /^c: mask: A: except can't be "auditor"\n.*a list of roles/],
  [{ A: { except: [''] } }, /except can't be/],
  [{ A: true }, /^c: mask: A can't be true/],
])('%j is refused', (json, message) => {
  const error = errorOf(() => masksOf(json, 'c: mask'));
  expect([error.code, error.message]).toEqual(['OVP_OPTION_PROTECTION', expect.stringMatching(message)]);
});

it.each([{ A: 'all' }, { A: ['auditor'] }, { A: { show: 'all' } }, 5])('hide: %j is refused', (json) => {
  expect(errorOf(() => hiddenOf(json, 'hide')).code).toBe('OVP_OPTION_PROTECTION');
});

it.each([
  ['12345678', 'all', 'text', '***'],
  ['12345678', 'last4', 'text', '***5678'],
  ['1234', 'last4', 'text', '***'],
  ['ÄÖ😀Üß', 'last4', 'text', '***Ö😀Üß'],
  [null, 'last4', 'text', '***'],
  [-1234567, 'last4', 'integer', '***4567'],
  [-1234, 'last4', 'integer', '***'],
  [123456789012345678n, 'last4', 'integer', '***5678'],
  ['123.4567', 'last4', 'decimal', '***'],
  [1.234567, 'last4', 'float', '***'],
] as const)('%s masked %s as %s is %s', (value, mask, kind, text) => {
  expect(maskedText(value, mask, kind)).toBe(text);
});
