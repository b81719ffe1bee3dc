/**
 * Secrets out of files: a password on a command line or in a URL is seen by others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { readFileSync } from 'node:fs';
import { OverpunchError } from '../errors.js';

/** The password in this file (or the one that OVERPUNCH_PASSWORD_FILE names), undefined where none is named. @throws OverpunchError OVP_IO_SECRET */
export function passwordFrom(path = process.env.OVERPUNCH_PASSWORD_FILE): string | undefined {
  return path === undefined ? undefined : secret(path).replace(/\r?\n$/, '');
}

/** What is in the file. @throws OverpunchError OVP_IO_SECRET */
export function secret(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OverpunchError('OVP_IO_SECRET', `${path} can't be read: ${code}`);
  }
}
