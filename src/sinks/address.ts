/**
 * Addresses of servers, and what of them may be said: never a password, whoever made the message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ErrorCode, OverpunchError } from '../errors.js';

/** Parameters of a URL whose values are nobody's business. */
const SECRET = /([?&][^=&]*(?:password|secret|token|properties)[^=&]*=)([^&#]*)/gi;

/** Where a sink writes to. */
export class Address {
  /** Scheme, hosts and path: no user, no parameters. */
  readonly shown: string;
  /** As the URL says, null where it doesn't. */
  readonly user: string | null;
  readonly password: string | null;
  private readonly secrets: readonly string[];

  /** `passwords`: others that are used. */
  constructor(url: string, passwords: readonly (string | undefined)[] = []) {
    const [, scheme = '', user = '', password = null, rest = ''] =
      /^([a-z][a-z0-9+.-]*:\/\/)?(?:([^/?#:]*)(?::([^/?#]*))?@)?([^?#]*)/i.exec(url) ?? [];
    // a password with a slash in it: wrong in a URL, but still a password
    this.shown = scheme + rest.slice(rest.lastIndexOf('@') + 1);
    this.user = user === '' ? null : decoded(user);
    this.password = password === null ? null : decoded(password);
    const inUrl = url.slice(scheme.length, Math.max(scheme.length, url.lastIndexOf('@')));
    const behindUser = inUrl.slice(inUrl.indexOf(':') + 1);
    const found = [password, behindUser, ...[...url.matchAll(SECRET)].map(([, , value]) => value!), ...passwords];
    this.secrets = [...new Set(found.flatMap((text) => (text ? [text, decoded(text)] : [])))].sort(
      (a, b) => b.length - a.length,
    );
  }

  /** A text without what is secret. */
  redact(text: string): string {
    return this.secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
  }

  /**
   * An error that says what a server or its client said. Theirs is not kept as its cause: they hold commands, with passwords.
   */
  error(code: ErrorCode, what: string, cause: unknown, hint?: string): OverpunchError {
    if (cause instanceof OverpunchError) return cause;
    const said = this.redact(messageOf(cause));
    return new OverpunchError(code, `${what} ${this.shown}: ${said}`, { hint });
  }
}

/** Several connections that were refused come as one error without a message of its own. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join('; ');
  if (!(cause instanceof Error)) return String(cause);
  return cause.message === '' ? cause.name : cause.message;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
