/**
 * What is said on standard error, and the exit codes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../errors.js';

export const Exit = {
  OK: 0,
  /** Unknown command or option, missing argument. */
  USAGE: 1,
  /** The copybook or an option's value is wrong. */
  OPTIONS: 2,
  /** Some data was bad; everything good was written. */
  DATA: 3,
  /** The file could not be read as described. */
  FILE: 4,
  /** A fault of Overpunch itself. */
  INTERNAL: 70,
  INTERRUPTED: 130,
} as const;

export function say(text: string): void {
  process.stderr.write(`overpunch: ${text}\n`);
}

/** Said on a terminal, and elsewhere only where it was asked for. */
export function sayVerbosely(verbose: boolean, text: string): void {
  if (verbose || process.stderr.isTTY) say(text);
}

/** Says what went wrong, all of it, and returns the exit code. */
export function sayError(error: unknown): number {
  if (!(error instanceof OverpunchError)) {
    say(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return Exit.INTERNAL;
  }
  const all = [error, ...error.others];
  // an error in a copybook begins with its place there, as compilers write it
  for (const { source, message } of all) process.stderr.write(source ? `${message}\n` : `overpunch: ${message}\n`);
  if (all.length > 1) say(`${all.length} errors`);
  return exitCodeOf(error);
}

function exitCodeOf({ code }: OverpunchError): number {
  switch (code.split('_')[1]) {
    case 'DATA':
    case 'ENCODE':
      return Exit.DATA;
    case 'FRAME':
    case 'IO':
      return Exit.FILE;
    default:
      return Exit.OPTIONS;
  }
}
