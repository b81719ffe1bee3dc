/**
 * What is said of a job that failed. Of a target no more than its name: hosts, users and what a server says of its tables are
 * in the log, under the job's number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchError } from '../../errors.js';
import { type Problem, ServiceError, problemOf } from '../problem.js';

/** Errors of targets, as their callers are told of them. */
const OF_TARGETS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  OVP_OPTION_LOADED: [409, 'This file was loaded into this table before; "again": true loads it once more.'],
  OVP_DATA_DUPLICATE: [
    409,
    'Rows with this key are there already, or the file has several; the mode upsert replaces them. Nothing was changed.',
  ],
  OVP_IO_BUSY: [409, 'This file is being loaded into this table by somebody else.'],
  OVP_IO_FORBIDDEN: [403, 'The service may not load into this table of the target.'],
  OVP_IO_CHANGED: [409, "The data set's file was changed while it was loaded. Nothing was changed in the target."],
  OVP_IO_ABORTED: [503, 'The job was ended.'],
};
const TARGET_FAILED: readonly [number, string] = [
  502,
  "The target can't be reached, or has refused; the log of the service says more, under the number of the job.",
];
/** Errors of connections and disks: what they say is for whoever runs the service. */
const CONNECTION =
  /^OVP_(IO_(DATABASE|CONNECT|SINK|CONTROL|SECRET|PEER|OUTPUT|EXTENSION)|OPTION_(URL|TLS|DATABASE)|ENGINE_\w+)$/;

export function jobProblem(error: unknown, id: string): Problem {
  const known = error instanceof OverpunchError && !(error instanceof ServiceError) ? error.code : '';
  const told =
    OF_TARGETS[known] ??
    (CONNECTION.test(known) ? TARGET_FAILED : null) ??
    // the key was asked for, so he may know of it
    (known === 'OVP_DATA_KEY' ? ([422, (error as OverpunchError).message] as const) : null);
  if (told) {
    const [status, detail] = told;
    return problem(status, known, detail, id);
  }
  return { ...problemOf(error, id), instance: `urn:overpunch:job:${id}` };
}

function problem(status: number, code: string, detail: string, id: string): Problem {
  const base = problemOf(new ServiceError(status, code as `OVP_IO_${string}`, detail), id);
  return { ...base, instance: `urn:overpunch:job:${id}` };
}
