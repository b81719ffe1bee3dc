/**
 * What the judge answers, and how it is asked: judge.py as a child process, one JSON object a line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** id, subscripts, offset, length, value, NUMERIC test, text of an edited item, written by COBOL as a value of this item. */
export type JudgedValue = readonly [
  number,
  readonly number[],
  number,
  number,
  string | null,
  boolean | null,
  string | null,
  boolean,
];

export interface JudgedItem {
  readonly id: number;
  readonly name: string;
  readonly level: number;
  readonly path: string;
  readonly usage: string | null;
  readonly pic: string | null;
  readonly elementary: boolean;
  readonly redefined: boolean;
}

export interface JudgedRecord {
  readonly hex: string;
  readonly values: readonly JudgedValue[];
  readonly conditions: readonly (readonly [number, readonly number[], string, boolean])[];
}

/** See judge.py for the members. */
export interface Verdict {
  readonly name: string;
  readonly text: string;
  readonly format: 'auto' | 'fixed' | 'free';
  readonly record: string;
  readonly dialect: 'ibm' | 'native';
  readonly encoding: 'ebcdic' | 'ascii';
  readonly signs: 'ebcdic' | 'ascii';
  readonly sync: 'none' | 'compiler' | 'model';
  readonly items: readonly JudgedItem[];
  readonly layout: readonly (readonly [number, readonly number[], number, number])[];
  readonly records: readonly JudgedRecord[];
}

export interface Failure {
  readonly name: string;
  readonly text: string;
  readonly error: string;
}

export interface Questions {
  readonly seed: number;
  readonly count: number;
  /** Ask about the copybooks beside this file too. */
  readonly fixed: boolean;
  /** Records a copybook. */
  readonly records?: number;
}

/** test/oracle/ in the source tree, also when this runs from dist-dev/. */
const folder = ((): string => {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  return join(root, 'test', 'oracle');
})();

/** Why the judge can't be asked here; null where it can. */
export function whyNoJudge(): string | null {
  for (const [command, option, from] of [
    ['python3', '--version', 'the package python3'],
    [process.env.ORACLE_COBC ?? 'cobc', '--version', "GnuCOBOL, Debian's package gnucobol3"],
  ] as const) {
    if (spawnSync(command, [option]).status !== 0) return `there is no ${command} here (${from})`;
  }
  return null;
}

/** Asks about the copybooks beside this file and about those of seeds, in this order; answers come as they are ready. */
export async function* askJudge({ seed, count, fixed, records = 6 }: Questions): AsyncGenerator<Verdict | Failure> {
  const copybooks = fixed ? readdirSync(join(folder, 'copybooks')).sort() : [];
  const paths = copybooks.map((name) => join(folder, 'copybooks', name));
  const counts = ['--seed', String(seed), '--count', String(count), '--records', String(records)];
  const child = spawn('python3', ['-B', join(folder, 'judge.py'), ...counts, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
    const code = await ended;
    if (code !== 0) throw new Error(`judge.py ended with code ${code}`);
  } finally {
    child.kill();
  }
}
