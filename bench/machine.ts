/**
 * What the figures were measured on: processor, Node.js, compiler, day, and how busy the machine was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import type { Engine } from '../src/index.js';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly node: string;
  /** The C++ compiler that node-gyp takes here. */
  readonly compiler: string;
  readonly engine: string;
  readonly date: string;
  readonly load: number;
}

export function machine(engine: Engine): Machine {
  return {
    processor: `${cpus()[0]?.model ?? 'unknown processor'}, ${platform()} ${arch()}`,
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    compiler: firstLine(process.env.CXX ?? 'g++', '--version'),
    engine: engine.reason,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0]!,
  };
}

/** As one sentence. */
export function describe({ processor, cores, memory, node, compiler, engine, date }: Machine): string {
  return `${processor}, ${cores} cores, ${memory}; Node ${node}; ${compiler}; ${engine}; ${date}.`;
}

/** What to know of a machine that does other things too; empty where it is quiet. */
export function busy({ load, cores }: Machine): string {
  if (load <= 1) return '';
  return `This machine was busy (load ${load.toFixed(1)} on ${cores} processors): take the figures for too low.`;
}

/** The first line that a command prints, or that it is not there. */
export function firstLine(command: string, ...args: string[]): string {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  return run.status === 0 ? (run.stdout || run.stderr).split('\n', 1)[0]!.trim() : `no ${command}`;
}
