/**
 * Callers that ask a service over and over on connections that they keep, and look at every answer: it is whole and right, or there
 * is none. What a closed connection took away before anything was answered is asked again, once more on another one
 * (RFC 9110, section 9.2.2: all that is asked here changes nothing).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';

/** Milliseconds between an answer and the next question of a caller. */
const REST = 5;

export interface Question {
  readonly path: string;
  readonly accept?: string;
  readonly body?: Uint8Array;
  /** Bytes a second that the answer is taken at. */
  readonly pace?: number;
}

export interface Findings {
  /** Answers that were whole and right. */
  answered: number;
  /** Requests that a connection which was kept took with it when it was closed, and that were asked again. */
  again: number;
  /** Answers that were cut, and seen as cut. */
  cut: number;
  /** All else. */
  readonly wrong: string[];
}

interface Outcome {
  readonly kind: 'answered' | 'again' | 'cut' | 'wrong';
  readonly hash: string;
  readonly why: string;
}

export const agentOf = (sockets: number): Agent => new Agent({ keepAlive: true, maxSockets: sockets });

/** Asks once. */
export function askOnce(address: string, question: Question, agent: Agent): Promise<Outcome> {
  const { path, accept, body, pace } = question;
  return new Promise((resolve) => {
    const made = request(`${address}${path}`, {
      agent,
      method: body ? 'POST' : 'GET',
      headers: {
        ...(accept && { accept }),
        ...(body && { 'content-type': 'application/octet-stream', 'content-length': body.length }),
      },
    });
    made.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: made.reusedSocket ? 'again' : 'wrong', hash: '', why: `${error.code} on a new connection` }),
    );
    made.on('response', (response) => {
      const hash = createHash('sha256');
      response.on('error', () => {});
      taken(response, (chunk) => hash.update(chunk), pace).then(() => {
        const kind = !response.complete ? 'cut' : response.statusCode === 200 ? 'answered' : 'wrong';
        resolve({ kind, hash: hash.digest('hex'), why: `status ${response.statusCode}` });
      });
    });
    made.end(body);
  });
}

async function taken(response: IncomingMessage, take: (chunk: Buffer) => void, pace?: number): Promise<void> {
  try {
    for await (const chunk of response) {
      take(chunk as Buffer);
      if (pace !== undefined)
        await new Promise((resolve) => setTimeout(resolve, ((chunk as Buffer).length / pace) * 1000));
    }
  } catch {
    // cut off: `complete` says so
  }
}

/** So many callers ask questions in turn until they are told that it is enough. */
export async function load(
  address: string,
  questions: readonly Question[],
  callers: number,
  isEnough: () => boolean,
): Promise<Findings> {
  const findings: Findings = { answered: 0, again: 0, cut: 0, wrong: [] };
  const agent = agentOf(callers);
  const right = new Map<Question, string>();
  for (const question of questions) {
    const { pace: _, ...atOnce } = question;
    const { kind, hash, why } = await askOnce(address, atOnce, agent);
    if (kind !== 'answered') findings.wrong.push(`${question.path}: ${why}`);
    right.set(question, hash);
  }
  const one = async (caller: number): Promise<void> => {
    for (let i = caller; !isEnough(); i++) {
      const question = questions[i % questions.length]!;
      const { kind, hash, why } = await askOnce(address, question, agent);
      if (kind === 'wrong') findings.wrong.push(`${question.path}: ${why}`);
      else if (kind === 'answered' && hash !== right.get(question))
        findings.wrong.push(`${question.path}: other bytes`);
      else findings[kind]++;
      await new Promise((resolve) => setTimeout(resolve, REST));
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => one(caller)));
  agent.destroy();
  return findings;
}
