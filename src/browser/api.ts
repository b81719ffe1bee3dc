/**
 * The service as the page asks it: with the caller's key, which lives as long as the tab, and with problems as errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type {
  DatasetDetail,
  DatasetHead,
  PlacedRecord,
  RecordSchema,
  Selection,
  SelectionQuery,
  Statistics,
} from './answers.js';

/** What the service says is wrong (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly parameter: string | null,
    /** 1-based, in a condition. */
    readonly column: number | null,
    /** Seconds to wait for. */
    readonly retryAfter: number | null,
  ) {
    super(message);
  }
}

/** A request that nobody waits for any more is no fault. */
export const isAborted = (error: unknown): boolean => (error as Error | null)?.name === 'AbortError';

const KEY = 'overpunch-key';
/** How often a request is repeated, and seconds that are waited for that. */
const REPEATED = 3;
const PATIENCE = 30;

export class Api {
  private asking: Promise<void> | null = null;

  /**
   * @param base address of the service, with a slash at its end
   * @param askKey asks the person for a key; `isRefused`: there was one, and it was none
   */
  constructor(
    private readonly base: URL,
    private readonly askKey: (isRefused: boolean) => Promise<string>,
  ) {}

  get hasKey(): boolean {
    return sessionStorage.getItem(KEY) !== null;
  }

  forgetKey(): void {
    sessionStorage.removeItem(KEY);
  }

  async datasets(): Promise<readonly DatasetHead[]> {
    const { datasets } = await this.get<{ datasets: readonly DatasetHead[] }>('v1/datasets');
    return datasets;
  }

  dataset(name: string, signal?: AbortSignal): Promise<DatasetDetail> {
    return this.get(`v1/datasets/${encodeURIComponent(name)}`, {}, signal);
  }

  schema(name: string, signal?: AbortSignal): Promise<RecordSchema> {
    return this.get(`v1/datasets/${encodeURIComponent(name)}/schema`, { format: 'json' }, signal);
  }

  selection(query: SelectionQuery, from: number, limit: number, signal?: AbortSignal): Promise<Selection> {
    const { dataset, where, order, select } = query;
    const asked = { from: String(from), limit: String(limit), where, order, select: select?.join() };
    return this.get(`v1/datasets/${encodeURIComponent(dataset)}/selection`, asked, signal);
  }

  record(dataset: string, number: number, signal?: AbortSignal): Promise<PlacedRecord> {
    return this.get(`v1/datasets/${encodeURIComponent(dataset)}/records/${number}/fields`, {}, signal);
  }

  statistics(
    dataset: string,
    fields: readonly string[],
    where: string | undefined,
    signal?: AbortSignal,
  ): Promise<Statistics> {
    return this.get(`v1/datasets/${encodeURIComponent(dataset)}/statistics`, { fields: fields.join(), where }, signal);
  }

  /** Registers a data set of two files; answers its head. */
  async open(options: object, copybook: File, data: File): Promise<DatasetHead> {
    const form = new FormData();
    form.append('options', new Blob([JSON.stringify(options)], { type: 'application/json' }));
    form.append('copybook', copybook, copybook.name);
    form.append('data', data, data.name);
    const response = await this.fetch(new URL('v1/datasets', this.base), { method: 'POST', body: form });
    return (await response.json()) as DatasetHead;
  }

  /** Takes a data set away that was opened so. */
  async remove(name: string): Promise<void> {
    await this.fetch(new URL(`v1/datasets/${encodeURIComponent(name)}`, this.base), { method: 'DELETE' });
  }

  private async get<T>(
    path: string,
    query: Readonly<Record<string, string | undefined>> = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const response = await this.fetch(url, { ...(signal && { signal }) });
    return (await response.json()) as T;
  }

  /** A service that has no time is asked again when it says, if nothing is changed by that. */
  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    for (let repeated = 0; ; ) {
      const key = sessionStorage.getItem(KEY);
      const headers: Record<string, string> = { accept: 'application/json' };
      if (key !== null) {
        // three parts with points between are a token
        if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(key)) headers.authorization = `Bearer ${key}`;
        else headers['x-api-key'] = key;
      }
      const response = await fetch(url, { ...init, headers, credentials: 'same-origin' });
      if (response.ok) return response;
      if (response.status !== 401) {
        const problem = await problemOf(response);
        const { retryAfter } = problem;
        const isSafe = init.method === undefined && repeated < REPEATED;
        if (!isSafe || retryAfter === null || retryAfter > PATIENCE) throw problem;
        repeated++;
        await pause(retryAfter * 1000, init.signal);
        continue;
      }
      if (sessionStorage.getItem(KEY) === key) await this.ask(key !== null);
    }
  }

  /** Once for all requests that were refused. */
  private ask(isRefused: boolean): Promise<void> {
    this.asking ??= this.askKey(isRefused)
      .then((key) => sessionStorage.setItem(KEY, key))
      .finally(() => {
        this.asking = null;
      });
    return this.asking;
  }
}

function pause(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('nobody waits', 'AbortError'));
    });
  });
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as {
    detail?: string;
    parameter?: string;
    column?: number;
  };
  const seconds = Number(response.headers.get('retry-after'));
  return new Problem(
    response.status,
    body.detail ?? `The service answered ${response.status}`,
    body.parameter ?? null,
    body.column ?? null,
    Number.isFinite(seconds) && seconds > 0 ? seconds : null,
  );
}
