/**
 * Who asked for what, kept in the catalog's database: written in batches behind the answers, of which none waits for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Complain } from '../catalog/live.js';
import type { Store } from './store.js';
import type { Tables } from './tables.js';

/** One request that was answered. */
export type AuditRow = Omit<Tables['audit'], 'id'>;

/** Rows that wait at most; what comes then is lost, and counted. */
const MOST = 10_000;
/** Rows of one statement: databases have limits of parameters. */
const BATCH = 500;
const EVERY = 1000;
const DAY = 86_400_000;

export class Audit {
  /** Rows that were not kept. */
  lost = 0;
  private rows: AuditRow[] = [];
  private writing: Promise<void> | null = null;
  private told = 0;
  private cleanedAt = 0;
  private readonly timer: NodeJS.Timeout;

  /** @param days that rows are kept */
  constructor(
    private readonly store: Store,
    private readonly days: number,
    private readonly complain: Complain,
  ) {
    this.timer = setInterval(() => void this.flush(), EVERY).unref();
  }

  add(row: AuditRow): void {
    if (this.rows.length < MOST) this.rows.push(row);
    else this.lost++;
  }

  /** Writes what waits. Never throws: what can't be written waits on. */
  async flush(): Promise<void> {
    await this.writing;
    this.writing = this.write().catch((error: unknown) => this.complain(error, 'the audit can not be written'));
    await this.writing;
    if (this.lost === this.told) return;
    this.complain(new Error(`${this.lost - this.told} rows`), 'rows of the audit are lost');
    this.told = this.lost;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private async write(): Promise<void> {
    while (this.rows.length > 0) {
      const batch = this.rows.slice(0, BATCH);
      await this.store.ask(({ lazy }) => lazy.insertInto('audit').values(batch).execute());
      this.rows.splice(0, batch.length);
    }
    const now = Date.now();
    if (now - this.cleanedAt < DAY / 24) return;
    this.cleanedAt = now;
    const last = new Date(now - this.days * DAY).toISOString();
    await this.store.ask(({ lazy }) => lazy.deleteFrom('audit').where('at', '<', last).execute());
  }
}
