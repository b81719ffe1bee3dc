/**
 * Jobs in a catalog's database: every service on it sees them, and can ask for their end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Kysely, Selectable } from 'kysely';
import { type Job, type JobState, type JobStore, isEnded } from '../jobs/job.js';
import type { Store } from './store.js';
import type { Tables } from './tables.js';

/** Milliseconds after which a job that nobody has said to have in hand is nobody's. */
const FORSAKEN = 60_000;
const ENDED = ['done', 'failed', 'cancelled', 'interrupted'] as const;

type Row = Selectable<Tables['jobs']>;
/** What of a job has no column of its own. */
type Rest = Pick<Job, 'request' | 'leftOut' | 'idempotency' | 'event' | 'progressEvent' | 'changes'>;

export class StoredJobs implements JobStore {
  constructor(private readonly store: Store) {}

  async create(job: Job): Promise<Job> {
    const { key = null } = job.idempotency ?? {};
    const row = { id: job.id, idempotency_key: key, made_at: job.created, cancel: 0, ...columnsOf(job) };
    return this.store.ask(async ({ db }) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('jobs')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'idempotency_key']).doNothing())
        .executeTakeFirst();
      if (key === null || numInsertedOrUpdatedRows === 1n) return job;
      return (await found(db, job.owner, key)) ?? job;
    });
  }

  find(owner: string, key: string): Promise<Job | null> {
    return this.store.ask(({ db }) => found(db, owner, key));
  }

  get(id: string): Promise<Job | null> {
    return this.store.ask(async ({ db }) => {
      const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? jobOf(row) : null;
    });
  }

  list(owner: string | null, most: number): Promise<readonly Job[]> {
    return this.store.ask(async ({ db }) => {
      let query = db.selectFrom('jobs').selectAll().orderBy('made_at', 'desc').orderBy('id').limit(most);
      if (owner !== null) query = query.where('owner', '=', owner);
      return (await query.execute()).map(jobOf);
    });
  }

  async put(job: Job): Promise<void> {
    // how far it is may be lost, what became of it not
    const isProgress = job.event === job.progressEvent;
    await this.store.ask(({ db, lazy }) =>
      (isProgress ? lazy : db).updateTable('jobs').set(columnsOf(job)).where('id', '=', job.id).execute(),
    );
  }

  async askToCancel(id: string): Promise<void> {
    await this.store.ask(({ db }) => db.updateTable('jobs').set({ cancel: 1 }).where('id', '=', id).execute());
  }

  async tend(ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const tended_at = new Date().toISOString();
    return this.store.ask(async ({ lazy }) => {
      await lazy.updateTable('jobs').set({ tended_at }).where('id', 'in', ids).execute();
      const asked = lazy.selectFrom('jobs').select('id').where('id', 'in', ids).where('cancel', '=', 1);
      return (await asked.execute()).map(({ id }) => id);
    });
  }

  async tidy(kept: number): Promise<void> {
    const last = new Date(Date.now() - FORSAKEN).toISOString();
    await this.store.ask(async ({ db }) => {
      const forsaken = await db
        .selectFrom('jobs')
        .selectAll()
        .where('state', 'in', ['waiting', 'running'])
        .where('tended_at', '<', last)
        .execute();
      for (const row of forsaken) {
        // unless whoever has it has come back, or another has seen to it
        await db
          .updateTable('jobs')
          .set(columnsOf(interrupted(jobOf(row))))
          .where('id', '=', row.id)
          .where('tended_at', '=', row.tended_at)
          .execute();
      }
      const newest = await db
        .selectFrom('jobs')
        .select(['id', 'made_at'])
        .where('state', 'in', ENDED)
        .orderBy('made_at', 'desc')
        .offset(kept)
        .limit(500)
        .execute();
      const old = newest.map(({ id }) => id);
      if (old.length > 0) await db.deleteFrom('jobs').where('id', 'in', old).execute();
    });
  }

  /** The database is closed by whoever opened it. */
  async close(): Promise<void> {}
}

async function found(db: Kysely<Tables>, owner: string, key: string): Promise<Job | null> {
  const row = await db
    .selectFrom('jobs')
    .selectAll()
    .where('owner', '=', owner)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row ? jobOf(row) : null;
}

function interrupted(job: Job): Job {
  const at = new Date().toISOString();
  const event = job.event + 1;
  return {
    ...job,
    state: 'interrupted',
    ended: at,
    event,
    changes: [...job.changes, { event, state: 'interrupted', at }],
  };
}

function columnsOf(job: Job): Omit<Row, 'id' | 'idempotency_key' | 'made_at' | 'cancel'> {
  const { request, leftOut, idempotency, event, progressEvent, changes } = job;
  const rest: Rest = { request, leftOut, idempotency, event, progressEvent, changes };
  const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  return {
    kind: job.kind,
    owner: job.owner,
    dataset: job.dataset,
    target: job.target,
    state: job.state,
    settings: JSON.stringify(rest),
    progress: json(job.progress),
    result: json(job.result),
    error: json(job.problem),
    started_at: job.started,
    ended_at: isEnded(job) ? (job.ended ?? new Date().toISOString()) : null,
    tended_at: new Date().toISOString(),
  };
}

function jobOf(row: Row): Job {
  const of = <T>(json: string | null): T | null => (json === null ? null : (JSON.parse(json) as T));
  return {
    id: row.id,
    kind: row.kind as Job['kind'],
    owner: row.owner,
    dataset: row.dataset,
    target: row.target,
    state: row.state as JobState,
    created: row.made_at,
    started: row.started_at,
    ended: row.ended_at,
    progress: of(row.progress),
    result: of(row.result),
    problem: of(row.error),
    ...(JSON.parse(row.settings) as Rest),
  };
}
