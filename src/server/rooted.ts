/**
 * Paths of a catalog: below its folder, whatever is written. Links are followed and then looked at, so that none leads out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { whyNot } from '../datasets/file.js';
import { OverpunchError } from '../errors.js';

/**
 * The real path of what `given` names, which must be there.
 * @param root a real path
 * @param what for messages: `catalog.json: accounts: data`
 * @throws OverpunchError OVP_SERVER_PATH where it leads out of `root`, OVP_IO_NOT_FOUND
 */
export async function rootedPath(root: string, given: string, what: string): Promise<string> {
  const refuse = (why: string): OverpunchError =>
    new OverpunchError('OVP_SERVER_PATH', `${what}: '${given}' ${why}`, {
      hint: 'Paths are relative to the folder of the catalog, and can not lead out of it.',
    });
  if (given === '' || given.includes('\0')) throw refuse('is no path');
  if (/^[a-z][a-z0-9+.-]+:/i.test(given)) throw refuse('is an address');
  if (isAbsolute(given) || win32.isAbsolute(given)) throw refuse('is an absolute path');
  if (given.split(/[\\/]/).includes('..')) throw refuse("has '..' in it");
  let real: string;
  try {
    real = await realpath(resolve(root, given));
  } catch (cause) {
    throw new OverpunchError('OVP_IO_NOT_FOUND', `${what}: '${given}' can't be used: ${whyNot(cause)}`, { cause });
  }
  if (!isInside(root, real)) throw refuse('leads out of the folder by a link');
  return real;
}

/** Is it the folder, or anything below it? Both are real paths. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
