/**
 * Several processes that serve at one address, and the one that looks after them: it starts them, replaces those that die, tells
 * them to end, and has new ones take over from old ones. It takes no connection itself: all listen on one socket, so a process
 * that is killed takes nothing with it but what it had begun, and one that is busy takes nothing new.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import cluster, { type Worker } from 'node:cluster';
import { type AddressInfo, createServer } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { OverpunchError } from '../../errors.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Order, Report } from './messages.js';
import type { Peers } from '../peers.js';
import { Tally } from './tally.js';

export interface ProcessesOptions {
  /** How many. */
  readonly count: number;
  readonly host: string;
  /** 0: one that is free, the same for all. */
  readonly port: number;
  /** Reads the catalog: at the start, and when it is to be read again. */
  catalog(): Promise<Catalog>;
  /** All of them serve. */
  serving(address: string): void;
  /** Says what happens, in a line. What a process itself has to say is on standard error already. */
  say(text: string): void;
  /** Says what is wrong with a catalog that was read again. */
  complain(error: unknown): void;
}

/** A catalog as it was read at one time. */
interface Edition {
  readonly catalog: Catalog;
}

interface Member {
  readonly worker: Worker;
  readonly edition: Edition;
  readonly since: number;
  state: 'starting' | 'serving' | 'ending';
}

/** Milliseconds before a process is started in the place of one that died young; twice as many each time. */
const [PAUSE, MOST_PAUSE] = [200, 10_000];
/** Milliseconds after which a process has not died young. */
const YOUTH = 10_000;
/** Milliseconds that requests under way have (30 seconds), and the process itself to end. */
const PATIENCE = 32_000;
/** How often in a row they may die at their start while none serves. */
const ATTEMPTS = 5;

class Died extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Processes {
  private readonly members = new Set<Member>();
  private readonly tally: Tally;
  private current: Edition | null = null;
  private port: number;
  private isEnding = false;
  private isRolling = false;
  private isToRollAgain = false;
  /** Processes that died young, one after the other. */
  private young = 0;
  private deaths = 0;
  /** Processes to come in the place of others. */
  private replacements = 0;
  private finish: (exitCode: number) => void = () => {};

  constructor(
    private readonly options: ProcessesOptions,
    { prometheus }: Peers,
  ) {
    this.port = options.port;
    this.tally = new Tally(prometheus);
  }

