/**
 * `overpunch serve` as a process, for tests of what it does as one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const command = join(root, 'bin/overpunch.js');
export const isBuilt = existsSync(join(root, 'dist/server/index.js'));

const all: Command[] = [];
afterAll(() => {
  for (const one of all) one.kill('SIGKILL');
});

export class Command {
  /** Standard error until now. */
  said = '';
  readonly child: ChildProcess;
  /** Resolves to the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [command, 'serve', ...args], { env: { ...process.env, ...env } });
    this.child.stderr!.on('data', (chunk) => {
      this.said += chunk;
    });
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? signal!)));
    all.push(this);
  }

  /** Where it serves, when it does. */
  async address(): Promise<string> {
    const [, address = ''] = await this.hears(/serving (http:\S+),/);
    return address;
  }

  /** Waits until it has said something. @throws Error where it ends before */
  async hears(pattern: RegExp): Promise<RegExpExecArray> {
    let isOver = false;
    this.ended.then(() => {
      isOver = true;
    });
    for (;;) {
      const found = pattern.exec(this.said);
      if (found) return found;
      if (isOver) throw new Error(`it ended: ${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Processes that it has started (Linux). */
  processes(): number[] {
    const { pid } = this.child;
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return list === '' ? [] : list.split(' ').map(Number);
  }

  /** Waits for one that was not there before. */
  async another(before: readonly number[]): Promise<void> {
    while (this.processes().every((pid) => before.includes(pid)))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Waits until so many serve. */
  async serving(count: number): Promise<number[]> {
    for (;;) {
      const pids = this.processes();
      const listening = pids.filter((pid) => new RegExp(`"pid":${pid},.*Server listening`).test(this.said));
      if (listening.length === count && pids.length === count) return pids;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
