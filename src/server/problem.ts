/**
 * What goes wrong, as RFC 9457 has it told: `application/problem+json` with our codes. Errors of the caller say what to do; those of
 * the service say no more than that there is one (the log has the rest): paths and stacks are nobody's business.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Problem } from '../client/types.js';
import { type ErrorCode, OverpunchError } from '../errors.js';

export type { Problem } from '../client/types.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** An error with the status that it is answered with. */
export class ServiceError extends OverpunchError {
  constructor(
    readonly status: number,
    code: ErrorCode,
    message: string,
    readonly parameter?: string,
    hint?: string,
  ) {
    super(code, message, { hint });
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'Request timeout',
  409: 'Changed meanwhile',
  410: 'Gone',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  421: 'Misdirected request',
  422: 'Bad data',
  429: 'Too many requests',
  431: 'Header too large',
  500: 'Internal error',
  502: 'Target failed',
  503: 'Unavailable',
  505: 'HTTP version not supported',
  507: 'No room',
};

const STATUS: Readonly<Record<string, number>> = {
  OVP_SERVER_CHANGED: 409,
  OVP_SERVER_NO_KEY: 404,
  OVP_DATA_OVERFLOW: 422,
  OVP_DATA_LENGTH: 422,
};

/** Parameters by what the library's errors are about. */
const PARAMETERS: Readonly<Record<string, string>> = {
  OVP_OPTION_CONDITION: 'where',
  OVP_OPTION_SELECT: 'select',
  OVP_OPTION_SORT: 'order',
  OVP_OPTION_KEY: 'key',
};

/** What the caller is told, and whether it was his fault. `given`: what was read came from the caller. */
export function problemOf(error: unknown, instance: string, given = false): Problem {
  const of = (status: number, code: string, detail: string, more: Partial<Problem> = {}): Problem => ({
    type: `urn:overpunch:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    code,
    instance: `urn:overpunch:request:${instance}`,
    ...more,
  });
  if (error instanceof ServiceError)
    return of(
      error.status,
      error.code,
      error.message,
      error.parameter === undefined ? {} : { parameter: error.parameter },
    );
  if (error instanceof OverpunchError) {
    const { code, message, source, data } = error;
    const known = STATUS[code];
    const parameter = code === 'OVP_OPTION_GROUP' ? /^\w+(?=:)/.exec(message)?.[0] : PARAMETERS[code];
    if (known !== undefined || code.startsWith('OVP_OPTION_')) {
      const status = known ?? 400;
      return of(status, code, message.replace(/^--(?=where)/, ''), {
        ...(parameter && { parameter }),
        ...(source && { column: source.column }),
      });
    }
    const place = data ? { record: data.record, offset: data.offset } : {};
    if (given && /^OVP_(FRAME|DATA)_/.test(code)) return of(422, code, message, place);
    if (given && /^OVP_(SYNTAX|LAYOUT|PLAN)_/.test(code))
      return of(422, code, message, source && { line: source.line, column: source.column });
    if (code === 'OVP_IO_ABORTED')
      return of(
        503,
        'OVP_SERVER_TIMEOUT',
        'The answer took longer than the service allows: ask for less, or for a stream.',
      );
    const detail = /^OVP_(FRAME|DATA)_/.test(code)
      ? "The data set's file can't be read as the catalog describes it; the log of the service says more."
      : 'The service can not answer this now; its log says more.';
    return of(500, code, detail, place);
  }
  const { statusCode, code, message, validation, validationContext } = error as {
    statusCode?: number;
    code?: string;
    message?: string;
    validation?: readonly {
      instancePath?: string;
      params?: { additionalProperty?: string; missingProperty?: string };
    }[];
    validationContext?: string;
  };
  if (validation) {
    const [first] = validation;
    const parameter = first?.params?.additionalProperty ?? first?.instancePath?.slice(1).split('/')[0];
    return of(
      400,
      'OVP_SERVER_PARAMETER',
      `${validationContext === 'params' ? 'The address' : 'The request'} is not as it should be: ${message}`,
      parameter ? { parameter } : {},
    );
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return of(statusCode, codeOf(statusCode), TITLES[statusCode] ?? 'The request can not be answered');
  if (statusCode === 503 || code === 'FST_UNDER_PRESSURE')
    return of(503, 'OVP_SERVER_BUSY', 'The service has too much to do: ask again later.');
  return of(500, 'OVP_SERVER_INTERNAL', 'The service can not answer this; its log says more.');
}

const codeOf = (status: number): string =>
  `OVP_SERVER_${(TITLES[status] ?? 'Refused').toUpperCase().replace(/[^A-Z]+/g, '_')}`;