  /**
   * Serves until it is told to end. Resolves to the exit code: that of the process which could not start, where it comes to that.
   * @throws OverpunchError what is wrong with the catalog at the start
   */
  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    const edition = await this.read();
    this.current = edition;
    // those that come later are to find the port of those that were there first
    if (this.port === 0) this.port = await freePort(this.options.host);
    // all listen on one socket, rather than be handed connections
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ serialization: 'advanced' });
    try {
      // the first alone: what is wrong with all is said once
      const address = await this.begin(edition, false);
      await Promise.all(Array.from({ length: this.options.count - 1 }, () => this.replace()));
      if (!this.isEnding) this.options.serving(address);
    } catch (error) {
      this.giveUp(error as Died);
    }
    return ended;
  }

  /** Lets all finish what is under way, and end. */
  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    for (const member of this.members) {
      if (member.state === 'starting') member.worker.process.kill('SIGKILL');
      else this.tellToEnd(member);
    }
    if (this.members.size === 0) this.finish(0);
  }

  /** Ends all at once. */
  kill(exitCode: number): void {
    this.isEnding = true;
    for (const { worker } of this.members) worker.process.kill('SIGKILL');
    this.finish(exitCode);
  }

  /** Reads the catalog again and has new processes take over, one by one. Those of now go on where it is wrong. */
  async reload(): Promise<void> {
    this.isToRollAgain = true;
    if (this.isRolling || this.isEnding) return;
    this.isRolling = true;
    while (this.isToRollAgain && !this.isEnding) {
      this.isToRollAgain = false;
      await this.takeOver();
    }
    this.isRolling = false;
  }

  private async takeOver(): Promise<void> {
    const { options } = this;
    let edition: Edition;
    try {
      edition = await this.read();
      await this.begin(edition, true);
    } catch (error) {
      if (this.isEnding) return;
      if (error instanceof Died) options.say(error.message);
      else options.complain(error);
      options.say('nothing was changed: the service goes on with the catalog that it has');
      return;
    }
    this.current = edition;
    this.retire();
    while (!this.isEnding && this.hasOld()) {
      try {
        await this.begin(edition, true);
        this.retire();
      } catch (error) {
        await this.mourn(error as Died);
      }
    }
    if (!this.isEnding) options.say('all processes have taken the catalog over');
  }

  private async read(): Promise<Edition> {
    const catalog = await this.options.catalog();
    // each process would know of its own uploads and jobs only
    const own = catalog.uploads ? 'uploads' : catalog.targets.length > 0 ? 'targets' : null;
    if (this.options.count > 1 && own !== null && !catalog.store)
      throw new OverpunchError('OVP_OPTION_CATALOG', `Several processes can not serve ${own} of a catalog in a file`, {
        hint: `Take a database (overpunch catalog init), leave ${own} out of the catalog, or say --processes 1.`,
      });
    return { catalog };
  }

  private hasOld(): boolean {
    return this.serving().some(({ edition }) => edition !== this.current);
  }

  /** One more has begun to serve than there are to be: the oldest of the old ones goes. */
  private retire(): void {
    const serving = this.serving();
    const old = serving.find(({ edition }) => edition !== this.current);
    if (old && serving.length > this.options.count - this.replacements) this.tellToEnd(old);
  }

  private serving(): Member[] {
    return [...this.members].filter(({ state }) => state === 'serving');
  }

  /** Starts a process. Resolves to where it serves. @throws Died where it ends before it serves */
  private begin(edition: Edition, mustBeReady: boolean): Promise<string> {
    const worker = cluster.fork();
    const member: Member = { worker, edition, since: Date.now(), state: 'starting' };
    this.members.add(member);
    const { catalog } = edition;
    return new Promise((resolve, reject) => {
      worker.on('message', (report: Report) => {
        switch (report.kind) {
          case 'here':
            this.order(worker, { kind: 'start', catalog, port: this.port, processes: this.options.count, mustBeReady });
            return;
          case 'serving':
            member.state = 'serving';
            resolve(report.address);
            return;
          case 'ending':
            // somebody else told it to
            if (member.state === 'serving') {
              member.state = 'ending';
              this.replace();
            }
            return;
          default:
            this.gather(worker, report);
        }
      });
      worker.once('exit', (code: number | null, signal: NodeJS.Signals | null) => {
        this.members.delete(member);
        this.tally.close(worker.id);
        const how = `process ${worker.process.pid} ${signal ? `was ended by ${signal}` : `ended with exit code ${code}`}`;
        const { state } = member;
        if (this.isEnding) {
          if (this.members.size === 0) this.finish(0);
        } else if (state === 'serving') {
          this.deaths++;
          this.young = Date.now() - member.since < YOUTH ? this.young + 1 : 0;
          this.options.say(`${how}; another takes its place`);
          this.replace();
        }
        if (state === 'starting')
          reject(new Died(`${how} before it served`, code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
      });
    });
  }

  /** Starts one more, in the place of one that is gone. */
  private async replace(): Promise<void> {
    this.replacements++;
    await this.rest();
    for (let isDone = false; !isDone && !this.isEnding; ) {
      try {
        await this.begin(this.current!, false);
        isDone = true;
      } catch (error) {
        await this.mourn(error as Died);
      }
    }
    this.replacements--;
  }

  /** After one that died at its start: says so and waits, or gives up. */
  private async mourn(died: Died): Promise<void> {
    if (this.isEnding) return;
    this.young++;
    if (this.young >= ATTEMPTS && this.serving().length === 0) {
      this.giveUp(died);
      return;
    }
    this.options.say(died.message);
    await this.rest();
  }

  private async rest(): Promise<void> {
    if (this.young > 0) await sleep(Math.min(MOST_PAUSE, PAUSE * 2 ** (this.young - 1)));
  }

  private giveUp({ message, exitCode }: Died): void {
    if (this.isEnding) return;
    this.options.say(message);
    this.kill(exitCode);
  }

  private tellToEnd(member: Member): void {
    member.state = 'ending';
    this.order(member.worker, { kind: 'end' });
    setTimeout(() => member.worker.process.kill('SIGKILL'), PATIENCE).unref();
  }

  private gather({ id: process }: Worker, report: Report): void {
    if (report.kind === 'metrics') this.tally.take(process, report.id, report.metrics);
    else if (report.kind === 'ended') this.tally.close(process, report.metrics);
    else if (report.kind === 'gather') {
      const ids = this.serving().map(({ worker }) => worker.id);
      const ask = (one: number, id: number): void => this.order(cluster.workers?.[one], { kind: 'metrics', id });
      this.tally.text(ids, ask, this.own()).then((text) => {
        this.order(cluster.workers?.[process], { kind: 'gathered', id: report.id, text });
      });
    }
  }

  private own(): string {
    return [
      '# HELP overpunch_processes Processes that serve',
      '# TYPE overpunch_processes gauge',
      `overpunch_processes ${this.serving().length}`,
      '# HELP overpunch_process_deaths_total Processes that ended though nobody told them to',
      '# TYPE overpunch_process_deaths_total counter',
      `overpunch_process_deaths_total ${this.deaths}`,
      '',
    ].join('\n');
  }

  private order(worker: Worker | undefined, order: Order): void {
    if (worker?.isConnected()) worker.send(order, () => {});
  }
}
