/**
 * Requests: made of the table of operations, with what says who asks, and repeated where that is safe: when the service says when it
 * will have time again, and the request changes nothing or has a key of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Operation } from './operations.js';
import { problemOf } from './problem.js';

export interface ClientOptions {
  /** An API key. */
  readonly apiKey?: string;
  /**
   * A bearer token, or what gets one: asked before every request, and once more, with `renew`, where a token was refused.
   */
  readonly token?: string | ((how: { readonly renew: boolean }) => string | Promise<string>);
  /** Times that a request is repeated when the service has too much to do (429 and 503 with Retry-After). Default 3. */
  readonly retries?: number;
  /** Most seconds that are waited for each. Default 30. */
  readonly patience?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default the global one. */
  readonly fetch?: typeof fetch;
}

/** What a call can be told besides what it asks. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export type Value = string | number | boolean | readonly string[] | undefined;

/** What is sent. */
export type Body = string | Blob | Uint8Array | FormData | ReadableStream<Uint8Array>;

export interface Asked extends CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, Value>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Body;
}

export class Transport {
  private readonly base: string;

  constructor(
    address: string | URL,
    private readonly options: ClientOptions,
  ) {
    const url = new URL(address);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`${url.protocol} is not http(s)`);
    if (options.apiKey !== undefined && options.token !== undefined)
      throw new TypeError('apiKey and token exclude each other');
    this.base = `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  }

  /** @throws ProblemError where the answer's status is an error; what fetch throws where there is none */
  async send(operation: Operation, asked: Asked = {}): Promise<Response> {
    const { retries = 3, patience = 30, fetch: send = fetch } = this.options;
    const { body, signal } = asked;
    const url = this.address(operation, asked);
    const headers = new Headers(this.options.headers);
    for (const [name, value] of Object.entries(asked.headers ?? {})) if (value !== undefined) headers.set(name, value);
    const isStream = body instanceof ReadableStream;
    const maySendAgain = operation.method !== 'POST' || headers.has('idempotency-key');
    let isRenewed = false;
    for (let attempt = 0; ; attempt++) {
      await this.identify(headers, isRenewed);
      const response = await send(url, {
        method: operation.method,
        headers,
        // a key must not follow to where it was not meant for
        redirect: 'error',
        ...(body !== undefined && { body }),
        ...(isStream && { duplex: 'half' }),
        ...(signal && { signal }),
      } as RequestInit);
      if (response.ok) return response;
      const { status } = response;
      // it was refused before anything was done
      if (status === 401 && typeof this.options.token === 'function' && !isRenewed && !isStream) {
        isRenewed = true;
        await response.body?.cancel();
        continue;
      }
      const wait = status === 429 || status === 503 ? secondsOf(response.headers.get('retry-after')) : null;
      if (wait === null || wait > patience || attempt >= retries || !maySendAgain) throw await problemOf(response);
      await response.body?.cancel();
      await sleep(wait * 1000, signal);
    }
  }

  private address({ path, query }: Operation, { params = {}, query: given = {} }: Asked): string {
    const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
      const value = params[name];
      if (value === undefined || value === '') throw new TypeError(`${name} is missing`);
      return value
        .split('/')
        .map(encodeURIComponent)
        .join(name === '*' ? '/' : '%2F');
    });
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined) continue;
      // a name that is misspelt is an error here as it is there
      if (!query.includes(name)) throw new TypeError(`There is no '${name}' to be asked; there is ${query.join(', ')}`);
      search.set(name, Array.isArray(value) ? value.join(',') : String(value));
    }
    const text = search.toString();
    return `${this.base}${filled}${text === '' ? '' : `?${text}`}`;
  }

  private async identify(headers: Headers, renew: boolean): Promise<void> {
    const { apiKey, token } = this.options;
    if (apiKey !== undefined) headers.set('x-api-key', apiKey);
    if (token === undefined) return;
    headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token({ renew })}`);
  }
}

/** Of Retry-After: seconds, or a date. */
function secondsOf(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1000);
}

/** @throws the signal's reason */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
