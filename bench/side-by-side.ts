/**
 * Runs a case with all its runners side by side: a process each, which take turns round by round, so that what else
 * the machine does hits all alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Case, type CaseResult, type Runner, environmentOf } from './case.js';
import type { Ready, Round } from './round.js';

const script = fileURLToPath(new URL('round.js', import.meta.url));

export async function sideBySide(
  { name }: Case,
  runners: readonly Runner[],
  file: string,
  rounds: number,
): Promise<CaseResult[]> {
  const running: { process: ChildProcess; result: CaseResult & { rounds: number[]; memcpy: number[] } }[] = [];
  try {
    for (const runner of runners) {
      const env = { ...process.env, ...environmentOf[runner] };
      const child = fork(script, [name, runner, file], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      // one after another: what is being prepared is not to disturb what warms up
      const ready = await answer<Ready>(child, `${name}, ${runner}`);
      running.push({ process: child, result: { name, runner, ...ready, rounds: [], memcpy: [] } });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { process: child, result } of running) {
        child.send('round');
        const { seconds, memcpy } = await answer<Round>(child, `${name}, ${result.runner}`);
        result.rounds.push(seconds);
        result.memcpy.push(memcpy);
      }
    }
  } finally {
    for (const { process: child } of running) child.kill();
  }
  return running.map(({ result }) => result);
}

/** The next message of a process, or an error when it ends instead. */
async function answer<Message>(child: ChildProcess, what: string): Promise<Message> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Message),
      once(child, 'exit', { signal }).then(([code, killedBy]): Message => {
        throw new Error(`${what}: the process ended with ${code ?? killedBy}`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}
