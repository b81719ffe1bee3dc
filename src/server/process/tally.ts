/**
 * The metrics of several processes as those of one. What processes counted that have ended stays in the sums: a counter that fell
 * would be taken for one that began anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import type { ProcessMetrics } from './operations.js';
import type { Peers } from '../peers.js';

/** Milliseconds that a process has to say its metrics; then those that it said before are taken. */
const PATIENCE = 2000;
const CUMULATIVE = ['counter', 'histogram'];

interface Asked {
  /** By process, those that have not answered. */
  readonly missing: Set<number>;
  readonly done: () => void;
}

export class Tally {
  private readonly last = new Map<number, ProcessMetrics>();
  private readonly asked = new Map<number, Asked>();
  private ended: ProcessMetrics = [];
  private count = 0;

  constructor(private readonly prometheus: Peers['prometheus']) {}

  /** Asks processes, by `ask`, and adds up. @param more lines of /metrics that are none of a process's */
  async text(processes: readonly number[], ask: (process: number, id: number) => void, more: string): Promise<string> {
    const id = ++this.count;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((done) => {
      this.asked.set(id, { missing: new Set(processes), done });
      timer = setTimeout(done, PATIENCE);
      for (const process of processes) ask(process, id);
      if (processes.length === 0) done();
    });
    clearTimeout(timer);
    this.asked.delete(id);
    return `${await this.sum([this.ended, ...this.last.values()]).metrics()}\n${more}`;
  }

  /** What a process said when it was asked. */
  take(process: number, id: number, metrics: ProcessMetrics): void {
    this.last.set(process, metrics);
    this.miss(process, id);
  }

  /** A process has ended: `metrics` are its last where it could say them. */
  async close(process: number, metrics = this.last.get(process)): Promise<void> {
    this.last.delete(process);
    for (const id of this.asked.keys()) this.miss(process, id);
    if (!metrics) return;
    const all = (await this.sum([this.ended, metrics]).getMetricsAsJSON()) as unknown as { type: string }[];
    this.ended = all.filter(({ type }) => CUMULATIVE.includes(type));
  }

  private miss(process: number, id: number): void {
    const asked = this.asked.get(id);
    asked?.missing.delete(process);
    if (asked?.missing.size === 0) asked.done();
  }

  private sum(all: readonly ProcessMetrics[]): InstanceType<Peers['prometheus']['Registry']> {
    return this.prometheus.AggregatorRegistry.aggregate([...all]);
  }
}
