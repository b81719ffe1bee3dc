/**
 * Overpunch beside what users would otherwise take, on the same files, in one run. Peers are installed by their own package managers into a
 * folder outside of the repository; one that can't be had is left out, and it is said why.
 *   npm run bench:peers -- [--size 1G] [--only PEER[,PEER]] [--workloads NAME[,NAME]] [--rounds 5] [--markdown] [--json FILE]
 * The folder is OVERPUNCH_PEERS, or overpunch-peers in the user's cache. Data goes to the system's temporary folder and is removed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEngine } from '../../src/index.js';
import { busy, describe, machine } from '../machine.js';
import { parseSize } from '../memory.js';
import { asMarkdown, asText } from '../table.js';
import { workloads } from '../workloads/all.js';
import { write } from '../workloads/workload.js';
import { cobrix } from './cobrix.js';
import { copybookRs } from './copybook-rs.js';
import { gnucobol } from './gnucobol.js';
import { runOurs } from './ours.js';
import { type Found, type Job, Missing, type Peer } from './peer.js';
import { type Comparison, comparisonTable, oursTable } from './report.js';

const PEERS: readonly Peer[] = [cobrix, copybookRs, gnucobol];
const WARM_UP = 4e6;

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '256M' },
    only: { type: 'string' },
    workloads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    markdown: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const size = parseSize(flags.size);
const wanted = chosen('--only', PEERS, flags.only);
const shapes = chosen('--workloads', workloads, flags.workloads);

const here = machine(loadEngine());
console.log(describe(here));
if (busy(here)) console.log(busy(here));

const cache =
  process.env.OVERPUNCH_PEERS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'overpunch-peers');
mkdirSync(cache, { recursive: true });
const installed = wanted.filter(isInstalled);
const comparisons: Comparison[] = [];
const folder = mkdtempSync(join(tmpdir(), 'overpunch-peers-'));
try {
  for (const workload of shapes) {
    console.error(`${workload.name}: writing ${flags.size}`);
    const data = join(folder, 'data.dat');
    const warmUp = join(folder, 'warm-up.dat');
    const copybook = join(folder, 'data.cpy');
    const outputs = join(folder, 'out');
    mkdirSync(outputs, { recursive: true });
    writeFileSync(copybook, workload.copybook);
    write(workload, warmUp, Math.min(WARM_UP, size));
    const job: Job = { workload, copybook, data, warmUp, folder: outputs, ...write(workload, data, size) };
    console.error(`${workload.name}: Overpunch`);
    const ours = runOurs(job, Number(flags.rounds));
    agree('Overpunch', workload.name, ours.found, { records: job.records, sum: null });
    comparisons.push({ workload, bytes: job.bytes, peer: null, outcome: ours });
    empty(outputs);
    for (const peer of installed) {
      const refused = peer.refuses(workload);
      console.error(`${workload.name}: ${peer.name}${refused ? ` left out: ${refused}` : ''}`);
      if (refused) continue;
      const outcome = peer.run(job);
      agree(peer.name, workload.name, outcome.found, ours.found);
      comparisons.push({ workload, bytes: job.bytes, peer, outcome });
      empty(outputs);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const table of [oursTable(comparisons), comparisonTable(comparisons)])
  console.log(flags.markdown ? asMarkdown(table) : asText(table));
if (flags.json) {
  const plain = comparisons.map(({ workload, bytes, peer, outcome }) => ({
    workload: workload.name,
    bytes,
    peer: peer?.name ?? 'overpunch',
    figures: outcome.figures,
  }));
  writeFileSync(flags.json, `${JSON.stringify({ machine: here, comparisons: plain }, null, 2)}\n`);
}

function chosen<Named extends { name: string }>(option: string, all: readonly Named[], text?: string): Named[] {
  const names = text?.split(',') ?? all.map(({ name }) => name);
  const found = all.filter(({ name }) => names.includes(name));
  if (found.length === names.length) return found;
  console.error(`${option} ${text}: it can be ${all.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

function isInstalled(peer: Peer): boolean {
  try {
    console.error(`installing ${peer.name} in ${cache}`);
    console.log(`${peer.install(cache)}: ${peer.title}.`);
    return true;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.log(`${peer.name} left out: ${error.message}`);
    return false;
  }
}

/** Both did the work: they read as many records, and the same numbers. */
function agree(peer: string, workload: string, found: Found, expected: Found): void {
  for (const what of ['records', 'sum'] as const) {
    const [one, other] = [found[what], expected[what]];
    if (one === null || other === null || one === other) continue;
    throw new Error(`${workload}: ${peer} found ${what} ${one}, not ${other}`);
  }
}

function empty(outputs: string): void {
  for (const name of readdirSync(outputs)) rmSync(join(outputs, name), { recursive: true });
}
