/**
 * A progress bar on a terminal, for jobs that take more than a second: drawn over itself, gone at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { clock, megabytes, rate } from './style.js';

/** How far a job is. `total` is null where nobody knows. */
export interface Measure {
  readonly done: number;
  readonly total: number | null;
}

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds before the first drawing, and between two. */
const PATIENCE = 1000;
const PERIOD = 100;
const ERASE = '\r\x1b[K';

export class Progress {
  private timer: NodeJS.Timeout | null = null;
  private started = 0;
  private isDrawn = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly measure: () => Measure,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Does nothing where the stream is no terminal. */
  start(): void {
    if (!this.terminal.isTTY) return;
    this.started = this.now();
    this.timer = setInterval(() => this.tick(), PERIOD);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    if (this.isDrawn) this.terminal.write(ERASE);
    this.isDrawn = false;
  }

  /** Draws, where it is time to. */
  tick(): void {
    const elapsed = this.now() - this.started;
    if (elapsed < PATIENCE) return;
    const line = progressLine(this.measure(), elapsed / 1000, (this.terminal.columns || 80) - 1);
    this.terminal.write(`${ERASE}${line}`);
    this.isDrawn = true;
  }
}

/** `42% [########............]  812 MB/s  0:12 left`, or without a total `1.20 GB  812 MB/s`; at most `width` columns. */
export function progressLine({ done, total }: Measure, seconds: number, width: number): string {
  const speed = rate(done, seconds);
  if (total === null || total <= 0) return `${megabytes(done)}  ${speed}`.slice(0, Math.max(0, width));
  const part = Math.min(1, done / total);
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  const left = done > 0 ? `  ${clock((seconds * (total - done)) / done)} left` : '';
  const figures = `  ${speed}${left}`;
  const room = Math.min(40, width - percent.length - figures.length - 3);
  const full = Math.round(room * part);
  const bar = room >= 5 ? ` [${'#'.repeat(full)}${'.'.repeat(room - full)}]` : '';
  return `${percent}${bar}${figures}`.slice(0, Math.max(0, width));
}
