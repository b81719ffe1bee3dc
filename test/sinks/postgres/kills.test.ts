/**
 * Exactly once: the loader is killed, and its connections are cut, at whatever moment; begun again until it is done, it
 * leaves every row once. `OVERPUNCH_KILLS=N` says how many ends there are in all (8 by default, half of each kind).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND } from '../../cli/run.js';
import { type Database, Folder, SERVER, account, accounts, createDatabase, skipped, unload } from './server.js';

const KILLS = Number(process.env.OVERPUNCH_KILLS ?? 8);
const RECORDS = 60_000;

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

describe.skipIf(!SERVER)(`a load that is killed${skipped}`, () => {
  let db: Database;
  const folder = new Folder();
  const path = folder.write('accounts.vb', accounts(1, RECORDS));
  const changes = folder.write(
    'changes.vb',
    unload(Array.from({ length: RECORDS }, (_, n) => account({ id: (n * 7) % RECORDS, name: `NEW ${n}` }))),
  );

  beforeAll(async () => {
    db = await createDatabase();
  });
  afterAll(async () => {
    await db?.drop();
    folder.remove();
  });

  function begin(file: string, more: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const args = [
      COMMAND,
      'load',
      file,
      '-c',
      folder.copybook,
      '--recfm',
      'V',
      '--into',
      db.url,
      '--range-size',
      '100K',
    ];
    const child = spawn(process.execPath, [...args, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr!.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stderr })));
    return { child, ended };
  }

  /** Ends it in the middle, over and over, until it was not ended. Answers how often it was, and went on. */
  async function until(file: string, more: readonly string[], end: (child: ChildProcess) => unknown, times: number) {
    const seen = { ended: 0, resumed: 0 };
    let longest = 0;
    for (let turn = 0; ; turn++) {
      const { child, ended } = begin(file, more);
      const started = performance.now();
      let isOver = false;
      const done = ended.finally(() => {
        isOver = true;
      });
      if (seen.ended < times) {
        // when it has begun, anything from at once to a bit later than the longest that it ever took
        while (!isOver && !(await isAtWork())) await sleep(5);
        await sleep(Math.random() * Math.max(100, longest));
        if (!isOver) {
          await end(child);
          seen.ended++;
        }
      }
      const { code, stderr } = await done;
      longest = Math.max(longest, (performance.now() - started) / 2);
      if (/went on where it had stopped/.test(stderr)) seen.resumed++;
      if (code === 0 || /was loaded into/.test(stderr)) return seen;
      if (code !== null && !/can't be reached|could not be (staged|moved|made)|could not begin/.test(stderr)) {
        throw new Error(`it ended with ${code}: ${stderr}`);
      }
      expect(turn).toBeLessThan(5 * times + 20);
    }
  }

  const isAtWork = async (): Promise<boolean> =>
    (
      await db.query(
        "SELECT FROM pg_stat_activity WHERE application_name = 'overpunch' AND datname = current_database()",
      )
    ).length > 1;

  const kill = (child: ChildProcess): unknown => child.kill('SIGKILL');
  /** Cuts one of its connections, as an administrator or a broken network does. */
  const cut = async (): Promise<void> => {
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'overpunch' AND datname = current_database() ORDER BY random() LIMIT 1`,
    );
  };

  const check = async (): Promise<void> => {
    const [all] = await db.query(
      'SELECT count(*)::int AS n, count(DISTINCT acct_id)::int AS ids, min(acct_id), max(acct_id) FROM account',
    );
    expect(all).toEqual({ n: RECORDS, ids: RECORDS, min: 1, max: RECORDS });
    expect(await db.query("SELECT FROM overpunch.load WHERE status = 'loading'")).toEqual([]);
    expect(await db.query("SELECT relname FROM pg_class WHERE relname LIKE 'stage\\_%'")).toEqual([]);
  };

  for (const [how, end] of [
    ['killed', kill],
    ['cut off', cut],
  ] as const) {
    it(`has every row once, ${how} again and again`, async () => {
      for (let left = Math.ceil(KILLS / 2), round = 0; left > 0; round++) {
        // in turns: into a new table, which the staged one takes the place of, and into one that can't be replaced
        await db.query('DROP TABLE IF EXISTS account CASCADE');
        await db.query('DROP SCHEMA IF EXISTS overpunch CASCADE');
        if (round % 2 === 1) {
          await begin(folder.write('none.vb', ''), []).ended;
          await db.query('CREATE VIEW looks AS SELECT acct_id FROM account');
        }
        const { ended } = await until(path, [], end, Math.min(3, left));
        left -= Math.max(1, ended);
        await check();
      }
    }, 600_000);
  }

  it('replaces every row once, too', async () => {
    await db.query('DROP TABLE IF EXISTS account CASCADE');
    await db.query('DROP SCHEMA IF EXISTS overpunch CASCADE');
    await begin(path, ['--key', 'ACCT-ID']).ended;
    await until(changes, ['--upsert', 'ACCT-ID'], kill, 2);
    const [all] = await db.query(
      "SELECT count(*)::int AS n, count(DISTINCT acct_id)::int AS ids, count(*) FILTER (WHERE name LIKE 'NEW%')::int AS new FROM account",
    );
    // account 0 is new, account 60000 is in no change
    expect(all).toEqual({ n: RECORDS + 1, ids: RECORDS + 1, new: RECORDS });
  }, 120_000);
});
