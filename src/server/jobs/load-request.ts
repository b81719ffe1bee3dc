/**
 * What a load is asked for, checked by what the catalog lets it be and by what the caller may see: fields that are hidden from
 * him are not there, and masked ones are left out, since a table has no place for a mask.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { didYouMean } from '../../errors.js';
import type { ReadOptions } from '../../options.js';
import { Reader } from '../../read.js';
import type { ServedDataset } from '../records/dataset.js';
import { ServiceError } from '../problem.js';
import type { LoadMode, Target } from '../catalog/targets.js';
import type { View } from '../access/view.js';

export const OCCURS = ['array', 'json', 'tables'] as const;
export const NULS = ['reject', 'replace', 'strip'] as const;
export const FORMATS = ['jsonl', 'csv', 'arrow', 'parquet'] as const;

/** The body of a request, after its schema was checked. */
export interface LoadBody {
  readonly target: string;
  readonly table?: string;
  readonly format?: (typeof FORMATS)[number];
  readonly select?: readonly string[];
  readonly where?: string;
  readonly skip?: number;
  readonly limit?: number;
  readonly mode?: LoadMode;
  readonly key?: readonly string[];
  readonly occurs?: (typeof OCCURS)[number];
  readonly nul?: (typeof NULS)[number];
  readonly again?: boolean;
  readonly dryRun?: boolean;
}

/** A load that may be done. */
export interface LoadPlan {
  readonly dataset: ServedDataset;
  readonly target: Target;
  readonly mode: LoadMode;
  /** Name of the table, collection or file (without its end); null: the record's. */
  readonly table: string | null;
  readonly key: readonly string[];
  readonly read: Pick<ReadOptions, 'select' | 'where' | 'skip' | 'limit'>;
  readonly leftOut: readonly string[];
  readonly body: LoadBody;
}

const ALL = ['target', 'select', 'where', 'skip', 'limit', 'mode', 'table'];
/** What each kind of target can be told. */
const TAKEN: Readonly<Record<Target['kind'], readonly string[]>> = {
  postgres: [...ALL, 'key', 'occurs', 'nul', 'again', 'dryRun'],
  mongodb: [...ALL, 'key'],
  redis: [...ALL.filter((name) => name !== 'table'), 'key'],
  folder: [...ALL, 'format'],
};

/** @throws ServiceError 400, 404; OverpunchError OVP_OPTION_SELECT, OVP_OPTION_CONDITION, OVP_OPTION_KEY */
export async function planLoad(
  body: LoadBody,
  dataset: ServedDataset,
  view: View,
  targets: readonly Target[],
  roles: readonly string[],
): Promise<LoadPlan> {
  const target = targetFor(body.target, targets, roles);
  const strange = Object.keys(body).find((name) => !TAKEN[target.kind].includes(name));
  if (strange !== undefined) throw refuse(`The target ${target.name} has no ${strange}`, strange);
  const mode = body.mode ?? target.modes[0]!;
  if (!target.modes.includes(mode))
    throw refuse(`The target ${target.name} can't be loaded by ${mode}: it lets ${target.modes.join(', ')}`, 'mode');
  const tables = 'tables' in target ? target.tables : null;
  const table = body.table ?? (tables?.length === 1 ? tables[0]! : null);
  if (tables && (table === null || !tables.includes(table)))
    throw refuse(`The target ${target.name} has the tables ${tables.join(', ')}`, 'table');
  const { select: names, where, skip, limit } = body;
  if (where !== undefined) view.check(where);
  // each by itself: one of which nothing can be loaded is not left out in silence
  for (const name of names ?? []) view.select([name], false);
  const select = view.select(names ?? null, false);
  if (target.kind === 'postgres') refuseCounters(view, select);
  const read = {
    ...(select && { select }),
    ...(where !== undefined && { where }),
    ...(skip !== undefined && { skip }),
    ...(limit !== undefined && { limit }),
  };
  // what is wrong with it is told now, rather than by the job
  for await (const _ of new Reader(new Uint8Array(0), dataset.reading(read)).batches());
  return {
    dataset,
    target,
    mode,
    table,
    key: keyOf(body, dataset, view, target, mode),
    read,
    leftOut: names ? [] : [...view.masked.keys()],
    body,
  };
}

/** A counter that is bad is listed in the database with its bytes, under its table's name. */
function refuseCounters({ concealed, masked }: View, select: readonly string[] | undefined): void {
  for (const table of concealed) {
    if (masked.has(table) || (select && !select.some((path) => path === table || path.startsWith(`${table}.`))))
      continue;
    throw new ServiceError(403, 'OVP_SERVER_GUARDED', `${table} can't be loaded: its counter is guarded`, 'select');
  }
}

/** One that is not for the caller is told of as one that is not there. */
function targetFor(name: string, targets: readonly Target[], roles: readonly string[]): Target {
  const known = targetsFor(targets, roles);
  const target = known.find((one) => one.name === name);
  if (target) return target;
  const near = didYouMean(
    name,
    known.map((one) => one.name),
  );
  throw new ServiceError(
    404,
    'OVP_SERVER_UNKNOWN_TARGET',
    'There is no target of this name',
    'target',
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Targets are named in the catalog.',
  );
}

export const targetsFor = (targets: readonly Target[], roles: readonly string[]): Target[] =>
  targets.filter((target) => target.roles === null || target.roles.some((role) => roles.includes(role)));

/** The key that was asked for; else, where one is needed, the data set's. */
function keyOf(
  { key }: LoadBody,
  { entry }: ServedDataset,
  view: View,
  { kind }: Target,
  mode: LoadMode,
): readonly string[] {
  const isNeeded = kind === 'mongodb' || kind === 'redis' || mode === 'upsert';
  const names = key ?? (isNeeded ? entry.key : []);
  if (isNeeded && names.length === 0)
    throw refuse('The key is missing: the fields that tell one record from another', 'key');
  return names.map((name) => view.operand(name, 'OVP_OPTION_KEY', 'key'));
}

const refuse = (what: string, parameter: string): ServiceError =>
  new ServiceError(400, 'OVP_SERVER_PARAMETER', what, parameter);
