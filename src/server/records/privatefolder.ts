/**
 * Private folders among the system's temporary files. A process that is killed leaves its own behind: names say whose they are, so that
 * the next one that begins takes them away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Of this machine: another container may have the folder of temporary files too, and has other processes by the same numbers. */
const PREFIX = `overpunch-parquet-${hostname().replace(/[^\w]/g, '')}-`;

/** Those of this process, which may be gone. */
const own = new Set<string>();

/** Nobody else may look into it. */
export async function privateFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  own.add(basename(path));
  return path;
}

/** Takes away the folders of processes of this user that are gone. What can't be taken away stays: it is not what the service is for. */
export async function removeStale(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(PREFIX) || own.has(name)) continue;
    const pid = /^(\d+)-[^-]+$/.exec(name.slice(PREFIX.length))?.[1];
    if (pid === undefined || (Number(pid) !== process.pid && lives(Number(pid)))) continue;
    const path = join(tmpdir(), name);
    const { uid = null } = await stat(path).catch(() => ({ uid: null }));
    if (uid === (process.getuid?.() ?? uid)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
