/**
 * How the tables of a catalog come to be. A migration that was released is never changed: another one follows it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { CreateTableBuilder, Kysely, Migration, RawBuilder } from 'kysely';
import type { StoreAddress } from './address.js';

/** What differs between the databases, and Kysely's way to write SQL. */
interface Means {
  readonly dialect: StoreAddress['dialect'];
  sql(text: string): RawBuilder<unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: a migration knows no tables but those of its own time
type Db = Kysely<any>;
type Table<C extends string> = CreateTableBuilder<string, C>;

export const migrations = (means: Means): Record<string, Migration> => ({
  '001-catalog': { up: (db) => catalog(db, means) },
  '002-jobs': { up: (db) => jobs(db, means) },
  '003-audit': { up: (db) => audit(db, means) },
});

async function catalog(db: Db, { dialect, sql }: Means): Promise<void> {
  const table = (name: string): Table<never> => db.schema.createTable(name);
  const numbered = (name: string): Table<'id'> => withNumber(table(name), dialect);

  await table('settings')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql('id = 1')))
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('uploads', 'text')
    .addColumn('jwt', 'text')
    .addColumn('targets', 'text')
    .addColumn('audit_days', 'integer', (column) => column.notNull().check(sql('audit_days > 0')))
    .execute();
  await db
    .insertInto('settings')
    .values({ id: 1, revision: 1, uploads: null, jwt: null, targets: null, audit_days: 90 })
    .execute();

  await numbered('copybooks')
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .execute();
  await numbered('copybook_versions')
    .addColumn('copybook_id', 'integer', (column) => column.notNull().references('copybooks.id').onDelete('cascade'))
    .addColumn('number', 'integer', (column) => column.notNull().check(sql('number > 0')))
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('members', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull().check(sql('length(sha256) = 64')))
    .addColumn('made_by', 'text', (column) => column.notNull())
    .addColumn('made_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('one_version_of_a_number', ['copybook_id', 'number'])
    .execute();

  await numbered('datasets')
    .addColumn('name', 'text', (column) => column.notNull().unique().check(sql('length(name) between 1 and 64')))
    .addColumn('title', 'text')
    .addColumn('description', 'text')
    .addColumn('data', 'text', (column) => column.notNull().check(sql("data <> ''")))
    .addColumn('version_id', 'integer', (column) =>
      column.notNull().references('copybook_versions.id').onDelete('restrict'),
    )
    .addColumn('options', 'text', (column) => column.notNull().check(sql(isJson('options', dialect))))
    .addColumn('key_fields', 'text', (column) => column.notNull().check(sql(isJson('key_fields', dialect))))
    .addColumn('restricted', 'integer', (column) => column.notNull().check(sql('restricted in (0, 1)')))
    .addColumn('uploaded', 'integer', (column) => column.notNull().check(sql('uploaded in (0, 1)')))
    .addColumn('temporary', 'integer', (column) => column.notNull().check(sql('temporary in (0, 1)')))
    .addColumn('owner', 'text')
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('made_at', 'text', (column) => column.notNull())
    .addColumn('used_at', 'text', (column) => column.notNull())
    .addCheckConstraint('only_uploads_are_temporary', sql('temporary = 0 or uploaded = 1'))
    .addCheckConstraint('only_temporary_ones_have_an_owner', sql('owner is null or temporary = 1'))
    .execute();
  await db.schema.createIndex('datasets_version').on('datasets').column('version_id').execute();

  await table('dataset_roles')
    .addColumn('dataset_id', 'integer', (column) => column.notNull().references('datasets.id').onDelete('cascade'))
    .addColumn('role', 'text', (column) => column.notNull().check(sql("role <> ''")))
    .addPrimaryKeyConstraint('dataset_roles_key', ['dataset_id', 'role'])
    .execute();
  await table('guards')
    .addColumn('dataset_id', 'integer', (column) => column.notNull().references('datasets.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull().check(sql("kind in ('mask', 'hide')")))
    .addColumn('field', 'text', (column) => column.notNull().check(sql("field <> ''")))
    .addColumn('show', 'text', (column) => column.check(sql("show in ('all', 'last4')")))
    .addPrimaryKeyConstraint('guards_key', ['dataset_id', 'kind', 'field'])
    .addCheckConstraint('masks_show_something', sql("(kind = 'mask') = (show is not null)"))
    .execute();
  const guard = ['dataset_id', 'kind', 'field'] as const;
  await table('guard_roles')
    .addColumn('dataset_id', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('field', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull().check(sql("role <> ''")))
    .addPrimaryKeyConstraint('guard_roles_key', [...guard, 'role'])
    .addForeignKeyConstraint('roles_of_a_guard', [...guard], 'guards', [...guard], (key) => key.onDelete('cascade'))
    .execute();

  await numbered('api_keys')
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('sha256', 'text', (column) => column.notNull().unique().check(sql('length(sha256) = 64')))
    .addColumn('made_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('revoked_at', 'text')
    .execute();
  await table('key_roles')
    .addColumn('key_id', 'integer', (column) => column.notNull().references('api_keys.id').onDelete('cascade'))
    .addColumn('role', 'text', (column) => column.notNull().check(sql("role <> ''")))
    .addPrimaryKeyConstraint('key_roles_key', ['key_id', 'role'])
    .execute();
}

async function jobs(db: Db, { dialect, sql }: Means): Promise<void> {
  const json = (column: string): string => `${column} is null or (${isJson(column, dialect)})`;
  const states = ['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted'].map((state) => `'${state}'`);
  await db.schema
    .createTable('jobs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('dataset', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull().check(sql(`state in (${states.join(', ')})`)))
    .addColumn('settings', 'text', (column) => column.notNull().check(sql(isJson('settings', dialect))))
    .addColumn('progress', 'text', (column) => column.check(sql(json('progress'))))
    .addColumn('result', 'text', (column) => column.check(sql(json('result'))))
    .addColumn('error', 'text', (column) => column.check(sql(json('error'))))
    .addColumn('idempotency_key', 'text')
    .addColumn('made_at', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text')
    .addColumn('ended_at', 'text')
    .addColumn('cancel', 'integer', (column) => column.notNull().check(sql('cancel in (0, 1)')))
    .addColumn('tended_at', 'text', (column) => column.notNull())
    .addUniqueConstraint('one_job_of_a_key', ['owner', 'idempotency_key'])
    .addCheckConstraint('an_end_has_a_time', sql("ended_at is null = (state in ('waiting', 'running'))"))
    .execute();
  await db.schema.createIndex('jobs_made').on('jobs').column('made_at').execute();
}

async function audit(db: Db, { dialect }: Means): Promise<void> {
  const text = ['at', 'caller', 'method', 'address'];
  let table = withNumber(db.schema.createTable('audit'), dialect) as Table<string>;
  for (const name of text) table = table.addColumn(name, 'text', (column) => column.notNull());
  for (const name of ['route', 'dataset']) table = table.addColumn(name, 'text');
  for (const name of ['status', 'whole', 'milliseconds'])
    table = table.addColumn(name, 'integer', (column) => column.notNull());
  for (const name of ['records', 'bad_values']) table = table.addColumn(name, 'bigint', (column) => column.notNull());
  await table.execute();
  await db.schema.createIndex('audit_at').on('audit').column('at').execute();
}

function withNumber<C extends string>(table: Table<C>, dialect: Means['dialect']): Table<C | 'id'> {
  return dialect === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'integer', (column) => column.generatedAlwaysAsIdentity().primaryKey());
}

/** Refuses what is no JSON. */
const isJson = (column: string, dialect: Means['dialect']): string =>
  dialect === 'sqlite' ? `json_valid(${column})` : `${column}::jsonb is not null`;
