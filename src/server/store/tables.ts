/**
 * The tables of a catalog in a database, as queries see them. Times are ISO 8601 texts in UTC, which sort as they should; flags are 0 or 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { Generated } from 'kysely';
import type { Mask } from '../../schemas/protection.js';

export interface Tables {
  settings: {
    id: 1;
    /** Goes up with every change of data sets, keys and settings. */
    revision: number;
    uploads: string | null;
    jwt: string | null;
    targets: string | null;
    audit_days: number;
  };
  copybooks: { id: Generated<number>; name: string };
  copybook_versions: {
    id: Generated<number>;
    copybook_id: number;
    number: number;
    text: string;
    /** JSON: what COPY brings in. */
    members: string;
    /** Of text and members. */
    sha256: string;
    made_by: string;
    made_at: string;
  };
  datasets: {
    id: Generated<number>;
    name: string;
    title: string | null;
    description: string | null;
    data: string;
    version_id: number;
    /** JSON, and so is `key_fields`. */
    options: string;
    key_fields: string;
    /** 1: only the roles in dataset_roles may use it. */
    restricted: number;
    uploaded: number;
    temporary: number;
    owner: string | null;
    /** Of the catalog when it was written. */
    revision: number;
    made_at: string;
    used_at: string;
  };
  dataset_roles: { dataset_id: number; role: string };
  guards: { dataset_id: number; kind: 'mask' | 'hide'; field: string; show: Mask | null };
  guard_roles: { dataset_id: number; kind: 'mask' | 'hide'; field: string; role: string };
  api_keys: {
    id: Generated<number>;
    name: string;
    sha256: string;
    made_at: string;
    expires_at: string | null;
    revoked_at: string | null;
  };
  key_roles: { key_id: number; role: string };
  jobs: {
    id: string;
    kind: string;
    owner: string;
    dataset: string;
    target: string;
    state: string;
    /** JSON of what of the job has no column. */
    settings: string;
    progress: string | null;
    result: string | null;
    error: string | null;
    idempotency_key: string | null;
    made_at: string;
    started_at: string | null;
    ended_at: string | null;
    /** 1: whoever has it in hand is to end it. */
    cancel: number;
    /** When a process last said that it has it in hand. */
    tended_at: string;
  };
  audit: AuditTable;
}

interface AuditTable {
  id: Generated<number>;
  at: string;
  caller: string;
  route: string | null;
  method: string;
  dataset: string | null;
  status: number;
  /** 0 where the caller went, or the answer was cut off. */
  whole: number;
  records: number;
  bad_values: number;
  milliseconds: number;
  address: string;
}
