/**
 * Paths of a catalog: below its folder, whatever is written. Links are followed and then looked at, so that none leads out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { whyNot } from '../../datasets/file.js';
import { OverpunchError } from '../../errors.js';

/**
 * The real path of what `given` names, which must be there.
 * @param root a real path
 * @param what for messages: `catalog.json: accounts: data`
 * @throws OverpunchError OVP_SERVER_PATH where it leads out of `root`, OVP_IO_NOT_FOUND
 */
export async function rootedPath(root: string, given: string, what: string): Promise<string> {
  refuseOutside(given, what);
  let real: string;
  try {
    real = await realpath(resolve(root, given));
  } catch (cause) {
    throw new OverpunchError('OVP_IO_NOT_FOUND', `${what}: '${given}' can't be used: ${whyNot(cause)}`, { cause });
  }
  if (!isInside(root, real)) throw refused(given, what, 'leads out of the folder by a link');
  return real;
}

/** Looks at what is written, whether it is there or not. @throws OverpunchError OVP_SERVER_PATH */
export function refuseOutside(given: string, what: string): void {
  if (given === '' || given.includes('\0')) throw refused(given, what, 'is no path');
  if (/^[a-z][a-z0-9+.-]+:/i.test(given)) throw refused(given, what, 'is an address');
  if (isAbsolute(given) || win32.isAbsolute(given)) throw refused(given, what, 'is an absolute path');
  if (given.split(/[\\/]/).includes('..')) throw refused(given, what, "has '..' in it");
}

const refused = (given: string, what: string, why: string): OverpunchError =>
  new OverpunchError('OVP_SERVER_PATH', `${what}: '${given}' ${why}`, {
    hint: 'Paths are relative to the folder of the catalog, and can not lead out of it.',
  });

/** Is it the folder, or anything below it? Both are real paths. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
