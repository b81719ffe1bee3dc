/**
 * Runs programs: to install, and to measure them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { Missing } from './peer.js';

export interface Ran {
  readonly stdout: string;
  readonly seconds: number;
  readonly cpu: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A file for the program's output, or where to lose it. */
  readonly output?: string;
}

/** Programs write there by the shell's redirection only: one that is given it as a file's name may put a file in its place. */
export const NOWHERE = '/dev/null';

const MOST_OUTPUT = 64e6;

/** Runs a program to its end, timed by the shell, which knows what its children took. */
export function measured(command: string, args: readonly string[], options: RunOptions = {}): Ran {
  const script = `TIMEFORMAT="%R %U %S"; ${options.output ? 'time "$@" >"$OUTPUT"' : 'time "$@"'}`;
  const run = spawnSync('bash', ['-c', script, 'bash', command, ...args], {
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT,
    cwd: options.cwd,
    env: { ...process.env, ...options.env, LC_ALL: 'C', OUTPUT: options.output ?? '' },
  });
  if (run.status !== 0) throw new Error(`${command} ended with ${run.status ?? run.signal}:\n${lastLines(run.stderr)}`);
  const [seconds = 0, user = 0, system = 0] = run.stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { stdout: run.stdout, seconds, cpu: user + system };
}

/** Runs a tool that installs or compiles. */
export function build(command: string, args: readonly string[], options: RunOptions = {}): string {
  const run = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT,
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  if (run.error) throw new Missing(`${command} is not there`);
  if (run.status !== 0) throw new Missing(`${command} ${args[0]} failed: ${lastLines(run.stdout + run.stderr)}`);
  return run.stdout + run.stderr;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-12).join('\n');
}
