/**
 * The service as the page asks it: by the client, with the caller's key, which lives as long as the tab.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { OverpunchClient, ProblemError } from '../client/index.js';
import type {
  DatasetDetail,
  DatasetHead,
  PlacedRecord,
  RecordSchema,
  Selection,
  SelectionQuery,
  Statistics,
} from './answers.js';

/** A request that nobody waits for any more is no fault. */
export const isAborted = (error: unknown): boolean => (error as Error | null)?.name === 'AbortError';

/** What went wrong, for people. */
export const messageOf = (error: unknown): string =>
  error instanceof ProblemError ? error.detail : (error as Error).message;

const KEY = 'overpunch-key';

export class Api {
  private readonly client: OverpunchClient;
  private asking: Promise<void> | null = null;

  /**
   * @param base address of the service
   * @param askKey asks the person for a key; `isRefused`: there was one, and it was none
   */
  constructor(
    base: URL,
    private readonly askKey: (isRefused: boolean) => Promise<string>,
  ) {
    this.client = new OverpunchClient(base, { fetch: (address, init) => this.fetch(address, init) });
  }

  get hasKey(): boolean {
    return sessionStorage.getItem(KEY) !== null;
  }

  forgetKey(): void {
    sessionStorage.removeItem(KEY);
  }

  datasets(): Promise<readonly DatasetHead[]> {
    return this.client.datasets();
  }

  dataset(name: string, signal?: AbortSignal): Promise<DatasetDetail> {
    return this.client.dataset(name, { signal }) as Promise<unknown> as Promise<DatasetDetail>;
  }

  schema(name: string, signal?: AbortSignal): Promise<RecordSchema> {
    return this.client.schema(name, { format: 'json' }, { signal }) as Promise<RecordSchema>;
  }

  selection(
    { dataset, ...query }: SelectionQuery,
    from: number,
    limit: number,
    signal?: AbortSignal,
  ): Promise<Selection> {
    const asked = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    return this.client.selection(dataset, { ...asked, from, limit }, { signal });
  }

  record(dataset: string, number: number, signal?: AbortSignal): Promise<PlacedRecord> {
    return this.client.recordFields(dataset, number, {}, { signal });
  }

  statistics(
    dataset: string,
    fields: readonly string[],
    where: string | undefined,
    signal?: AbortSignal,
  ): Promise<Statistics> {
    return this.client.statistics(dataset, { fields, ...(where !== undefined && { where }) }, { signal });
  }

  /** Registers a data set of two files; answers its head. */
  open(options: object, copybook: File, data: File): Promise<DatasetHead> {
    return this.client.upload({ copybook, data, options: { ...options } });
  }

  /** Takes a data set away that was opened so. */
  remove(name: string): Promise<void> {
    return this.client.deleteDataset(name);
  }

  /** With the key that there is; one that is refused is asked for until there is one that is not. */
  private async fetch(address: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    for (;;) {
      const key = sessionStorage.getItem(KEY);
      const headers = new Headers(init.headers);
      if (key !== null) headers.set('authorization', `Bearer ${key}`);
      const response = await fetch(address, { ...init, headers, credentials: 'same-origin' });
      if (response.status !== 401) return response;
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
