/**
 * The service over HTTP, on this machine: pages beside the route that one would write by hand, streams, and many slow callers.
 *   npm run bench:server -- [--size 400M] [--rounds 5] [--seconds 3] [--connections 16] [--only pages,streams,slow] [--markdown]
 * Callers and service share the machine, so processor time is told beside what a clock says. Rounds of what is compared take turns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadEngine } from '../../src/index.js';
import { busy, describe, machine } from '../machine.js';
import { parseSize } from '../memory.js';
import { type Table, asMarkdown, asText, factor, grouped } from '../table.js';
import { type Load, SlowClients, pages, take } from './clients.js';
import { COLUMNS, LENGTH, writeCatalog } from './data.js';
import type { Kind, Started, Usage } from './service.js';

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '400M' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string', default: 'pages,streams,slow' },
    markdown: { type: 'boolean', default: false },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const connections = Number(flags.connections);
const PAGE = 100;
const STREAMS = { 'JSON lines': 'application/x-ndjson', CSV: 'text/csv', Arrow: 'application/vnd.apache.arrow.stream' };
const SLOW = 200;
const SLOW_SECONDS = 10;
const SIP = 16_384;

/** A process that answers. */
class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly started: Started,
  ) {}

  static async start(kind: Kind, folder: string): Promise<Server> {
    const script = fileURLToPath(new URL('service.js', import.meta.url));
    // its log is written, but to nowhere
    const child = fork(script, [kind, folder], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const [started] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${kind}: the process ended`))),
    ]);
    return new Server(child, started as Started);
  }

  /** What it took since it was asked last. */
  async usage(): Promise<Usage> {
    this.process.send('usage');
    return (await once(this.process, 'message'))[0] as Usage;
  }

  end(): void {
    this.process.kill();
  }
}

const show = (table: Table): void => console.log(flags.markdown ? asMarkdown(table) : asText(table));
const median = <T>(list: readonly T[], by: (one: T) => number): T =>
  list.toSorted((a, b) => by(a) - by(b))[list.length >> 1]!;

async function comparePages(folder: string, records: number): Promise<void> {
  const kinds: readonly Kind[] = ['service', 'by hand, with hooks', 'by hand, bare'];
  const runs: { kind: Kind; server: Server; loads: (Load & { cpu: number })[] }[] = [];
  try {
    for (const kind of kinds) {
      const server = await Server.start(kind, folder);
      runs.push({ kind, server, loads: [] });
      await pages(server.started.page, records - PAGE, connections, seconds);
    }
    for (let round = 0; round < rounds; round++) {
      for (const { server, loads } of runs) {
        await server.usage();
        const load = await pages(server.started.page, records - PAGE, connections, seconds);
        loads.push({ ...load, cpu: (await server.usage()).cpu / load.requests });
      }
    }
  } finally {
    for (const { server } of runs) server.end();
  }
  const rate = ({ requests, seconds: time }: Load): number => requests / time;
  const rows = runs.map(({ kind, loads }) => {
    const load = median(loads, rate);
    const cpu = Math.min(...loads.map((one) => one.cpu));
    return { kind, latency: load.latency, cpu, rate: rate(load), bytes: load.bytes / load.requests };
  });
  const [own] = rows;
  show({
    title: `Pages of ${PAGE} records of ${COLUMNS} fields as JSON, ${connections} connections`,
    columns: ['', 'requests/s', 'the service is', 'processor time', 'the service is', 'p50', 'p90', 'p99', 'p99.9'],
    rows: rows.map(({ kind, latency, cpu, rate: each }) => [
      kind,
      grouped(each),
      factor(own!.rate / each),
      `${grouped(cpu * 1e6)} us`,
      factor(cpu / own!.cpu),
      ...[latency.p50, latency.p90, latency.p99, latency.p99_9].map((time) => `${time} ms`),
    ]),
    notes: [
      `A page has ${grouped(own!.bytes)} bytes with its headers. Median of ${rounds} rounds of ${seconds} s; processor time is the server's for a request, the least of the rounds.`,
    ],
  });
}

async function streams(folder: string, bytes: number): Promise<void> {
  const server = await Server.start('service', folder);
  const address = new URL(server.started.address);
  const rows: string[][] = [];
  try {
    for (const [name, accept] of Object.entries(STREAMS)) {
      const all: { seconds: number; cpu: number; client: number; sent: number }[] = [];
      for (let round = 0; round <= rounds; round++) {
        await server.usage();
        const [before, start] = [process.cpuUsage(), performance.now()];
        const sent = await take(address, accept);
        const time = (performance.now() - start) / 1000;
        const { user, system } = process.cpuUsage(before);
        const { cpu } = await server.usage();
        if (round > 0) all.push({ seconds: time, cpu, client: (user + system) / 1e6, sent });
      }
      const best = all.reduce((one, other) => (other.seconds < one.seconds ? other : one));
      const perCpu = bytes / Math.min(...all.map(({ cpu }) => cpu));
      const rates = [best.seconds, median(all, (one) => one.seconds).seconds].map((time) => bytes / time);
      rows.push([
        name,
        ...[...rates, best.sent / best.seconds, perCpu].map((rate) => `${grouped(rate / 1e6)} MB/s`),
        ...[best.cpu, best.client].map((cpu) => `${cpu.toFixed(2)} s`),
      ]);
    }
  } finally {
    server.end();
  }
  show({
    title: `All records as a stream to one caller: ${grouped(bytes / 1e6)} MB`,
    columns: ['', 'input, best', 'median', 'output', "input by the server's time", "server's time", "caller's time"],
    rows,
  });
}

async function slow(folder: string): Promise<void> {
  const server = await Server.start('service', folder);
  const address = new URL(server.started.address);
  const memory = async (): Promise<string> => `${grouped((await server.usage()).rss / 1e6)} MB`;
  const rows = [['before', await memory(), '']];
  const clients = new SlowClients(address, STREAMS['JSON lines'], SLOW);
  try {
    let taken = 0;
    for (let second = 1; second <= SLOW_SECONDS; second++) {
      for (let sip = 0; sip < 4; sip++) {
        await sleep(250);
        taken += clients.sip(SIP);
      }
      rows.push([`${second} s`, await memory(), `${grouped(taken / 1e6)} MB`]);
    }
  } finally {
    clients.end();
  }
  await sleep(1000);
  rows.push(['all have gone', await memory(), '']);
  server.end();
  show({
    title: `${SLOW} callers that take ${grouped((4 * SIP) / 1000)} KB/s of a stream each`,
    columns: ['', "the service's memory", 'taken'],
    rows,
  });
}

const here = machine(loadEngine());
console.log(describe(here));
if (busy(here)) console.log(busy(here));
const folder = mkdtempSync(join(tmpdir(), 'overpunch-server-bench-'));
try {
  const bytes = writeCatalog(folder, parseSize(flags.size));
  const only = flags.only.split(',');
  if (only.includes('pages')) await comparePages(folder, bytes / LENGTH);
  if (only.includes('streams')) await streams(folder, bytes);
  if (only.includes('slow')) await slow(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
