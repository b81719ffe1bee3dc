/**
 * The comparisons as tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { type Table, factor, grouped } from '../table.js';
import type { Workload } from '../workloads/workload.js';
import type { Figure, Outcome, Peer, Task } from './peer.js';

export interface Comparison {
  readonly workload: Workload;
  readonly bytes: number;
  /** Null: Overpunch itself. */
  readonly peer: Peer | null;
  readonly outcome: Outcome;
}

/** What ours is held against a peer's figure where the tasks have not the same name. */
const AGAINST: Readonly<Partial<Record<Task, Task>>> = { Parquet: 'columns' };
/** How many times as fast ours should be. */
const GOALS: Readonly<Partial<Record<Task, number>>> = { columns: 100, lines: 10, 'lines to a file': 10 };

const rate = (bytes: number, seconds: number): number => bytes / seconds / 1e6;
const mb = (value: number): string => (value < 100 ? value.toFixed(1) : grouped(value));
const find = ({ figures }: Outcome, task: Task): Figure | undefined => figures.find((figure) => figure.task === task);

/** Ours on every workload, and against what Cobrix published for its shape. */
export function oursTable(comparisons: readonly Comparison[]): Table {
  const rows = comparisons
    .filter(({ peer }) => peer === null)
    .map(({ workload, bytes, outcome }) => {
      const speeds = (['columns', 'lines', 'lines to a file'] as const).map((task) => find(outcome, task));
      const columns = rate(bytes, speeds[0]!.seconds);
      return [
        workload.title,
        ...speeds.map((figure) =>
          figure ? `${mb(rate(bytes, figure.seconds))} (${mb(rate(bytes, figure.cpu))})` : '',
        ),
        workload.published === null ? '' : `${workload.published}`,
        workload.published === null ? '' : factor(columns / workload.published),
      ];
    });
  return {
    title: 'Overpunch, one thread, from a file: MB/s (MB per second of processor time)',
    columns: ['', 'columns', 'JSON lines', 'JSON lines to a file', 'Cobrix published', 'columns to it'],
    rows,
    notes: [
      'Cobrix published: one executor of one core, to Parquet, on 40 GB of this shape (its README, 2018; MiB/s), on a machine that it does not name.',
    ],
  };
}

export function comparisonTable(comparisons: readonly Comparison[]): Table {
  const rows = comparisons.flatMap(({ workload, bytes, peer, outcome }) => {
    const ours = comparisons.find((one) => one.peer === null && one.workload === workload)!.outcome;
    return outcome.figures.flatMap((theirs) => {
      const task = AGAINST[theirs.task] ?? theirs.task;
      const figure = find(ours, task);
      if (!peer || !figure) return [];
      const wall = theirs.seconds / figure.seconds;
      const goal = GOALS[theirs.task];
      return [
        [
          `${peer.name}, ${workload.name}: ${theirs.task}`,
          `${mb(rate(bytes, theirs.seconds))} (${mb(rate(bytes, theirs.cpu))})`,
          `${task}: ${mb(rate(bytes, figure.seconds))} (${mb(rate(bytes, figure.cpu))})`,
          factor(wall),
          factor(theirs.cpu / figure.cpu),
          goal === undefined ? '' : `${goal}x ${wall >= goal ? 'reached' : 'missed'}`,
        ],
      ];
    });
  });
  return {
    title: 'Peers on the same files: MB/s (MB per second of processor time)',
    columns: ['', 'peer', 'Overpunch', 'times, elapsed', 'times, processor', 'goal'],
    rows,
    notes: [
      'Record counts and a sum of each workload agreed between both sides. Lines are thrown away, or written to a file in the system’s temporary folder.',
    ],
  };
}
