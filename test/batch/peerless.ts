/**
 * Run in a process of its own, where apache-arrow is made impossible to find: prints the error that this leads to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { register } from 'node:module';
import { toArrow } from '../../src/batch/arrow.js';
import { OverpunchError } from '../../src/errors.js';
import { batchOf } from './slabs.js';

const missing = `export async function resolve(name, context, next) {
  if (name !== 'apache-arrow') return next(name, context);
  throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
register(`data:text/javascript,${encodeURIComponent(missing)}`);

try {
  await toArrow(batchOf([{ name: 'x', type: 'utf8' }], [{ x: 'a' }]));
} catch (error) {
  if (!(error instanceof OverpunchError)) throw error;
  console.log(JSON.stringify({ code: error.code, hint: error.hint }));
}
