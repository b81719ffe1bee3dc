/**
 * What the service says is wrong, as an error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Problem } from './types.js';

/** An answer that is none: what was asked for can't be had, and why. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** `OVP_OPTION_CONDITION`; `HTTP_502` where it was not the service that answered. */
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  /** The parameter at fault. */
  readonly parameter: string | undefined;
  /** All that was said. */
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.parameter = problem.parameter;
  }
}

/** Of an answer whose status is an error. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const { status, statusText } = response;
  const text = await response.text().catch(() => '');
  let said: Partial<Problem> = {};
  try {
    if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) said = JSON.parse(text) as Partial<Problem>;
  } catch {
    // whoever stands between has words of his own
  }
  return new ProblemError({
    type: 'about:blank',
    title: statusText,
    detail: statusText === '' ? `The answer has the status ${status}` : statusText,
    code: `HTTP_${status}`,
    instance: '',
    ...said,
    status,
  });
}
