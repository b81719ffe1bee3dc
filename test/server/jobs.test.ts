/**
 * Loads as jobs, into folders: what comes out, who may, one job for one key, how jobs end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/server/start.js';
import { LENGTH } from '../keyed/accounts.js';
import { whyNoSql } from '../sql/same.js';
import { SECRET, ask, auditor, clerk, datasets, folder, guarded, list, serve, stranger, write } from './served.js';

const exports_ = join(folder, 'exports');
mkdirSync(exports_);
// nothing but x'00', as much as takes a while to read, and no room on the disk
write('huge.dat', '');
truncateSync(join(folder, 'huge.dat'), LENGTH * 100_000_000);
const huge = { data: 'huge.dat', copybook: 'account.cpy' };
const NONE = 'VISITS = 77';
const targets = { exports: { folder: 'exports', modes: ['append', 'truncate'] } };

interface Body {
  readonly target?: string;
  readonly [name: string]: unknown;
}

const post = (service: RunningService, name: string, body: Body, headers: Record<string, string> = {}) =>
  ask(service, `/v1/datasets/${name}/loads`, {
    method: 'POST',
    body: JSON.stringify({ target: 'exports', ...body }),
    headers: { 'content-type': 'application/json', ...headers },
  });

/** The job when it has ended. */
async function ended(service: RunningService, id: string, key?: string) {
  const path = `/v1/jobs/${id}`;
  for (;;) {
    const { json } = await ask(service, path, { ...(key && { key }) });
    if (!['waiting', 'running'].includes(json.state)) return json;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let service: RunningService;
let made = 0;
let table: string;
beforeAll(async () => {
  service = await serve({ datasets: { ...datasets, huge }, targets }, { limits: { jobsAtOnce: 1 } });
});
beforeEach(() => {
  table = `file${made++}`;
});
const left = (): string[] => readdirSync(exports_).filter((name) => name.includes(table));
const load = async (body: Body, name = 'fixed') => {
  const answer = await post(service, name, { table, ...body });
  return answer.status === 202 ? ended(service, answer.json.id) : answer.json;
};

describe('a load into a folder', () => {
  it.each([
    ['jsonl', 'application/x-ndjson'],
    ['csv', 'text/csv'],
    ['arrow', 'application/vnd.apache.arrow.stream'],
  ])('writes %s as the stream has it', async (format, accept) => {
    const condition = 'where=BRANCH%20%3E%200&select=ACCT-ID,BALANCE&skip=3&limit=2000';
    const answer = await post(service, 'fixed', {
      table,
      format,
      where: 'BRANCH > 0',
      select: ['ACCT-ID', 'BALANCE'],
      skip: 3,
      limit: 2000,
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${answer.json.id}`);
    const job = await ended(service, answer.json.id);
    const stream = await ask(service, `/v1/datasets/fixed/records?${condition}`, { headers: { accept } });
    expect(job).toMatchObject({ state: 'done', kind: 'load', dataset: 'fixed', target: 'exports', owner: 'anonymous' });
    expect(job.result).toMatchObject({ records: 2000, file: `${table}.${format}`, bytes: stream.body.length });
    expect(job.result.badValues).toBeGreaterThan(0);
    expect(readFileSync(join(exports_, `${table}.${format}`)).equals(stream.body)).toBe(true);
    expect(left()).toEqual([`${table}.${format}`]);
  });

  it.skipIf(whyNoSql())('writes Parquet', async () => {
    const job = await load({ format: 'parquet', select: ['ACCT-ID', 'BALANCE'], where: 'BRANCH > 0' });
    const records = list.filter(({ branch }) => branch > 0).length;
    expect(job).toMatchObject({ state: 'done', result: { records, file: `${table}.parquet` } });
    const bytes = readFileSync(join(exports_, `${table}.parquet`));
    expect(`${bytes.subarray(0, 4)}${bytes.subarray(-4)}`).toBe('PAR1PAR1');
    expect(job.result.bytes).toBe(bytes.length);
    expect(left()).toEqual([`${table}.parquet`]);
  });

  it('writes over a file only where it is told to', async () => {
    expect((await load({ limit: 5 })).result.records).toBe(5);
    expect(await load({ limit: 6 })).toMatchObject({
      state: 'failed',
      problem: { code: 'OVP_SERVER_EXISTS', status: 409 },
    });
    expect((await load({ limit: 7, mode: 'truncate' })).result.records).toBe(7);
    expect(readFileSync(join(exports_, `${table}.jsonl`), 'utf8').split('\n')).toHaveLength(8);
  });

  it('has no more than its room', async () => {
    const small = await serve({ datasets, targets: { exports: { folder: 'exports', maxBytes: 10_000 } } });
    const { json } = await post(small, 'fixed', { table });
    expect(await ended(small, json.id)).toMatchObject({ state: 'failed', problem: { code: 'OVP_SERVER_FULL' } });
    expect(left()).toEqual([]);
  });

  it('tells how far it is', async () => {
    const { json } = await post(service, 'huge', { table, where: NONE });
    const path = `/v1/jobs/${json.id}`;
    await expect
      .poll(async () => (await ask(service, path)).json.progress?.bytes ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0);
    const { progress } = (await ask(service, path)).json;
    expect(progress).toMatchObject({ step: 'records', size: LENGTH * 100_000_000 });
    expect(progress.share).toBeLessThan(1);
    expect(progress.megabytesPerSecond).toBeGreaterThan(0);
    expect(progress.secondsLeft).toBeGreaterThan(0);
    expect((await ask(service, path, { method: 'DELETE' })).status).toBe(202);
    expect((await ended(service, json.id)).state).toBe('cancelled');
    expect(left()).toEqual([]);
    const again = await ask(service, path, { method: 'DELETE' });
    expect([again.status, again.json.state]).toEqual([200, 'cancelled']);
  });
});

describe('jobs', () => {
  it('wait for each other, and end while they wait', async () => {
    const first = await post(service, 'huge', { table, where: NONE });
    const second = await post(service, 'fixed', { table });
    expect(second.json.state).toBe('waiting');
    const { json } = await ask(service, `/v1/jobs/${second.json.id}`, { method: 'DELETE' });
    expect(json.state).toBe('cancelled');
    await ask(service, `/v1/jobs/${first.json.id}`, { method: 'DELETE' });
    expect((await ended(service, first.json.id)).state).toBe('cancelled');
    expect(left()).toEqual([]);
  });

  it('are no more than the limits let wait, and be kept', async () => {
    const limited = await serve(
      { datasets: { ...datasets, huge }, targets },
      { limits: { jobsAtOnce: 1, jobsWaiting: 1, jobsKept: 1 } },
    );
    const first = await post(limited, 'huge', { table, where: NONE }, { 'idempotency-key': 'a' });
    const second = await post(limited, 'huge', { table, where: NONE });
    const third = await post(limited, 'huge', { table, where: NONE });
    expect([first.status, second.status, third.status]).toEqual([202, 202, 503]);
    expect(third.json.code).toBe('OVP_SERVER_BUSY');
    expect(third.headers.get('retry-after')).toBe('2');
    // one that is there already is answered all the same
    const replay = await post(limited, 'huge', { table, where: NONE }, { 'idempotency-key': 'a' });
    expect(replay.json.id).toBe(first.json.id);
    for (const { json } of [second, first]) {
      await ask(limited, `/v1/jobs/${json.id}`, { method: 'DELETE' });
      await ended(limited, json.id);
    }
    const { jobs } = (await ask(limited, '/v1/jobs')).json;
    expect(jobs).toHaveLength(1);
  });

  it('are one for one idempotency key', async () => {
    const headers = { 'idempotency-key': 'night-1' };
    const same = await Promise.all(
      Array.from({ length: 5 }, () => post(service, 'fixed', { table, limit: 3 }, headers)),
    );
    expect(same.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(new Set(same.map(({ json }) => json.id)).size).toBe(1);
    await ended(service, same[0]!.json.id);
    const reordered = await ask(service, '/v1/datasets/fixed/loads', {
      method: 'POST',
      body: JSON.stringify({ limit: 3, table, target: 'exports' }),
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(reordered.json).toMatchObject({ id: same[0]!.json.id, state: 'done' });
    for (const [name, body] of [
      ['fixed', { table, limit: 4 }],
      ['varied', { table, limit: 3 }],
    ] as const) {
      const other = await post(service, name, body, headers);
      expect([other.status, other.json.code]).toEqual([422, 'OVP_SERVER_IDEMPOTENCY']);
    }
    const { jobs } = (await ask(service, '/v1/jobs?limit=1000')).json;
    expect(jobs.filter((job: { request: Body }) => job.request.table === table)).toHaveLength(1);
  });

  it('fail with their data sets, and say no more than they may', async () => {
    const lines: string[] = [];
    write('short.dat', Buffer.alloc(LENGTH + 3, 0xf0));
    const short = { data: 'short.dat', copybook: 'account.cpy', recfm: 'V' };
    const broken = await serve({ datasets: { short }, targets }, { log: { write: (line) => lines.push(line) } });
    const { json } = await post(broken, 'short', { table });
    const job = await ended(broken, json.id);
    expect(job).toMatchObject({ state: 'failed', result: null, problem: { instance: `urn:overpunch:job:${json.id}` } });
    expect(JSON.stringify(job)).not.toContain(folder);
    expect(lines.some((line) => line.includes('job failed') && line.includes(json.id))).toBe(true);
    expect(left()).toEqual([]);
  });

  it('are interrupted when the service ends, and leave nothing half', async () => {
    const lines: string[] = [];
    const ending = await serve({ datasets: { huge }, targets }, { log: { write: (line) => lines.push(line) } });
    const { json } = await post(ending, 'huge', { table, where: NONE });
    await expect.poll(left).toHaveLength(1);
    await ending.close(5000);
    expect(left()).toEqual([]);
    const last = lines.map((line) => JSON.parse(line).audit).filter((audit) => audit?.job === json.id);
    expect(last).toMatchObject([{ state: 'interrupted' }]);
  });
});

describe('whoever loads', () => {
  const roles = { exports: { folder: 'exports', roles: ['clerk'] }, other: { folder: 'exports', roles: ['auditor'] } };
  let closed: RunningService;
  beforeAll(async () => {
    closed = await serve({ ...guarded, targets: roles });
  });
  const start = async (key: string, body: Body, name = 'clients') => {
    const answer = await post(closed, name, { table, ...body }, { 'x-api-key': key });
    return answer.status === 202 ? ended(closed, answer.json.id, key) : answer.json;
  };
  const text = (): string => readFileSync(join(exports_, `${table}.jsonl`), 'latin1');

  it('gets what he sees: nothing that is hidden or masked', async () => {
    expect(await start(clerk.key, {})).toMatchObject({
      state: 'done',
      leftOut: ['CLIENT.PIN'],
      result: { records: 20 },
    });
    expect(text()).toContain('"name":"NAME0"');
    for (const secret of Object.values(SECRET)) expect(text()).not.toContain(secret);
    table = `${table}b`;
    expect((await start(auditor.key, {})).leftOut).toEqual([]);
    for (const secret of Object.values(SECRET)) expect(text()).toContain(secret);
  });

  it.each([
    ['a masked field', { select: ['NAME', 'PIN'] }, 'OVP_OPTION_SELECT'],
    ['a hidden field', { select: ['TAX-NO'] }, 'OVP_OPTION_SELECT'],
    ['another name for it', { select: ['TRADE-NO'] }, 'OVP_OPTION_SELECT'],
    ['a condition on it', { where: "TAX-NO = '1'" }, 'OVP_OPTION_CONDITION'],
    ['a condition on what is masked', { where: "PIN = '1'" }, 'OVP_OPTION_CONDITION'],
    ['a target of other roles', { target: 'other' }, 'OVP_SERVER_UNKNOWN_TARGET'],
    ['a mode that the catalog does not let', { mode: 'truncate' }, 'OVP_SERVER_PARAMETER'],
  ])('is refused %s', async (_, body, code) => {
    expect((await start(clerk.key, body)).code).toBe(code);
    expect(left()).toEqual([]);
  });

  it('sees his own jobs, targets and data sets', async () => {
    const { id } = await start(clerk.key, {});
    for (const init of [{ key: auditor.key }, { key: auditor.key, method: 'DELETE' }])
      expect((await ask(closed, `/v1/jobs/${id}`, init)).status).toBe(404);
    expect((await ask(closed, `/v1/jobs/${id}/events`, { key: auditor.key })).status).toBe(404);
    expect((await ask(closed, '/v1/jobs', { key: stranger.key })).json.jobs).toEqual([]);
    expect((await ask(closed, '/v1/jobs')).status).toBe(401);
    const names = async (key: string) =>
      (await ask(closed, '/v1/targets', { key })).json.targets.map(({ name }: { name: string }) => name);
    expect(await names(clerk.key)).toEqual(['exports']);
    expect(await names(auditor.key)).toEqual(['exports', 'other']);
    expect(await names(stranger.key)).toEqual([]);
    expect((await start(stranger.key, {}, 'fixed')).code).toBe('OVP_SERVER_UNKNOWN_TARGET');
    expect((await start(stranger.key, {})).code).toBe('OVP_SERVER_UNKNOWN_DATASET');
  });

  it('has keys of his own for requests', async () => {
    const headers = (key: string) => ({ 'x-api-key': key, 'idempotency-key': 'one' });
    const [one, two] = await Promise.all(
      [clerk.key, auditor.key].map((key) => post(closed, 'fixed', { table, limit: 1 }, headers(key))),
    );
    expect([one!.status, two!.status]).toEqual([202, 202]);
    expect(one!.json.id).not.toBe(two!.json.id);
    for (const [answer, key] of [
      [one, clerk.key],
      [two, auditor.key],
    ] as const)
      await ended(closed, answer!.json.id, key);
  });
});
